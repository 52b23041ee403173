//! Serial ports: which there are, who may use one, what a board says on one.

pub mod line;
pub mod link;
pub mod listener;
pub mod lock;
pub mod log;
pub mod ports;
