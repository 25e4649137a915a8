//! The text of the files that were accepted last, beside the journal: with it a process that starts beside broken files goes on
//! ending what ends.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::desired::source::{Source, Sources};

/// Where the text is kept; nowhere without a journal.
#[derive(Debug, Clone, Default)]
pub struct Kept(Option<PathBuf>);

impl Kept {
    /// Nowhere.
    pub fn nowhere() -> Self {
        Self(None)
    }

    /// Beside a file: under its name and `.files.json`.
    pub fn beside(journal: &Path) -> Self {
        let mut name = journal.as_os_str().to_owned();
        name.push(".files.json");
        Self(Some(name.into()))
    }

    /// What was kept last, if it can be read.
    pub(super) fn load(&self) -> Option<Sources> {
        let path = self.0.as_ref()?;
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

    /// Keeps these in place of what was kept.
    pub(super) fn keep(&self, sources: &Sources) {
        let Some(path) = &self.0 else { return };
        if let Err(error) = replace(path, sources) {
            // The files in force stay in force; only a start beside broken ones would miss them.
            tracing::error!(%error, path = %path.display(), "the files accepted now cannot be kept for the next start");
        }
    }
}

/// Written whole under another name first, so that a process that dies leaves the one or the other.
fn replace(path: &Path, sources: &Sources) -> io::Result<()> {
    let texts: Vec<(&str, &str)> = sources.iter().map(|s| (s.path.as_str(), s.text.as_str())).collect();
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let new = PathBuf::from(name);
    let mut file = File::create(&new)?;
    file.write_all(serde_json::to_string(&texts)?.as_bytes())?;
    file.sync_all()?;
    fs::rename(&new, path)
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
        kept.keep(&sources);
        assert_eq!(kept.load(), Some(sources));
        let path = dir.path().join("journal.sqlite.files.json");
        let text = fs::read(&path).unwrap();
        fs::write(&path, &text[..text.len() / 2]).unwrap();
        assert_eq!(kept.load(), None);
        assert_eq!(Kept::nowhere().load(), None);
    }
}
