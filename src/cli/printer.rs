//! The one place that writes to stdout and stderr: data to stdout, everything for the person to stderr.

use std::io::{self, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice};

use crate::cli::failure::Failure;
use crate::report::escape::escape;
use crate::report::paint::{ALARM, DIM, STRONG, paint};

/// Both streams. Colour is taken out where it is not wanted.
pub struct Printer {
    out: AutoStream<io::Stdout>,
    err: AutoStream<io::Stderr>,
}

impl Printer {
    /// A printer that colours as asked.
    pub fn new(colour: ColorChoice) -> Self {
        Self { out: AutoStream::new(io::stdout(), colour), err: AutoStream::new(io::stderr(), colour) }
    }

    /// Writes data.
    pub fn data(&mut self, text: &str) -> Result<(), Failure> {
        match self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush()) {
            // Whoever reads has seen enough, as in `groupsync plan | head`.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            result => Ok(result?),
        }
    }

    /// Tells the person something.
    pub fn note(&mut self, text: &str) {
        self.tell(&format!("{}\n", text.trim_end()));
    }

    /// Tells the person what went wrong, with its causes and what to do.
    pub fn failure(&mut self, failure: &Failure) {
        let causes: Vec<String> = failure.error.chain().map(ToString::to_string).collect();
        // A cause may quote what a service or a file said.
        let causes = causes.join(": ");
        let lines: Vec<_> = causes.lines().map(escape).collect();
        let mut text = format!("{} {}\n", paint(ALARM, "error:"), lines.join("\n  "));
        if let Some(hint) = &failure.hint {
            text = format!("{text}  {} {hint}\n", paint(STRONG, "hint:"));
        }
        self.tell(&text);
    }

    /// Asks a question that only `yes` answers with yes. Whoever cannot be asked has not agreed.
    pub fn confirm(&mut self, question: &str) -> Result<bool, Failure> {
        self.tell(&format!("{} {} ", paint(STRONG, question), paint(DIM, "[only `yes` is yes]")));
        let mut answer = String::new();
        io::stdin().read_line(&mut answer)?;
        Ok(answer.trim() == "yes")
    }

    /// Whether somebody can be asked and sees the question.
    pub fn can_ask(&self) -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Whether somebody watches stderr.
    pub fn is_watched(&self) -> bool {
        io::stderr().is_terminal()
    }

    /// Whether stderr is coloured.
    pub fn colours_stderr(&self) -> bool {
        self.err.current_choice() != ColorChoice::Never
    }

    /// Nothing can be done about a stderr that cannot be written to, and the exit code still tells.
    fn tell(&mut self, text: &str) {
        let _unheard = self.err.write_all(text.as_bytes()).and_then(|()| self.err.flush());
    }
}
