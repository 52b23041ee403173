//! The command line of a step as a person may see it, and paste it in the scenario's folder: without secrets, and without folders
//! that are gone after the run.

use std::path::{Path, PathBuf};

use super::kind::Verb;
use crate::{
    cert::openssl::quote,
    client::request::{Header, SHOWN_FOR_SECRET, without_secret_headers},
};

/// The folders of a run whose names are not of use to somebody who pastes a command.
#[derive(Debug, Clone, Copy)]
pub struct ShownFolders<'f> {
    /// The folder of the scenario, in which the commands run.
    pub scenario: &'f Path,
    /// The folder of the results of this board.
    pub out: &'f Path,
    /// The folder that goes with the run.
    pub private: &'f Path,
}

/// A pair that a step of the run has made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadePair {
    /// Its certificate, in the folder of the results.
    pub certificate: PathBuf,
    /// Its key, in the folder that goes with the run.
    pub key: PathBuf,
}

/// The command line that does the same by hand. A folder that goes with the run becomes one of the same name where the command is
/// pasted, so that `flash` finds there what `certgen` has made there; a file that the step was to write (`outputs` are the flags
/// that name one) goes to where the command is pasted, and leaves the one of the run alone; a secret becomes a variable of the shell.
#[must_use]
pub fn command(
    verb: Verb,
    words: &[String],
    outputs: &[&str],
    made: &[MadePair],
    folders: ShownFolders<'_>,
) -> String {
    let key = words.iter().find_map(|word| word.strip_prefix("--key="));
    let pair = made.iter().find(|pair| key == pair.key.to_str());
    let mut line = format!("esp-https {}", verb.word());
    for word in words.iter().filter(|word| !is_of_runner(verb, word)) {
        line.push(' ');
        line.push_str(&shown_word(word, outputs, pair, folders));
    }
    line
}

/// A word for an eye, not for a shell: its secret is not in it.
#[must_use]
pub fn without_secret(word: &str) -> String {
    match secret(word) {
        Some(Secret { before, .. }) => format!("{before}{SHOWN_FOR_SECRET}"),
        None => line_without_secret(word),
    }
}

/// A line for a shell, of the user's own, for an eye: without the values of headers that are secrets.
#[must_use]
pub fn line_without_secret(line: &str) -> String {
    String::from_utf8_lossy(&without_secret_headers(line.as_bytes())).into_owned()
}

/// Words that have a use for the run only.
fn is_of_runner(verb: Verb, word: &str) -> bool {
    word.starts_with("--serial-log=") || (verb == Verb::Certgen && word == "--force")
}

fn shown_word(word: &str, outputs: &[&str], pair: Option<&MadePair>, folders: ShownFolders<'_>) -> String {
    if let Some(Secret { before, variable }) = secret(word) {
        return format!("\"{before}${variable}\"");
    }
    let Some((flag, value)) = word.split_once('=').filter(|(flag, _)| flag.starts_with("--")) else {
        return quote(word);
    };
    let path = Path::new(value);
    let of_pair = pair.filter(|pair| flag == "--cert" && pair.certificate == path);
    let beside_key = of_pair.and_then(|pair| Some(pair.key.parent()?.join(CERTIFICATE)));
    let path = beside_key.as_deref().unwrap_or(path);
    let is_output = outputs.contains(&flag.trim_start_matches('-'));
    let shown = match (path.strip_prefix(folders.private), path.strip_prefix(folders.out)) {
        (Ok(inside), _) => inside,
        (_, Ok(inside)) if is_output => inside,
        _ => path.strip_prefix(folders.scenario).unwrap_or(path),
    };
    // The folder of the scenario itself is `.`.
    let shown = if shown.as_os_str().is_empty() && !value.is_empty() { Path::new(".") } else { shown };
    quote(&format!("{flag}={}", shown.display()))
}

/// A word whose end is a secret.
struct Secret {
    before: String,
    /// The variable of a shell that may hold it.
    variable: String,
}

fn secret(word: &str) -> Option<Secret> {
    if let Some(text) = word.strip_prefix("--header=") {
        let Ok(header) = text.parse::<Header>() else {
            return Some(Secret { before: "--header=".to_owned(), variable: "HEADER".to_owned() });
        };
        let name = header.name();
        return (header.shown() == SHOWN_FOR_SECRET).then(|| Secret {
            before: format!("--header={name}: "),
            variable: name.to_uppercase().replace('-', "_"),
        });
    }
    // What is sent may be a password; a file is only named.
    let body = word.strip_prefix("--data=")?;
    (!body.starts_with('@')).then(|| Secret { before: "--data=".to_owned(), variable: "DATA".to_owned() })
}

