/* The container that `nslab code --lang c --flags {{ flags }}` is about.
 *
 *   cc -Wall -o container container.c && ./container
 */
#define _GNU_SOURCE
{% if user or time %}#include <fcntl.h>
{% endif %}#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
{% if user or uts or time %}#include <string.h>
{% endif %}#include <sys/wait.h>
#include <unistd.h>
{% if time %}
#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif
{% endif %}
/* The child works on a copy of our memory, and on this stack. */
static char stack[1024 * 1024];
{% if user %}
/* Closed when the maps are written. */
static int gate[2];
{% endif %}
static void give_up(const char *call)
{
	perror(call);
	exit(125);
}
{% if user or time %}
static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	if (fd == -1 || write(fd, text, strlen(text)) == -1)
		give_up(path);
	close(fd);
}
{% endif %}
/* What the new process does: become a shell. */
static int child(void *argument)
{
	(void)argument;
{% if user %}	/* Without a map we would be nobody, and exec would take every capability. */
	char end;
	close(gate[1]);
	if (read(gate[0], &end, 1) == -1)
		give_up("read");
{% endif %}{% if uts %}	/* The name lies in the new UTS namespace: nobody outside sees it. */
	const char *name = "container";
	if (sethostname(name, strlen(name)) == -1)
		give_up("sethostname");
{% endif %}	execlp("{{ shell }}", "{{ shell }}", (char *)NULL);
	give_up("exec");
	return 1;
}

int main(void)
{
{% if time %}	/* clone() can't make a time namespace: the bit lies in its exit signal. Made here, for
	 * children; the offsets are fixed as soon as one is in it.{% if user %}
	 * It takes root, as in the lab host; others unshare and map CLONE_NEWUSER before.{% endif %} */
	if (unshare(CLONE_NEWTIME) == -1)
		give_up("unshare");
	write_file("/proc/self/timens_offsets", "monotonic 86400 0\nboottime 86400 0\n");
{% endif %}{% if user %}	if (pipe(gate) == -1)
		give_up("pipe");
{% endif %}	int flags = SIGCHLD{% for name in clone_flags %} | {{ name }}{% endfor %};
	pid_t pid = clone(child, stack + sizeof(stack), flags, NULL);
	if (pid == -1)
		give_up("clone");
{% if user %}	/* uid 0 and gid 0 in there are whoever we are out here. */
	char path[64], map[64];
	snprintf(path, sizeof(path), "/proc/%d/setgroups", pid);
	write_file(path, "deny");
	snprintf(path, sizeof(path), "/proc/%d/uid_map", pid);
	snprintf(map, sizeof(map), "0 %d 1", geteuid());
	write_file(path, map);
	snprintf(path, sizeof(path), "/proc/%d/gid_map", pid);
	snprintf(map, sizeof(map), "0 %d 1", getegid());
	write_file(path, map);
	close(gate[0]);
	close(gate[1]);
{% endif %}	int status;
	if (waitpid(pid, &status, 0) == -1)
		give_up("waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
