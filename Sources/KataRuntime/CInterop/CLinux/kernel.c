// SPDX-License-Identifier: Apache-2.0
#include "kernel.h"

#include <stdio.h>
#include <sys/signalfd.h>

#ifndef SYS_openat2
#define SYS_openat2 437
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif

// linux/openat2.h is younger than the oldest headers this may be built with.
struct cl_open_how {
    uint64_t flags, mode, resolve;
};
enum { CL_RESOLVE_NO_MAGICLINKS = 0x02, CL_RESOLVE_IN_ROOT = 0x10 };

int cl_errno(void) { return errno; }

char **cl_environment(void) { return environ; }

int cl_open(const char *path, int flags, mode_t mode) { return open(path, flags, mode); }

int cl_openat(int directory, const char *path, int flags, mode_t mode) { return openat(directory, path, flags, mode); }

int cl_open_in_root(int directory, const char *path, uint64_t flags, uint64_t mode) {
    struct cl_open_how how = {
        .flags = flags,
        .mode = (flags & (O_CREAT | __O_TMPFILE)) ? mode : 0,
        .resolve = CL_RESOLVE_NO_MAGICLINKS | CL_RESOLVE_IN_ROOT,
    };
    return (int)syscall(SYS_openat2, directory, path, &how, sizeof how);
}

int cl_rename(const char *from, const char *to) { return rename(from, to); }

int cl_pidfd_open(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int cl_pidfd_send_signal(int pidfd, int signal) { return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0); }

int cl_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

const int CL_O_PATH = O_PATH;
const int CL_CLONE_NEWNS = CLONE_NEWNS;

int cl_unshare(int flags) { return unshare(flags); }

int cl_fcntl(int fd, int command, int argument) { return fcntl(fd, command, argument); }

int cl_prctl(int option, unsigned long argument) { return prctl(option, argument, 0UL, 0UL, 0UL); }

int cl_wait(pid_t pid, int *status, int *signaled) {
    siginfo_t info;
    memset(&info, 0, sizeof info);
    if (waitid(P_PID, (id_t)pid, &info, WEXITED) < 0) return -1;
    *signaled = info.si_code != CLD_EXITED;
    *status = info.si_status;
    return 0;
}

ssize_t cl_send_rights(int socket, const void *bytes, size_t size, const int *fds, size_t count) {
    if (count > CL_MAX_RIGHTS) {
        errno = EINVAL;
        return -1;
    }
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int) * CL_MAX_RIGHTS)];
    } control;
    struct iovec vector = {.iov_base = (void *)bytes, .iov_len = size};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
    if (count > 0) {
        memset(&control, 0, sizeof control);
        message.msg_control = control.space;
        message.msg_controllen = CMSG_SPACE(sizeof(int) * count);
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int) * count);
        memcpy(CMSG_DATA(header), fds, sizeof(int) * count);
    }
    return sendmsg(socket, &message, MSG_NOSIGNAL);
}

ssize_t cl_receive_rights(int socket, void *bytes, size_t size, int *fds, size_t *count) {
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int) * CL_MAX_RIGHTS)];
    } control;
    struct iovec vector = {.iov_base = bytes, .iov_len = size};
    struct msghdr message = {
        .msg_iov = &vector, .msg_iovlen = 1, .msg_control = control.space, .msg_controllen = sizeof control.space};
    ssize_t received = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    size_t capacity = *count, kept = 0;
    *count = 0;
    if (received < 0) return -1;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
        size_t sent = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < sent; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof fd);
            if (kept < capacity)
                fds[kept++] = fd;
            else
                close(fd);
        }
    }
    *count = kept;
    return received;
}

int cl_peer_credentials(int socket, pid_t *pid, uid_t *uid, gid_t *gid) {
    struct ucred credentials;
    socklen_t length = sizeof credentials;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &length) < 0) return -1;
    *pid = credentials.pid;
    *uid = credentials.uid;
    *gid = credentials.gid;
    return 0;
}

int cl_leave_mount_namespace(void) {
    if (unshare(CLONE_NEWNS) < 0) return -1;
    return mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL);
}

// A bind mount takes MS_RDONLY only from a remount, which must repeat the flags that are locked on it.
static int make_read_only(const char *target) {
    struct statfs status;
    unsigned long kept = 0;
    if (statfs(target, &status) == 0) kept = (unsigned long)status.f_flags & (MS_NOSUID | MS_NODEV | MS_NOEXEC);
    if (mount(NULL, target, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY | kept, NULL) == 0) return 0;
    int error = errno;
    umount2(target, MNT_DETACH | UMOUNT_NOFOLLOW);
    errno = error;
    return -1;
}

