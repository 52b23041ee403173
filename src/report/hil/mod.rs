//! The reports of a run of a scenario. Each is a function of its result.

mod change;
mod figures;
mod github;
mod html;
mod junit;
#[cfg(test)]
pub(crate) mod sample;
mod step_summary;
mod words;

pub use self::{
    change::changes,
    github::annotations,
    html::html,
    junit::junit,
    step_summary::{MOST_SUMMARY_BYTES, step_summary},
};
