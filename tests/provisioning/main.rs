//! The provisioning image: against Espressif's own tool, and files that no image can be made from.
#![allow(clippy::expect_used, reason = "a failed expectation is a failed test")]

mod espressif;
mod refusals;
