//! In how many tenants everybody is a guest, so that the limit of five hundred can be kept without a look into each.

use std::collections::BTreeMap;

use super::world::User;

/// How many tenants each address is a guest in.
#[derive(Clone, Debug, Default)]
pub(super) struct Tenancies {
    counts: BTreeMap<String, usize>,
}

impl Tenancies {
    /// Counts a user who came into a tenant.
    pub(super) fn join(&mut self, user: &User) {
        if let Some(address) = address(user) {
            *self.counts.entry(address).or_default() += 1;
        }
    }

    /// Counts a user who left one.
    pub(super) fn leave(&mut self, user: &User) {
        if let Some(count) = address(user).and_then(|address| self.counts.get_mut(&address)) {
            *count = count.saturating_sub(1);
        }
    }

    /// In how many tenants the owner of an address is a guest.
    pub(super) fn of(&self, address: &str) -> usize {
        self.counts.get(&address.to_lowercase()).copied().unwrap_or(0)
    }
}

/// The address of someone whose home is elsewhere; those at home are in one tenant only.
fn address(user: &User) -> Option<String> {
    let address = user.mail.as_ref().or_else(|| user.other_mails.first()).filter(|_| user.is_external())?;
    Some(address.to_lowercase())
}
