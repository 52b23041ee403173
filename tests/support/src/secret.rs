//! A marked secret, and how to find any part of it again in whatever encoding it is shown.

use std::{collections::HashSet, process::Output};

use base64ct::{Base64, Encoding as _};

/// What must not be shown: every part of it of a few bytes, as it is and encoded.
pub struct Secret {
    parts: HashSet<Vec<u8>>,
}

impl Secret {
    /// A private key, by its PEM.
    pub fn of_key(pem: &str) -> Self {
        let base64: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        let der = Base64::decode_vec(&base64).unwrap();
        // The beginning is the same in all keys of a kind.
        let (text, der) = (base64.as_bytes()[60..].to_vec(), der[45..].to_vec());
        Self::of([text, der, Base64::encode_string(pem.as_bytes()).into_bytes()[160..].to_vec()])
    }

    /// A password, or another text.
    pub fn of_text(text: &str) -> Self {
        let base64 = |lead: &str| Base64::encode_string(format!("{lead}{text}").as_bytes()).into_bytes();
        // In base64 a text looks in three ways, by where it begins.
        let encoded = ["", "-", "--"].map(|lead| {
            let whole = base64(lead);
            whole[4..whole.len() - 4].to_vec()
        });
        Self::of([text.as_bytes().to_vec()].into_iter().chain(encoded))
    }

    fn of(forms: impl IntoIterator<Item = Vec<u8>>) -> Self {
        let forms: Vec<Vec<u8>> = forms.into_iter().collect();
        Self { parts: forms.iter().flat_map(|form| form.windows(PART).map(<[u8]>::to_vec)).collect() }
    }

    /// The part of the secret that the text shows: as it is, in decimal numbers, in hex, or in base64.
    pub fn shown_in(&self, text: &str) -> Option<String> {
        let views = [
            letters(text),
            text.bytes().collect(),
            decimals(text),
            hexadecimals(text, 0),
            hexadecimals(text, 1),
        ];
        let found = views.iter().flat_map(|view| view.windows(PART)).find(|part| self.parts.contains(*part));
        found.map(|part| format!("{} in {text}", String::from_utf8_lossy(part)))
    }

    /// Fails the test where a process has shown any part of the secret; `what` says which process.
    pub fn assert_not_in(&self, output: &Output, what: &str) {
        for bytes in [&output.stdout, &output.stderr] {
            let shown = self.shown_in(&String::from_utf8_lossy(bytes));
            assert!(shown.is_none(), "{what}: shows {}", shown.unwrap_or_default());
        }
    }
}

/// Without what a wrapped, quoted or escaped text has between its letters.
fn letters(text: &str) -> Vec<u8> {
    let plain = text.replace("\\\\n", "").replace("\\n", "").replace("\\r", "");
    plain.bytes().filter(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(byte)).collect()
}

/// A list of numbers as bytes.
fn decimals(text: &str) -> Vec<u8> {
    text.split(|c: char| !c.is_ascii_digit()).filter_map(|number| number.parse().ok()).collect()
}

/// Pairs of hex digits as bytes, the first `skipped` digits left out.
fn hexadecimals(text: &str, skipped: usize) -> Vec<u8> {
    let plain = text.replace("0x", "").replace("\\x", "");
    let digits: String = plain.chars().filter(char::is_ascii_hexdigit).skip(skipped).collect();
    digits
        .as_bytes()
        .chunks(2)
        .filter_map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

/// Shorter parts would be found by chance.
const PART: usize = 8;

#[cfg(test)]
mod tests {
    use base64ct::{Base64, Encoding as _};

    use super::Secret;

    #[test]
    fn a_secret_that_is_shown_is_found_in_any_encoding() {
        let pem = rcgen::KeyPair::generate().unwrap().serialize_pem();
        let secret = Secret::of_key(&pem);
        let line = pem.lines().nth(2).unwrap();
        let der = Base64::decode_vec(line).unwrap();
        let numbers = |of: &[u8]| of.iter().map(u8::to_string).collect::<Vec<_>>().join(", ");
        let hex = |of: &[u8], between: &str| {
            of.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(between)
        };
        let leaks = [
            line.to_owned(),
            line[20..40].to_owned(),
            line[20..40].replace('A', "A\n    | "),
            numbers(line.as_bytes()),
            numbers(&der),
            format!("a {}", hex(&der, "")),
            hex(line.as_bytes(), ":"),
            hex(&der, ", 0x"),
            Base64::encode_string(pem.as_bytes()),
        ];
        for leak in leaks {
            assert!(secret.shown_in(&format!("error: reading it\n  {leak} is odd")).is_some(), "{leak}");
        }
        assert_eq!(secret.shown_in("error: reading prvtkey.pem\n  its PEM is damaged"), None);
        let password = Secret::of_text("correct horse battery");
        assert!(password.shown_in("[99, 111, 114, 114, 101, 99, 116, 32, 104]").is_some());
        assert!(password.shown_in(&Base64::encode_string(b"xcorrect horse battery")).is_some());
    }
}
