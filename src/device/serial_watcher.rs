//! Reads a board's serial output until it serves, fails or times out. All of it is saved to the log and reported, and
//! the last lines are kept to explain an error.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use super::{
    serial::{
        line::SerialLine,
        link::Link,
        listener::{Listener, SerialInput},
        log::{SerialLog, SerialLogError},
    },
    watch::{Start, Watch, WatchVerdict},
};
use crate::stop::Stop;

/// Reads from one board.
pub struct SerialWatcher<'a, L> {
    listener: Listener<L>,
    log: Option<SerialLog>,
    said: VecDeque<String>,
    /// Lines that came with the verdict's, behind it.
    behind: Vec<SerialLine>,
    begun: BegunLine,
    /// From when the times of `begun` count.
    since: Instant,
    stop: &'a Stop,
    tell: &'a dyn Fn(SerialEvent),
}

/// What happened at the port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SerialEvent {
    /// Lines, of so many bytes with what has not ended yet.
    Said {
        /// The lines.
        lines: Vec<SerialLine>,
        /// Every byte that came with them.
        bytes: usize,
    },
    /// The beginning of a line that the board does not go on with for the moment, as with a prompt. All of the line
    /// follows once it ends.
    Begun(SerialLine),
    /// The bootloader was asked to start the firmware and crashed instead: somebody has to press the board's RESET button.
    NeedsReset,
    /// The port has gone, as it may when a board restarts.
    PortGone,
    /// The port is back.
    PortBack,
}

impl<'a, L: Link> SerialWatcher<'a, L> {
    /// Reads from `link` until told to `stop`; what it reads goes to `log` and to `tell`.
    pub fn new(link: L, log: Option<SerialLog>, stop: &'a Stop, tell: &'a dyn Fn(SerialEvent)) -> Self {
        Self {
            listener: Listener::new(link),
            log,
            said: VecDeque::new(),
            behind: Vec::new(),
            begun: BegunLine::default(),
            since: Instant::now(),
            stop,
            tell,
        }
    }

    /// Waits for the board to serve, from now on and at most for `limit`; returns how it ended and how long it took, or
    /// `None` when it was told to stop before. What follows the line that decides it is told by [`Self::until_stopped`].
    ///
    /// # Errors
    /// The log can't be written.
    pub fn until_verdict(
        &mut self,
        start: Start,
        limit: Duration,
    ) -> Result<Option<(WatchVerdict, Duration)>, SerialLogError> {
        let since = Instant::now();
        let mut watch = Watch::new(start, limit);
        if start == Start::Asked {
            self.listener.skip_answers();
        }
        while !self.stop.is_given() {
            let input = self.read(limit)?;
            let at = since.elapsed();
            let verdict = self.judge(&mut watch, input, at).or_else(|| watch.tick(at));
            if let Some(verdict) = verdict {
                return Ok(Some((verdict, at)));
            }
        }
        Ok(None)
    }

    /// Follows the board until told to stop, or for `limit`.
    ///
    /// # Errors
    /// The log can't be written.
    pub fn until_stopped(&mut self, limit: Option<Duration>) -> Result<(), SerialLogError> {
        let behind = std::mem::take(&mut self.behind);
        if !behind.is_empty() {
            (self.tell)(SerialEvent::Said { lines: behind, bytes: 0 });
        }
        let since = Instant::now();
        let left = || limit.map_or(Duration::MAX, |limit| limit.saturating_sub(since.elapsed()));
        while !self.stop.is_given() && !left().is_zero() {
            match self.read(left())? {
                SerialInput::Bytes { bytes, lines } => {
                    (self.tell)(SerialEvent::Said { lines, bytes: bytes.len() });
                }
                SerialInput::PortGone => (self.tell)(SerialEvent::PortGone),
                SerialInput::PortBack => (self.tell)(SerialEvent::PortBack),
                SerialInput::Nothing => {}
            }
        }
        Ok(())
    }

    /// Reports the line that has begun and not ended, if there is one: a board may stop in the middle of a word.
    pub fn tell_rest(&mut self) {
        if let Some(rest) = self.listener.rest() {
            self.remember(std::slice::from_ref(&rest));
            (self.tell)(SerialEvent::Said { lines: vec![rest], bytes: 0 });
        }
    }

    /// The last lines, oldest first; the one that has not ended is among them.
    pub fn last_lines(&mut self) -> Vec<String> {
        let rest = self.listener.rest();
        self.remember(&Vec::from_iter(rest));
        self.said.drain(..).collect()
    }

