//! A stream of TLS records: the same records in pieces of any size, and never more kept than came.
#![no_main]

use esp_https::tls::{Deframer, Record, RecordError};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let step = usize::from(bytes.first().copied().unwrap_or_default()) + 1;
    let bytes = bytes.get(1..).unwrap_or_default();
    assert_eq!(records(&[bytes]), records(&bytes.chunks(step).collect::<Vec<_>>()));
});

/// All records, and the error that ended them. Bytes that are no header may be told sooner or later, as they come.
fn records(pieces: &[&[u8]]) -> (Vec<Record>, bool) {
    let (mut deframer, mut records, mut came) = (Deframer::default(), Vec::new(), 0);
    for piece in pieces {
        deframer.push(piece);
        came += piece.len();
        loop {
            match deframer.next_record() {
                Ok(Some(record)) => records.push(record),
                Ok(None) => break,
                Err(RecordError::NotTls { .. } | RecordError::TooLarge { .. } | RecordError::Empty) => {
                    return (records, true);
                }
                Err(_) => unreachable!("no other error is known"),
            }
        }
        assert!(deframer.pending() <= came);
    }
    (records, false)
}
