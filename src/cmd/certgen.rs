//! `esp-https certgen`.

use std::time::{Duration, Instant};

use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::oneshot,
    time::timeout,
};

use crate::{
    cert::{
        self, CommonName, Fingerprint, Generated, KeyType, NameError, PrivateKey, Profile, Request, San,
        Validity,
        key::BoardSupport,
        openssl,
        store::{self, Existing, Location},
    },
    cli::{CertgenArgs, KeyArg, ProfileArg},
    error::{Error, Fault, Result},
    report::{
        Console,
        certgen::{MadeCertificate, MadeKey, MadePair, Note, NoteCode, OpensslCommand, Timing},
    },
};

/// Runs `esp-https certgen`.
pub(super) fn run(args: &CertgenArgs, console: &mut Console) -> Result<()> {
    let request = request(args)?;
    let location = Location::in_folder(&args.out_dir);
    if args.print_openssl {
        return console.result(&OpensslCommand { openssl: openssl::command(&request, &location) }, None);
    }
    let existing = if args.force { Existing::Replace } else { Existing::Keep };
    let start = Instant::now();
    store::check(&location, existing)?;
    let before_key = Instant::now();
    let key = generate_key(request.key_type, console)?;
    let key_time = before_key.elapsed();
    let pair = cert::certify(&request, &key, OffsetDateTime::now_utc())?;
    store::write(&location, &pair, existing)?;
    let timing =
        Timing { key_us: micros(key_time), rest_us: micros(start.elapsed().saturating_sub(key_time)) };
    let notes = notes(&request, args);
    console.result(&made(request, &location, &pair, notes, timing)?, None)
}

