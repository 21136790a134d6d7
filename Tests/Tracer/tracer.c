// SPDX-License-Identifier: Apache-2.0
//
// tracer NUMBER ROOT PROGRAM ARGUMENT...: runs the program, and kills it with SIGKILL as it, or a child of it, enters the NUMBER-th
// system call that changes something; that call does not happen. Ends with the program's own status when it makes fewer, and with 137
// when it was killed. The last line on standard error is then "tracer: NUMBER NAME", with the call's name.
//
// What changes something: every call that makes, names, removes, writes or describes a file, that puts one on disk, that mounts, and
// that signals a process. Opens count that may make or empty a file, and writes to files below ROOT; progress on standard error does
// not. 77: the kernel does not let it trace.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#if !defined(__x86_64__)
#error "reads the registers of x86-64"
#endif

enum kind {
    ALWAYS,
    // The first argument is the descriptor that is written to.
    TO_FILE,
    // The flags of open(2) are the second or the third argument, or the first member of a structure that the third points to.
    FLAGS_SECOND,
    FLAGS_THIRD,
    FLAGS_POINTED,
};

static const struct call {
    long number;
    const char *name;
    enum kind kind;
} calls[] = {
#define CALL(name, kind) {SYS_##name, #name, kind}
    CALL(open, FLAGS_SECOND), CALL(openat, FLAGS_THIRD), CALL(openat2, FLAGS_POINTED), CALL(creat, ALWAYS),
    CALL(write, TO_FILE), CALL(writev, TO_FILE), CALL(pwrite64, TO_FILE), CALL(pwritev, TO_FILE), CALL(pwritev2, TO_FILE),
    CALL(sendfile, TO_FILE), CALL(copy_file_range, ALWAYS), CALL(splice, ALWAYS),
    CALL(ftruncate, ALWAYS), CALL(truncate, ALWAYS), CALL(fallocate, ALWAYS),
    CALL(rename, ALWAYS), CALL(renameat, ALWAYS), CALL(renameat2, ALWAYS),
    CALL(link, ALWAYS), CALL(linkat, ALWAYS), CALL(symlink, ALWAYS), CALL(symlinkat, ALWAYS),
    CALL(unlink, ALWAYS), CALL(unlinkat, ALWAYS), CALL(rmdir, ALWAYS),
    CALL(mkdir, ALWAYS), CALL(mkdirat, ALWAYS), CALL(mknod, ALWAYS), CALL(mknodat, ALWAYS),
    CALL(chmod, ALWAYS), CALL(fchmod, ALWAYS), CALL(fchmodat, ALWAYS),
    CALL(chown, ALWAYS), CALL(fchown, ALWAYS), CALL(lchown, ALWAYS), CALL(fchownat, ALWAYS),
    CALL(utime, ALWAYS), CALL(utimes, ALWAYS), CALL(futimesat, ALWAYS), CALL(utimensat, ALWAYS),
    CALL(setxattr, ALWAYS), CALL(lsetxattr, ALWAYS), CALL(fsetxattr, ALWAYS),
    CALL(removexattr, ALWAYS), CALL(lremovexattr, ALWAYS), CALL(fremovexattr, ALWAYS),
    CALL(fsync, ALWAYS), CALL(fdatasync, ALWAYS), CALL(syncfs, ALWAYS), CALL(sync, ALWAYS),
    CALL(mount, ALWAYS), CALL(umount2, ALWAYS), CALL(move_mount, ALWAYS),
    CALL(kill, ALWAYS), CALL(tgkill, ALWAYS), CALL(pidfd_send_signal, ALWAYS),
#undef CALL
};
enum { CALLS = sizeof calls / sizeof *calls };