/// What `certgen` calls a certificate.
const CERTIFICATE: &str = "cacert.pem";

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    const PRIVATE: &str = "/tmp/.esp-https-x1";

    fn shown(verb: Verb, words: &[&str], scenario: &str) -> String {
        let words: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
        let made = [MadePair {
            certificate: "/my lab/hil-out/cacert.pem".into(),
            key: format!("{PRIVATE}/01-certgen/prvtkey.pem").into(),
        }];
        let folders = ShownFolders {
            scenario: Path::new(scenario),
            out: Path::new("/my lab/hil-out"),
            private: Path::new(PRIVATE),
        };
        command(verb, &words, &["html", "pcap"], &made, folders)
    }

    #[test]
    fn a_pair_is_made_and_used_where_the_commands_are_pasted() {
        let out_dir = format!("--out-dir={PRIVATE}/01-certgen");
        assert_eq!(
            shown(Verb::Certgen, &["--key=p256", &out_dir, "--force"], "/my lab"),
            "esp-https certgen --key=p256 --out-dir=01-certgen"
        );
        let (cert, key) =
            ("--cert=/my lab/hil-out/cacert.pem", format!("--key={PRIVATE}/01-certgen/prvtkey.pem"));
        let log = "--serial-log=/my lab/hil-out/serial.log";
        assert_eq!(
            shown(Verb::Flash, &["--port=/dev/ttyACM0", cert, &key, "--ssid=my lab", log], "/my lab"),
            "esp-https flash --port=/dev/ttyACM0 --cert=01-certgen/cacert.pem --key=01-certgen/prvtkey.pem \"--ssid=my lab\""
        );
        // Without the key, it is the one that the board has been given.
        assert_eq!(
            shown(Verb::Probe, &["192.168.1.7/a?b=c", cert], "/my lab"),
            "esp-https probe \"192.168.1.7/a?b=c\" --cert=hil-out/cacert.pem"
        );
        assert_eq!(
            shown(Verb::Probe, &["[::1]:1", cert], "/elsewhere"),
            "esp-https probe \"[::1]:1\" \"--cert=/my lab/hil-out/cacert.pem\""
        );
    }

    #[test]
    fn what_a_step_writes_is_written_beside_the_scenario() {
        let pcap = format!("--pcap={PRIVATE}/sub/x.pcapng");
        assert_eq!(
            shown(Verb::Load, &["h", "--html=/my lab/hil-out/a.html", &pcap], "/my lab"),
            "esp-https load h --html=a.html --pcap=sub/x.pcapng"
        );
    }

    #[test]
    fn secrets_become_variables_and_the_rest_stays() {
        let words = [
            "h",
            "--header=authorization: Bearer s3cr3t",
            "--header=X-Api-Key: s3cr3t",
            "--header=s3cr3t",
            "--header=Accept: a/b; q=\"1\"",
            "--data={\"password\": \"s3cr3t\"}",
            "--data=@body.json",
            "--expect-body=it's $5",
        ];
        let told = shown(Verb::Probe, &words, "/my lab");
        assert_eq!(
            told,
            "esp-https probe h \"--header=authorization: $AUTHORIZATION\" \"--header=X-Api-Key: $X_API_KEY\" \
             \"--header=$HEADER\" '--header=Accept: a/b; q=\"1\"' \"--data=$DATA\" --data=@body.json '--expect-body=it'\\''s $5'"
        );
        assert_eq!(without_secret(words[1]), "--header=authorization: (not shown)");
        assert_eq!(without_secret(words[5]), "--data=(not shown)");
        assert_eq!(without_secret(words[6]), words[6]);
    }

    /// A shell reads the same words again.
    #[test]
    fn a_shell_reads_the_same_words_again() {
        let words = [
            "--a=plain",
            "--b=two words",
            "--c=it's",
            "--d=$HOME `id` \\ !\n|",
            "--e=",
            "--f=\"",
            "-g",
            "--h=*.pem ~ #x;y&",
            "--switch",
        ];
        let line = shown(Verb::Probe, &words, "/my lab").replacen("esp-https probe", "printf '%s\\0'", 1);
        let output = Command::new("/bin/sh").args(["-c", &line]).output().unwrap();
        let read: Vec<String> =
            String::from_utf8(output.stdout).unwrap().split_terminator('\0').map(str::to_owned).collect();
        assert_eq!(read, words);
    }
}
