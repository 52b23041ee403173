#pragma once
#include <stddef.h>
typedef struct mbedtls_x509_crt {
    struct {
        int tag;
        size_t len;
        unsigned char *p;
    } raw;
} mbedtls_x509_crt;
void mbedtls_x509_crt_init(mbedtls_x509_crt *certificate);
int mbedtls_x509_crt_parse(mbedtls_x509_crt *chain, const unsigned char *bytes, size_t length);
void mbedtls_x509_crt_free(mbedtls_x509_crt *certificate);
