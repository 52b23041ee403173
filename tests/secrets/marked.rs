//! A folder with a marked secret in it.

use std::{fs, path::PathBuf, process::Command};

use esp_https::cert::{Generated, KeyType, Request, generate};
pub(crate) use support::secret::Secret;
use tempfile::TempDir;

/// A folder with a certificate and a key whose every part can be found again.
pub(crate) struct Marked {
    folder: TempDir,
    pub(crate) pair: Generated,
    pub(crate) secret: Secret,
}

impl Marked {
    pub(crate) fn new(key_type: KeyType) -> Self {
        let pair = generate(&Request { key_type, ..Request::book() }).unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("cacert.pem"), &pair.certificate_pem).unwrap();
        fs::write(folder.path().join("prvtkey.pem"), pair.private_key_pem.as_bytes()).unwrap();
        let secret = Secret::of_key(&pair.private_key_pem);
        Self { folder, pair, secret }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The command under test in that folder, without a terminal and without variables of ours.
    pub(crate) fn command<S: AsRef<std::ffi::OsStr>>(&self, words: &[S]) -> Command {
        let mut command = support::command();
        command.args(words).current_dir(self.folder.path()).stdin(std::process::Stdio::null());
        for variable in ["ESP_HTTPS_WIFI_PASSWORD", "ESP_HTTPS_WIFI_SSID", "ESPFLASH_PORT", "ESPFLASH_BAUD"] {
            command.env_remove(variable);
        }
        command.env("RUST_BACKTRACE", "full");
        command
    }
}
