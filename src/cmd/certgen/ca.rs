//! `esp-https certgen ca`: makes a CA.

use std::{path::Path, time::Instant};

use super::{
    clock, explain, issuer, key,
    passphrase::{self, Purpose},
    plan,
    run::{claim, made, timing},
};
use crate::{
    cert::{
        self, CommonName, Passphrase, PrivateKey, Request, ca_folder,
        made::{MadeKey, NoteCode},
        openssl::quote_path,
        store::{self, Existing},
    },
    cli::CaArgs,
    error::Result,
    note::Note,
    report::Console,
};

/// Runs it.
pub(super) fn run(args: &CaArgs, console: &mut Console) -> Result<()> {
    let folder = issuer::folder(args.dir.as_deref())?;
    let location = ca_folder::location(&folder);
    claim(&location, ["the CA's certificate", "the CA's key"], console)?;
    let name = args.name.as_deref().map(plan::ca_name).transpose()?;
    let validity = plan::ca_validity(args.days)?;
    let now = clock::now()?;
    let existing = if args.force { Existing::Replace } else { Existing::Keep };
    let start = Instant::now();
    if args.dir.is_none() {
        issuer::make_parents(&folder)?;
    }
    store::check(&location, existing).map_err(explain::ca_not_written)?;
    ca_folder::check_private(&location).map_err(|error| explain::unusable_ca(&folder, error))?;
    let passphrase = passphrase_for(args, &location.key())?;
    let before_key = Instant::now();
    let key = key::generate(plan::key_type(args.key), console)?;
    let key_time = before_key.elapsed();
    let common_name = name.map_or_else(|| default_name(&key), Ok)?;
    let request = Request { validity, key_type: plan::key_type(args.key), ..Request::ca(common_name) };
    let mut pair = cert::certify(&request, &key, now)?;
    if let Some(passphrase) = &passphrase {
        pair.private_key_pem = key.to_protected_pem(passphrase)?;
    }
    store::write(&location, &pair, existing).map_err(explain::ca_not_written)?;
    let private_key = MadeKey { path: location.key(), encrypted: passphrase.is_some() };
    let next = format!("esp-https certgen --ca{} --san kitchen.local", named(args.dir.as_deref()));
    let pair = made(request, &location, &pair, private_key, notes(), next, timing(start, key_time))?;
    console.result(&pair, None)
}

fn passphrase_for(args: &CaArgs, key: &Path) -> Result<Option<Passphrase>> {
    let is_wanted = args.encrypt || args.passphrase_file.is_some();
    is_wanted.then(|| passphrase::obtain(args.passphrase_file.as_deref(), key, Purpose::Protect)).transpose()
}

/// A name that says nothing of whoever made it, and tells one CA from another.
fn default_name(key: &PrivateKey) -> Result<CommonName> {
    let digits: String = key.identifier().iter().take(3).map(|byte| format!("{byte:02x}")).collect();
    plan::ca_name(&format!("esp-https CA {digits}"))
}

/// How the folder is named on the command line.
fn named(folder: Option<&Path>) -> String {
    folder.map_or_else(String::new, |folder| format!(" {}", quote_path(folder)))
}

fn notes() -> Vec<Note<NoteCode>> {
    let text =
        "computers and phones accept what it issues once they trust ca.pem; keep its key on this machine";
    vec![Note { code: NoteCode::TrustOnce, text: text.to_owned() }]
}
