//! Tasks and time: everything runs on one thread, and the clock moves only when nothing else can.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::rc::Rc;
use std::sync::{Mutex, MutexGuard, PoisonError};

use embassy_time::{Duration, MockDriver};
use esp_https_provision::Limits;
use esp_https_server::{Acceptor, Board, Book, Handler, HeapFigures, Server};
use futures_executor::LocalPool;
use futures_util::task::LocalSpawnExt;

use crate::pipe::{ClientEnd, pipe};
use crate::plain::Plain;

/// A world with one server in it. One exists at a time, for the clock is global.
pub struct Sim<A: Acceptor, H: Handler = Book> {
    /// The server.
    pub server: Rc<Server<A, H>>,
    pool: LocalPool,
    _clock: Clock,
}

impl Sim<Plain> {
    /// A server without encryption, with the default limits.
    #[must_use]
    pub fn plain() -> Self {
        Self::new(Plain, Limits::default())
    }
}

impl<A: Acceptor + 'static> Sim<A> {
    /// A server with the site of the book.
    pub fn new(acceptor: A, limits: Limits) -> Self {
        Self::with_pages(acceptor, limits, Book::new())
    }
}

impl<A: Acceptor + 'static, H: Handler + 'static> Sim<A, H> {
    /// A server with these pages. Waits until no other thread has one.
    ///
    /// # Panics
    /// This thread has one already, which it would wait for.
    pub fn with_pages(acceptor: A, limits: Limits, handler: H) -> Self {
        let clock = Clock::take();
        MockDriver::get().reset();
        SAID.take();
        let server = Rc::new(Server::new(acceptor, limits, BOARD, handler));
        Self { server, pool: LocalPool::new(), _clock: clock }
    }

    /// The lines that the server has printed on the serial port since this was called last.
    #[must_use]
    pub fn said(&self) -> Vec<String> {
        SAID.take()
    }

    /// Opens a connection to the server.
    #[must_use]
    pub fn connect(&self) -> ClientEnd {
        self.connect_with_window(16 * 1024)
    }

    /// Opens a connection that holds `window` bytes in flight each way.
    #[must_use]
    pub fn connect_with_window(&self, window: usize) -> ClientEnd {
        let (client, mut transport) = pipe(window);
        let server = self.server.clone();
        self.spawn(async move { server.connection(&mut transport).await });
        client
    }

    /// Runs `task` beside all others.
    ///
    /// # Panics
    /// Nothing runs any more.
    pub fn spawn(&self, task: impl Future<Output = ()> + 'static) {
        self.pool.spawner().spawn_local(task).unwrap();
    }

    /// Runs `task` and whatever it waits for, with time passing as needed, and gives its result.
    ///
    /// # Panics
    /// It was not done within an hour of simulated time.
    pub fn run<T: 'static>(&mut self, task: impl Future<Output = T> + 'static) -> T {
        let result = Rc::new(RefCell::new(None));
        let slot = result.clone();
        self.spawn(async move {
            let output = task.await;
            *slot.borrow_mut() = Some(output);
        });
        for _ in 0..ONE_HOUR / STEP {
            self.pool.run_until_stalled();
            if let Some(output) = result.borrow_mut().take() {
                return output;
            }
            MockDriver::get().advance(Duration::from_millis(STEP));
        }
        panic!("the task was not done within an hour");
    }

    /// Lets everything run until nothing can without time passing.
    pub fn settle(&mut self) {
        self.pool.run_until_stalled();
    }

    /// Lets time pass.
    pub fn pass(&mut self, milliseconds: u64) {
        for _ in 0..milliseconds / STEP {
            self.pool.run_until_stalled();
            MockDriver::get().advance(Duration::from_millis(STEP));
        }
        self.pool.run_until_stalled();
    }
}

/// The right to set the clock, which all threads share.
struct Clock {
    _lock: MutexGuard<'static, ()>,
}

impl Clock {
    fn take() -> Self {
        static CLOCK: Mutex<()> = Mutex::new(());
        assert!(
            !IS_TAKEN.replace(true),
            "a test has one board at a time: drop the first one before the next"
        );
        Self { _lock: CLOCK.lock().unwrap_or_else(PoisonError::into_inner) }
    }
}

impl Drop for Clock {
    fn drop(&mut self) {
        IS_TAKEN.set(false);
    }
}

const BOARD: Board = Board {
    heap: || HeapFigures { free: 150_000, min: 22_000 },
    say: |line| SAID.with_borrow_mut(|said| said.push(line.to_string())),
};

thread_local! {
    static IS_TAKEN: Cell<bool> = const { Cell::new(false) };
    static SAID: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// The grain of time, in milliseconds.
const STEP: u64 = 5;

const ONE_HOUR: u64 = 3_600_000;
