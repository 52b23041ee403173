//! `esp-https probe --trace` and `--pcap`.

use std::{path::Path, sync::Arc};

use crate::{
    cli::ProbeArgs,
    error::{Error, Fault, Result},
    probe::{Observation, tape::Tape},
    report::{Console, Traced, pcapng},
    tls::trace::Trace,
};

/// A tape, if anything asks for one.
pub(super) fn tape(args: &ProbeArgs) -> Option<Arc<Tape>> {
    (args.trace || args.pcap.is_some()).then(Arc::default)
}

/// Reports what was seen, with the conversation where that was asked for; and what went wrong.
pub(super) fn report(
    args: &ProbeArgs,
    tape: &Tape,
    seen: Option<Observation>,
    error: Option<&Error>,
    console: &mut Console,
) -> Result<()> {
    let recording = tape.recording();
    if let Some(path) = &args.pcap {
        write(path, pcapng(&recording), console)?;
    }
    match (seen, args.trace) {
        (observation, true) if recording.ends.is_some() => {
            let trace = Trace::read(&recording.segments, &recording.secrets);
            console.result(&Traced { observation, trace }, error)
        }
        (Some(observation), _) => console.result(&observation, error),
        // Not even a connection: the error says it all.
        (None, _) => Ok(()),
    }
}

/// The file holds the secrets of the connection, so it is for its owner only.
fn write(path: &Path, bytes: Option<Vec<u8>>, console: &Console) -> Result<()> {
    let doing = || format!("writing --pcap {}", path.display());
    let Some(bytes) = bytes else {
        console.note(format!("{}: no connection was made, so there is nothing to write", path.display()));
        return Ok(());
    };
    crate::report::replace_private(path, &bytes).map_err(|source| {
        Error::new(Fault::Environment, "probe.pcap", doing(), source.to_string())
            .hint("choose a file in a folder that exists and that you may write to")
            .source(source)
    })
}
