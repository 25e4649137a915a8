//! What a customer's tenant holds that no file declares, told apart: surely ours, probably meant, foreign. Whatever is proposed
//! was proven by planning it: with it in the files, nobody gets in or out and no role is given or taken.

pub mod value;
pub mod holders;
mod rest;
mod names;
mod people;
mod verify;

use std::collections::{BTreeMap, BTreeSet};

use crate::desired::is_display_name;
use crate::desired::state::State;
use crate::model::assignment::RoleAssignment;
use crate::model::group::{Group, Obstacle};
use crate::model::ids::ObjectId;
use crate::model::names::{GroupName, MappingKey};
use crate::model::ownership::Mark;
use crate::observed::question::Question;
use crate::observed::surroundings::Surroundings;
use crate::plan::adoption::holders::{Ends, are_whole, held, new_subscriptions, rows};
use crate::plan::adoption::names::{Names, suffixed};
use crate::plan::adoption::people::{Crowd, tell_apart};
use crate::plan::adoption::rest::{count_foreign, direct, loose, roleless};
use crate::plan::adoption::value::{Adoption, Class, Foreign, Found, From, Loose, Proof, Proposal, Reason};
use crate::plan::adoption::verify::{Court, Trial, plan_with};
use crate::plan::diff::estate::{Estate, Holding};
use crate::plan::diff::identity::Identities;
use crate::plan::draft::Inputs;
use crate::plan::operation::Action;
use crate::plan::sheet::Sheet;
use crate::plan::value::CustomerPlan;
use crate::plan::verdict::{Gap, GapCode};

/// What was found at one customer, and the questions whose answers could change it.
#[derive(Debug, Clone)]
pub struct Draft {
    /// What was found.
    pub adoption: Adoption,
    /// What to read before looking again.
    pub questions: BTreeSet<Question>,
}

/// Tells apart what a customer's tenant holds. `today` is the plan of the files as they are.
pub fn draft<'a>(inputs: Inputs<'a>, today: &'a CustomerPlan, around: &'a Surroundings) -> Draft {
    let mut adoption = nothing(inputs, today);
    if matches!(inputs.customer.state, State::Offboard | State::Offboarded) {
        adoption.skipped = Some("the customer is being left: nothing is taken over there");
        return Draft { adoption, questions: BTreeSet::new() };
    }
    let mut sheet = Sheet::new(inputs);
    let Some(mut estate) = inputs.observed.identity.is_ok().then(|| Estate::survey(&mut sheet)).flatten()
    else {
        return Draft { adoption, questions: BTreeSet::new() };
    };
    let finds = finds(&mut sheet, &mut estate, around);
    let identities = Identities::of(&mut sheet, &estate);
    let rows = rows(inputs);
    adoption.subscriptions = new_subscriptions(inputs);
    for (holding, proof) in finds {
        let found = examine(&mut sheet, &identities, holding, proof, &rows, &adoption);
        match found {
            Some(found) => adoption.groups.push(found),
            None => {
                adoption.foreign.groups.insert(holding.group.id, holding.group.display_name.clone());
            }
        }
    }
    adoption.groups.sort_by_key(|found| (found.class, found.group));
    adoption.direct = direct(&mut sheet, around, &rows, &mut adoption);
    adoption.roles = loose(&mut sheet, &estate, &rows, &adoption, today);
    adoption.roleless = roleless(&mut sheet, around, &rows);
    count_foreign(&mut adoption.foreign, inputs, &rows);
    let mut questions = std::mem::take(&mut sheet.questions);
    if questions.is_empty() {
        let subscriptions = adoption.subscriptions.clone();
        questions = propose(&mut adoption, Court { inputs, today, around, subscriptions: &subscriptions });
    }
    let gaps: BTreeSet<Gap> = std::mem::take(&mut adoption.gaps).into_iter().chain(sheet.gaps).collect();
    adoption.gaps = gaps.into_iter().collect();
    Draft { adoption, questions }
}

/// What is said about a customer whose questions did not come to an end.
pub fn unfinished(inputs: Inputs<'_>, today: &CustomerPlan) -> Adoption {
    let mut adoption = nothing(inputs, today);
    adoption.gaps.push(Gap {
        code: GapCode::Malformed,
        of: "this tenant".to_owned(),
        freezes: "everything here".to_owned(),
        text: "what stands there still raised questions after several rounds of reading".to_owned(),
        lost: None,
    });
    adoption
}

