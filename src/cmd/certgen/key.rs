//! The key generation, which may take seconds: interruptible, and announced when it is slow.

use std::time::Duration;

use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::oneshot,
    time::timeout,
};

use crate::{
    cert::{self, KeyType, PrivateKey},
    error::{Error, Fault, Result},
    report::Console,
};

/// Generates the key beside this thread, so that Ctrl-C ends the wait (nothing is on disk yet) and a slow one is seen
/// to be at work. From then on signals wait until the two files are complete.
pub(super) fn generate(key_type: KeyType, console: &Console) -> Result<PrivateKey> {
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

/// A key that takes longer is announced.
const PATIENCE: Duration = Duration::from_millis(500);
