//! What stands around our own groups in a customer tenant: groups and people that hold Azure roles which groupsync did not give.

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
}
