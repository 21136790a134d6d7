// SPDX-License-Identifier: Apache-2.0
// fork and exec of a program from a threaded process.
#ifndef CLINUX_SPAWN_H
#define CLINUX_SPAWN_H

#include <stddef.h>
#include <sys/types.h>

/// What the child does before execve(2). Descriptors not in `targets` are closed at exec.
struct cl_spawn_request {
    const char *path;
    char *const *argv;
    char *const *envp;
    const int *sources;      ///< descriptors of this process …
    const int *targets;      ///< … and the numbers that they get in the child
    size_t descriptor_count; ///< at most CL_SPAWN_MAX_DESCRIPTORS
    const char *directory;   ///< working directory, or NULL
    int parent_death_signal; ///< PR_SET_PDEATHSIG, bound to the calling thread; 0 = none
    int new_session;         ///< setsid(2)
};

enum { CL_SPAWN_MAX_DESCRIPTORS = 32 };

enum cl_spawn_stage { CL_SPAWN_FORK, CL_SPAWN_DEATH_SIGNAL, CL_SPAWN_SESSION, CL_SPAWN_DIRECTORY, CL_SPAWN_DESCRIPTOR, CL_SPAWN_EXEC };

/// Returns the child's pid, or -1 with errno and the stage that failed; the child is then gone and reaped.
pid_t cl_spawn(const struct cl_spawn_request *request, enum cl_spawn_stage *stage);

#endif
