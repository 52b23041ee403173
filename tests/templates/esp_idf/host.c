// Plays esp_https_server on this machine: starts the project's server, sends it one request, and prints what comes of it.
//
//   host start                               what the server was started with
//   host request METHOD URI LENGTH PART ..   a request whose body has LENGTH bytes, as its header says, and comes in these parts;
//                                            after the last one nothing comes any more. The part "-" is a client that has gone.
//   host ready VERSION                       the line that the board prints when it serves
//   host fault REASON
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "esp_https_server.h"
#include "lines.h"
#include "mbedtls/sha256.h"
#include "mbedtls/x509_crt.h"
#include "server.h"

static httpd_ssl_config_t started;
static httpd_uri_t handlers[16];
static int handler_count;
static char **parts;
static const char *status = "200 OK";
static const char *type = "text/html";
static int answers;

esp_err_t httpd_ssl_start(httpd_handle_t *handle, httpd_ssl_config_t *config)
{
    started = *config;
    *handle = handlers;
    return ESP_OK;
}

esp_err_t httpd_ssl_stop(httpd_handle_t handle)
{
    (void)handle;
    return ESP_OK;
}

esp_err_t httpd_register_uri_handler(httpd_handle_t handle, const httpd_uri_t *uri)
{
    if (handle != handlers || handler_count == started.httpd.max_uri_handlers) {
        return ESP_FAIL;
    }
    handlers[handler_count++] = *uri;
    return ESP_OK;
}

int httpd_req_recv(httpd_req_t *request, char *buffer, size_t length)
{
    (void)request;
    if (*parts == NULL) {
        return HTTPD_SOCK_ERR_TIMEOUT;
    }
    if (strcmp(*parts, "-") == 0) {
        return 0;
    }
    // As much as was asked for is written, even if that is more than the client has announced.
    size_t count = strlen(*parts);
    count = count < length ? count : length;
    memcpy(buffer, *parts++, count);
    return (int)count;
}

esp_err_t httpd_resp_set_status(httpd_req_t *request, const char *value)
{
    (void)request;
    status = value;
    return ESP_OK;
}

esp_err_t httpd_resp_set_type(httpd_req_t *request, const char *value)
{
    (void)request;
    type = value;
    return ESP_OK;
}

esp_err_t httpd_resp_set_hdr(httpd_req_t *request, const char *field, const char *value)
{
    (void)request;
    printf("%s: %s\n", field, value);
    return ESP_OK;
}

esp_err_t httpd_resp_sendstr(httpd_req_t *request, const char *text)
{
    (void)request;
    answers++;
    printf("%s, %s: %s\n", status, type, text);
    return ESP_OK;
}

// The server reads its own certificate by Mbed TLS, which is not here.
void mbedtls_x509_crt_init(mbedtls_x509_crt *certificate)
{
    (void)certificate;
    abort();
}

int mbedtls_x509_crt_parse(mbedtls_x509_crt *chain, const unsigned char *bytes, size_t length)
{
    (void)chain, (void)bytes, (void)length;
    abort();
}

void mbedtls_x509_crt_free(mbedtls_x509_crt *certificate)
{
    (void)certificate;
    abort();
}

int mbedtls_sha256(const unsigned char *input, size_t length, unsigned char *output, int is224)
{
    (void)input, (void)length, (void)output, (void)is224;
    abort();
}

const char *esp_err_to_name(esp_err_t error)
{
    (void)error;
    return "an error";
}

void esp_log(const char *tag, const char *format, ...)
{
    printf("log of %s: %s\n", tag, format);
}

static int request(const char *method, const char *uri, size_t length)
{
    httpd_method_t wanted = strcmp(method, "POST") == 0 ? HTTP_POST : HTTP_GET;
    for (int i = 0; i < handler_count; i++) {
        if (handlers[i].method == wanted && strcmp(handlers[i].uri, uri) == 0) {
            httpd_req_t *now = calloc(1, sizeof(*now));
            now->content_len = length;
            esp_err_t outcome = handlers[i].handler(now);
            printf("%d answers, the connection %s\n", answers, outcome == ESP_OK ? "stays" : "ends");
            free(now);
            return 0;
        }
    }
    printf("404\n");
    return 0;
}

int main(int count, char **words)
{
    static const struct ready ready = {
        .ip = "192.168.1.7", .port = 443, .mac = {2, 0, 0, 0xab, 0xcd, 0xef}, .certificate_sha256 = {0x5a, 0xff}};
    char line[LINE_MAX];
    if (server_start() != ESP_OK) {
        return 1;
    }
    if (count == 2 && strcmp(words[1], "start") == 0) {
        printf("port %d, %d resources\n", started.port_secure, handler_count);
        printf("servercert %.27s, %zu bytes\n", (const char *)started.servercert, started.servercert_len);
        printf("prvtkey_pem %.27s, %zu bytes\n", (const char *)started.prvtkey_pem, started.prvtkey_len);
        printf("cacert_pem %s\n", started.cacert_pem == NULL ? "none" : "set");
    } else if (count >= 5 && strcmp(words[1], "request") == 0) {
        parts = words + 5;
        return request(words[2], words[3], strtoul(words[4], NULL, 10));
    } else if (count == 3 && strcmp(words[1], "ready") == 0) {
        struct ready now = ready;
        now.version = words[2];
        printf("%s\n", lines_ready(line, sizeof(line), &now) ? line : "no room");
    } else if (count == 3 && strcmp(words[1], "fault") == 0) {
        printf("%s\n", lines_fault(line, sizeof(line), words[2]) ? line : "no room");
    } else {
        return 2;
    }
    return 0;
}
