//! What stands around our own groups in a customer tenant: groups and people that hold Azure roles which groupsync did not
//! give, and what else our guests stand in.

use std::collections::BTreeMap;

use crate::model::group::Group;
use crate::model::ids::ObjectId;
use crate::model::member::{Member, User};
use crate::observed::unread::Reading;

/// Read only to find what could be taken over. Somebody not in a map was not asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// The groups. `Ok(None)`: gone, or no group.
    pub groups: BTreeMap<ObjectId, Reading<Option<Group>>>,
    /// The direct members of each.
    pub members: BTreeMap<ObjectId, Reading<BTreeMap<ObjectId, Member>>>,
    /// The people. `Ok(None)`: gone, or no user.
    pub users: BTreeMap<ObjectId, Reading<Option<User>>>,
    /// Every group that a guest of ours stands in, with its name on the screen.
    pub memberships: BTreeMap<ObjectId, Reading<BTreeMap<ObjectId, String>>>,
}
