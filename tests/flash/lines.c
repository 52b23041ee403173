/* Preloaded into the program under test: gives a pseudo-terminal the modem lines DTR and RTS, which it has not, and adds a line to
 * the file that ESP_HTTPS_TEST_LINES names for each change that the program asks for: `rts 1`. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int lines;

static void note(int changed, int to) {
    static const struct { int bit; const char *name; } known[] = {{TIOCM_DTR, "dtr"}, {TIOCM_RTS, "rts"}};
    int file = open(getenv("ESP_HTTPS_TEST_LINES"), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        char line[16];
        if (!(changed & known[i].bit)) continue;
        int length = snprintf(line, sizeof line, "%s %d\n", known[i].name, (to & known[i].bit) != 0);
        if (write(file, line, (size_t)length) != length) abort();
    }
    close(file);
    lines = (lines & ~changed) | (to & changed);
}

int ioctl(int fd, unsigned long request, ...) {
    static int (*real)(int, unsigned long, ...);
    va_list arguments;
    va_start(arguments, request);
    void *argument = va_arg(arguments, void *);
    va_end(arguments);
    if (!real) real = (int (*)(int, unsigned long, ...))dlsym(RTLD_NEXT, "ioctl");
    int is_of_lines = request == TIOCMBIS || request == TIOCMBIC || request == TIOCMSET || request == TIOCMGET;
    if (!is_of_lines || !isatty(fd)) return real(fd, request, argument);
    int *bits = argument;
    switch (request) {
    case TIOCMBIS: note(*bits, *bits); break;
    case TIOCMBIC: note(*bits, 0); break;
    case TIOCMSET: note(lines ^ *bits, *bits); break;
    default: *bits = lines;
    }
    return 0;
}
