//! Mappings before their names are looked up: a customer's own and those of its templates, each key once, no two of one slug.

use std::collections::{BTreeSet, HashMap};

use crate::desired::code;
use crate::desired::given::Optional;
use crate::desired::problems::{Problem, Problems};
use crate::desired::resolve::catalog::Catalog;
use crate::desired::resolve::customer::name_in_groups;
use crate::desired::schema::Kind;
use crate::desired::schema::access::{CUSTOMER, CustomerSpec, MappingSpec, RolesSpec, TemplateMappingSpec};
use crate::desired::schema::leaf::{DisplayName, LONGEST_DISPLAY_NAME, MembersFrom, Pattern};
use crate::desired::source::Spot;
use crate::model::ids::ObjectId;
use crate::model::names::{CustomerName, MappingKey, slug};

/// A mapping before its names are looked up.
pub(super) struct Draft<'d> {
    pub(super) key: MappingKey,
    /// Where the mapping starts: its key, at the customer or in the template.
    pub(super) start: Spot,
    /// Where the customer asked for it: the same, or the template in its list.
    pub(super) asked: Spot,
    /// What it is taken from; none if what the file says there is malformed.
    pub(super) from: Option<(MembersFrom, Spot)>,
    pub(super) display_name: String,
    pub(super) was: Option<MappingKey>,
    pub(super) adopt: Option<ObjectId>,
    pub(super) reassert: bool,
    pub(super) roles: Option<&'d RolesSpec>,
    pub(super) places: Vec<(&'static str, Option<Spot>)>,
}

/// The mappings that the customer's templates give it. True if some are missing.
pub(super) fn of_templates<'d>(
    customer: &CustomerName,
    spec: &'d CustomerSpec,
    catalog: &Catalog<'d>,
    problems: &Problems<'_>,
    drafts: &mut Vec<Draft<'d>>,
) -> bool {
    if spec.name_in_groups.as_ref().is_some_and(|name| name.get().is_none()) {
        // Whatever the templates became with another word would be wrong.
        return spec.templates.is_some();
    }
    let word = name_in_groups(customer, spec);
    let mut is_partial = spec.templates.as_ref().is_some_and(|list| list.get().is_none());
    let mut seen = BTreeSet::new();
    for item in spec.templates.value().into_iter().flatten() {
        let Some(name) = item.get() else {
            is_partial = true;
            continue;
        };
        if !seen.insert(name) {
            continue;
        }
        let Some(template) = catalog.templates.get(name) else {
            is_partial = true;
            if !catalog.may_lack(Kind::AccessTemplate) {
                let known = catalog.templates.keys().map(|name| name.as_str());
                let hint = problems.did_you_mean(name.as_str(), known).unwrap_or_else(|| {
                    "templates are documents of kind AccessTemplate in templates/".to_owned()
                });
                let message = format!("there is no template `{name}`");
                problems.add(Problem::new(code::NO_TEMPLATE, item.spot, message).hint(hint));
            }
            continue;
        };
        let Some(groups) = template.groups.get() else {
            is_partial = true;
            continue;
        };
        for entry in &groups.0 {
            let (Some(key), Some(mapping)) = (entry.key.get(), entry.value.get()) else {
                is_partial = true;
                continue;
            };
            match from_template(key, entry.key.spot, mapping, word, item.spot, problems) {
                Some(draft) => drafts.push(draft),
                None => is_partial = true,
            }
        }
    }
    is_partial
}

/// A mapping of the customer's own.
pub(super) fn own<'d>(key: &MappingKey, start: Spot, spec: &'d MappingSpec) -> Draft<'d> {
    let from = match &spec.from {
        Some(from) => from.get().map(|value| (value.clone(), from.spot)),
        None => key.as_str().parse().ok().map(|group| (MembersFrom::Group(group), start)),
    };
    Draft {
        key: key.clone(),
        start,
        asked: start,
        from,
        display_name: spec.display_name.value().map_or_else(|| key.to_string(), |name| name.0.clone()),
        was: spec.was.value().cloned(),
        adopt: spec.adopt.value().copied(),
        reassert: spec.reassert.value().copied().unwrap_or(false),
        roles: spec.roles.value(),
        places: vec![
            ("from", spec.from.spot()),
            ("as", spec.display_name.spot()),
            ("was", spec.was.spot()),
            ("adopt", spec.adopt.spot()),
            ("reassert", spec.reassert.spot()),
        ],
    }
}

