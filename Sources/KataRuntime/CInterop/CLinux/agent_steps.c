// SPDX-License-Identifier: Apache-2.0
// One step of a container process at a time, between clone3(2) and execve(2): system calls and the stack, nothing else.
#include "agent_boot.h"
#include "agent_steps.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/mount.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef MS_NOSYMFOLLOW
#define MS_NOSYMFOLLOW 256
#endif

static int write_file(const char *path, const char *text) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) return -1;
    ssize_t written = write(fd, text, strlen(text));
    int error = errno;
    close(fd);
    errno = error;
    return written < 0 ? -1 : 0;
}

static int enter_namespace(const char *path, int kind) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return -1;
    int result = setns(fd, kind), error = errno;
    close(fd);
    errno = error;
    return result;
}

static int make_parents(char *path, mode_t mode) {
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        if (mkdir(path, mode) < 0 && errno != EEXIST) return -1;
        *slash = '/';
    }
    return 0;
}

// The path is resolved inside the container's root: this runs after pivot_root.
static int make_target(const struct cl_step *step, const int *slots) {
    char path[PATH_MAX];
    if (strlen(step->target) >= sizeof path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(path, step->target);
    struct stat status;
    if (step->extra && lstat(path, &status) == 0 && S_ISLNK(status.st_mode)) {
        errno = ELOOP;
        return -1;
    }
    if (stat(path, &status) == 0) return 0;
    if (make_parents(path, 0755) < 0) return -1;
    if (step->kind == CL_STEP_MAKE_TARGET) {
        if (fstat(slots[step->descriptor], &status) < 0) return -1;
        if (!S_ISDIR(status.st_mode)) {
            int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
            if (fd < 0) return -1;
            close(fd);
            return 0;
        }
    }
    mode_t before = umask(0);
    int result = mkdir(path, (mode_t)step->number);
    umask(before);
    return result < 0 && errno != EEXIST ? -1 : 0;
}

static int clone_tree(const struct cl_step *step, int *slots) {
    unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (step->number ? AT_RECURSIVE : 0);
    slots[step->descriptor] = (int)syscall(SYS_open_tree, AT_FDCWD, step->source, flags);
    return slots[step->descriptor] < 0 ? -1 : 0;
}

static int attach_tree(int slot, const char *target) {
    return (int)syscall(SYS_move_mount, slot, "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_SYMLINKS);
}

// mount(2) says EBUSY where the same file system is mounted last, as below a /sys that was taken from the guest; attached it may be there.
static int attach_new(const struct cl_step *step) {
    // MS_RDONLY, MS_NOSUID, MS_NODEV and MS_NOEXEC are MOUNT_ATTR_* of the same names.
    const unsigned attributes = step->number & 0xf;
    int context = (int)syscall(SYS_fsopen, step->type, FSOPEN_CLOEXEC), tree = -1;
    if (context < 0) return -1;
    if (syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0)
        tree = (int)syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, attributes);
    int result = tree < 0 ? -1 : attach_tree(tree, step->target), error = errno;
    if (tree >= 0) close(tree);
    close(context);
    errno = error;
    return result;
}

// A tmpfs has the mode of the directory that it covers, unless an option gives it one.
static int mount_tmpfs(const struct cl_step *step) {
    const char *options = step->data ? step->data : "";
    char data[4096];
    struct stat covered;
    if (!strncmp(options, "mode=", 5) || strstr(options, ",mode="))
        return mount(step->source, step->target, step->type, step->number, options);
    if (stat(step->target, &covered) < 0) return -1;
    int length = snprintf(data, sizeof data, "mode=%o,%s", (unsigned)covered.st_mode & 07777, options);
    if (length >= (int)sizeof data) {
        errno = E2BIG;
        return -1;
    }
    return mount(step->source, step->target, step->type, step->number, data);
}

static int mount_new(const struct cl_step *step) {
    if (!strcmp(step->type, "tmpfs")) return mount_tmpfs(step);
    int result = mount(step->source, step->target, step->type, step->number, step->data);
    return result < 0 && errno == EBUSY && !strcmp(step->type, "cgroup2") ? attach_new(step) : result;
}

static int enter_root(const char *root) {
    if (mount(root, root, NULL, MS_BIND | MS_REC, NULL) < 0 || chdir(root) < 0) return -1;
    if (syscall(SYS_pivot_root, ".", ".") < 0) return -1;
    // The old root now lies over the new one at ".".
    if (umount2(".", MNT_DETACH) < 0) return -1;
    return chdir("/");
}

static unsigned long kept_flags(const char *path, unsigned long keep) {
    static const struct { long kernel; unsigned long flag; } names[] = {
        {0x0001, MS_RDONLY}, {0x0002, MS_NOSUID}, {0x0004, MS_NODEV}, {0x0008, MS_NOEXEC}, {0x0400, MS_NOATIME},
        {0x0800, MS_NODIRATIME}, {0x1000, MS_RELATIME}, {0x2000, MS_NOSYMFOLLOW}};
    struct statfs status;
    unsigned long flags = 0;
    if (statfs(path, &status) < 0) return 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (status.f_flags & names[i].kernel) flags |= names[i].flag & keep;
    return flags;
}

static int remount(const char *path, unsigned long flags, unsigned long keep) {
    return mount(NULL, path, NULL, MS_REMOUNT | MS_BIND | flags | kept_flags(path, keep), NULL);
}

static int remount_all(const char *path, uint64_t attributes) {
    struct mount_attr change = {.attr_set = attributes};
    return (int)syscall(SYS_mount_setattr, AT_FDCWD, path, AT_RECURSIVE, &change, sizeof change);
}

static int make_node(const struct cl_step *step) {
    mode_t before = umask(0);
    int result = mknod(step->target, (mode_t)step->number, (dev_t)step->extra);
    umask(before);
    if (result < 0 && errno == EEXIST) {
        // What an image has there will do where it is that very device.
        struct stat status;
        if (lstat(step->target, &status) < 0) return -1;
        if ((status.st_mode & S_IFMT) == ((mode_t)step->number & S_IFMT) && status.st_rdev == (dev_t)step->extra) return 0;
        errno = EEXIST;
        return -1;
    }
    if (result < 0) return -1;
    return chown(step->target, step->ids[0], step->ids[1]);
}

static int make_link(const struct cl_step *step) {
    if (symlink(step->source, step->target) == 0) return 0;
    if (errno != EEXIST || unlink(step->target) < 0) return -1;
    return symlink(step->source, step->target);
}

static int mask(const struct cl_step *step, const int *slots) {
    struct stat status;
    if (stat(step->target, &status) < 0) return errno == ENOENT || errno == ENOTDIR ? 0 : -1;
    if (S_ISDIR(status.st_mode)) return mount("tmpfs", step->target, "tmpfs", MS_RDONLY, "size=0k");
    return attach_tree(slots[step->descriptor], step->target);
}

static int read_only(const char *path) {
    const unsigned long keep = MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME | MS_NODIRATIME | MS_RELATIME | MS_NOSYMFOLLOW;
    if (mount(path, path, NULL, MS_BIND | MS_REC, NULL) < 0) return errno == ENOENT || errno == ENOTDIR ? 0 : -1;
    return remount(path, MS_RDONLY, keep);
}

// A filter of system calls may be in force that knows neither call; execve(2) then has the last word.
static int may_execute(const char *path) {
    long result = syscall(SYS_faccessat2, AT_FDCWD, path, X_OK, AT_EACCESS);
    if (result < 0 && (errno == ENOSYS || errno == EPERM)) result = syscall(SYS_faccessat, AT_FDCWD, path, X_OK);
    return result == 0 || errno == ENOSYS || errno == EPERM;
}

// Like a shell: a candidate that may not be executed counts only when no other one is found.
static int find_program(const char *const *candidates, struct cl_step_state *state) {
    int worst = ENOENT;
    for (; *candidates; candidates++) {
        struct stat status;
        if (stat(*candidates, &status) < 0) {
            if (errno != ENOENT && errno != ENOTDIR) worst = errno;
            continue;
        }
        if (S_ISREG(status.st_mode) && may_execute(*candidates)) {
            state->program = *candidates;
            return 0;
        }
        worst = S_ISDIR(status.st_mode) ? EISDIR : EACCES;
    }
    errno = worst;
    return -1;
}

static int install_filter(const struct cl_step *step) {
    struct sock_fprog program = {.len = (unsigned short)step->extra, .filter = (struct sock_filter *)step->data};
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, (unsigned)step->number, &program);
}

