//! The network on Wi-Fi: an address by DHCP, a name by mDNS, and the sockets that listen.

use core::fmt::Display;

use embassy_executor::{SpawnError, Spawner};
use embassy_net::{Config, DhcpConfig, Runner, Stack, StackResources};
use esp_hal::ram;
use esp_https_server::Handler;
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

/// All sockets. Called once.
pub(crate) fn sockets(stack: Stack<'static>, backlog: &'static Backlog) -> impl Iterator<Item = Socket> {
    static BUFFERS: ConstStaticCell<[SocketBuffers; SOCKETS]> =
        ConstStaticCell::new([const { SocketBuffers::new() }; SOCKETS]);
    BUFFERS.take().iter_mut().map(move |buffers| Socket { stack, backlog, buffers })
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

/// The server's, DHCP's and mDNS's.
const STACK_SOCKETS: usize = SOCKETS + 2;
