//! How much a directory may hold, and how much of it the application may have made.

use jiff::Timestamp;
use uuid::{Uuid, uuid};

use super::Directory;

/// Roles whose holder makes as many objects as the tenant holds: Global, Privileged Role, User and Groups Administrator.
const ADMINISTRATORS: [Uuid; 4] = [
    uuid!("62e90394-69f5-4237-9190-012177145e10"),
    uuid!("e8611ab8-c189-46e8-94e1-60213ab1f814"),
    uuid!("fe930be7-5e62-47db-91af-98c3a49a38b1"),
    uuid!("fdd7a751-b60b-444a-984c-02652fe8fa1c"),
];

/// Roles whose holder may touch those who hold roles.
const ABOVE_ADMINISTRATORS: [Uuid; 2] = [ADMINISTRATORS[0], ADMINISTRATORS[1]];

/// Which quota leaves no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::simulator) enum Full {
    Tenant,
    Principal,
}

impl Directory {
    /// Whether the application can make so many more objects now.
    pub(in crate::simulator) fn room_for(&self, more: usize, now: Timestamp) -> Result<(), Full> {
        let deleted = self.deleted.len() + self.deleted_groups.len();
        if self.users.len() + self.groups.len() + self.objects.len() + deleted + more > self.capacity.objects
        {
            return Err(Full::Tenant);
        }
        let Some(limit) = self.capacity.created_objects.filter(|_| !self.application_holds(&ADMINISTRATORS))
        else {
            return Ok(());
        };
        let users = self.users.values().chain(self.deleted.values()).filter(|user| user.made_by_application);
        let groups = self.groups.values().chain(self.deleted_groups.values());
        let made = users.count() + groups.filter(|group| group.made_by_application).count();
        let purged =
            self.capacity.purged.iter().filter(|then| now.duration_since(**then) < super::RESTORABLE).count();
        // Four objects removed for good weigh as much as one that is there.
        if (made + more) * 4 + purged > limit * 4 { Err(Full::Principal) } else { Ok(()) }
    }

    /// Whether the application's role is above those of administrators.
    pub(in crate::simulator) fn application_is_above_administrators(&self) -> bool {
        self.application_holds(&ABOVE_ADMINISTRATORS)
    }

    fn application_holds(&self, roles: &[Uuid]) -> bool {
        roles.iter().any(|role| self.application_roles.contains(role))
    }
}
