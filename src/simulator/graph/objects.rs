//! Directory objects whatever their type, and the foreign ones a partner relationship leaves in a tenant.

use serde_json::{Value, json};
use uuid::Uuid;

use super::desk::{Desk, Outcome};
use super::entity::render_mixed;
use super::{principals, query};
use crate::simulator::answer::Answer;
use crate::simulator::refusal::{bad_request, no_such};
use crate::simulator::world::OtherObject;

/// The most ids one request may ask for.
const MOST_IDS: usize = 1000;

/// `GET /directoryObjects/{id}`
pub(super) fn get(desk: &mut Desk<'_>) -> Outcome {
    let id = desk.id(0)?;
    let directory = desk.directory();
    let seen = directory.read_user(id, desk.now).is_some()
        || directory.read_group(id, desk.now).is_some()
        || directory.objects.contains_key(&id)
        || id == desk.token.oid;
    if !seen {
        return Err(no_such(&id.to_string()));
    }
    Ok(Answer::json(200, show_mixed(desk, id, None)))
}

/// `POST /directoryObjects/getByIds`: what does not exist is left out, and partner references come only when asked for.
pub(super) fn get_by_ids(desk: &mut Desk<'_>) -> Outcome {
    let body = desk.body()?;
    let strings = |name: &str| -> Option<Vec<String>> {
        body.get(name)?.as_array()?.iter().map(|item| item.as_str().map(ToOwned::to_owned)).collect()
    };
    let ids = strings("ids").ok_or_else(|| bad_request("The property 'ids' must be a list of ids."))?;
    if ids.len() > MOST_IDS {
        return Err(bad_request(format!("The number of ids exceeds the limit of {MOST_IDS}.")));
    }
    let types = strings("types").unwrap_or_default();
    let wants = |kind: &str| {
        let asked = types.iter().any(|wanted| wanted.eq_ignore_ascii_case(kind));
        asked || (kind != "directoryObjectPartnerReference" && (types.is_empty() || wants_all(&types)))
    };
    let (names, _) = query::selected(desk);
    let directory = desk.directory();
    let mut value = Vec::new();
    for id in ids.iter().filter_map(|id| id.parse::<Uuid>().ok()) {
        let kind = if directory.read_user(id, desk.now).is_some() {
            "user"
        } else if directory.read_group(id, desk.now).is_some() {
            "group"
        } else if let Some(object) = directory.objects.get(&id) {
            object.r#type.as_str()
        } else if id == desk.token.oid {
            "servicePrincipal"
        } else {
            if let Some(foreign) =
                partner_reference(desk, id).filter(|_| wants("directoryObjectPartnerReference"))
            {
                value.push(foreign);
            }
            continue;
        };
        if wants(kind) {
            value.push(show_mixed(desk, id, names.as_deref()));
        }
    }
    let context = format!("{}/$metadata#directoryObjects", desk.root());
    Ok(Answer::json(200, json!({"@odata.context": context, "value": value})))
}

/// An object of the tenant by its id, as a list of mixed types shows it.
pub(super) fn show_mixed(desk: &Desk<'_>, id: Uuid, names: Option<&[String]>) -> Value {
    let directory = desk.directory();
    if let Some(user) = directory.users.get(&id).or_else(|| directory.deleted.get(&id)) {
        return render_mixed(user, names, desk.reads_users());
    }
    if let Some(group) = directory.groups.get(&id).or_else(|| directory.read_group(id, desk.now)) {
        return render_mixed(group, names, desk.reads_groups());
    }
    let readable = desk.token.may(&super::READ_DIRECTORY);
    if let Some(principal) = principals::find(desk, id) {
        return render_mixed(&principal, names, desk.token.may(&super::READ_APPLICATIONS));
    }
    // Whatever is known nowhere is another application's service principal.
    let unnamed = OtherObject { id, r#type: "servicePrincipal".to_owned(), ..OtherObject::default() };
    render_mixed(directory.objects.get(&id).unwrap_or(&unnamed), names, readable)
}

/// What a customer sees of one of the partner's groups.
fn partner_reference(desk: &Desk<'_>, id: Uuid) -> Option<Value> {
    if desk.token.tid == desk.state.partner {
        return None;
    }
    let partner = desk.state.directories.get(&desk.state.partner)?;
    let group = partner.groups.get(&id)?;
    Some(json!({
        "@odata.type": "#microsoft.graph.directoryObjectPartnerReference",
        "id": id,
        "displayName": group.display_name,
        "objectType": "Group",
        "externalPartnerTenantId": partner.id,
        "description": null,
    }))
}

fn wants_all(types: &[String]) -> bool {
    types.iter().any(|wanted| wanted.eq_ignore_ascii_case("directoryObject"))
}
