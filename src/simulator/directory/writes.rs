//! The writes of a directory: each changes the truth, leaves the old value to lagging readers, and goes into the history.

use std::collections::BTreeSet;

use jiff::Timestamp;
use uuid::Uuid;

use super::{About, Directory};
use crate::simulator::history::{Act, Actor, Change};
use crate::simulator::lag::LagRule;
use crate::simulator::tenancies::Tenancies;
use crate::simulator::world::{Group, GroupDeletion, User};

/// When a write happens, by whom, and where it is written down.
pub(in crate::simulator) struct Moment<'a> {
    pub(in crate::simulator) now: Timestamp,
    pub(in crate::simulator) actor: Actor,
    pub(in crate::simulator) lag: LagRule,
    pub(in crate::simulator) history: &'a mut Vec<Change>,
    /// In how many tenants everybody is.
    pub(in crate::simulator) tenancies: &'a mut Tenancies,
}

impl Moment<'_> {
    /// Writes an act down.
    pub(in crate::simulator) fn note(&mut self, tenant: Uuid, act: Act) {
        self.history.push(Change { at: self.now, actor: self.actor, tenant, act });
    }

    fn until(&self, index: &str, about: &[Uuid]) -> Option<Timestamp> {
        self.lag.until(self.now, index, about)
    }
}

impl Directory {
    /// Adds a group, or replaces the attributes of one; members and owners only count for a new one.
    pub(in crate::simulator) fn put_group(&mut self, moment: &mut Moment<'_>, mut group: Group) {
        let id = group.id;
        let old = self.groups.get(&id).cloned();
        let created = old.is_none();
        if let Some(old) = &old {
            group.members.clone_from(&old.members);
            group.owners.clone_from(&old.owners);
        }
        self.remember_group(moment, id, old.as_ref());
        if !created {
            self.groups.insert(id, group);
            moment.note(self.id, Act::GroupUpdated { group: id });
            return;
        }
        self.remember_absence(moment, id);
        let members = std::mem::take(&mut group.members);
        let owners = std::mem::take(&mut group.owners);
        moment.note(self.id, Act::GroupCreated { group: id, display_name: group.display_name.clone() });
        self.groups.insert(id, group);
        for owner in owners {
            self.add_owner(moment, id, owner);
        }
        for member in members {
            self.add_member(moment, id, member);
        }
    }

    /// Deletes a group.
    pub(in crate::simulator) fn drop_group(&mut self, moment: &mut Moment<'_>, id: Uuid) {
        for parent in self.groups_of(id) {
            self.remove_member(moment, parent, id);
        }
        let Some(group) = self.groups.get(&id).cloned() else { return };
        self.remember_group(moment, id, Some(&group));
        // The list of a group that is still readable shows its members until the deletion arrives.
        let until = moment.until("group by id", &[id]);
        for member in &group.members {
            self.views.members.record((id, *member), true, moment.now, until);
        }
        self.groups.remove(&id);
        let until = moment.until("principal", &[id]);
        self.views.principals.record(id, true, moment.now, until);
        moment.note(self.id, Act::GroupDeleted { group: id });
        let permanent = self.policies.group_deletion == GroupDeletion::Permanent;
        let deleted = Group { deleted_date_time: Some(moment.now), ..group };
        let is_soft = !permanent || deleted.has_type("Unified");
        self.deleted_groups.insert(id, deleted);
        if !is_soft {
            self.purge_group(moment, id);
        }
    }

    /// Brings a deleted group back, with its id, members and owners.
    pub(in crate::simulator) fn restore_group(&mut self, moment: &mut Moment<'_>, id: Uuid) {
        let Some(mut group) = self.deleted_groups.remove(&id) else { return };
        group.deleted_date_time = None;
        let members = std::mem::take(&mut group.members);
        self.remember_group(moment, id, None);
        self.remember_absence(moment, id);
        self.groups.insert(id, group);
        moment.note(self.id, Act::GroupRestored { group: id });
        for member in members {
            // Whoever was deleted meanwhile comes back with a restore of her own.
            if self.is_user_or_group(member) || self.objects.contains_key(&member) {
                self.add_member(moment, id, member);
            }
        }
    }

    /// Removes a deleted group for good.
    pub(in crate::simulator) fn purge_group(&mut self, moment: &mut Moment<'_>, id: Uuid) {
        let Some(deleted) = self.deleted_groups.remove(&id) else { return };
        if deleted.made_by_application {
            self.capacity.purged.push(moment.now);
        }
        self.announce(moment, About::Group(id, None), &[id]);
        moment.note(self.id, Act::GroupPurged { group: id });
    }

    /// Adds a direct member; nothing happens if it is one.
    pub(in crate::simulator) fn add_member(&mut self, moment: &mut Moment<'_>, group: Uuid, member: Uuid) {
        let Some(truth) = self.groups.get_mut(&group) else { return };
        if truth.members.insert(member) {
            self.remember_membership(moment, group, member, false);
            moment.note(self.id, Act::MemberAdded { group, member });
        }
    }

    /// Removes a direct member; nothing happens if it is none.
    pub(in crate::simulator) fn remove_member(&mut self, moment: &mut Moment<'_>, group: Uuid, member: Uuid) {
        let Some(truth) = self.groups.get_mut(&group) else { return };
        if truth.members.remove(&member) {
            self.remember_membership(moment, group, member, true);
            moment.note(self.id, Act::MemberRemoved { group, member });
        }
    }

