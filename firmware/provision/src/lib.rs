//! The provisioning image: certificate, key, client CA and settings in Espressif's `esp_secure_cert` format.
#![no_std]
#![forbid(unsafe_code)]
