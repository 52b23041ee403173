//! How a manual page, the list of them, and a completion script are shown: as what reads them wants them.

use std::io::{self, Write};

use super::{Paint, Report};
use crate::manual::{
    completion::CompletionScript,
    page::{Page, PageNames},
};

impl Report for CompletionScript {
    fn text(&self, out: &mut dyn Write, _: Paint) -> io::Result<()> {
        out.write_all(self.script.as_bytes())
    }
}

impl Report for Page {
    fn text(&self, out: &mut dyn Write, _: Paint) -> io::Result<()> {
        out.write_all(self.roff.as_bytes())
    }
}

impl Report for PageNames {
    fn text(&self, out: &mut dyn Write, _: Paint) -> io::Result<()> {
        self.pages.iter().try_for_each(|page| writeln!(out, "{page}"))
    }
}
