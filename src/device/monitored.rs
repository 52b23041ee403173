//! What a monitored board printed, as data.

use std::path::PathBuf;

use serde::Serialize;

use super::{
    ready::{Line, Ready, Stat},
    serial::{line::SerialLine, ports::PortInfo},
    watch::StartFailure,
};

/// What a monitored board printed.
#[derive(Debug, Serialize)]
pub struct Monitored {
    /// The port it is at.
    pub port: PortInfo,
    /// How long it was listened to, in microseconds.
    pub listened_us: u64,
    /// Lines that it printed.
    pub lines: u64,
    /// Bytes that it printed.
    pub bytes: u64,
    /// How often its port vanished.
    pub vanished: u64,
    /// Its last READY.
    pub ready: Option<Ready>,
    /// Its last figures.
    pub stat: Option<Stat>,
    /// Why it does not serve, where `--until-ready` asked.
    pub trouble: Option<StartFailure>,
    /// The file that takes what it prints.
    #[serde(serialize_with = "crate::text::path_if_any")]
    pub serial_log: Option<PathBuf>,
}

impl Monitored {
    /// A board that has printed nothing yet.
    #[must_use]
    pub fn new(port: PortInfo, serial_log: Option<PathBuf>) -> Self {
        Self {
            port,
            listened_us: 0,
            lines: 0,
            bytes: 0,
            vanished: 0,
            ready: None,
            stat: None,
            trouble: None,
            serial_log,
        }
    }

    /// Counts lines, which came as so many bytes, and keeps what the last READY and STAT among them say.
    pub fn add(&mut self, lines: &[SerialLine], bytes: usize) {
        self.lines += lines.len() as u64;
        self.bytes += bytes as u64;
        for line in lines {
            match Line::parse(line.plain()) {
                Line::Ready(ready) => self.ready = Some(ready),
                Line::Stat(stat) => self.stat = Some(stat),
                _ => {}
            }
        }
    }
}
