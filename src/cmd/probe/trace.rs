//! `esp-https probe --trace` and `--pcap`.

use std::sync::Arc;

use crate::{
    cli::ProbeArgs,
    client::transcript::{Keeps, Transcript},
    error::Result,
    output::{Output, Purpose},
    probe::hosts::{HostReport, TracedConnection},
    report::{Console, pcapng},
    tls::trace::Trace,
};

/// A transcript, if anything asks for one: of all connections of an audit, and of the last attempt otherwise.
pub(super) fn transcript(args: &ProbeArgs) -> Option<Arc<Transcript>> {
    let keeps = if is_audit(args) { Keeps::All } else { Keeps::Last };
    (args.trace || args.pcap.is_some()).then(|| Arc::new(Transcript::new(keeps)))
}

/// Writes the recordings where that was asked for, and adds the conversations to the report; none where that was not asked
/// for, or no connection was made.
pub(super) fn add(
    args: &ProbeArgs,
    transcript: &Transcript,
    console: &Console,
    report: HostReport,
) -> Result<HostReport> {
    let recordings = transcript.recordings();
    if let Some(output) = output(args) {
        write(&output, pcapng(&recordings), console)?;
    }
    if !args.trace {
        return Ok(report);
    }
    let mut connections = recordings.iter().map(|recording| TracedConnection {
        question: recording.purpose.unwrap_or_default(),
        trace: Trace::read(&recording.segments, &recording.secrets),
    });
    Ok(if is_audit(args) {
        HostReport { connections: connections.collect(), ..report }
    } else {
        HostReport { trace: connections.next().map(|connection| connection.trace), ..report }
    })
}

fn is_audit(args: &ProbeArgs) -> bool {
    args.audit.audit || args.audit.all
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
