//! Progress of one or several pieces of work at once: indicatif bars on a terminal, plain lines elsewhere.

use std::{io::IsTerminal as _, time::Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::{
    Paint,
    console::{Chatter, say, stderr_paint},
    printable::printable_lines,
    step::SPINNER_TICK,
};

/// The tracks, one for each piece of work.
#[derive(Debug)]
pub struct Tracks {
    multi: Option<MultiProgress>,
    chatter: Chatter,
    tracks: Vec<Track>,
}

#[derive(Debug)]
struct Track {
    /// Before each of its lines; empty when there is only one track.
    name: String,
    bar: Option<ProgressBar>,
    kind: Kind,
    stage: String,
    since: Instant,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Spinner,
    Bytes,
}

impl Tracks {
    pub(super) fn new(names: &[String], chatter: Chatter) -> Self {
        let show = chatter == Chatter::Normal && std::io::stderr().is_terminal();
        let multi = show.then(MultiProgress::new);
        let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
        let name = |name: &String| if names.len() == 1 { String::new() } else { format!("{name:<width$}  ") };
        let track = |text: &String| Track {
            name: name(text),
            bar: None,
            kind: Kind::Spinner,
            stage: String::new(),
            since: Instant::now(),
        };
        Self { multi, chatter, tracks: names.iter().map(track).collect() }
    }

    /// A stage begins that can't be measured: `connecting`.
    pub fn stage(&mut self, track: usize, stage: impl Into<String>) {
        self.begin(track, &stage.into(), Kind::Spinner, 0);
    }

    /// A stage begins that goes through so many bytes.
    pub fn bytes(&mut self, track: usize, stage: impl Into<String>, total: usize) {
        self.begin(track, &stage.into(), Kind::Bytes, total);
    }

    /// So many bytes of the stage are done.
    pub fn done(&self, track: usize, bytes: usize) {
        if let Some(bar) = self.tracks.get(track).and_then(|track| track.bar.as_ref()) {
            bar.set_position(bytes as u64);
        }
    }

    /// Changes what a stage says on a terminal.
    pub fn detail(&self, track: usize, detail: &str) {
        if let Some(track) = self.tracks.get(track)
            && let Some(bar) = &track.bar
        {
            bar.set_message(format!("{} ({detail})", track.stage));
        }
    }

    /// A line that stays.
    pub fn line(&self, track: usize, line: &str) {
        let name = self.tracks.get(track).map_or("", |track| track.name.as_str());
        self.say(&format!("{name}{}", printable_lines(line)));
    }

    /// A line about all of them that stays.
    pub fn note(&self, line: &str) {
        self.say(line);
    }

    /// The stage went well; on a terminal its line stays, with how long it took.
    pub fn finished(&mut self, track: usize) {
        let Some(track) = self.tracks.get_mut(track) else { return };
        if let Some(bar) = track.bar.take() {
            bar.finish_and_clear();
            let seconds = track.since.elapsed().as_secs_f64();
            let line = format!(
                "{}{} {}",
                track.name,
                track.stage,
                stderr_paint().faint(format!("({seconds:.1} s)"))
            );
            self.say(&line);
        }
    }

    /// Takes the track's bar away, if there is one.
    pub fn clear(&mut self, track: usize) {
        if let Some(bar) = self.tracks.get_mut(track).and_then(|track| track.bar.take()) {
            bar.finish_and_clear();
        }
    }

    fn begin(&mut self, track: usize, stage: &str, kind: Kind, total: usize) {
        self.clear(track);
        let Some(track) = self.tracks.get_mut(track) else { return };
        (track.since, track.kind) = (Instant::now(), kind);
        stage.clone_into(&mut track.stage);
        match &self.multi {
            Some(multi) => track.bar = Some(bar(multi, track, total)),
            None if self.chatter == Chatter::Normal => say(&format!("{}{stage} ..", track.name)),
            None => {}
        }
    }

    fn say(&self, line: &str) {
        match &self.multi {
            // A terminal that is gone takes no line, and needs none.
            Some(multi) => multi.suspend(|| say(line)),
            None if self.chatter == Chatter::Normal => say(line),
            None => {}
        }
    }
}

/// Bars that are left when the work ends early leave nothing half-drawn.
impl Drop for Tracks {
    fn drop(&mut self) {
        for track in 0..self.tracks.len() {
            self.clear(track);
        }
    }
}

fn bar(multi: &MultiProgress, track: &Track, total: usize) -> ProgressBar {
    let bar = match track.kind {
        Kind::Spinner => ProgressBar::new_spinner(),
        Kind::Bytes => ProgressBar::new(total as u64),
    };
    let bar = multi.add(bar.with_prefix(track.name.clone()).with_message(track.stage.clone()));
    let template = match (track.kind, stderr_paint()) {
        (Kind::Spinner, _) => "{spinner} {prefix}{elapsed} {wide_msg}",
        (Kind::Bytes, Paint::Colour) => {
            "{spinner} {prefix}{msg} {wide_bar:.green} {binary_bytes}/{binary_total_bytes}  {eta} left"
        }
        (Kind::Bytes, Paint::Plain) => {
            "{spinner} {prefix}{msg} {wide_bar} {binary_bytes}/{binary_total_bytes}  {eta} left"
        }
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.progress_chars("━╸─"));
    }
    bar.enable_steady_tick(SPINNER_TICK);
    bar
}
