//! What a naive implementation gets wrong, trap by trap of the two services, as far as no other test holds it already.

pub(crate) mod recorder;
mod graph;
mod arm;
