//! The passphrase of a CA's key: from a file, a pipe or a person; never from the command line or the environment.

use std::path::Path;

use super::{explain, explain::Place};
use crate::{
    cert::{LoadError, Passphrase, load, passphrase::PassphraseFlaw},
    cmd::{
        hidden_input::{self, typed_line},
        runtime,
    },
    error::Result,
    system::terminal::SecretPrompt,
};

/// What a passphrase is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To open a key.
    Open,
    /// To protect a new one: it is asked for twice.
    Protect,
}

/// The passphrase of the key `key`, from `file` or from a person.
///
/// # Errors
/// `cert.no_passphrase`, `cert.bad_passphrase` and `cert.unreadable`.
pub(super) fn obtain(file: Option<&Path>, key: &Path, purpose: Purpose) -> Result<Passphrase> {
    let (file, key) = (file.map(Path::to_owned), key.to_owned());
    runtime::run(async {
        let mut interrupts = runtime::interrupts()?;
        let obtained = async {
            match file {
                Some(file) => runtime::in_background("reading the passphrase", move || read(&file)).await,
                None => asked(&key, purpose).await,
            }
        };
        interrupts.or(obtained).await.map_err(explain::stopped_asking)?
    })
}

fn read(path: &Path) -> Result<Passphrase> {
    let place = Place::File(path.to_owned());
    let bytes = if path == Path::new("-") {
        hidden_input::from_stdin()
            .map_err(|source| LoadError::Unreadable { path: "standard input".into(), source })
    } else {
        load::read(path)
    };
    let bytes = bytes.map_err(|error| explain::unreadable_passphrase(&place, &error))?;
    Passphrase::parse(&bytes).map_err(|flaw| explain::bad_passphrase(&place, flaw))
}

async fn asked(key: &Path, purpose: Purpose) -> Result<Passphrase> {
    let nobody = |_| explain::no_passphrase(key);
    let mut terminal = hidden_input::open().map_err(nobody)?;
    loop {
        let question = match purpose {
            Purpose::Open => format!("Passphrase of {}: ", key.display()),
            Purpose::Protect => format!("New passphrase for {}: ", key.display()),
        };
        let first = answer(&mut terminal, &question, key).await?;
        let passphrase = match (first, purpose) {
            (Err(flaw), _) => Err(format!("That can't be a passphrase: {flaw}")),
            (Ok(passphrase), Purpose::Open) => return Ok(passphrase),
            (Ok(passphrase), Purpose::Protect) => {
                let again = answer(&mut terminal, "\nThe same again: ", key).await?;
                if again.is_ok_and(|again| again == passphrase) {
                    Ok(passphrase)
                } else {
                    Err(DIFFER.to_owned())
                }
            }
        };
        match passphrase {
            Ok(passphrase) => return Ok(passphrase),
            Err(what) => terminal.show(&format!("\n{what}.\n")).map_err(nobody)?,
        }
    }
}

async fn answer(
    terminal: &mut SecretPrompt,
    question: &str,
    key: &Path,
) -> Result<std::result::Result<Passphrase, PassphraseFlaw>> {
    terminal.show(question).map_err(|_| explain::no_passphrase(key))?;
    let input = terminal.reader().map_err(|_| explain::no_passphrase(key))?;
    let line = runtime::in_background("asking for the passphrase", move || Ok(typed_line(input))).await?;
    line.map(|line| Passphrase::parse(&line)).ok_or_else(|| explain::no_passphrase(key))
}

const DIFFER: &str = "The two are not the same";
