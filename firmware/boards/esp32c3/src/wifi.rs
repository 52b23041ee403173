//! Wi-Fi as a station: joins the network of the provisioning image, and stays joined for ever.

use embassy_futures::select::{Either, select};
use embassy_net::Stack;
use embassy_time::{Duration, TimeoutError, Timer, with_timeout};
use esp_hal::peripherals::WIFI;
use esp_https_provision::Wifi;
use esp_https_server::budget;
use esp_radio::wifi::sta::StationConfig;
use esp_radio::wifi::{
    AuthenticationMethodConfig, Config, ConnectionError, ControllerConfig, DisconnectReason, WifiController,
    WifiError,
};
use static_cell::StaticCell;

use crate::report;

/// Starts the radio for good, and leaves it awake. Does not join the network yet. Call once.
///
/// # Errors
/// What esp-radio says to the name or the password, or that it got no memory.
pub(crate) fn start(
    device: WIFI<'static>,
    network: &Wifi,
) -> Result<&'static mut WifiController<'static>, WifiError> {
    // Never dropped: that would turn the radio off under the random number generator, which esp-hal answers by a panic.
    static CONTROLLER: StaticCell<WifiController<'static>> = StaticCell::new();
    let authentication = match &network.password {
        None => AuthenticationMethodConfig::Open,
        // The least to accept (the driver's "authmode threshold"). esp-radio 1.0.0-beta.1 has no WPA3: its supplicant
        // is built without SAE (esp-hal issue 1600). A network that offers WPA2 and WPA3 is joined by WPA2.
        Some(password) => AuthenticationMethodConfig::Wpa2Personal(password.expose().try_into()?),
    };
    let station = StationConfig::default()
        .with_ssid(network.ssid.as_str().try_into()?)
        .with_authentication(authentication);
    let config = ControllerConfig::default()
        // The radio is the entropy source (see `entropy.rs`), so it stays on without a network too. With one it does:
        // esp-radio's power saving mode is `None` unless asked otherwise.
        .with_sta_disconnected_pm(false)
        .with_rx_queue_size(RX_QUEUE_FRAMES)
        .with_static_rx_buf_num(STATIC_RX_BUFFERS)
        .with_dynamic_rx_buf_num(DYNAMIC_RX_BUFFERS)
        .with_dynamic_tx_buf_num(DYNAMIC_TX_BUFFERS)
        .with_rx_ba_win(BLOCK_ACK_WINDOW)
        .with_initial_config(Config::Station(station));
    Ok(CONTROLLER.init(WifiController::new(device, config)?))
}

/// Joins the network, and again whenever it is lost, with a FAULT line for every time.
#[embassy_executor::task]
pub(crate) async fn stay_joined(
    controller: &'static mut WifiController<'static>,
    stack: Stack<'static>,
) -> ! {
    let mut pause = SHORTEST_PAUSE;
    loop {
        match join(controller).await {
            Ok(()) => {
                let reason = while_joined(controller, stack, &mut pause).await;
                report::fault(reason);
            }
            Err(reason) => report::fault(reason),
        }
        leave(controller).await;
        Timer::after(pause).await;
        pause = LONGEST_PAUSE.min(pause * 2);
    }
}

/// One attempt.
async fn join(controller: &mut WifiController<'_>) -> Result<(), &'static str> {
    match with_timeout(JOIN_WITHIN, controller.connect_async()).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(ConnectionError::Failed(info))) => Err(reason(info.reason)),
        Ok(Err(_)) => Err("wifi: the driver refused to connect"),
        Err(TimeoutError) => Err("wifi: no answer from the network in 20 s"),
    }
}

/// Waits until the network is lost, or has given no address for too long, and says which. An address makes the next
/// pause short again.
async fn while_joined(
    controller: &WifiController<'_>,
    stack: Stack<'_>,
    pause: &mut Duration,
) -> &'static str {
    let mut tries = 0;
    while tries < DHCP_TRIES {
        match select(lost(controller), with_timeout(DHCP_WITHIN, stack.wait_config_up())).await {
            Either::First(reason) => return reason,
            Either::Second(Err(TimeoutError)) => {
                tries += 1;
                report::fault("dhcp: no address after 15 s");
            }
            Either::Second(Ok(())) => {
                tries = 0;
                *pause = SHORTEST_PAUSE;
                // An address that expires leaves the network joined: wait for another.
                if let Either::First(reason) = select(lost(controller), stack.wait_config_down()).await {
                    return reason;
                }
            }
        }
    }
    "dhcp: still no address, joining the network anew"
}

