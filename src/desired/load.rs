//! The only reader of desired-state files: every file once, nothing outside the directory, nothing hidden in the text.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use crate::bounded;
use crate::desired::code::{self, Code};
use crate::desired::diagnostic::Diagnostic;
use crate::desired::problems::of_file;
use crate::desired::source::{Source, Sources, Spot};

/// The largest file that is read.
const LARGEST: u64 = 4 * 1024 * 1024;

/// The kill switch at the root.
const STOP: &str = "STOP";

/// How much of the kill switch's reason is read: a sentence has room in it.
const LONGEST_REASON: u64 = 4 * 1024;

/// What a directory holds.
#[derive(Debug, Default)]
pub(super) struct Loaded {
    /// The texts.
    pub(super) sources: Sources,
    /// The text of the kill switch, if it is there.
    pub(super) stop: Option<String>,
    /// What could not be read, or should not be there.
    pub(super) problems: Vec<Diagnostic>,
    /// Paths of desired-state files whose text is missing from `sources`.
    pub(super) lost: Vec<String>,
}

/// Reads the directory. `dir` itself may be a symbolic link: a Git side car swaps it for another tree, so it is resolved
/// once.
pub(super) fn load(dir: &Path) -> Loaded {
    let mut reader = Reader::default();
    match fs::canonicalize(dir).and_then(|root| reader.root(&root)) {
        Ok(()) => {}
        Err(error) => {
            let (message, hint) = match error.kind() {
                io::ErrorKind::NotFound => (
                    format!("there is no directory `{}`", dir.display()),
                    "name the directory that holds partner.yaml",
                ),
                io::ErrorKind::NotADirectory => (
                    format!("`{}` is not a directory", dir.display()),
                    "name the directory, not a file in it",
                ),
                _ => (format!("`{}` cannot be read: {error}", dir.display()), "check its permissions"),
            };
            reader.whole(code::NO_DIRECTORY, "", message, Some(hint));
            return reader.loaded;
        }
    }
    reader.loaded.sources = Sources::new(std::mem::take(&mut reader.files));
    if reader.loaded.sources.is_empty() && reader.loaded.lost.is_empty() {
        let message = format!("`{}` holds no desired state", dir.display());
        let hint = "it needs at least a Partner and a Policy, see desired-state/ of this project";
        reader.whole(code::NO_DOCUMENTS, "", message, Some(hint));
    }
    reader.loaded
}

#[derive(Debug, Default)]
struct Reader {
    files: Vec<Source>,
    loaded: Loaded,
}

impl Reader {
    fn whole(&mut self, code: Code, file: &str, message: impl Into<String>, hint: Option<&str>) {
        self.loaded.problems.push(of_file(code, file, message, hint));
    }

    /// The entries of the root. Kubernetes mounts a volume as links into `..data`, itself a link to the current version:
    /// it is read once, so that a swap meanwhile cannot mix two versions.
    fn root(&mut self, root: &Path) -> io::Result<()> {
        let version = fs::read_link(root.join("..data")).ok().filter(|target| is_plain_name(target));
        for entry in fs::read_dir(root)? {
            let entry = entry?;
            let name = entry.file_name();
            let Some(name) = name.to_str() else {
                self.bad_name(&entry.path().display().to_string());
                continue;
            };
            if name.starts_with('.') {
                continue;
            }
            if name == STOP {
                // Read leniently: whatever it is and whatever is in it, writing must stop.
                self.loaded.stop = stop(root);
            }
            let mut path = entry.path();
            if entry.file_type()?.is_symlink() {
                let target = fs::read_link(&path)?;
                let Some(inside) = version.as_ref().and_then(|v| into_data(root, v, &target)) else {
                    self.link(name);
                    continue;
                };
                path = inside;
            }
            self.tree(&path, name);
        }
        Ok(())
    }

