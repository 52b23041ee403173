//! Status codes.

/// The status of an answer (RFC 9110 section 15): 200 to 599.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status(u16);

impl Status {
    /// 200
    pub const OK: Self = Self(200);
    /// 201
    pub const CREATED: Self = Self(201);
    /// 202
    pub const ACCEPTED: Self = Self(202);
    /// 204: the answer has no body.
    pub const NO_CONTENT: Self = Self(204);
    /// 206
    pub const PARTIAL_CONTENT: Self = Self(206);
    /// 302: the field Location says where.
    pub const FOUND: Self = Self(302);
    /// 303: the field Location says where the answer to a form is.
    pub const SEE_OTHER: Self = Self(303);
    /// 304: the answer has no body.
    pub const NOT_MODIFIED: Self = Self(304);
    /// 308: the field Location says where, for ever.
    pub const PERMANENT_REDIRECT: Self = Self(308);
    /// 400
    pub const BAD_REQUEST: Self = Self(400);
    /// 403
    pub const FORBIDDEN: Self = Self(403);
    /// 404
    pub const NOT_FOUND: Self = Self(404);
    /// 409
    pub const CONFLICT: Self = Self(409);
    /// 416
    pub const RANGE_NOT_SATISFIABLE: Self = Self(416);
    /// 500
    pub const INTERNAL_SERVER_ERROR: Self = Self(500);
    /// 503
    pub const SERVICE_UNAVAILABLE: Self = Self(503);

    /// Another one; `None` when it is no status of a final answer.
    #[must_use]
    pub const fn new(code: u16) -> Option<Self> {
        if code >= 200 && code <= 599 { Some(Self(code)) } else { None }
    }

    /// The number.
    #[must_use]
    pub const fn code(self) -> u16 {
        self.0
    }

    pub(crate) const fn of_refusal(code: u16) -> Self {
        Self(code)
    }

    /// Whether an answer with it has no body (RFC 9110 section 6.4.1).
    pub(crate) const fn has_no_body(self) -> bool {
        self.0 == 204 || self.0 == 304
    }

    /// The reason phrase (RFC 9110 section 15, RFC 6585 section 5); empty for one that is not used here.
    pub(crate) const fn reason(self) -> &'static str {
        match self.0 {
            200 => "OK",
            201 => "Created",
            202 => "Accepted",
            204 => "No Content",
            206 => "Partial Content",
            302 => "Found",
            303 => "See Other",
            304 => "Not Modified",
            308 => "Permanent Redirect",
            400 => "Bad Request",
            403 => "Forbidden",
            404 => "Not Found",
            405 => "Method Not Allowed",
            408 => "Request Timeout",
            409 => "Conflict",
            413 => "Content Too Large",
            414 => "URI Too Long",
            415 => "Unsupported Media Type",
            416 => "Range Not Satisfiable",
            417 => "Expectation Failed",
            431 => "Request Header Fields Too Large",
            500 => "Internal Server Error",
            501 => "Not Implemented",
            503 => "Service Unavailable",
            505 => "HTTP Version Not Supported",
            _ => "",
        }
    }
}
