// SPDX-License-Identifier: Apache-2.0
// The terminal of a container process (pty(7), ioctl_tty(2)): made in the child, from the container's own devpts.
#include "agent_steps.h"
#include "kernel.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#ifndef TIOCGPTPEER
#define TIOCGPTPEER _IO('T', 0x41)
#endif

static int bind_console(int master) {
    unsigned number;
    char path[32];
    if (ioctl(master, TIOCGPTN, &number) < 0) return -1;
    snprintf(path, sizeof path, "/dev/pts/%u", number);
    int console = open("/dev/console", O_CREAT | O_RDONLY | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
    // A node that cannot be opened is one that can be covered.
    if (console < 0 && errno != ENODEV && errno != ENXIO && errno != EIO) return -1;
    if (console >= 0) close(console);
    return mount(path, "/dev/console", NULL, MS_BIND, NULL);
}

static int become_terminal(int master, const struct cl_step *step) {
    int locked = 0;
    struct winsize size = {.ws_row = (unsigned short)step->number, .ws_col = (unsigned short)step->extra};
    if (ioctl(master, TIOCSPTLCK, &locked) < 0) return -1;
    int terminal = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (terminal < 0) return -1;
    if ((size.ws_row || size.ws_col) && ioctl(terminal, TIOCSWINSZ, &size) < 0) return -1;
    if (step->third && bind_console(master) < 0) return -1;
    if (ioctl(terminal, TIOCSCTTY, 0) < 0) return -1;
    for (int fd = 0; fd < 3; fd++)
        if (dup2(terminal, fd) < 0) return -1;
    close(terminal);
    return cl_send_rights(step->descriptor, "t", 1, &master, 1) == 1 ? 0 : -1;
}

int cl_take_terminal(const struct cl_step *step) {
    int master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (master < 0) return -1;
    int result = become_terminal(master, step), error = errno;
    close(master);
    errno = error;
    return result;
}
