//! Ethernet: virtio-net as embassy-net's driver, with static buffers.

use core::cell::RefCell;
use core::sync::atomic::{Ordering, fence};
use core::task::{Context, Waker};

use critical_section::Mutex;
use embassy_net_driver::{Capabilities, Driver, HardwareAddress, LinkState, RxToken, TxToken};
use virtio_drivers::device::net::VirtIONetRaw;
use virtio_drivers::transport::DeviceType;
use virtio_drivers::transport::mmio::MmioTransport;

use crate::virtio::{self, FlatMemory};

type Device = VirtIONetRaw<FlatMemory, MmioTransport<'static>, QUEUE>;
type Frame = [u8; FRAME_BYTES];

/// Room for the frames on their way in and out.
pub(crate) struct Frames {
    rx: [Frame; QUEUE],
    tx: [Frame; QUEUE],
}

impl Frames {
    pub(crate) const fn new() -> Self {
        Self { rx: [[0; FRAME_BYTES]; QUEUE], tx: [[0; FRAME_BYTES]; QUEUE] }
    }
}

/// The network device.
pub(crate) struct Ethernet {
    mac: [u8; 6],
    rings: RefCell<Rings>,
}

/// The device, and the frames: those it holds by their token in the queue, those it does not hold in `idle`.
struct Rings {
    device: Device,
    receiving: [Option<&'static mut Frame>; QUEUE],
    sending: [Option<&'static mut Frame>; QUEUE],
    idle: heapless::Vec<&'static mut Frame, QUEUE>,
}

impl Ethernet {
    /// Takes the machine's network device and gives it all receive frames; `None` without a `virtio-net-device`.
    pub(crate) fn new(frames: &'static mut Frames) -> Option<Self> {
        let device = Device::new(virtio::find(DeviceType::Network)?).ok()?;
        let mac = device.mac_address();
        let mut rings = Rings {
            device,
            receiving: [const { None }; QUEUE],
            sending: [const { None }; QUEUE],
            idle: frames.tx.iter_mut().collect(),
        };
        for frame in &mut frames.rx {
            rings.receive_into(frame);
        }
        Some(Self { mac, rings: RefCell::new(rings) })
    }

    /// The hardware address.
    pub(crate) fn mac(&self) -> [u8; 6] {
        self.mac
    }
}

impl Rings {
    fn receive_into(&mut self, frame: &'static mut Frame) {
        // SAFETY: the frame is kept in `receiving`, untouched, until the device gives its token back.
        if let Ok(token) = unsafe { self.device.receive_begin(frame) } {
            self.receiving[usize::from(token)] = Some(frame);
        }
    }

    /// A frame that has come in, and where its payload is.
    fn received(&mut self) -> Option<Received> {
        // The device writes its index and then reads ours, we the other way round; the fence keeps one of us from
        // missing the other's (virtio 1.2, section 2.7.7).
        fence(Ordering::SeqCst);
        let token = self.device.poll_receive()?;
        let frame = self.receiving[usize::from(token)].take()?;
        // SAFETY: the token and the frame that was begun with it.
        match unsafe { self.device.receive_complete(token, frame) } {
            Ok((header, bytes)) => Some(Received { frame, start: header, end: header + bytes }),
            Err(_) => None,
        }
    }

    fn reclaim_sent(&mut self) {
        fence(Ordering::SeqCst);
        while let Some(token) = self.device.poll_transmit() {
            let Some(frame) = self.sending[usize::from(token)].take() else { return };
            // SAFETY: the token, and as many bytes of its frame as matter to memory that is shared flat.
            let _ = unsafe { self.device.transmit_complete(token, frame) };
            let _ = self.idle.push(frame);
        }
    }

    fn send<R>(&mut self, bytes: usize, fill: impl FnOnce(&mut [u8]) -> R) -> R {
        let Some(frame) = self.idle.pop() else { return fill(&mut [0; FRAME_BYTES][..bytes]) };
        let header = self.device.fill_buffer_header(frame).unwrap_or(0);
        let result = fill(&mut frame[header..header + bytes]);
        // SAFETY: the frame is kept in `sending`, untouched, until the device gives its token back.
        match unsafe { self.device.transmit_begin(&frame[..header + bytes]) } {
            Ok(token) => self.sending[usize::from(token)] = Some(frame),
            Err(_) => drop(self.idle.push(frame)),
        }
        result
    }
}

struct Received {
    frame: &'static mut Frame,
    start: usize,
    end: usize,
}

impl Driver for Ethernet {
    type RxToken<'a> = Incoming<'a>;
    type TxToken<'a> = Outgoing<'a>;

    fn receive(&mut self, cx: &mut Context<'_>) -> Option<(Incoming<'_>, Outgoing<'_>)> {
        let outgoing = self.transmit(cx).is_some();
        let received = outgoing.then(|| self.rings.get_mut().received()).flatten()?;
        Some((Incoming { rings: &self.rings, received }, Outgoing { rings: &self.rings }))
    }

    fn transmit(&mut self, cx: &mut Context<'_>) -> Option<Outgoing<'_>> {
        WAKER.register(cx.waker());
        let rings = self.rings.get_mut();
        rings.reclaim_sent();
        (!rings.idle.is_empty()).then_some(Outgoing { rings: &self.rings })
    }

    fn link_state(&mut self, _cx: &mut Context<'_>) -> LinkState {
        LinkState::Up
    }

    fn capabilities(&self) -> Capabilities {
        let mut capabilities = Capabilities::default();
        capabilities.max_transmission_unit = MTU;
        capabilities.max_burst_size = Some(QUEUE);
        capabilities
    }

    fn hardware_address(&self) -> HardwareAddress {
        HardwareAddress::Ethernet(self.mac)
    }
}

/// A frame that has come in.
pub(crate) struct Incoming<'a> {
    rings: &'a RefCell<Rings>,
    received: Received,
}

impl RxToken for Incoming<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, f: F) -> R {
        let Received { frame, start, end } = self.received;
        let result = f(&mut frame[start..end]);
        self.rings.borrow_mut().receive_into(frame);
        result
    }
}

/// Leave to send a frame.
pub(crate) struct Outgoing<'a> {
    rings: &'a RefCell<Rings>,
}

impl TxToken for Outgoing<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, bytes: usize, f: F) -> R {
        self.rings.borrow_mut().send(bytes, f)
    }
}

/// Who waits for the device; woken by each of its interrupts.
pub(crate) static WAKER: DeviceWaker = DeviceWaker(Mutex::new(RefCell::new(None)));

pub(crate) struct DeviceWaker(Mutex<RefCell<Option<Waker>>>);

impl DeviceWaker {
    fn register(&self, waker: &Waker) {
        critical_section::with(|cs| {
            let mut slot = self.0.borrow(cs).borrow_mut();
            if !slot.as_ref().is_some_and(|registered| registered.will_wake(waker)) {
                *slot = Some(waker.clone());
            }
        });
    }

    pub(crate) fn wake(&self) {
        critical_section::with(|cs| {
            if let Some(waker) = self.0.borrow(cs).borrow().as_ref() {
                waker.wake_by_ref();
            }
        });
    }
}

/// Frames in each direction.
const QUEUE: usize = 16;

/// Ethernet frame without its checksum.
const MTU: usize = 1514;

/// A frame and the longest virtio header before it; virtio-drivers asks for 1526.
const FRAME_BYTES: usize = MTU + 14;
