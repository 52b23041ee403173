//! The errors for a folder that does not become a site, as a conversion that `?` applies.

use crate::{
    error::{Code, Error, Fault},
    site::SiteError,
};

impl From<SiteError> for Error {
    fn from(source: SiteError) -> Self {
        let code = match source {
            SiteError::Link { .. } => Code::SITE_LINK,
            SiteError::Name { .. } => Code::SITE_NAME,
            SiteError::TooLarge { .. } => Code::SITE_TOO_LARGE,
            SiteError::Changed { .. } => Code::SITE_CHANGED,
            SiteError::PrivateKey { .. } => Code::SITE_PRIVATE_KEY,
            _ => Code::SITE_FILE,
        };
        Self::new(Fault::Usage, code, "packing the folder of --site", source.to_string())
            .advised()
            .source(source)
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::symlink, path::Path};

    use super::*;
    use crate::site::SiteImage;

    #[test]
    fn each_fault_of_a_folder_has_its_code() {
        for (break_it, code) in [
            ((|site| fs::remove_dir(site).unwrap()) as fn(&Path), "site.file"),
            (|site| symlink("/", site.join("link")).unwrap(), "site.link"),
            (|site| fs::write(site.join("a\n"), "").unwrap(), "site.name"),
            (|site| fs::write(site.join("a.txt"), key()).unwrap(), "site.private_key"),
            (|site| fs::File::create(site.join("a")).unwrap().set_len(1 << 30).unwrap(), "site.too_large"),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let site = folder.path().join("site");
            fs::create_dir(&site).unwrap();
            break_it(&site);
            let error = Error::from(SiteImage::pack(&site).unwrap_err());
            assert_eq!((error.fault.exit_code(), error.code.as_str()), (2, code));
        }
        let changed = Error::from(SiteError::Changed { path: "a".into() });
        assert_eq!((changed.fault.exit_code(), changed.code.as_str()), (2, "site.changed"));
    }

    fn key() -> String {
        rcgen::KeyPair::generate().unwrap().serialize_pem()
    }
}