/// Generates the key beside this thread, so that Ctrl-C ends the wait (nothing is on disk yet) and a slow one is seen
/// to be at work. From then on signals wait until the two files are complete.
fn generate_key(key_type: KeyType, console: &Console) -> Result<PrivateKey> {
    let failed = |source: std::io::Error| {
        Error::new(Fault::Environment, "cert.runtime", "starting to generate a key", source.to_string())
            .source(source)
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
    runtime.block_on(async {
        let mut interrupts = signal(SignalKind::interrupt()).map_err(failed)?;
        let mut terminations = signal(SignalKind::terminate()).map_err(failed)?;
        let (sender, mut receiver) = oneshot::channel();
        std::thread::Builder::new()
            .name("key".to_owned())
            // Nobody is left to tell when the receiver is gone.
            .spawn(move || drop(sender.send(PrivateKey::generate(key_type))))
            .map_err(failed)?;
        let made = tokio::select! {
            made = with_step(&mut receiver, key_type, console) => made,
            _ = interrupted(&mut interrupts, &mut terminations) => return Err(interruption(key_type)),
        };
        Ok(made?)
    })
}

async fn with_step(
    key: &mut oneshot::Receiver<std::result::Result<PrivateKey, cert::Error>>,
    key_type: KeyType,
    console: &Console,
) -> std::result::Result<PrivateKey, cert::Error> {
    let lost = || Err(cert::Error::Crypto { doing: "generate a key" });
    if let Ok(made) = timeout(PATIENCE, &mut *key).await {
        return made.unwrap_or_else(|_| lost());
    }
    let step = console.step(format!("generating an {key_type} key"));
    let made = key.await.unwrap_or_else(|_| lost())?;
    step.done();
    Ok(made)
}

async fn interrupted(interrupts: &mut Signal, terminations: &mut Signal) {
    tokio::select! {
        _ = interrupts.recv() => {}
        _ = terminations.recv() => {}
    }
}

fn interruption(key_type: KeyType) -> Error {
    Error::new(
        Fault::Interrupted,
        "interrupted",
        format!("generating an {key_type} key"),
        "interrupted; nothing was written",
    )
}

fn request(args: &CertgenArgs) -> Result<Request> {
    let names = names(&args.sans)?;
    let common_name = args.cn.as_deref().map(common_name).transpose()?;
    let mut request = match args.profile {
        ProfileArg::Book => {
            Request { common_name: common_name.unwrap_or_else(CommonName::book), names, ..Request::book() }
        }
        ProfileArg::Server => Request::server(common_name, names),
    };
    request.key_type = key_type(args.key);
    if let Some(days) = args.days {
        request.validity = Validity::days(days).map_err(|source| {
            Error::new(Fault::Usage, "cert.bad_days", format!("reading --days {days}"), source.to_string())
                .hint(format!("--days {}", request.validity.in_days()))
                .source(source)
        })?;
    }
    Ok(request)
}

/// The names in their order; one that is given twice is taken once.
fn names(texts: &[String]) -> Result<Vec<San>> {
    let mut names = Vec::new();
    for text in texts {
        let name: San = text.parse().map_err(|source| bad_san(text, source))?;
        if !names.contains(&name) {
            names.push(name);
        }
    }
    Ok(names)
}

fn bad_san(text: &str, source: NameError) -> Error {
    let hint = match &source {
        NameError::NoKind { suggestion: Some(name) } => format!("--san {name}"),
        NameError::IsAddress => {
            format!("--san ip:{}", text.split_once(':').map_or(text, |(_, address)| address))
        }
        _ => "--san dns:esp32.local or --san ip:192.168.1.7".to_owned(),
    };
    Error::new(Fault::Usage, "cert.bad_san", format!("reading --san {text:?}"), source.to_string())
        .hint(hint)
        .source(source)
}

fn common_name(text: &str) -> Result<CommonName> {
    text.parse().map_err(|source: NameError| {
        Error::new(Fault::Usage, "cert.bad_common_name", format!("reading --cn {text:?}"), source.to_string())
            .hint("1 to 64 characters, e.g. --cn \"Kitchen light\"")
            .source(source)
    })
}

fn key_type(key: KeyArg) -> KeyType {
    match key {
        KeyArg::Rsa2048 => KeyType::Rsa2048,
        KeyArg::Rsa3072 => KeyType::Rsa3072,
        KeyArg::Rsa4096 => KeyType::Rsa4096,
        KeyArg::P256 => KeyType::P256,
        KeyArg::P384 => KeyType::P384,
    }
}

fn notes(request: &Request, args: &CertgenArgs) -> Vec<Note> {
    let note = |code, text: String| Note { code, text };
    let mut notes = Vec::new();
    if request.profile == Profile::Book {
        let text = "browsers will call this certificate untrusted; --profile server makes one that they accept once trusted";
        notes.push(note(NoteCode::BrowsersRefuse, text.to_owned()));
    } else if args.sans.is_empty() && request.names.len() > 1 {
        let text = "these names are a guess; add what your board is reached by, e.g. --san ip:192.168.1.7";
        notes.push(note(NoteCode::DefaultNames, text.to_owned()));
    }
    if request.profile == Profile::Server && request.validity.in_days() > APPLE_MAX_DAYS {
        let text = format!("Apple's systems refuse server certificates of more than {APPLE_MAX_DAYS} days");
        notes.push(note(NoteCode::LongValidity, text));
    }
    if request.key_type.on_esp32c3() == BoardSupport::Software {
        let text = format!(
            "an ESP32-C3 computes {} in software, so handshakes are slow; it accelerates RSA up to 3072 bits",
            request.key_type
        );
        notes.push(note(NoteCode::SoftwareKey, text));
    }
    notes
}

fn made(
    request: Request,
    location: &Location,
    pair: &Generated,
    notes: Vec<Note>,
    timing: Timing,
) -> Result<MadePair> {
    let spki_sha256 = Fingerprint::of_public_key(&pair.certificate).map_err(|source| {
        Error::new(Fault::Bug, "cert.generate", "reading our own certificate", source.to_string())
    })?;
    let certificate = MadeCertificate {
        path: location.certificate(),
        size: pair.certificate.len(),
        sha256: Fingerprint::of_certificate(&pair.certificate),
        spki_sha256,
        curl_pin: spki_sha256.as_curl_pin(),
        not_before: rfc3339(pair.not_before)?,
        not_after: rfc3339(pair.not_after)?,
        days: request.validity,
    };
    Ok(MadePair {
        profile: request.profile,
        common_name: request.common_name,
        names: request.names,
        key_type: request.key_type,
        certificate,
        private_key: MadeKey { path: location.key() },
        notes,
        next: next(location),
        timing,
    })
}

fn next(location: &Location) -> String {
    if *location == Location::in_folder(".".as_ref()) {
        return "esp-https emulate".to_owned();
    }
    let [certificate, key] = [location.certificate(), location.key()].map(|path| openssl::quote_path(&path));
    format!("esp-https emulate --cert {certificate} --key {key}")
}

fn rfc3339(time: OffsetDateTime) -> Result<String> {
    time.format(&Rfc3339).map_err(|source| {
        Error::new(Fault::Bug, "cert.generate", "writing a date", source.to_string()).source(source)
    })
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// A key that takes longer is announced.
const PATIENCE: Duration = Duration::from_millis(500);
/// support.apple.com/en-us/103769.
const APPLE_MAX_DAYS: u32 = 825;
