//! Why a command ended without doing what it was asked for.

use crate::cli::exit::Exit;

/// An error for the person at the terminal: what went wrong with its causes, what to do about it, and the exit code.
#[derive(Debug)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// What went wrong.
    pub error: anyhow::Error,
    /// What to do, where there is something.
    pub hint: Option<String>,
}

impl Failure {
    /// Something that was given is wrong: files, settings or usage.
    pub fn usage(error: impl Into<anyhow::Error>) -> Self {
        Self { exit: Exit::Usage, error: error.into(), hint: None }
    }

    /// Something that was given is wrong, in words.
    pub fn misused(message: impl Into<String>) -> Self {
        Self::usage(anyhow::Error::msg(message.into()))
    }

    /// The same with advice.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self { exit: Exit::Failure, error: error.into(), hint: None }
    }
}
