#include <stdio.h>

#include "esp_app_desc.h"
#include "esp_event.h"
#include "esp_log.h"
#include "esp_mac.h"
#include "esp_netif.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "lines.h"
#include "nvs_flash.h"
#include "server.h"
#include "wifi.h"

static const char *TAG = "main";

// So often a board says what is wrong.
#define FAULT_EVERY_MS 5000

static void print_fault(const char *reason)
{
    char line[LINE_MAX];
    lines_fault(line, sizeof(line), reason);
    puts(line);
    fflush(stdout);
}

// Says what is wrong again and again, so that whoever connects to the port sees it.
static void stop(const char *reason, esp_err_t error)
{
    ESP_LOGE(TAG, "%s: %s", reason, esp_err_to_name(error));
    for (;;) {
        print_fault(reason);
        vTaskDelay(pdMS_TO_TICKS(FAULT_EVERY_MS));
    }
}

static esp_err_t print_ready(const char *ip)
{
    struct ready ready = {.ip = ip, .port = SERVER_PORT, .version = esp_app_get_description()->version};
    esp_err_t error = esp_read_mac(ready.mac, ESP_MAC_WIFI_STA);
    if (error == ESP_OK) {
        error = server_certificate_sha256(ready.certificate_sha256);
    }
    char line[LINE_MAX];
    if (error == ESP_OK && !lines_ready(line, sizeof(line), &ready)) {
        error = ESP_ERR_INVALID_SIZE;
    }
    if (error == ESP_OK) {
        puts(line);
        fflush(stdout);
    }
    return error;
}

// The Wi-Fi driver keeps its calibration in NVS.
static esp_err_t start_nvs(void)
{
    esp_err_t error = nvs_flash_init();
    if (error == ESP_ERR_NVS_NO_FREE_PAGES || error == ESP_ERR_NVS_NEW_VERSION_FOUND) {
        error = nvs_flash_erase();
        if (error == ESP_OK) {
            error = nvs_flash_init();
        }
    }
    return error;
}

static esp_err_t start_network(void)
{
    esp_err_t error = start_nvs();
    if (error == ESP_OK) {
        error = esp_netif_init();
    }
    if (error == ESP_OK) {
        error = esp_event_loop_create_default();
    }
    return error == ESP_OK ? wifi_start() : error;
}

void app_main(void)
{
    esp_err_t error = start_network();
    if (error != ESP_OK) {
        stop("the network does not start", error);
    }
    bool serves = false;
    for (;;) {
        char ip[WIFI_IP_MAX];
        while (!wifi_wait_for_address(FAULT_EVERY_MS, ip)) {
            print_fault(wifi_fault());
        }
        // Only with an address: a server that nobody can reach helps nobody.
        if (!serves) {
            error = server_start();
            if (error != ESP_OK) {
                stop("the HTTPS server does not start", error);
            }
            serves = true;
        }
        error = print_ready(ip);
        if (error != ESP_OK) {
            stop("the certificate can't be read", error);
        }
        wifi_wait_for_loss();
    }
}
