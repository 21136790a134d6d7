// SPDX-License-Identifier: Apache-2.0
// Kernel services of the running agent: power, panics, modules, event sources.
#include "agent_boot.h"

#include <errno.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

int cl_power_off(void) {
    sync();
    return reboot(RB_POWER_OFF);
}

int cl_load_module(int fd) { return (int)syscall(SYS_finit_module, fd, "", 0); }

int cl_child_signals(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    errno = pthread_sigmask(SIG_BLOCK, &set, NULL);
    if (errno != 0) return -1;
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int cl_uevent_socket(void) {
    int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);
    if (fd < 0) return -1;
    struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = 1};
    if (bind(fd, (struct sockaddr *)&address, sizeof address) == 0) return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

int cl_interface_up(const char *name) {
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    struct ifreq request;
    memset(&request, 0, sizeof request);
    strncpy(request.ifr_name, name, IFNAMSIZ - 1);
    int result = ioctl(fd, SIOCGIFFLAGS, &request);
    if (result == 0) {
        request.ifr_flags |= IFF_UP;
        result = ioctl(fd, SIOCSIFFLAGS, &request);
    }
    int error = errno;
    close(fd);
    errno = error;
    return result;
}

int cl_poll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

int cl_event_descriptor(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

int cl_poll_control(int poll, int operation, int fd, uint32_t events, uint64_t token) {
    struct epoll_event event = {.events = events, .data.u64 = token};
    return epoll_ctl(poll, operation, fd, &event);
}

static void put(const char *text) {
    ssize_t written = write(2, text, strlen(text));
    (void)written; // nobody is left to tell
}

static void put_hexadecimal(uint64_t value) {
    char digits[19] = "0x", *next = digits + 2;
    for (int shift = 60; shift >= 0; shift -= 4) *next++ = "0123456789abcdef"[(value >> shift) & 15];
    *next = 0;
    put(digits);
}

static const char *signal_name(int number) {
    switch (number) {
    case SIGILL: return "SIGILL (a Swift trap)";
    case SIGSEGV: return "SIGSEGV";
    case SIGBUS: return "SIGBUS";
    case SIGABRT: return "SIGABRT";
    case SIGTRAP: return "SIGTRAP (a Swift trap)";
    case SIGFPE: return "SIGFPE";
    default: return "SIGSYS";
    }
}

static void panic(int number, siginfo_t *info, void *context) {
    put("kata-agent panic: ");
    put(signal_name(number));
    put(" at ");
#if defined(__x86_64__)
    put_hexadecimal((uint64_t)((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP]);
#elif defined(__aarch64__)
    put_hexadecimal((uint64_t)((ucontext_t *)context)->uc_mcontext.pc);
#endif
    put(", address ");
    put_hexadecimal((uint64_t)info->si_addr);
    put("\n");
    if (getpid() == 1) cl_power_off();
    raise(number); // SA_RESETHAND: now with its default action
}

void cl_install_panic_handlers(void) {
    static const int numbers[] = {SIGILL, SIGSEGV, SIGBUS, SIGABRT, SIGTRAP, SIGFPE, SIGSYS};
    static char stack_space[16384];
    stack_t stack = {.ss_sp = stack_space, .ss_size = sizeof stack_space};
    sigaltstack(&stack, NULL);
    struct sigaction action = {.sa_sigaction = panic, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESETHAND};
    sigfillset(&action.sa_mask);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) sigaction(numbers[i], &action, NULL);
}
