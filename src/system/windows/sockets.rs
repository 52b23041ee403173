//! Network sockets.

use std::io;

use socket2::Socket;

/// Lets a socket that may reuse its address have a port that others have too. Reusing the address says that here.
pub(crate) fn share_port(_socket: &Socket) -> io::Result<()> {
    Ok(())
}
