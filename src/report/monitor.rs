//! What `monitor` heard in all, for a script: a person has read the lines themselves.

use std::{
    io::{self, Write},
    path::PathBuf,
};

use serde::Serialize;

use super::{Paint, Report};
use crate::device::{
    ready::{Ready, Stat},
    serial::ports::PortInfo,
    watch::Trouble,
};

/// What was heard of a board.
#[derive(Debug, Serialize)]
pub struct Monitored {
    /// The port it is at.
    pub port: PortInfo,
    /// How long it was listened to, in microseconds.
    pub listened_us: u64,
    /// Lines heard.
    pub lines: u64,
    /// Bytes heard.
    pub bytes: u64,
    /// How often its port vanished.
    pub vanished: u64,
    /// What it last said when it was ready.
    pub ready: Option<Ready>,
    /// Its last figures.
    pub stat: Option<Stat>,
    /// Why it does not serve, where `--until-ready` asked.
    pub trouble: Option<Trouble>,
    /// The file that takes what it says.
    pub serial_log: Option<PathBuf>,
}

impl Monitored {
    /// Nothing heard yet.
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
}

impl Report for Monitored {
    fn text(&self, out: &mut dyn Write, paint: Paint) -> io::Result<()> {
        match &self.ready {
            Some(ready) => {
                writeln!(out, "{} https://{}/", paint.faint("board"), super::flash::outcome::authority(ready))
            }
            None => Ok(()),
        }
    }
}
