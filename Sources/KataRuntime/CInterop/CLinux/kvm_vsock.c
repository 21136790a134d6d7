// SPDX-License-Identifier: Apache-2.0
#include "kvm_vsock.h"

#include <errno.h>
#include <linux/vhost.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <linux/vm_sockets.h>

int cl_vhost_vsock_set_context(int device, uint64_t context) { return ioctl(device, VHOST_VSOCK_SET_GUEST_CID, &context); }

int cl_vsock_connect(uint32_t context, uint32_t port, uint32_t limit_milliseconds) {
    int fd = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    struct timeval limit = {.tv_sec = limit_milliseconds / 1000, .tv_usec = (limit_milliseconds % 1000) * 1000};
    struct sockaddr_vm address = {.svm_family = AF_VSOCK, .svm_port = port, .svm_cid = context};
    if (setsockopt(fd, AF_VSOCK, SO_VM_SOCKETS_CONNECT_TIMEOUT, &limit, sizeof limit) == 0 &&
        connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}
