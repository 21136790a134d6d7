// SPDX-License-Identifier: Apache-2.0
#ifndef CLINUX_AGENT_STEPS_H
#define CLINUX_AGENT_STEPS_H

#include "agent_container.h"

/// What one step leaves to later ones.
struct cl_step_state {
    int slots[CL_TREE_SLOTS]; ///< detached mounts
    const char *program;
    char *const *argv;
    char *const *envp;
};

/// Runs one step in the child. Returns 0, or -1 with errno. Async-signal-safe.
int cl_run_step(const struct cl_step *step, struct cl_step_state *state);
/// CL_STEP_TERMINAL.
int cl_take_terminal(const struct cl_step *step);
/// Copies a directory tree: files, directories, links and nodes. Async-signal-safe.
int cl_copy_tree(int from, const char *target);
/// The steps that change who the process is.
int cl_run_identity_step(const struct cl_step *step);

#endif
