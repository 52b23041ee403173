//! `discover`, on loopback, where nobody answers; `tests/discover` has the ends that take a network.

use crate::bench::{Exits, make_fifo, wait_for_reader};

#[test]
fn every_exit_of_discover_has_a_valid_document() {
    let mut exits = Exits::of("discover");
    exits.ends(4, "discover.nothing", "--interface lo --for 300ms");
    exits.ends(4, "discover.nothing", "--interface lo --for 300ms --probe --timeout 1s --cert cacert.pem");
    exits.ends(4, "client.no_interface", "--interface nosuch0");
    exits.ends(4, "client.no_interface", "--interface lo --interface nosuch0");
    exits.ends(2, "client.certificate_file", "--interface lo --cert prvtkey.pem");
    exits.ends(2, "client.certificate_file", "--interface lo --cert absent.pem");
    exits.ends(2, "output.same_file", "--interface lo --cert cacert.pem -o cacert.pem");
    exits.ends(2, "output.unwritable", "--interface lo -o nowhere/x");
    exits.ends(2, "usage.command_line", "--for 0");
    exits.ends(2, "usage.command_line", "--timeout 5s");
    exits.ends(2, "usage.command_line", "192.168.1.7");
    let fifo = exits.path("fifo");
    make_fifo(&fifo);
    let mut reader = None;
    exits.is_interrupted(130, "discover.interrupted", "--interface lo --cert fifo", || {
        reader = Some(wait_for_reader(&fifo));
    });
    exits.are_all_valid(12);
}