int cl_overlay_mount(const char *target, const char *data, int read_only) {
    return mount("overlay", target, "overlay", MS_NODEV | MS_NOSUID | (read_only ? MS_RDONLY : 0), data);
}

int cl_memory_mount(const char *target) { return mount("tmpfs", target, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0555,size=64k"); }

int cl_bind_mount(const char *source, const char *target, int read_only, int recursive) {
    if (mount(source, target, NULL, MS_BIND | (recursive ? MS_REC : 0), NULL) < 0) return -1;
    return read_only ? make_read_only(target) : 0;
}

int cl_share_mount(const char *target) { return mount(NULL, target, NULL, MS_SHARED, NULL); }

int cl_detach_mount(const char *target) { return umount2(target, MNT_DETACH | UMOUNT_NOFOLLOW); }

int cl_signal_descriptor(const int *signals, size_t count) {
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < count; i++) sigaddset(&set, signals[i]);
    int error = pthread_sigmask(SIG_BLOCK, &set, NULL);
    if (error) {
        errno = error;
        return -1;
    }
    return signalfd(-1, &set, SFD_CLOEXEC);
}

int cl_next_signal(int descriptor) {
    struct signalfd_siginfo info;
    ssize_t got = read(descriptor, &info, sizeof info);
    if (got == (ssize_t)sizeof info) return (int)info.ssi_signo;
    if (got >= 0) errno = EIO;
    return -1;
}

static int unix_address(const char *path, struct sockaddr_un *address) {
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    if (strlen(path) >= sizeof address->sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(address->sun_path, path);
    return 0;
}

static int close_keeping_errno(int fd) {
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

int cl_unix_listen(const char *path) {
    struct sockaddr_un address;
    if (unix_address(path, &address) < 0) return -1;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    // fchmod on the unbound socket decides the mode of the name that bind makes.
    if (fchmod(fd, 0600) < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, 64) < 0)
        return close_keeping_errno(fd);
    return fd;
}

int cl_unix_connect(const char *path) {
    struct sockaddr_un address;
    if (unix_address(path, &address) < 0) return -1;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0) return close_keeping_errno(fd);
    return fd;
}

int cl_accept(int listener) { return accept4(listener, NULL, NULL, SOCK_CLOEXEC); }

int cl_set_window_size(int terminal, unsigned rows, unsigned columns) {
    struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};
    return ioctl(terminal, TIOCSWINSZ, &size);
}

int cl_window_size(int terminal, unsigned *rows, unsigned *columns) {
    struct winsize size;
    if (ioctl(terminal, TIOCGWINSZ, &size) < 0) return -1;
    *rows = size.ws_row;
    *columns = size.ws_col;
    return 0;
}

int cl_open_terminal(int *terminal, char *name, size_t size) {
    int master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (master < 0) return -1;
    int slave = -1;
    struct termios mode;
    if (grantpt(master) < 0 || unlockpt(master) < 0 || (errno = ptsname_r(master, name, size)) != 0) goto failed;
    slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (slave < 0 || tcgetattr(slave, &mode) < 0) goto failed;
    cfmakeraw(&mode);
    if (tcsetattr(slave, TCSANOW, &mode) < 0) goto failed;
    *terminal = slave;
    return master;
failed:;
    int error = errno;
    if (slave >= 0) close(slave);
    close(master);
    errno = error;
    return -1;
}

int cl_control_terminal(int terminal) { return ioctl(terminal, TIOCSCTTY, 0); }

int cl_pivot_root(const char *root) {
    if (chdir(root) < 0 || syscall(SYS_pivot_root, ".", ".") < 0) return -1;
    // The old root now lies over the new one at ".".
    if (umount2(".", MNT_DETACH) < 0) return -1;
    return chdir("/");
}

int cl_detached_tree(const char *path, int recursive) {
    // OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC, AT_RECURSIVE
    return (int)syscall(SYS_open_tree, AT_FDCWD, path, 1U | O_CLOEXEC | (recursive ? 0x8000U : 0U));
}

int cl_attach_detached(int tree, const char *target, int read_only) {
    // MOVE_MOUNT_F_EMPTY_PATH
    if (syscall(SYS_move_mount, tree, "", AT_FDCWD, target, 4U) < 0) return -1;
    return read_only ? make_read_only(target) : 0;
}
