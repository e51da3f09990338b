//! The socket, as the client sees it.

/// How often the client asks whether anybody is there, in milliseconds. Also when it hears a lot: the
/// server has to hear of it, too.
const PING_AFTER_MS: i64 = 30_000;
/// How long the answer may take.
const PONG_WITHIN_MS: i64 = 10_000;
/// The same when there is reason for doubt: the network or the page came back.
const DOUBTFUL_PONG_WITHIN_MS: i64 = 3_000;
/// How long opening a socket may take.
const OPEN_WITHIN_MS: i64 = 10_000;
/// The longest pause that a server can ask for.
pub(super) const LONGEST_BYE_MS: i64 = 60_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Link {
    Down,
    Waiting { until: i64 },
    Connecting { by: i64 },
    Open { ping_at: i64, pong: Pong },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pong {
    NotAsked { within: i64 },
    Due { by: i64 },
}

impl Link {
    /// Open, and alive at `now`.
    pub fn open(now: i64) -> Self {
        Self::Open { ping_at: now + PING_AFTER_MS, pong: Pong::NotAsked { within: PONG_WITHIN_MS } }
    }

    /// The server is alive, and whatever was asked is answered.
    pub fn heard(&mut self) {
        if let Self::Open { pong, .. } = self {
            *pong = Pong::NotAsked { within: PONG_WITHIN_MS };
        }
    }

    pub fn connecting(now: i64) -> Self {
        Self::Connecting { by: now + OPEN_WITHIN_MS }
    }

    pub fn is_open(&self) -> bool {
        matches!(self, Self::Open { .. })
    }

    pub fn has_socket(&self) -> bool {
        matches!(self, Self::Connecting { .. } | Self::Open { .. })
    }

    /// Whether it is time for a new socket.
    pub fn is_due(&self, now: i64) -> bool {
        match self {
            Self::Down => true,
            Self::Waiting { until } => *until <= now,
            Self::Connecting { .. } | Self::Open { .. } => false,
        }
    }

    /// Whether the socket stands for nothing any more.
    pub fn is_dead(&self, now: i64) -> bool {
        match self {
            Self::Connecting { by } | Self::Open { pong: Pong::Due { by }, .. } => *by <= now,
            _ => false,
        }
    }

    /// Something came back that may have been gone: try at once.
    pub fn hurry(&mut self, now: i64) {
        match self {
            Self::Waiting { until } => *until = now,
            Self::Open { ping_at, pong: pong @ Pong::NotAsked { .. } } => {
                *ping_at = now;
                *pong = Pong::NotAsked { within: DOUBTFUL_PONG_WITHIN_MS };
            }
            _ => {}
        }
    }

    /// Whether to ask for a sign of life now.
    pub fn ping(&mut self, now: i64) -> bool {
        match self {
            Self::Open { ping_at, pong: pong @ Pong::NotAsked { .. } } if *ping_at <= now => {
                let Pong::NotAsked { within } = *pong else { return false };
                *pong = Pong::Due { by: now + within };
                *ping_at = now + PING_AFTER_MS;
                true
            }
            _ => false,
        }
    }

    /// When to look at it again.
    pub fn deadline(&self) -> Option<i64> {
        match *self {
            Self::Down => None,
            Self::Waiting { until: at }
            | Self::Connecting { by: at }
            | Self::Open { pong: Pong::Due { by: at }, .. }
            | Self::Open { ping_at: at, .. } => Some(at),
        }
    }
}
