#pragma once
#include "esp_http_server.h"

typedef struct httpd_ssl_config {
    httpd_config_t httpd;
    // The server's certificate.
    const uint8_t *servercert;
    size_t servercert_len;
    // The CA of the clients' certificates.
    const uint8_t *cacert_pem;
    size_t cacert_len;
    // The server's private key.
    const uint8_t *prvtkey_pem;
    size_t prvtkey_len;
    bool use_ecdsa_peripheral;
    uint16_t port_secure;
    uint16_t port_insecure;
    bool session_tickets;
    uint32_t tls_handshake_timeout_ms;
} httpd_ssl_config_t;

#define HTTPD_SSL_CONFIG_DEFAULT()                                                                                     \
    {                                                                                                                  \
        .httpd = {.task_priority = 5, .stack_size = 10240, .max_open_sockets = 4, .max_uri_handlers = 8},              \
        .port_secure = 443, .port_insecure = 80                                                                        \
    }

esp_err_t httpd_ssl_start(httpd_handle_t *handle, httpd_ssl_config_t *config);
esp_err_t httpd_ssl_stop(httpd_handle_t handle);
