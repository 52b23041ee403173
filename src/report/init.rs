//! How the list of templates is shown, and what was written of one.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};

use super::{Paint, Report};
use crate::template::made::{Filled, Listing, Written};

impl Report for Listing {
    fn text(&self, out: &mut dyn Write, paint: Paint) -> io::Result<()> {
        let width = self.templates.iter().map(|template| template.name.len()).max().unwrap_or_default();
        for template in &self.templates {
            // A painted word has more characters than are seen.
            let space = " ".repeat(width - template.name.len());
            writeln!(out, "{}{space}  {}", paint.strong(template.name), template.title)?;
        }
        writeln!(out)?;
        writeln!(out, "{} esp-https init NAME [DIR]", paint.strong("next:"))
    }
}

impl Report for Written {
    fn text(&self, out: &mut dyn Write, paint: Paint) -> io::Result<()> {
        for (index, path) in self.files.iter().enumerate() {
            let label = if index == 0 { "written" } else { "" };
            writeln!(out, "{} {}", paint.faint(format!("{label:<9}")), path.display())?;
        }
        for folder in &self.folders {
            let (path, files) = (folder.path.display(), folder.files);
            writeln!(out, "{:<9} {path}: the sources of the firmware, {files} files", "")?;
        }
        for filled in &self.parameters {
            parameter(filled, out, paint)?;
        }
        writeln!(out)?;
        writeln!(out, "{} {}", paint.strong("next:"), self.next)
    }
}

/// A value that is in the files, or one that still has to get there.
fn parameter(filled: &Filled, out: &mut dyn Write, paint: Paint) -> io::Result<()> {
    let Filled { name, meaning, value, placeholder, files } = filled;
    if !placeholder {
        let label = paint.faint("value    ");
        return writeln!(out, "{label} {value}: {meaning} (--set {name}=VALUE)");
    }
    let files = files.iter().map(PathBuf::as_path).map(Path::display).map(|path| path.to_string());
    let files = files.collect::<Vec<_>>().join(", ");
    writeln!(out, "{} {value} in {files}", paint.warn("replace  "))?;
    writeln!(out, "          by {meaning}, or have it filled in by --set {name}=VALUE --force")
}
