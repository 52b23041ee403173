//! A TCP connection in memory: bytes both ways, FIN and RST.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use embedded_io_async::{ErrorKind, ErrorType, Read, Write};
use esp_https_server::{Readiness, Transport, hello};

/// The two ends of a connection that holds `window` bytes in flight each way.
#[must_use]
pub fn pipe(window: usize) -> (ClientEnd, ServerEnd) {
    let up = Rc::new(RefCell::new(Lane::new(window)));
    let down = Rc::new(RefCell::new(Lane::new(window)));
    (ClientEnd { up: up.clone(), down: down.clone() }, ServerEnd { up, down })
}

/// One direction.
struct Lane {
    bytes: VecDeque<u8>,
    window: usize,
    end: Option<End>,
    wakers: Vec<Waker>,
}

/// How a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// In order.
    Fin,
    /// Not in order.
    Reset,
}

impl Lane {
    fn new(window: usize) -> Self {
        Self { bytes: VecDeque::new(), window, end: None, wakers: Vec::new() }
    }

    fn wake(&mut self) {
        self.wakers.drain(..).for_each(Waker::wake);
    }

    fn close(&mut self, end: End) {
        self.end = self.end.or(Some(end));
        if end == End::Reset {
            self.end = Some(End::Reset);
        }
        self.wake();
    }
}

async fn read(lane: &RefCell<Lane>, buf: &mut [u8]) -> Result<usize, ErrorKind> {
    poll_fn(|cx| {
        let mut lane = lane.borrow_mut();
        let count = buf.len().min(lane.bytes.len());
        if count > 0 {
            for (slot, byte) in buf.iter_mut().zip(lane.bytes.drain(..count)) {
                *slot = byte;
            }
            lane.wake();
            return Poll::Ready(Ok(count));
        }
        match lane.end {
            Some(End::Fin) => Poll::Ready(Ok(0)),
            Some(End::Reset) => Poll::Ready(Err(ErrorKind::ConnectionReset)),
            None => {
                lane.wakers.push(cx.waker().clone());
                Poll::Pending
            }
        }
    })
    .await
}

async fn write(lane: &RefCell<Lane>, buf: &[u8]) -> Result<usize, ErrorKind> {
    poll_fn(|cx| {
        let mut lane = lane.borrow_mut();
        if lane.end.is_some() {
            return Poll::Ready(Err(ErrorKind::ConnectionReset));
        }
        let count = buf.len().min(lane.window - lane.bytes.len());
        if count == 0 {
            lane.wakers.push(cx.waker().clone());
            return Poll::Pending;
        }
        lane.bytes.extend(&buf[..count]);
        lane.wake();
        Poll::Ready(Ok(count))
    })
    .await
}

/// The client's end. Dropping it resets the connection.
pub struct ClientEnd {
    up: Rc<RefCell<Lane>>,
    down: Rc<RefCell<Lane>>,
}

impl ClientEnd {
    /// Sends all of `bytes`, as far as the server takes them.
    pub async fn send(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            match write(&self.up, bytes).await {
                Ok(count) => bytes = &bytes[count..],
                Err(_) => return,
            }
        }
    }

    /// The next bytes from the server.
    ///
    /// # Errors
    /// How the server has ended the connection.
    pub async fn receive(&mut self) -> Result<Vec<u8>, End> {
        let mut buf = vec![0; 16 * 1024];
        match read(&self.down, &mut buf).await {
            Ok(0) => Err(End::Fin),
            Ok(count) => {
                buf.truncate(count);
                Ok(buf)
            }
            Err(_) => Err(End::Reset),
        }
    }

    /// Says that nothing more will be sent.
    pub fn fin(&mut self) {
        self.up.borrow_mut().close(End::Fin);
    }

    /// Breaks the connection off.
    pub fn reset(&mut self) {
        self.up.borrow_mut().close(End::Reset);
        self.down.borrow_mut().close(End::Reset);
    }

    /// How the server has ended the connection, if it has.
    #[must_use]
    pub fn ended(&self) -> Option<End> {
        self.down.borrow().end
    }
}

impl Drop for ClientEnd {
    fn drop(&mut self) {
        self.reset();
    }
}

/// The server's end.
pub struct ServerEnd {
    up: Rc<RefCell<Lane>>,
    down: Rc<RefCell<Lane>>,
}

impl ErrorType for ServerEnd {
    type Error = ErrorKind;
}

impl Read for ServerEnd {
    async fn read(&mut self, buf: &mut [u8]) -> Result<usize, ErrorKind> {
        assert!(!buf.is_empty(), "a read into nothing looks like the end of the stream");
        read(&self.up, buf).await
    }
}

impl Write for ServerEnd {
    async fn write(&mut self, buf: &[u8]) -> Result<usize, ErrorKind> {
        write(&self.down, buf).await
    }

    async fn flush(&mut self) -> Result<(), ErrorKind> {
        Ok(())
    }
}

impl Transport for ServerEnd {
    async fn readable(&mut self) -> Result<Readiness, ErrorKind> {
        poll_fn(|cx| {
            let mut lane = self.up.borrow_mut();
            let is_whole = hello::is_whole(lane.bytes.make_contiguous());
            match lane.end {
                _ if is_whole => Poll::Ready(Ok(Readiness::Ready)),
                Some(End::Fin) => Poll::Ready(Ok(Readiness::Ready)),
                Some(End::Reset) => Poll::Ready(Err(ErrorKind::ConnectionReset)),
                None => {
                    lane.wakers.push(cx.waker().clone());
                    Poll::Pending
                }
            }
        })
        .await
    }

    async fn finish(&mut self) -> Result<(), ErrorKind> {
        self.down.borrow_mut().close(End::Fin);
        // The client acknowledges the FIN when it has taken all that is before it.
        poll_fn(|cx| {
            let mut lane = self.down.borrow_mut();
            match lane.end {
                Some(End::Reset) => Poll::Ready(Err(ErrorKind::ConnectionReset)),
                _ if lane.bytes.is_empty() => Poll::Ready(Ok(())),
                _ => {
                    lane.wakers.push(cx.waker().clone());
                    Poll::Pending
                }
            }
        })
        .await
    }

    fn abort(&mut self) {
        self.up.borrow_mut().close(End::Reset);
        let mut down = self.down.borrow_mut();
        down.bytes.clear();
        down.close(End::Reset);
    }
}
