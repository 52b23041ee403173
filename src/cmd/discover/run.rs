//! Listens, makes the handshakes one after the other, and reports.

use std::time::{Duration, Instant};

use time::OffsetDateTime;
use tokio::time::timeout;

use super::{
    explain,
    plan::{DiscoverPlan, Handshakes, handshake},
};
use crate::{
    counted::counted,
    discover::{
        Discovery,
        device::Device,
        gathering::Gathering,
        identity::{DeviceLook, DeviceProbe, Known},
        listening::Listener,
    },
    duration::micros,
    error::Result,
    interrupt::{Interrupts, Signal},
    probe::observe,
    report::Console,
};

/// Finds the devices and reports on them, whatever ends it.
pub(super) async fn discover(
    plan: DiscoverPlan,
    mut interrupts: Interrupts,
    console: &mut Console,
) -> Result<()> {
    let (mut found, mut signal) = listen(&plan, &mut interrupts, console).await?;
    if let (Handshakes::OneEach(limit), None) = (plan.handshakes, signal) {
        signal = make_handshakes(&mut found, limit, &mut interrupts, console).await;
    }
    if !plan.known.is_empty() {
        for device in &mut found.devices {
            device.known = Some(Known::of(device, &plan.known));
        }
    }
    let error = match signal {
        Some(signal) => Some(explain::stopped(signal, &found)),
        None => explain::shortcoming(&found, &plan),
    };
    console.result(&found, error.as_ref())?;
    error.map_or(Ok(()), Err)
}

/// Listens for as long as is planned, or until a signal.
async fn listen(
    plan: &DiscoverPlan,
    interrupts: &mut Interrupts,
    console: &Console,
) -> Result<(Discovery, Option<Signal>)> {
    let doing = format!("listening on {} for {:?}", plan.interfaces.join(", "), plan.listen_for);
    let step = console.step(doing);
    let listener = Listener::start(&plan.interfaces).map_err(explain::deaf)?;
    let (mut gathering, since) = (Gathering::default(), Instant::now());
    let watch = |found: &Gathering| step.progress(format!("{} so far", services(found.count())));
    let ended = interrupts.or(timeout(plan.listen_for, listener.follow(&mut gathering, &watch))).await;
    let found = gathering.finish(micros(since.elapsed()));
    listener.shut_down().await;
    step.done();
    Ok((found, ended.err()))
}

/// Makes one handshake with each device, one at a time; returns the signal that ended this.
async fn make_handshakes(
    found: &mut Discovery,
    limit: Duration,
    interrupts: &mut Interrupts,
    console: &Console,
) -> Option<Signal> {
    if found.devices.is_empty() {
        return None;
    }
    let total = found.devices.len();
    let step = console.step(format!("making a TLS handshake with {}", services(total)));
    for (index, device) in found.devices.iter_mut().enumerate() {
        step.progress(format!("{} of {total}: {}", index + 1, device.target));
        match interrupts.or(look(device, limit)).await {
            Ok(probe) => device.probe = probe,
            Err(signal) => return Some(signal),
        }
    }
    step.done();
    None
}

async fn look(device: &Device, limit: Duration) -> Option<DeviceProbe> {
    let plan = handshake(device, limit)?;
    Some(match observe(&plan, OffsetDateTime::now_utc(), &|_| ()).await {
        Ok(seen) => DeviceProbe { result: Some(DeviceLook::new(&seen, device)), error: None },
        Err(error) => {
            DeviceProbe { result: None, error: Some(explain::unobserved(&plan.target, device, error)) }
        }
    })
}

fn services(count: usize) -> String {
    counted(count as u64, "service")
}
