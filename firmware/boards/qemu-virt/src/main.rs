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

use chacha20::ChaCha20Rng;
use embassy_executor::Spawner;
use embassy_executor::raw::Executor;
use embassy_net::{Config, DhcpConfig, Runner, Stack, StackResources};
use embassy_time::Timer;
use esp_https_provision::{Hostname, Image};
use esp_https_server::budget::SOCKETS;
use esp_https_server::mbedtls::MbedTls;
use esp_https_server::net::{self, SocketBuffers};
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
    executor::run(EXECUTOR.init(Executor::new(core::ptr::null_mut())), |spawner| {
        if let Ok(token) = board(spawner) {
            spawner.spawn(token);
        }
    })
}

/// Serves for ever, or says for ever why not.
#[embassy_executor::task]
async fn board(spawner: Spawner) {
    let Err(fault) = serve(spawner).await;
    loop {
        line!("ESP-HTTPS FAULT {{\"reason\":\"{fault}\"}}");
        Timer::after_secs(5).await;
    }
}

async fn serve(spawner: Spawner) -> Result<core::convert::Infallible, Fault> {
    static RNG: StaticCell<ChaCha20Rng> = StaticCell::new();
    static SERVER: StaticCell<MbedTls> = StaticCell::new();
    let image = Image::parse(provisioning::partition().ok_or(Fault::NoImage)?)?;
    let rng = RNG.init(entropy::generator().ok_or(Fault::NoEntropy)?);
    let stack = join(spawner, &image.settings.hostname, rng.next_u64())?;
    let server = &*SERVER.init(MbedTls::new(Tls::new(rng)?, &image)?);
    stack.wait_config_up().await;
    answer(spawner, stack, server)?;
    line!("ESP-HTTPS READY {:02x?}", esp_https_server::fingerprint::sha256(&image.certificate));
    loop {
        Timer::after_secs(10).await;
        line!("free {} least {}", heap::free(), heap::least_free());
    }
}

/// Starts the network, with an address by DHCP.
fn join(spawner: Spawner, hostname: &Hostname, seed: u64) -> Result<Stack<'static>, Fault> {
    static FRAMES: ConstStaticCell<Frames> = ConstStaticCell::new(Frames::new());
    static RESOURCES: StaticCell<StackResources<STACK_SOCKETS>> = StaticCell::new();
    let ethernet = Ethernet::new(FRAMES.take()).ok_or(Fault::NoNetwork)?;
    let mut dhcp = DhcpConfig::default();
    dhcp.hostname = hostname.as_str().try_into().ok();
    let resources = RESOURCES.init(StackResources::new());
    let (stack, runner) = embassy_net::new(ethernet, Config::dhcpv4(dhcp), resources, seed);
    spawner.spawn(run_network(runner)?);
    Ok(stack)
}

#[embassy_executor::task]
async fn run_network(mut runner: Runner<'static, Ethernet>) {
    runner.run().await;
}

/// Lets every socket answer.
fn answer(spawner: Spawner, stack: Stack<'static>, server: &'static MbedTls) -> Result<(), Fault> {
    static BUFFERS: ConstStaticCell<[SocketBuffers; SOCKETS]> =
        ConstStaticCell::new([const { SocketBuffers::new() }; SOCKETS]);
    for buffers in BUFFERS.take() {
        spawner.spawn(listen(stack, server, buffers)?);
    }
    Ok(())
}

#[embassy_executor::task(pool_size = SOCKETS)]
async fn listen(stack: Stack<'static>, tls: &'static MbedTls, buffers: &'static mut SocketBuffers) {
    use esp_https_server::{Acceptor, TlsSession, Transport};
    use embedded_io_async::{Read, Write};
    net::listen(stack, buffers, async |t| {
        if let Ok(mut s) = tls.accept(t).await {
        let mut b = [0; 512];
        let _ = s.read(&mut b).await;
        let _ = s.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello").await;
        let _ = s.close_notify().await;
        };
        let _ = t.finish().await;
    }).await
}

/// The server's, and DHCP's.
const STACK_SOCKETS: usize = SOCKETS + 1;
