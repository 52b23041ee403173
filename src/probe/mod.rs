//! Questions asked of a TLS server, one a file; each returns data.
