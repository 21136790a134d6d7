// SPDX-License-Identifier: Apache-2.0
#include "network.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/netlink.h>
#include <linux/nsfs.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

int cl_namespace_type(int fd) { return ioctl(fd, NS_GET_NSTYPE); }

const int CL_CLONE_NEWNET = CLONE_NEWNET;

int cl_setns(int fd, int type) { return setns(fd, type); }

int cl_route_socket(void) { return socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE); }

ssize_t cl_route_receive(int fd, void *bytes, size_t size) { return recv(fd, bytes, size, MSG_TRUNC); }

int cl_open_tap(char *name) {
    int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) return -1;
    struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR};
    strncpy(request.ifr_name, name, IFNAMSIZ - 1);
    if (ioctl(fd, TUNSETIFF, &request) < 0) {
        int saved = errno;
        close(fd);
        errno = saved;
        return -1;
    }
    memcpy(name, request.ifr_name, IFNAMSIZ);
    return fd;
}
