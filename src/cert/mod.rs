//! Certificates and private keys: profiles, names, keys, and how they are stored.