    /// The next input, saved.
    fn read(&mut self, limit: Duration) -> Result<SerialInput, SerialLogError> {
        let input = self.listener.next(MOMENT.min(limit));
        if let (SerialInput::Bytes { bytes, .. }, Some(log)) = (&input, &mut self.log) {
            log.write(bytes)?;
        }
        if let SerialInput::Bytes { lines, .. } = &input {
            self.remember(lines);
            if !lines.is_empty() {
                self.begun = BegunLine::default();
            }
        }
        let begun = self.listener.begun();
        if self.begun.is_due(begun.as_ref(), self.since.elapsed())
            && let Some(begun) = begun
        {
            (self.tell)(SerialEvent::Begun(begun));
        }
        Ok(input)
    }

    /// Reports an input up to the line that decides the verdict, and keeps the lines behind it.
    fn judge(&mut self, watch: &mut Watch, input: SerialInput, at: Duration) -> Option<WatchVerdict> {
        match input {
            SerialInput::Bytes { bytes, mut lines } => {
                watch.bytes();
                let decided = lines
                    .iter()
                    .enumerate()
                    .find_map(|(index, line)| watch.line(line.plain(), at).map(|verdict| (index, verdict)));
                if let Some((index, _)) = decided {
                    self.behind = lines.split_off(index + 1);
                }
                (self.tell)(SerialEvent::Said { lines, bytes: bytes.len() });
                if watch.takes_need_of_reset() {
                    (self.tell)(SerialEvent::NeedsReset);
                }
                decided.map(|(_, verdict)| verdict)
            }
            SerialInput::PortGone => {
                watch.gone(at);
                (self.tell)(SerialEvent::PortGone);
                None
            }
            SerialInput::PortBack => {
                watch.back();
                (self.tell)(SerialEvent::PortBack);
                None
            }
            SerialInput::Nothing => None,
        }
    }

    fn remember(&mut self, lines: &[SerialLine]) {
        let plain = lines.iter().map(SerialLine::plain);
        self.said.extend(plain.filter(|line| !line.trim().is_empty()).map(str::to_owned));
        self.said.drain(..self.said.len().saturating_sub(REMEMBERED));
    }
}

/// Decides when the beginning of a line is shown. Most lines come in several pieces and end at once.
#[derive(Debug, Default)]
struct BegunLine {
    /// What of it was shown, in bytes.
    shown: usize,
    /// Since when there is more than that.
    waiting_since: Option<Duration>,
}

impl BegunLine {
    /// Whether what has come of a line by now is to be shown, at time `at`.
    fn is_due(&mut self, begun: Option<&SerialLine>, at: Duration) -> bool {
        let length = begun.map_or(0, |line| line.coloured().len());
        if length <= self.shown {
            self.waiting_since = None;
            return false;
        }
        let since = *self.waiting_since.get_or_insert(at);
        let is_due = at >= since + BEGUN_LINE_WAITS;
        if is_due {
            *self = Self { shown: length, waiting_since: None };
        }
        is_due
    }
}

/// How long the beginning of a line waits for the rest before it is shown.
const BEGUN_LINE_WAITS: Duration = Duration::from_millis(200);
/// How often the time is looked at while nothing is printed.
const MOMENT: Duration = Duration::from_millis(100);
/// How many lines are kept to show what led to an error.
const REMEMBERED: usize = 12;

#[cfg(test)]
mod tests {
    use std::{
        cell::RefCell,
        io::Write as _,
        thread::{self, sleep},
    };

    use serialport::TTYPort;

    use super::*;
    use crate::device::{
        serial::{link::Port, ports::PortInfo},
        watch::StartFailure,
    };

    const SOON: Duration = Duration::from_secs(20);

