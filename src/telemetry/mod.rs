//! What the program does, line by line on stderr and as numbers for Prometheus, for whoever runs it.

pub mod metrics;
#[cfg(feature = "otel")]
mod otlp;

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
    /// Traces cannot be sent as the environment says.
    #[error("traces cannot be sent over OTLP")]
    Traces(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Whether traces leave the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Traces {
    /// They do not.
    #[default]
    Off,
    /// Over OTLP, as OpenTelemetry's own variables say: `OTEL_EXPORTER_OTLP_ENDPOINT` and its kin.
    Otlp,
}

/// What was set up. Dropping it sends what has not been sent.
#[must_use = "dropping it ends the sending of traces"]
#[derive(Debug, Default)]
pub struct Telemetry {
    #[cfg(feature = "otel")]
    provider: Option<opentelemetry_sdk::trace::SdkTracerProvider>,
}

#[cfg(feature = "otel")]
impl Drop for Telemetry {
    fn drop(&mut self) {
        if let Some(Err(error)) = self.provider.take().map(|provider| provider.shutdown()) {
            tracing::warn!(%error, "the last traces could not be sent");
        }
    }
}

/// Sends the log lines that pass `filter` to stderr, and traces where they are asked for, from now on and for the whole
/// process. Without a filter only warnings and errors pass.
pub fn install(
    filter: Option<&str>,
    format: Format,
    colour: Colour,
    traces: Traces,
) -> Result<Telemetry, TelemetryError> {
    let text = filter.unwrap_or(DEFAULT_FILTER);
    let filter = EnvFilter::try_new(text)
        .map_err(|source| TelemetryError::Filter { filter: text.to_owned(), source })?;
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr).with_span_events(FmtSpan::NONE);
    let lines = match format {
        Format::Text => lines.with_ansi(colour == Colour::Always).boxed(),
        Format::Json => lines.json().boxed(),
    };
    // The filter is the lines' alone: traces leave whole.
    let registry = tracing_subscriber::registry().with(lines.with_filter(filter));
    match traces {
        Traces::Off => {
            registry.try_init().map_err(TelemetryError::Installed)?;
            Ok(Telemetry::default())
        }
        #[cfg(feature = "otel")]
        Traces::Otlp => {
            let (layer, provider) = otlp::layer().map_err(|error| TelemetryError::Traces(error.into()))?;
            registry.with(layer).try_init().map_err(TelemetryError::Installed)?;
            Ok(Telemetry { provider: Some(provider) })
        }
        #[cfg(not(feature = "otel"))]
        Traces::Otlp => {
            registry.try_init().map_err(TelemetryError::Installed)?;
            // Some clusters set these variables for everybody: no reason not to run.
            tracing::warn!("traces are asked for and this build cannot send any: it takes the feature otel");
            Ok(Telemetry::default())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_that_is_none_is_refused_before_anything_is_set_up() {
        let error = install(Some("groupsync=loud"), Format::Text, Colour::Never, Traces::Off).unwrap_err();
        assert_eq!(error.to_string(), "`groupsync=loud` is not a log filter such as info or groupsync=debug");
    }
}
