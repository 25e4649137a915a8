//! The documents of all files, decoded and sorted by kind.

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;

use crate::desired::code;
use crate::desired::decode::decode;
use crate::desired::given::Given;
use crate::desired::place::{self, Place};
use crate::desired::problems::{Problem, Problems};
use crate::desired::schema::access::{CustomerSpec, TemplateSpec};
use crate::desired::schema::grant::{GrantSpec, OverrideSpec};
use crate::desired::schema::partner::{GroupSpec, PartnerSpec};
use crate::desired::schema::policy::PolicySpec;
use crate::desired::schema::{Document, Kind, PolicyName, VERSION};
use crate::desired::source::Spot;
use crate::desired::yaml::{self, Node, Value};
use crate::model::names::{CustomerName, GrantName, GroupName, OverrideName, PartnerName, TemplateName};

/// Everything the files say, unchecked.
#[derive(Debug, Default)]
pub(super) struct Documents {
    pub(super) partners: Vec<Doc<PartnerName, PartnerSpec>>,
    pub(super) policies: Vec<Doc<PolicyName, PolicySpec>>,
    pub(super) groups: Vec<Doc<GroupName, GroupSpec>>,
    pub(super) templates: Vec<Doc<TemplateName, TemplateSpec>>,
    pub(super) customers: Vec<Doc<CustomerName, CustomerSpec>>,
    pub(super) grants: Vec<Doc<GrantName, GrantSpec>>,
    pub(super) overrides: Vec<Doc<OverrideName, OverrideSpec>>,
    /// Kinds of which a document may be missing here because its text could not be understood. What refers to one of them
    /// in vain is not a mistake of its own.
    pub(super) lost: BTreeSet<Kind>,
}

/// One document.
#[derive(Debug)]
pub(super) struct Doc<N, S> {
    /// Where it starts.
    pub(super) start: Spot,
    /// What its file may hold.
    pub(super) place: Place,
    pub(super) name: Given<N>,
    pub(super) spec: Given<S>,
}

impl<N, S> Doc<N, S> {
    /// The name and the specification, if both could be read that far.
    pub(super) fn parts(&self) -> Option<(&N, &S)> {
        Some((self.name.get()?, self.spec.get()?))
    }
}

/// Reads every document of the sources. `lost` are the paths of files that could not be read at all.
pub(super) fn read(problems: &Problems<'_>, lost: &[String]) -> Documents {
    let mut documents = Documents::default();
    for path in lost {
        documents.lose(&Place::of(path));
    }
    for (file, source) in problems.sources().numbered() {
        let place = Place::of(&source.path);
        let parsed = yaml::parse(file, &source.text, problems);
        if parsed.is_partial {
            documents.lose(&place);
        } else if parsed.roots.is_empty() {
            // Emptied by accident, it would take everything with it that it said.
            let spot = Spot { file, line: 1, column: 1, width: 1 };
            problems
                .add(Problem::new(code::EMPTY_FILE, spot, "the file holds no document").hint("remove it"));
        }
        for root in &parsed.roots {
            documents.add(root, &place, problems);
        }
    }
    documents
}

impl Documents {
    fn lose(&mut self, place: &Place) {
        self.lost.extend(place.kinds());
    }

    fn add(&mut self, root: &Node, place: &Place, problems: &Problems<'_>) {
        let Some(kind) = kind_of(root, place, problems) else {
            self.lose(place);
            return;
        };
        if place.kinds().contains(&kind) {
            self.decode(kind, root, place, problems);
            return;
        }
        let message = format!("a document of kind {} does not belong in {place}", kind.name());
        let hint = format!("move it to {}", place::home(kind));
        problems.add(Problem::new(code::WRONG_PLACE, root.spot, message).hint(hint));
        // Decoded all the same, so that its own mistakes show; and what refers to it is not blamed.
        Self::default().decode(kind, root, place, problems);
        self.lost.insert(kind);
    }

    fn decode(&mut self, kind: Kind, root: &Node, place: &Place, problems: &Problems<'_>) {
        match kind {
            Kind::Partner => self.partners.extend(document(root, place, problems)),
            Kind::Policy => self.policies.extend(document(root, place, problems)),
            Kind::PartnerGroup => self.groups.extend(document(root, place, problems)),
            Kind::AccessTemplate => self.templates.extend(document(root, place, problems)),
            Kind::Customer => self.customers.extend(document(root, place, problems)),
            Kind::Grant => self.grants.extend(document(root, place, problems)),
            Kind::Override => self.overrides.extend(document(root, place, problems)),
        }
    }
}

/// The kind of a document whose version is known, or none after a report.
fn kind_of(root: &Node, place: &Place, problems: &Problems<'_>) -> Option<Kind> {
    let entries = match &root.value {
        Value::Map(entries) => entries,
        Value::Refused => return None,
        Value::Scalar { text, plain: true } if text.is_empty() => {
            let message = "the document is empty";
            problems.add(
                Problem::new(code::EMPTY_DOCUMENT, root.spot, message).hint("remove the `---` before it"),
            );
            return None;
        }
        Value::Scalar { .. } | Value::List(_) => {
            let message = "expected a document with apiVersion, kind, metadata and spec";
            problems.add(Problem::new(code::WRONG_SHAPE, root.spot, message));
            return None;
        }
    };
    let word = |name: &str| {
        let (key, node) = entries.iter().find(|(key, _)| key.text == name)?;
        match &node.value {
            Value::Scalar { text, .. } => Some((text.as_str(), node.spot)),
            _ => Some(("", key.spot)),
        }
    };
    let version = match word("apiVersion") {
        Some((VERSION, _)) => Some(()),
        Some((version, spot)) => {
            let message = format!("unknown apiVersion `{version}`");
            problems
                .add(Problem::new(code::UNKNOWN_VERSION, spot, message).hint(format!("write `{VERSION}`")));
            None
        }
        None => {
            let problem = Problem::new(code::UNKNOWN_VERSION, root.spot, "missing key `apiVersion`");
            problems.add(problem.hint(format!("start the document with `apiVersion: {VERSION}`")));
            None
        }
    };
    let names = Kind::ALL.map(Kind::name);
    let Some((word, spot)) = word("kind") else {
        let hint = match place.kinds() {
            [] => format!("add one of {}", names.join(", ")),
            here => {
                format!("in {place} it is {}", here.iter().map(|k| k.name()).collect::<Vec<_>>().join(" or "))
            }
        };
        problems.add(Problem::new(code::UNKNOWN_KIND, root.spot, "missing key `kind`").hint(hint));
        return None;
    };
    let kind = Kind::ALL.into_iter().find(|kind| kind.name() == word);
    if kind.is_none() {
        let hint = problems
            .did_you_mean(word, names)
            .unwrap_or_else(|| format!("the kinds are {}", names.join(", ")));
        problems.add(Problem::new(code::UNKNOWN_KIND, spot, format!("unknown kind `{word}`")).hint(hint));
    }
    version.and(kind)
}

fn document<N, S>(root: &Node, place: &Place, problems: &Problems<'_>) -> Option<Doc<N, S>>
where
    N: DeserializeOwned,
    S: DeserializeOwned,
{
    let document: Document<N, S> = decode(root, problems).value?;
    let nameless = Given { spot: document.metadata.spot, value: None };
    let name = document.metadata.value.map_or(nameless, |metadata| metadata.name);
    Some(Doc { start: root.spot, place: place.clone(), name, spec: document.spec })
}