    /// A file or folder of the root, with everything below it.
    fn tree(&mut self, top: &Path, name: &str) {
        let visible = |entry: &walkdir::DirEntry| {
            entry.depth() == 0 || !entry.file_name().to_string_lossy().starts_with('.')
        };
        for entry in WalkDir::new(top).sort_by_file_name().into_iter().filter_entry(visible) {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    let path = error.path().unwrap_or(top).strip_prefix(top).unwrap_or(top);
                    let path = joined(name, path).unwrap_or_else(|| name.to_owned());
                    self.unreadable(&path, &error);
                    continue;
                }
            };
            let below = entry.path().strip_prefix(top).expect("a walk stays below its top");
            let Some(path) = joined(name, below) else {
                self.bad_name(&format!("{name}/{}", below.display()));
                continue;
            };
            let kind = entry.file_type();
            if kind.is_symlink() {
                self.link(&path);
            } else if kind.is_file() {
                self.file(entry.path(), &path);
            } else if !kind.is_dir() {
                self.whole(code::STRAY_FILE, &path, "this is not a regular file", Some("remove it"));
            }
        }
    }

    fn file(&mut self, at: &Path, path: &str) {
        let name = path.rsplit('/').next().unwrap_or(path);
        if path == STOP {
            // Its text was read already.
        } else if is_desired_state(name) {
            match read(at) {
                Ok(Some(bytes)) => self.text(path, bytes),
                Ok(None) => {
                    let hint = "split it: groups and customers may be spread over any number of files";
                    self.whole(code::TOO_LARGE, path, "the file is larger than 4 MiB", Some(hint));
                    self.loaded.lost.push(path.to_owned());
                }
                Err(error) => self.unreadable(path, &error),
            }
        } else if name == STOP {
            let hint = "the kill switch is a file STOP at the root of the directory";
            self.whole(code::STRAY_FILE, path, "STOP has no effect here", Some(hint));
        } else if name != "README.md" {
            let hint =
                "only *.yaml, *.yml, README.md and names that start with a dot belong in the directory";
            self.whole(code::STRAY_FILE, path, "this file does not belong here", Some(hint));
        }
    }

    fn text(&mut self, path: &str, bytes: Vec<u8>) {
        match String::from_utf8(bytes) {
            Ok(text) => self.files.push(Source { path: path.to_owned(), text }),
            Err(error) => {
                let good = String::from_utf8_lossy(&error.as_bytes()[..error.utf8_error().valid_up_to()]);
                let small = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
                let line = small(good.split('\n').count());
                let column = small(good.rsplit('\n').next().unwrap_or("").chars().count() + 1);
                let shown = String::from_utf8_lossy(error.as_bytes()).into_owned();
                let shown = Sources::new(vec![Source { path: path.to_owned(), text: shown }]);
                let spot = Spot { file: 0, line, column, width: 1 };
                let mut problem =
                    of_file(code::NOT_UTF8, path, "this is not UTF-8", Some("save the file as UTF-8"));
                problem.origin = shown.origin(spot);
                (problem.source_line, problem.span) = shown.line(spot);
                self.loaded.problems.push(problem);
                self.loaded.lost.push(path.to_owned());
            }
        }
    }

    fn unreadable(&mut self, path: &str, error: &dyn std::error::Error) {
        self.whole(
            code::UNREADABLE,
            path,
            format!("the file cannot be read: {error}"),
            Some("check its permissions"),
        );
        self.loaded.lost.push(path.to_owned());
    }

    fn link(&mut self, path: &str) {
        let hint = "put the file itself here: a link could lead out of the reviewed directory";
        self.whole(code::SYMBOLIC_LINK, path, "symbolic links are not followed", Some(hint));
        self.loaded.lost.push(path.to_owned());
    }

    fn bad_name(&mut self, path: &str) {
        self.whole(code::STRAY_FILE, path, "the file's name is not UTF-8", Some("rename it"));
    }
}

