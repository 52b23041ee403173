//! Methods, and sets of them.

use core::fmt;

/// A method of RFC 9110 section 9 or RFC 5789.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Method {
    /// Asks for a page. A route with it has `HEAD`, too.
    Get,
    /// `GET` without the body of the answer.
    Head,
    /// Sends something to be worked on.
    Post,
    /// Sends what is to be there from now on.
    Put,
    /// Takes something away.
    Delete,
    /// Changes a part of something.
    Patch,
    /// Asks what is possible.
    Options,
    /// Asks for the request itself. No route can have it.
    Trace,
}

impl Method {
    /// Its name, as it is sent.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
            Self::Patch => "PATCH",
            Self::Options => "OPTIONS",
            Self::Trace => "TRACE",
        }
    }

    /// Whether it changes nothing (RFC 9110 section 9.2.1).
    pub(crate) const fn is_safe(self) -> bool {
        matches!(self, Self::Get | Self::Head | Self::Options | Self::Trace)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of methods, written as the field Allow lists them (RFC 9110 section 10.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Methods(u8);

impl Methods {
    pub(crate) const fn and(self, method: Method) -> Self {
        Self(self.0 | 1 << method as u8)
    }
}

impl fmt::Display for Methods {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for method in SORTED.into_iter().filter(|method| self.0 & 1 << *method as u8 != 0) {
            write!(f, "{separator}{method}")?;
            separator = ", ";
        }
        Ok(())
    }
}

const SORTED: [Method; 8] = [
    Method::Delete,
    Method::Get,
    Method::Head,
    Method::Options,
    Method::Patch,
    Method::Post,
    Method::Put,
    Method::Trace,
];
