//! What a draft has gathered so far.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::observed::question::Question;
use crate::observed::unread::{Reading, Unread, UnreadCode};
use crate::plan::draft::Inputs;
use crate::plan::memory::SETTLES_IN;
use crate::plan::operation::Operation;
use crate::plan::value::Measure;
use crate::plan::verdict::{Finding, FindingCode, Gap, GapCode, Hold, Refusal, Right};

/// Inputs, and everything concluded from them so far. Each part of the difference adds to it; none reads what another
/// part concluded except through its own arguments.
pub(super) struct Sheet<'a> {
    pub(super) inputs: Inputs<'a>,
    pub(super) operations: Vec<Operation>,
    pub(super) held: Vec<Hold>,
    pub(super) refused: Vec<Refusal>,
    pub(super) gaps: BTreeSet<Gap>,
    pub(super) findings: BTreeSet<Finding>,
    pub(super) questions: BTreeSet<Question>,
    pub(super) measure: Measure,
}

impl<'a> Sheet<'a> {
    pub(super) fn new(inputs: Inputs<'a>) -> Self {
        Self {
            inputs,
            operations: Vec::new(),
            held: Vec::new(),
            refused: Vec::new(),
            gaps: BTreeSet::new(),
            findings: BTreeSet::new(),
            questions: BTreeSet::new(),
            measure: Measure::default(),
        }
    }

    /// The answer to a question, or none after noting that it must be asked.
    pub(super) fn ask<T>(
        &mut self,
        answer: Option<&'a Reading<T>>,
        question: Question,
    ) -> Option<&'a Reading<T>> {
        if answer.is_none() {
            self.questions.insert(question);
        }
        answer
    }

    /// Notes that something could not be read.
    pub(super) fn gap(&mut self, unread: &Unread, of: impl Into<String>, freezes: impl Into<String>) {
        let (of, freezes) = (of.into(), freezes.into());
        self.gaps.insert(Gap {
            code: unread.code.into(),
            of,
            freezes,
            text: unread.text.clone(),
            lost: None,
        });
    }

    /// The same where it can mean that we lost a right.
    pub(super) fn gap_in(
        &mut self,
        unread: &Unread,
        right: Right,
        of: impl Into<String>,
        freezes: impl Into<String>,
    ) {
        let lost = match unread.code {
            UnreadCode::ConsentMissing => Some(Right::Consent),
            UnreadCode::AccessDenied => Some(right),
            _ => None,
        };
        let (of, freezes) = (of.into(), freezes.into());
        self.gaps.insert(Gap { code: unread.code.into(), of, freezes, text: unread.text.clone(), lost });
    }

    /// Notes that something was read and proves too little.
    pub(super) fn doubt(
        &mut self,
        code: GapCode,
        of: impl Into<String>,
        freezes: impl Into<String>,
        text: impl Into<String>,
    ) {
        let (of, freezes, text) = (of.into(), freezes.into(), text.into());
        self.gaps.insert(Gap { code, of, freezes, text, lost: None });
    }

    /// Notes that something we made moments ago is not visible yet, and not made again before it had its time.
    pub(super) fn settling(&mut self, what: String, made: Timestamp) {
        let again = made.saturating_add(SETTLES_IN).unwrap_or(made);
        let text = format!("made {made} and not visible yet: it is not made again before {again}");
        self.find(FindingCode::Settling, what, text, None);
    }

    /// Notes something that no operation answers.
    pub(super) fn find(
        &mut self,
        code: FindingCode,
        of: impl Into<String>,
        text: impl Into<String>,
        hint: Option<String>,
    ) {
        self.findings.insert(Finding { code, of: of.into(), text: text.into(), hint });
    }
}

impl From<UnreadCode> for GapCode {
    fn from(code: UnreadCode) -> Self {
        match code {
            UnreadCode::CredentialRefused => Self::CredentialRefused,
            UnreadCode::ConsentMissing => Self::ConsentMissing,
            UnreadCode::TenantMissing => Self::TenantMissing,
            UnreadCode::AccessDenied => Self::AccessDenied,
            UnreadCode::NotFound => Self::NotFound,
            UnreadCode::Throttled => Self::Throttled,
            UnreadCode::Unavailable => Self::Unavailable,
            UnreadCode::Malformed => Self::Malformed,
            UnreadCode::Withheld => Self::Withheld,
            UnreadCode::Mismatch => Self::Mismatch,
        }
    }
}
