// SPDX-License-Identifier: Apache-2.0
// The umbrella of the C target: Linux calls that glibc's Swift overlay lacks, and all code between fork and exec.
#ifndef CLINUX_H
#define CLINUX_H

#include "attributes.h"
#include "agent_boot.h"
#include "agent_container.h"
#include "kernel.h"
#include "kvm_probe.h"
#include "kvm_vsock.h"
#include "network.h"
#include "spawn.h"

#endif
