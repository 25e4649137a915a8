//! One change on one line, and how equal lines become one.

use std::collections::BTreeMap;
use std::fmt::Write;

use anstyle::Style;

use crate::plan::because::Because;
use crate::report::escape::escape;
use crate::report::paint::{ADD, ALARM, CHANGE, DIM, REMOVE, paint};
use crate::report::tally::Fate;

/// More equal additions than this become one line. Removals never do: whoever loses something is named.
const FOLD: usize = 6;
/// The same for additions without a reason of their own: what explains them is named elsewhere.
const FOLD_WITHOUT_REASON: usize = 3;
/// So many of the folded are named.
const NAMED: usize = 3;
/// Reasons start in one column, unless a line is longer than this.
const COLUMN: usize = 64;

/// What happens to the subject of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sign {
    /// It goes.
    Remove,
    /// It is altered.
    Change,
    /// It comes.
    Add,
}

impl Sign {
    fn text(self) -> (&'static str, Style) {
        match self {
            Self::Remove => ("-", REMOVE),
            Self::Change => ("~", CHANGE),
            Self::Add => ("+", ADD),
        }
    }
}

/// A change: `+ Reader on subscriptions/prod  until …  · because …`.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) sign: Sign,
    /// What precedes the subject: `Reader on`, or nothing.
    pub(super) verb: String,
    /// What is changed, escaped.
    pub(super) subject: String,
    /// What several subjects are called: `people`.
    pub(super) plural: &'static str,
    /// What else there is to say: `until …`, `new guest`.
    pub(super) asides: Vec<String>,
    pub(super) fate: Fate,
    pub(super) reasons: Vec<Reason>,
}

/// A reason in words, and the place it rests on; of folded lines, the first and the last line in the file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Reason {
    text: String,
    file: Option<String>,
    lines: (u32, u32),
}

/// The reasons of an operation, or of one member.
pub(super) fn reasons(because: &[Because]) -> Vec<Reason> {
    let reason = |b: &Because| {
        let text = escape(&b.text).into_owned();
        let (file, line) =
            b.origin.as_ref().map_or((None, 0), |o| (Some(escape(&o.file).into_owned()), o.line));
        Reason { text, file, lines: (line, line) }
    };
    because.iter().map(reason).collect()
}

impl Reason {
    /// `listed in Contoso_Readers (groups/contoso.yaml:7)`.
    fn words(&self) -> String {
        match self.place() {
            Some(place) => format!("{} ({place})", self.text),
            None => self.text.clone(),
        }
    }

    fn place(&self) -> Option<String> {
        let (file, (from, to)) = (self.file.as_ref()?, self.lines);
        Some(if from == to { format!("{file}:{from}") } else { format!("{file}:{from}-{to}") })
    }
}

/// The reason that all lines give, if there are several and they give one: it is taken out of them.
pub(super) fn common_reason(lines: &mut [Line]) -> Option<String> {
    let (first, rest) = lines.split_first()?;
    if rest.is_empty() || first.reasons.is_empty() || rest.iter().any(|line| line.reasons != first.reasons) {
        return None;
    }
    let common = why(&first.reasons);
    for line in lines {
        line.reasons.clear();
    }
    Some(common)
}

/// The lines under each other: removals, changes, additions; equal additions folded.
pub(super) fn lines(lines: Vec<Line>, indent: &str) -> String {
    let mut shown = fold(lines);
    shown.sort_by(|a, b| (a.sign, &a.verb, &a.subject).cmp(&(b.sign, &b.verb, &b.subject)));
    let width = shown.iter().map(Line::width).filter(|w| *w <= COLUMN).max().unwrap_or(0);
    let mut text = String::new();
    for line in &shown {
        let (sign, style) = line.sign.text();
        let _infallible = write!(text, "{indent}{} ", paint(style, format!("{sign} {}", line.what())));
        for aside in &line.asides {
            let _infallible = write!(text, " {}", paint(CHANGE, aside));
        }
        if let Some(fate) = fate_words(line.fate) {
            let _infallible = write!(text, " {}", paint(ALARM, fate));
        }
        let why = why(&line.reasons);
        if !why.is_empty() {
            let pad = width.saturating_sub(line.width());
            let _infallible = write!(text, "{:pad$}  {}", "", paint(DIM, format!("· {why}")));
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    text
}

/// The places of the reasons on one line.
pub(super) fn places(reasons: &[Reason]) -> String {
    reasons.iter().filter_map(Reason::place).collect::<Vec<_>>().join("; ")
}

/// All reasons on one line.
fn why(reasons: &[Reason]) -> String {
    reasons.iter().map(Reason::words).collect::<Vec<_>>().join("; ")
}

impl Line {
    fn what(&self) -> String {
        if self.verb.is_empty() { self.subject.clone() } else { format!("{} {}", self.verb, self.subject) }
    }

    fn width(&self) -> usize {
        let asides: usize = self.asides.iter().map(|aside| aside.chars().count() + 1).sum();
        let fate = fate_words(self.fate).map_or(0, |words| words.len() + 1);
        self.what().chars().count() + asides + fate
    }

    /// Lines with one key say the same of different subjects.
    fn key(&self) -> impl Ord + use<> {
        let reasons = self.reasons.iter().map(|reason| (reason.text.clone(), reason.file.clone()));
        (self.verb.clone(), self.asides.clone(), self.fate, reasons.collect::<Vec<_>>())
    }
}

fn fate_words(fate: Fate) -> Option<&'static str> {
    match fate {
        Fate::Runs | Fate::Listed => None,
        Fate::Held => Some("held"),
        Fate::Refused => Some("refused"),
    }
}

fn fold(lines: Vec<Line>) -> Vec<Line> {
    let (additions, mut shown): (Vec<_>, Vec<_>) = lines.into_iter().partition(|l| l.sign == Sign::Add);
    let mut alike: BTreeMap<_, Vec<Line>> = BTreeMap::new();
    for line in additions {
        alike.entry(line.key()).or_default().push(line);
    }
    for mut group in alike.into_values() {
        let most = if group[0].reasons.is_empty() { FOLD_WITHOUT_REASON } else { FOLD };
        if group.len() <= most {
            shown.append(&mut group);
            continue;
        }
        group.sort_by(|a, b| a.subject.cmp(&b.subject));
        let named: Vec<_> = group[..NAMED].iter().map(|line| line.subject.as_str()).collect();
        let subject = format!(
            "{} {}: {} and {} more",
            group.len(),
            group[0].plural,
            named.join(", "),
            group.len() - NAMED
        );
        shown.push(Line { subject, reasons: span(&group), ..group[0].clone() });
    }
    shown
}

/// The reasons of lines that give the same ones, each from its first to its last line in the file.
fn span(group: &[Line]) -> Vec<Reason> {
    let mut reasons = group[0].reasons.clone();
    for line in group {
        for (all, one) in reasons.iter_mut().zip(&line.reasons) {
            all.lines = (all.lines.0.min(one.lines.0), all.lines.1.max(one.lines.1));
        }
    }
    reasons
}
