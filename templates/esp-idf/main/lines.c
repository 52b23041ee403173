#include "lines.h"

#include <stdio.h>

// A text that is growing in a buffer, and always ends with a zero.
struct text {
    char *start;
    size_t size;
    size_t length;
    bool complete;
};

static void add(struct text *text, char character)
{
    if (text->length + 1 < text->size) {
        text->start[text->length++] = character;
        text->start[text->length] = '\0';
    } else {
        text->complete = false;
    }
}

static void add_plain(struct text *text, const char *plain)
{
    while (*plain != '\0') {
        add(text, *plain++);
    }
}

// The inside of a JSON string. What would need an escape becomes a question mark.
static void add_quoted(struct text *text, const char *quoted)
{
    add(text, '"');
    for (; *quoted != '\0'; quoted++) {
        bool plain = *quoted >= ' ' && *quoted <= '~' && *quoted != '"' && *quoted != '\\';
        add(text, plain ? *quoted : '?');
    }
    add(text, '"');
}

static void add_hex(struct text *text, uint8_t byte)
{
    static const char digits[] = "0123456789abcdef";
    add(text, digits[byte >> 4]);
    add(text, digits[byte & 15]);
}

static struct text begin(char *line, size_t size)
{
    if (size > 0) {
        line[0] = '\0';
    }
    return (struct text){.start = line, .size = size, .length = 0, .complete = true};
}

bool lines_ready(char *line, size_t size, const struct ready *ready)
{
    struct text text = begin(line, size);
    char port[8];
    snprintf(port, sizeof(port), "%u", (unsigned)ready->port);
    add_plain(&text, "ESP-HTTPS READY {\"ip\":");
    add_quoted(&text, ready->ip);
    add_plain(&text, ",\"port\":");
    add_plain(&text, port);
    add_plain(&text, ",\"mac\":\"");
    for (size_t i = 0; i < sizeof(ready->mac); i++) {
        if (i > 0) {
            add(&text, ':');
        }
        add_hex(&text, ready->mac[i]);
    }
    add_plain(&text, "\",\"fw\":");
    add_quoted(&text, ready->version);
    add_plain(&text, ",\"cert_sha256\":\"");
    for (size_t i = 0; i < sizeof(ready->certificate_sha256); i++) {
        add_hex(&text, ready->certificate_sha256[i]);
    }
    add_plain(&text, "\"}");
    return text.complete;
}

bool lines_fault(char *line, size_t size, const char *reason)
{
    struct text text = begin(line, size);
    add_plain(&text, "ESP-HTTPS FAULT {\"reason\":");
    add_quoted(&text, reason);
    add(&text, '}');
    return text.complete;
}
