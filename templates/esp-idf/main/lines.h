// The lines on the serial port that `esp-https monitor` waits for: two words, then one JSON object.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINE_MAX 256

struct ready {
    // As text, as in 192.168.1.7.
    const char *ip;
    uint16_t port;
    uint8_t mac[6];
    const char *version;
    // SHA-256 of the certificate in DER.
    uint8_t certificate_sha256[32];
};

// Writes the line that says where the board serves. Returns whether there was room for all of it.
bool lines_ready(char *line, size_t size, const struct ready *ready);

// Writes the line that says why the board can't serve. The same words as those of the firmware of esp-https begin it:
// "wifi: authentication refused", "wifi: network not found", "dhcp: no address".
bool lines_fault(char *line, size_t size, const char *reason);
