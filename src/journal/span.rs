//! A membership or a role from its beginning to its end, as one record after another tells it.

use jiff::Timestamp;

use crate::journal::record::Writer;
use crate::journal::register::{Cause, Since};

/// Which intent of which writer.
pub(super) type Key = (Writer, u64);

/// From when to when, and why.
#[derive(Debug, Clone)]
pub(super) struct Span {
    pub(super) since: Since,
    pub(super) until: Option<Timestamp>,
    pub(super) planned_end: Option<Timestamp>,
    pub(super) because: Vec<Cause>,
    pub(super) ended_because: Vec<Cause>,
    /// What began it and what ended it, as far as either is on record: a later word may take it back.
    pub(super) begun_by: Option<Key>,
    pub(super) ended_by: Option<Key>,
}

/// Begins a span, unless one is running: then this is a correction, or somebody else had ended it meanwhile.
pub(super) fn open(spans: &mut Vec<Span>, span: Span) {
    if spans.last().is_none_or(|last| last.until.is_some()) {
        spans.push(span);
    }
}

/// Ends the running span; one that began before the first record, where none is running.
pub(super) fn close(spans: &mut Vec<Span>, at: Timestamp, by: Key, because: &[Cause]) {
    if spans.is_empty() {
        spans.push(Span {
            since: Since::Before,
            until: None,
            planned_end: None,
            because: Vec::new(),
            ended_because: Vec::new(),
            begun_by: None,
            ended_by: None,
        });
    }
    close_open(spans, at, by, because);
}

/// Ends the running span, if there is one.
pub(super) fn close_open(spans: &mut [Span], at: Timestamp, by: Key, because: &[Cause]) {
    if let Some(last) = spans.last_mut().filter(|last| last.until.is_none()) {
        last.until = Some(at);
        last.ended_because = because.to_vec();
        last.ended_by = Some(by);
    }
}

/// What an intent had begun never was, and what it had ended goes on.
pub(super) fn take_back(spans: &mut Vec<Span>, by: Key) {
    spans.retain(|span| span.begun_by != Some(by));
    if let Some(last) = spans.last_mut().filter(|last| last.ended_by == Some(by)) {
        last.until = None;
        last.ended_because.clear();
        last.ended_by = None;
    }
}
