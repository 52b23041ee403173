//! The Wi-Fi password: from the environment, a file, or a person; never from the command line.

use std::{
    ffi::OsString,
    fs::File,
    io::{self, IsTerminal as _, Read as _, Write as _},
    os::fd::AsFd as _,
    path::{Path, PathBuf},
};

use esp_https_provision::Password;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

use super::explain;
use crate::{
    cert::{LoadError, load},
    cli::FlashArgs,
    cmd::runtime,
    device::guarded::WIFI_PASSWORD_VARIABLE as VARIABLE,
    error::Result,
};

/// The password of the network; `None` where the network is said to have none.
pub(super) async fn obtain(args: &FlashArgs) -> Result<Option<Password>> {
    if args.identity.open_wifi {
        return Ok(None);
    }
    let text = match (&args.identity.wifi_password_file, std::env::var_os(VARIABLE)) {
        (Some(path), _) => from_file(path.clone()).await?,
        (None, Some(text)) => {
            let not_text = |text: OsString| {
                drop(Zeroizing::new(text.into_encoded_bytes()));
                explain::password_not_text(VARIABLE)
            };
            Zeroizing::new(text.into_string().map_err(not_text)?)
        }
        (None, None) if args.loader.non_interactive => return Err(explain::no_password()),
        (None, None) => asked(args.identity.ssid.as_deref().unwrap_or_default()).await?,
    };
    text.parse().map(Some).map_err(explain::bad_password)
}

async fn from_file(path: PathBuf) -> Result<Zeroizing<String>> {
    runtime::in_background("reading the Wi-Fi password", move || read(&path)).await
}

fn read(path: &Path) -> Result<Zeroizing<String>> {
    let bytes = if path == Path::new("-") {
        let mut bytes = Zeroizing::new(Vec::with_capacity(LONGEST));
        // Not by the standard library's reader, whose buffer would keep it.
        let input = io::stdin().as_fd().try_clone_to_owned().map(File::from);
        let read = input.and_then(|input| input.take(LONGEST as u64).read_to_end(&mut bytes));
        let unreadable = |source| LoadError::Unreadable { path: path.to_owned(), source };
        read.map_err(|error| explain::password_unreadable(path, &unreadable(error)))?;
        bytes
    } else {
        load::read(path).map_err(|error| match error {
            LoadError::Unreadable { source, .. } if is_no_file(&source) => explain::no_password_file(),
            error => explain::password_unreadable(path, &error),
        })?
    };
    first_line(&bytes).ok_or_else(|| explain::password_not_text(&path.display().to_string()))
}

/// A name that leads nowhere, or is too long to.
fn is_no_file(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::InvalidFilename | io::ErrorKind::NotADirectory
    )
}

fn first_line(bytes: &[u8]) -> Option<Zeroizing<String>> {
    let line = bytes.split(|byte| *byte == b'\n').next()?;
    let text = std::str::from_utf8(line.strip_suffix(b"\r").unwrap_or(line)).ok()?;
    Some(Zeroizing::new(text.to_owned()))
}

/// Asks on the terminal, without showing what is typed. Its echo comes back however the asking ends.
async fn asked(network: &str) -> Result<Zeroizing<String>> {
    let nobody = |_: io::Error| explain::no_password();
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Err(explain::no_password());
    }
    let mut terminal = File::options().read(true).write(true).open("/dev/tty").map_err(nobody)?;
    let quiet = Quiet::new(terminal.try_clone().map_err(nobody)?).map_err(nobody)?;
    write!(terminal, "Password of the Wi-Fi network {network} (--open-wifi if it has none): ")
        .map_err(nobody)?;
    let typed = runtime::in_background("asking for the Wi-Fi password", move || line_of(terminal)).await;
    drop(quiet);
    typed
}

fn line_of(mut terminal: File) -> Result<Zeroizing<String>> {
    // A terminal gives a line at a time; what is longer is no password.
    let mut bytes = Zeroizing::new(vec![0; LONGEST]);
    let count = terminal.read(&mut bytes).map_err(|_| explain::no_password())?;
    first_line(bytes.get(..count).unwrap_or_default()).ok_or_else(explain::no_password)
}

/// A terminal that shows nothing, until this is dropped.
struct Quiet {
    terminal: File,
    before: Termios,
}

impl Quiet {
    fn new(terminal: File) -> io::Result<Self> {
        let before = tcgetattr(&terminal)?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        tcsetattr(&terminal, OptionalActions::Flush, &silent)?;
        Ok(Self { terminal, before })
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        // A terminal that is gone shows nothing anyway. The key that ended the line was not shown either.
        let _ = tcsetattr(&self.terminal, OptionalActions::Now, &self.before);
        let _ = self.terminal.write_all(b"\n");
    }
}

const LONGEST: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_counts_whatever_ends_it() {
        for bytes in [&b"secret word"[..], b"secret word\n", b"secret word\r\nmore"] {
            assert_eq!(first_line(bytes).unwrap().as_str(), "secret word");
        }
        assert_eq!(first_line(b"\xff\xfe"), None);
        assert_eq!(first_line(b"").unwrap().as_str(), "");
    }
}
