//! From files in Git to one [`DesiredState`](state::DesiredState): load (the only reader of files), check, resolve.
//! Every problem is a [`Diagnostic`](diagnostic::Diagnostic) with its place in the files, and all of them appear at once.

pub mod state;
pub mod diagnostic;
