//! What goes wrong in a page, for the serial port.

use core::cell::Cell;
use core::fmt::{self, Display};

use embassy_time::{Duration, Instant};

use crate::handler::outgoing::Flaw;
use crate::lines::RouteTrouble;
use crate::routing::RouteName;

/// What went wrong in a page, or with the client of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The handler waited for too long, in milliseconds.
    TooLong { limit_ms: u64 },
    /// The answer has a flaw.
    Flaw(Flaw),
    /// The handler refused the request after it had begun to answer.
    LateRefusal,
    /// The client did not take the answer in time.
    NotTaken { sent: u64 },
    /// The handler did not read the body to its end.
    Unread,
}

impl Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { limit_ms } => write!(f, "it waited for longer than {limit_ms} ms, and was ended"),
            Self::Flaw(Flaw::HeadTooLong) => {
                write!(
                    f,
                    "its status line and header fields have more than {} bytes",
                    crate::budget::ANSWER_BYTES
                )
            }
            Self::Flaw(Flaw::Field) => {
                f.write_str("one of its header fields has a name or a value that can't be one")
            }
            Self::Flaw(Flaw::Longer { announced }) => {
                write!(f, "it announced {announced} bytes and answered more")
            }
            Self::Flaw(Flaw::Shorter { announced, missing }) => {
                write!(f, "it announced {announced} bytes and answered {missing} fewer")
            }
            Self::Flaw(Flaw::Source) => f.write_str("what it answers can't be read from the flash"),
            Self::LateRefusal => f.write_str("it refused the request after it had begun to answer"),
            Self::NotTaken { sent } => write!(f, "the client stopped reading after {sent} bytes"),
            Self::Unread => f.write_str("it did not read the body of the request to its end"),
        }
    }
}

/// Says what goes wrong, and not more often than the serial port can bear: a client can make some of it happen as often as it likes.
pub(crate) struct TroubleLog {
    say: fn(&dyn Display),
    last: Cell<Option<Instant>>,
    unsaid: Cell<u32>,
}

impl TroubleLog {
    pub(crate) const fn new(say: fn(&dyn Display)) -> Self {
        Self { say, last: Cell::new(None), unsaid: Cell::new(0) }
    }

    pub(crate) fn say(&self, route: RouteName, trouble: Trouble) {
        let now = Instant::now();
        if self.last.get().is_some_and(|last| now.saturating_duration_since(last) < BETWEEN) {
            self.unsaid.set(self.unsaid.get().saturating_add(1));
            return;
        }
        self.last.set(Some(now));
        (self.say)(&RouteTrouble { route, trouble, unsaid: self.unsaid.take() });
    }
}

/// At least so much is between two lines, of which each takes the processor for up to 20 ms at 115200 baud.
const BETWEEN: Duration = Duration::from_millis(500);
