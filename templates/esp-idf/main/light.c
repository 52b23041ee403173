#include "light.h"

#include <string.h>

// What is still to be read.
struct rest {
    const char *at;
    size_t length;
};

static void skip_space(struct rest *rest)
{
    while (rest->length > 0 && memchr(" \t\r\n", *rest->at, 4) != NULL) {
        rest->at++;
        rest->length--;
    }
}

static bool take(struct rest *rest, const char *token)
{
    skip_space(rest);
    size_t length = strlen(token);
    if (rest->length < length || memcmp(rest->at, token, length) != 0) {
        return false;
    }
    rest->at += length;
    rest->length -= length;
    return true;
}

bool light_parse(const char *body, size_t length, bool *on)
{
    struct rest rest = {.at = body, .length = length};
    if (!take(&rest, "{") || !take(&rest, "\"status\"") || !take(&rest, ":")) {
        return false;
    }
    bool value = take(&rest, "true");
    if (!value && !take(&rest, "false")) {
        return false;
    }
    if (!take(&rest, "}")) {
        return false;
    }
    skip_space(&rest);
    if (rest.length > 0) {
        return false;
    }
    *on = value;
    return true;
}

// A real light would be a GPIO: gpio_set_level() in light_set().
static bool light = true;

void light_set(bool on)
{
    light = on;
}

const char *light_json(void)
{
    return light ? "{\"status\": true}" : "{\"status\": false}";
}
