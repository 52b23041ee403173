// The HTTPS server: the book's page at /, and its light at /light.
#pragma once

#include <stdint.h>

#include "esp_err.h"

#define SERVER_PORT 443

// Starts it. The certificate and the key are in the firmware.
esp_err_t server_start(void);

// SHA-256 of the server's certificate in DER, which tells clients whom they talk to.
esp_err_t server_certificate_sha256(uint8_t sha256[32]);
