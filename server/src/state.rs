//! The state that the request handlers share.

use std::sync::Arc;

use axum::extract::FromRef;
use hiring::Hiring;
use live::Hub;
use tokio_util::sync::CancellationToken;

use crate::{
    assets::Assets,
    client_ip::RateLimiter,
    connections::Connections,
    health::{Health, ShutdownState},
    settings::Settings,
    upload_limits::UploadLimits,
};

/// The state of the public router; cheap to clone.
#[derive(Clone, FromRef)]
pub struct AppState {
    /// The use-cases.
    pub hiring: Hiring,
    /// The live hub of this process.
    pub hub: Hub,
    /// What the health checks look at.
    pub health: Health,
    /// The settings of this process.
    pub settings: Arc<Settings>,
    /// Limits applications per network address and minute.
    pub upload_rate: RateLimiter,
    /// Limits applications at the same time.
    pub upload_limits: UploadLimits,
    /// The browser files.
    pub assets: Assets,
    /// The open connections.
    pub connections: Connections,
    /// Canceled at shutdown: live sockets close.
    pub stop: CancellationToken,
}

impl AppState {
    /// The state of a process, with nothing received yet.
    pub fn new(
        hiring: Hiring,
        settings: Settings,
        assets: Assets,
        hub: Hub,
        health: Health,
        shutdown_state: &ShutdownState,
    ) -> Self {
        Self {
            hiring,
            hub,
            health,
            upload_rate: RateLimiter::new(settings.uploads_per_minute),
            upload_limits: UploadLimits::default(),
            settings: Arc::new(settings),
            assets,
            connections: Connections::new(shutdown_state.draining.clone()),
            stop: CancellationToken::new(),
        }
    }
}
