//! Time: the only caller of the wall clock.
