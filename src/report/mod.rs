//! All words: a plan, its outcome, an explanation, a problem in the files, an effective state, each as text for a terminal or
//! as JSON, a plan and its outcome also for a pull request and for a browser.
//! Every function here takes a value and returns text; nothing is printed and nothing is decided.

pub mod escape;
pub mod moment;
pub mod paint;
pub mod words;
pub mod tally;
pub mod text;
pub mod journal;
pub mod register;
pub mod forecast;
pub mod outcome;
pub mod json;
pub mod difference;
pub mod explanation;
pub mod adoption;
pub mod review;
pub mod upshot;
pub mod markdown;
pub mod html;
pub mod redact;
pub mod diagnostics;
pub mod render;
pub mod condition;
