//! What the lines mean that a board prints on its serial port. What a board says is foreign: any text, any JSON.

use std::net::IpAddr;

use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};

use super::serial::line::harmless;
use crate::authority::authority;

/// One line from the board.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Line {
    /// The board serves.
    Ready(Ready),
    /// Its figures, every 10 s while it serves.
    Stat(Stat),
    /// It can't serve, and says why.
    Fault(Reason),
    /// Its firmware panicked: the first line of what it says about that. The board restarts, or ends.
    Panic(String),
    /// Anything else, and anything of the above that can't be understood.
    Other(String),
}

/// `ESP-HTTPS READY {..}`: the board serves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ready {
    /// Its own address; behind an emulated board's NAT that is not the one to connect to.
    pub ip: IpAddr,
    /// The TCP port it listens on.
    pub port: u16,
    /// The MAC address, as the board writes it.
    #[serde(deserialize_with = "plain_text")]
    pub mac: String,
    /// The firmware's version.
    #[serde(deserialize_with = "plain_text")]
    pub fw: String,
    /// SHA-256 of the certificate's DER encoding: 64 lower-case hex digits.
    #[serde(deserialize_with = "sha256_hex")]
    pub cert_sha256: String,
}

/// `ESP-HTTPS STAT {..}`: the board's figures since it started; also the answer to `GET /stat`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stat {
    /// Seconds since the board started.
    pub uptime_s: u64,
    /// Heap that is free now, in bytes.
    pub heap_free: u64,
    /// The least heap that was ever free, in bytes.
    pub heap_min: u64,
    /// TLS sessions now.
    pub sessions: u64,
    /// Handshakes that succeeded.
    pub handshakes: u64,
    /// Those of them that resumed an earlier session.
    pub resumed: u64,
    /// How long the last handshake kept the processor busy, in microseconds.
    pub handshake_us: u64,
    /// Handshakes that failed.
    pub failed: u64,
    /// HTTP requests answered.
    pub requests: u64,
    /// Frames that came from the network and were dropped, for want of a place in the receive queue; null where the board can't tell.
    #[serde(default)]
    pub frames_dropped: Option<u64>,
}

impl Stat {
    /// How many frames were dropped since an `earlier` reading; `None` where the board can't tell.
    #[must_use]
    pub fn frames_dropped_since(&self, earlier: &Self) -> Option<u64> {
        Some(self.frames_dropped?.saturating_sub(earlier.frames_dropped?))
    }
}

/// `ESP-HTTPS FAULT {..}`: the board can't serve.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// What is wrong, for a person.
    #[serde(deserialize_with = "plain_text")]
    pub reason: String,
}

impl Ready {
    /// Where the board says that it serves, as a URL and `probe` take it: the port is left out where it is HTTPS's own.
    #[must_use]
    pub fn authority(&self) -> String {
        authority(&self.ip.to_string(), self.port)
    }
}

impl Line {
    /// Understands one line. Never fails: what can't be understood is [`Line::Other`].
    ///
    /// The marker counts at the start of the line only: a request that a board logs must not pass for its own word.
    #[must_use]
    pub fn parse(line: &str) -> Self {
        let known =
            line.strip_prefix(MARKER).and_then(|rest| rest.split_once(' ')).and_then(|(kind, rest)| {
                match kind {
                    "READY" => object(rest).map(Self::Ready),
                    "STAT" => object(rest).map(Self::Stat),
                    "FAULT" => object(rest).map(Self::Fault),
                    // A panicking firmware can't be trusted to escape its words: plain text.
                    "PANIC" => Some(Self::Panic(rest.to_owned())),
                    _ => None,
                }
            });
        known.unwrap_or_else(|| Self::Other(line.to_owned()))
    }
}

fn object<T: DeserializeOwned>(json: &str) -> Option<T> {
    // serde would also take a struct from a JSON array; the boards never write one.
    json.starts_with('{').then(|| serde_json::from_str(json).ok()).flatten()
}

/// The text may reach a terminal, which control characters would command; JSON can hide them in escapes.
fn plain(text: &str) -> String {
    text.chars().map(harmless).collect()
}

