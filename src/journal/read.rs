//! The records, one after another, as whoever looks into the journal reads them.

use std::path::Path;

use crate::journal::Unavailable;
use crate::journal::chain::Chains;
use crate::journal::record::Record;
use crate::journal::store::{Purpose, Store};

/// Shows every record that can be trusted, in order, and says how the chains stand.
pub fn records(path: &Path, mut show: impl FnMut(Record)) -> Result<Chains, Unavailable> {
    let mut store = Store::open(path, Purpose::Read)?;
    store.reading(|access| {
        let mut chains = Chains::default();
        access.after(0, |stored| {
            if let Some(record) = chains.next(stored) {
                show(record);
            }
        })?;
        Ok(chains)
    })
}
