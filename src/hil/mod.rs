//! Hardware in the loop: a scenario as data, its plan, the runner that follows it, and what a run found.

pub mod baseline;
pub mod comparison;
pub mod log_event;
pub mod outcome;
pub mod state;