/// Makes the names of partner groups differ where customers came to the same one.
pub fn distinguish(adoptions: &mut [Adoption]) {
    let mut counts: BTreeMap<GroupName, usize> = BTreeMap::new();
    let new = |proposal: &Proposal| match &proposal.from {
        From::New(name) => Some(name.clone()),
        From::Nobody | From::Existing(_) => None,
    };
    for name in adoptions.iter().flat_map(Adoption::proposals).filter_map(|(_, proposal)| new(proposal)) {
        *counts.entry(name).or_default() += 1;
    }
    for found in adoptions.iter_mut().flat_map(|adoption| &mut adoption.groups) {
        let Some(proposal) = &mut found.proposal else { continue };
        if let Some(name) = new(proposal)
            && counts[&name] > 1
            && let Ok(name) = suffixed(name.as_str(), found.group).parse()
        {
            proposal.from = From::New(name);
        }
    }
}

fn nothing(inputs: Inputs<'_>, today: &CustomerPlan) -> Adoption {
    Adoption {
        name: inputs.customer.name.clone(),
        tenant: inputs.customer.tenant,
        skipped: None,
        groups: Vec::new(),
        roles: Vec::new(),
        roleless: Vec::new(),
        direct: Vec::new(),
        foreign: Foreign::default(),
        subscriptions: BTreeMap::new(),
        remaining: Vec::new(),
        gaps: today.gaps.clone(),
    }
}

/// The groups that could be taken over. Those around are put among what the estate holds, so that their members are told
/// apart as those of our own are.
fn finds<'a>(
    sheet: &mut Sheet<'a>,
    estate: &mut Estate<'a>,
    around: &'a Surroundings,
) -> Vec<(Holding<'a>, Proof)> {
    let mut finds: Vec<(Holding<'a>, Proof)> =
        estate.undeclared.iter().map(|holding| (*holding, Proof::UniqueName)).collect();
    finds.extend(estate.released.iter().map(|holding| (*holding, Proof::Ledger)));
    for (id, group) in &around.groups {
        let group: &'a Group = match group {
            Ok(Some(group)) => group,
            Ok(None) => continue,
            Err(unread) => {
                sheet.gap(unread, format!("group {id}"), "whether it could be taken over");
                continue;
            }
        };
        let members = match around.members.get(id) {
            Some(Ok(members)) => Some(members),
            Some(Err(unread)) => {
                sheet.gap(unread, format!("group {id}"), "whether it could be taken over");
                None
            }
            None => None,
        };
        let holding = Holding { group, members, adopted: true };
        estate.released.push(holding);
        finds.push((holding, Proof::Staff));
    }
    finds
}

/// What a group is, without a proposal yet; none for one that is the customer's own.
fn examine<'a>(
    sheet: &mut Sheet<'a>,
    identities: &Identities<'a>,
    holding: Holding<'a>,
    proof: Proof,
    rows: &BTreeMap<ObjectId, Vec<&'a RoleAssignment>>,
    adoption: &Adoption,
) -> Option<Found> {
    let group = holding.group;
    let rows = rows.get(&group.id).map(Vec::as_slice).unwrap_or_default();
    let given_by_us = rows.iter().any(|row| row.is_ours(sheet.inputs.customer.tenant));
    let proof = if proof == Proof::Staff && given_by_us { Proof::AssignmentName } else { proof };
    let crowd = holding.members.map(|members| tell_apart(sheet, identities, members));
    if proof == Proof::Staff && crowd.as_ref().is_none_or(|crowd| !crowd.has_ours()) {
        return None;
    }
    let mut why_not: Vec<Reason> = Vec::new();
    if crowd.is_none() {
        why_not.push(Reason::Text("its members could not be read".to_owned()));
    }
    let Crowd { staff, others, doubts } = crowd.unwrap_or_default();
    why_not.extend(unmanageable(sheet, group));
    why_not.extend(doubts);
    if !are_whole(sheet.inputs) {
        why_not.push(Reason::Text("not every role assignment here could be read".to_owned()));
    }
    let ends = if staff.is_empty() { Ends::Always } else { Ends::Never };
    let roles = held(sheet, rows, &adoption.subscriptions, ends);
    let nothing_to_write = roles.iter().all(|role| role.verdict.is_err());
    if proof == Proof::Staff && nothing_to_write {
        why_not.push(Reason::Text("none of its roles can be written".to_owned()));
    }
    Some(Found {
        group: group.id,
        display_name: group.display_name.clone(),
        class: if proof == Proof::Staff { Class::Probable } else { Class::Ours },
        proof,
        staff,
        others,
        roles,
        proposal: None,
        why_not,
    })
}

fn unmanageable(sheet: &Sheet<'_>, group: &Group) -> Option<Reason> {
    let words = if sheet.inputs.desired.policy.protected.contains(&group.id) {
        "protected by Policy"
    } else {
        group.obstacle.map(Obstacle::words)?
    };
    Some(Reason::Text(format!("the group is {words}: its members are not ours to manage")))
}

