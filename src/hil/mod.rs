//! Hardware in the loop: a scenario as data, its plan, the runner that follows it, and what a run found.

pub mod fault;
pub mod grammar;
pub mod kind;
pub mod log_event;
pub mod outcome;
mod reading;
pub mod scenario;
pub mod state;
pub mod template;
pub mod words;

pub use self::reading::read;
