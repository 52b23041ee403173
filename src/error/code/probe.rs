//! Codes of `probe`.

super::codes! {
    "Looking at a server (`probe`)"

    PROBE_BAD_SIGNATURE = "probe.bad_signature", Peer,
        "The device does not hold the key of the certificate that it shows.",
        "Put a certificate and a key that belong together on the device.";
    PROBE_BASELINE = "probe.baseline", Usage,
        "The file of `--baseline` has no result for the target.",
        "Give a document of an earlier `probe --json -o FILE` with the same target.";
    PROBE_BROKEN_HTTP = "probe.broken_http", Peer,
        "The answer of the device breaks the rules of HTTP.",
        "Correct how the device writes the header and the body of its answer; TLS works.";
    PROBE_CERTIFICATE = "probe.certificate", Peer,
        "The certificate that the device shows can't be read.",
        "Make a new one with `certgen`, and put it on the device.";
    PROBE_CHANGED = "probe.changed", Finding,
        "Something is not as it was in the `--baseline`.",
        "If the change is intended, save the new result as the baseline.";
    PROBE_CHECK_FAILED = "probe.check_failed", Finding,
        "Something is not as `--expect-*` or `--policy` requires.",
        "Change the device, or the rule.";
    PROBE_CHECK_UNKNOWN = "probe.check_unknown", Inconclusive,
        "It could not be determined whether something is as `--expect-*` or `--policy` requires.",
        "Run it again when the device is idle.";
    PROBE_CONNECT = "probe.connect", Environment,
        "The connection could not be opened, for a reason of this machine that the message names.",
        "Check the network and the firewall of this machine; a link-local IPv6 address needs its interface.";
    PROBE_CONNECTION = "probe.connection", Environment,
        "The connection failed during the handshake, for a reason of this machine.",
        "Check the network of this machine, and try again.";
    PROBE_EXPECTATION = "probe.expectation", Usage,
        "The value of an `--expect-*` is not known.",
        "Use a name as `probe` shows it, or a number as `0x1301`.";
    PROBE_GATE_FILE = "probe.gate_file", Usage,
        "The file of `--policy` or `--baseline` can't be read, is not valid, or needs `--audit`.",
        "Follow the hint of the message; docs/policy.md has the rules of a policy.";
    PROBE_GONE = "probe.gone", Device,
        "The device never answered, or stopped answering during an audit.",
        "Check that it runs, read its log, and use `probe` without `--audit` first.";
    PROBE_INCOMPATIBLE = "probe.incompatible", Device,
        "The device and this client have no version, suite or group in common.",
        "Enable TLS 1.2 with ECDHE or TLS 1.3, on X25519, P-256 or P-384, on the device.";
    PROBE_INCONCLUSIVE = "probe.inconclusive", Inconclusive,
        "Some questions of an audit could not be answered, or were skipped.",
        "Run it again when the device is idle, or allow more with `--max-connections` and `--deadline`.";
    PROBE_INTERRUPTED = "probe.interrupted", Interrupted,
        "A signal ended the command.",
        "Run the command again.";
    PROBE_NO_PAGE = "probe.no_page", Device,
        "The handshake succeeded, but no HTTP answer followed.",
        "Look at the log of the device; a busy device may answer at the second attempt.";
    PROBE_NOT_TLS = "probe.not_tls", Peer,
        "What answered does not speak TLS.",
        "Use the HTTPS port of the device, usually 443.";
    PROBE_NOT_TRUSTED = "probe.not_trusted", Finding,
        "The certificate of the device is not trusted: its issuer, its name or its dates are wrong.",
        "Follow the hint of the message: it depends on the reason.";
    PROBE_PIN_MISMATCH = "probe.pin_mismatch", Finding,
        "The device has another certificate, with another key, than `--cert` says.",
        "Check whether it is another board, or has a new certificate; it prints the SHA-256 on its serial port.";
    PROBE_PROTOCOL = "probe.protocol", Peer,
        "The device broke the rules of TLS.",
        "Look at the log of the device; if the device works with another client, please report it.";
    PROBE_SETUP = "probe.setup", Bug,
        "The handshake could not be prepared.",
        "Please report it, with the command line.";
    PROBE_SEVERAL = "probe.several", Usage,
        "`--trace`, `--pcap` or `--address` was given with several targets.",
        "Name one target.";
    PROBE_SMALL_KEY = "probe.small_key", Device,
        "The RSA key of the device is too small for its signature to be verified.",
        "Make a new pair with `certgen`, and put it on the device.";
    PROBE_TARGETS = "probe.targets", Usage,
        "The file of `--targets` can't be read, or a line of it is not a target.",
        "Write one `HOST[:PORT]` a line; what follows a # is left out.";
}