/// Gives a proposal to every group that nothing speaks against, and keeps every lost role that nothing speaks against: each proven
/// alone, and all of them together.
fn propose(adoption: &mut Adoption, court: Court<'_>) -> BTreeSet<Question> {
    let mut questions = BTreeSet::new();
    let mut names = Names::taken(court.inputs.desired, court.inputs.customer);
    for found in adoption.groups.iter_mut().filter(|found| found.why_not.is_empty()) {
        let choices = match choices(found, court, &mut names) {
            Ok(choices) => choices,
            Err(why) => {
                found.why_not.push(Reason::Text(why));
                continue;
            }
        };
        for choice in choices {
            let trial = plan_with(court, &[(&*found, choice.clone())], &[]);
            questions.extend(trial.questions);
            found.why_not = trial.reasons;
            if found.why_not.is_empty() {
                found.proposal = Some(choice);
                break;
            }
        }
    }
    for loose in adoption.roles.iter_mut().filter(|loose| loose.why_not.is_empty()) {
        let trial = plan_with(court, &[], &[loose]);
        questions.extend(trial.questions);
        let is_taken = trial.remaining.iter().any(|act| takes(act, loose));
        loose.why_not = trial.reasons;
        if is_taken {
            loose.why_not.push(Reason::Text("a plan would take it all the same".to_owned()));
        }
    }
    let all: Vec<(&Found, Proposal)> =
        adoption.proposals().map(|(found, proposal)| (found, proposal.clone())).collect();
    let roles: Vec<&Loose> = adoption.kept_roles().map(|(loose, _)| loose).collect();
    let Trial { reasons, remaining, questions: more } = plan_with(court, &all, &roles);
    questions.extend(more);
    if !reasons.is_empty() {
        for loose in adoption.roles.iter_mut().filter(|loose| loose.why_not.is_empty()) {
            loose.why_not.clone_from(&reasons);
        }
        for found in adoption.groups.iter_mut().filter(|found| found.proposal.is_some()) {
            found.proposal = None;
            found.why_not.clone_from(&reasons);
        }
        adoption.subscriptions.clear();
    }
    adoption.remaining = remaining;
    questions
}

fn takes(action: &Action, loose: &Loose) -> bool {
    matches!(action, Action::DeleteRoleAssignment { key, .. }
        if key.principal == loose.group && key.role == loose.held.id && key.scope == loose.held.scope)
}

/// The mappings that could keep a group, the likeliest first.
fn choices(found: &Found, court: Court<'_>, names: &mut Names<'_>) -> Result<Vec<Proposal>, String> {
    let inputs = court.inputs;
    let (key, display_name, adopt) = if found.proof == Proof::UniqueName {
        let (key, display_name) = own_key(found, court)?;
        if !names.take(&key) {
            return Err(format!("another mapping has the key {key} already"));
        }
        (key, display_name, None)
    } else {
        (names.key(&found.display_name, found.group), None, Some(found.group))
    };
    let mut sources = Vec::new();
    if found.staff.is_empty() {
        sources.push(From::Nobody);
    } else {
        // The mapping had the partner group of its own name unless somebody chose another: the proof says whether it still fits.
        let same: Option<GroupName> = key.as_str().parse().ok().filter(|_| adopt.is_none());
        sources.extend(same.filter(|name| inputs.desired.groups.contains_key(name)).map(From::Existing));
        sources.push(From::New(names.partner_group(&key, found.group)));
    }
    let proposal = |from| Proposal { key: key.clone(), from, display_name: display_name.clone(), adopt };
    Ok(sources.into_iter().map(proposal).collect())
}

/// The key that a group of ours was made under, as far as its unique name tells, and the name to keep on the screen.
fn own_key(found: &Found, court: Court<'_>) -> Result<(MappingKey, Option<String>), String> {
    let mark = Mark::of(court.inputs.desired.partner.tenant);
    let groups = court.inputs.observed.groups.as_ref().ok();
    let unique = groups.and_then(|groups| groups.get(&found.group)).and_then(|g| g.unique_name.as_deref());
    let unique = unique.unwrap_or_default();
    let leads_there = |key: &MappingKey| mark.group(key) == unique;
    // What the screen says counts only where the unique name derives from it.
    if let Some(key) = found.display_name.parse().ok().filter(leads_there) {
        return Ok((key, None));
    }
    let slug = unique.strip_prefix(&mark.prefix()).and_then(|rest| rest.strip_prefix("g-"));
    let key = slug.and_then(|slug| slug.parse().ok()).filter(leads_there);
    let key = key.ok_or_else(|| format!("its unique name {unique} is none that a key makes"))?;
    let shown = is_display_name(&found.display_name).then(|| found.display_name.clone());
    Ok((key, shown))
}
