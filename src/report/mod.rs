//! All words.
