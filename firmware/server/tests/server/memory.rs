//! What the server does where memory for TLS is short.

use std::cell::Cell;
use std::rc::Rc;

use esp_https_provision::Limits;
use esp_https_server::budget::HANDSHAKES;
use esp_https_server::{Acceptor, ClientCertificates, HandshakeError, Transport};

use crate::pipe::End;
use crate::plain::PlainSession;
use crate::sim::Sim;

/// Has no memory for a session.
struct Exhausted;

impl Acceptor for Exhausted {
    type Session<'t, T: Transport + 't> = PlainSession<'t, T>;

    async fn accept<'t, T: Transport + 't>(
        &'t self,
        _: &'t mut T,
    ) -> Result<PlainSession<'t, T>, HandshakeError> {
        Err(HandshakeError::NotBegun)
    }
}

#[test]
fn a_client_for_whom_there_is_no_memory_is_told_so_by_an_alert() {
    let mut sim = Sim::new(Exhausted, Limits::default());
    let mut end = sim.connect();
    let told = sim.run(async move {
        end.send(b"hello").await;
        let mut told = Vec::new();
        loop {
            match end.receive().await {
                Ok(bytes) => told.extend(bytes),
                Err(ended) => return (told, ended),
            }
        }
    });
    // A record of TLS 1.2 with the fatal alert internal_error (RFC 8446 section 6.2).
    assert_eq!(told, (vec![21, 3, 3, 0, 2, 2, 80], End::Fin));
    assert_eq!(sim.server.stats().failed, 1);
}

/// Counts the handshakes that run, none of which ends.
struct Counting {
    clients: ClientCertificates,
    running: Rc<Cell<usize>>,
}

impl Acceptor for Counting {
    type Session<'t, T: Transport + 't> = PlainSession<'t, T>;

    fn client_certificates(&self) -> ClientCertificates {
        self.clients
    }

    async fn accept<'t, T: Transport + 't>(
        &'t self,
        _: &'t mut T,
    ) -> Result<PlainSession<'t, T>, HandshakeError> {
        self.running.set(self.running.get() + 1);
        std::future::pending().await
    }
}

#[test]
fn one_handshake_runs_at_a_time_when_clients_present_certificates() {
    for (clients, expected) in [(ClientCertificates::NotAsked, HANDSHAKES), (ClientCertificates::Required, 1)]
    {
        let running = Rc::new(Cell::new(0));
        let mut sim = Sim::new(Counting { clients, running: running.clone() }, Limits::default());
        let mut ends: Vec<_> = (0..=HANDSHAKES).map(|_| sim.connect()).collect();
        for mut end in ends.drain(..) {
            sim.spawn(async move {
                end.send(b"hello").await;
                let _ = end.receive().await;
            });
        }
        sim.settle();
        assert_eq!(running.get(), expected, "{clients:?}");
    }
}
