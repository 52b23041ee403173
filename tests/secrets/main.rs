//! No secret is ever shown: every path by which the tool reads a file, a variable, a word of the command line or a
//! prompt gets a marked secret in many damaged forms, and everything that it writes is searched for it, in any encoding.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod damage;
mod marked;
mod password;
mod readers;
mod words;
