//! `esp-https probe --trace` and `--pcap`.

use std::{path::Path, sync::Arc};

use crate::{
    cli::ProbeArgs,
    client::transcript::Tape,
    error::{Error, Fault, Result},
    report::{Console, pcapng, replace_private},
    tls::trace::Trace,
};

/// A tape, if anything asks for one.
pub(super) fn tape(args: &ProbeArgs) -> Option<Arc<Tape>> {
    (args.trace || args.pcap.is_some()).then(Arc::default)
}

/// Writes the recording where it was asked for, and reads the conversation; `None` where that was not asked for, or no
/// connection was made.
pub(super) fn read(args: &ProbeArgs, tape: &Tape, console: &Console) -> Result<Option<Trace>> {
    let recording = tape.recording();
    if let Some(path) = &args.pcap {
        write(path, pcapng(&recording), console)?;
    }
    let wanted = args.trace && recording.ends.is_some();
    Ok(wanted.then(|| Trace::read(&recording.segments, &recording.secrets)))
}

/// The file holds the secrets of the connection, so it is for its owner only.
fn write(path: &Path, bytes: Option<Vec<u8>>, console: &Console) -> Result<()> {
    let Some(bytes) = bytes else {
        console.note(format!("{}: no connection was made, so there is nothing to write", path.display()));
        return Ok(());
    };
    replace_private(path, &bytes).map_err(|source| {
        let doing = format!("writing --pcap {}", path.display());
        Error::new(Fault::Environment, "probe.pcap", doing, source.to_string())
            .hint("choose a file in a folder that exists and that you may write to")
            .source(source)
    })
}
