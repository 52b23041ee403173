//! One emulated board from the build to Ctrl-C.

use std::time::Instant;

use esp_https_provision::EMULATED_ADDRESS;

use super::{
    explain,
    identity::EmulatedIdentity,
    plan::{EmulatePlan, TcpPortChoice},
};
use crate::{
    device::{
        board::{Board, FirmwareUsed},
        emulator::{Emulator, EmulatorError, Image},
        machine::{ADDRESS, Machine},
        ready::{Line, Ready, Stat},
    },
    duration::micros,
    error::{Code, Error, Fault, Result},
    interrupt::Signal,
    report::Console,
};

/// One emulated board; what is known of it outlives an interrupted [`Session::run`].
#[derive(Debug)]
pub(super) struct Session {
    doing: String,
    emulator: Option<Emulator>,
    serving_since: Option<Instant>,
    stat: Option<Stat>,
}

impl Session {
    /// Nothing runs yet.
    pub(super) fn new() -> Self {
        let doing = "reading the certificate and the key".to_owned();
        Self { doing, emulator: None, serving_since: None, stat: None }
    }

    /// Builds, starts, reports, and follows the board; returns only with what ended it.
    pub(super) async fn run(
        &mut self,
        plan: &mut EmulatePlan,
        identity: &EmulatedIdentity,
        console: &mut Console,
    ) -> Result<()> {
        let board = self.serve(plan, identity, console).await?;
        console.result(&board, None)?;
        let step = console.step("serving until Ctrl-C");
        self.follow(&|figures| step.detail(figures)).await
    }

    /// Builds and starts; returns the board that serves.
    pub(super) async fn serve(
        &mut self,
        plan: &mut EmulatePlan,
        identity: &EmulatedIdentity,
        console: &Console,
    ) -> Result<Board> {
        self.doing = "preparing the emulated board's firmware".to_owned();
        // QEMU reads the file when it starts.
        let (firmware, in_use) = plan.firmware.obtain(&plan.search, console).await?;
        self.doing = "starting the emulated board".to_owned();
        let board = self.start(plan, firmware, identity, console).await?;
        drop(in_use);
        self.doing = format!("serving {}", board.url);
        self.serving_since = Some(Instant::now());
        Ok(board)
    }

    /// Ends QEMU, and waits until it is gone: its port is free when this process ends.
    pub(super) async fn switch_off(&mut self) {
        if let Some(emulator) = self.emulator.take() {
            // If it can't be killed its guard still will.
            let _ = emulator.stop().await;
        }
    }

    /// What a signal that ended the session amounts to.
    pub(super) fn stopped_by(&self, signal: Signal) -> Error {
        let lasted = self
            .serving_since
            .map_or(String::new(), |since| format!(" after {} s", since.elapsed().as_secs()));
        let figures = self.stat.as_ref().map_or(String::new(), |stat| {
            format!(": {}, at least {} KB heap free", figures(stat), stat.heap_min / 1000)
        });
        let what = format!("by {}{lasted}{figures}", signal.name());
        Error::new(Fault::Interrupted, Code::EMULATE_INTERRUPTED, &self.doing, what)
    }

    async fn start(
        &mut self,
        plan: &mut EmulatePlan,
        firmware: FirmwareUsed,
        identity: &EmulatedIdentity,
        console: &Console,
    ) -> Result<Board> {
        let step = console.step("starting the emulated board");
        let (port, ready, ready_us) = self.switch_on(plan, &firmware, identity).await?;
        step.done();
        explain::same_certificate(&ready, identity)?;
        let target = format!("{ADDRESS}:{port}");
        Ok(Board {
            url: format!("https://{target}/"),
            target,
            port,
            certificate: identity.certificate.clone(),
            cert_sha256: identity.fingerprint.to_string(),
            client_authentication: identity.client_authentication,
            clock: plan.clock,
            site: plan.site.as_ref().map(|site| site.contents.clone()),
            firmware,
            qemu_pid: self.emulator.as_ref().and_then(Emulator::pid),
            serial_log: plan.log_path.clone(),
            ready,
            ready_us,
            command: None,
        })
    }

    /// Starts QEMU until it gets its port; returns that, the ready line, and how long it took in microseconds.
    async fn switch_on(
        &mut self,
        plan: &mut EmulatePlan,
        firmware: &FirmwareUsed,
        identity: &EmulatedIdentity,
    ) -> Result<(u16, Ready, u64)> {
        let mut retries = PORT_RETRIES;
        loop {
            let port = plan.port.pick()?;
            let since = Instant::now();
            let (qemu, elf) = (plan.qemu.clone(), firmware.elf.clone());
            let machine = Machine { qemu, elf, port, clock: plan.clock };
            let site = plan.site.as_ref().map(|site| site.bytes.as_slice());
            let image = Image { bytes: identity.image.bytes(), address: EMULATED_ADDRESS, site };
            let started = Emulator::start(&machine, image, plan.log.take());
            let emulator = self.emulator.insert(started.map_err(|error| explain::emulator(error, None))?);
            match emulator.ready(plan.ready_timeout).await {
                Ok(ready) => return Ok((port, ready, micros(since.elapsed()))),
                Err(EmulatorError::PortTaken { .. })
                    if plan.port == TcpPortChoice::AnyFree && retries > 0 =>
                {
                    retries -= 1;
                    plan.log = emulator.take_log();
                }
                Err(error) => return Err(explain::emulator(error, Some(emulator))),
            }
        }
    }

    /// Reads what the board prints, and tells its figures; returns only with what ended it. Can be cancelled and called again.
    pub(super) async fn follow(&mut self, tell: &dyn Fn(String)) -> Result<()> {
        let Some(emulator) = &mut self.emulator else { return Ok(()) };
        loop {
            match emulator.next().await {
                Ok(Line::Stat(stat)) => {
                    tell(figures(&stat));
                    self.stat = Some(stat);
                }
                Ok(Line::Fault(fault)) => {
                    let error = EmulatorError::Fault { reason: fault.reason };
                    return Err(explain::emulator(error, Some(emulator)));
                }
                Ok(_) => {}
                Err(error) => return Err(explain::emulator(error, Some(emulator))),
            }
        }
    }
}

fn figures(stat: &Stat) -> String {
    let Stat { handshakes, failed, requests, .. } = stat;
    format!("{handshakes} handshakes, {failed} failed, {requests} requests")
}

/// How often another port is tried when a free port was taken by another program before QEMU used it.
const PORT_RETRIES: u32 = 4;