fn plain_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    String::deserialize(deserializer).map(|text| plain(&text))
}

fn sha256_hex<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if text.len() == SHA256_HEX_LEN && text.bytes().all(is_digit) {
        Ok(text)
    } else {
        Err(serde::de::Error::custom("expected 64 lower-case hex digits"))
    }
}

const MARKER: &str = "ESP-HTTPS ";
const SHA256_HEX_LEN: usize = 64;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const READY: &str = r#"ESP-HTTPS READY {"ip":"10.0.2.15","port":443,"mac":"52:54:00:12:34:56","fw":"0.1.0","cert_sha256":"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"}"#;
    const STAT: &str = r#"ESP-HTTPS STAT {"uptime_s":10,"heap_free":150000,"heap_min":100000,"sessions":1,"handshakes":2,"resumed":0,"handshake_us":312000,"failed":1,"requests":3}"#;
    const FAULT: &str = r#"ESP-HTTPS FAULT {"reason":"no provisioning image"}"#;
    const PANIC: &str = "ESP-HTTPS PANIC panicked at src/main.rs:7:9:";

    #[test]
    fn ready_and_stat_carry_their_figures() {
        let Line::Ready(ready) = Line::parse(READY) else { panic!("{:?}", Line::parse(READY)) };
        assert_eq!((ready.ip, ready.port), (IpAddr::from([10, 0, 2, 15]), 443));
        assert_eq!(ready.cert_sha256.len(), 64);
        let Line::Stat(stat) = Line::parse(STAT) else { panic!("{:?}", Line::parse(STAT)) };
        assert_eq!((stat.heap_free, stat.failed, stat.requests), (150_000, 1, 3));
        assert_eq!(stat.frames_dropped, None);
        let Line::Stat(later) = Line::parse(&STAT.replace('}', ",\"frames_dropped\":7}")) else { panic!() };
        assert_eq!((later.frames_dropped, later.frames_dropped_since(&stat)), (Some(7), None));
        let earlier = Stat { frames_dropped: Some(5), ..stat };
        assert_eq!(later.frames_dropped_since(&earlier), Some(2));
    }

    #[test]
    fn fault_and_panic_carry_their_reason() {
        let reason = |text: &str| Reason { reason: text.to_owned() };
        assert_eq!(Line::parse(FAULT), Line::Fault(reason("no provisioning image")));
        assert_eq!(Line::parse(PANIC), Line::Panic("panicked at src/main.rs:7:9:".to_owned()));
    }

    #[test]
    fn an_escape_hidden_in_json_does_not_reach_the_terminal() {
        let hidden = Line::parse(r#"ESP-HTTPS FAULT {"reason":"\u001b[2Jgone\nand"}"#);
        assert_eq!(hidden, Line::Fault(Reason { reason: "\u{fffd}[2Jgone\u{fffd}and".to_owned() }));
    }

    #[test]
    fn a_newer_firmware_may_say_more() {
        let line = FAULT.replace("\"reason\"", "\"code\":7,\"reason\"");
        assert!(matches!(Line::parse(&line), Line::Fault(_)));
    }

    #[test]
    fn every_truncation_is_another_line() {
        for whole in [READY, STAT, FAULT] {
            for length in 0..whole.len() {
                let cut = &whole[..length];
                assert_eq!(Line::parse(cut), Line::Other(cut.to_owned()));
            }
        }
    }

    #[test]
    fn what_a_board_quotes_is_not_its_word() {
        for quoted in
            [format!("GET /{READY}"), format!(" {READY}"), READY.to_lowercase(), format!("{READY} x")]
        {
            assert!(matches!(Line::parse(&quoted), Line::Other(_)), "{quoted}");
        }
    }

    #[test]
    fn a_bad_fingerprint_is_not_ready() {
        for bad in ["", "00", "ZZ112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"] {
            let line = READY.replace("00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff", bad);
            assert!(matches!(Line::parse(&line), Line::Other(_)), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_line(text: String) {
            let _ = Line::parse(&text);
        }
    }
}
