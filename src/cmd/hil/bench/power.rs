//! Steps that start the board: `flash`, `restart`, and `ready`, which waits until it serves.

use std::time::Duration;

use super::{
    HilBench, StepResult,
    child::How,
    device::{BoardRow, Device},
    failed,
    serial::PortReader,
    shown,
    verb::{Call, Called},
};
use crate::{
    authority::root_url,
    client::{
        connect::{addresses, connect},
        target::Target,
    },
    device::machine::ADDRESS,
    error::{Code, Fault},
    hil::{
        classify::Served,
        digest::text,
        kind::Verb,
        outcome::StepError,
        runner::Attempt,
        scenario::{Field, Step},
    },
};

impl HilBench<'_> {
    pub(super) async fn flash(&mut self, step: &Step, index: usize, limit: Duration) -> Attempt {
        match &self.device {
            Device::Emulated(_) => self.start_emulated(step, index, limit).await,
            Device::Board(_) => self.flash_board(step, index, limit).await,
            Device::Address { .. } => Attempt::default(),
        }
    }

    pub(super) async fn restart(&mut self, step: &Step, index: usize, limit: Duration) -> Attempt {
        let within = self.time(step, "within").unwrap_or(READY_WITHIN);
        match &mut self.device {
            Device::Emulated(device) if device.words.is_empty() => failed(nothing_to_restart(step)),
            Device::Emulated(device) => {
                let words = device.words.clone();
                self.emulate(step, index, words, limit).await
            }
            Device::Board(device) => {
                let mut words = vec![format!("--port={}", device.port.path), "--reset".to_owned()];
                words.extend(["--until-ready".to_owned(), format!("--for={}ms", within.as_millis())]);
                let document = self.paths.of_step(index, step, ".json");
                self.at_port(step, Call { verb: Verb::Monitor, words, document }, limit).await.attempt
            }
            Device::Address { .. } => Attempt::default(),
        }
    }

    /// Waits until the board serves.
    pub(super) async fn ready(&mut self, step: &Step, limit: Duration) -> Attempt {
        let within = self.time(step, "within").unwrap_or(READY_WITHIN).min(limit);
        let ended = match &self.device {
            Device::Address { .. } => self.until_connected(within).await,
            _ => self.until(within, |bench| bench.log.look(|log| log.ready().is_some())).await,
        };
        let error = match ended {
            Ok(()) => None,
            Err(How::TimeOver) if matches!(self.device, Device::Address { .. }) => {
                Some(unreachable(step, within))
            }
            Err(How::TimeOver) => Some(not_ready(step, within)),
            Err(how) => Self::cut(how, step, limit),
        };
        if error.is_none() {
            self.now_serves(step);
        }
        let address = self.context.identity.address.as_ref().filter(|_| error.is_none());
        let says = address.map(|address| root_url(address));
        Attempt { error, says, ..Attempt::default() }
    }

    /// The board serves: from now on it has an address, and not to be reached is not the lab's fault any more.
    fn now_serves(&mut self, step: &Step) {
        let ready = self.log.look(|log| log.ready().cloned());
        let identity = &mut self.context.identity;
        if let Some(ready) = ready {
            match &self.device {
                Device::Emulated(device) => {
                    identity.address = device.port.map(|port| format!("{ADDRESS}:{port}"));
                }
                Device::Board(_) => identity.address = Some(ready.authority()),
                Device::Address { .. } => {}
            }
            identity.mac.get_or_insert(ready.mac);
            (identity.firmware, identity.cert_sha256) = (Some(ready.fw), Some(ready.cert_sha256));
        }
        self.context.served = Served::Yes;
        self.context.keep_board(&step.name);
    }

    async fn until_connected(&mut self, within: Duration) -> Result<(), How> {
        let Some(target) =
            self.context.identity.address.as_ref().and_then(|address| address.parse::<Target>().ok())
        else {
            return Err(How::TimeOver);
        };
        let trying = async {
            loop {
                if let Ok((found, _)) = addresses(&target, None, ONE_TRY).await
                    && connect(&found, ONE_TRY).await.is_ok()
                {
                    return;
                }
                tokio::time::sleep(PAUSE).await;
            }
        };
        match self.interrupts.or(tokio::time::timeout(within, trying)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(How::TimeOver),
            Err(signal) => Err(How::Stopped(signal)),
        }
    }

    async fn flash_board(&mut self, step: &Step, index: usize, limit: Duration) -> Attempt {
        let Device::Board(device) = &self.device else { return Attempt::default() };
        let mut own = vec![format!("--port={}", device.port.path), "--non-interactive".to_owned()];
        own.extend(device.mac.map(|mac| format!("--expect-mac={mac}")));
        let hostname = device.row.as_ref().and_then(|row| row.hostname.clone());
        own.extend(hostname.map(|name| format!("--hostname={name}")));
        let words = match self.start_words(step, own, |_| true) {
            Ok(words) => words,
            Err(error) => return failed(error),
        };
        let document = self.paths.of_step(index, step, ".json");
        let called = self.at_port(step, Call { verb: Verb::Flash, words, document }, limit).await;
        let mac = called.document.as_ref().and_then(|it| text(it, "/result/boards/0/chip/mac"));
        self.context.identity.mac = mac.or(self.context.identity.mac.take());
        called.attempt
    }

    /// Runs a command that uses the board's port and adds to the serial log.
    async fn at_port(&mut self, step: &Step, mut call: Call, limit: Duration) -> Called {
        self.release_port();
        call.words.push(format!("--serial-log={}", shown(&self.paths.serial_log())));
        self.log.look(crate::hil::log_watch::LogWatch::starts);
        let called = self.call(step, call, limit).await;
        self.follow_port();
        if called.attempt.error.is_none() {
            self.now_serves(step);
        }
        called
    }

    fn release_port(&mut self) {
        if let Device::Board(device) = &mut self.device {
            device.reader = None;
        }
    }

    /// Reads the board's port from now on.
    pub(super) fn follow_port(&mut self) {
        if let Device::Board(device) = &mut self.device {
            // Without a thread for it, the steps that need the log say so.
            device.reader = PortReader::start(device.port.clone(), &self.paths.serial_log(), &self.log).ok();
        }
    }

    async fn start_emulated(&mut self, step: &Step, index: usize, limit: Duration) -> Attempt {
        let port =
            step.field("port").is_none() && !self.device.fields().iter().any(|field| field.name == "port");
        let own = if port { vec!["--port=0".to_owned()] } else { Vec::new() };
        match self.start_words(step, own, |name| EMULATED.contains(&name)) {
            Ok(words) => self.emulate(step, index, words, limit).await,
            Err(error) => failed(error),
        }
    }

    /// Starts the emulated board, and ends the one that runs.
    async fn emulate(&mut self, step: &Step, index: usize, words: Vec<String>, limit: Duration) -> Attempt {
        let Device::Emulated(device) = &mut self.device else { return Attempt::default() };
        device.switch_off().await;
        device.words.clone_from(&words);
        let port = device.port.filter(|_| words.iter().any(|word| word == "--port=0"));
        let mut words = words;
        if let Some(port) = port {
            // The same address as before.
            words.retain(|word| word != "--port=0");
            words.push(format!("--port={port}"));
        }
        words.push(format!("--serial-log={}", shown(&self.paths.serial_log())));
        self.log.look(crate::hil::log_watch::LogWatch::starts);
        let call = Call { verb: Verb::Emulate, words, document: self.paths.of_step(index, step, ".json") };
        let called = self.start_background(step, call, limit).await;
        if let (Some(document), None) = (&called.document, &called.attempt.error) {
            let port = document.pointer("/result/port").and_then(serde_json::Value::as_u64);
            if let Device::Emulated(device) = &mut self.device {
                device.port = port.and_then(|port| u16::try_from(port).ok());
            }
            // The command has seen READY, and the log has it a moment later.
            let _ = self.until(PAUSE * 20, |bench| bench.log.look(|log| log.ready().is_some())).await;
            self.now_serves(step);
        }
        called.attempt
    }

    /// The words that start a board: whose fields have `takes`, the step's before the target's, and the pair.
    fn start_words(
        &self,
        step: &Step,
        own: Vec<String>,
        takes: impl Fn(&str) -> bool,
    ) -> StepResult<Vec<String>> {
        let mut fields: Vec<Field> = step.fields.iter().filter(|field| takes(&field.name)).cloned().collect();
        for field in self.device.fields() {
            if !fields.iter().any(|known| known.name == field.name) {
                fields.push(field.clone());
            }
        }
        let mut words = own;
        if !fields.iter().any(|field| field.name == "cert") {
            words.extend(self.pair(step)?);
        }
        words.extend(self.words_of(step, &fields)?);
        Ok(words)
    }

    /// The pair that the board gets: the one of its row, the one that a step made, or the one beside the scenario.
    fn pair(&self, step: &Step) -> StepResult<Vec<String>> {
        let row = if let Device::Board(device) = &self.device { device.row.as_ref() } else { None };
        let beside = |name: &str| Some(self.paths.scenario.join(name)).filter(|path| path.is_file());
        let made = self.context.cert.clone().zip(self.context.key.clone());
        let pair = row
            .map(|BoardRow { certificate, key, .. }| (certificate.clone(), key.clone()))
            .or(made)
            .or_else(|| beside("cacert.pem").zip(beside("prvtkey.pem")));
        let (cert, key) = pair.ok_or_else(|| Box::new(no_pair(step)))?;
        Ok(vec![format!("--cert={}", shown(&cert)), format!("--key={}", shown(&key))])
    }

    /// The flags of trust of the target, for whoever connects.
    pub(super) fn device_trust(&self) -> &[Field] {
        if let Device::Address { fields } = &self.device { fields } else { &[] }
    }
}

