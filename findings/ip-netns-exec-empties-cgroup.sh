#!/bin/sh
# `ip netns exec` takes /sys/fs/cgroup, and whatever else is mounted below /sys, away.
#
# Behaviour: a command that runs by `ip netns exec NAME` finds /sys/fs/cgroup empty, and so
#   /sys/kernel/tracing, /sys/fs/bpf, /sys/kernel/debug. ip unmounts /sys in a mount namespace of its
#   own and mounts a fresh sysfs there; all that was mounted upon the old one is gone with it.
# Expected: ip-netns(8): "ip netns exec automates handling of this configuration ... by creating a
#   mount namespace and bind mounting all of the per network namespace configure files into their
#   traditional location in /etc". Nothing is said of /sys. nsenter --net does nothing of the kind.
# Why it matters: programs that find their memory or CPU limit in /sys/fs/cgroup (language runtimes,
#   podman, systemd's user instances) see no limit or refuse, only in this way of entering.
# Known to users of those (systemd issue 42461, mininet issue 509), but not documented by iproute2.
# Versions: iproute2 6.1.0-3 (Debian 12); Linux 6.18. Needs root.
# Seen:
#   mounts below /sys: before 11, by ip netns exec 0, by nsenter --net 11
set -eu
package=iproute2 version=6.1.0-3
[ "$(id -u)" = 0 ] || { echo "needs root" >&2; exit 2; }
# In a mount namespace of the script's own, which takes its mounts with it.
[ "${1:-}" = inside ] || exec unshare --mount "$0" inside
tmp=$(mktemp -d)
name=finding-$$
cleanup() {
    "$tmp/bin/ip" netns del "$name" 2>/dev/null || true
    rm -rf "$tmp"
}
trap cleanup EXIT
cd "$tmp"
apt-get download -qq "$package=$version" 2>/dev/null || { echo "no $package $version to be had" >&2; exit 2; }
dpkg -x ./*.deb .

below() { # how many mounts stand below /sys, for the command that is put before
    "$@" grep -c ' /sys/' /proc/self/mountinfo || true
}

# Whatever the machine mounts below /sys, one mount is sure to be there.
mount -t tmpfs none /sys/fs/cgroup
touch /sys/fs/cgroup/here
bin/ip netns add "$name"
before=$(below env) by_ip=$(below bin/ip netns exec "$name") by_nsenter=$(below nsenter --net="/run/netns/$name")
echo "mounts below /sys: before $before, by ip netns exec $by_ip, by nsenter --net $by_nsenter"
[ "$before" -gt 0 ] && [ "$by_nsenter" = "$before" ]
[ "$by_ip" = 0 ] || { echo "ip netns exec keeps mounts below /sys now" >&2; exit 1; }
if bin/ip netns exec "$name" test -e /sys/fs/cgroup/here; then
    echo "ip netns exec keeps /sys/fs/cgroup now" >&2
    exit 1
fi
echo "as found: nothing of /sys/fs/cgroup is left"
