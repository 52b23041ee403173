//! The wire format of TLS, sans I/O: bytes in, messages out, and the other way round. It opens no socket and reads no clock,
//! and takes any bytes: what is not TLS is an error that says what was being read.
//!
//! TLS 1.3 is RFC 8446, TLS 1.2 RFC 5246; earlier versions differ from the latter only where a function says so.

pub mod alert;
pub mod cipher;
pub mod client_hello;
pub mod codec;
pub mod curve;
pub mod enums;
pub mod extension;
pub mod handshake;
pub mod hash;
pub mod keys;
pub mod message;
pub mod named;
pub mod record;
pub mod scheme;
pub mod server_hello;
pub mod suite;
mod suites;
pub mod trace;

pub use alert::{AlertClass, AlertMessage};
pub use client_hello::ClientHello;
pub use codec::{DecodeError, DecodeReason, Reader, TooLong, Width, Writer};
pub use curve::Curve;
pub use enums::{
    AlertDescription, AlertLevel, ContentType, ExtensionType, HandshakeType, NamedGroup, ProtocolVersion,
    SignatureScheme,
};
pub use extension::Extension;
pub use handshake::{HandshakeMessage, Joiner};
pub use named::Unnamed;
pub use record::{Deframer, Record, RecordError, RecordHeader};
pub use server_hello::ServerHello;
pub use suite::{Suite, SuiteParts};
