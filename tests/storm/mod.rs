//! The storm: random fleets in virtual time. Files change, people leave, customers meddle, services fail, the process dies in the
//! middle; and after every pass the invariants are judged by the simulator's true world. Everything follows from the seed.

pub(crate) mod files;
pub(crate) mod written;
pub(crate) mod edits;
pub(crate) mod acts;
pub(crate) mod customers;
pub(crate) mod weather;
pub(crate) mod opening;
pub(crate) mod place;
pub(crate) mod books;
pub(crate) mod keeping;
pub(crate) mod truth;
pub(crate) mod step;
pub(crate) mod verdict;
pub(crate) mod taken;
pub(crate) mod given;
pub(crate) mod limits;
pub(crate) mod records;
pub(crate) mod quiet;
pub(crate) mod invariants;
pub(crate) mod trace;
pub(crate) mod passing;
pub(crate) mod run;
pub(crate) mod history;
pub(crate) mod campaign;
#[cfg(test)]
mod suite;
