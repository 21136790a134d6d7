// SPDX-License-Identifier: Apache-2.0
// A container's first process, or one more: clone3(2), then a list of steps that the agent decided, then execve(2).
// The child runs nothing but the interpreter of the steps: no allocation, no lock, no Swift.
#ifndef CLINUX_AGENT_CONTAINER_H
#define CLINUX_AGENT_CONTAINER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

enum cl_step_kind {
    CL_STEP_WRITE_FILE,       ///< write `data` to `target`
    CL_STEP_JOIN,             ///< setns(`descriptor`, `number`)
    CL_STEP_UNSHARE,          ///< unshare(`number`)
    CL_STEP_ENTER_NAMESPACE,  ///< setns(2) into the namespace of kind `number` that the file `target` names
    CL_STEP_PROPAGATION,      ///< mount(2) with only the propagation flags `number` on `target`
    CL_STEP_CLONE_TREE,       ///< open_tree(2) copy of `source` into slot `descriptor`; `number` != 0: with submounts
    CL_STEP_ENTER_ROOT,       ///< bind `target` on itself, pivot_root(2) into it, detach the old root
    CL_STEP_MAKE_DIRECTORY,   ///< `target` with parents, mode `number`; `extra` != 0: last component must not be a symbolic link
    CL_STEP_MAKE_TARGET,      ///< as above, or an empty file when slot `descriptor` holds a file
    CL_STEP_MOUNT,            ///< mount(`source`, `target`, `type`, `number`, `data`)
    CL_STEP_ATTACH_TREE,      ///< move_mount(2) of slot `descriptor` to `target`
    CL_STEP_REMOUNT,          ///< bind remount of `target` with the flags `number`, those in `extra` kept as they are
    CL_STEP_REMOUNT_ALL,      ///< mount_setattr(2) of `target` and all below: sets the MOUNT_ATTR_* flags `number`
    CL_STEP_MAKE_NODE,        ///< mknod(2) `target`, mode `number`, device `extra`, owner `ids[0]`:`ids[1]`
    CL_STEP_MAKE_LINK,        ///< symbolic link `target` to `source`, in place of what is there
    CL_STEP_MASK,             ///< hides `target` behind slot `descriptor` (a file) or an empty read-only tmpfs (a directory)
    CL_STEP_READ_ONLY,        ///< binds `target` on itself, read-only; a missing one is skipped
    CL_STEP_HOST_NAME,        ///< sethostname(2) `data`
    CL_STEP_LOOPBACK_UP,      ///< sets the interface `lo` up
    CL_STEP_SESSION,          ///< setsid(2)
    CL_STEP_TERMINAL,         ///< a new terminal of /dev/ptmx, `number` rows and `extra` columns, becomes 0, 1, 2 and the controlling one,
                              ///< `third` != 0: bound on /dev/console; its other side goes out over the socket `descriptor`
    CL_STEP_COPY_TREE,        ///< copies what is below slot `descriptor` to `target`, with owners and modes
    CL_STEP_DOMAIN_NAME,      ///< setdomainname(2) `data`
    CL_STEP_SCHEDULE,         ///< sched_setattr(2) of the struct sched_attr at `data`
    CL_STEP_IO_PRIORITY,      ///< ioprio_set(2) `number`
    CL_STEP_AFFINITY,         ///< sched_setaffinity(2) of the `extra` bytes at `data`
    CL_STEP_PERSONALITY,      ///< personality(2) `number`
    CL_STEP_OWN_STREAMS,      ///< fchown(2) of 0, 1 and 2 to user `number`
    CL_STEP_LIMIT,            ///< setrlimit(2) of resource `descriptor`: soft `number`, hard `extra`
    CL_STEP_FILE_MASK,        ///< umask(2) `number`
    CL_STEP_DIRECTORY,        ///< chdir(2) `target`
    CL_STEP_NO_NEW_PRIVILEGES,///< PR_SET_NO_NEW_PRIVS
    CL_STEP_FILTER,           ///< seccomp(2) with flags `number` and `extra` instructions at `data`
    CL_STEP_BOUND,            ///< capability bounding set := `number`
    CL_STEP_GROUPS,           ///< setgroups(2) of `id_count` `ids`
    CL_STEP_GROUP,            ///< setresgid(2) `number`
    CL_STEP_USER,             ///< setresuid(2) `number`, keeping capabilities
    CL_STEP_CAPABILITIES,     ///< capset(2): effective `number`, permitted `extra`, inheritable `third`
    CL_STEP_AMBIENT,          ///< ambient set := `number`
    CL_STEP_FIND_PROGRAM,     ///< the first executable file of `list` becomes the program
    CL_STEP_AWAIT_START,      ///< reports readiness, then waits for a byte on the start pipe; a list may have several
    CL_STEP_EXECUTE,          ///< execve(2) of the program that was found
};

struct cl_step {
    uint32_t kind;
    int32_t descriptor;
    const char *source, *target, *type, *data;
    uint64_t number, extra, third;
    const char *const *list;
    const uint32_t *ids;
    size_t id_count;
};

struct cl_container_process {
    uint64_t namespaces;         ///< CLONE_NEW* of clone3(2)
    int cgroup;                  ///< directory of the cgroup2 group that the child starts in
    int process_namespace;       ///< pid namespace to start in, or -1
    int input, output, error;    ///< become 0, 1 and 2; -1 = /dev/null
    int report;                  ///< write end: struct cl_step_report; closed by a successful execve
    int start;                   ///< read end for CL_STEP_AWAIT_START, or -1
    const struct cl_step *steps;
    size_t step_count;
    char *const *argv;
    char *const *envp;
};

/// Lets the processes of a cgroup2 group use only the devices that the eBPF program of `count` instructions allows
/// (BPF_PROG_TYPE_CGROUP_DEVICE). Returns 0, or -1 with errno.
int cl_attach_device_filter(int cgroup, const void *instructions, size_t count);

enum { CL_TREE_SLOTS = 256 };

enum cl_report_kind { CL_REPORT_READY = 1, CL_REPORT_FAILED = 2 };

/// What the child tells. `step` indexes the list; step_count stands for the standard streams.
struct cl_step_report {
    uint32_t kind, step;
    int32_t error;
};

/// Starts the child. Returns its pid and sets *pidfd (close-on-exec), or -1 with errno.
/// With `process_namespace` the calling thread is in that namespace for its children during the call.
pid_t cl_start_container_process(const struct cl_container_process *process, int *pidfd);
/// prlimit(2) of another process.
int cl_set_limit(pid_t pid, int resource, const struct rlimit *limit);
/// CLONE_NEW* of the namespaces that a container gets and that setns(2) takes from a pidfd.
extern const uint64_t CL_NEW_MOUNT, CL_NEW_PID, CL_NEW_IPC, CL_NEW_UTS, CL_NEW_CGROUP, CL_NEW_NETWORK, CL_NEW_USER, CL_NEW_TIME;

#endif
