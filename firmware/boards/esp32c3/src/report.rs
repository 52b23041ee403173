//! What the board says on its serial port, and when: READY with an address, STAT while it runs, FAULT when it can't.

use core::fmt::Display;
use core::net::IpAddr;

use embassy_net::Stack;
use embassy_time::{Duration, Ticker, Timer};
use esp_https_server::lines::{Fault, Ready, Stat};
use esp_https_server::net::PORT;

use crate::Server;
use crate::serial::line;

/// What READY says beside the address.
pub(crate) struct Identity {
    /// The station's hardware address.
    pub(crate) mac: [u8; 6],
    /// SHA-256 of the device certificate's DER.
    pub(crate) cert_sha256: [u8; 32],
}

/// Says what is wrong, once.
pub(crate) fn fault(reason: impl Display) {
    line(Fault(reason));
}

/// Says what is wrong for ever, so that whoever connects to the port finds out.
pub(crate) async fn faults(reason: impl Display) -> ! {
    loop {
        fault(&reason);
        Timer::after(FAULT_EVERY).await;
    }
}

/// Says that the server answers, whenever the network has given an address.
#[embassy_executor::task]
pub(crate) async fn readiness(stack: Stack<'static>, identity: Identity) -> ! {
    let Identity { mac, cert_sha256 } = identity;
    loop {
        stack.wait_config_up().await;
        if let Some(config) = stack.config_v4() {
            let ip = IpAddr::V4(config.address.address());
            line(Ready { ip, port: PORT, mac, fw: env!("CARGO_PKG_VERSION"), cert_sha256 });
        }
        stack.wait_config_down().await;
    }
}

/// Says how the server does, for ever.
pub(crate) async fn statistics(server: &Server) -> ! {
    let mut ticker = Ticker::every(STAT_EVERY);
    loop {
        ticker.next().await;
        line(Stat(server.stats()));
    }
}

const STAT_EVERY: Duration = Duration::from_secs(10);

const FAULT_EVERY: Duration = Duration::from_secs(5);