fn nothing_to_restart(step: &Step) -> StepError {
    let doing = format!("preparing the step \"{}\"", step.name);
    StepError::new(
        Fault::Usage,
        Code::HIL_SCENARIO,
        doing,
        "the emulated board has not been started in this run",
    )
    .hint("put a step flash = {} before it")
}

fn no_pair(step: &Step) -> StepError {
    let doing = format!("preparing the step \"{}\"", step.name);
    StepError::new(Fault::Usage, Code::HIL_NO_PAIR, doing, "there is no certificate to give to the board")
        .hint("put a step certgen = {} before it, or name a pair with cert and key")
}

fn not_ready(step: &Step, within: Duration) -> StepError {
    let what = format!("the board did not report READY within {} s", within.as_secs());
    StepError::new(Fault::Device, Code::HIL_NOT_READY, format!("waiting in the step \"{}\"", step.name), what)
        .hint("a board that was running before says READY when it is restarted: put a step restart = true before it")
}

fn unreachable(step: &Step, within: Duration) -> StepError {
    let what = format!("nothing accepted a connection within {} s", within.as_secs());
    StepError::new(
        Fault::Device,
        Code::HIL_UNREACHABLE,
        format!("waiting in the step \"{}\"", step.name),
        what,
    )
    .hint(Code::HIL_UNREACHABLE.hint())
}

/// The fields of `flash` that mean the same to the emulated board.
const EMULATED: [&str; 6] = ["cert", "key", "client-ca", "max-header", "legacy-clients", "build"];
const READY_WITHIN: Duration = Duration::from_secs(30);
const ONE_TRY: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(100);
