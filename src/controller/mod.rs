//! The loop that keeps a fleet in step: it decides when which customer is looked at, and every look is a pass like any other.
//! What it knows stands on the [`board`](board::Board), for whoever watches.

pub mod board;
pub mod status;
pub mod event;
pub mod notify;
pub mod measure;
pub mod http;
