//! Logs on stderr, and traces to an OpenTelemetry collector if the settings name one.

use anyhow::Context as _;
use opentelemetry::{
    propagation::{Extractor, TextMapPropagator},
    trace::{TraceContextExt, TracerProvider},
};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig};
use opentelemetry_sdk::{Resource, propagation::TraceContextPropagator, trace::SdkTracerProvider};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::{EnvFilter, layer::SubscriberExt, util::SubscriberInitExt};

use crate::settings::Settings;

/// The logs and traces of this process.
#[must_use = "stopping it sends the last spans"]
pub struct Telemetry(Option<SdkTracerProvider>);

/// Starts logging and tracing. Call it once per process.
///
/// # Errors
/// When the log filter or the collector's address is invalid.
pub fn start(settings: &Settings) -> anyhow::Result<Telemetry> {
    let provider = settings.otlp_endpoint.as_deref().map(provider).transpose()?;
    let spans =
        provider.as_ref().map(|provider| tracing_opentelemetry::layer().with_tracer(provider.tracer("verbatim")));
    tracing_subscriber::registry()
        .with(EnvFilter::try_new(&settings.log)?)
        .with(tracing_subscriber::fmt::layer().with_writer(std::io::stderr))
        .with(spans)
        .init();
    Ok(Telemetry(provider))
}

fn provider(endpoint: &str) -> anyhow::Result<SdkTracerProvider> {
    let exporter =
        SpanExporter::builder().with_http().with_protocol(Protocol::HttpJson).with_endpoint(endpoint).build();
    let exporter =
        exporter.with_context(|| format!("the setting otlp-endpoint: {endpoint} is not the address of a collector"))?;
    let resource = Resource::builder().with_service_name("verbatim").build();
    Ok(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build())
}

impl Telemetry {
    /// Sends the spans that are left, within a few seconds.
    pub async fn stop(self) {
        let Some(provider) = self.0 else { return };
        match tokio::task::spawn_blocking(move || provider.shutdown()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(error = &error as &dyn std::error::Error, "the last spans are lost"),
            Err(_) => tracing::warn!("the last spans are lost"),
        }
    }
}

/// Makes `span` a child of `traceparent`; the `traceparent` for its own children, if spans are exported.
pub fn link(span: &Span, traceparent: Option<&str>) -> Option<String> {
    if let Some(traceparent) = traceparent {
        span.set_parent(TraceContextPropagator::new().extract(&Carrier(traceparent))).ok()?;
    }
    let context = span.context();
    let own = context.span().span_context().clone();
    let flags = own.trace_flags().to_u8();
    own.is_valid().then(|| format!("00-{}-{}-{flags:02x}", own.trace_id(), own.span_id()))
}

/// A `traceparent` where OpenTelemetry expects headers.
struct Carrier<'a>(&'a str);

impl Extractor for Carrier<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        (key == "traceparent").then_some(self.0)
    }

    fn keys(&self) -> Vec<&str> {
        vec!["traceparent"]
    }
}
