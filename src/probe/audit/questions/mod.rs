//! The questions of an audit, in the order in which the report has them: TLS 1.3 by HelloRetryRequest, older versions with
//! their families of suites and extensions, forms of hellos, resumption, request headers, and with `--all` everything.

pub(crate) mod client_certificate;
pub(crate) mod everything;
pub(crate) mod extensions;
pub(crate) mod family;
pub(crate) mod hello_forms;
pub(crate) mod hello_retry;
pub(crate) mod older_versions;
pub(crate) mod request_header;
pub(crate) mod resumption;
