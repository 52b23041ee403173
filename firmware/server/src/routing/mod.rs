//! From a request's method and target to its route.

pub(crate) mod pattern;
pub(crate) mod percent;
pub(crate) mod query;
mod table;

pub(crate) use table::{Found, RouteName, RouteSettings};
pub use table::{MAX_FIELDS, Route, Routes, Senders};
