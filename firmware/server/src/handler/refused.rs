//! How a handler leaves the answer to the server.

use super::outgoing::Flaw;
use crate::http::Refusal;

/// A handler does not answer, so the server does; or the answer has a flaw, which the serial port tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused(pub(crate) Reason);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    Refusal(Refusal),
    Flaw(Flaw),
}

impl Refused {
    /// 404, with the list of pages that there are.
    pub const NOT_FOUND: Self = Self(Reason::Refusal(Refusal::NotFound));

    /// 400: the page can't make sense of the request. `why` is a sentence without its full stop, of at most 200 bytes; a longer one
    /// fails the build where it is a constant.
    #[must_use]
    pub const fn bad_request(why: &'static str) -> Self {
        assert!(why.len() <= LONGEST_REASON, "a reason has at most 200 bytes");
        Self(Reason::Refusal(Refusal::Senseless(why)))
    }

    /// 503: the page can't answer now. The same is true of `why`.
    #[must_use]
    pub const fn unavailable(why: &'static str) -> Self {
        assert!(why.len() <= LONGEST_REASON, "a reason has at most 200 bytes");
        Self(Reason::Refusal(Refusal::Unavailable(why)))
    }
}

impl From<Flaw> for Refused {
    fn from(flaw: Flaw) -> Self {
        Self(Reason::Flaw(flaw))
    }
}

/// Bytes of a reason, which has to fit into one answer.
const LONGEST_REASON: usize = 200;
