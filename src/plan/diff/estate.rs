//! Our groups in the customer tenant, told apart: the ledger, the group of each mapping, what is no longer declared,
//! what was adopted and what is released.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::desired::state::{Customer, Mapping};
use crate::model::group::Group;
use crate::model::ids::ObjectId;
use crate::model::member::{Member, User};
use crate::model::names::MappingKey;
use crate::model::ownership::Mark;
use crate::observed;
use crate::plan::draft::Inputs;
use crate::plan::memory::is_settling;
use crate::plan::sheet::Sheet;
use crate::plan::verdict::{FindingCode, GapCode, Refusal, RefusalCode, Right};

/// The members of one group, completely read.
pub(in crate::plan) type Members = BTreeMap<ObjectId, Member>;

/// What of ours exists, from a complete list of our groups.
pub(in crate::plan) struct Estate<'a> {
    /// The mark our groups carry.
    pub(in crate::plan) mark: Mark,
    /// The ledger, if it exists.
    pub(in crate::plan) ledger: Option<&'a Group>,
    /// What the ledger holds; none where there is no ledger or it could not be read.
    pub(in crate::plan) entries: Option<&'a Members>,
    /// The existing group of each mapping.
    pub(in crate::plan) mapped: BTreeMap<&'a MappingKey, Holding<'a>>,
    /// Groups of ours that no mapping declares.
    pub(in crate::plan) undeclared: Vec<Holding<'a>>,
    /// Groups in the ledger that no mapping adopts any more.
    pub(in crate::plan) released: Vec<Holding<'a>>,
    /// When we made the ledger, if that is remembered.
    pub(in crate::plan) ledger_made: Option<Timestamp>,
}

/// One group we manage.
#[derive(Clone, Copy)]
pub(in crate::plan) struct Holding<'a> {
    pub(in crate::plan) group: &'a Group,
    /// Its members; none where they could not be read.
    pub(in crate::plan) members: Option<&'a Members>,
    /// Whether it existed before us.
    pub(in crate::plan) adopted: bool,
}

impl<'a> Estate<'a> {
    /// Tells our groups apart. None where their list could not be read: then nothing about them is known.
    pub(in crate::plan) fn survey(sheet: &mut Sheet<'a>) -> Option<Self> {
        let (customer, observed) = (sheet.inputs.customer, sheet.inputs.observed);
        let mark = Mark::of(sheet.inputs.desired.partner.tenant);
        let listed = match &observed.groups {
            Ok(groups) => groups,
            Err(unread) => {
                sheet.gap_in(unread, Right::Directory, "our groups", "every group, member and guest here");
                sheet.measure.unseen = customer.mappings.keys().cloned().collect();
                return None;
            }
        };
        let mut estate = Self {
            ledger_made: sheet.inputs.memory.groups.get(&mark.ledger()).map(|made| made.at),
            ledger: None,
            entries: None,
            mapped: BTreeMap::new(),
            undeclared: Vec::new(),
            released: Vec::new(),
            mark,
        };
        let declared: BTreeMap<String, &'a Mapping> = customer
            .mappings
            .values()
            .filter(|mapping| mapping.adopt.is_none())
            .map(|mapping| (estate.mark.group(mapping.identity()), mapping))
            .collect();
        let mut self_made = BTreeSet::new();
        for group in listed.values() {
            let nickname = group.mail_nickname.as_ref().filter(|_| defect!(GroupByNickname));
            let proven = group
                .unique_name
                .as_ref()
                .or(nickname)
                .filter(|name| name.starts_with(&estate.mark.prefix()));
            let Some(name) = proven else {
                let text = format!(
                    "group {} carries our mark in mailNickname and does not prove it by uniqueName",
                    group.id
                );
                let hint = "ask the customer who made it; groupsync neither uses nor changes it".to_owned();
                sheet.find(FindingCode::NotProvenOurs, group.id.to_string(), text, Some(hint));
                continue;
            };
            if let Some(mapping) = customer.mappings.values().find(|mapping| mapping.adopt == Some(group.id))
            {
                refuse_adoption(sheet, mapping, group);
                self_made.insert(group.id);
            } else if *name == estate.mark.ledger() {
                estate.ledger = Some(group);
                if let Some(obstacle) = group.obstacle {
                    let text =
                        format!("the ledger ({}) is {}: it proves nothing", group.id, obstacle.words());
                    sheet.doubt(
                        GapCode::Mismatch,
                        name.clone(),
                        "invitations and guest deletions here",
                        text,
                    );
                    continue;
                }
                estate.entries = members(sheet, observed, group, "guest deletions, invitations and releases");
            } else {
                let holding = hold(sheet, observed, group, false);
                match declared.get(name) {
                    Some(mapping) => {
                        estate.mapped.insert(&mapping.key, holding);
                    }
                    None => estate.undeclared.push(holding),
                }
            }
        }
        estate.survey_adopted(sheet, customer, observed, &self_made);
        let blind = estate.mapped.iter().filter(|(_, holding)| holding.members.is_none());
        sheet.measure.unseen.extend(blind.map(|(key, _)| MappingKey::clone(key)));
        Some(estate)
    }