// The calls of the table stop the program; all others do not know that they are watched.
static int watch_calls(void) {
    struct sock_filter filter[2 * CALLS + 2];
    unsigned short length = 0;
    filter[length++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (int index = 0; index < CALLS; index++) {
        filter[length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)calls[index].number, 0, 1);
        filter[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE | (unsigned)index);
    }
    filter[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog program = {.len = length, .filter = filter};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -1;
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

static int is_below(pid_t pid, unsigned long long descriptor, const char *root) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/%d/fd/%llu", (int)pid, descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    size_t root_length = strlen(root);
    return strncmp(path, root, root_length) == 0 && path[root_length] == '/';
}

static uint64_t pointed_word(pid_t pid, unsigned long long address) {
    uint64_t word = 0;
    struct iovec own = {&word, sizeof word}, other = {(void *)(uintptr_t)address, sizeof word};
    return process_vm_readv(pid, &own, 1, &other, 1, 0) == sizeof word ? word : 0;
}

static int changes_something(pid_t pid, const struct call *call, const struct user_regs_struct *registers, const char *root) {
    uint64_t flags;
    switch (call->kind) {
    case ALWAYS: return 1;
    case TO_FILE: return is_below(pid, registers->rdi, root);
    case FLAGS_SECOND: flags = registers->rsi; break;
    case FLAGS_THIRD: flags = registers->rdx; break;
    case FLAGS_POINTED: flags = pointed_word(pid, registers->rdx); break;
    }
    return (flags & (O_CREAT | O_TRUNC)) != 0;
}

static int refuse(const char *what) {
    fprintf(stderr, "tracer: %s: %s\n", what, strerror(errno));
    return 77;
}

static int become(char **command) {
    if (ptrace(PTRACE_TRACEME, 0, 0, 0) != 0) return refuse("ptrace");
    // Until the tracer is ready for it, a call that the filter stops would fail.
    raise(SIGSTOP);
    if (watch_calls() != 0) return refuse("seccomp");
    execv(command[0], command);
    perror(command[0]);
    return 127;
}

int main(int argc, char **argv) {
    if (argc < 4) {
        fprintf(stderr, "usage: tracer NUMBER ROOT PROGRAM ARGUMENT...\n");
        return 2;
    }
    long wanted = strtol(argv[1], NULL, 10), count = 0;
    pid_t program = fork();
    if (program < 0) return refuse("fork");
    if (program == 0) _exit(become(argv + 3));
    int status;
    if (waitpid(program, &status, 0) < 0) return refuse("waitpid");
    if (!WIFSTOPPED(status)) return WEXITSTATUS(status);
    long options = PTRACE_O_TRACESECCOMP | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_EXITKILL;
    if (ptrace(PTRACE_SETOPTIONS, program, 0, options) != 0) return refuse("ptrace");
    ptrace(PTRACE_CONT, program, 0, 0);
    for (pid_t pid; (pid = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR;) {
        if (pid < 0) continue;
        if (pid == program && WIFEXITED(status)) return WEXITSTATUS(status);
        if (pid == program && WIFSIGNALED(status)) return 128 + WTERMSIG(status);
        if (!WIFSTOPPED(status)) continue;
        int signal = WSTOPSIG(status), event = status >> 16;
        if (event == PTRACE_EVENT_SECCOMP) {
            unsigned long index = 0;
            struct user_regs_struct registers;
            if (ptrace(PTRACE_GETEVENTMSG, pid, 0, &index) != 0 || ptrace(PTRACE_GETREGS, pid, 0, &registers) != 0) continue;
            if (index < CALLS && changes_something(pid, &calls[index], &registers, argv[2]) && ++count == wanted) {
                kill(program, SIGKILL);
                waitpid(program, &status, 0);
                fprintf(stderr, "tracer: %ld %s\n", count, calls[index].name);
                return 137;
            }
        }
        // A new thread or process begins stopped, and SIGTRAP is the tracer's own news.
        ptrace(PTRACE_CONT, pid, 0, event != 0 || signal == SIGTRAP || signal == SIGSTOP ? 0 : signal);
    }
    return refuse("waitpid");
}
