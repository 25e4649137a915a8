//! Login, Graph and ARM in one process.
