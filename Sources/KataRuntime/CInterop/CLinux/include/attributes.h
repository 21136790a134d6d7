// SPDX-License-Identifier: Apache-2.0
// What the C library's Swift module leaves out about files: extended attributes (xattr(7)), times, holes and syncfs(2).
#pragma once

#include <stdint.h>
#include <stddef.h>

int64_t cl_list_attributes(const char *path, char *names, size_t size);
int64_t cl_get_attribute(const char *path, const char *name, void *value, size_t size);
int cl_set_attribute(const char *path, const char *name, const void *value, size_t size);
int cl_remove_attribute(const char *path, const char *name);
/// Sets the modification time alone, of a link itself.
int cl_set_modified(const char *path, int64_t seconds, int64_t nanoseconds);
/// The next stretch of data from `offset` on; 0 when there is none, 1 with `start` and `end` set, -1 on failure.
int cl_next_data(int file, int64_t offset, int64_t *start, int64_t *end);
int cl_sync_file_system(int directory);
