//! What `monitor` read in all, for a script: a person has read the lines themselves.

use std::io::{self, Write};

use super::{Paint, Report};
use crate::device::monitored::Monitored;

impl Report for Monitored {
    fn text(&self, out: &mut dyn Write, paint: Paint) -> io::Result<()> {
        match &self.ready {
            Some(ready) => writeln!(out, "{} https://{}/", paint.faint("board"), ready.authority()),
            None => Ok(()),
        }
    }
}
