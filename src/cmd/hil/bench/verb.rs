//! A step that is a command of ours: its words, its process, its document, and what that says.

use std::{fs, path::Path, time::Duration};

use serde_json::Value;

use super::{
    HilBench, StepResult,
    child::{self, Finished},
    failed, shown,
};
use crate::{
    device::{guarded::GuardedCommand, serial::lock::PortLock},
    error::{Code, Fault},
    hil::{
        digest::digest,
        grammar::Flag,
        kind::{FlagValue, ValueKind, Verb},
        outcome::{FileKind, StepError, StepFile},
        runner::Attempt,
        scenario::{Field, Step},
        shown::{self, MadePair, ShownFolders},
        words::words,
    },
    output::{Purpose, Waiting, write_whole},
    report::without_secrets,
};

use super::device::Device;

/// A command of ours, ready to run.
pub(super) struct Call {
    pub(super) verb: Verb,
    /// What comes behind the verb.
    pub(super) words: Vec<String>,
    /// The name of its document.
    pub(super) document: String,
}

/// What became of it.
pub(super) struct Called {
    pub(super) attempt: Attempt,
    /// Its document, if it wrote one.
    pub(super) document: Option<Value>,
}

impl HilBench<'_> {
    /// Makes a pair of files. The key goes to the folder that does not stay, the certificate to the one that does.
    pub(super) async fn certgen(&mut self, step: &Step, index: usize, limit: Duration) -> Attempt {
        let folder = self.paths.private.path().join(self.paths.of_step(index, step, ""));
        let document = self.paths.of_step(index, step, ".json");
        let mut words = match self.words_of(step, &step.fields) {
            Ok(words) => words,
            Err(error) => return failed(error),
        };
        words.extend([format!("--out-dir={}", shown(&folder)), "--force".to_owned()]);
        let mut called = self.call(step, Call { verb: Verb::Certgen, words, document }, limit).await;
        if called.attempt.error.is_some() {
            return called.attempt;
        }
        let name =
            if step.name == "certgen" { "cacert.pem".to_owned() } else { format!("{}.pem", step.name) };
        let (made, kept) = (folder.join("cacert.pem"), self.paths.out.join(&name));
        if let Err(error) = fs::copy(&made, &kept) {
            return failed(unwritten(&kept, &error));
        }
        called
            .attempt
            .files
            .push(StepFile::new(FileKind::Certificate, &format!("{}{name}", self.paths.prefix)));
        let key = folder.join("prvtkey.pem");
        self.made.push(MadePair { certificate: kept.clone(), key: key.clone() });
        self.context.keep(&step.name, "cert", shown(&kept));
        self.context.keep(&step.name, "key", shown(&key));
        let pin = called
            .document
            .as_ref()
            .and_then(|it| crate::hil::digest::text(it, "/result/certificate/sha256"));
        if let Some(pin) = pin {
            self.context.keep(&step.name, "cert_sha256", pin);
        }
        // A server at an address keeps the certificate that it has.
        if !matches!(self.device, Device::Address { .. }) {
            (self.context.cert, self.context.key) = (Some(kept), Some(key));
        }
        called.attempt
    }

    /// Runs a command of ours, and reads its document.
    pub(super) async fn call(&mut self, step: &Step, call: Call, limit: Duration) -> Called {
        let path = self.paths.out.join(&call.document);
        // One of an earlier attempt would pass for this one's.
        let _ = fs::remove_file(&path);
        let command = self.command_of(&call, &path);
        let ended = match child::run(command, limit, self.interrupts).await {
            Ok(ended) => ended,
            Err(error) => return Called { attempt: failed(not_started(step, &error)), document: None },
        };
        let document = fs::read(&path).ok().and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
        let digest = document.as_ref().map(|document| digest(call.verb, document)).unwrap_or_default();
        let own = digest.error.or_else(|| no_result(step, &ended, document.as_ref()));
        let error = Self::cut(ended.how, step, limit).or(own);
        let mut files = Vec::new();
        if document.is_some() {
            let name = format!("{}{}", self.paths.prefix, call.document);
            files.push(StepFile::new(FileKind::Document, &name));
            self.context.keep(&step.name, "document", shown(&path));
        }
        let attempt = Attempt {
            error,
            says: digest.says,
            command: Some(self.shown_command(step, &call)),
            figures: digest.figures,
            findings: digest.findings,
            files,
        };
        Called { attempt, document }
    }

    /// The command line that does the same by hand.
    pub(super) fn shown_command(&self, step: &Step, call: &Call) -> String {
        let flags = (self.fields)(step.kind);
        let outputs: Vec<&str> =
            flags.iter().filter(|flag| is_output(flag)).map(|flag| flag.name.as_str()).collect();
        let (scenario, out, private) = (&self.paths.scenario, &self.paths.out, self.paths.private.path());
        let folders = ShownFolders { scenario, out, private };
        shown::command(call.verb, &call.words, &outputs, &self.made, folders)
    }

    /// The process of a command of ours.
    pub(super) fn command_of(&self, call: &Call, document: &Path) -> GuardedCommand {
        let mut guarded = GuardedCommand::new(&self.paths.program, None);
        let command = guarded.command();
        command.arg(call.verb.word()).args(&call.words).arg("--json").arg("-o").arg(document);
        command.current_dir(&self.paths.scenario).envs(self.paths.private.variables());
        if let Device::Board(board) = &self.device {
            command.envs([PortLock::for_child(&board.port.path)]);
        }
        if call.verb == Verb::Flash {
            guarded.keep_wifi_password();
        }
        guarded
    }

    /// Fields as words; files to be written are put into the folder of the run.
    pub(super) fn words_of(&self, step: &Step, fields: &[Field]) -> StepResult<Vec<String>> {
        let flags = (self.fields)(step.kind);
        let mut own = fields.to_vec();
        own.retain(|field| !step.kind.own_fields().iter().any(|own| own.name == field.name));
        let filled = words(&own, |reference| self.context.value(reference));
        let filled = filled.map_err(|reference| {
            let what = format!(
                "{reference} is not known: its step has not run, or has no such result on this target"
            );
            Box::new(StepError::new(
                Fault::Usage,
                Code::HIL_SCENARIO,
                format!("preparing the step \"{}\"", step.name),
                what,
            ))
        })?;
        Ok(filled.into_iter().map(|word| self.placed(word, &flags)).collect())
    }

    /// A word with the path of a file to be written where that belongs. A recording holds secrets until they are taken out.
    fn placed(&self, word: String, flags: &[Flag]) -> String {
        let Some((flag, value)) = word.split_once('=') else { return word };
        let name = flag.trim_start_matches('-');
        let names_output = flags.iter().any(|known| known.name == name && is_output(known));
        match names_output {
            false => word,
            true if name == PCAP => format!("{flag}={}", shown(&self.paths.private.path().join(value))),
            true => format!("{flag}={}", shown(&self.paths.out.join(value))),
        }
    }

    /// The files that a step has asked for, as far as they are there.
    pub(super) fn written(&self, step: &Step) -> StepResult<Vec<StepFile>> {
        let flags = (self.fields)(step.kind);
        let mut files = Vec::new();
        for field in &step.fields {
            let names_output = flags.iter().any(|flag| flag.name == field.name && is_output(flag));
            let Some(name) = field.values.first().filter(|_| names_output).map(ToString::to_string) else {
                continue;
            };
            let kind = if field.name == PCAP { FileKind::Capture } else { FileKind::Report };
            if field.name == PCAP {
                self.keep_capture(step, &name)?;
            }
            if self.paths.out.join(&name).is_file() {
                files.push(StepFile::new(kind, &format!("{}{name}", self.paths.prefix)));
            }
        }
        Ok(files)
    }

    /// Puts a recording into the folder of the run, without its secrets unless they are asked for.
    fn keep_capture(&self, step: &Step, name: &str) -> StepResult<()> {
        let Ok(bytes) = fs::read(self.paths.private.path().join(name)) else { return Ok(()) };
        let to = self.paths.out.join(name);
        let (bytes, purpose) = match step.field("pcap-secrets") {
            Some(_) => (bytes, Purpose::SecretResult),
            None => (without_secrets(&bytes), Purpose::Result),
        };
        write_whole(&to, &bytes, purpose, &Waiting::No).map_err(|error| unwritten(&to, &error).into())
    }
}

fn is_output(flag: &Flag) -> bool {
    flag.value == FlagValue::Of(ValueKind::Output)
}

fn no_result(step: &Step, ended: &Finished, document: Option<&Value>) -> Option<StepError> {
    if document.is_some() {
        return None;
    }
    let what = match ended.code() {
        Some(code) => format!("it ended with exit code {code}, and without a result"),
        None => "it was killed".to_owned(),
    };
    let doing = format!("running the step \"{}\"", step.name);
    let error = StepError::new(Fault::Environment, Code::HIL_NO_RESULT, doing, what);
    Some(StepError { evidence: ended.last_words(), ..error })
}

pub(super) fn not_started(step: &Step, error: &std::io::Error) -> StepError {
    let doing = format!("starting the step \"{}\"", step.name);
    StepError::new(Fault::Environment, Code::HIL_NO_RESULT, doing, crate::os_error::in_words(error))
}

pub(super) fn unwritten(path: &Path, error: &std::io::Error) -> StepError {
    let doing = format!("writing {}", path.display());
    StepError::new(Fault::Environment, Code::HIL_OUT, doing, crate::os_error::in_words(error))
        .hint("free some space, or name another folder with --out")
}

const PCAP: &str = "pcap";
