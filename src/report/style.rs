//! Colours, used sparingly and only where the output is a terminal that wants them.

use std::{fmt::Display, io};

use anstyle::{AnsiColor, Style};

/// Paints words, or leaves them alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paint {
    /// ANSI colours.
    Colour,
    /// Plain text.
    Plain,
}

impl Paint {
    /// Something good: `trusted`, `200`.
    pub fn good(self, text: impl Display) -> String {
        self.with(Style::new().fg_color(Some(AnsiColor::Green.into())), text)
    }

    /// Something to look at: a warning.
    pub fn warn(self, text: impl Display) -> String {
        self.with(Style::new().fg_color(Some(AnsiColor::Yellow.into())), text)
    }

    /// Something bad: an error, a failed check.
    pub fn bad(self, text: impl Display) -> String {
        self.with(Style::new().bold().fg_color(Some(AnsiColor::Red.into())), text)
    }

    /// A heading or the one word that matters.
    pub fn strong(self, text: impl Display) -> String {
        self.with(Style::new().bold(), text)
    }

    /// Labels and asides.
    pub fn faint(self, text: impl Display) -> String {
        self.with(Style::new().dimmed(), text)
    }

    fn with(self, style: Style, text: impl Display) -> String {
        match self {
            Self::Colour => format!("{style}{text}{style:#}"),
            Self::Plain => text.to_string(),
        }
    }
}

/// How standard output is painted.
pub(super) fn stdout_paint() -> Paint {
    paint_for(anstream::AutoStream::choice(&io::stdout()))
}

/// How standard error is painted.
pub(super) fn stderr_paint() -> Paint {
    paint_for(anstream::AutoStream::choice(&io::stderr()))
}

fn paint_for(choice: anstream::ColorChoice) -> Paint {
    if choice == anstream::ColorChoice::Never { Paint::Plain } else { Paint::Colour }
}
