//! How does the connection end?

use std::time::Duration;

use serde::Serialize;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::timeout,
};

use crate::client::{
    connection::{Link, LinkError, PeerSide},
    page::{self, PageOutcome},
};

/// How a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Close {
    /// How the server ended it.
    pub server: ServerClose,
}

/// How a server ends a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ServerClose {
    /// With a `close_notify` alert, as TLS asks (RFC 8446, section 6.1).
    CloseNotify,
    /// With the end of the TCP connection only, so that a cut answer looks like a whole one.
    Fin,
    /// With a TCP reset.
    Reset,
    /// Not within a second after we had said `close_notify`.
    NotClosed,
    /// Not waited for: its answer is longer than what a probe reads.
    NotAwaited,
}

/// Ends the connection as TLS asks, and notes how the server does.
pub(super) async fn close<S: AsyncRead + AsyncWrite + Unpin>(
    link: &mut Link<S>,
    outcome: PageOutcome,
) -> Close {
    let closing = async {
        link.close().await?;
        while link.peer() == PeerSide::Open && !is_long(link, outcome) {
            link.receive().await?;
        }
        Ok::<_, LinkError>(())
    };
    // However it ends, `peer` tells how far the server came.
    let _ = timeout(CLOSE_LIMIT, closing).await;
    let server = match link.peer() {
        PeerSide::CloseNotify => ServerClose::CloseNotify,
        PeerSide::Fin => ServerClose::Fin,
        PeerSide::Reset => ServerClose::Reset,
        PeerSide::Open if is_long(link, outcome) => ServerClose::NotAwaited,
        PeerSide::Open => ServerClose::NotClosed,
    };
    Close { server }
}

fn is_long<S: AsyncRead + AsyncWrite + Unpin>(link: &Link<S>, outcome: PageOutcome) -> bool {
    outcome == PageOutcome::Long || link.plaintext().len() >= page::MAX_READ
}

const CLOSE_LIMIT: Duration = Duration::from_secs(1);
