//! What the boards are provisioned with: the same for all, or from a manifest each its own.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::Arc,
};

use esp_https_provision::{Hostname, Settings, Ssid, Wifi};
use time::OffsetDateTime;

use super::{explain, password};
use crate::{
    cert::facts::{Certificate, KeyAlgorithm, Validity},
    cert::{Fingerprint, OddFile, load},
    cli::FlashArgs,
    cmd::pair,
    device::{
        flash::{
            job::{Provision, Supply},
            layout::Region,
            manifest::{Manifest, Row},
        },
        provisioning::{Inputs, ProvisioningImage},
    },
    error::Result,
    interrupt::in_background,
    output::Use,
    report::{Console, Note, flash::outcome::NoteCode},
};

/// Who gets what, and what is good to know about it.
#[derive(Debug)]
pub(super) struct Identity {
    pub(super) supply: Supply,
    pub(super) notes: Vec<Note<NoteCode>>,
    /// The files that the manifest names, each by what an error calls it.
    files: Vec<(String, PathBuf)>,
}

impl Identity {
    /// Reads and checks all that is named, and then asks for the Wi-Fi password if need be.
    pub(super) async fn new(args: &FlashArgs, console: &mut Console) -> Result<Self> {
        let ssid = ssid(args)?;
        let maker = Maker {
            settings: settings(args)?,
            client_ca: args.identity.client_ca.clone(),
            expired: Expired::of(args),
            source: Source::of(args, console)?,
        };
        // Without a password first: nobody should type one for files that are wrong.
        let checked =
            in_background(move || maker.make().map(|made| (maker, made))).map_err(explain::runtime)?;
        let (mut maker, checked) = checked.await.map_err(explain::lost)??;
        for (name, path) in checked.files {
            console.reads(name, &path, Use::Reads)?;
        }
        maker.settings.wifi = Some(Wifi { ssid, password: password::obtain(args).await? });
        let made = in_background(move || maker.make()).map_err(explain::runtime)?;
        made.await.map_err(explain::lost)?
    }
}

fn ssid(args: &FlashArgs) -> Result<Ssid> {
    let ssid = args.identity.ssid.as_deref().ok_or_else(explain::no_network)?;
    ssid.parse().map_err(explain::bad_ssid)
}

/// Where certificates and keys are.
enum Source {
    Pair { certificate: PathBuf, key: PathBuf },
    Manifest(PathBuf),
}

impl Source {
    fn of(args: &FlashArgs, console: &Console) -> Result<Self> {
        if let Some(path) = &args.boards.manifest {
            return Ok(Self::Manifest(path.clone()));
        }
        let (certificate, key) =
            pair::files(args.identity.cert.as_deref(), args.identity.key.as_deref(), console)?;
        Ok(Self::Pair { certificate, key })
    }
}

fn settings(args: &FlashArgs) -> Result<Settings> {
    let hostname = args.identity.hostname.as_deref().map(str::parse::<Hostname>).transpose();
    let hostname = hostname.map_err(explain::bad_hostname)?.unwrap_or_default();
    Ok(Settings { hostname, limits: pair::limits(args.identity.max_header)?, wifi: None })
}

/// What to do with a certificate that is not valid now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expired {
    Refuse,
    Accept,
}

impl Expired {
    fn of(args: &FlashArgs) -> Self {
        if args.scope.allow_expired { Self::Accept } else { Self::Refuse }
    }
}

/// Makes provisions; what all of them share.
struct Maker {
    settings: Settings,
    client_ca: Option<PathBuf>,
    expired: Expired,
    source: Source,
}

impl Maker {
    fn make(&self) -> Result<Identity> {
        match &self.source {
            Source::Pair { certificate, key } => self.same(certificate, key),
            Source::Manifest(path) => self.by_manifest(path),
        }
    }

    fn same(&self, certificate: &Path, key: &Path) -> Result<Identity> {
        let mut notes = Vec::new();
        let provision = self.provision(certificate, key, &self.settings, &mut notes)?;
        Ok(Identity { supply: Supply::Same(Arc::new(provision)), notes, files: Vec::new() })
    }

