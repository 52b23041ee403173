//! `esp-https certgen`.

mod explain;
mod key;
mod plan;
mod run;

pub(super) use self::run::run;
