#include "server.h"

#include "esp_https_server.h"
#include "esp_log.h"
#include "light.h"
#include "mbedtls/sha256.h"
#include "mbedtls/x509_crt.h"

static const char *TAG = "server";

// By EMBED_TXTFILES in CMakeLists.txt. Both end with a zero, which Mbed TLS wants in PEM and which counts as length.
extern const uint8_t certificate_start[] asm("_binary_cacert_pem_start");
extern const uint8_t certificate_end[] asm("_binary_cacert_pem_end");
extern const uint8_t private_key_start[] asm("_binary_prvtkey_pem_start");
extern const uint8_t private_key_end[] asm("_binary_prvtkey_pem_end");

// A client may send a body in parts, but not in any number of them: the server has one task for all clients.
#define PARTS_MAX 8

static esp_err_t root_get(httpd_req_t *request)
{
    httpd_resp_set_type(request, "text/html");
    return httpd_resp_sendstr(request, "<h1>Hello Secure World! </h1>");
}

static esp_err_t send_light(httpd_req_t *request)
{
    httpd_resp_set_type(request, "application/json");
    return httpd_resp_sendstr(request, light_json());
}

static esp_err_t light_get(httpd_req_t *request)
{
    return send_light(request);
}

// Answers with an error and ends the connection: what is left of the body must not be taken for the next request.
static esp_err_t refuse(httpd_req_t *request, const char *status, const char *what)
{
    httpd_resp_set_status(request, status);
    httpd_resp_set_type(request, "text/plain");
    httpd_resp_set_hdr(request, "Connection", "close");
    httpd_resp_sendstr(request, what);
    return ESP_FAIL;
}

static esp_err_t light_post(httpd_req_t *request)
{
    char body[LIGHT_BODY_MAX];
    // The length is the client's word. Nothing is read before it is known to fit.
    if (request->content_len > sizeof(body)) {
        return refuse(request, "413 Content Too Large", "the body is too large");
    }
    size_t received = 0;
    for (int part = 0; received < request->content_len && part < PARTS_MAX; part++) {
        int count = httpd_req_recv(request, body + received, request->content_len - received);
        if (count == HTTPD_SOCK_ERR_TIMEOUT) {
            return refuse(request, "408 Request Timeout", "the body did not come in time");
        }
        if (count <= 0) {
            // The client has gone, or TLS failed: there is nobody to answer.
            return ESP_FAIL;
        }
        received += (size_t)count;
    }
    if (received < request->content_len) {
        return refuse(request, "408 Request Timeout", "the body came in too many parts");
    }
    bool on;
    if (!light_parse(body, received, &on)) {
        return refuse(request, "400 Bad Request", "the body is neither {\"status\": true} nor {\"status\": false}");
    }
    light_set(on);
    return send_light(request);
}

static const httpd_uri_t resources[] = {
    {.uri = "/", .method = HTTP_GET, .handler = root_get},
    {.uri = "/light", .method = HTTP_GET, .handler = light_get},
    {.uri = "/light", .method = HTTP_POST, .handler = light_post},
};

esp_err_t server_start(void)
{
    httpd_ssl_config_t config = HTTPD_SSL_CONFIG_DEFAULT();
    config.port_secure = SERVER_PORT;
    // The server's own certificate. cacert_pem would be the CA of the clients' certificates.
    config.servercert = certificate_start;
    config.servercert_len = (size_t)(certificate_end - certificate_start);
    config.prvtkey_pem = private_key_start;
    config.prvtkey_len = (size_t)(private_key_end - private_key_start);
    // When another client comes, the one that has been quiet for longest goes.
    config.httpd.lru_purge_enable = true;

    httpd_handle_t server = NULL;
    esp_err_t error = httpd_ssl_start(&server, &config);
    for (size_t i = 0; error == ESP_OK && i < sizeof(resources) / sizeof(resources[0]); i++) {
        error = httpd_register_uri_handler(server, &resources[i]);
    }
    if (error != ESP_OK) {
        ESP_LOGE(TAG, "the HTTPS server does not start: %s", esp_err_to_name(error));
        if (server != NULL) {
            httpd_ssl_stop(server);
        }
    }
    return error;
}

esp_err_t server_certificate_sha256(uint8_t sha256[32])
{
    mbedtls_x509_crt certificate;
    mbedtls_x509_crt_init(&certificate);
    int error = mbedtls_x509_crt_parse(&certificate, certificate_start, (size_t)(certificate_end - certificate_start));
    if (error == 0) {
        error = mbedtls_sha256(certificate.raw.p, certificate.raw.len, sha256, 0);
    }
    mbedtls_x509_crt_free(&certificate);
    return error == 0 ? ESP_OK : ESP_FAIL;
}
