//! Colour. It repeats what signs and words already say; the printer takes it out wherever it is not wanted.

use std::fmt::Display;

use anstyle::{AnsiColor, Style};

/// What is given.
pub const ADD: Style = AnsiColor::Green.on_default();
/// What is taken.
pub const REMOVE: Style = AnsiColor::Red.on_default();
/// What is altered, or needs a look.
pub const CHANGE: Style = AnsiColor::Yellow.on_default();
/// What somebody must act on.
pub const ALARM: Style = AnsiColor::Red.on_default().bold();
/// A heading.
pub const STRONG: Style = Style::new().bold();
/// Reasons and places.
pub const DIM: Style = Style::new().dimmed();
/// A name that begins a block.
pub const NAME: Style = AnsiColor::Cyan.on_default().bold();

/// The text in a style.
pub fn paint(style: Style, text: impl Display) -> String {
    format!("{style}{text}{style:#}")
}
