//! What the board says on its serial port: READY, STAT and FAULT lines.

use core::fmt::Display;

use embassy_net::Stack;
use embassy_time::{Duration, Ticker, Timer};

use crate::Server;
use crate::serial::{JsonString, line};

/// Says what is wrong, once.
pub(crate) fn fault(reason: impl Display) {
    line(format_args!(r#"ESP-HTTPS FAULT {{"reason":{}}}"#, JsonString(reason)));
}

/// Says what is wrong for ever, so that whoever connects the port finds out.
pub(crate) async fn faults(reason: impl Display) -> ! {
    loop {
        fault(&reason);
        Timer::after(FAULT_EVERY).await;
    }
}

#[embassy_executor::task]
pub(crate) async fn readiness(stack: Stack<'static>, mac: [u8; 6], certificate: Option<[u8; 32]>) -> ! {
    loop {
        stack.wait_config_up().await;
        if let Some(c) = stack.config_v4() {
            line(format_args!("ESP-HTTPS READY {} {:?} {:?}", c.address.address(), mac, certificate));
        }
        stack.wait_config_down().await;
    }
}

/// Says how the server fares, for ever.
pub(crate) async fn statistics(server: &'static Server) -> ! {
    let mut ticker = Ticker::every(STAT_EVERY);
    loop {
        ticker.next().await;
        line(format_args!("ESP-HTTPS STAT {{\"heap\":{:?}}}", crate::heap::figures()));
    }
}

const STAT_EVERY: Duration = Duration::from_secs(10);

const FAULT_EVERY: Duration = Duration::from_secs(5);
