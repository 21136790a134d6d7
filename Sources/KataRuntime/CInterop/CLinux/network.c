// SPDX-License-Identifier: Apache-2.0
#include "network.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/netlink.h>
#include <linux/nsfs.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static int closed_keeping_errno(int fd) {
    int saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

int cl_namespace_type(int fd) { return ioctl(fd, NS_GET_NSTYPE); }

const int CL_CLONE_NEWNET = CLONE_NEWNET;

int cl_setns(int fd, int type) { return setns(fd, type); }

int cl_route_socket(void) { return socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE); }

int cl_route_listener(unsigned groups) {
    int fd = cl_route_socket();
    if (fd < 0) return -1;
    struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = groups};
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0) return closed_keeping_errno(fd);
    return fd;
}

ssize_t cl_route_receive(int fd, void *bytes, size_t size) { return recv(fd, bytes, size, MSG_TRUNC); }

int cl_open_tap(char *name) {
    int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) return -1;
    struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR};
    strncpy(request.ifr_name, name, IFNAMSIZ - 1);
    if (ioctl(fd, TUNSETIFF, &request) < 0) return closed_keeping_errno(fd);
    memcpy(name, request.ifr_name, IFNAMSIZ);
    return fd;
}

int cl_open_macvtap(int index, char *name, unsigned char *address) {
    char path[32];
    snprintf(path, sizeof path, "/dev/tap%d", index);
    int fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) return -1;
    struct ifreq named = {0}, addressed = {0};
    if (ioctl(fd, TUNGETIFF, &named) < 0 || ioctl(fd, SIOCGIFHWADDR, &addressed) < 0) return closed_keeping_errno(fd);
    memcpy(name, named.ifr_name, IFNAMSIZ);
    memcpy(address, addressed.ifr_hwaddr.sa_data, 6);
    return fd;
}

static int internet_socket(int type) { return socket(AF_INET, type | SOCK_CLOEXEC, 0); }

static struct sockaddr_in internet_address(uint32_t host, uint16_t port) {
    return (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = host, .sin_port = htons(port)};
}

int cl_internet_bind(int is_stream, uint32_t host, uint16_t port) {
    int fd = internet_socket((is_stream ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK);
    if (fd < 0) return -1;
    struct sockaddr_in address = internet_address(host, port);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || (is_stream && listen(fd, 16) < 0)) return closed_keeping_errno(fd);
    return fd;
}

int cl_internet_connect(int is_stream, uint32_t host, uint16_t port, unsigned seconds) {
    int fd = internet_socket(is_stream ? SOCK_STREAM : SOCK_DGRAM);
    if (fd < 0) return -1;
    struct timeval limit = {.tv_sec = seconds};
    struct sockaddr_in address = internet_address(host, port);
    if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) < 0 ||
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) < 0 ||
        connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
        return closed_keeping_errno(fd);
    return fd;
}

ssize_t cl_receive_from(int fd, void *bytes, size_t size, uint32_t *host, uint16_t *port) {
    struct sockaddr_in address = {0};
    socklen_t length = sizeof address;
    ssize_t received = recvfrom(fd, bytes, size, 0, (struct sockaddr *)&address, &length);
    *host = address.sin_addr.s_addr;
    *port = ntohs(address.sin_port);
    return received;
}

ssize_t cl_send_to(int fd, const void *bytes, size_t size, uint32_t host, uint16_t port) {
    struct sockaddr_in address = internet_address(host, port);
    return sendto(fd, bytes, size, MSG_NOSIGNAL, (struct sockaddr *)&address, sizeof address);
}

int cl_accept_nonblocking(int listener) { return accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK); }
