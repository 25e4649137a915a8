//! A page of bounded length: what does not fit is counted, and the reader is told where it stands.

use std::fmt::Write;

use crate::report::markdown::harmless::name;
use crate::report::review::words::number;

/// The longest page, in bytes: never more characters, whichever way a host counts them. GitHub takes 65,536, and whoever
/// posts the page may have something to add.
pub(super) const LONGEST: usize = 60_000;

/// Where all of it can be read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Whole<'a> {
    /// The file that has it, if there is one.
    pub(super) file: Option<&'a str>,
    /// The command that prints it otherwise.
    pub(super) command: &'static str,
}

/// A page as it grows.
pub(super) struct Page<'a> {
    text: String,
    whole: Whole<'a>,
}

/// How a section is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Show {
    /// As it is.
    Open,
    /// Behind its title.
    Folded,
}

impl Whole<'_> {
    pub(super) fn words(self) -> String {
        match self.file {
            Some(file) => format!("in {}", name(file)),
            None => format!("in what `{}` prints", self.command),
        }
    }
}

impl<'a> Page<'a> {
    pub(super) fn new(whole: Whole<'a>) -> Self {
        Self { text: String::new(), whole }
    }

    /// Adds what has to be there.
    pub(super) fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// How much more fits if so much is to be left for what follows.
    pub(super) fn left(&self, keep: usize) -> usize {
        LONGEST.saturating_sub(self.text.len() + keep)
    }

    /// Adds a section of lines as far as they fit, `keep` left for what follows. No lines, no section; no room for even one,
    /// and only their number is there.
    pub(super) fn section(
        &mut self,
        title: &str,
        head: &str,
        lines: impl ExactSizeIterator<Item = String>,
        (show, keep): (Show, usize),
    ) {
        let all = lines.len();
        if all == 0 {
            return;
        }
        let (open, close) = match show {
            Show::Open => (format!("\n#### {title}\n\n"), String::new()),
            Show::Folded => (
                format!("\n<details><summary>{title} ({})</summary>\n\n", number(all)),
                "\n</details>\n".to_owned(),
            ),
        };
        // What says how many more there are, with room for the numbers.
        let rest = self.whole.words().len() + 60;
        let fixed = open.len() + head.len() + close.len() + rest;
        let mut room = self.left(keep).saturating_sub(fixed);
        self.text.push_str(&open);
        let mut shown = 0;
        for line in lines {
            if line.len() + 1 > room {
                break;
            }
            if shown == 0 {
                self.text.push_str(head);
            }
            room -= line.len() + 1;
            self.text.push_str(&line);
            self.text.push('\n');
            shown += 1;
        }
        if shown < all {
            let whole = self.whole.words();
            let more = if shown == 0 { "" } else { "more " };
            // Writing to a String cannot fail.
            let _infallible = writeln!(self.text, "\n… and {} {more}{whole}.", number(all - shown));
        }
        self.text.push_str(&close);
    }

    pub(super) fn finish(self) -> String {
        self.text
    }
}
