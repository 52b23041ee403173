//! `esp-https probe --trace` and `--pcap`.

use std::sync::Arc;

use crate::{
    cli::ProbeArgs,
    client::transcript::Transcript,
    error::Result,
    output::{Output, Purpose},
    report::{Console, pcapng},
    tls::trace::Trace,
};

/// A transcript, if anything asks for one.
pub(super) fn transcript(args: &ProbeArgs) -> Option<Arc<Transcript>> {
    (args.trace || args.pcap.is_some()).then(Arc::default)
}

/// Writes the recording where it was asked for, and reads the conversation; `None` where that was not asked for, or no
/// connection was made.
pub(super) fn read(args: &ProbeArgs, transcript: &Transcript, console: &Console) -> Result<Option<Trace>> {
    let recording = transcript.recording();
    if let Some(output) = output(args) {
        write(&output, pcapng(&recording), console)?;
    }
    let wanted = args.trace && recording.ends.is_some();
    Ok(wanted.then(|| Trace::read(&recording.segments, &recording.secrets)))
}

/// The file that `--pcap` names.
pub(super) fn output(args: &ProbeArgs) -> Option<Output> {
    args.pcap.as_ref().map(|file| Output::new("--pcap", &file.0))
}

fn write(output: &Output, bytes: Option<Vec<u8>>, console: &Console) -> Result<()> {
    let Some(bytes) = bytes else {
        let path = output.path().display();
        console.note(format!("{path}: no connection was made, so nothing was written"));
        return Ok(());
    };
    console.write_output(output, Purpose::SecretResult, &bytes)
}
