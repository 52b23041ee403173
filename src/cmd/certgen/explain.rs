//! What `certgen`'s errors mean to the person who asked, and what to try.

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

use time::OffsetDateTime;

use super::issuer::{self, OpenedCa};
use crate::{
    cert::{
        LoadError, NameError, StoreError, Validity,
        ca_folder::CaError,
        fingerprint::NotACertificate,
        inspection::NotInspectable,
        issuer::NotIssued,
        made::{RenewalEntry, RenewalResult, RenewalState},
        openssl::quote_path,
        passphrase::{Locked, PassphraseFlaw},
        profile::BadValidity,
        renewal::NotRenewable,
    },
    counted::counted,
    error::{Code, Error, Fault},
    interrupt::Signal,
    os_error::in_words,
    system::private,
};

/// A `--san` that is no name.
pub(super) fn bad_san(text: &str, source: NameError) -> Error {
    let hint = match &source {
        NameError::IsAddress => {
            format!("--san ip:{}", text.split_once(':').map_or(text, |(_, address)| address))
        }
        _ => "--san esp32.local or --san 192.168.1.7".to_owned(),
    };
    Error::new(Fault::Usage, Code::CERT_BAD_SAN, format!("reading --san {text:?}"), source.to_string())
        .hint(hint)
        .source(source)
}

/// A name that can be no common name; `flag` gave it.
pub(super) fn bad_common_name(flag: &str, text: &str, source: NameError) -> Error {
    let doing = format!("reading {flag} {text:?}");
    Error::new(Fault::Usage, Code::CERT_BAD_COMMON_NAME, doing, source.to_string())
        .hint(format!("give 1 to 64 characters, as in {flag} \"Kitchen light\""))
        .source(source)
}

/// A `--days` that is out of range; `usual` is what the profile has without it.
pub(super) fn bad_days(days: u32, usual: Validity, source: BadValidity) -> Error {
    Error::new(Fault::Usage, Code::CERT_BAD_DAYS, format!("reading --days {days}"), source.to_string())
        .hint(format!("--days {}", usual.in_days()))
        .source(source)
}

/// The book's profile is that of a self-signed certificate.
pub(super) fn book_of_a_ca() -> Error {
    let what = "the book's certificate is self-signed, and --ca has a CA sign it";
    Error::new(Fault::Usage, Code::CERT_BOOK_OF_A_CA, "reading --profile book", what).advised()
}

/// A clock that is wrong for sure.
pub(super) fn wrong_clock(now: OffsetDateTime, built: OffsetDateTime) -> Error {
    let what = format!("it says {}, and this program was built on {} or later", now.date(), built.date());
    Error::new(Fault::Environment, Code::CERT_CLOCK, "reading this machine's clock", what).advised()
}

/// A CA that has not issued a certificate, `doing` this.
pub(super) fn not_issued(doing: String, source: NotIssued) -> Error {
    let code = match source {
        NotIssued::Failed(source) => return source.into(),
        NotIssued::BeyondCa { .. } => Code::CERT_BEYOND_CA,
        NotIssued::Subject => Code::CERT_NOT_A_CA,
        _ => Code::CERT_CA_EXPIRED,
    };
    Error::new(Fault::Usage, code, doing, source.to_string()).advised().source(source)
}

/// Nothing says where a user's data is.
pub(super) fn no_home() -> Error {
    let what = "neither XDG_DATA_HOME nor HOME is set to a path";
    Error::new(Fault::Environment, Code::CERT_CA_NO_HOME, "looking for the user's data folder", what)
        .advised()
}

/// The folders above that of the user's CA can't be made.
pub(super) fn no_data_folder(folder: &Path, source: io::Error) -> Error {
    let doing = format!("making {}", folder.display());
    Error::new(Fault::Environment, Code::CERT_UNWRITABLE, doing, in_words(&source))
        .hint("name a folder that you may write to with --dir")
        .source(source)
}

/// The two files of a CA can't be written: another flag than for a board's pair names the folder.
pub(super) fn ca_not_written(source: StoreError) -> Error {
    let is_there = matches!(source, StoreError::Exists { .. });
    let error = Error::from(source);
    let hint = if is_there {
        "what the CA there has issued is trusted by those who trust it\n\
         use it with --ca, name another folder with --dir, or replace it for good with --force"
            .to_owned()
    } else {
        error.hint.clone().unwrap_or_default().replace("--out-dir", "--dir")
    };
    Error { hint: Some(hint), ..error }
}

/// A CA that can't be used.
pub(super) fn unusable_ca(folder: &Path, source: CaError) -> Error {
    let doing = |path: &Path| format!("reading {}", path.display());
    let what = source.to_string();
    let usage = |code, path: &Path| Error::new(Fault::Usage, code, doing(path), what.clone());
    let error = match &source {
        CaError::None { folder } => usage(Code::CERT_CA_MISSING, folder)
            .hint(format!("make one: esp-https certgen ca{}", in_folder(folder))),
        CaError::Exposed { path } => usage(Code::CERT_CA_EXPOSED, path).hint(private::command(path)),
        CaError::Unreadable { path, .. } => usage(Code::CERT_UNREADABLE, path).advised(),
        CaError::Locked { path, reason: Locked::WrongPassphrase } => {
            usage(Code::CERT_WRONG_PASSPHRASE, path).advised()
        }
        CaError::Locked { path, .. } => usage(Code::CERT_BAD_KEY, path).hint(CONVERT_KEY),
        CaError::NotAnIssuer { path, .. } => usage(Code::CERT_NOT_A_CA, path).advised(),
        _ => match source {
            CaError::Load(source) => return source.into(),
            other => return usage(Code::CERT_UNREADABLE, folder).source(other),
        },
    };
    error.source(source)
}

