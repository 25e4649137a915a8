//! Traces over OTLP: each pass, operation and request as a span, sent to the collector that `OTEL_EXPORTER_OTLP_ENDPOINT` names.
//! All settings are OpenTelemetry's own variables.

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{ExporterBuildError, SpanExporter};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use tracing::{Level, Metadata, Subscriber};
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::registry::LookupSpan;

/// The layer that sends spans, and what sends the last of them when the program ends.
pub(super) fn layer<S>() -> Result<(impl Layer<S>, SdkTracerProvider), ExporterBuildError>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    // It sends from a thread of its own, which waits for answers: it must not be one of the program's runtime.
    let exporter = SpanExporter::builder().with_http().build()?;
    let provider = SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_resource(Resource::builder().with_service_name("groupsync").build())
        .build();
    let layer: OpenTelemetryLayer<S, SdkTracer> =
        tracing_opentelemetry::layer().with_tracer(provider.tracer("groupsync")).with_location(false);
    Ok((layer.with_filter(filter_fn(leaves)), provider))
}

/// Our own spans, and what is logged as information or worse: nothing more talkative may name people.
fn leaves(metadata: &Metadata<'_>) -> bool {
    metadata.target().starts_with("groupsync") && (metadata.is_span() || *metadata.level() <= Level::INFO)
}
