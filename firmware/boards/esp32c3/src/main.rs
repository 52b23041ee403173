//! The firmware for the ESP32-C3: the HTTPS server of `esp-https-server` on Wi-Fi, with the chip's crypto accelerators.
//!
//! Everything of the firmware runs on one executor in the main thread, on the main stack. Wi-Fi's own threads, on
//! stacks from the heap, interrupt it at any time.
#![no_std]
#![no_main]

extern crate alloc;

mod accelerators;
mod entropy;
mod fault;
mod flash;
mod heap;
mod network;
mod panic;
mod report;
mod serial;
mod watchdog;
mod wifi;

use embassy_executor::Spawner;
use esp_hal::clock::CpuClock;
use esp_hal::peripherals::Peripherals;
use esp_hal::timer::systimer::SystemTimer;
use esp_https_provision::{Hostname, Image};
use esp_https_server::mbedtls::MbedTls;
use esp_https_server::{Board, Book, fingerprint};
use esp_https_tls_limits as _;
use esp_radio::wifi::Interface;
use mbedtls_rs::Tls;
use rand_core::Rng;
use static_cell::StaticCell;
// Mbed TLS calls `memchr`, which the chip's ROM does not have.
use tinyrlibc as _;

use crate::fault::Fault;
use crate::report::Identity;

// The bootloader refuses an application without this descriptor.
esp_bootloader_esp_idf::esp_app_desc!();

/// The server of this board.
pub(crate) type Server = esp_https_server::Server<MbedTls, Book>;

/// Serves until the board is switched off, or prints again and again why it can't.
#[esp_rtos::main]
async fn main(spawner: Spawner) -> ! {
    heap::init();
    let chip = esp_hal::init(esp_hal::Config::default().with_cpu_clock(CpuClock::max()));
    match start(spawner, chip) {
        Ok(server) => report::statistics(server).await,
        Err(fault) => report::faults(fault).await,
    }
}

/// From the provisioning image to the listening sockets. Joining the network is left to a task.
fn start(spawner: Spawner, chip: Peripherals) -> Result<&'static Server, Fault> {
    static HOSTNAME: StaticCell<Hostname> = StaticCell::new();
    static SERVER: StaticCell<Server> = StaticCell::new();
    // The SYSTIMER leaves both timer groups free, and counts on whatever the CPU clock.
    esp_rtos::start(SystemTimer::new(chip.SYSTIMER).alarm0, chip.FROM_CPU_INTR0);
    spawner.spawn(watchdog::feed(watchdog::arm(chip.RTC_TIMER))?);

    let partition = flash::provisioning_partition(chip.FLASH)?;
    let image = Image::parse(&partition)?;
    let controller = wifi::start(chip.WIFI, image.settings.wifi.as_ref().ok_or(Fault::NoNetwork)?)?;
    let rng = entropy::start(controller)?;
    // SAFETY: the first use of Mbed TLS in this program is the one below.
    unsafe { accelerators::hook(chip.SHA, chip.RSA, chip.AES) };
    let seed = rng.next_u64();
    let tls = MbedTls::new(Tls::new(rng)?, &image)?;

    let interface = Interface::try_station().ok_or(Fault::Task)?;
    let cert_sha256 = fingerprint::sha256(&image.certificate).ok_or(Fault::Certificate)?;
    let identity = Identity { mac: interface.mac_address(), cert_sha256 };
    let hostname = HOSTNAME.init(image.settings.hostname.clone());
    let (stack, backlog) = network::start(spawner, interface, hostname.as_str(), seed)?;
    let server = SERVER.init_with(|| Server::new(tls, image.settings.limits, BOARD, Book::new()));
    network::listen(spawner, stack, backlog, server)?;
    spawner.spawn(wifi::stay_joined(controller, stack)?);
    spawner.spawn(report::readiness(stack, identity)?);
    Ok(server)
}

const BOARD: Board = Board { heap: heap::figures, say: |text| serial::line(text) };
