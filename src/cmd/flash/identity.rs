//! What the boards are provisioned with: the same for all, or from a manifest each its own.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::Arc,
};

use esp_https_provision::{Hostname, Settings, Ssid, Wifi};
use time::OffsetDateTime;

use super::{explain, manifest, password};
use crate::{
    cert::facts::{Certificate, Validity},
    cert::{Fingerprint, OddFile},
    cli::FlashArgs,
    cmd::{pair, runtime},
    device::{
        chip::Chip,
        flash::{
            job::{Provision, Supply},
            layout::Region,
            manifest::Row,
            outcome::FlashNoteCode,
        },
        provisioning::{Inputs, ProvisioningImage},
    },
    error::Result,
    note::Note,
    output::Use,
    report::Console,
};

/// Who gets what, and what is good to know about it.
#[derive(Debug)]
pub(super) struct FlashIdentity {
    pub(super) supply: Supply,
    pub(super) notes: Vec<Note<FlashNoteCode>>,
    /// The files that the manifest names, each by what an error calls it.
    files: Vec<(String, PathBuf)>,
}

/// Certificates, keys and settings that have been read and checked; only the network is not in them yet.
pub(super) struct CheckedIdentity {
    maker: Maker,
    ssid: Ssid,
}

impl CheckedIdentity {
    /// Reads and checks all that is named, but for the Wi-Fi password: nobody should type one for files that are wrong.
    pub(super) async fn new(chip: &'static Chip, args: &FlashArgs, console: &mut Console) -> Result<Self> {
        let ssid = ssid(args)?;
        let maker = Maker {
            chip,
            settings: settings(args)?,
            client_ca: args.identity.client_ca.clone(),
            expired: Expired::of(args),
            source: Source::of(args, console)?,
        };
        let check = move || maker.make().map(|made| (maker, made));
        let (maker, checked) = runtime::in_background(READING, check).await?;
        for (name, path) in checked.files {
            console.reads(name, &path, Use::Reads)?;
        }
        Ok(Self { maker, ssid })
    }

    /// Asks for the Wi-Fi password if need be, and makes what `boards` boards get.
    pub(super) async fn with_password(self, args: &FlashArgs, boards: usize) -> Result<FlashIdentity> {
        let Self { mut maker, ssid } = self;
        maker.settings.wifi = Some(Wifi { ssid, password: password::obtain(args).await? });
        let mut identity = runtime::in_background(READING, move || maker.make()).await?;
        identity.notes.extend(same_for_all(&identity.supply, boards));
        Ok(identity)
    }
}

/// A note on boards that can't be told apart.
fn same_for_all(supply: &Supply, boards: usize) -> Option<Note<FlashNoteCode>> {
    let Supply::Same(provision) = supply else { return None };
    (boards > 1).then(|| Note {
        code: FlashNoteCode::SameForAll,
        text: format!(
            "the {boards} boards get the same private key (who reads it from one of them has it of all) and the host name \
             {}, by which a network finds only one of them; --manifest gives each its own",
            provision.hostname
        ),
    })
}

/// Checks what is named, and takes nothing else for granted: a scenario gives the rest later.
pub(super) fn check_args(args: &FlashArgs) -> Result<()> {
    let settings = settings(args)?;
    args.identity.ssid.as_ref().map(|_| ssid(args)).transpose()?;
    let identity = &args.identity;
    pair::check(identity.cert.as_deref(), identity.key.as_deref(), identity.client_ca.as_deref(), &settings)
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
    let limits = pair::limits(args.identity.max_header)?;
    let legacy_clients = pair::legacy_clients(args.identity.legacy_clients);
    Ok(Settings { hostname, wifi: None, limits, legacy_clients })
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
    chip: &'static Chip,
    settings: Settings,
    client_ca: Option<PathBuf>,
    expired: Expired,
    source: Source,
}

impl Maker {
    fn make(&self) -> Result<FlashIdentity> {
        match &self.source {
            Source::Pair { certificate, key } => self.same(certificate, key),
            Source::Manifest(path) => self.by_manifest(path),
        }
    }

