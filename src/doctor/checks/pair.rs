//! The certificate and the key in this folder, which flash and emulate take when no others are named.

use std::path::Path;

use time::OffsetDateTime;

use crate::{
    cert::{
        LoadError,
        facts::{Certificate, Validity},
        store::Location,
    },
    device::{
        chip,
        provisioning::{Inputs, ProvisioningError, ProvisioningImage},
    },
    doctor::check::{Finding, Registered, Remedy, Verb, blocking},
    system::private,
};

pub(in crate::doctor) const CHECK: Registered = Registered {
    id: "pair",
    title: "certificate here",
    needed_by: &[Verb::Flash, Verb::Emulate],
    look: |_| blocking(|| vec![look(Path::new("."), OffsetDateTime::now_utc())]),
};

fn look(folder: &Path, now: OffsetDateTime) -> Finding {
    let here = Location::in_folder(folder);
    let (certificate, key) = (here.certificate(), here.key());
    match (certificate.symlink_metadata().is_ok(), key.symlink_metadata().is_ok()) {
        (false, false) => {
            return Finding::not_needed(
                "there is none in this folder; flash and emulate make one, as certgen does",
            );
        }
        (true, true) => {}
        (true, false) => return half(&certificate, &key),
        (false, true) => return half(&key, &certificate),
    }
    // Reading anything else could take for ever.
    if let Some(odd) = [&certificate, &key].into_iter().find(|path| path.exists() && !path.is_file()) {
        return Finding::unknown(format!("{} is no regular file, and was not read", odd.display()));
    }
    let inputs = Inputs { certificate: &certificate, key: &key, client_ca: None, settings: None };
    let image = match ProvisioningImage::build(&inputs) {
        Ok(image) => image,
        Err(error) => return unusable(&certificate, &error),
    };
    let is_public = private::is_public(&key);
    match Certificate::read(image.certificate(), now) {
        Err(error) => Finding::problem(format!("{}: {error}", certificate.display())).remedy(anew()),
        Ok(facts) if facts.validity == Validity::Valid && is_public => {
            let mode = Remedy::run(private::command(&key));
            Finding::warning(format!("others on this machine may read {}", key.display())).remedy(mode)
        }
        Ok(facts) => judge(&certificate.display().to_string(), &facts),
    }
}

fn judge(certificate: &str, facts: &Certificate) -> Finding {
    let until = facts.not_after.split('T').next().unwrap_or_default();
    let fits = format!("{certificate} and its key belong together and fit on a board; valid until {until}");
    match facts.validity {
        Validity::Expired => Finding::problem(format!("{certificate} has expired, on {until}"))
            .remedy(anew())
            .blocking([Verb::Flash]),
        Validity::NotYetValid => {
            let from = &facts.not_before;
            Finding::problem(format!("{certificate} is not valid before {from}: is the clock right?"))
                .remedy(anew())
                .blocking([Verb::Flash])
        }
        Validity::Valid if facts.days_left < SOON_DAYS => {
            let days = facts.days_left;
            Finding::warning(format!("{certificate} expires in {days} days, on {until}")).remedy(anew())
        }
        Validity::Valid => match chip::DEFAULT.slow_public_key_note(&facts.key) {
            Some(note) => Finding::ok(format!("{fits}; {note}")),
            None => Finding::ok(fits),
        },
    }
}

fn half(there: &Path, missing: &Path) -> Finding {
    Finding::problem(format!("{} is here, but {} is missing", there.display(), missing.display()))
        .remedy(anew())
}

fn unusable(certificate: &Path, error: &ProvisioningError) -> Finding {
    let path = match error {
        // Its text names both files.
        ProvisioningError::Load(LoadError::KeyMismatch { .. }) => {
            return Finding::problem(error.to_string()).remedy(anew());
        }
        ProvisioningError::Load(error) => error.path(),
        ProvisioningError::KeyKind { path, .. } | ProvisioningError::Certificate { path, .. } => path,
        _ => certificate,
    };
    Finding::problem(format!("{}: {error}", path.display())).remedy(anew())
}

fn anew() -> Remedy {
    Remedy::run("esp-https certgen --force")
        .and("replaces both files here; or name others with --cert and --key")
}

/// As `flash` warns.
const SOON_DAYS: i64 = 30;

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    use time::Duration;

    use super::*;
    use crate::cert::{self, KeyType, Request, store::Existing};

    fn told(folder: &Path, in_days: i64) -> String {
        let now = OffsetDateTime::now_utc() + Duration::days(in_days);
        look(folder, now).told().replace(&format!("{}/", folder.display()), "")
    }

    #[test]
    fn the_pair_in_a_folder_is_read_as_flash_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        let mut all = told(path, 0);
        let request = Request { key_type: KeyType::P256, ..Request::book() };
        let write = |existing| {
            let pair = cert::generate(&request).unwrap();
            cert::store::write(&Location::in_folder(path), &pair, existing).unwrap();
        };
        write(Existing::Keep);
        let old_key = fs::read(path.join("prvtkey.pem")).unwrap();
        for days in [0, 3640, 4000, -2] {
            all += &told(path, days);
        }
        fs::set_permissions(path.join("prvtkey.pem"), fs::Permissions::from_mode(0o644)).unwrap();
        all += &told(path, 0);
        write(Existing::Replace);
        fs::write(path.join("prvtkey.pem"), old_key).unwrap();
        all += &told(path, 0);
        fs::write(path.join("prvtkey.pem"), "no key").unwrap();
        all += &told(path, 0);
        fs::remove_file(path.join("prvtkey.pem")).unwrap();
        all += &told(path, 0);
        std::os::unix::fs::symlink("/dev/zero", path.join("prvtkey.pem")).unwrap();
        all += &told(path, 0);
        insta::with_settings!({ filters => vec![(r"20\d\d-\d\d-\d\d(T[0-9:]+Z)?", "DATE")] }, {
            insta::assert_snapshot!(all, @r"
            NotNeeded: there is none in this folder; flash and emulate make one, as certgen does
            Ok: cacert.pem and its key belong together and fit on a board; valid until DATE
            Warning: cacert.pem expires in 9 days, on DATE
              esp-https certgen --force
              replaces both files here; or name others with --cert and --key
            Problem: cacert.pem has expired, on DATE
              esp-https certgen --force
              replaces both files here; or name others with --cert and --key
            Problem: cacert.pem is not valid before DATE: is the clock right?
              esp-https certgen --force
              replaces both files here; or name others with --cert and --key
            Warning: others on this machine may read prvtkey.pem
              chmod 600 prvtkey.pem
            Problem: the key in prvtkey.pem does not belong to the certificate in cacert.pem
              esp-https certgen --force
              replaces both files here; or name others with --cert and --key
            Problem: prvtkey.pem: there is no usable private key in it; it is something else
              esp-https certgen --force
              replaces both files here; or name others with --cert and --key
            Problem: cacert.pem is here, but prvtkey.pem is missing
              esp-https certgen --force
              replaces both files here; or name others with --cert and --key
            Unknown: prvtkey.pem is no regular file, and was not read
            ");
        });
    }
}
