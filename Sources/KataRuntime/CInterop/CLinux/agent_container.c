// SPDX-License-Identifier: Apache-2.0
// clone3(2) of a container process and the child's way through its steps.
#include "agent_container.h"

#include "agent_steps.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef CLONE_INTO_CGROUP
#define CLONE_INTO_CGROUP 0x200000000ULL
#endif
enum { CLOSE_RANGE_CLOEXEC_FLAG = 4 };

const uint64_t CL_NEW_MOUNT = CLONE_NEWNS, CL_NEW_PID = CLONE_NEWPID, CL_NEW_IPC = CLONE_NEWIPC, CL_NEW_UTS = CLONE_NEWUTS,
               CL_NEW_CGROUP = CLONE_NEWCGROUP, CL_NEW_NETWORK = CLONE_NEWNET, CL_NEW_USER = CLONE_NEWUSER,
               CL_NEW_TIME = CLONE_NEWTIME;

static void reset_signals(void) {
    struct sigaction standard = {.sa_handler = SIG_DFL};
    for (int number = 1; number < 65; number++) sigaction(number, &standard, NULL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static int place_stream(int source, int number) {
    if (source >= 0) return dup2(source, number) < 0 ? -1 : 0;
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0) return -1;
    return dup2(null, number) < 0 ? -1 : 0;
}

static void tell(int report, uint32_t kind, size_t step, int error) {
    struct cl_step_report message = {.kind = kind, .step = (uint32_t)step, .error = error};
    ssize_t written = write(report, &message, sizeof message);
    (void)written; // the agent then sees a closed pipe and a child that ended
}

static int await_start(const struct cl_container_process *process, size_t step) {
    tell(process->report, CL_REPORT_READY, step, 0);
    char byte;
    ssize_t got;
    do got = read(process->start, &byte, 1);
    while (got < 0 && errno == EINTR);
    if (got == 0) _exit(0); // removed before it was started
    return got == 1 ? 0 : -1;
}

static _Noreturn void child(const struct cl_container_process *process) {
    size_t step = process->step_count;
    struct cl_step_state state = {.argv = process->argv, .envp = process->envp};
    for (int i = 0; i < CL_TREE_SLOTS; i++) state.slots[i] = -1;
    // No other process of the container may look into this copy of the agent's memory; execve ends that.
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    reset_signals();
    syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC_FLAG);
    if (place_stream(process->input, 0) < 0 || place_stream(process->output, 1) < 0 || place_stream(process->error, 2) < 0)
        goto failed;
    for (step = 0; step < process->step_count; step++) {
        const struct cl_step *next = &process->steps[step];
        int result = next->kind == CL_STEP_AWAIT_START ? await_start(process, step) : cl_run_step(next, &state);
        if (result < 0) goto failed;
    }
    errno = ENOEXEC; // a list without CL_STEP_EXECUTE
failed:
    tell(process->report, CL_REPORT_FAILED, step, errno);
    _exit(127);
}

static int own_process_namespace(void) { return open("/proc/thread-self/ns/pid", O_RDONLY | O_CLOEXEC); }

int cl_set_limit(pid_t pid, int resource, const struct rlimit *limit) { return prlimit(pid, (enum __rlimit_resource)resource, limit, NULL); }

pid_t cl_start_container_process(const struct cl_container_process *process, int *pidfd) {
    int home = -1;
    if (process->process_namespace >= 0) {
        home = own_process_namespace();
        if (home < 0) return -1;
        if (setns(process->process_namespace, CLONE_NEWPID) < 0) {
            int error = errno;
            close(home);
            errno = error;
            return -1;
        }
    }
    int descriptor = -1;
    struct clone_args arguments = {
        .flags = process->namespaces | CLONE_PIDFD | CLONE_INTO_CGROUP,
        .pidfd = (uint64_t)(uintptr_t)&descriptor,
        .exit_signal = SIGCHLD,
        .cgroup = (uint64_t)process->cgroup,
    };
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t pid = (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
    if (pid == 0) child(process);
    int error = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (home >= 0) {
        // A failure would start later containers inside this one.
        if (setns(home, CLONE_NEWPID) < 0) abort();
        close(home);
    }
    *pidfd = descriptor;
    errno = error;
    return pid;
}
