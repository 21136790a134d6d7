// SPDX-License-Identifier: Apache-2.0
// PID 1 before Swift: mounts /proc, without which a static Swift program aborts, and leaves the initramfs, in which
// pivot_root(2) is refused. Everything here runs single-threaded in a constructor.
#include "agent_boot.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

extern char **environ;

uint64_t cl_boot_time(void) {
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

static _Noreturn void give_up(const char *act, const char *object) {
    dprintf(2, "kata-agent panic: %s '%s': %s\n", act, object, strerror(errno));
    cl_power_off();
    for (;;) pause();
}

// The initramfs is the only file system of type rootfs, and its /init is only ever PID 1's program.
static int runs_from_initramfs(void) {
    char program[8] = "", mounts[16] = "";
    if (readlink("/proc/self/exe", program, sizeof program) != 5 || memcmp(program, "/init", 5) != 0) return 0;
    int fd = open("/proc/self/mounts", O_RDONLY | O_CLOEXEC);
    if (fd < 0) return 0;
    ssize_t got = read(fd, mounts, sizeof mounts - 1);
    close(fd);
    return got > 9 && memcmp(mounts, "rootfs / ", 9) == 0;
}

static int copy_bytes(int from, int to) {
    static char buffer[1 << 18];
    for (;;) {
        ssize_t got = read(from, buffer, sizeof buffer);
        if (got <= 0) return (int)got;
        for (ssize_t done = 0; done < got;) {
            ssize_t put = write(to, buffer + done, (size_t)(got - done));
            if (put < 0) return -1;
            done += put;
        }
    }
}

// No path leads to the agent any more: /proc/PID/exe of it and of its children names memory that cannot be written.
static int sealed_copy(const char *path) {
    int from = open(path, O_RDONLY | O_CLOEXEC);
    if (from < 0) give_up("open", path);
    int to = memfd_create("kata-agent", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);
    if (to < 0) to = memfd_create("kata-agent", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (to < 0) give_up("memfd_create", "kata-agent");
    if (copy_bytes(from, to) < 0) give_up("copy", path);
    close(from);
    if (fcntl(to, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0) give_up("seal", path);
    return to;
}

// What the new root has by other means, or must not have.
static int is_left_behind(const char *name) {
    static const char *const names[] = {"init", "newroot", "dev", "proc", "sys"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(name, names[i])) return 1;
    return 0;
}

static void copy_link(int from, int to, const char *name) {
    char text[PATH_MAX];
    ssize_t length = readlinkat(from, name, text, sizeof text - 1);
    if (length < 0) give_up("read link", name);
    text[length] = 0;
    if (symlinkat(text, to, name) < 0) give_up("link", name);
}

static void copy_tree(int from, int to, int is_root) {
    DIR *directory = fdopendir(from);
    if (!directory) give_up("read", "/");
    for (struct dirent *entry; (entry = readdir(directory));) {
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
        if (is_root && is_left_behind(entry->d_name)) continue;
        struct stat status;
        if (fstatat(from, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) < 0) give_up("stat", entry->d_name);
        int source = openat(from, entry->d_name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        if (S_ISDIR(status.st_mode)) {
            if (mkdirat(to, entry->d_name, status.st_mode & 07777) < 0 && errno != EEXIST) give_up("mkdir", entry->d_name);
            int target = openat(to, entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
            if (source < 0 || target < 0) give_up("open", entry->d_name);
            copy_tree(source, target, 0);
        } else if (S_ISREG(status.st_mode)) {
            int target = openat(to, entry->d_name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, status.st_mode & 07777);
            if (source < 0 || target < 0 || copy_bytes(source, target) < 0) give_up("copy", entry->d_name);
            close(source);
            close(target);
        } else {
            if (S_ISLNK(status.st_mode)) copy_link(from, to, entry->d_name);
            if (source >= 0) close(source);
        }
    }
    close(to);
    closedir(directory);
}

// Frees the initramfs, so that what lies below the container's root is empty. Stays on its file system.
static void delete_tree(int at, dev_t device) {
    DIR *directory = fdopendir(at);
    if (!directory) return;
    for (struct dirent *entry; (entry = readdir(directory));) {
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
        struct stat status;
        if (fstatat(at, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) < 0 || status.st_dev != device) continue;
        if (S_ISDIR(status.st_mode)) {
            int below = openat(at, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
            if (below >= 0) delete_tree(below, device);
            unlinkat(at, entry->d_name, AT_REMOVEDIR);
        } else {
            unlinkat(at, entry->d_name, 0);
        }
    }
    closedir(directory);
}

// Modules, hooks and whatever else an initramfs brings.
static void copy_root(void) {
    int from = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC), to = open("/newroot", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (from < 0 || to < 0) give_up("open", "/newroot");
    umask(0);
    copy_tree(from, to, 1);
    umask(022);
}

static void leave_initramfs(uint64_t started) {
    static const char *const places[] = {"/newroot/proc", "/newroot/sys", "/newroot/dev", "/newroot/run", "/newroot/tmp",
                                         "/newroot/etc"};
    struct stat root;
    if (stat("/", &root) < 0) give_up("stat", "/");
    if (mkdir("/newroot", 0755) < 0 && errno != EEXIST) give_up("mkdir", "/newroot");
    if (mount("tmpfs", "/newroot", "tmpfs", 0, "mode=0755") < 0) give_up("mount", "/newroot");
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (mkdir(places[i], 0755) < 0) give_up("mkdir", places[i]);
    copy_root();
    int program = sealed_copy("/init");
    int below = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (mount("/proc", "/newroot/proc", NULL, MS_MOVE, NULL) < 0) give_up("move", "/proc");
    if (below >= 0) delete_tree(below, root.st_dev);
    if (chdir("/newroot") < 0 || mount(".", "/", NULL, MS_MOVE, NULL) < 0) give_up("move", "/newroot");
    if (chroot(".") < 0 || chdir("/") < 0) give_up("chroot", "/newroot");
    char time[24];
    snprintf(time, sizeof time, "%llu", (unsigned long long)started);
    setenv(CL_BOOT_TIME_VARIABLE, time, 1);
    char *const arguments[] = {"kata-agent", NULL};
    syscall(SYS_execveat, program, "", arguments, environ, AT_EMPTY_PATH);
    give_up("execute", "kata-agent");
}

__attribute__((constructor(101))) static void prepare_first_process(void) {
    if (getpid() != 1) return;
    uint64_t started = cl_boot_time();
    char link[2];
    if (readlink("/proc/self/exe", link, sizeof link) < 0) {
        mkdir("/proc", 0555);
        if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0) return;
    }
    if (runs_from_initramfs()) leave_initramfs(started);
}
