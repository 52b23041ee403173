// The light, and the JSON that tells and switches it. Knows nothing of HTTP.
#pragma once

#include <stdbool.h>
#include <stddef.h>

// The longest body that is read.
#define LIGHT_BODY_MAX 64

// Reads {"status": true} or {"status": false}, with white space between the tokens. Returns whether it is one of these.
bool light_parse(const char *body, size_t length, bool *on);

// Switches the light.
void light_set(bool on);

// The state of the light as JSON.
const char *light_json(void);
