//! QEMU's `virt` machine as a board: it serves any pages over the network that it brings up, with the budgets of the ESP32-C3 and no
//! chip. A firmware for it is a `main.rs` with one line, which names the pages and makes them:
//!
//! ```ignore
//! #![no_std]
//! #![no_main]
//!
//! esp_https_qemu_virt::entry!(my_pages::Pages, my_pages::Pages::new());
//! ```
//!
//! Its build script hands the linker what this crate's build script has to say, `DEP_ESP_HTTPS_QEMU_VIRT_LINK_ARGS`.
#![no_std]

mod clock;
mod console;
mod entropy;
mod ethernet;
mod executor;
mod exit;
mod fault;
mod heap;
mod interrupts;
mod libc;
mod provisioning;
mod site;
mod virtio;
mod watch;

use core::convert::Infallible;
use core::ptr;

use chacha20::ChaCha20Rng;
use embassy_executor::raw::Executor;
use embassy_executor::{SpawnError, SpawnToken, Spawner};
use embassy_net::{Config, DhcpConfig, Runner, Stack, StackResources};
use embassy_time::Timer;
use esp_https_provision::{Hostname, Image, Limits};
use esp_https_server::backlog::Backlog;
use esp_https_server::budget::SOCKETS;
use esp_https_server::lines::{self, Ready, Stat};
use esp_https_server::mbedtls::MbedTls;
use esp_https_server::net::{self, SocketBuffers};
use esp_https_server::refusal_filter::RefusalFilter;
use esp_https_server::{Board, Handler, fingerprint};
use esp_https_tls_limits as _;
use mbedtls_rs::Tls;
use rand_core::Rng;
use static_cell::{ConstStaticCell, StaticCell};
use tinyrlibc as _;

use crate::console::line;
use crate::ethernet::{Ethernet, Frames};
use crate::fault::Fault;

pub use crate::site::site;

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
    pub use esp_https_provision::Limits;
    pub use esp_https_server::Server;
    pub use esp_https_server::budget::SOCKETS;
    pub use esp_https_server::mbedtls::MbedTls;
    pub use static_cell::StaticCell;
}

/// Runs the board. Called once, at the start.
pub fn run<P: Program>() -> ! {
    static EXECUTOR: StaticCell<Executor> = StaticCell::new();
    heap::init();
    executor::run(EXECUTOR.init(Executor::new(ptr::null_mut())), |spawner| {
        if let Ok(token) = P::board(spawner) {
            spawner.spawn(token);
        }
    })
}

/// Serves for ever, or says for ever why not.
pub async fn serve_or_say_why_not<P: Program>(spawner: Spawner) -> ! {
    let Err(fault) = serve::<P>(spawner).await;
    loop {
        line!("{}", lines::Fault(&fault));
        Timer::after(lines::FAULT_EVERY).await;
    }
}

async fn serve<P: Program>(spawner: Spawner) -> Result<Infallible, Fault> {
    static RNG: StaticCell<ChaCha20Rng> = StaticCell::new();
    let image = Image::parse(provisioning::partition().ok_or(Fault::NoImage)?)?;
    let cert_sha256 = fingerprint::sha256(&image.certificate).ok_or(Fault::Certificate)?;
    let rng = RNG.init(entropy::generator().ok_or(Fault::NoEntropy)?);
    let seed = rng.next_u64();
    let tls = MbedTls::new(Tls::new(rng)?, &image)?;
    let server = P::server(tls, image.settings.limits);
    let network = join(spawner, &image.settings.hostname, seed)?;
    for socket in network.sockets() {
        spawner.spawn(P::listen(server, socket)?);
    }
    let ip = net::address(network.stack).await.into();
    line!("{}", Ready { ip, port: net::PORT, mac: network.mac, fw: P::VERSION, cert_sha256 });
    loop {
        Timer::after(lines::STAT_EVERY).await;
        line!("{}", Stat(server.stats()));
    }
}

struct Network {
    stack: Stack<'static>,
    backlog: &'static Backlog,
    mac: [u8; 6],
}

/// Starts the network, which gets its address by DHCP.
fn join(spawner: Spawner, hostname: &Hostname, seed: u64) -> Result<Network, Fault> {
    static FRAMES: ConstStaticCell<Frames> = ConstStaticCell::new(Frames::new());
    static RESOURCES: StaticCell<StackResources<STACK_SOCKETS>> = StaticCell::new();
    static BACKLOG: ConstStaticCell<Backlog> = ConstStaticCell::new(Backlog::new());
    let ethernet = Ethernet::new(FRAMES.take()).ok_or(Fault::NoNetwork)?;
    let mac = ethernet.mac();
    let mut dhcp = DhcpConfig::default();
    dhcp.hostname = hostname.as_str().try_into().ok();
    let resources = RESOURCES.init(StackResources::new());
    let backlog = BACKLOG.take();
    let driver = RefusalFilter::new(ethernet, backlog);
    let (stack, runner) = embassy_net::new(driver, Config::dhcpv4(dhcp), resources, seed);
    spawner.spawn(run_network(runner)?);
    Ok(Network { stack, backlog, mac })
}

#[embassy_executor::task]
async fn run_network(mut runner: Runner<'static, RefusalFilter<'static, Ethernet>>) -> ! {
    runner.run().await
}

impl Network {
    /// All sockets. Called once.
    fn sockets(&self) -> impl Iterator<Item = Socket> {
        static BUFFERS: ConstStaticCell<[SocketBuffers; SOCKETS]> =
            ConstStaticCell::new([const { SocketBuffers::new() }; SOCKETS]);
        let (stack, backlog) = (self.stack, self.backlog);
        BUFFERS.take().iter_mut().map(move |buffers| Socket { stack, backlog, buffers })
    }
}

/// A socket that is about to listen.
pub struct Socket {
    stack: Stack<'static>,
    backlog: &'static Backlog,
    buffers: &'static mut SocketBuffers,
}

impl Socket {
    /// Serves one connection after the other.
    pub async fn listen<H: Handler>(self, server: &Server<H>) -> ! {
        net::listen(self.stack, server, self.backlog, self.buffers).await
    }
}

/// What the server asks of this board.
pub const BOARD: Board = Board { heap: heap::figures, say: |text| line!("{text}") };

/// The server's, and DHCP's.
const STACK_SOCKETS: usize = SOCKETS + 1;
