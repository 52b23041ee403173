//! Codes of `discover`.

super::codes! {
    "Finding devices on the network (`discover`)"

    DISCOVER_INTERRUPTED = "discover.interrupted", Interrupted,
        "A signal ended the command. The result has what was found until then.",
        "Run the command again.";
    DISCOVER_NO_NETWORK = "discover.no_network", Environment,
        "This machine has no network interface with an address, besides loopback.",
        "Connect this machine to the network of the devices.";
    DISCOVER_NOTHING = "discover.nothing", Device,
        "No device announced an HTTPS server while it was listened for.",
        "Listen longer with `--for`; check that this machine is on the network of the devices, and that it carries multicast.";
    DISCOVER_PIN_DIFFERS = "discover.pin_differs", Finding,
        "A device shows another certificate than the one whose pin it announces.",
        "Check whether it is the device that it says it is: compare with the READY line on its serial port.";
    DISCOVER_SOCKET = "discover.socket", Environment,
        "This machine lets the command neither send nor receive mDNS, which uses port 5353 of UDP.",
        "End the program that has the port for itself: `ss -ulpn` lists them.";
    DISCOVER_UNKNOWN = "discover.unknown", Device,
        "Devices were found, and none of them has a certificate of `--cert`.",
        "Listen longer with `--for`; devices that announce no pin are compared with `--probe`.";
}