    fn same(&self, certificate: &Path, key: &Path) -> Result<FlashIdentity> {
        let mut notes = Vec::new();
        let provision = self.provision(certificate, key, &self.settings, &mut notes)?;
        Ok(FlashIdentity { supply: Supply::Same(Arc::new(provision)), notes, files: Vec::new() })
    }

    fn by_manifest(&self, path: &Path) -> Result<FlashIdentity> {
        let manifest = manifest::read(path)?;
        let (mut rows, mut notes, mut files) = (BTreeMap::new(), Vec::new(), Vec::new());
        let mut errors = Vec::new();
        for (mac, row) in manifest.rows() {
            let named = |path: &PathBuf| {
                (format!("{} of the manifest's line {}", path.display(), row.line), path.clone())
            };
            files.extend([&row.certificate, &row.key].map(named));
            match self.row(row, &mut notes) {
                Ok(provision) => drop(rows.insert(*mac, Arc::new(provision))),
                Err(error) => errors.push((row.line, error)),
            }
        }
        if !errors.is_empty() {
            errors.sort_by_key(|(line, _)| *line);
            return Err(manifest::faulty_rows(path, errors));
        }
        notes.extend(manifest::shared_hostnames(&manifest));
        let mut told = BTreeSet::new();
        notes.retain(|note: &Note<FlashNoteCode>| told.insert(note.text.clone()));
        Ok(FlashIdentity { supply: Supply::ByMac(Arc::new(rows)), notes, files })
    }

    fn row(&self, row: &Row, notes: &mut Vec<Note<FlashNoteCode>>) -> Result<Provision> {
        let hostname = row.hostname.clone().unwrap_or_default();
        let settings = Settings { hostname, ..self.settings.clone() };
        self.provision(&row.certificate, &row.key, &settings, notes)
    }

    fn provision(
        &self,
        certificate: &Path,
        key: &Path,
        settings: &Settings,
        notes: &mut Vec<Note<FlashNoteCode>>,
    ) -> Result<Provision> {
        let client_ca = self.client_ca.as_deref();
        let inputs = Inputs { certificate, key, client_ca, settings: Some(settings) };
        let image = ProvisioningImage::build(&inputs)?;
        let now = OffsetDateTime::now_utc();
        let facts = Certificate::read(image.certificate(), now)
            .map_err(|error| explain::bad_certificate(certificate, &error))?;
        self.check(certificate, &facts, notes)?;
        let odd_file = |file: &OddFile| Note { code: FlashNoteCode::OddFile, text: file.to_string() };
        notes.extend(image.odd_files().iter().map(odd_file));
        Ok(Provision {
            region: Region::provisioning(image.bytes()),
            certificate: certificate.to_owned(),
            fingerprint: Fingerprint::of_certificate(image.certificate()),
            hostname: settings.hostname.as_str().to_owned(),
        })
    }

    fn check(&self, path: &Path, facts: &Certificate, notes: &mut Vec<Note<FlashNoteCode>>) -> Result<()> {
        let mut note = |code, text| notes.push(Note { code, text });
        if facts.validity != Validity::Valid {
            let error = explain::not_valid(path, facts);
            if self.expired == Expired::Refuse {
                return Err(error);
            }
            note(FlashNoteCode::NotValid, format!("{}: {}", path.display(), error.what));
        } else if facts.days_left < SOON_DAYS {
            let text =
                format!("{} expires in {} days; {}", path.display(), facts.days_left, explain::renewal(path));
            note(FlashNoteCode::ExpiresSoon, text);
        }
        if let Some(text) = self.chip.slow_public_key_note(&facts.key) {
            note(FlashNoteCode::SoftwareKey, text);
        }
        Ok(())
    }
}

const READING: &str = "reading certificates and keys";
/// A certificate that expires within a month gets a note.
const SOON_DAYS: i64 = 30;
