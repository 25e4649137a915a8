//! How far a pass is, on stderr, where somebody watches it.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cli::printer::Printer;
use crate::reconcile::Progress;

/// One line that says what is being done and how far it is; silent in a pipe, gone when it is dropped.
pub struct Bar(ProgressBar);

impl Bar {
    /// A line that shows nothing yet.
    pub fn new(printer: &Printer) -> Self {
        let watched = printer.is_watched();
        let target = if watched { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(0), target);
        let style = "{spinner:.cyan} {prefix} {bar:24.cyan/dim} {pos}/{len} {msg:.dim}";
        bar.set_style(ProgressStyle::with_template(style).expect("a constant template"));
        if watched {
            bar.enable_steady_tick(Duration::from_millis(100));
        }
        Self(bar)
    }

    /// Says that so many operations will be carried out.
    pub fn writing(&self, operations: usize) {
        self.phase("writing", operations);
    }

    /// Shows how far a pass has come.
    pub fn show(&self, progress: Progress<'_>) {
        match progress {
            Progress::Reading(customers) => self.phase("reading", customers),
            Progress::Planned(customer) | Progress::Ended(customer, _) => self.step(customer.as_str()),
            Progress::Rereading(customers) => self.phase("reading again", customers),
        }
    }

    fn phase(&self, doing: &str, of: usize) {
        self.0.set_prefix(doing.to_owned());
        self.0.set_message("");
        self.0.set_length(of as u64);
        self.0.set_position(0);
    }

    fn step(&self, what: &str) {
        self.0.set_message(what.to_owned());
        self.0.inc(1);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
