//! What the program does, line by line on stderr and as numbers for Prometheus, for whoever runs it.

pub mod metrics;

use std::io;

use tracing_subscriber::filter::ParseError;
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::util::TryInitError;
use tracing_subscriber::{EnvFilter, Layer, layer::SubscriberExt, util::SubscriberInitExt};

/// What is logged when nobody asks for anything else.
const DEFAULT_FILTER: &str = "warn";

/// How a log line is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// One JSON object per line, for machines.
    Json,
}

/// Whether log lines may be coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Colour {
    /// Plain text.
    #[default]
    Never,
    /// For a terminal.
    Always,
}

/// Why logging could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter is not a list of `target=level`.
    #[error("`{filter}` is not a log filter such as info or groupsync=debug")]
    Filter {
        /// As given.
        filter: String,
        /// What is wrong with it.
        source: ParseError,
    },
    /// Something else receives the log lines of this process already.
    #[error("logging is already set up")]
    Installed(#[source] TryInitError),
}

/// Sends the log lines that pass `filter` to stderr, from now on and for the whole process. Without a filter only warnings
/// and errors pass.
pub fn install(filter: Option<&str>, format: Format, colour: Colour) -> Result<(), TelemetryError> {
    let text = filter.unwrap_or(DEFAULT_FILTER);
    let filter = EnvFilter::try_new(text)
        .map_err(|source| TelemetryError::Filter { filter: text.to_owned(), source })?;
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr).with_span_events(FmtSpan::NONE);
    let layer = match format {
        Format::Text => lines.with_ansi(colour == Colour::Always).boxed(),
        Format::Json => lines.json().boxed(),
    };
    tracing_subscriber::registry().with(layer).with(filter).try_init().map_err(TelemetryError::Installed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_that_is_none_is_refused_before_anything_is_set_up() {
        let error = install(Some("groupsync=loud"), Format::Text, Colour::Never).unwrap_err();
        assert_eq!(error.to_string(), "`groupsync=loud` is not a log filter such as info or groupsync=debug");
    }
}