    fn by_manifest(&self, path: &Path) -> Result<Identity> {
        let text = load::read(path).map_err(|error| explain::manifest_unreadable(path, &error))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let manifest = Manifest::parse(&text, folder).map_err(|error| explain::manifest(path, error))?;
        let (mut rows, mut notes, mut files) = (BTreeMap::new(), Vec::new(), Vec::new());
        for (mac, row) in manifest.rows() {
            let named = |path: &PathBuf| {
                (format!("{} of the manifest's line {}", path.display(), row.line), path.clone())
            };
            files.extend([&row.certificate, &row.key].map(named));
            let provision =
                self.row(row, &mut notes).map_err(|error| explain::manifest_row(path, row.line, error))?;
            rows.insert(*mac, Arc::new(provision));
        }
        let mut told = BTreeSet::new();
        notes.retain(|note: &Note<NoteCode>| told.insert(note.text.clone()));
        Ok(Identity { supply: Supply::ByMac(Arc::new(rows)), notes, files })
    }

    fn row(&self, row: &Row, notes: &mut Vec<Note<NoteCode>>) -> Result<Provision> {
        let hostname = row.hostname.clone().unwrap_or_default();
        let settings = Settings { hostname, ..self.settings.clone() };
        self.provision(&row.certificate, &row.key, &settings, notes)
    }

    fn provision(
        &self,
        certificate: &Path,
        key: &Path,
        settings: &Settings,
        notes: &mut Vec<Note<NoteCode>>,
    ) -> Result<Provision> {
        let client_ca = self.client_ca.as_deref();
        let inputs = Inputs { certificate, key, client_ca, settings: Some(settings) };
        let image = ProvisioningImage::build(&inputs)?;
        let now = OffsetDateTime::now_utc();
        let facts = Certificate::read(image.certificate(), now)
            .map_err(|error| explain::bad_certificate(certificate, &error))?;
        self.check(certificate, &facts, notes)?;
        let odd_file = |file: &OddFile| Note { code: NoteCode::OddFile, text: file.to_string() };
        notes.extend(image.odd_files().iter().map(odd_file));
        Ok(Provision {
            region: Region::provisioning(image.bytes()),
            certificate: certificate.to_owned(),
            fingerprint: Fingerprint::of_certificate(image.certificate()),
            hostname: settings.hostname.as_str().to_owned(),
        })
    }

    fn check(&self, path: &Path, facts: &Certificate, notes: &mut Vec<Note<NoteCode>>) -> Result<()> {
        let mut note = |code, text| notes.push(Note { code, text });
        if facts.validity != Validity::Valid {
            let error = explain::not_valid(path, facts);
            if self.expired == Expired::Refuse {
                return Err(error);
            }
            note(NoteCode::NotValid, format!("{}: {}", path.display(), error.what));
        } else if facts.days_left < SOON_DAYS {
            let text = format!(
                "{} expires in {} days; certgen --force makes a new one",
                path.display(),
                facts.days_left
            );
            note(NoteCode::ExpiresSoon, text);
        }
        let accelerated = facts.key.algorithm == KeyAlgorithm::Rsa
            && facts.key.bits.is_some_and(|bits| bits <= MOST_ACCELERATED);
        if !accelerated {
            let bits = facts.key.bits.map_or(String::new(), |bits| format!("-{bits}"));
            let name = facts.key.curve.clone().unwrap_or_else(|| format!("{}{bits}", facts.key.algorithm));
            let text = format!(
                "an ESP32-C3 computes {name} in software, so handshakes are slow; it accelerates RSA up to {MOST_ACCELERATED} bits"
            );
            note(NoteCode::SoftwareKey, text);
        }
        Ok(())
    }
}

/// ESP32-C3 Technical Reference Manual, "RSA Accelerator": operands up to so many bits.
const MOST_ACCELERATED: usize = 3072;
/// A certificate that ends within a month is about to be someone's bad day.
const SOON_DAYS: i64 = 30;
