//! What ended the monitoring, for the person who wanted it.

use super::failure::MonitorFailure;
use crate::{
    cmd::{
        board_fault::{Waiter, explained},
        ports, runtime,
    },
    device::monitored::Monitored,
    error::{Code, Error, Fault},
    interrupt::Signal,
};

/// The error of a failure; notes a board's trouble in the result.
pub(super) fn failure(failure: MonitorFailure, monitored: &mut Monitored) -> Error {
    let port = monitored.port.path.clone();
    match failure {
        MonitorFailure::Nothing => {
            let what = format!("not one byte came in {} s", monitored.listened_us / 1_000_000);
            Error::new(Fault::Inconclusive, Code::MONITOR_SILENT, format!("listening to {port}"), what)
                .advised()
        }
        MonitorFailure::Lost => runtime::ended_without_result(format!("listening to {port}")),
        MonitorFailure::Lock(error) => ports::locked(&port, &error).source(error),
        MonitorFailure::Open(error) => ports::unopened(&port, &error).source(error),
        MonitorFailure::Reset(error) => {
            let doing = format!("restarting the board at {port}");
            let what = "the port does not have the lines DTR and RTS, which restart a board";
            Error::new(Fault::Environment, Code::MONITOR_RESET, doing, what).advised().source(error)
        }
        MonitorFailure::Log(error) => {
            // A log that is not whole is not claimed to be.
            monitored.serial_log = None;
            ports::log(&error).source(error)
        }
        MonitorFailure::NotServing { trouble, waited } => {
            let explained = explained(&trouble, waited.as_secs(), Waiter::Monitor);
            let doing = format!("waiting for the board at {port} to serve");
            let keep = match monitored.serial_log {
                Some(_) => "",
                None => "\n--serial-log FILE saves everything that it prints",
            };
            monitored.trouble = Some(trouble);
            // The lines themselves have just been read: no evidence here.
            Error::new(Fault::Device, explained.code, doing, explained.what)
                .hint(format!("{}{keep}", explained.hint))
        }
    }
}

pub(super) fn stopped(signal: Signal, monitored: &Monitored) -> Error {
    let (lines, seconds) = (monitored.lines, monitored.listened_us / 1_000_000);
    let what = format!("by {} after {seconds} s and {lines} lines", signal.name());
    let doing = format!("listening to {}", monitored.port.path);
    Error::new(Fault::Interrupted, Code::MONITOR_INTERRUPTED, doing, what)
}
