//! The firmware for QEMU's `virt` machine: the server of the ESP32-C3 with the same budgets, and no chip.
#![no_std]
#![no_main]

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
mod virtio;

use core::convert::Infallible;
use core::ptr;

use chacha20::ChaCha20Rng;
use embassy_executor::Spawner;
use embassy_executor::raw::Executor;
use embassy_net::{Config, DhcpConfig, Runner, Stack, StackResources};
use embassy_time::Timer;
use esp_https_provision::{Hostname, Image};
use esp_https_server::backlog::Backlog;
use esp_https_server::budget::SOCKETS;
use esp_https_server::lines::{self, Ready, Stat};
use esp_https_server::mbedtls::MbedTls;
use esp_https_server::net::{self, SocketBuffers};
use esp_https_server::refusal_filter::RefusalFilter;
use esp_https_server::{Board, Book, Server, fingerprint};
use esp_https_tls_limits as _;
use mbedtls_rs::Tls;
use rand_core::Rng;
use static_cell::{ConstStaticCell, StaticCell};
use tinyrlibc as _;

use crate::console::line;
use crate::ethernet::{Ethernet, Frames};
use crate::fault::Fault;

/// Where riscv-rt ends up after reset.
#[riscv_rt::entry]
fn main() -> ! {
    static EXECUTOR: StaticCell<Executor> = StaticCell::new();
    heap::init();
    executor::run(EXECUTOR.init(Executor::new(ptr::null_mut())), |spawner| {
        if let Ok(token) = board(spawner) {
            spawner.spawn(token);
        }
    })
}

/// Serves for ever, or says for ever why not.
#[embassy_executor::task]
async fn board(spawner: Spawner) -> ! {
    let Err(fault) = serve(spawner).await;
    loop {
        line!("{}", lines::Fault(&fault));
        Timer::after(lines::FAULT_EVERY).await;
    }
}

async fn serve(spawner: Spawner) -> Result<Infallible, Fault> {
    static RNG: StaticCell<ChaCha20Rng> = StaticCell::new();
    static SERVER: StaticCell<Server<MbedTls, Book>> = StaticCell::new();
    let image = Image::parse(provisioning::partition().ok_or(Fault::NoImage)?)?;
    let cert_sha256 = fingerprint::sha256(&image.certificate).ok_or(Fault::Certificate)?;
    let rng = RNG.init(entropy::generator().ok_or(Fault::NoEntropy)?);
    let seed = rng.next_u64();
    let tls = MbedTls::new(Tls::new(rng)?, &image)?;
    let server = SERVER.init_with(|| Server::new(tls, image.settings.limits, BOARD, Book::new()));
    let network = join(spawner, &image.settings.hostname, seed)?;
    listen_on_all(spawner, &network, server)?;
    let ip = net::address(network.stack).await.into();
    line!("{}", Ready { ip, port: net::PORT, mac: network.mac, fw: env!("CARGO_PKG_VERSION"), cert_sha256 });
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

fn listen_on_all(
    spawner: Spawner,
    network: &Network,
    server: &'static Server<MbedTls, Book>,
) -> Result<(), Fault> {
    static BUFFERS: ConstStaticCell<[SocketBuffers; SOCKETS]> =
        ConstStaticCell::new([const { SocketBuffers::new() }; SOCKETS]);
    for buffers in BUFFERS.take() {
        spawner.spawn(listen(network.stack, server, network.backlog, buffers)?);
    }
    Ok(())
}

#[embassy_executor::task(pool_size = SOCKETS)]
async fn listen(
    stack: Stack<'static>,
    server: &'static Server<MbedTls, Book>,
    backlog: &'static Backlog,
    buffers: &'static mut SocketBuffers,
) -> ! {
    net::listen(stack, server, backlog, buffers).await
}

const BOARD: Board = Board { heap: heap::figures, say: |text| line!("{text}") };

/// The server's, and DHCP's.
const STACK_SOCKETS: usize = SOCKETS + 1;
