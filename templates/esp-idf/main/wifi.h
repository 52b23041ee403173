// The Wi-Fi network: joins it, and joins it again when it is lost.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "esp_err.h"

#define WIFI_IP_MAX 16

// Begins to join the network of the configuration.
esp_err_t wifi_start(void);

// Waits until the board has an address, and writes it as text. Returns false when it has none after so many milliseconds.
bool wifi_wait_for_address(uint32_t milliseconds, char ip[WIFI_IP_MAX]);

// Waits until the address is lost.
void wifi_wait_for_loss(void);

// Why the board has no address, for a person.
const char *wifi_fault(void);
