//! Network sockets.

use std::io;

use socket2::Socket;

/// Lets a socket that may reuse its address have a port that others have too.
pub(crate) fn share_port(socket: &Socket) -> io::Result<()> {
    socket.set_reuse_port(true)
}
