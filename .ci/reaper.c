// SPDX-License-Identifier: Apache-2.0
//
// reaper COMMAND...: runs the command and reaps every orphan that it or its children leave, because PID 1 of a container often
// does not. Ends with the command's status. Orphans that still run then are named and killed, and a status of 0 becomes 1.

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t command;

static void forward(int number) {
    if (command > 0) kill(command, number);
}

static int shell_status(int status) {
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

// The parent of a process by /proc/PID/stat, and its name; 0 when it is gone or a zombie.
static pid_t parent_of(pid_t pid, char name[64]) {
    char path[64], state = 0;
    int parent = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "re");
    if (!file) return 0;
    if (fscanf(file, "%*d (%63[^)]) %c %d", name, &state, &parent) != 3 || state == 'Z' || state == 'X') parent = 0;
    fclose(file);
    return parent;
}

static int kill_orphans(void) {
    int found = 0;
    DIR *processes = opendir("/proc");
    if (!processes) return 0;
    for (struct dirent *entry; (entry = readdir(processes));) {
        char name[64] = "";
        pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
        if (pid <= 0 || parent_of(pid, name) != getpid()) continue;
        fprintf(stderr, "reaper: left running: %d (%s)\n", (int)pid, name);
        // Our own child: its pid cannot be anybody else's before we wait for it.
        kill(pid, SIGKILL);
        found = 1;
    }
    closedir(processes);
    return found;
}

int main(int argc, char **argv) {
    if (argc < 2) {
        fprintf(stderr, "usage: reaper COMMAND...\n");
        return 2;
    }
    if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) perror("reaper: prctl PR_SET_CHILD_SUBREAPER");
    struct sigaction action = {.sa_handler = forward};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    command = fork();
    if (command == 0) {
        execvp(argv[1], argv + 1);
        perror(argv[1]);
        _exit(127);
    }
    if (command < 0) {
        perror("reaper: fork");
        return 1;
    }
    int status = 0, result = 1;
    for (pid_t ended; (ended = waitpid(-1, &status, 0)) != command;) {
        if (ended < 0 && errno != EINTR) break;
    }
    result = shell_status(status);
    // Killing one orphan can orphan its children to us.
    for (int round = 0; round < 10 && kill_orphans(); round++) {
        if (result == 0) result = 1;
        while (waitpid(-1, NULL, 0) > 0) continue;
    }
    return result;
}
