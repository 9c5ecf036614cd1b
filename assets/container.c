{% set wait %}
	int status;
	if (waitpid(pid, &status, 0) == -1)
		give_up("waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
{% endset %}
{% set proc = "" if keeps_proc else "/proc/" %}
/* The container that `nslab code --lang c {{ arguments }}` is about.
 *
 *   cc -Wall -o container container.c && ./container{{ " PID" if join else "" }}
{% if join %}
 *
 * PID is a process of the container that is joined.
{% endif %}
 */
#define _GNU_SOURCE
{% if maps or time %}
#include <fcntl.h>
{% endif %}
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
{% if maps or uts or time %}
#include <string.h>
{% endif %}
{% if mounts %}
#include <sys/mount.h>
{% endif %}
{% if own_root or others %}
#include <sys/stat.h>
{% endif %}
{% if own_root or join %}
#include <sys/syscall.h>
{% endif %}
#include <sys/wait.h>
#include <unistd.h>

{% if time or joins_time %}
#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

{% endif %}
/* The child works on a copy of our memory, and on this stack. */
static char stack[1024 * 1024];

{% if maps and not forks %}
/* Closed when the maps are written. */
static int gate[2];

{% endif %}
{% if maps and forks %}
/* uid 0 and gid 0 in there are whoever we are out here. */
static char uid_map[64], gid_map[64];

{% endif %}
{% if keeps_proc %}
/* /proc as it is out here: in the mount namespace that is joined it may be another. */
static int proc;

{% endif %}
static void give_up(const char *call)
{
	perror(call);
	exit(125);
}

{% if maps or time %}
static void write_file(const char *path, const char *text)
{
{% if keeps_proc %}
	int fd = openat(proc, path, O_WRONLY);
{% else %}
	int fd = open(path, O_WRONLY);
{% endif %}
	if (fd == -1 || write(fd, text, strlen(text)) == -1)
		give_up(path);
	close(fd);
}

{% endif %}
{% if others %}
/* The flag of a kind, if the process has another namespace of it than we: to join our own once
 * more may be refused. */
static int other(const char *pid, const char *name, int flag)
{
	char path[64];
	struct stat ours, its;
	snprintf(path, sizeof(path), "/proc/self/ns/%s", name);
	if (stat(path, &ours) == -1)
		return 0; /* The kernel has no such kind. */
	snprintf(path, sizeof(path), "/proc/%s/ns/%s", pid, name);
	if (stat(path, &its) == -1)
		give_up(path);
	return ours.st_dev == its.st_dev && ours.st_ino == its.st_ino ? 0 : flag;
}

{% endif %}
{% if forks %}
static int wait_for(pid_t pid)
{
{{ wait }}}

{% endif %}
{% if own_root %}
/* A directory of the old root in the new one, or the link that stands in its place. */
static void show(const char *name)
{
	char old[32], link[256];
	snprintf(old, sizeof(old), "/%s", name);
	ssize_t length = readlink(old, link, sizeof(link) - 1);
	if (length != -1) {
		link[length] = '\0';
		if (symlink(link, name) == -1)
			give_up("symlink");
	} else if (access(old, F_OK) == 0) {
		if (mkdir(name, 0755) == -1)
			give_up("mkdir");
		if (mount(old, name, NULL, MS_BIND | MS_REC, NULL) == -1)
			give_up("mount a directory");
	}
}

/* A small root, made of what there is. */
static void own_root(void)
{
	static const char *names[] = {
		"usr", "etc", "opt", "bin", "sbin", "lib", "lib32", "lib64", "libx32",
		"dev", "proc", "sys",
	};
	if (mount("tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755") == -1)
		give_up("mount a tmpfs");
	if (chdir("/tmp") == -1)
		give_up("chdir");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		show(names[i]);
	if (mkdir("tmp", 0755) == -1 || chmod("tmp", 01777) == -1 || mkdir("root", 0700) == -1)
		give_up("mkdir");
	/* The old root lands on top of the new one, and is taken off from there. */
	if (syscall(SYS_pivot_root, ".", ".") == -1)
		give_up("pivot_root");
	if (umount2(".", MNT_DETACH) == -1)
		give_up("umount2");
	if (chdir("/") == -1)
		give_up("chdir");
}

{% endif %}
/* What the new process does: become a shell. */
static int child(void *argument)
{
	(void)argument;
{% if maps and forks %}
	/* Without a map we would be nobody, and exec would take every capability. Not written
	 * from outside: the pid that clone() returns is not what /proc calls us. */
	write_file("{{ proc }}self/setgroups", "deny");
	write_file("{{ proc }}self/uid_map", uid_map);
	write_file("{{ proc }}self/gid_map", gid_map);
{% elif maps %}
	/* Without a map we would be nobody, and exec would take every capability. */
	char end;
	close(gate[1]);
	if (read(gate[0], &end, 1) == -1)
		give_up("read");
{% endif %}
{% if uts %}
	/* The name lies in the new UTS namespace: nobody outside sees it. */
	const char *name = "{{ options.hostname }}";
	if (sethostname(name, strlen(name)) == -1)
		give_up("sethostname");
{% if options.domainname %}
	const char *domain = "{{ options.domainname }}";
	if (setdomainname(domain, strlen(domain)) == -1)
		give_up("setdomainname");
{% endif %}
{% endif %}
{% if propagation == "MS_PRIVATE" %}
	/* What is mounted from here on stays on its side. */
{% elif propagation == "MS_SHARED" %}
	/* What is mounted from here on is mounted in every copy of these mounts. */
{% elif propagation %}
	/* What is mounted outside is mounted in here too, and not the other way. */
{% endif %}
{% if propagation %}
	if (mount(NULL, "/", NULL, MS_REC | {{ propagation }}, NULL) == -1)
		give_up("mount {{ propagation }}");
{% endif %}
{% if own_root %}
	own_root();
{% endif %}
{% if options.proc == "fresh" %}
	/* A new proc shows the PID namespace of whoever mounts it. */
	if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) == -1)
		give_up("mount a proc");
{% endif %}
{% if shared_last %}
	/* What is mounted from here on is mounted in every copy of these mounts. */
	if (mount(NULL, "/", NULL, MS_REC | MS_SHARED, NULL) == -1)
		give_up("mount MS_SHARED");
{% endif %}
{% if user and not maps %}
	/* Without a map we are nobody in here, and exec takes every capability. */
{% endif %}
	execlp("{{ shell }}", "{{ shell }}", (char *)NULL);
	give_up("exec");
	return 1;
}

