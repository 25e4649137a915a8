//! How far a long command is, on stderr, where somebody watches it.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cli::printer::Printer;

/// A line that says what is being done and how far it is; silent in a pipe.
pub struct Progress(ProgressBar);

impl Progress {
    /// Starts a line.
    pub fn start(printer: &Printer, doing: &str, of: usize) -> Self {
        let target =
            if printer.is_watched() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(of as u64), target);
        let style =
            ProgressStyle::with_template("{spinner:.cyan} {prefix} {bar:24.cyan/dim} {pos}/{len} {msg:.dim}");
        bar.set_style(style.expect("a constant template"));
        bar.set_prefix(doing.to_owned());
        bar.enable_steady_tick(Duration::from_millis(100));
        Self(bar)
    }

    /// One more is done.
    pub fn step(&self, what: &str) {
        self.0.set_message(what.to_owned());
        self.0.inc(1);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