/// The text of the kill switch, if it is there.
pub(super) fn stop(dir: &Path) -> Option<String> {
    let path = dir.join(STOP);
    match path.symlink_metadata() {
        Ok(found) if found.is_symlink() => Some(behind_link(dir, &path).unwrap_or_default()),
        Ok(_) => Some(reason(&path)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        // Not to know is no reason to write; a directory that is gone as a whole says nothing at all.
        Err(_) if !dir.exists() => None,
        Err(_) => Some("whether there is a file STOP cannot be told".to_owned()),
    }
}

/// What a link says that the kubelet made. Any other stops as well, and is not followed: what it leads to would be shown in
/// every log and page, and may be a secret of this machine.
fn behind_link(dir: &Path, link: &Path) -> Option<String> {
    let version = fs::read_link(dir.join("..data")).ok().filter(|target| is_plain_name(target))?;
    into_data(dir, &version, &fs::read_link(link).ok()?).map(|at| reason(&at))
}

/// The text of the kill switch, as far as it can be read: whatever it is, writing must stop.
fn reason(at: &Path) -> String {
    let mut bytes = Vec::new();
    // Opening something else, such as a pipe, could wait for ever.
    let is_file = fs::symlink_metadata(at).is_ok_and(|found| found.is_file());
    if is_file && let Ok(file) = fs::File::open(at) {
        // As much as was read before a failure is shown.
        let _as_far_as_it_goes = file.take(LONGEST_REASON).read_to_end(&mut bytes);
    }
    String::from_utf8_lossy(&bytes).trim().to_owned()
}

/// The bytes of a file, or none if there are too many. The size is checked while reading: a file may grow.
fn read(at: &Path) -> io::Result<Option<Vec<u8>>> {
    match bounded::read(at, LARGEST) {
        Err(error) if error.kind() == io::ErrorKind::FileTooLarge => Ok(None),
        read => read.map(Some),
    }
}

fn is_desired_state(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|e| e == "yaml" || e == "yml")
}

/// Whether a link's target is one name in the same folder, as in `..data -> ..2030_01_01`.
fn is_plain_name(target: &Path) -> bool {
    target.file_name() == Some(target.as_os_str()) && target.as_os_str() != ".."
}

/// Where a link of the root leads, if it leads into the kubelet's `..data` and to a file or folder there that is no link.
fn into_data(root: &Path, version: &Path, target: &Path) -> Option<PathBuf> {
    let name = target.strip_prefix("..data").ok().filter(|name| is_plain_name(name))?;
    let inside = root.join(version).join(name);
    let is_link = |path: &Path| fs::symlink_metadata(path).map(|m| m.file_type().is_symlink());
    (!is_link(&root.join(version)).ok()? && !is_link(&inside).ok()?).then_some(inside)
}

/// The path of something `below` the root's entry `name`, with `/`.
fn joined(name: &str, below: &Path) -> Option<String> {
    let mut path = name.to_owned();
    for part in below {
        path.push('/');
        path.push_str(part.to_str()?);
    }
    Some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stop_that_cannot_be_read_stops_and_a_lost_directory_does_not() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(stop(dir.path()), None);
        fs::create_dir(dir.path().join("STOP")).unwrap();
        assert_eq!(stop(dir.path()).as_deref(), Some(""));
        assert_eq!(load(dir.path()).stop.as_deref(), Some(""), "and a plan says so");
        assert_eq!(stop(&dir.path().join("gone")), None);
    }

    #[cfg(unix)]
    #[test]
    fn a_stop_in_a_mounted_volume_is_read_with_its_text() {
        let dir = tempfile::tempdir().unwrap();
        let link = |to: &str, name: &str| std::os::unix::fs::symlink(to, dir.path().join(name)).unwrap();
        fs::create_dir(dir.path().join("..2030_01_01")).unwrap();
        fs::write(dir.path().join("..2030_01_01/STOP"), "incident 7").unwrap();
        link("..2030_01_01", "..data");
        link("..data/STOP", "STOP");
        assert_eq!(stop(dir.path()).as_deref(), Some("incident 7"));
        assert_eq!(load(dir.path()).stop.as_deref(), Some("incident 7"));
    }
}
