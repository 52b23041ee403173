//! The pages of `hil` in a real browser, and its JUnit XML for those who read it.

#[path = "../../src/report/hil/sample.rs"]
mod sample;

mod browser;
mod page;
mod runs;
