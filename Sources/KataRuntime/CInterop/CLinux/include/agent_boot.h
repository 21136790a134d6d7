// SPDX-License-Identifier: Apache-2.0
// What the guest agent needs as PID 1 of an initramfs, before and below the Swift runtime.
#ifndef CLINUX_AGENT_BOOT_H
#define CLINUX_AGENT_BOOT_H

#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>

/// Name of the environment variable that carries CLOCK_BOOTTIME nanoseconds of the first instruction across the re-exec.
#define CL_BOOT_TIME_VARIABLE "KATA_AGENT_BOOT_NANOSECONDS"

/// CLOCK_BOOTTIME in nanoseconds.
uint64_t cl_boot_time(void);
/// Writes why the process ends on standard error and powers off when a fatal signal arrives at PID 1. Other processes get the
/// signal's default action after the message.
void cl_install_panic_handlers(void);
/// sync(2) and RB_POWER_OFF. Returns -1 with errno only.
int cl_power_off(void);
/// finit_module(2) without parameters and flags.
int cl_load_module(int fd);
/// Blocks SIGCHLD for this thread and those it starts, and returns a close-on-exec non-blocking signalfd for it, or -1.
int cl_child_signals(void);
/// A close-on-exec non-blocking NETLINK_KOBJECT_UEVENT socket bound to the kernel's group, or -1.
int cl_uevent_socket(void);
/// Sets IFF_UP on the interface.
int cl_interface_up(const char *name);
/// epoll_create1(2), close-on-exec.
int cl_poll_create(void);
/// A close-on-exec non-blocking eventfd(2) at zero.
int cl_event_descriptor(void);
/// epoll_ctl(2) with `token` as data.
int cl_poll_control(int poll, int operation, int fd, uint32_t events, uint64_t token);
/// The token of an event from epoll_wait(2), which C packs.
static inline uint64_t cl_poll_token(const struct epoll_event *event) { return event->data.u64; }
static inline uint32_t cl_poll_events(const struct epoll_event *event) { return event->events; }

#endif
