//! The ordered difference between what the files ask for and what the tenants hold, as a value. Everything here is pure:
//! time, memory and every reading are arguments, so a dry run, a review, the guard, the executor and a test look at the
//! same [`Plan`](value::Plan).

pub mod operation;
pub mod because;
pub mod verdict;
pub mod digest;
pub mod value;
pub mod memory;
pub mod overlay;
pub mod outcome;
pub mod forecast;
pub mod census;
pub mod directory;
pub mod draft;
mod sheet;
mod diff;
mod guard;
mod order;
mod canonical;
pub mod window;
pub mod assemble;
pub mod explanation;
pub mod explain;
pub mod adoption;
