//! The Wi-Fi password: from the environment, a file, or a person; never from the command line.

use std::{
    io,
    path::{Path, PathBuf},
};

use esp_https_provision::Password;
use zeroize::Zeroizing;

use super::password_fault::{self as fault, Place};
use crate::{
    cert::{LoadError, load},
    cli::FlashArgs,
    cmd::{
        hidden_input::{self, typed_line},
        runtime,
    },
    device::{
        guarded::WIFI_PASSWORD_VARIABLE as VARIABLE,
        provisioning::password::{PasswordFlaw, parse},
    },
    error::Result,
    system::terminal::SecretReader,
};

/// The password of the network; `None` where the network is said to have none.
pub(super) async fn obtain(args: &FlashArgs) -> Result<Option<Password>> {
    if args.identity.open_wifi {
        return Ok(None);
    }
    let password = match (&args.identity.wifi_password_file, std::env::var_os(VARIABLE)) {
        (Some(path), _) => from_file(path.clone()).await?,
        (None, Some(text)) => understood(&Zeroizing::new(text.into_encoded_bytes()), &Place::Variable)?,
        (None, None) if args.loader.non_interactive => return Err(fault::no_password()),
        (None, None) => asked(args.identity.ssid.as_deref().unwrap_or_default()).await?,
    };
    Ok(Some(password))
}

fn understood(bytes: &[u8], place: &Place) -> Result<Password> {
    parse(bytes).map_err(|flaw| fault::flawed(flaw, place))
}

async fn from_file(path: PathBuf) -> Result<Password> {
    let understood = move || {
        let bytes = read(&path)?;
        understood(&bytes, &Place::File(path))
    };
    runtime::in_background("reading the Wi-Fi password", understood).await
}

fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>> {
    let unreadable = |error: &dyn std::error::Error| fault::unreadable(&Place::File(path.to_owned()), error);
    if path == Path::new("-") {
        return hidden_input::from_stdin().map_err(|error| unreadable(&error));
    }
    load::read(path).map_err(|error| match error {
        LoadError::Unreadable { source, .. } if is_no_file(&source) => fault::no_file(),
        error => unreadable(&error),
    })
}

/// A name that leads nowhere, or is too long to.
fn is_no_file(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::InvalidFilename | io::ErrorKind::NotADirectory
    )
}

/// Asks on the terminal, without showing what is typed, until what is typed can be a password. The terminal's echo comes back
/// however the asking ends.
async fn asked(network: &str) -> Result<Password> {
    let nobody = |_: io::Error| fault::no_password();
    let mut terminal = hidden_input::open().map_err(nobody)?;
    loop {
        let question = format!("Password of the Wi-Fi network {network} (--open-wifi if it has none): ");
        terminal.show(&question).map_err(nobody)?;
        let input = terminal.reader().map_err(nobody)?;
        match runtime::in_background("asking for the Wi-Fi password", move || typed(input)).await? {
            Ok(password) => return Ok(password),
            Err(flaw) => {
                terminal.show(&format!("\nThat can't be the password: {flaw}.\n")).map_err(nobody)?;
            }
        }
    }
}

fn typed(terminal: SecretReader) -> Result<std::result::Result<Password, PasswordFlaw>> {
    typed_line(terminal).map(|line| parse(&line)).ok_or_else(fault::input_ended)
}
