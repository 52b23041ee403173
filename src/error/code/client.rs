//! Codes of what `probe` and `load` need before they connect.

super::codes! {
    "What `probe` and `load` need to reach a server"

    CLIENT_CERTIFICATE_FILE = "client.certificate_file", Usage,
        "The file of `--cert`, `--cacert` or `--client-cert` can't be read, or has no certificate in it that can be used.",
        "Give a PEM file with a certificate, such as the `cacert.pem` that `certgen` makes.";
    CLIENT_KEY_FILE = "client.key_file", Usage,
        "The file of `--client-key` can't be read, or its key can't be used with `--client-cert`.",
        "Give the PEM file with the private key of `--client-cert`, without a password.";
    CLIENT_NAME_NOT_FOUND = "client.name_not_found", Environment,
        "The name of the server has no address.",
        "Check the spelling; a `.local` name needs mDNS on this machine (libnss-mdns); or give `--address`.";
    CLIENT_NAME_TIMEOUT = "client.name_timeout", Environment,
        "The name service did not answer in time.",
        "Give the address of the server with `--address`.";
    CLIENT_NO_INTERFACE = "client.no_interface", Environment,
        "This machine does not have the network interface that the address names.",
        "Take one of the interfaces that `ip link` lists.";
    CLIENT_SERVER_NAME = "client.server_name", Usage,
        "`--server-name` is neither a DNS name nor an IP address.",
        "Give a name that is in the certificate, such as `esp32.local`.";
    CLIENT_TARGET = "client.target", Usage,
        "The target is not written as a server's name or address.",
        "Give `HOST[:PORT]`, as in `192.168.1.7`, `board.local:8443` or `[fe80::1%eth0]:443`.";
}
