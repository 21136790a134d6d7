// SPDX-License-Identifier: Apache-2.0
// Network namespaces, route netlink sockets and TAP devices.
#ifndef CLINUX_NETWORK_H
#define CLINUX_NETWORK_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/types.h>

/// setns(2) of the calling thread.
/// CLONE_NEW* of the namespace behind a descriptor (ioctl_ns(2)), or -1 with errno for another file.
int cl_namespace_type(int fd);
int cl_setns(int fd, int type);
/// CLONE_NEWNET.
extern const int CL_CLONE_NEWNET;
/// A route netlink socket (rtnetlink(7)) of the calling thread's network namespace; close-on-exec.
int cl_route_socket(void);
/// One that is told of changes (RTMGRP_*).
int cl_route_listener(unsigned groups);
/// One datagram; the size of all of it, of which `size` bytes are copied.
ssize_t cl_route_receive(int fd, void *bytes, size_t size);
/// A new TAP device of the calling thread's network namespace, with virtio-net headers (kernel: networking/tuntap). `name` is a
/// pattern as "tap%d", in 16 bytes, and gets the device's name. The device lasts as long as the returned descriptor, which is close-on-exec.
int cl_open_tap(char *name);
/// The descriptor of a macvtap device (kernel: networking/tuntap; its node is /dev/tapN, N its index), and whose it is: nodes of all
/// network namespaces lie in one directory. `name` has room for 16 bytes, `address` for 6.
int cl_open_macvtap(int index, char *name, unsigned char *address);

// IPv4 (ip(7)); `host` in network order, `port` in the host's.

// Bound, non-blocking, and listening when it is for streams.
int cl_internet_bind(int is_stream, uint32_t host, uint16_t port);
// Blocking; every call on it ends after `seconds`.
int cl_internet_connect(int is_stream, uint32_t host, uint16_t port, unsigned seconds);
ssize_t cl_receive_from(int fd, void *bytes, size_t size, uint32_t *host, uint16_t *port);
ssize_t cl_send_to(int fd, const void *bytes, size_t size, uint32_t host, uint16_t port);
int cl_accept_nonblocking(int listener);

#endif
