//! The key generation, which may take seconds: interruptible, and announced when it is slow.

use std::time::Duration;

use tokio::{sync::oneshot, time::timeout};

use crate::{
    cert::{self, KeyType, PrivateKey},
    cmd::runtime,
    error::{Code, Error, Fault, Result},
    interrupt::{Signal, in_background},
    report::Console,
};

/// Generates the key beside this thread, so that Ctrl-C ends the wait (nothing is on disk yet) and a slow one is seen
/// to be at work. From then on signals wait until the two files are complete.
pub(super) fn generate(key_type: KeyType, console: &Console) -> Result<PrivateKey> {
    runtime::run(async {
        let mut interrupts = runtime::interrupts()?;
        let mut key = in_background(move || PrivateKey::generate(key_type)).map_err(runtime::failed)?;
        let made = interrupts.or(with_step(&mut key, key_type, console)).await;
        Ok(made.map_err(|signal| interruption(key_type, signal))??)
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

fn interruption(key_type: KeyType, signal: Signal) -> Error {
    let what = format!("by {}; nothing was written", signal.name());
    Error::new(Fault::Interrupted, Code::CERT_INTERRUPTED, format!("generating an {key_type} key"), what)
}

/// A key that takes longer is announced.
const PATIENCE: Duration = Duration::from_millis(500);
