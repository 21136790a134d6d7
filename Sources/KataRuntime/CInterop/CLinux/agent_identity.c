// SPDX-License-Identifier: Apache-2.0
// Users, groups, capabilities and limits of a container process. System calls are made directly: glibc's set*id functions
// would signal the threads of the agent that this copy does not have.
#include "agent_steps.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { HIGHEST_CAPABILITY = 63 };

static int bound(uint64_t keep) {
    for (int capability = 0; capability <= HIGHEST_CAPABILITY; capability++) {
        int held = prctl(PR_CAPBSET_READ, capability, 0, 0, 0);
        if (held < 0) return 0; // beyond what this kernel knows
        if (held == 1 && !((keep >> capability) & 1) && prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0) return -1;
    }
    return 0;
}

static int set_capabilities(uint64_t effective, uint64_t permitted, uint64_t inheritable) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    struct __user_cap_data_struct data[2] = {
        {.effective = (uint32_t)effective, .permitted = (uint32_t)permitted, .inheritable = (uint32_t)inheritable},
        {.effective = (uint32_t)(effective >> 32), .permitted = (uint32_t)(permitted >> 32),
         .inheritable = (uint32_t)(inheritable >> 32)},
    };
    return (int)syscall(SYS_capset, &header, data);
}

static int set_ambient(uint64_t ambient) {
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0) return -1;
    for (int capability = 0; capability <= HIGHEST_CAPABILITY; capability++)
        if ((ambient >> capability) & 1 && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0) < 0) return -1;
    return 0;
}

static int set_user(uid_t user) {
    if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0) return -1;
    return (int)syscall(SYS_setresuid, user, user, user);
}

// So that a program can open /dev/stdout or its terminal as its own user. Descriptors of other kinds may refuse, and in a user
// namespace those that the agent has given away already.
static int own_streams(uid_t user) {
    for (int fd = 0; fd < 3; fd++) {
        struct stat status;
        if (fstat(fd, &status) < 0) return -1;
        if ((S_ISFIFO(status.st_mode) || isatty(fd)) && fchown(fd, user, (gid_t)-1) < 0 && errno != EPERM) return -1;
    }
    return 0;
}

int cl_run_identity_step(const struct cl_step *step) {
    switch (step->kind) {
    case CL_STEP_OWN_STREAMS: return own_streams((uid_t)step->number);
    case CL_STEP_LIMIT: {
        struct rlimit limit = {.rlim_cur = step->number, .rlim_max = step->extra};
        return setrlimit((unsigned)step->descriptor, &limit);
    }
    case CL_STEP_SCHEDULE: return (int)syscall(SYS_sched_setattr, 0, step->data, 0U);
    case CL_STEP_IO_PRIORITY: return (int)syscall(SYS_ioprio_set, 1, 0, (int)step->number); // IOPRIO_WHO_PROCESS
    case CL_STEP_AFFINITY: return syscall(SYS_sched_setaffinity, 0, step->extra, step->data) < 0 ? -1 : 0;
    case CL_STEP_PERSONALITY: return personality(step->number) < 0 ? -1 : 0;
    case CL_STEP_NO_NEW_PRIVILEGES: return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    case CL_STEP_BOUND: return bound(step->number);
    case CL_STEP_GROUPS: return (int)syscall(SYS_setgroups, step->id_count, step->ids);
    case CL_STEP_GROUP: return (int)syscall(SYS_setresgid, (gid_t)step->number, (gid_t)step->number, (gid_t)step->number);
    case CL_STEP_USER: return set_user((uid_t)step->number);
    case CL_STEP_CAPABILITIES: return set_capabilities(step->number, step->extra, step->third);
    case CL_STEP_AMBIENT: return set_ambient(step->number);
    default: errno = EINVAL; return -1;
    }
}
