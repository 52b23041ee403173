//! Codes of what `probe` and `load` need before they connect.

super::codes! {
    "What `probe` and `load` need to reach a server"

    CLIENT_ALERT = "client.alert", Device | Peer,
        "The device answered with a TLS alert, which the message explains.",
        "Follow the hint of the message: it depends on the alert.";
    CLIENT_BODY = "client.body", Usage,
        "The file of `-d @FILE` or `--expect-body-exactly @FILE` can't be read, is too large, or has a private key in it.",
        "Check the path of the file; a body may have up to 16 MiB.";
    CLIENT_CERTIFICATE_FILE = "client.certificate_file", Usage,
        "The file of `--cert`, `--cacert` or `--client-cert` can't be read, or has no certificate in it that can be used.",
        "Give a PEM file with a certificate, such as the `cacert.pem` that `certgen` makes.";
    CLIENT_CLIENT_CERTIFICATE = "client.client_certificate", Device,
        "The device wants a client certificate of a CA that it knows.",
        "Give one with `--client-cert` and `--client-key`.";
    CLIENT_CLOSED = "client.closed", Device,
        "The device closed the connection during the handshake.",
        "It may be busy or out of memory: try again in a minute, and look at its free heap.";
    CLIENT_CONNECT_TIMEOUT = "client.connect_timeout", Device,
        "Nothing answered at the address.",
        "Check that the device has power, is on this network, and has this address; it prints its address on its serial port.";
    CLIENT_HANDSHAKE_TIMEOUT = "client.handshake_timeout", Device,
        "The handshake was not done in time.",
        "Allow more time with `--timeout`, as large keys are slow on a small device; make sure that it speaks TLS.";
    CLIENT_HEADER = "client.header", Usage,
        "A header of `-H` can't be sent.",
        "Write it as `NAME: VALUE`, without line breaks.";
    CLIENT_KEY_FILE = "client.key_file", Usage,
        "The file of `--client-key` can't be read, or its key can't be used with `--client-cert`.",
        "Give the PEM file with the private key of `--client-cert`, without a password.";
    CLIENT_METHOD = "client.method", Usage,
        "The method of `-m` is not a method of HTTP.",
        "Use GET, POST, HEAD, PUT or another method of HTTP.";
    CLIENT_NAME_NOT_FOUND = "client.name_not_found", Environment,
        "The name of the server has no address.",
        "Check the spelling; a `.local` name needs mDNS on this machine (libnss-mdns); or give `--address`.";
    CLIENT_NAME_TIMEOUT = "client.name_timeout", Environment,
        "The name service did not answer in time.",
        "Give the address of the server with `--address`.";
    CLIENT_NO_INTERFACE = "client.no_interface", Environment,
        "This machine does not have the network interface that is named, or a link-local address names none.",
        "Take one of the interfaces that `ip link` lists.";
    CLIENT_NO_ROUTE = "client.no_route", Environment,
        "There is no route from this machine to the address.",
        "Connect this machine to the network of the device; a link-local IPv6 address needs its interface.";
    CLIENT_PATH = "client.path", Usage,
        "The path of a request is not written as a URL has it, and would be sent as another one.",
        "Leave out `/../`, and write special characters as `%XX`.";
    CLIENT_REFUSED = "client.refused", Device,
        "The device refused the connection.",
        "Check the port, and that the server runs; a small device also refuses while all its sockets are in use.";
    CLIENT_RESET = "client.reset", Device,
        "The device reset the connection during the handshake.",
        "It may be busy or out of memory: try again in a minute, and look at its free heap.";
    CLIENT_SERVER_NAME = "client.server_name", Usage,
        "`--server-name` is neither a DNS name nor an IP address.",
        "Give a name that is in the certificate, such as `esp32.local`.";
    CLIENT_TARGET = "client.target", Usage,
        "The target is not written as a server's name or address.",
        "Give `HOST[:PORT]`, as in `192.168.1.7`, `board.local:8443` or `[fe80::1%eth0]:443`.";
}
