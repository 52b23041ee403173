//! The ESP32-C3 as a board: it serves any pages on Wi-Fi, with the chip's crypto accelerators. A firmware for it is a `main.rs` with
//! one line, which names the pages and makes them:
//!
//! ```ignore
//! #![no_std]
//! #![no_main]
//!
//! esp_https_esp32c3::entry!(my_pages::Pages, my_pages::Pages::new());
//! ```
//!
//! Its build script hands the linker what this crate's build script has to say, `DEP_ESP_HTTPS_ESP32C3_LINK_ARGS`.
//!
//! Everything of the firmware runs on one executor in the main thread, on the main stack. Wi-Fi's own threads, on
//! stacks from the heap, interrupt it at any time.
#![no_std]

extern crate alloc;

mod accelerators;
mod entropy;
mod fault;
mod flash;
mod frames;
mod heap;
mod network;
mod panic;
mod report;
mod serial;
mod site;
mod watch;
mod watchdog;
mod wifi;

use embassy_executor::{SpawnError, SpawnToken, Spawner};
use esp_hal::clock::CpuClock;
use esp_hal::peripherals::Peripherals;
use esp_hal::timer::systimer::SystemTimer;
use esp_https_provision::{Hostname, Image, Limits};
use esp_https_server::mbedtls::MbedTls;
use esp_https_server::{Board, Handler, fingerprint, mdns};
use esp_https_tls_limits as _;
use esp_radio::wifi::Interface;
use esp_rtos::embassy::Executor;
use mbedtls_rs::Tls;
use rand_core::Rng;
use static_cell::StaticCell;
// Mbed TLS calls `memchr`, which the chip's ROM does not have.
use tinyrlibc as _;

use crate::fault::Fault;
use crate::report::Identity;

/// The server of this board, with these pages.
pub type Server<H> = esp_https_server::Server<MbedTls, H>;

/// Makes a firmware for this board: `entry!(Type, value)`, with the type of the pages ([`esp_https_server::Handler`]) and an
/// expression that makes them, once, at the start. Only a program that has `#![no_std]` and `#![no_main]` can use it, and only once.
#[macro_export]
macro_rules! entry {
    ($pages:ty, $new:expr) => {
        const _: () = {
            use $crate::parts::{
                Limits, MbedTls, SOCKETS, Server as AnyServer, SpawnError, SpawnToken, Spawner, StaticCell,
                embassy_executor,
            };

            // The bootloader refuses an application without this descriptor.
            $crate::parts::esp_bootloader_esp_idf::esp_app_desc!();

            struct Firmware;

            type Server = AnyServer<MbedTls, $pages>;

            impl $crate::Program for Firmware {
                type Pages = $pages;

                const VERSION: &'static str = env!("CARGO_PKG_VERSION");

                fn server(tls: MbedTls, limits: Limits) -> &'static Server {
                    static SERVER: StaticCell<Server> = StaticCell::new();
                    SERVER.init_with(|| Server::new(tls, limits, $crate::BOARD, $new))
                }

                fn listen(
                    server: &'static Server,
                    socket: $crate::Socket,
                ) -> Result<SpawnToken<impl Sized>, SpawnError> {
                    listen(server, socket)
                }

                fn board(spawner: Spawner) -> Result<SpawnToken<impl Sized>, SpawnError> {
                    board(spawner)
                }
            }

            #[embassy_executor::task(pool_size = SOCKETS, embassy_executor = $crate::parts::embassy_executor)]
            async fn listen(server: &'static Server, socket: $crate::Socket) -> ! {
                socket.listen(server).await
            }

            #[embassy_executor::task(embassy_executor = $crate::parts::embassy_executor)]
            async fn board(spawner: Spawner) -> ! {
                $crate::serve_or_say_why_not::<Firmware>(spawner).await
            }

            /// Where the start-up code ends.
            #[unsafe(export_name = "main")]
            fn main() -> ! {
                $crate::run::<Firmware>()
            }
        };
    };
}

/// What [`entry`] makes: the tasks and the memory that depend on the type of the pages.
pub trait Program {
    /// The pages.
    type Pages: Handler + 'static;

    /// What the READY line gives as the firmware's version.
    const VERSION: &'static str;

    /// Makes the server, in static memory. Called once.
    fn server(tls: MbedTls, limits: Limits) -> &'static Server<Self::Pages>;

    /// The task of one socket.
    ///
    /// # Errors
    /// There are [`SOCKETS`] already.
    fn listen(
        server: &'static Server<Self::Pages>,
        socket: Socket,
    ) -> Result<SpawnToken<impl Sized>, SpawnError>;

    /// The task that runs [`serve_or_say_why_not`].
    ///
    /// # Errors
    /// It runs already.
    fn board(spawner: Spawner) -> Result<SpawnToken<impl Sized>, SpawnError>;
}

/// What [`entry`] needs in a crate that depends on this one only.
#[doc(hidden)]
pub mod parts {
    pub use embassy_executor::{self, SpawnError, SpawnToken, Spawner};
    pub use esp_bootloader_esp_idf;
    pub use esp_https_provision::Limits;
    pub use esp_https_server::Server;
    pub use esp_https_server::budget::SOCKETS;
    pub use esp_https_server::mbedtls::MbedTls;
    pub use static_cell::StaticCell;
}

pub use crate::network::Socket;
pub use crate::site::{SitePartition, site};

/// Runs the board. Called once, at the start.
pub fn run<P: Program>() -> ! {
    static EXECUTOR: StaticCell<Executor> = StaticCell::new();
    EXECUTOR.init_with(Executor::new).run(|spawner| {
        if let Ok(token) = P::board(spawner) {
            spawner.spawn(token);
        }
    })
}

/// Serves until the board is switched off, or prints again and again why it can't.
pub async fn serve_or_say_why_not<P: Program>(spawner: Spawner) -> ! {
    heap::init();
    let chip = esp_hal::init(esp_hal::Config::default().with_cpu_clock(CpuClock::max()));
    match start::<P>(spawner, chip) {
        Ok(server) => report::statistics(server).await,
        Err(fault) => report::faults(fault).await,
    }
}

/// From the provisioning image to the listening sockets. Joining the network is left to a task.
fn start<P: Program>(spawner: Spawner, chip: Peripherals) -> Result<&'static Server<P::Pages>, Fault> {
    static HOSTNAME: StaticCell<Hostname> = StaticCell::new();
    static ANNOUNCED: StaticCell<mdns::Identity<'static>> = StaticCell::new();
    // The SYSTIMER leaves both timer groups free, and counts on whatever the CPU clock.
    let timer = SystemTimer::new(chip.SYSTIMER);
    esp_rtos::start(timer.alarm0, chip.FROM_CPU_INTR0);
    watch::start(timer.alarm1);
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
    let identity = Identity { mac: interface.mac_address(), fw: P::VERSION, cert_sha256 };
    let hostname = HOSTNAME.init(image.settings.hostname.clone()).as_str();
    let announced =
        ANNOUNCED.init(mdns::Identity { hostname, fw: P::VERSION, mac: identity.mac, cert_sha256 });
    let (stack, backlog) = network::start(spawner, interface, announced, seed)?;
    let server = P::server(tls, image.settings.limits);
    server.show_dropped_frames(frames::dropped);
    for socket in network::sockets(stack, backlog) {
        spawner.spawn(P::listen(server, socket)?);
    }
    spawner.spawn(wifi::stay_joined(controller, stack)?);
    spawner.spawn(report::readiness(stack, identity)?);
    Ok(server)
}

/// What the server asks of this board.
pub const BOARD: Board = Board { heap: heap::figures, say: |text| serial::line(text) };
