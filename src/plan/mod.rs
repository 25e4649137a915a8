//! The ordered difference.
