//! The partner and its groups, in effect.

use crate::desired::checks::id_of;
use crate::desired::documents::Doc;
use crate::desired::given::{Form, Given, Optional};
use crate::desired::problems::Problems;
use crate::desired::schema::partner::{GdapWord, GroupSpec, PartnerSpec};
use crate::desired::state::{EntraGroup, Gdap, Listed, Nested, Partner, PartnerGroup, PersonRef, Source};
use crate::model::names::{GroupName, PartnerName};

/// The partner.
pub(super) fn partner(doc: &Doc<PartnerName, PartnerSpec>, problems: &Problems<'_>) -> Option<Partner> {
    let (name, spec) = doc.parts()?;
    Some(Partner {
        name: name.clone(),
        tenant: *spec.tenant_id.get()?,
        staff_domains: spec.staff_domains.get()?.iter().filter_map(|domain| domain.get().cloned()).collect(),
        admin_agents: *spec.admin_agents.get()?,
        helpdesk_agents: *spec.helpdesk_agents.get()?,
        cloud: spec.cloud.value().copied().unwrap_or_default(),
        gdap: match spec.gdap.value() {
            None | Some(Form::Short(GdapWord::Read)) => Gdap::Read,
            Some(Form::Short(GdapWord::Off)) => Gdap::Off,
            Some(Form::Long(ids)) => Gdap::Groups(ids.iter().filter_map(|id| id.get().copied()).collect()),
        },
        client_id: spec.client_id.value().copied(),
        origin: problems.sources().origin(doc.start),
    })
}

/// A partner group.
pub(super) fn group(doc: &Doc<GroupName, GroupSpec>, problems: &Problems<'_>) -> Option<PartnerGroup> {
    let (name, spec) = doc.parts()?;
    let source = match (&spec.members, &spec.entra_group) {
        (Some(members), _) => Source::Listed(
            members
                .get()?
                .iter()
                .filter_map(|(address, spot, member)| {
                    let (id, _) = id_of(member)?;
                    let expires = match member.get()? {
                        Form::Short(_) => None,
                        Form::Long(long) => long.expires.value().map(|time| time.0),
                    };
                    let origin = problems.sources().origin(spot);
                    Some((id, Listed { person: PersonRef { id, address: address.clone(), origin }, expires }))
                })
                .collect(),
        ),
        (None, Some(live)) => Source::Entra(entra_group(name, live, problems)?),
        (None, None) => return None,
    };
    let owner = spec.owner.value().map(|owner| owner.0.clone());
    Some(PartnerGroup { name: name.clone(), owner, source, origin: problems.sources().origin(doc.start) })
}

fn entra_group(
    name: &GroupName,
    given: &Given<Form<crate::model::ids::ObjectId, crate::desired::schema::partner::EntraGroupSpec>>,
    problems: &Problems<'_>,
) -> Option<EntraGroup> {
    let mut group = EntraGroup {
        id: match given.get()? {
            Form::Short(id) => *id,
            Form::Long(long) => *long.object_id.get()?,
        },
        display_name: name.to_string(),
        nested: Nested::default(),
        min_members: 1,
        origin: problems.sources().origin(given.spot),
    };
    if let Some(Form::Long(long)) = given.get() {
        if let Some(display_name) = long.display_name.value() {
            group.display_name.clone_from(&display_name.0);
        }
        group.nested = long.nested.value().copied().unwrap_or_default();
        group.min_members = long.min_members.value().map_or(1, |count| count.0);
    }
    Some(group)
}
