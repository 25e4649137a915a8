//! Which commit last changed a line of the files, where they lie in a Git repository and `git` is installed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::model::origin::Origin;
use crate::report::explanation::Commits;

/// So much of a commit's hash is shown.
const SHORT: usize = 10;

/// The commits behind the places. Outside a repository there are none, and nothing is said about it.
pub fn commits<'a>(dir: &Path, places: impl Iterator<Item = &'a Origin>) -> Commits {
    let mut lines: BTreeMap<&str, BTreeSet<u32>> = BTreeMap::new();
    for origin in places.filter(|origin| origin.line > 0) {
        lines.entry(&origin.file).or_default().insert(origin.line);
    }
    let mut commits = Commits::new();
    for (file, lines) in lines {
        for (line, commit) in blame(dir, file, &lines).unwrap_or_default() {
            commits.insert((file.to_owned(), line), commit);
        }
    }
    commits
}

/// The commit that `dir` shows, if it lies in a Git repository and nothing in it differs from that.
pub fn head(dir: &Path) -> Option<String> {
    let changed = said(dir, &["status", "--porcelain", "--", "."])?;
    said(dir, &["rev-parse", "HEAD"]).filter(|_| changed.is_empty())
}

/// What git says.
fn said(dir: &Path, arguments: &[&str]) -> Option<String> {
    let mut git = Command::new("git");
    git.arg("-C").arg(dir).args(arguments).stdin(Stdio::null()).stderr(Stdio::null());
    let output = git.output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Line and commit of each of the lines. A line that is not committed yet has none.
fn blame(dir: &Path, file: &str, lines: &BTreeSet<u32>) -> Option<Vec<(u32, String)>> {
    let mut git = Command::new("git");
    git.arg("-C").arg(dir).args(["blame", "--porcelain"]);
    for line in lines {
        git.arg("-L").arg(format!("{line},{line}"));
    }
    let output = git.arg("--").arg(file).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    if !output.status.success() {
        return None;
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let is_shallow = said(dir, &["rev-parse", "--is-shallow-repository"]).is_none_or(|said| said == "true");
    // Each line begins with `<hash> <line then> <line now> …`; what follows are headers, and the text after a tab. Where the
    // history was cut off, all that is older is laid on the last commit that is left, which says `boundary`.
    let mut heads = Vec::new();
    let mut cut_off = BTreeSet::new();
    for line in text.lines() {
        let mut words = line.split(' ');
        let is_hash = |word: &&str| word.len() >= 40 && word.bytes().all(|b| b.is_ascii_hexdigit());
        if let Some(hash) = words.next().filter(is_hash) {
            heads.push((words.nth(1)?.parse().ok()?, hash));
        } else if let ("boundary", true, Some((_, hash))) = (line, is_shallow, heads.last()) {
            cut_off.insert(*hash);
        }
    }
    heads.retain(|(_, hash)| hash.bytes().any(|byte| byte != b'0') && !cut_off.contains(hash));
    Some(heads.into_iter().map(|(now, hash)| (now, hash[..SHORT].to_owned())).collect())
}
