//! What is wrong with the Wi-Fi password, or with where it should come from, in words for a person. Says nothing of the
//! password itself.

use std::{fmt, path::PathBuf};

use crate::{
    device::{guarded::WIFI_PASSWORD_VARIABLE as VARIABLE, provisioning::password::PasswordFlaw},
    error::{Code, Error, Fault},
};

/// Where a password comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// The file that `--wifi-password-file` names.
    File(PathBuf),
    /// The variable.
    Variable,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) if path.as_os_str() == "-" => f.write_str("standard input"),
            Self::File(path) => path.display().fmt(f),
            Self::Variable => f.write_str(VARIABLE),
        }
    }
}

pub(super) fn no_password() -> Error {
    none("no password is given, and there is no terminal to ask for one on")
}

/// Ctrl-D, or a terminal that is gone.
pub(super) fn input_ended() -> Error {
    none("the input ended before a password was typed")
}

fn none(what: &str) -> Error {
    Error::new(Fault::Usage, Code::PROVISIONING_NO_PASSWORD, "looking for the Wi-Fi password", what).hint(format!(
        "set the variable {VARIABLE}, or name a file with --wifi-password-file\nor say --open-wifi if the network has none"
    ))
}

pub(super) fn flawed(flaw: PasswordFlaw, place: &Place) -> Error {
    let doing = format!("reading the Wi-Fi password from {place}");
    Error::new(Fault::Usage, Code::PROVISIONING_PASSWORD, doing, flaw.to_string())
        .hint(hint(flaw, place))
        .source(flaw)
}

fn hint(flaw: PasswordFlaw, place: &Place) -> String {
    let text = match (flaw, place) {
        (PasswordFlaw::Empty, Place::Variable) => {
            return format!(
                "{VARIABLE} is set and empty: in CI, a secret that does not exist is an empty variable\n\
                 set it to the password, or say --open-wifi if the network has none"
            );
        }
        (PasswordFlaw::Empty, Place::File(_)) => {
            "write the password into it, or say --open-wifi if the network has none"
        }
        (PasswordFlaw::NotText, Place::File(_)) => "save it as text: UTF-8, or UTF-16 with a byte-order mark",
        (PasswordFlaw::NotText, Place::Variable) => "set it to text in UTF-8",
        (PasswordFlaw::SecondLine, _) => {
            "leave only the password, in one line; one line break at the end is allowed"
        }
        (PasswordFlaw::OutsideAscii, _) => {
            "are quotes or blanks of a word processor in it? type them anew\n\
             if the password really has such letters, give the network's key instead: 64 hexadecimal digits"
        }
        (PasswordFlaw::ControlCharacter, _) => "leave out what is not the password itself, such as a tab",
        (PasswordFlaw::TooShort, _) => "is it another network's? say --open-wifi if this one has none",
        (PasswordFlaw::TooLong, _) => {
            "leave out what is not the password itself, such as the name of a variable or quotes"
        }
        (PasswordFlaw::NotAKey, _) => {
            "a password has at most 63 characters: is one too many, or a digit of a key wrong?"
        }
    };
    text.to_owned()
}

pub(super) fn unreadable(place: &Place, source: &dyn std::error::Error) -> Error {
    let doing = format!("reading the Wi-Fi password from {place}");
    Error::new(Fault::Usage, Code::PROVISIONING_PASSWORD_FILE, doing, source.to_string())
        .hint(format!("check the path, or set the variable {VARIABLE}"))
}

/// The name is not repeated: who takes the option for the password itself has typed that.
pub(super) fn no_file() -> Error {
    let what = "there is no file of that name (it is not repeated here, since it may be the password itself)";
    Error::new(Fault::Usage, Code::PROVISIONING_PASSWORD_FILE, "reading --wifi-password-file", what)
        .hint(format!("give the name of a file that holds the password, or set the variable {VARIABLE}"))
}
