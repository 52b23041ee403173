//! The firmware for the ESP32-C3: the HTTPS server of `esp-https-server` on Wi-Fi, with the chip's crypto accelerators.
#![no_std]
#![no_main]

extern crate alloc;
// Mbed TLS calls `memchr`, which the chip's ROM does not export.
extern crate tinyrlibc as _;

mod accelerators;
mod entropy;
mod flash;
mod heap;
mod panic;
mod report;
mod serial;
mod watchdog;
mod wifi;

use core::fmt;

use embassy_executor::Spawner;
use embassy_net::{DhcpConfig, Runner, Stack, StackResources};
use esp_hal::clock::CpuClock;
use esp_hal::timer::systimer::SystemTimer;
use esp_https_server::budget::SOCKETS;
use esp_https_server::mbedtls::MbedTls;
use esp_https_server::net::{self, SocketBuffers};
use esp_radio::wifi::{Interface, WifiError};
use mbedtls_rs::Tls;
use static_cell::StaticCell;

// The bootloader refuses an image without the application descriptor.
esp_bootloader_esp_idf::esp_app_desc!();

#[esp_rtos::main]
async fn main(spawner: Spawner) -> ! {
    heap::init();
    match start(spawner) {
        Ok(()) => loop {
            embassy_time::Timer::after_secs(10).await;
            let _ = heap::figures();
        },
        Err(fault) => report::fault_for_ever(fault).await,
    }
}

fn start(spawner: Spawner) -> Result<(), Fault> {
    let peripherals = esp_hal::init(esp_hal::Config::default().with_cpu_clock(CpuClock::max()));
    esp_rtos::start(SystemTimer::new(peripherals.SYSTIMER).alarm0, peripherals.FROM_CPU_INTR0);
    spawner.spawn(watchdog::feed(watchdog::arm(peripherals.RTC_TIMER)).map_err(|_| Fault::Spawn)?);
    let image = flash::provisioning_image(peripherals.FLASH).map_err(Fault::Flash)?;
    let network = esp_https_provision::Wifi{ssid: alloc::string::String::new(), password: alloc::string::String::new()};
    let controller = wifi::start(peripherals.WIFI, &network).map_err(Fault::Wifi)?;
    let rng = entropy::start(&controller).map_err(|_| Fault::Flash(flash::FlashError::NoTable))?;
    let mut seed = [0; 8];
    rng.read(&mut seed);
    // SAFETY: this is the first use of Mbed TLS.
    unsafe { accelerators::hook(peripherals.SHA, peripherals.RSA, peripherals.AES) };
    let tls = Tls::new(rng).map_err(|_| Fault::Spawn)?;
    let mb = MbedTls::new(tls, mbedtls_rs::X509::DER(&image), mbedtls_rs::X509::DER(&image), None).map_err(|_| Fault::Spawn)?;
    static S: StaticCell<MbedTls> = StaticCell::new();
    let mb = S.init(mb);
    let mut dhcp = DhcpConfig::default();
    static RES: StaticCell<StackResources<{SOCKETS+3}>> = StaticCell::new();
    let (stack, runner) = embassy_net::new(Interface::try_station().ok_or(Fault::Spawn)?, embassy_net::Config::dhcpv4(dhcp), RES.init(StackResources::new()), u64::from_le_bytes(seed));
    spawner.spawn(run_network(runner).map_err(|_| Fault::Spawn)?);
    spawner.spawn(wifi::stay_joined(controller, stack).map_err(|_| Fault::Spawn)?);
    static BUFFERS: StaticCell<[SocketBuffers; SOCKETS]> = StaticCell::new();
    for b in BUFFERS.init([const {SocketBuffers::new()}; SOCKETS]) {
    spawner.spawn(listen(stack, b, mb).map_err(|_| Fault::Spawn)?);
    }
    Ok(())
}

#[embassy_executor::task]
async fn run_network(mut runner: Runner<'static, Interface>) -> ! {
    runner.run().await
}

#[embassy_executor::task(pool_size = SOCKETS)]
async fn listen(stack: Stack<'static>, buffers: &'static mut SocketBuffers, mb: &'static MbedTls) -> ! {
    use esp_https_server::{Acceptor, TlsSession};
    net::listen(stack, buffers, async |transport| {
        let Ok(mut s) = mb.accept(transport).await else {return};
        let _ = embedded_io_async::Write::write(&mut s, b"x").await;
        let _ = s.close_notify().await;
    }).await
}

enum Fault { Flash(flash::FlashError), Wifi(WifiError), Spawn }
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flash(e) => e.fmt(f),
            Self::Wifi(e) => write!(f, "wifi: {e}"),
            Self::Spawn => f.write_str("task"),
        }
    }
}
