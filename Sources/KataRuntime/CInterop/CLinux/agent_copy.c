// SPDX-License-Identifier: Apache-2.0
// A directory tree copied between clone3(2) and execve(2): nothing allocates, each level has its buffer on the stack.
#include "agent_steps.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { DEEPEST = 64 };

struct entry {
    uint64_t inode;
    int64_t offset;
    unsigned short size;
    unsigned char kind;
    char name[];
};

static int copy_bytes(int from, int to) {
    char buffer[16384];
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

static int copy_file(int from, int to, const char *name) {
    int source = openat(from, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    int target = openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    int result = source < 0 || target < 0 ? -1 : copy_bytes(source, target), error = errno;
    if (source >= 0) close(source);
    if (target >= 0) close(target);
    errno = error;
    return result;
}

static int copy_link(int from, int to, const char *name) {
    char text[PATH_MAX];
    ssize_t length = readlinkat(from, name, text, sizeof text - 1);
    if (length < 0) return -1;
    text[length] = 0;
    return symlinkat(text, to, name);
}

static int copy_directory(int from, int to, int depth);

static int copy_below(int from, int to, const char *name, int depth) {
    if (mkdirat(to, name, 0700) < 0) return -1;
    int source = openat(from, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    int target = openat(to, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    int result = source < 0 || target < 0 ? -1 : copy_directory(source, target, depth + 1), error = errno;
    if (source >= 0) close(source);
    if (target >= 0) close(target);
    errno = error;
    return result;
}

static int copy_entry(int from, int to, const char *name, int depth) {
    struct stat status;
    if (fstatat(from, name, &status, AT_SYMLINK_NOFOLLOW) < 0) return -1;
    int result;
    switch (status.st_mode & S_IFMT) {
    case S_IFDIR: result = copy_below(from, to, name, depth); break;
    case S_IFREG: result = copy_file(from, to, name); break;
    case S_IFLNK: result = copy_link(from, to, name); break;
    case S_IFSOCK: return 0; // nobody listens on a copy
    default: result = mknodat(to, name, status.st_mode, status.st_rdev);
    }
    if (result < 0 || fchownat(to, name, status.st_uid, status.st_gid, AT_SYMLINK_NOFOLLOW) < 0) return -1;
    if (S_ISLNK(status.st_mode)) return 0;
    // After the owner, whose change takes set-id bits away.
    if (fchmodat(to, name, status.st_mode & 07777, 0) < 0) return -1;
    struct timespec times[2] = {status.st_atim, status.st_mtim};
    return utimensat(to, name, times, 0);
}

static int copy_directory(int from, int to, int depth) {
    char buffer[4096] __attribute__((aligned(8)));
    if (depth > DEEPEST) {
        errno = ELOOP;
        return -1;
    }
    for (;;) {
        long got = syscall(SYS_getdents64, from, buffer, sizeof buffer);
        if (got <= 0) return (int)got;
        for (long at = 0; at < got;) {
            struct entry *entry = (struct entry *)(buffer + at);
            at += entry->size;
            if (!strcmp(entry->name, ".") || !strcmp(entry->name, "..")) continue;
            if (copy_entry(from, to, entry->name, depth) < 0) return -1;
        }
    }
}

int cl_copy_tree(int tree, const char *target) {
    struct stat status;
    int from = openat(tree, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int to = open(target, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int result = from < 0 || to < 0 ? -1 : copy_directory(from, to, 0);
    if (result == 0) result = fstat(from, &status);
    if (result == 0) result = fchown(to, status.st_uid, status.st_gid);
    int error = errno;
    if (from >= 0) close(from);
    if (to >= 0) close(to);
    errno = error;
    return result;
}
