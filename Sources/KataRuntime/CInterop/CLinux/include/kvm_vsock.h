// SPDX-License-Identifier: Apache-2.0
// vhost-vsock and AF_VSOCK (vsock(7)).
#ifndef CLINUX_KVM_VSOCK_H
#define CLINUX_KVM_VSOCK_H

#include <stdint.h>

/// VHOST_VSOCK_SET_GUEST_CID on an open /dev/vhost-vsock. Returns 0 or -1; EADDRINUSE when another guest has the id.
int cl_vhost_vsock_set_context(int device, uint64_t context);

/// A close-on-exec stream socket connected to a guest's port, or -1 after at most `limit_milliseconds`.
int cl_vsock_connect(uint32_t context, uint32_t port, uint32_t limit_milliseconds);

#endif
