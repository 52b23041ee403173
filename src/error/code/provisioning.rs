//! Codes of what a board is provisioned with: certificate, key and settings.

super::codes! {
    "What a board gets besides its firmware: certificate, key and settings"

    PROVISIONING_CERTIFICATE = "provisioning.certificate", Usage,
        "A board's TLS library refuses the certificate, so a board would not start with it, or not serve.",
        "Have it issued in another way, or take one that `esp-https certgen` makes.";
    PROVISIONING_ENCODING = "provisioning.encoding", Bug,
        "The certificate or the key could not be encoded for the board.",
        "Please report it.";
    PROVISIONING_HOSTNAME = "provisioning.hostname", Usage,
        "`--hostname` is not a name for a board.",
        "Give 1 to 32 letters, digits and hyphens, as in `kitchen-sensor`.";
    PROVISIONING_KEY_KIND = "provisioning.key_kind", Usage,
        "The private key is of a kind that a board does not serve with.",
        "Use RSA, or ECDSA on P-256 or P-384; `certgen` makes such keys.";
    PROVISIONING_MAX_HEADER = "provisioning.max_header", Usage,
        "`--max-header` is out of its limits.",
        "Give a number of bytes within the limits that the message names.";
    PROVISIONING_NO_NETWORK = "provisioning.no_network", Usage,
        "No Wi-Fi network is named.",
        "Name it with `--ssid`, or in the variable `ESP_HTTPS_WIFI_SSID`.";
    PROVISIONING_NO_PASSWORD = "provisioning.no_password", Usage,
        "There is no password for the Wi-Fi network, and no terminal to ask for one.",
        "Set the variable `ESP_HTTPS_WIFI_PASSWORD`, use `--wifi-password-file`, or use `--open-wifi`.";
    PROVISIONING_PASSWORD = "provisioning.password", Usage,
        "The password is not one for Wi-Fi.",
        "Give 8 to 63 characters, or 64 hexadecimal digits; `--open-wifi` if the network has no password.";
    PROVISIONING_PASSWORD_FILE = "provisioning.password_file", Usage,
        "The Wi-Fi password can't be read from its file or variable, or is not UTF-8 text.",
        "Check the path, or set the variable `ESP_HTTPS_WIFI_PASSWORD`.";
    PROVISIONING_REFUSED = "provisioning.refused", Usage,
        "The board would refuse the certificate, the key or the settings.",
        "Change the setting that the message names.";
    PROVISIONING_SSID = "provisioning.ssid", Usage,
        "`--ssid` is not the name of a Wi-Fi network.",
        "Give 1 to 32 bytes.";
    PROVISIONING_TOO_LARGE = "provisioning.too_large", Usage,
        "The certificate, the key and the settings together do not fit into their partition.",
        "Leave out the chain of the certificate, or use a P-256 key, which is much smaller.";
}