    fn survey_adopted(
        &mut self,
        sheet: &mut Sheet<'a>,
        customer: &'a Customer,
        observed: &'a observed::customer::Customer,
        self_made: &BTreeSet<ObjectId>,
    ) {
        let mut wanted: BTreeSet<ObjectId> = BTreeSet::new();
        for mapping in customer.mappings.values() {
            let Some(id) = mapping.adopt.filter(|id| !self_made.contains(id)) else { continue };
            wanted.insert(id);
            match observed.adopted.get(&id) {
                Some(Ok(Some(group))) => {
                    let holding = hold(sheet, observed, group, true);
                    self.mapped.insert(&mapping.key, holding);
                }
                Some(Ok(None)) => sheet.doubt(
                    GapCode::NotFound,
                    format!("group {id}"),
                    format!("mapping {}", mapping.key),
                    format!("{} adopts group {id}, and this tenant has no such group", mapping.origin),
                ),
                Some(Err(unread)) => {
                    sheet.gap(unread, format!("group {id}"), format!("mapping {}", mapping.key));
                    sheet.measure.unseen.insert(mapping.key.clone());
                }
                None => {}
            }
        }
        let entries = self.entries.into_iter().flat_map(BTreeMap::values);
        for id in entries.filter(|member| matches!(member, Member::Group(_))).map(Member::id) {
            if wanted.contains(&id) {
                continue;
            }
            match observed.adopted.get(&id) {
                Some(Ok(Some(group))) => {
                    let holding = hold(sheet, observed, group, true);
                    self.released.push(holding);
                }
                Some(Err(unread)) => sheet.gap(unread, format!("group {id}"), "its release"),
                Some(Ok(None)) | None => {}
            }
        }
    }

    /// Every group we manage, declared or not, without the ledger.
    pub(in crate::plan) fn holdings(&self) -> impl Iterator<Item = Holding<'a>> {
        self.mapped.values().chain(&self.undeclared).chain(&self.released).copied()
    }

    /// Every user seen in any group of ours or in the ledger, once, by id.
    pub(in crate::plan) fn users(&self) -> Vec<&'a User> {
        let groups = self.entries.into_iter().chain(self.holdings().filter_map(|holding| holding.members));
        let mut users: Vec<_> = groups.flat_map(BTreeMap::values).filter_map(Member::user).collect();
        users.sort_by_key(|user| user.id);
        users.dedup_by_key(|user| user.id);
        users
    }

    /// Whether the ledger holds the object.
    pub(in crate::plan) fn has_entry(&self, object: ObjectId) -> bool {
        self.entries.is_some_and(|entries| entries.contains_key(&object))
    }

    /// Whether there is no ledger although groups of ours exist, or although we made one: then who was invited by us
    /// cannot be told any more.
    pub(in crate::plan) fn lost_its_ledger(&self) -> bool {
        let has_groups =
            || !self.undeclared.is_empty() || self.mapped.values().any(|holding| !holding.adopted);
        self.ledger.is_none() && (self.ledger_made.is_some() || has_groups())
    }

    /// When we made the ledger that is not visible yet, if it may still come to show.
    pub(in crate::plan) fn settling_ledger(&self, now: Timestamp) -> Option<Timestamp> {
        self.ledger_made.filter(|made| self.ledger.is_none() && is_settling(*made, now))
    }

    /// Whether there is a ledger, or one is made in this pass where something has to be entered. Nobody is invited and no group
    /// is taken over where there is none: nothing would tell them from the customer's own any more.
    pub(in crate::plan) fn has_ledger_to_write_to(&self, inputs: &Inputs<'_>) -> bool {
        let may_be_made = || {
            self.settling_ledger(inputs.now).is_none()
                && (!self.lost_its_ledger() || inputs.customer.reassert_ledger)
        };
        self.ledger.is_some() || may_be_made()
    }

    /// Whether somebody who is in no entry is surely in none, and can be given one.
    pub(in crate::plan) fn can_be_entered(&self, inputs: &Inputs<'_>) -> bool {
        (self.ledger.is_none() || self.entries.is_some()) && self.has_ledger_to_write_to(inputs)
    }

    /// Whether a guest stands in any group of ours.
    pub(in crate::plan) fn has_inside(&self, guest: ObjectId) -> bool {
        self.holdings().any(|holding| holding.members.is_some_and(|members| members.contains_key(&guest)))
    }
}

/// A group that we made is not adopted: as a mapping's own group and as an adopted one it would be planned away and kept.
fn refuse_adoption(sheet: &mut Sheet<'_>, mapping: &Mapping, group: &Group) {
    sheet.refused.push(Refusal {
        code: RefusalCode::Unmanageable,
        operations: BTreeSet::new(),
        measured: 0,
        limit: 0,
        text: format!(
            "{} adopts group {} ({:?}), which groupsync made itself",
            mapping.key, group.id, group.display_name
        ),
        hint: "take `adopt:` out; after a rename, `was:` with the first key keeps the group".to_owned(),
    });
}

fn hold<'a>(
    sheet: &mut Sheet<'a>,
    observed: &'a observed::customer::Customer,
    group: &'a Group,
    adopted: bool,
) -> Holding<'a> {
    Holding { group, members: members(sheet, observed, group, "its members"), adopted }
}

fn members<'a>(
    sheet: &mut Sheet<'a>,
    observed: &'a observed::customer::Customer,
    group: &Group,
    freezes: &str,
) -> Option<&'a Members> {
    match observed.members.get(&group.id)? {
        Ok(members) => Some(members),
        Err(unread) => {
            sheet.gap(unread, format!("group {}", group.display_name), freezes);
            None
        }
    }
}
