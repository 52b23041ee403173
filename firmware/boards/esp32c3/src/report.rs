//! What the board says on its serial port, and when: READY with an address, STAT while it runs, FAULT when it can't.

use core::fmt::Display;

use embassy_net::Stack;
use embassy_time::{Ticker, Timer};
use esp_https_server::Handler;
use esp_https_server::lines::{FAULT_EVERY, Fault, Ready, STAT_EVERY, Stat};
use esp_https_server::net::{self, PORT};

use crate::Server;
use crate::serial::line;

/// What READY says beside the address.
pub(crate) struct Identity {
    /// The station's hardware address.
    pub(crate) mac: [u8; 6],
    /// The version of the firmware.
    pub(crate) fw: &'static str,
    /// SHA-256 of the device certificate's DER.
    pub(crate) cert_sha256: [u8; 32],
}

/// Prints what is wrong, once.
pub(crate) fn fault(reason: impl Display) {
    line(Fault(reason));
}

/// Prints what is wrong again and again, so that whoever connects to the port sees it.
pub(crate) async fn faults(reason: impl Display) -> ! {
    loop {
        fault(&reason);
        Timer::after(FAULT_EVERY).await;
    }
}

/// Prints READY whenever the network has given an address.
#[embassy_executor::task]
pub(crate) async fn readiness(stack: Stack<'static>, identity: Identity) -> ! {
    let Identity { mac, fw, cert_sha256 } = identity;
    loop {
        let ip = net::address(stack).await.into();
        line(Ready { ip, port: PORT, mac, fw, cert_sha256 });
        stack.wait_config_down().await;
    }
}

/// Prints the server's figures again and again.
pub(crate) async fn statistics<H: Handler>(server: &Server<H>) -> ! {
    let mut ticker = Ticker::every(STAT_EVERY);
    loop {
        ticker.next().await;
        line(Stat(server.stats()));
    }
}