    /// Adds an owner; nothing happens if it is one.
    pub(in crate::simulator) fn add_owner(&mut self, moment: &mut Moment<'_>, group: Uuid, owner: Uuid) {
        let Some(truth) = self.groups.get_mut(&group) else { return };
        if truth.owners.insert(owner) {
            moment.note(self.id, Act::OwnerAdded { group, owner });
        }
    }

    /// Removes an owner; nothing happens if it is none.
    pub(in crate::simulator) fn remove_owner(&mut self, moment: &mut Moment<'_>, group: Uuid, owner: Uuid) {
        let Some(truth) = self.groups.get_mut(&group) else { return };
        if truth.owners.remove(&owner) {
            moment.note(self.id, Act::OwnerRemoved { group, owner });
        }
    }

    /// Adds a user or replaces one; the act says which, since an invitation creates users too.
    pub(in crate::simulator) fn put_user(&mut self, moment: &mut Moment<'_>, user: User, act: Act) {
        let id = user.id;
        moment.tenancies.join(&user);
        let old = self.users.insert(id, user);
        if let Some(old) = &old {
            moment.tenancies.leave(old);
        }
        if old.is_none() {
            self.remember_absence(moment, id);
        }
        self.remember_user(moment, id, old.as_ref());
        moment.note(self.id, act);
    }

    /// Moves a user to the deleted items and out of every group.
    pub(in crate::simulator) fn drop_user(&mut self, moment: &mut Moment<'_>, id: Uuid) {
        let Some(mut user) = self.users.get(&id).cloned() else { return };
        let member_of = self.groups_of(id);
        for group in &member_of {
            self.remove_member(moment, *group, id);
        }
        let owned = self.groups.values().filter(|group| group.owners.contains(&id)).map(|group| group.id);
        for group in owned.collect::<BTreeSet<_>>() {
            self.remove_owner(moment, group, id);
        }
        self.users.remove(&id);
        moment.tenancies.leave(&user);
        self.remember_user(moment, id, Some(&user));
        self.remember_deleted(moment, id, None);
        let until = moment.until("principal", &[id]);
        self.views.principals.record(id, true, moment.now, until);
        user.deleted_date_time = Some(moment.now);
        user.was_member_of = member_of;
        self.deleted.insert(id, user);
        moment.note(self.id, Act::UserDeleted { user: id });
    }

    /// Brings a deleted user back, with its id and its memberships.
    pub(in crate::simulator) fn restore_user(&mut self, moment: &mut Moment<'_>, id: Uuid) {
        let Some(mut user) = self.deleted.remove(&id) else { return };
        self.remember_deleted(moment, id, Some(user.clone()));
        self.remember_user(moment, id, None);
        self.remember_absence(moment, id);
        user.deleted_date_time = None;
        let member_of = std::mem::take(&mut user.was_member_of);
        moment.tenancies.join(&user);
        self.users.insert(id, user);
        moment.note(self.id, Act::UserRestored { user: id });
        for group in member_of {
            self.add_member(moment, group, id);
        }
    }

    /// Removes a deleted user for good.
    pub(in crate::simulator) fn purge_user(&mut self, moment: &mut Moment<'_>, id: Uuid) {
        let Some(deleted) = self.deleted.remove(&id) else { return };
        if deleted.made_by_application {
            self.capacity.purged.push(moment.now);
        }
        self.remember_deleted(moment, id, Some(deleted));
        self.announce(moment, About::User(id, None), &[id]);
        moment.note(self.id, Act::UserPurged { user: id });
    }

    fn remember_group(&mut self, moment: &Moment<'_>, id: Uuid, old: Option<&Group>) {
        let old = old.map(|group| Group { members: BTreeSet::new(), ..group.clone() });
        let now = moment.now;
        self.views.groups_by_id.record(id, old.clone(), now, moment.until("group by id", &[id]));
        self.views.groups_by_name.record(id, old.clone(), now, moment.until("group by name", &[id]));
        self.views.groups_listed.record(id, old.clone(), now, moment.until("group list", &[id]));
        self.announce(moment, About::Group(id, old.map(Box::new)), &[id]);
    }

    fn remember_membership(&mut self, moment: &Moment<'_>, group: Uuid, member: Uuid, was_in: bool) {
        let listed = moment.until("members", &[group, member]);
        self.views.members.record((group, member), was_in, moment.now, listed);
        let member_of = moment.until("member of", &[group, member]);
        self.views.member_of.record((member, group), was_in, moment.now, member_of);
        self.announce(moment, About::Member { group, member }, &[group, member]);
    }

    fn remember_user(&mut self, moment: &Moment<'_>, id: Uuid, old: Option<&User>) {
        let now = moment.now;
        self.views.users_by_id.record(id, old.cloned(), now, moment.until("user by id", &[id]));
        self.views.users_found.record(id, old.cloned(), now, moment.until("user search", &[id]));
        self.announce(moment, About::User(id, old.cloned().map(Box::new)), &[id]);
    }

    /// Puts a change into the feed of delta queries.
    fn announce(&mut self, moment: &Moment<'_>, about: About, ids: &[Uuid]) {
        let arrives = moment.until("delta", ids).unwrap_or(moment.now);
        self.feed.note(moment.now, arrives, about);
    }

    fn remember_deleted(&mut self, moment: &Moment<'_>, id: Uuid, old: Option<User>) {
        let until = moment.until("deleted items", &[id]);
        self.views.deleted_listed.record(id, old, moment.now, until);
    }

    fn remember_absence(&mut self, moment: &Moment<'_>, id: Uuid) {
        let now = moment.now;
        self.views.references.record(id, false, now, moment.until("reference", &[id]));
        self.views.principals.record(id, false, now, moment.until("principal", &[id]));
    }
}
