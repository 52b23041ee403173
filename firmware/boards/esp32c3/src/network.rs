//! The network on Wi-Fi: an address by DHCP, a name by mDNS, and the sockets that listen.

use core::fmt::Display;

use embassy_executor::{SpawnError, Spawner};
use embassy_net::{Config, DhcpConfig, Runner, Stack, StackResources};
use esp_hal::ram;
use esp_https_server::backlog::Backlog;
use esp_https_server::budget::SOCKETS;
use esp_https_server::mdns::{self, Identity, MdnsBuffers};
use esp_https_server::net::{self, SocketBuffers};
use esp_https_server::refusal_filter::RefusalFilter;
use esp_radio::wifi::Interface;
use static_cell::{ConstStaticCell, StaticCell};

use crate::{Server, report};

/// Starts the stack, which asks for an address whenever Wi-Fi has joined a network.
///
/// # Errors
/// It was started before.
pub(crate) fn start(
    spawner: Spawner,
    interface: Interface,
    identity: &'static Identity<'static>,
    seed: u64,
) -> Result<(Stack<'static>, &'static Backlog), SpawnError> {
    // In the RTC's 8 KiB, which the CPU alone can reach, somewhat slower: leaves as much more to the main stack.
    #[ram(unstable(rtc_fast))]
    static RESOURCES: StaticCell<StackResources<STACK_SOCKETS>> = StaticCell::new();
    #[ram(unstable(rtc_fast))]
    static MDNS: ConstStaticCell<MdnsBuffers> = ConstStaticCell::new(MdnsBuffers::new());
    static BACKLOG: ConstStaticCell<Backlog> = ConstStaticCell::new(Backlog::new());
    let mut dhcp = DhcpConfig::default();
    dhcp.hostname = identity.hostname.try_into().ok();
    let resources = RESOURCES.init_with(StackResources::new);
    let backlog: &Backlog = BACKLOG.take();
    let driver = RefusalFilter::new(interface, backlog);
    let (stack, runner) = embassy_net::new(driver, Config::dhcpv4(dhcp), resources, seed);
    spawner.spawn(run(runner)?);
    spawner.spawn(answer_to_name(stack, identity, MDNS.take())?);
    Ok((stack, backlog))
}

/// Lets every socket answer.
///
/// # Errors
/// They do already.
pub(crate) fn listen(
    spawner: Spawner,
    stack: Stack<'static>,
    backlog: &'static Backlog,
    server: &'static Server,
) -> Result<(), SpawnError> {
    static BUFFERS: ConstStaticCell<[SocketBuffers; SOCKETS]> =
        ConstStaticCell::new([const { SocketBuffers::new() }; SOCKETS]);
    for buffers in BUFFERS.take() {
        spawner.spawn(answer(stack, server, backlog, buffers)?);
    }
    Ok(())
}

#[embassy_executor::task]
async fn run(mut runner: Runner<'static, RefusalFilter<'static, Interface>>) -> ! {
    runner.run().await
}

#[embassy_executor::task]
async fn answer_to_name(
    stack: Stack<'static>,
    identity: &'static Identity<'static>,
    buffers: &'static mut MdnsBuffers,
) -> ! {
    let renamed = |name: &dyn Display| {
        report::fault(format_args!("mdns: another device has the name, this one answers as {name}.local"));
    };
    mdns::respond(stack, identity, buffers, renamed).await
}

#[embassy_executor::task(pool_size = SOCKETS)]
async fn answer(
    stack: Stack<'static>,
    server: &'static Server,
    backlog: &'static Backlog,
    buffers: &'static mut SocketBuffers,
) -> ! {
    net::listen(stack, server, backlog, buffers).await
}

/// The server's, DHCP's and mDNS's.
const STACK_SOCKETS: usize = SOCKETS + 2;
