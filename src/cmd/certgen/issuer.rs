//! The CA that `--ca` names, or the one in the user's data folder.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use super::{explain, passphrase};
use crate::{
    cert::{
        Issuer,
        ca_folder::{self, ClosedCa},
    },
    cli::IssuerArgs,
    cmd::cert_fault::note_odd_files,
    error::Result,
    output::Use,
    report::Console,
};

/// The CA that issues what is made, opened; and its folder.
pub(super) struct OpenedCa {
    pub(super) issuer: Issuer,
    pub(super) folder: PathBuf,
}

impl OpenedCa {
    /// The file of its certificate, which those who trust it need.
    pub(super) fn certificate(&self) -> PathBuf {
        ca_folder::location(&self.folder).certificate()
    }
}

/// Opens the CA in the folder that is named; in the one of the user where none is.
///
/// # Errors
/// The CA can't be used: `cert.ca_*`, those of its files, and those of its passphrase.
pub(super) fn open(args: &IssuerArgs, console: &mut Console) -> Result<OpenedCa> {
    let folder = folder(args.ca.as_deref())?;
    let location = ca_folder::location(&folder);
    console.reads("the CA's certificate", &location.certificate(), Use::Reads)?;
    console.reads("the CA's key", &location.key(), Use::Reads)?;
    let mut odd = Vec::new();
    let closed = ClosedCa::read(&folder, &mut odd).map_err(|error| explain::unusable_ca(&folder, error))?;
    let needed = closed.is_protected().then(|| {
        passphrase::obtain(args.passphrase_file.as_deref(), &closed.key_path(), passphrase::Purpose::Open)
    });
    let opened = closed.open(needed.transpose()?.as_ref(), &mut odd);
    let issuer = opened.map_err(|error| explain::unusable_ca(&folder, error))?;
    note_odd_files(&odd, console);
    Ok(OpenedCa { issuer, folder })
}

/// The folder of a CA: the one that is named, or the one of the user.
///
/// # Errors
/// `cert.ca_no_home`.
pub(super) fn folder(named: Option<&Path>) -> Result<PathBuf> {
    match named.filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) => Ok(folder.to_owned()),
        None => data_folder().map(|data| data.join(PROGRAM).join(CA)).ok_or_else(explain::no_home),
    }
}

/// Makes the folders above that of the user's CA.
///
/// # Errors
/// `cert.unwritable`.
pub(super) fn make_parents(folder: &Path) -> Result<()> {
    let Some(parent) = folder.parent() else { return Ok(()) };
    fs::create_dir_all(parent).map_err(|source| explain::no_data_folder(parent, source))
}

/// Where a user's data is kept (XDG Base Directory Specification, which has relative paths ignored).
fn data_folder() -> Option<PathBuf> {
    let variable = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    variable("XDG_DATA_HOME").or_else(|| variable("HOME").map(|home| home.join(".local/share")))
}

const PROGRAM: &str = "esp-https";
const CA: &str = "ca";
