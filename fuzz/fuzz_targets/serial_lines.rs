//! What a board says on its serial port: any bytes, in any pieces, are the same lines, none longer than the longest,
//! and understanding them never panics; whatever they are, a board that is watched gets its verdict in time.
#![no_main]

use std::time::Duration;

use esp_https::device::{
    ready::Line,
    serial::line::{LineSplitter, SerialLine},
    watch::{Start, Watch},
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, &[u8])| {
    let (step, bytes) = input;
    let whole = lines(&[bytes]);
    let pieces: Vec<&[u8]> = bytes.chunks(usize::from(step) + 1).collect();
    assert_eq!(whole, lines(&pieces));
    let limit = Duration::from_secs(1);
    let mut watch = Watch::new(Start::Unknown, limit);
    for line in whole {
        let _ = watch.line(&line, Duration::ZERO);
        // A byte that is not UTF-8 takes the three of U+FFFD.
        assert!(line.len() <= 3 * LineSplitter::LONGEST);
        assert!(!line.chars().any(|c| c.is_control() && c != '\t'));
        let _ = Line::parse(&line);
    }
    assert!(watch.tick(limit).is_some());
});

fn lines(pieces: &[&[u8]]) -> Vec<String> {
    let mut splitter = LineSplitter::default();
    let mut lines: Vec<String> =
        pieces.iter().flat_map(|piece| splitter.push(piece)).map(SerialLine::into_plain).collect();
    lines.extend(splitter.finish().map(SerialLine::into_plain));
    lines
}