fn in_folder(folder: &Path) -> String {
    let is_user_s = issuer::folder(None).is_ok_and(|user_s| user_s == folder);
    if is_user_s { String::new() } else { format!(" --dir {}", quote_path(folder)) }
}

/// A certificate that can't be made again.
pub(super) fn not_renewable(path: &Path, reason: NotRenewable) -> Error {
    let hint = match reason {
        NotRenewable::Ca => "make a new CA with: esp-https certgen ca --force".to_owned(),
        _ => Code::CERT_NOT_RENEWABLE.hint(),
    };
    let doing = format!("renewing {}", path.display());
    Error::new(Fault::Usage, Code::CERT_NOT_RENEWABLE, doing, reason.to_string()).hint(hint).source(reason)
}

/// A certificate without its key.
pub(super) fn no_key_beside(certificate: &Path, names: &[String]) -> Error {
    let doing = format!("looking for the private key of {}", certificate.display());
    let what = format!("none of {} beside it is its key", names.join(", "));
    Error::new(Fault::Usage, Code::CERT_NO_KEY, doing, what)
        .hint("give its key one of these names, or name both in a file for --manifest")
}

/// A certificate that another CA has issued.
pub(super) fn other_ca(certificate: &Path, ca: &OpenedCa) -> Error {
    let doing = format!("renewing {}", certificate.display());
    let what = format!("{} in {} did not issue it", ca.issuer.subject(), ca.folder.display());
    Error::new(Fault::Usage, Code::CERT_OTHER_CA, doing, what).advised()
}

/// Certificates that are due, where that was the question; `None` where none is.
pub(super) fn due(result: &RenewalResult) -> Option<Error> {
    let is_due = |entry: &&RenewalEntry| matches!(entry.state, RenewalState::Due | RenewalState::Expired);
    let first = result.certificates.iter().filter(is_due).min_by_key(|entry| entry.days_left)?;
    let when = match first.days_left {
        ..=-1 => format!("has expired: {}", first.not_after),
        days => format!("expires in {}", counted(days.unsigned_abs(), "day")),
    };
    let what = match result.due {
        1 => format!("{} {when}", first.path.display()),
        due => format!("{due} certificates are due; {} {when}", first.path.display()),
    };
    let doing = format!("checking for certificates that expire within {} days", result.within_days);
    Some(Error::new(Fault::Finding, Code::CERT_DUE, doing, what).advised())
}

/// A signal before anything was renewed.
pub(super) fn stopped_renewing() -> Error {
    let what = "by a signal; nothing was written";
    Error::new(Fault::Interrupted, Code::CERT_INTERRUPTED, "renewing certificates", what)
}

/// Nothing that could be described.
pub(super) fn not_inspectable(source: &str, error: NotInspectable) -> Error {
    let doing = format!("inspecting {source}");
    Error::new(Fault::Usage, Code::CERT_NOT_INSPECTABLE, doing, error.to_string()).advised().source(error)
}

/// A signal while a server was asked.
pub(super) fn stopped_inspecting(target: &str, signal: Signal) -> Error {
    let what = format!("by {}", signal.name());
    Error::new(Fault::Interrupted, Code::CERT_INTERRUPTED, format!("inspecting {target}"), what)
}

/// Where a passphrase comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// The file that `--passphrase-file` names.
    File(PathBuf),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) if path.as_os_str() == "-" => f.write_str("standard input"),
            Self::File(path) => path.display().fmt(f),
        }
    }
}

/// No passphrase, and nobody to ask.
pub(super) fn no_passphrase(key: &Path) -> Error {
    let doing = format!("looking for the passphrase of {}", key.display());
    let what = "none is given, and there is no terminal to ask for one on";
    Error::new(Fault::Usage, Code::CERT_NO_PASSPHRASE, doing, what).advised()
}

/// The file of a passphrase can't be read.
pub(super) fn unreadable_passphrase(place: &Place, source: &LoadError) -> Error {
    let doing = format!("reading the passphrase from {place}");
    Error::new(Fault::Usage, Code::CERT_NO_PASSPHRASE, doing, source.to_string()).hint("check the path")
}

/// What was given is no passphrase.
pub(super) fn bad_passphrase(place: &Place, flaw: PassphraseFlaw) -> Error {
    let doing = format!("reading the passphrase from {place}");
    Error::new(Fault::Usage, Code::CERT_BAD_PASSPHRASE, doing, flaw.to_string()).advised().source(flaw)
}

/// A signal while a person was asked.
pub(super) fn stopped_asking(signal: Signal) -> Error {
    let what = format!("by {}; nothing was written", signal.name());
    Error::new(Fault::Interrupted, Code::CERT_INTERRUPTED, "asking for the passphrase", what)
}

const CONVERT_KEY: &str =
    "convert a copy of it: openssl pkcs8 -topk8 -v2 aes-256-cbc -in KEY -out ca-key.pem";

/// A certificate of ours that we can't read: a bug.
pub(super) fn unreadable_result(source: NotACertificate) -> Error {
    Error::new(Fault::Bug, Code::CERT_GENERATE, "reading our own certificate", source.to_string())
        .source(source)
}

/// A date that can't be written: a bug.
pub(super) fn unwritable_date(source: time::error::Format) -> Error {
    Error::new(Fault::Bug, Code::CERT_GENERATE, "writing a date", source.to_string()).source(source)
}
