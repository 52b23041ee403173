//! What to do, as data: a mode is a kind of unit, not a loop of its own.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::schedule::{Schedule, StopRule};

/// One run of load.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LoadPlan {
    /// What one unit of load is.
    pub unit: Unit,
    /// How many connections there are at once, at least 1.
    pub connections: usize,
    /// When units are due.
    pub schedule: Schedule,
    /// When there are no more.
    pub stop: StopRule,
    /// How long units that are under way at the end are waited for.
    pub grace: Duration,
    /// Whether the device is asked for its own figures while the run lasts, on the first connection.
    pub stat: StatDuty,
}

/// One unit of load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unit {
    /// What is asked on the connection.
    pub asks: Asks,
    /// What becomes of the connection then.
    pub after: After,
}

/// What a unit asks on its connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    /// Nothing: the handshake is the unit.
    Nothing,
    /// The plan's request.
    Request,
}

/// What becomes of the connection after a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    /// It is kept for the next unit.
    Keep,
    /// It is closed.
    Close,
}

/// Whether the device's own figures are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatDuty {
    /// They are not.
    None,
    /// Each second, in place of nothing else, on the first slot's connection.
    EachSecond,
}

/// The modes by name; each is a [`Unit`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Requests on connections that are kept.
    Request,
    /// Connect, handshake, close.
    Handshake,
    /// A new connection for each request.
    Close,
}

impl Mode {
    /// What one unit of this mode is.
    #[must_use]
    pub fn unit(self) -> Unit {
        match self {
            Self::Request => Unit { asks: Asks::Request, after: After::Keep },
            Self::Handshake => Unit { asks: Asks::Nothing, after: After::Close },
            Self::Close => Unit { asks: Asks::Request, after: After::Close },
        }
    }

    /// What its units are called.
    #[must_use]
    pub fn units(self) -> &'static str {
        match self {
            Self::Request | Self::Close => "requests",
            Self::Handshake => "handshakes",
        }
    }
}
