/* Takes steps in one process, says the errno of each, and waits to be looked at.
   try STEP… ; or: try deny PROGRAM… runs a program behind a filter that refuses unshare. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static uid_t uid;
static gid_t gid;

static void *idle(void *unused) {
    pause();
    return unused;
}

static int write_to(const char *path, const char *text) {
    int fd = open(path, O_WRONLY);
    if (fd < 0)
        return -1;
    int result = write(fd, text, strlen(text)) < 0 ? -1 : 0;
    int kept = errno;
    close(fd);
    errno = kept;
    return result;
}

static int map_to(const char *path, unsigned id) {
    char text[32];
    snprintf(text, sizeof text, "0 %u 1", id);
    return write_to(path, text);
}

static int deny(char **program) {
    struct sock_filter rules[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_unshare, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = {sizeof rules / sizeof rules[0], rules};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter))
        return 1;
    execv(program[0], program);
    return 1;
}

static int step(const char *what) {
    pthread_t thread;
    pid_t child;
    char target[64];
    if (!strcmp(what, "user")) return unshare(CLONE_NEWUSER);
    if (!strcmp(what, "uts")) return unshare(CLONE_NEWUTS);
    if (!strcmp(what, "mnt")) return unshare(CLONE_NEWNS);
    if (!strcmp(what, "pid")) return unshare(CLONE_NEWPID);
    if (!strcmp(what, "net")) return unshare(CLONE_NEWNET);
    if (!strcmp(what, "time")) return unshare(CLONE_NEWTIME);
    if (!strcmp(what, "thread")) return errno = pthread_create(&thread, NULL, idle, NULL), errno ? -1 : 0;
    if (!strcmp(what, "deny")) return write_to("/proc/self/setgroups", "deny");
    if (!strcmp(what, "uid")) return map_to("/proc/self/uid_map", uid);
    if (!strcmp(what, "gid")) return map_to("/proc/self/gid_map", gid);
    if (!strcmp(what, "foreign")) return map_to("/proc/self/uid_map", uid + 1);
    if (!strcmp(what, "hostname")) return sethostname("nslab-test", 10);
    if (!strcmp(what, "private")) return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
    if (!strcmp(what, "tmpfs")) return mount("tmpfs", "/tmp", "tmpfs", 0, NULL);
    if (!strcmp(what, "proc")) return mount("proc", "/proc", "proc", 0, NULL);
    if (!strcmp(what, "pivot-same")) return syscall(SYS_pivot_root, "/usr", "/usr");
    if (!strcmp(what, "pivot-old")) return syscall(SYS_pivot_root, "/tmp", "/usr");
    if (!strcmp(what, "pivot-dir")) return mkdir("/tmp/d", 0700) ? -1 : (int)syscall(SYS_pivot_root, "/tmp/d", "/tmp/d");
    if (!strcmp(what, "chown")) return close(open("/tmp/f", O_CREAT | O_RDWR, 0600)), chown("/tmp/f", 12345, -1);
    if (!strcmp(what, "offsets")) return write_to("/proc/self/timens_offsets", "boottime 1 0");
    if (!strcmp(what, "setsid")) return setsid() < 0 ? -1 : 0;
    if (!strcmp(what, "tty")) return open("/dev/tty", O_RDWR) < 0 ? -1 : 0;
    if (!strcmp(what, "link")) return readlink("/proc/1/ns/uts", target, sizeof target) < 0 ? -1 : 0;
    if (!strcmp(what, "fork")) {
        child = fork();
        if (child == 0)
            _exit(0);
        return child < 0 || waitpid(child, NULL, 0) < 0 ? -1 : 0;
    }
    errno = ENOSYS;
    return -1;
}

int main(int count, char **steps) {
    uid = geteuid();
    gid = getegid();
    if (count > 2 && !strcmp(steps[1], "deny") && steps[2][0] == '/')
        return deny(steps + 2);
    for (int i = 1; i < count; i++) {
        errno = 0;
        printf("%s %d\n", steps[i], step(steps[i]) < 0 ? errno : 0);
    }
    puts("ready");
    fflush(stdout);
    return read(0, &gid, 1) < 0;
}
