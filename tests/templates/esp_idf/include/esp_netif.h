#pragma once
#include <stdint.h>

#include "esp_err.h"
#include "esp_event.h"
typedef struct esp_netif_obj esp_netif_t;
typedef struct {
    uint32_t addr;
} esp_ip4_addr_t;
typedef struct {
    esp_ip4_addr_t ip;
    esp_ip4_addr_t netmask;
    esp_ip4_addr_t gw;
} esp_netif_ip_info_t;
typedef struct {
    esp_netif_t *esp_netif;
    esp_netif_ip_info_t ip_info;
    int ip_changed;
} ip_event_got_ip_t;
enum { IP_EVENT_STA_GOT_IP, IP_EVENT_STA_LOST_IP };
extern esp_event_base_t const IP_EVENT;
esp_err_t esp_netif_init(void);
esp_err_t esp_netif_set_hostname(esp_netif_t *interface, const char *name);
char *esp_ip4addr_ntoa(const esp_ip4_addr_t *address, char *buffer, int length);