/// Waits until the network is lost, and says why.
async fn lost(controller: &WifiController<'_>) -> &'static str {
    loop {
        // The event can come between esp-radio's check and its subscription, and would then be missed: so look again.
        match with_timeout(LOOK_AGAIN, controller.wait_for_disconnect_async()).await {
            Ok(Ok(info)) => return reason(info.reason),
            Ok(Err(_)) => return "wifi: connection lost",
            Err(TimeoutError) => {}
        }
    }
}

/// Ends what an attempt that timed out, or a network without DHCP, left half done. The driver refuses to connect again
/// otherwise.
async fn leave(controller: &mut WifiController<'_>) {
    // Nothing was connected, or the driver doesn't answer: the next attempt reports it.
    let _ = with_timeout(LEAVE_WITHIN, controller.disconnect_async()).await;
}

/// The driver's reason (IEEE 802.11 reason codes below 200, Espressif's own above) in the words that a host looks for.
fn reason(reason: DisconnectReason) -> &'static str {
    use DisconnectReason as R;
    match reason {
        // A wrong password shows as a 4-way handshake that the access point lets time out.
        R::AuthenticationFailed
        | R::AuthenticationExpired
        | R::FourWayHandshakeTimeout
        | R::HandshakeTimeout
        | R::MicFailure
        | R::_802_1xAuthenticationFailed => "wifi: authentication refused",
        // A network that offers WPA3 only is invisible to this supplicant.
        R::NoAccessPointFound => "wifi: network not found (it may be 5 GHz or WPA3 only)",
        R::NoAccessPointFoundWithCompatibleSecurity | R::NoAccessPointFoundInAuthmodeThreshold => {
            "wifi: network found, but not with the security expected"
        }
        R::NoAccessPointFoundInRssiThreshold => "wifi: network found, but too weak",
        R::AssociationFailed | R::AssociationTooMany => "wifi: association refused",
        R::BeaconTimeout => "wifi: network no longer heard",
        R::AuthenticationLeave
        | R::AssociationLeave
        | R::PeerInitiated
        | R::AccessPointInitiatedDisassociation
        | R::DisassociatedDueToInactivity => "wifi: the network sent us away",
        _ => "wifi: connection failed",
    }
}

/// Frame buffers, of 1.6 KB each: what ESP-IDF calls the "minimum rank" for this chip, at 17 Mbit/s (Programming Guide,
/// "Wi-Fi Performance and Power Save"). The static ones are allocated for good, the dynamic ones as frames come and go,
/// out of what the budget leaves them. With esp-radio's defaults, 10, 32 and 32, they could
/// take 100 KB.
pub(crate) const STATIC_RX_BUFFERS: u8 = 3;
const DYNAMIC_RX_BUFFERS: u16 = 10;
const DYNAMIC_TX_BUFFERS: u16 = 6;

const _: () = assert!(
    (DYNAMIC_RX_BUFFERS + DYNAMIC_TX_BUFFERS) as usize * FRAME_BUFFER_BYTES <= budget::WIFI_FRAMES_BYTES
);

/// What each of them takes, in bytes: a frame of 1500, its headers, and the driver's own (Programming Guide, the same place).
const FRAME_BUFFER_BYTES: usize = 1_600;

/// Received frames that wait for the network task: one for each dynamic buffer, which each of them holds. With esp-radio's default of 5,
/// a model of the chip lost 6 to 15 frames in 300 handshakes of two clients; with 16 none, and at most 8 waited.
const RX_QUEUE_FRAMES: usize = DYNAMIC_RX_BUFFERS as usize;

/// Frames in flight before an acknowledgement. esp-radio wants it below the dynamic buffers and twice the static ones.
const BLOCK_ACK_WINDOW: u8 = 5;

/// Scan, authentication and association take a few seconds.
const JOIN_WITHIN: Duration = Duration::from_secs(20);

/// As long as a DHCP client takes for its first three requests (RFC 2131 section 4.1: after 4 and 8 s).
const DHCP_WITHIN: Duration = Duration::from_secs(15);

/// Times [`DHCP_WITHIN`] before the network is joined anew.
const DHCP_TRIES: u32 = 4;

const LEAVE_WITHIN: Duration = Duration::from_secs(5);

const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// Between attempts; doubles from the one to the other.
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