{% if join %}
int main(int argc, char *argv[])
{
	if (argc != 2) {
		fprintf(stderr, "usage: %s PID\n", argv[0]);
		return 2;
	}
{% if keeps_proc %}
	proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (proc == -1)
		give_up("/proc");
{% endif %}
	/* Into namespaces of that process. */
	int process = syscall(SYS_pidfd_open, atoi(argv[1]), 0);
	if (process == -1)
		give_up("pidfd_open");
{% if others %}
	int joined = {{ joined_flags | join(" | ") or "0" }};
{% for kind in others %}
	joined |= other(argv[1], "{{ kind.name }}", {{ kind.flag }});
{% endfor %}
{% else %}
	int joined = {{ joined_flags | join(" | ") }};
{% endif %}
	if ({{ "joined && " if not joined_flags else "" }}setns(process, joined) == -1)
		give_up("setns");
{% if forks %}
	/* Only children are in a PID namespace that was joined, and only who is in it can make one
	 * below it. */
	pid_t inside = fork();
	if (inside == -1)
		give_up("fork");
	if (inside != 0)
		return wait_for(inside);
{% endif %}
{% else %}
int main(void)
{
{% endif %}
{% if time %}
	/* clone() can't make a time namespace: the bit lies in its exit signal. Made here, for
	 * children; the offsets are fixed as soon as one is in it.{% if user %}

	 * This needs root, as in the lab host; others first unshare CLONE_NEWUSER and map it.{% endif %} */
	if (unshare(CLONE_NEWTIME) == -1)
		give_up("unshare");
	write_file("{{ proc }}self/timens_offsets", "monotonic {{ options.offset }} 0\nboottime {{ options.offset }} 0\n");
{% endif %}
{% if maps and forks %}
	snprintf(uid_map, sizeof(uid_map), "0 %d 1", geteuid());
	snprintf(gid_map, sizeof(gid_map), "0 %d 1", getegid());
{% elif maps %}
	if (pipe(gate) == -1)
		give_up("pipe");
{% endif %}
	int flags = SIGCHLD{% for name in clone_flags %} | {{ name }}{% endfor %};
	pid_t pid = clone(child, stack + sizeof(stack), flags, NULL);
	if (pid == -1)
		give_up("clone");
{% if maps and not forks %}
	/* uid 0 and gid 0 in there are whoever we are out here. */
	char path[64], map[64];
	snprintf(path, sizeof(path), "{{ proc }}%d/setgroups", pid);
	write_file(path, "deny");
	snprintf(path, sizeof(path), "{{ proc }}%d/uid_map", pid);
	snprintf(map, sizeof(map), "0 %d 1", geteuid());
	write_file(path, map);
	snprintf(path, sizeof(path), "{{ proc }}%d/gid_map", pid);
	snprintf(map, sizeof(map), "0 %d 1", getegid());
	write_file(path, map);
	close(gate[0]);
	close(gate[1]);
{% endif %}
{% if forks %}
	return wait_for(pid);
{% else %}
{{ wait }}{% endif %}
}