    /// A board that says its lines over a pseudo-terminal and stays, if the test asks for it.
    fn board(script: &'static [&'static str]) -> (Port, thread::JoinHandle<TTYPort>) {
        let (mut master, slave) = TTYPort::pair().unwrap();
        // The system gives the number of a pseudo-terminal that is gone to the next one, which is another test's.
        let path = "/nonexistent/port".to_owned();
        let says = thread::spawn(move || {
            for line in script {
                master.write_all(line.as_bytes()).unwrap();
                sleep(Duration::from_millis(2));
            }
            master
        });
        (Port::new(PortInfo { path, usb: None }, slave), says)
    }

    #[test]
    fn what_a_board_prints_is_saved_and_reported() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("board.log");
        let (port, says) = board(&[
            "ESP-ROM:esp32c3-api1-20210207\r\n",
            "hel",
            "lo\r\nESP-HTTPS FAULT {\"reason\":\"no key\"}\r\n",
        ]);
        let (stop, printed) = (Stop::default(), RefCell::new(Vec::new()));
        let tell = |word| {
            if let SerialEvent::Said { lines, .. } = word {
                printed.borrow_mut().extend(lines.into_iter().map(SerialLine::into_plain));
            }
        };
        let log = SerialLog::new(&path, Box::new(std::fs::File::create(&path).unwrap()));
        let mut watcher = SerialWatcher::new(port, Some(log), &stop, &tell);
        let (verdict, _) = watcher.until_verdict(Start::Ours, SOON).unwrap().unwrap();
        assert_eq!(verdict, WatchVerdict::Failed(StartFailure::Fault { message: "no key".to_owned() }));
        let lines = ["ESP-ROM:esp32c3-api1-20210207", "hello", "ESP-HTTPS FAULT {\"reason\":\"no key\"}"];
        assert_eq!(*printed.borrow(), lines);
        assert_eq!(watcher.last_lines(), lines);
        assert_eq!(std::fs::read_to_string(&path).unwrap().lines().collect::<Vec<_>>(), lines);
        drop(says.join());
    }

    #[test]
    fn the_beginning_of_a_line_is_shown_when_it_waits_and_once() {
        let mut begun = BegunLine::default();
        let ms = Duration::from_millis;
        let line = |text: &str| SerialLine::new(text.as_bytes());
        let mut due = |text: Option<&str>, at| begun.is_due(text.map(line).as_ref(), ms(at));
        assert!(!due(None, 0));
        assert!(!due(Some("a"), 1000), "it has only just come");
        assert!(!due(Some("ab"), 1199));
        assert!(due(Some("abc"), 1200), "the first byte has waited, though others came since");
        assert!(!due(Some("abc"), 2000), "all of it is shown");
        assert!(!due(Some("abcd"), 2001));
        assert!(due(Some("abcd"), 2201));
        assert!(!due(None, 9000));
    }

    #[test]
    fn a_prompt_is_told_before_its_line_ends_and_the_line_is_whole_in_the_end() {
        let (mut master, slave) = TTYPort::pair().unwrap();
        let port = Port::new(PortInfo { path: "/nonexistent/port".to_owned(), usb: None }, slave);
        let (stop, told) = (Stop::default(), RefCell::new(Vec::new()));
        let (begun, has_begun) = std::sync::mpsc::channel();
        let tell = |event| match event {
            SerialEvent::Begun(line) => {
                told.borrow_mut().push(format!("begun: {}", line.plain()));
                begun.send(()).unwrap();
            }
            SerialEvent::Said { lines, .. } => {
                told.borrow_mut().extend(lines.into_iter().map(SerialLine::into_plain));
            }
            _ => {}
        };
        let board = thread::spawn(move || {
            master.write_all(b"one\r\npassword: ").unwrap();
            has_begun.recv_timeout(SOON).unwrap();
            master.write_all(b"done\r\nESP-HTTPS FAULT {\"reason\":\"no key\"}\r\n").unwrap();
            master
        });
        let mut watcher = SerialWatcher::new(port, None, &stop, &tell);
        watcher.until_verdict(Start::Ours, SOON).unwrap().unwrap();
        assert_eq!(
            *told.borrow(),
            ["one", "begun: password: ", "password: done", "ESP-HTTPS FAULT {\"reason\":\"no key\"}"]
        );
        drop(board.join());
    }

    #[test]
    fn a_board_that_is_unplugged_is_not_waited_for_until_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("board.log");
        let log = SerialLog::new(&path, Box::new(std::fs::File::create(&path).unwrap()));
        let (port, says) = board(&["half a wo"]);
        let (stop, tell) = (Stop::default(), |_| {});
        let mut watcher = SerialWatcher::new(port, Some(log), &stop, &tell);
        let unplug = thread::spawn(move || {
            let board = says.join();
            // What is not read yet goes with a pseudo-terminal.
            support::wait_until("it is read", || std::fs::read(&path).unwrap() == b"half a wo");
            drop(board);
        });
        let (verdict, _) = watcher.until_verdict(Start::Ours, Duration::from_secs(60)).unwrap().unwrap();
        assert_eq!(verdict, WatchVerdict::Failed(StartFailure::PortGone));
        assert_eq!(watcher.last_lines(), ["half a wo"]);
        unplug.join().unwrap();
    }

    #[test]
    fn being_told_to_stop_is_no_verdict() {
        let (port, says) = board(&[]);
        let stop = Stop::default();
        stop.give();
        let mut watcher = SerialWatcher::new(port, None, &stop, &|_| {});
        assert_eq!(watcher.until_verdict(Start::Ours, SOON).unwrap(), None);
        watcher.until_stopped(None).unwrap();
        drop(says.join());
    }
}
