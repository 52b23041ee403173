//! What the commands need of this machine, for a person: a line for each check, below it what mends it, and then which commands
//! would work.

use std::io::{self, Write};

use super::{Paint, Report, printable::printable};
use crate::{
    device::cache_files::CacheFile,
    doctor::{
        CleanedCache, Diagnosis, Readiness, ReadinessState,
        check::{Check, CheckState, Remedy},
    },
};

impl Report for Diagnosis {
    fn text(&self, out: &mut dyn Write, paint: Paint) -> io::Result<()> {
        if let Some(cleaned) = &self.cleaned {
            return report_cleaned(cleaned, out, paint);
        }
        self.checks.iter().try_for_each(|check| report_check(check, out, paint))?;
        writeln!(out)?;
        self.summary(out, paint)
    }
}

impl Diagnosis {
    fn summary(&self, out: &mut dyn Write, paint: Paint) -> io::Result<()> {
        let is_ready = |verb: &&Readiness| verb.state == ReadinessState::Ready;
        let ready: Vec<&str> = self.verbs.iter().filter(is_ready).map(|verb| verb.verb.name()).collect();
        if !ready.is_empty() {
            writeln!(out, "{} {}", paint.good(format!("{:<STATE$}", "ready")), ready.join(", "))?;
        }
        let mut rest: Vec<&Readiness> = self.verbs.iter().filter(|verb| !is_ready(verb)).collect();
        let mut label = "not ready";
        while let Some(first) = rest.first().copied() {
            let (alike, others): (Vec<_>, Vec<_>) =
                rest.into_iter().partition(|verb| verb.blocked_by == first.blocked_by);
            let names: Vec<&str> = alike.iter().map(|verb| verb.verb.name()).collect();
            let text = format!("{}: {}", names.join(", "), self.needs(first));
            write!(out, "{} ", paint.bad(format!("{label:<STATE$}")))?;
            indented(&text, STATE + 1, out)?;
            (rest, label) = (others, "");
        }
        Ok(())
    }

    /// What is in the way of a command: one thing with what mends it, several by their names.
    fn needs(&self, verb: &Readiness) -> String {
        let mut checks: Vec<&Check> = self.in_the_way_of(verb.verb).collect();
        checks.dedup_by_key(|check| check.id);
        match checks.as_slice() {
            [one] => {
                let remedy = one.remedy.as_ref().and_then(|remedy| remedy.command.as_ref());
                let remedy = remedy.map_or(String::new(), |command| format!(": {command}"));
                let is = if one.state == CheckState::Missing { " is missing" } else { "" };
                format!("{}{is}{remedy}", one.title)
            }
            several => {
                let titles: Vec<&str> = several.iter().map(|check| check.title).collect();
                format!("see {} above", titles.join(", "))
            }
        }
    }
}

fn report_check(check: &Check, out: &mut dyn Write, paint: Paint) -> io::Result<()> {
    let (word, painted): (&str, fn(Paint, String) -> String) = match check.state {
        CheckState::Ok => ("ok", |paint, word| paint.good(word)),
        CheckState::Warning => ("warning", |paint, word| paint.warn(word)),
        CheckState::Missing => ("missing", |paint, word| paint.warn(word)),
        CheckState::Problem => ("problem", |paint, word| paint.bad(word)),
        CheckState::NotNeeded => ("not needed", |paint, word| paint.faint(word)),
        CheckState::Unknown => ("unknown", |paint, word| paint.warn(word)),
    };
    write!(out, "{} {:<TITLE$} ", painted(paint, format!("{word:<STATE$}")), check.title)?;
    let found = match &check.subject {
        Some(subject) => format!("{subject}: {}", check.found),
        None => check.found.clone(),
    };
    indented(&printable(&found), INDENT, out)?;
    check.remedy.as_ref().map_or(Ok(()), |remedy| report_remedy(remedy, out, paint))
}

fn report_remedy(remedy: &Remedy, out: &mut dyn Write, paint: Paint) -> io::Result<()> {
    let mut label = paint.strong("try:");
    for (index, text) in remedy.command.iter().chain(&remedy.advice).enumerate() {
        write!(out, "{:INDENT$}{label} ", "")?;
        // A command stays on its line, so that it can be copied.
        match (index, &remedy.command) {
            (0, Some(command)) => writeln!(out, "{}", printable(command))?,
            _ => indented(text, INDENT + 5, out)?,
        }
        label = "    ".to_owned();
    }
    Ok(())
}

fn report_cleaned(cleaned: &CleanedCache, out: &mut dyn Write, paint: Paint) -> io::Result<()> {
    let CleanedCache { folder, files } = cleaned;
    for (label, files) in [("removed", &files.removed), ("in use", &files.in_use)] {
        for CacheFile { path, bytes, .. } in files {
            writeln!(out, "{} {}  {bytes} bytes", paint.faint(format!("{label:<8}")), path.display())?;
        }
    }
    let (count, bytes) = (files.removed.len(), files.removed.iter().map(|file| file.bytes).sum::<u64>());
    let what = match (count, files.in_use.is_empty()) {
        (0, true) => format!("nothing to remove: {} has no firmware of another version", folder.display()),
        (0, false) => format!("nothing was removed from {}: another process uses it", folder.display()),
        _ => format!("{bytes} bytes are free again in {}", folder.display()),
    };
    writeln!(out, "{} {what}", paint.faint(format!("{:<8}", "cache")))
}

/// Writes a text in lines of at most [`WIDTH`] columns, all but the first with this indentation.
fn indented(text: &str, indent: usize, out: &mut dyn Write) -> io::Result<()> {
    let mut column = indent;
    for (index, word) in text.split(' ').enumerate() {
        let length = word.chars().count();
        if index > 0 && column + 1 + length > WIDTH {
            write!(out, "\n{:indent$}{word}", "")?;
            column = indent + length;
        } else {
            let space = if index > 0 { " " } else { "" };
            write!(out, "{space}{word}")?;
            column += space.len() + length;
        }
    }
    writeln!(out)
}

const WIDTH: usize = 110;
const STATE: usize = 10;
const TITLE: usize = 16;
const INDENT: usize = STATE + 1 + TITLE + 1;
