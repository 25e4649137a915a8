//! Watches the desired-state directory: a plain folder, a link that a Git side car swaps, or a mounted `ConfigMap`. A version
//! counts once it has stood still, and as a whole or not at all.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use walkdir::WalkDir;

use crate::desired::base::Known;
use crate::desired::diagnostic::Severity;
use crate::desired::state::DesiredState;
use crate::desired::{self, Read, base};

/// How often every text is read although nothing about the files seems to have changed: some file systems count time in
/// seconds, and some copy it.
const READ_ANYWAY: SignedDuration = SignedDuration::from_mins(1);

/// The directory, and what was last seen of it.
#[derive(Debug)]
pub(super) struct Files {
    dir: PathBuf,
    /// The look of the directory at the last poll, and at the last time its texts were read.
    seen: Option<u64>,
    read: Option<u64>,
    read_at: Timestamp,
}

impl Files {
    /// A directory that nothing is known of.
    pub(super) fn new(dir: PathBuf) -> Self {
        Self { dir, seen: None, read: None, read_at: Timestamp::MIN }
    }

    /// The texts, unless nothing changed since they were last read, or something still changes.
    pub(super) fn poll(&mut self, now: Timestamp) -> Option<Read> {
        let look = look(&self.dir);
        let stands_still = self.seen == Some(look) || self.seen.is_none();
        self.seen = Some(look);
        let is_known = self.read == Some(look) && now.duration_since(self.read_at) < READ_ANYWAY;
        if !stands_still || is_known {
            return None;
        }
        let read = desired::read(&self.dir);
        let after = self::look(&self.dir);
        if after != look {
            // Somebody writes at this moment: what was read may be half of it.
            self.seen = Some(after);
            return None;
        }
        (self.read, self.read_at) = (Some(look), now);
        Some(read)
    }
}

/// What becomes of a version of the files.
#[derive(Debug)]
pub(super) enum Judged {
    /// It can be used.
    Usable(Box<DesiredState>),
    /// It must not be.
    Unusable,
}

/// Whether a version may follow the one in force or, where its text is gone, the one of which only is known whom it was
/// about. What keeps it from that is added to its problems.
pub(super) fn judge(read: &mut Read, in_force: Option<&DesiredState>, known: Option<&Known>) -> Judged {
    let Some(state) = read.state.take() else { return Judged::Unusable };
    let found = match (in_force, known) {
        (Some(before), _) => base::compare(before, &state),
        (None, Some(known)) => base::compare_tenants(known, &state),
        (None, None) => Vec::new(),
    };
    let broken = found.iter().any(|problem| problem.severity == Severity::Error);
    read.diagnostics.extend(found);
    if broken {
        return Judged::Unusable;
    }
    Judged::Usable(Box::new(state))
}

/// The commit that a Git side car names the directory after, or one above it.
pub(super) fn commit(dir: &Path) -> Option<String> {
    let real = fs::canonicalize(dir).ok()?;
    let is_commit =
        |name: &&str| matches!(name.len(), 40 | 64) && name.bytes().all(|b| b.is_ascii_hexdigit());
    let names = real.ancestors().filter_map(|path| path.file_name()?.to_str());
    names.take(4).find(is_commit).map(str::to_owned)
}

/// Whether nothing is there yet: no directory, or one with nothing in it but what is hidden, as where Git has just begun, or
/// what a new volume holds.
pub(super) fn is_blank(dir: &Path) -> bool {
    let says_something = |entry: fs::DirEntry| {
        let name = entry.file_name();
        !name.to_string_lossy().starts_with('.') && name != "lost+found"
    };
    fs::read_dir(dir).map_or(true, |entries| !entries.flatten().any(says_something))
}

/// What a change of the files changes: where they really are, and of each entry below its name, size and times.
fn look(dir: &Path) -> u64 {
    let mut hasher = DefaultHasher::new();
    let root = fs::canonicalize(dir);
    root.as_ref().ok().hash(&mut hasher);
    let root = root.unwrap_or_else(|_| dir.to_owned());
    fs::read_link(root.join("..data")).ok().hash(&mut hasher);
    let visible = |entry: &walkdir::DirEntry| {
        entry.depth() == 0 || !entry.file_name().to_string_lossy().starts_with('.')
    };
    // Links of the root are followed: a `ConfigMap` consists of them.
    let walk = WalkDir::new(&root).follow_links(true).max_depth(32).sort_by_file_name();
    for entry in walk.into_iter().filter_entry(visible) {
        let Ok(entry) = entry else {
            "unreadable".hash(&mut hasher);
            continue;
        };
        // The kill switch is looked for on its own, and is no change of the files.
        if entry.depth() == 1 && entry.file_name() == "STOP" || entry.file_type().is_dir() {
            continue;
        }
        entry.path().hash(&mut hasher);
        if let Ok(metadata) = entry.metadata() {
            metadata.len().hash(&mut hasher);
            metadata.modified().ok().hash(&mut hasher);
            #[cfg(unix)]
            {
                use std::os::unix::fs::MetadataExt as _;
                (metadata.ino(), metadata.ctime(), metadata.ctime_nsec()).hash(&mut hasher);
            }
        }
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARTNER: &str = "apiVersion: groupsync.dev/v1\nkind: Partner\n";

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_version_counts_once_it_has_stood_still() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("partner.yaml"), PARTNER).unwrap();
        let mut files = Files::new(dir.path().to_owned());
        assert!(files.poll(at(0)).is_some(), "the first look takes what is there");
        assert!(files.poll(at(2)).is_none(), "nothing changed");
        fs::write(dir.path().join("policy.yaml"), PARTNER).unwrap();
        assert!(files.poll(at(4)).is_none(), "somebody may still be writing");
        assert_eq!(files.poll(at(6)).map(|read| read.sources.iter().count()), Some(2));
        assert!(files.poll(at(8)).is_none());
        assert!(
            files.poll(at(70)).is_some(),
            "now and then the texts are read whatever the file system says"
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_swapped_link_is_a_new_version_and_names_its_commit() {
        use std::os::unix::fs::symlink;

        let dir = tempfile::tempdir().unwrap();
        let link = dir.path().join("current");
        let commits = ["a".repeat(40), "b".repeat(40)];
        for commit in &commits {
            fs::create_dir_all(dir.path().join(commit).join("desired-state")).unwrap();
            fs::write(dir.path().join(commit).join("desired-state/partner.yaml"), commit).unwrap();
        }
        symlink(dir.path().join(&commits[0]), &link).unwrap();
        let inside = link.join("desired-state");
        let mut files = Files::new(inside.clone());
        files.poll(at(0)).unwrap();
        assert_eq!(commit(&inside).as_ref(), Some(&commits[0]));
        fs::remove_file(&link).unwrap();
        symlink(dir.path().join(&commits[1]), &link).unwrap();
        assert!(files.poll(at(2)).is_none());
        let read = files.poll(at(4)).unwrap();
        assert_eq!(read.sources.iter().next().map(|source| source.text.as_str()), Some(commits[1].as_str()));
        assert_eq!(commit(&inside).as_ref(), Some(&commits[1]));
    }

    #[test]
    fn a_directory_that_is_being_filled_is_blank() {
        let dir = tempfile::tempdir().unwrap();
        assert!(is_blank(&dir.path().join("gone")) && is_blank(dir.path()));
        fs::create_dir(dir.path().join(".git")).unwrap();
        fs::create_dir(dir.path().join("lost+found")).unwrap();
        assert!(is_blank(dir.path()));
        fs::write(dir.path().join("partner.yaml"), PARTNER).unwrap();
        assert!(!is_blank(dir.path()));
    }
}