fn from_template<'d>(
    key: &Pattern,
    start: Spot,
    spec: &'d TemplateMappingSpec,
    word: &str,
    asked: Spot,
    problems: &Problems<'_>,
) -> Option<Draft<'d>> {
    let failed = |spot: Spot, text: &str| {
        let message =
            format!("with `{word}` for {CUSTOMER} this becomes `{text}`, which is too long for a name");
        let hint = "shorten it, or give the customer a shorter `nameInGroups`";
        problems
            .add(Problem::new(code::EXPANSION, spot, message).hint(hint).related(asked, "for this customer"));
    };
    let expand = |pattern: &Pattern, spot: Spot| {
        let text = pattern.0.replace(CUSTOMER, word);
        let name = text.parse::<MappingKey>().ok();
        if name.is_none() {
            failed(spot, &text);
        }
        name
    };
    let key = expand(key, start)?;
    let from = match &spec.from {
        None => key.as_str().parse().ok().map(|group| (MembersFrom::Group(group), asked)),
        Some(from) => from.get().and_then(|pattern| match pattern.0.as_str() {
            "none" => Some((MembersFrom::None, from.spot)),
            _ => Some((MembersFrom::Group(expand(pattern, from.spot)?.as_str().parse().ok()?), asked)),
        }),
    };
    let display_name = match spec.display_name.placed() {
        None => key.to_string(),
        Some((DisplayName(pattern), spot)) => {
            let text = pattern.replace(CUSTOMER, word);
            if text.encode_utf16().count() > LONGEST_DISPLAY_NAME {
                failed(spot, &text);
            }
            text
        }
    };
    let was = spec.was.placed().and_then(|(pattern, spot)| expand(pattern, spot));
    Some(Draft {
        key,
        start,
        asked,
        from,
        display_name,
        was,
        adopt: None,
        reassert: false,
        roles: spec.roles.value(),
        places: vec![("from", spec.from.spot()), ("as", spec.display_name.spot()), ("was", spec.was.spot())],
    })
}

/// The first draft of each key; every other one is reported where the customer asked for it.
pub(super) fn only_once<'d>(drafts: Vec<Draft<'d>>, problems: &Problems<'_>) -> Vec<Draft<'d>> {
    let mut first: HashMap<MappingKey, Spot> = HashMap::new();
    drafts
        .into_iter()
        .filter(|draft| match first.get(&draft.key) {
            None => {
                first.insert(draft.key.clone(), draft.start);
                true
            }
            Some(other) => {
                let message = format!("`{}` comes from two places", draft.key);
                let hint =
                    "a mapping is written once: in one template, or at the customer; leave one of them out";
                let problem = Problem::new(code::MAPPING_TWICE, draft.asked, message).hint(hint);
                problems.add(problem.related(*other, "the other place"));
                false
            }
        })
        .collect()
}

/// A group's unique name derives from the slug of its key, or of the key it was created under, so no two may share one.
pub(super) fn distinct_slugs(drafts: &[Draft<'_>], problems: &Problems<'_>) {
    let mut owners: HashMap<String, &Draft<'_>> = HashMap::new();
    for draft in drafts {
        for key in [Some(&draft.key), draft.was.as_ref()].into_iter().flatten() {
            let slug = slug(key.as_str());
            if slug.is_empty() {
                let message = format!("`{key}` holds no letter and no digit");
                let hint = "the group's unique name is made of them";
                problems.add(Problem::new(code::SLUG_EMPTY, draft.asked, message).hint(hint));
                continue;
            }
            let owner = *owners.entry(slug.clone()).or_insert(draft);
            if owner.key != draft.key {
                let message = format!("`{key}` and `{}` would share the unique name …-g-{slug}", owner.key);
                let hint = "only letters, digits and the first 40 characters count there; choose another key";
                let problem = Problem::new(code::SLUG_TWICE, draft.asked, message).hint(hint);
                problems.add(problem.related(owner.start, "the other one"));
            }
        }
    }
}
