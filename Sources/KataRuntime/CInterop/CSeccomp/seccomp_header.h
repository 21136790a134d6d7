// SPDX-License-Identifier: Apache-2.0
// libseccomp, which turns a container's system call rules into a filter program.
#include <seccomp.h>