static int run_mount_step(const struct cl_step *step, struct cl_step_state *state) {
    switch (step->kind) {
    case CL_STEP_PROPAGATION: return mount(NULL, step->target, NULL, step->number, NULL);
    case CL_STEP_CLONE_TREE: return clone_tree(step, state->slots);
    case CL_STEP_ENTER_ROOT: return enter_root(step->target);
    case CL_STEP_MAKE_DIRECTORY:
    case CL_STEP_MAKE_TARGET: return make_target(step, state->slots);
    case CL_STEP_MOUNT: return mount_new(step);
    case CL_STEP_ATTACH_TREE: return attach_tree(state->slots[step->descriptor], step->target);
    case CL_STEP_REMOUNT: return remount(step->target, step->number, step->extra);
    case CL_STEP_REMOUNT_ALL: return remount_all(step->target, step->number);
    case CL_STEP_MAKE_NODE: return make_node(step);
    case CL_STEP_MAKE_LINK: return make_link(step);
    case CL_STEP_MASK: return mask(step, state->slots);
    case CL_STEP_COPY_TREE: return cl_copy_tree(state->slots[step->descriptor], step->target);
    case CL_STEP_READ_ONLY: return read_only(step->target);
    default: return cl_run_identity_step(step);
    }
}

int cl_run_step(const struct cl_step *step, struct cl_step_state *state) {
    switch (step->kind) {
    case CL_STEP_WRITE_FILE: return write_file(step->target, step->data);
    case CL_STEP_JOIN: return setns(step->descriptor, (int)step->number);
    case CL_STEP_UNSHARE: return unshare((int)step->number);
    case CL_STEP_ENTER_NAMESPACE: return enter_namespace(step->target, (int)step->number);
    case CL_STEP_HOST_NAME: return sethostname(step->data, strlen(step->data));
    case CL_STEP_DOMAIN_NAME: return setdomainname(step->data, strlen(step->data));
    case CL_STEP_LOOPBACK_UP: return cl_interface_up("lo");
    case CL_STEP_SESSION: return setsid() < 0 ? -1 : 0;
    case CL_STEP_TERMINAL: return cl_take_terminal(step);
    case CL_STEP_FILE_MASK: umask((mode_t)step->number); return 0;
    case CL_STEP_DIRECTORY: return chdir(step->target);
    case CL_STEP_FILTER: return install_filter(step);
    case CL_STEP_FIND_PROGRAM: return find_program(step->list, state);
    case CL_STEP_EXECUTE: return execve(state->program, state->argv, state->envp);
    default: return run_mount_step(step, state);
    }
}
