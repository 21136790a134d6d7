// SPDX-License-Identifier: Apache-2.0
// Thin wrappers of system calls without a glibc 2.17 function. Each returns -1 with errno, ENOSYS on older kernels.
#ifndef CLINUX_KERNEL_H
#define CLINUX_KERNEL_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

/// errno of the calling thread.
int cl_errno(void);
/// environ(7).
char **cl_environment(void);
/// open(2) without varargs.
int cl_open(const char *path, int flags, mode_t mode);
/// openat(2) without varargs.
int cl_openat(int directory, const char *path, int flags, mode_t mode);
/// openat2(2) with RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS: `path` cannot leave `directory`.
int cl_open_in_root(int directory, const char *path, uint64_t flags, uint64_t mode);
/// rename(2).
int cl_rename(const char *from, const char *to);
/// pidfd_open(2).
int cl_pidfd_open(pid_t pid);
/// pidfd_send_signal(2) without siginfo.
int cl_pidfd_send_signal(int pidfd, int signal);
/// pipe2(2) with O_CLOEXEC.
int cl_pipe(int ends[2]);
/// fcntl(2) with one integer argument.
int cl_fcntl(int fd, int command, int argument);
/// prctl(2) with one integer argument.
int cl_prctl(int option, unsigned long argument);
/// TIOCSWINSZ of ioctl_tty(2).
int cl_set_window_size(int terminal, unsigned rows, unsigned columns);
/// TIOCGWINSZ of ioctl_tty(2).
int cl_window_size(int terminal, unsigned *rows, unsigned *columns);
/// A new pair of a terminal (pty(7)): `*terminal` is the slave in raw mode, whose path goes to `name`; both close-on-exec. Returns the master.
int cl_open_terminal(int *terminal, char *name, size_t size);
/// TIOCSCTTY of ioctl_tty(2).
int cl_control_terminal(int terminal);
/// waitid(2) for one pid. Reaps it; the exit code, or 128 + signal with `*signaled` set. Returns 0 or -1.
int cl_wait(pid_t pid, int *status, int *signaled);
/// sendmsg(2) of `size` bytes with `count` descriptors as SCM_RIGHTS (at most CL_MAX_RIGHTS).
ssize_t cl_send_rights(int socket, const void *bytes, size_t size, const int *fds, size_t count);
/// recvmsg(2) of up to `size` bytes; received descriptors are close-on-exec; *count holds capacity, then the number received.
ssize_t cl_receive_rights(int socket, void *bytes, size_t size, int *fds, size_t *count);
/// Leaves the mount namespace of the caller for a copy that receives its later mounts and gives none back (MS_SLAVE).
/// Only the calling thread moves: call it before there is a second one.
int cl_leave_mount_namespace(void);
/// mount(2) of an overlay.
int cl_overlay_mount(const char *target, const char *data, int read_only);
/// An empty file system in memory, for a few names.
int cl_memory_mount(const char *target);
/// Bind mount of `source` on `target`, with `recursive` not zero with what is mounted below; with `read_only` not zero the new mount itself is
/// read-only.
int cl_bind_mount(const char *source, const char *target, int read_only, int recursive);
/// A detached copy of the mount at `path`, or with `recursive` not zero of all mounts there (open_tree(2)), which can be attached in another
/// mount namespace; close-on-exec.
int cl_detached_tree(const char *path, int recursive);
/// Attaches it at `target` (move_mount(2)); with `read_only` not zero its topmost mount is read-only.
int cl_attach_detached(int tree, const char *target, int read_only);
/// pivot_root(2) into the mount at `root`; what was the root before is detached.
int cl_pivot_root(const char *root);
/// Mounts below a mount point show in copies of its namespace from now on.
int cl_share_mount(const char *target);
/// umount2(2) with MNT_DETACH | UMOUNT_NOFOLLOW.
int cl_detach_mount(const char *target);
/// signalfd(2) for the `count` signals, which are blocked in the calling thread; close-on-exec.
int cl_signal_descriptor(const int *signals, size_t count);
/// The number of the next signal of a signalfd, or -1.
int cl_next_signal(int descriptor);
/// A listening unix stream socket at `path` (at most 107 bytes, else ENAMETOOLONG), mode 0600; close-on-exec.
int cl_unix_listen(const char *path);
/// A unix stream socket connected to `path`; close-on-exec.
int cl_unix_connect(const char *path);
/// accept4(2) with SOCK_CLOEXEC.
int cl_accept(int listener);
/// The peer's credentials (SO_PEERCRED).
int cl_peer_credentials(int socket, pid_t *pid, uid_t *uid, gid_t *gid);

/// SCM_MAX_FD.
enum { CL_MAX_RIGHTS = 253 };

/// O_PATH, which the headers hide without _GNU_SOURCE.
extern const int CL_O_PATH;
/// CLONE_NEWNS.
extern const int CL_CLONE_NEWNS;
/// unshare(2).
int cl_unshare(int flags);

#endif
