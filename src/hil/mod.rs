//! Hardware in the loop: a scenario as data, its plan, the runner that follows it, and what a run found.

pub mod baseline;
pub mod classify;
pub mod comparison;
pub mod context;
pub mod digest;
pub mod fault;
pub mod grammar;
pub mod kind;
pub mod log_event;
pub mod log_watch;
pub mod outcome;
pub mod planned;
mod reading;
pub mod runner;
pub mod scenario;
pub mod schema;
pub mod shown;
pub mod state;
pub mod template;
pub mod words;

pub use self::reading::read;
