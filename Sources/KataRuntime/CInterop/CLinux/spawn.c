// SPDX-License-Identifier: Apache-2.0
#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_close_range
#define SYS_close_range 436
#endif
enum { CLOSE_RANGE_CLOEXEC_FLAG = 4 };

struct failure {
    int stage, error;
};

static void close_others_at_exec(void) {
    if (syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC_FLAG) == 0) return;
    struct rlimit limit;
    rlim_t end = getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < 65536 ? limit.rlim_cur : 65536;
    for (int fd = 3; (rlim_t)fd < end; fd++) {
        int flags = fcntl(fd, F_GETFD);
        if (flags >= 0) fcntl(fd, F_SETFD, flags | FD_CLOEXEC);
    }
}

// Moves the sources above every target first, so that no dup2 overwrites a source that is still to come.
static int place_descriptors(const struct cl_spawn_request *request, int *report) {
    int moved[CL_SPAWN_MAX_DESCRIPTORS], above = 3;
    for (size_t i = 0; i < request->descriptor_count; i++)
        if (request->targets[i] >= above) above = request->targets[i] + 1;
    int kept = fcntl(*report, F_DUPFD_CLOEXEC, above);
    if (kept < 0) return -1;
    *report = kept;
    for (size_t i = 0; i < request->descriptor_count; i++) {
        moved[i] = fcntl(request->sources[i], F_DUPFD_CLOEXEC, above);
        if (moved[i] < 0) return -1;
    }
    for (size_t i = 0; i < request->descriptor_count; i++)
        if (dup2(moved[i], request->targets[i]) < 0) return -1;
    return 0;
}

static void reset_signals(void) {
    struct sigaction standard = {.sa_handler = SIG_DFL};
    for (int number = 1; number < 65; number++) sigaction(number, &standard, NULL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void child(const struct cl_spawn_request *request, pid_t parent, int report) {
    struct failure failure = {.stage = CL_SPAWN_DEATH_SIGNAL};
    if (request->parent_death_signal) {
        if (prctl(PR_SET_PDEATHSIG, request->parent_death_signal) < 0) goto failed;
        if (getppid() != parent) _exit(127); // the parent died before the signal was armed
    }
    failure.stage = CL_SPAWN_SESSION;
    if (request->new_session && setsid() < 0) goto failed;
    failure.stage = CL_SPAWN_DIRECTORY;
    if (request->directory && chdir(request->directory) < 0) goto failed;
    failure.stage = CL_SPAWN_DESCRIPTOR;
    close_others_at_exec();
    if (place_descriptors(request, &report) < 0) goto failed;
    reset_signals();
    failure.stage = CL_SPAWN_EXEC;
    execve(request->path, request->argv, request->envp);
failed:
    failure.error = errno;
    ssize_t written = write(report, &failure, sizeof failure);
    (void)written; // the parent then sees a closed pipe and a child that ended with 127
    _exit(127);
}

pid_t cl_spawn(const struct cl_spawn_request *request, enum cl_spawn_stage *stage) {
    *stage = CL_SPAWN_FORK;
    if (request->descriptor_count > CL_SPAWN_MAX_DESCRIPTORS) {
        errno = EINVAL;
        return -1;
    }
    int report[2];
    if (pipe2(report, O_CLOEXEC) < 0) return -1;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t parent = getpid(), pid = fork();
    if (pid == 0) child(request, parent, report[1]);
    int fork_error = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    close(report[1]);
    if (pid < 0) {
        close(report[0]);
        errno = fork_error;
        return -1;
    }
    struct failure failure;
    ssize_t got;
    do got = read(report[0], &failure, sizeof failure);
    while (got < 0 && errno == EINTR);
    close(report[0]);
    if (got != (ssize_t)sizeof failure) return pid;
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {}
    *stage = (enum cl_spawn_stage)failure.stage;
    errno = failure.error;
    return -1;
}
