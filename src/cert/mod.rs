//! Certificates and private keys: profiles, names, keys, and how they are stored and read.

pub mod fingerprint;
pub mod load;

pub use fingerprint::Fingerprint;
pub use load::{LoadError, LoadedKey, Pair};
