/* In the lab: tries to change the file behind /proc/PID/exe of each process of nslab, or the mount that it
   is seen through. Says what was possible, and at last how many files were tried. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#ifndef MOUNT_ATTR_RDONLY
#define MOUNT_ATTR_RDONLY 1
#endif
#ifndef OPEN_TREE_CLONE
#define OPEN_TREE_CLONE 1
#endif

struct attributes {
    unsigned long long set, clear, propagation, userns;
};

static void possible(const char *what, const char *path, long answer) {
    if (answer >= 0)
        printf("POSSIBLE: %s %s\n", what, path);
}

static void try(const char *path) {
    int fd = open(path, O_PATH);
    if (fd < 0)
        return;
    struct attributes writable = {.clear = MOUNT_ATTR_RDONLY};
    possible("mount_setattr", path,
             syscall(SYS_mount_setattr, fd, "", AT_EMPTY_PATH, &writable, sizeof writable));
    possible("remount", path, mount(NULL, path, NULL, MS_REMOUNT | MS_BIND, NULL));
    possible("open_tree", path,
             syscall(SYS_open_tree, fd, "", AT_EMPTY_PATH | OPEN_TREE_CLONE));
    possible("umount", path, umount2(path, MNT_DETACH));
    close(creat("/tmp/here", 0600));
    possible("bind", path, mount(path, "/tmp/here", NULL, MS_BIND, NULL));
    possible("link", path, linkat(AT_FDCWD, path, AT_FDCWD, "/tmp/linked", AT_SYMLINK_FOLLOW));
    possible("write", path, open(path, O_WRONLY));
    possible("append", path, open(path, O_WRONLY | O_APPEND));
    possible("truncate", path, truncate(path, 0));
    possible("chmod", path, chmod(path, 04777));
    possible("chown", path, chown(path, 0, 0));
    possible("utimensat", path, utimensat(AT_FDCWD, path, NULL, 0));
    possible("setxattr", path, setxattr(path, "user.nslab", "1", 1, 0));
    struct {
        struct file_handle head;
        char space[128];
    } handle = {.head.handle_bytes = 128};
    int mount_id;
    if (name_to_handle_at(fd, "", &handle.head, &mount_id, AT_EMPTY_PATH) == 0) {
        int file = open(path, O_RDONLY);
        possible("open_by_handle_at", path, open_by_handle_at(file, &handle.head, O_WRONLY));
    }
    close(fd);
}

int main(void) {
    int tried = 0;
    DIR *proc = opendir("/proc");
    for (struct dirent *it; (it = readdir(proc));) {
        char path[300], file[4096];
        snprintf(path, sizeof path, "/proc/%s/exe", it->d_name);
        ssize_t length = readlink(path, file, sizeof file - 1);
        if (length < 0 || atoi(it->d_name) == 0)
            continue;
        file[length] = 0;
        if (strstr(file, "nslab")) {
            try(path);
            tried++;
        }
    }
    printf("tried %d\n", tried);
    return 0;
}
