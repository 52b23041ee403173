//! The forms in which people and their tools hand over a key.

use base64ct::{Base64, Encoding as _};

/// The key and its certificate in PEM, damaged: names and contents. The first is intact.
pub(crate) fn forms(key: &str, certificate: &str) -> Vec<(&'static str, Vec<u8>)> {
    let lines = |of: fn(&str) -> String| key.lines().map(of).collect::<String>();
    let middle = key.len() / 2;
    let text = [
        ("intact", key.to_owned()),
        ("line breaks became spaces", key.replace('\n', " ")),
        ("line breaks became \\n", key.replace('\n', "\\n")),
        ("line breaks became \\\\n", key.replace('\n', "\\\\n")),
        ("line breaks became \\r\\n", key.replace('\n', "\\r\\n")),
        ("no line breaks", key.replace('\n', "")),
        ("no spaces and no line breaks", key.replace([' ', '\n'], "")),
        ("carriage returns", key.replace('\n', "\r")),
        ("the header joined to the first line", key.replacen('\n', "", 1)),
        ("the last line joined to the footer", key.replace("\n-----END", "-----END")),
        ("cut off in the middle", key[..middle].to_owned()),
        ("cut off in its last line", key[..key.len() - 8].to_owned()),
        ("without its first line", key.lines().skip(1).collect::<Vec<_>>().join("\n")),
        ("without its first and last line", key.lines().filter(|line| !line.starts_with('-')).collect()),
        ("four dashes", key.replace("-----", "----")),
        ("long dashes", key.replace("-----", "\u{2014}\u{2014}-")),
        ("lower case", key.to_lowercase()),
        ("a foreign character", key.replacen("MI", "M!I", 1)),
        ("a foreign character further on", format!("{}\u{e9}{}", &key[..middle], &key[middle..])),
        ("a character lost", format!("{}{}", &key[..middle], &key[middle + 1..])),
        ("another label at its end", key.replace("END PRIVATE", "END RSA PRIVATE")),
        ("labelled a certificate", key.replace("PRIVATE KEY", "CERTIFICATE")),
        ("labelled an RSA key", key.replace("PRIVATE", "RSA PRIVATE")),
        ("labelled an encrypted key", key.replace("PRIVATE", "ENCRYPTED PRIVATE")),
        ("byte-order mark", format!("\u{feff}{key}")),
        ("indented", lines(|line| format!("    {line}\n"))),
        ("indented with tabs", lines(|line| format!("\t{line}\n"))),
        ("quoted", format!("\"{key}\"")),
        ("a variable", format!("TLS_KEY='{key}'\n")),
        ("JSON", format!("{{\"key\": \"{}\"}}", key.replace('\n', "\\n"))),
        ("YAML", format!("key: |\n{}", lines(|line| format!("  {line}\n")))),
        ("C string literals", lines(|line| format!("\"{line}\\n\"\n"))),
        ("quoted in a mail", lines(|line| format!("> {line}\n"))),
        ("a list", lines(|line| format!("- {line}\n"))),
        ("CSV", key.replace('\n', ",")),
        ("TOML", lines(|line| format!("{line} = 1\n"))),
        ("encoded twice", Base64::encode_string(key.as_bytes())),
        ("encoded for a URL", key.replace('\n', "%0A").replace('+', "%2B")),
        ("with its certificate", format!("{key}{certificate}")),
        ("damaged, with its certificate", format!("{}\n{certificate}", key.replace('\n', " "))),
        (
            "damaged beyond repair, with its certificate",
            format!("{}{certificate}", key.replacen("MI", "M!I", 1)),
        ),
        ("its certificate and the key cut off", format!("{certificate}{}", &key[..middle])),
        ("hex", key.bytes().map(|byte| format!("{byte:02x}")).collect()),
    ];
    let utf16 =
        |to: fn(u16) -> [u8; 2]| format!("\u{feff}{key}").encode_utf16().flat_map(to).collect::<Vec<u8>>();
    let body: String = key.lines().filter(|line| !line.starts_with('-')).collect();
    let bytes = [
        ("UTF-16, little end first", utf16(u16::to_le_bytes)),
        ("UTF-16, big end first", utf16(u16::to_be_bytes)),
        ("a NUL in it", key.replacen("MI", "MI\0", 1).into_bytes()),
        ("not UTF-8", [&key.as_bytes()[..middle], b"\xff", &key.as_bytes()[middle..]].concat()),
        ("DER", Base64::decode_vec(&body).unwrap()),
    ];
    text.into_iter().map(|(name, text)| (name, text.into_bytes())).chain(bytes).collect()
}
