#!/bin/sh
# unshare --kill-child doesn't kill the child that --setuid or --setgid has given other ids.
#
# Behaviour: when unshare is killed, its child gets SIGKILL by --kill-child. With --setuid or --setgid it doesn't,
#   and goes on. With --pid the whole tree of processes goes on with it. There is no message. unshare asks for
#   the signal (prctl(2), PR_SET_PDEATHSIG) before it sets the ids, and to set them clears the request.
# Expected: unshare(1): "When unshare terminates, have signame be sent to the forked child process. Combined with
#   --pid this allows for an easy and reliable killing of the entire process tree below unshare." Neither this
#   option nor --setuid nor --setgid names the other. setpriv(1) of the same package knows of the trap and has
#   an option for it (--pdeathsig keep).
# Why it matters: root starts a service in a PID namespace as another user and relies on the option. What is left
#   behind by a supervisor that was killed holds its ports and files, and only in this combination.
# Versions: util-linux 2.38.1-5+deb12u3 (Debian 12); 2.41.5 (Debian 13) does the same. Linux 6.18. Needs root.
# Seen:
#   --kill-child:                killed
#   --kill-child --setuid 65534: still there
#   --kill-child --setgid 65534: still there
set -eu
package=util-linux version=2.38.1-5+deb12u3
[ "$(id -u)" = 0 ] || { echo "needs root" >&2; exit 2; }
tmp=$(mktemp -d)
child=
cleanup() {
    [ -z "$child" ] || kill -9 "$child" 2>/dev/null || true
    rm -rf "$tmp"
}
trap cleanup EXIT
cd "$tmp"
apt-get download -qq "$package=$version" 2>/dev/null || { echo "no $package $version to be had" >&2; exit 2; }
dpkg -x ./*.deb .

runs() { # whether the child is there, and no zombie that nobody has waited for
    state=$(sed -n 's/^State:\t\(.\).*/\1/p' "/proc/$child/status" 2>/dev/null) || return 1
    [ -n "$state" ] && [ "$state" != Z ]
}

after() { # what becomes of the child once unshare, with these options, is killed
    mkfifo pid
    usr/bin/unshare --pid --kill-child "$@" sh -c 'echo; exec sleep 60' >pid &
    parent=$!
    read -r _ <pid
    rm pid
    child=$(cat "/proc/$parent/task/$parent/children")
    child=${child%% *}
    kill -9 "$parent"
    wait "$parent" 2>/dev/null || true
    # The signal is sent before the wait ends; its work takes a moment.
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        runs || break
        sleep 0.1
    done
    if runs; then seen="still there"; else seen=killed; fi
    kill -9 "$child" 2>/dev/null || true
}

after
alone=$seen
after --setuid 65534
setuid=$seen
after --setgid 65534
setgid=$seen
echo "--kill-child:                $alone"
echo "--kill-child --setuid 65534: $setuid"
echo "--kill-child --setgid 65534: $setgid"
[ "$alone" = killed ] || { echo "not even the child with the same ids is killed" >&2; exit 1; }
[ "$setuid" = "still there" ] && [ "$setgid" = "still there" ] || { echo "it is killed now" >&2; exit 1; }
echo "as found: the child with other ids outlives unshare"
