//! Linux, macOS and their relatives.

pub(crate) mod children;
pub(crate) mod errors;
pub(crate) mod files;
pub(crate) mod folders;
pub(crate) mod limits;
pub(crate) mod packages;
pub(crate) mod private;
pub(crate) mod serial;
pub(crate) mod signals;
pub(crate) mod sockets;
pub(crate) mod terminal;
pub(crate) mod text;
pub(crate) mod timer;
pub(crate) mod users;
