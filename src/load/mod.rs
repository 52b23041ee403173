//! Load on a TLS server, and what the server did under it.
//!
//! [`plan`] says what to do: a unit of load, a schedule, a stop rule. [`worker`] is the one loop that follows it and
//! drives a [`client::Client`]: the real one ([`wire`]) or a simulated one. [`shard`] is one thread's share, [`engine`]
//! all of them, and [`sample`] what they record.

pub mod capacity;
pub mod client;
pub mod due_timer;
pub mod engine;
pub mod failure;
pub mod gate;
pub mod generator;
pub mod interval;
pub mod limit;
mod link;
pub mod missing_heap;
pub mod pacing;
pub mod plan;
pub mod remark;
pub mod remarks;
pub mod sample;
pub mod schedule;
pub mod series;
pub mod shard;
pub mod shortage;
mod step_failure;
pub mod summary;
mod summing;
mod watchdog;
pub mod wire;
pub mod wiring;
pub mod worker;

#[cfg(test)]
mod simulation;
