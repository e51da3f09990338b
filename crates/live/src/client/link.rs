//! The state of the client's socket.

/// How often the client pings, in milliseconds. It also pings while events arrive, because the server
/// closes a socket that sends nothing.
const PING_INTERVAL_MS: i64 = 30_000;
/// How long the server may take to answer a ping, in milliseconds.
const PONG_TIMEOUT_MS: i64 = 10_000;
/// The same after the network or the page came back, when the socket is more likely to be dead.
const DOUBTFUL_PONG_TIMEOUT_MS: i64 = 3_000;
/// How long opening a socket may take, in milliseconds.
const CONNECT_TIMEOUT_MS: i64 = 10_000;
/// The maximum delay that a server can ask for before the client reconnects, in milliseconds.
pub(super) const MAX_RECONNECT_DELAY_MS: i64 = 60_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Link {
    Down,
    Waiting { until: i64 },
    Connecting { deadline: i64 },
    Open { ping_at: i64, pong: Pong },
}

/// Whether the client waits for the answer to a ping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pong {
    NotExpected { timeout: i64 },
    Expected { deadline: i64 },
}

impl Link {
    /// A socket that opened at `now`.
    pub fn open(now: i64) -> Self {
        Self::Open { ping_at: now + PING_INTERVAL_MS, pong: Pong::NotExpected { timeout: PONG_TIMEOUT_MS } }
    }

    /// Records that a frame came, which proves the server alive as well as a pong.
    pub fn on_frame(&mut self) {
        if let Self::Open { pong, .. } = self {
            *pong = Pong::NotExpected { timeout: PONG_TIMEOUT_MS };
        }
    }

    /// A socket that began to connect at `now`.
    pub fn connecting(now: i64) -> Self {
        Self::Connecting { deadline: now + CONNECT_TIMEOUT_MS }
    }

    pub fn is_open(&self) -> bool {
        matches!(self, Self::Open { .. })
    }

    pub fn has_socket(&self) -> bool {
        matches!(self, Self::Connecting { .. } | Self::Open { .. })
    }

    /// Whether it is time to open a socket.
    pub fn is_due(&self, now: i64) -> bool {
        match self {
            Self::Down => true,
            Self::Waiting { until } => *until <= now,
            Self::Connecting { .. } | Self::Open { .. } => false,
        }
    }

    /// Whether the socket missed a deadline.
    pub fn is_dead(&self, now: i64) -> bool {
        match self {
            Self::Connecting { deadline } | Self::Open { pong: Pong::Expected { deadline }, .. } => *deadline <= now,
            _ => false,
        }
    }

    /// Reconnects, or pings an open socket, at once instead of at the scheduled time.
    pub fn hurry(&mut self, now: i64) {
        match self {
            Self::Waiting { until } => *until = now,
            Self::Open { ping_at, pong: pong @ Pong::NotExpected { .. } } => {
                *ping_at = now;
                *pong = Pong::NotExpected { timeout: DOUBTFUL_PONG_TIMEOUT_MS };
            }
            _ => {}
        }
    }

    /// Whether to send a ping now; it then expects the answer.
    pub fn ping(&mut self, now: i64) -> bool {
        match self {
            Self::Open { ping_at, pong: pong @ Pong::NotExpected { .. } } if *ping_at <= now => {
                let Pong::NotExpected { timeout } = *pong else { return false };
                *pong = Pong::Expected { deadline: now + timeout };
                *ping_at = now + PING_INTERVAL_MS;
                true
            }
            _ => false,
        }
    }

    /// When the link needs attention, if nothing happens before.
    pub fn deadline(&self) -> Option<i64> {
        match *self {
            Self::Down => None,
            Self::Waiting { until: at }
            | Self::Connecting { deadline: at }
            | Self::Open { pong: Pong::Expected { deadline: at }, .. }
            | Self::Open { ping_at: at, .. } => Some(at),
        }
    }
}
