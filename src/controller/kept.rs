//! What outlives the process beside the journal: the text of the files that were accepted last, with which one that starts
//! beside broken files goes on ending what ends; and that of the kill switch, which stops one that starts beside none.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::desired::source::{Source, Sources};

/// Where both are kept; nowhere without a journal.
#[derive(Debug, Clone, Default)]
pub struct Kept(Option<Places>);

#[derive(Debug, Clone)]
struct Places {
    files: PathBuf,
    stop: PathBuf,
}

impl Kept {
    /// Nowhere.
    pub fn nowhere() -> Self {
        Self(None)
    }

    /// Beside a file: under its name and `.files.json`, and `.stop`.
    pub fn beside(journal: &Path) -> Self {
        Self(Some(Places { files: with(journal, ".files.json"), stop: with(journal, ".stop") }))
    }

    /// What was kept last, if it can be read.
    pub(super) fn load(&self) -> Option<Sources> {
        let path = &self.0.as_ref()?.files;
        let text = match fs::read(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(error) => {
                tracing::warn!(%error, path = %path.display(), "the files accepted last cannot be read");
                return None;
            }
        };
        match serde_json::from_slice::<Vec<(String, String)>>(&text) {
            Ok(files) => {
                Some(Sources::new(files.into_iter().map(|(path, text)| Source { path, text }).collect()))
            }
            Err(error) => {
                tracing::warn!(%error, path = %path.display(), "what was kept of the files accepted last is no record of them");
                None
            }
        }
    }

    /// Keeps these in place of what was kept. Returns whether that succeeded; if not, nothing is kept: with older files the
    /// next start would give back what these take away.
    pub(super) fn keep(&self, sources: &Sources) -> bool {
        let Some(Places { files: path, .. }) = &self.0 else { return true };
        let texts: Vec<(&str, &str)> = sources.iter().map(|s| (s.path.as_str(), s.text.as_str())).collect();
        let written =
            serde_json::to_vec(&texts).map_err(io::Error::from).and_then(|text| replace(path, &text));
        let Err(error) = written else { return true };
        tracing::error!(%error, path = %path.display(), "the files accepted now cannot be kept for the next start");
        remove(path);
        false
    }

    /// The text of the kill switch that was seen last, if it was not seen to be gone.
    pub(super) fn stop(&self) -> Option<String> {
        let path = &self.0.as_ref()?.stop;
        match fs::read(path) {
            Ok(text) => Some(String::from_utf8_lossy(&text).into_owned()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                tracing::error!(%error, path = %path.display(), "whether writing was stopped before cannot be told");
                Some("whether there was a file STOP cannot be told".to_owned())
            }
        }
    }

    /// Keeps the text of the kill switch, or that there is none any more.
    pub(super) fn keep_stop(&self, reason: Option<&str>) {
        let Some(Places { stop: path, .. }) = &self.0 else { return };
        let Some(reason) = reason else { return remove(path) };
        if let Err(error) = replace(path, reason.as_bytes()) {
            tracing::error!(%error, path = %path.display(), "the kill switch cannot be kept for the next start");
        }
    }
}

fn with(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

/// Written whole under another name first, so that a process that dies leaves the one or the other.
fn replace(path: &Path, text: &[u8]) -> io::Result<()> {
    let new = with(path, ".new");
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    // It holds the addresses of people.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&new)?;
    file.write_all(text)?;
    file.sync_all()?;
    fs::rename(&new, path)
}

fn remove(path: &Path) {
    if let Err(error) = fs::remove_file(path)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::error!(%error, path = %path.display(), "what is out of date cannot be removed");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_comes_back_and_half_of_it_is_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let kept = Kept::beside(&dir.path().join("journal.sqlite"));
        assert_eq!(kept.load(), None);
        let sources =
            Sources::new(vec![Source { path: "partner.yaml".to_owned(), text: "a: \"b\"\n".to_owned() }]);
        assert!(kept.keep(&sources));
        assert_eq!(kept.load(), Some(sources));
        let path = dir.path().join("journal.sqlite.files.json");
        let text = fs::read(&path).unwrap();
        fs::write(&path, &text[..text.len() / 2]).unwrap();
        assert_eq!(kept.load(), None);
        assert_eq!(Kept::nowhere().load(), None);
    }

    #[test]
    fn files_that_cannot_be_kept_leave_none_that_are_older() {
        let dir = tempfile::tempdir().unwrap();
        let kept = Kept::beside(&dir.path().join("journal.sqlite"));
        let of = |text: &str| {
            Sources::new(vec![Source { path: "partner.yaml".to_owned(), text: text.to_owned() }])
        };
        assert!(kept.keep(&of("old")));
        // Where something stands in the way nothing can be written.
        let way = dir.path().join("journal.sqlite.files.json.new");
        fs::create_dir(&way).unwrap();
        assert!(!kept.keep(&of("new")));
        assert_eq!(kept.load(), None);
        fs::remove_dir(&way).unwrap();
        assert!(kept.keep(&of("new")));
        assert_eq!(kept.load(), Some(of("new")));
    }

    #[test]
    fn a_kill_switch_is_kept_until_it_is_gone() {
        let dir = tempfile::tempdir().unwrap();
        let kept = Kept::beside(&dir.path().join("journal.sqlite"));
        assert_eq!(kept.stop(), None);
        kept.keep_stop(Some(""));
        assert_eq!(kept.stop().as_deref(), Some(""));
        kept.keep_stop(None);
        assert_eq!(kept.stop(), None);
        kept.keep_stop(None);
    }
}
