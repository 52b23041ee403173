#include "wifi.h"

#include <string.h>

#include "esp_event.h"
#include "esp_netif.h"
#include "esp_wifi.h"
#include "freertos/FreeRTOS.h"
#include "freertos/event_groups.h"
#include "sdkconfig.h"

#define HAS_ADDRESS BIT0
#define HAS_NO_ADDRESS BIT1

static EventGroupHandle_t events;
static esp_ip4_addr_t address;
static const char *volatile fault = "wifi: not joined yet";

static const char *reason_in_words(uint8_t reason)
{
    switch (reason) {
    case WIFI_REASON_AUTH_EXPIRE:
    case WIFI_REASON_AUTH_FAIL:
    case WIFI_REASON_4WAY_HANDSHAKE_TIMEOUT:
    case WIFI_REASON_HANDSHAKE_TIMEOUT:
    case WIFI_REASON_MIC_FAILURE:
        return "wifi: authentication refused";
    case WIFI_REASON_ASSOC_FAIL:
    case WIFI_REASON_ASSOC_TOOMANY:
        return "wifi: association refused";
    case WIFI_REASON_NO_AP_FOUND:
        return "wifi: network not found";
    default:
        return "wifi: connection lost";
    }
}

static void on_wifi(void *context, esp_event_base_t base, int32_t id, void *data)
{
    (void)context;
    (void)base;
    if (id == WIFI_EVENT_STA_START) {
        esp_wifi_connect();
    } else if (id == WIFI_EVENT_STA_CONNECTED) {
        fault = "dhcp: no address yet";
    } else if (id == WIFI_EVENT_STA_DISCONNECTED) {
        const wifi_event_sta_disconnected_t *disconnected = data;
        fault = reason_in_words(disconnected->reason);
        xEventGroupClearBits(events, HAS_ADDRESS);
        xEventGroupSetBits(events, HAS_NO_ADDRESS);
        esp_wifi_connect();
    }
}

static void on_ip(void *context, esp_event_base_t base, int32_t id, void *data)
{
    (void)context;
    (void)base;
    if (id == IP_EVENT_STA_GOT_IP) {
        const ip_event_got_ip_t *got = data;
        address = got->ip_info.ip;
        xEventGroupClearBits(events, HAS_NO_ADDRESS);
        xEventGroupSetBits(events, HAS_ADDRESS);
    } else if (id == IP_EVENT_STA_LOST_IP) {
        fault = "dhcp: the address is lost";
        xEventGroupClearBits(events, HAS_ADDRESS);
        xEventGroupSetBits(events, HAS_NO_ADDRESS);
    }
}

// Copies a setting into a field of fixed size; it need not end with a zero there.
static esp_err_t copy_setting(uint8_t *field, size_t size, const char *setting)
{
    size_t length = strlen(setting);
    if (length > size) {
        return ESP_ERR_INVALID_SIZE;
    }
    memcpy(field, setting, length);
    return ESP_OK;
}

static esp_err_t configure(void)
{
    wifi_config_t config = {0};
    esp_err_t error = copy_setting(config.sta.ssid, sizeof(config.sta.ssid), CONFIG_SERVER_WIFI_SSID);
    if (error == ESP_OK) {
        error = copy_setting(config.sta.password, sizeof(config.sta.password), CONFIG_SERVER_WIFI_PASSWORD);
    }
    if (error == ESP_OK) {
        config.sta.threshold.authmode =
            strlen(CONFIG_SERVER_WIFI_PASSWORD) > 0 ? WIFI_AUTH_WPA2_PSK : WIFI_AUTH_OPEN;
        error = esp_wifi_set_config(WIFI_IF_STA, &config);
    }
    return error;
}

esp_err_t wifi_start(void)
{
    events = xEventGroupCreate();
    esp_netif_t *interface = esp_netif_create_default_wifi_sta();
    if (events == NULL || interface == NULL) {
        return ESP_ERR_NO_MEM;
    }
    wifi_init_config_t init = WIFI_INIT_CONFIG_DEFAULT();
    esp_err_t error = esp_netif_set_hostname(interface, "@{ hostname }@");
    if (error == ESP_OK) {
        error = esp_wifi_init(&init);
    }
    if (error == ESP_OK) {
        error = esp_event_handler_instance_register(WIFI_EVENT, ESP_EVENT_ANY_ID, on_wifi, NULL, NULL);
    }
    if (error == ESP_OK) {
        error = esp_event_handler_instance_register(IP_EVENT, ESP_EVENT_ANY_ID, on_ip, NULL, NULL);
    }
    if (error == ESP_OK) {
        error = esp_wifi_set_mode(WIFI_MODE_STA);
    }
    if (error == ESP_OK) {
        error = configure();
    }
    return error == ESP_OK ? esp_wifi_start() : error;
}

bool wifi_wait_for_address(uint32_t milliseconds, char ip[WIFI_IP_MAX])
{
    EventBits_t bits = xEventGroupWaitBits(events, HAS_ADDRESS, pdFALSE, pdTRUE, pdMS_TO_TICKS(milliseconds));
    if ((bits & HAS_ADDRESS) == 0) {
        return false;
    }
    return esp_ip4addr_ntoa(&address, ip, WIFI_IP_MAX) != NULL;
}

void wifi_wait_for_loss(void)
{
    xEventGroupWaitBits(events, HAS_NO_ADDRESS, pdFALSE, pdTRUE, portMAX_DELAY);
}

const char *wifi_fault(void)
{
    return fault;
}
