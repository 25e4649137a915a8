//! The text of the files that were read, and spots in it.

use std::ops::Range;

use crate::model::origin::Origin;

/// Every desired-state file, sorted by path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sources(Vec<Source>);

/// One file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its path, relative to the directory, with `/`.
    pub path: String,
    /// What it says.
    pub text: String,
}

/// A place in one of the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Spot {
    /// Which file: its index in [`Sources`].
    pub(super) file: u32,
    /// Line, from 1.
    pub(super) line: u32,
    /// Column in characters, from 1.
    pub(super) column: u32,
    /// How many characters of that line are meant.
    pub(super) width: u32,
}

/// Longer lines are shown in part: a minified file is one line of megabytes.
const SHOWN: usize = 240;

impl Sources {
    /// The files, sorted by path so that nothing depends on the order in which a file system lists them.
    pub fn new(mut files: Vec<Source>) -> Self {
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Self(files)
    }

    /// The same files, those directly in the root taken from elsewhere.
    pub(super) fn with_root_of(self, other: Self) -> Self {
        let is_root = |source: &Source| !source.path.contains('/');
        let own = self.0.into_iter().filter(|source| !is_root(source));
        Self::new(own.chain(other.0.into_iter().filter(is_root)).collect())
    }

    /// The files.
    pub fn iter(&self) -> impl Iterator<Item = &Source> {
        self.0.iter()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn numbered(&self) -> impl Iterator<Item = (u32, &Source)> {
        (0..).zip(&self.0)
    }

    /// The path of the file that a spot is in.
    pub(super) fn path(&self, spot: Spot) -> &str {
        &self.0[spot.file as usize].path
    }

    /// The place that a spot names.
    pub(super) fn origin(&self, spot: Spot) -> Origin {
        Origin { file: self.path(spot).to_owned(), line: spot.line, column: spot.column }
    }

    /// The line that a spot is on, or the part of it that surrounds the spot, and the characters of that text meant.
    pub(super) fn line(&self, spot: Spot) -> (String, Range<usize>) {
        let text = &self.0[spot.file as usize].text;
        let line = text.split('\n').nth(spot.line.saturating_sub(1) as usize).unwrap_or("");
        let line = line.strip_suffix('\r').unwrap_or(line);
        let column = spot.column.saturating_sub(1) as usize;
        let skip = column.saturating_sub(SHOWN / 2);
        let shown: String = line.chars().skip(skip).take(SHOWN).collect();
        let length = shown.chars().count();
        let start = (column - skip).min(length);
        let end = (start + spot.width.max(1) as usize).min(length).max(start);
        (shown, start..end)
    }
}
