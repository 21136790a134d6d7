// SPDX-License-Identifier: Apache-2.0
#include "attributes.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

int64_t cl_list_attributes(const char *path, char *names, size_t size) { return llistxattr(path, names, size); }

int64_t cl_get_attribute(const char *path, const char *name, void *value, size_t size) { return lgetxattr(path, name, value, size); }

int cl_set_attribute(const char *path, const char *name, const void *value, size_t size) {
    return lsetxattr(path, name, value, size, 0);
}

int cl_remove_attribute(const char *path, const char *name) { return lremovexattr(path, name); }

int cl_set_modified(const char *path, int64_t seconds, int64_t nanoseconds) {
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = seconds, .tv_nsec = nanoseconds}};
    return utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW);
}

int cl_next_data(int file, int64_t offset, int64_t *start, int64_t *end) {
    off_t first = lseek(file, offset, SEEK_DATA);
    if (first < 0) {
        // ENXIO: nothing but a hole is left.
        return errno == ENXIO ? 0 : -1;
    }
    off_t last = lseek(file, first, SEEK_HOLE);
    if (last < 0) return -1;
    *start = first;
    *end = last;
    return 1;
}

int cl_sync_file_system(int directory) { return syncfs(directory); }
