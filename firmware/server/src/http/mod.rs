//! HTTP/1.1 (RFC 9110, RFC 9112) without I/O, but for the buffer that reads: requests in any pieces in, answers out.
//!
//! Header fields are parsed by `httparse`. The two kept no_std servers were read first, and neither can do what is
//! asked here. picoserve 0.20 takes a full buffer for the end of the stream and answers 400 to a header that is too
//! long (`Reader::next_byte` reads into an empty slice), resets the connection when a request is late, and takes a
//! Content-Length it cannot parse for 0, so that the body becomes the next request. edge-http 0.8 closes without any
//! answer when a request does not parse, is too long or late (`handle_connection`), reads heads byte by byte through
//! TLS, and wants a session that splits. In both the error ends inside the library, before a handler could say 431,
//! 414 or 408, so an answer that names the limit would mean a second parser beside theirs.

mod chunked;
mod head;
mod line;
mod method;
mod receive_buffer;
mod refusal;
mod sender;

pub(crate) use chunked::{BodyEnd, ChunkedReader};
pub(crate) use head::{Expectation, Framing, Head, HeadReader, Persistence};
pub(crate) use line::{RequestLine, Version, is_token};
pub use method::Method;
pub(crate) use method::Methods;
pub(crate) use receive_buffer::ReceiveBuffer;
pub(crate) use refusal::Refusal;
pub(crate) use sender::Sender;
