//! Graph and ARM to observed.
