//! Questions about the groups an object is in, through other groups too.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use uuid::Uuid;

use super::desk::{Desk, Outcome};
use crate::simulator::answer::Answer;
use crate::simulator::refusal::{bad_request, no_such};

/// The most groups one request may ask about.
const MOST_GROUPS: usize = 20;

/// `POST /…/{id}/checkMemberGroups`: which of the given groups it is in.
pub(super) fn check(desk: &mut Desk<'_>) -> Outcome {
    let body = desk.body()?;
    let asked: Option<Vec<&str>> = body
        .get("groupIds")
        .and_then(Value::as_array)
        .and_then(|ids| ids.iter().map(Value::as_str).collect());
    let asked = asked.ok_or_else(|| bad_request("The property 'groupIds' must be a list of ids."))?;
    if asked.len() > MOST_GROUPS {
        return Err(bad_request(format!("The number of ids exceeds the limit of {MOST_GROUPS}.")));
    }
    let within = groups_around(desk)?;
    let found = asked.into_iter().filter(|id| id.parse::<Uuid>().is_ok_and(|id| within.contains(&id)));
    Ok(answer(desk, &found.map(Value::from).collect::<Vec<_>>()))
}

/// `POST /…/{id}/getMemberGroups`: every group it is in.
pub(super) fn list(desk: &mut Desk<'_>) -> Outcome {
    let body = desk.body()?;
    let only_security = body.get("securityEnabledOnly").and_then(Value::as_bool) == Some(true);
    let groups = &desk.directory().groups;
    let fits = |id: &Uuid| !only_security || groups.get(id).is_some_and(|group| group.security_enabled);
    let found = groups_around(desk)?.into_iter().filter(fits).map(|id| json!(id)).collect::<Vec<_>>();
    Ok(answer(desk, &found))
}

fn groups_around(desk: &Desk<'_>) -> Result<BTreeSet<Uuid>, crate::simulator::refusal::Refusal> {
    let id = desk.id(0)?;
    let directory = desk.directory();
    if !directory.holds(id) && id != desk.token.oid {
        return Err(no_such(&id.to_string()));
    }
    let mut found = BTreeSet::new();
    let mut open = vec![id];
    while let Some(next) = open.pop() {
        open.extend(
            directory.list_member_of(next, desk.now).into_iter().filter(|group| found.insert(*group)),
        );
    }
    Ok(found)
}

fn answer(desk: &Desk<'_>, ids: &[Value]) -> Answer {
    let context = format!("{}/$metadata#Collection(Edm.String)", desk.root());
    Answer::json(200, json!({"@odata.context": context, "value": ids}))
}
