//! Codes of what keeps a board from serving, which `flash` and `monitor` notice.

super::codes! {
    "What keeps a board from serving"

    BOARD_BOOTLOADER_PANIC = "board.bootloader_panic", Device,
        "The bootloader stopped with an exception before it started the firmware.",
        "Write the board again with esp-https flash.";
    BOARD_BOOT_LOOP = "board.boot_loop", Device,
        "The board restarts again and again by itself.",
        "Try another USB port, cable or power supply; then write the board from nothing with `flash --erase`.";
    BOARD_DOWNLOAD_MODE = "board.download_mode", Device,
        "The board is in its bootloader and does not start its firmware.",
        "Let go of the BOOT button and press RESET; make sure that nothing pulls GPIO9 down.";
    BOARD_FAULT = "board.fault", Device,
        "The firmware says that it can't serve, and why.",
        "Write the board again with `flash`, or from nothing with `flash --erase`.";
    BOARD_NO_DHCP = "board.no_dhcp", Device,
        "The board joined the Wi-Fi network and got no address.",
        "Check that the DHCP server of the network has free addresses and accepts new devices.";
    BOARD_NOT_READY = "board.not_ready", Device,
        "The board prints something, but neither that it serves nor what is wrong.",
        "Allow more time with `--wait-ready`; make sure that the board runs the firmware of esp-https.";
    BOARD_PANIC = "board.panic", Device,
        "The firmware of the board panicked.",
        "Please report it with the lines that the board printed.";
    BOARD_PORT_GONE = "board.port_gone", Device,
        "The serial port of the board vanished and did not come back.",
        "Connect the board again, then follow it with `monitor`.";
    BOARD_ROM_PANIC = "board.rom_panic", Device,
        "The chip's boot ROM stopped with an exception before it started the firmware.",
        "Press the board's RESET button; if it stops there again, write the board again.";
    BOARD_SILENT = "board.silent", Device,
        "The board printed nothing at all.",
        "Press its RESET button; make sure that the port is the one with the board's console.";
    BOARD_WIFI_REFUSED = "board.wifi_refused", Device,
        "The Wi-Fi network refuses the board, usually because of a wrong password.",
        "Write another password with `flash --config-only`.";
    BOARD_WIFI_UNREACHABLE = "board.wifi_unreachable", Device,
        "The board does not find the Wi-Fi network.",
        "Check the spelling of `--ssid`, that the network uses 2.4 GHz and WPA2, and that the board is near enough.";
}
