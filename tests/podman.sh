#!/bin/sh
# Runs the tests in containers of podman: all with the engine's default options, as root, and with nslab's seccomp
# profile, as an ordinary user. In other kinds of containers, of podman and of systemd-nspawn, it runs those that
# compare doctor's verdict with a launch. One of these has the options that doctor itself offers in a container
# that lacks something. By hand and by night; not part of `cargo test`.
#
#   tests/podman.sh [TEST...]
#
# TEST: files in tests/ without their ending, and `unit` for the unit tests; without any, all. It needs root,
# cargo, debootstrap, podman with crun or runc, for a rootless engine uidmap and an ordinary user in
# /etc/subuid, and systemd-nspawn. It writes to a temporary directory and target/ alone; the containers read both this checkout
# and the root that debootstrap made. ROOT names a directory that is kept and used again as that root.
# SUITE is the Debian in it, whose libc must be no older than this machine's.
# WHERE names the containers, of those below; without it, all. What could not be tried is said, and makes the
# exit code 77; a test that fails, or comes to no end, makes it 1.
set -eu

here=$(cd "$(dirname "$0")/.." && pwd)
suite=${SUITE:-bookworm}
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
packages=bubblewrap,bsdextrautils,build-essential,busybox,crun,git,htop,iproute2,iputils-ping,keyutils,less,nano
packages=$packages,net-tools,nftables,procps,psmisc,python3,strace,tcpdump,tmux,uidmap,util-linux,vim,xclip,xsel,xvfb
# The longest time in seconds that one file of tests may take on a slow machine.
patience=${PATIENCE:-3600}
where=${WHERE:-"default profile remedy user privileged docker rootless keepid nspawn"}
tests=${*:-all}

work=$(mktemp -d)
chmod 755 "$work"
untried=""
failed=""
container=""
# The ordinary user whose engine is tried.
rootless=""
clean() {
    [ -z "$container" ] || podman rm --force "$container" >/dev/null 2>&1 || true
    # Each of the user's engines has left a process that keeps its user namespace.
    [ ! -d "$work/user" ] || find "$work/user/run" -name pause.pid -exec cat {} + | xargs -r kill || true
    rm -rf "$work"
}
trap clean EXIT
trap 'exit 130' INT TERM

skip() {
    echo "!!! NOT TRIED: $1" >&2
    untried="$untried
$1"
}

[ "$(id -u)" = 0 ] || {
    echo "podman.sh needs root" >&2
    exit 77
}
for program in cargo debootstrap podman python3; do
    command -v "$program" >/dev/null || {
        echo "podman.sh needs $program" >&2
        exit 77
    }
done

# The built tests, each as NAME PATH.
build() {
    (cd "$here" && cargo test --no-run --locked) 2>&1 | tee "$work/log" |
        sed -n 's/^ *Executable \(unittests src\/lib\|tests\/\([a-z]*\)\)\.rs (\(.*\))$/\2 \3/p' |
        sed 's/^ /unit /' >"$work/tests"
    [ -s "$work/tests" ] || {
        cat "$work/log" >&2
        exit 1
    }
}

# What runs in the container: the tests of the list, one file after the other. Each answer is a line.
script() {
    cat <<'SCRIPT'
cd "$1"
while read -r name binary; do
    case " $2 " in *" all "* | *" $name "*) ;; *) continue ;; esac
    begun=$(date +%s)
    timeout --kill-after 10 "$3" "$binary" </dev/null >"/tmp/$name" 2>&1
    code=$?
    echo "@ $name $code $(($(date +%s) - begun)) $(grep -c 'NOT TESTED HERE' "/tmp/$name")"
    [ "$code" = 0 ] || sed 's/^/  /' "/tmp/$name"
done </tests
SCRIPT
}

# Runs tests in a container: its name, their names, then the engine as words.
try() {
    name=$1
    chosen=$2
    shift 2
    # shellcheck disable=SC2086 # two lists of words
    "$@" run --rm --name "$container" $limits --volume "$here:$here:ro" \
        --volume "$work/tests:/tests:ro" --volume "$work/script:/script:ro" \
        $options --rootfs "$rootfs" sh /script "$here" "$chosen" "$patience" >"$work/said" 2>&1 </dev/null || true
    answers=$(grep '^@ ' "$work/said" || true)
    wanted=$(while read -r test _; do
        case " $chosen " in *" all "* | *" $test "*) echo "$test" ;; esac
    done <"$work/tests" | wc -l)
    count=$(printf '%s' "$answers" | grep -c '^@' || true)
    bad=$(printf '%s\n' "$answers" | awk '$3 != 0 { print $2 }')
    if [ "$count" -ne "$wanted" ] || [ -n "$bad" ]; then
        failed="$failed $name"
        echo "FAILED $name: $count of $wanted files of tests came to an end; failed:" $bad
        grep -v '^@ [a-z]* 0 ' "$work/said" | tail -n "${LINES_SHOWN:-200}"
    else
        printf '%s\n' "$answers" | awk -v name="$name" \
            '{ took += $4; skipped += $5 } END { printf "ok     %s: %d files of tests, %d tests skipped, %d s\n", name, NR, skipped, took }'
    fi
}

# A filter as Docker's: what makes and joins namespaces, mounts and keys takes CAP_SYS_ADMIN, or is refused
# altogether. Docker's documentation, "Seccomp security profiles for Docker".
docker_filter() {
    python3 - /usr/share/containers/seccomp.json <<'PYTHON'
import json, sys
profile = json.load(open(sys.argv[1]))
refused = {"add_key", "keyctl", "request_key", "mount", "umount", "umount2", "mount_setattr", "move_mount",
           "open_tree", "fsopen", "fsconfig", "fsmount", "fspick", "pivot_root", "setns", "unshare",
           "sethostname", "setdomainname", "clone", "clone3", "bpf", "perf_event_open"}
for rule in profile["syscalls"]:
    rule["names"] = [name for name in rule["names"] if name not in refused]
profile["syscalls"] = [rule for rule in profile["syscalls"] if rule["names"]]
# Podman's own answer to other calls is ENOSYS.
profile |= {"defaultErrno": "EPERM", "defaultErrnoRet": 1}
namespaces = 0x7E020000
profile["syscalls"] += [
    {"names": ["clone"], "action": "SCMP_ACT_ALLOW",
     "args": [{"index": 0, "value": namespaces, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}]},
    {"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38},
]
json.dump(profile, sys.stdout)
PYTHON
}

# The options that doctor offers to an ordinary user in a container with the engine's own, with the profile that it
# writes in their place.
offered() {
    # shellcheck disable=SC2086 # lists of words
    podman $runtime run --rm $limits --volume "$here:$here:ro" --user 1000 --rootfs "$rootfs" \
        "$nslab" doctor --json --lang en >"$work/doctor" 2>"$work/log" </dev/null || true
    "$nslab" doctor --seccomp-profile >"$work/nslab.json"
    grep -o 'Start the container with [^"]*, where nslab\.json' "$work/doctor" | head -n 1 |
        sed "s/^Start the container with //; s/, where nslab\.json\$//; s|nslab\.json|$work/nslab.json|"
}

# The ordinary user who has subordinate ids.
as_user() {
    setpriv --reuid "$rootless" --regid "$(id -g "$rootless")" --init-groups \
        env -C / HOME="$work/user" XDG_RUNTIME_DIR="$work/user/run" "$@"
}

user_engine() {
    as_user podman --root "$work/user/storage" --runroot "$work/user/run/root" --tmpdir "$work/user/run/tmp" \
        --cgroup-manager cgroupfs $runtime "$@"
}

# systemd-nspawn, called by the words that podman is called by.
nspawn_engine() {
    shift
    binds=""
    while [ "$1" != --rootfs ]; do
        case $1 in
        --volume) binds="$binds --bind-ro=${2%:ro}"; shift 2 ;;
        --rm) shift ;;
        *) shift 2 ;;
        esac
    done
    shift 2
    # shellcheck disable=SC2086 # a list of words
    systemd-nspawn --quiet --directory "$root" --volatile=overlay --register=no --keep-unit $binds "$@"
}

build
# Built beside the tests.
nslab=$(cd "$here" && realpath "$(dirname "$(head -n 1 "$work/tests" | cut -d' ' -f2)")/../nslab")
script >"$work/script"
chmod 644 "$work/script" "$work/tests"

root=${ROOT:-$work/root}
[ -x "$root/usr/bin/xvfb-run" ] || debootstrap --variant=minbase --include="$packages" "$suite" "$root" "$mirror" \
    >"$work/log" 2>&1 || {
    tail -n 5 "$work/log" >&2
    exit 77
}
grep -q '^learner:' "$root/etc/passwd" || chroot "$root" useradd --create-home --uid 1000 learner

# Which runtime works here. The engine's own limits are more than root may give itself on some machines.
works=""
limits=""
options=""
rootfs=$root:O
lower="--ulimit nofile=$(ulimit -n) --ulimit nproc=30000"
for runtime in "" "--runtime runc"; do
    for limits in "" "$lower"; do
        # shellcheck disable=SC2086 # lists of words
        if podman $runtime run --rm $limits --rootfs "$rootfs" true >"$work/log" 2>&1; then
            works=yes
            break 2
        fi
    done
done
[ -n "$works" ] || {
    skip "no container can be made: $(tail -n 1 "$work/log")"
    exit 77
}
container=nslab-tests-$$

for place in $where; do
    options=""
    rootfs=$root:O
    chosen=$tests
    case $place in
    default) ;;
    profile) options="--user 1000 --security-opt seccomp=$here/assets/seccomp.json --security-opt unmask=ALL" ;;
    remedy)
        options=$(offered)
        case $options in
        *"$work/nslab.json"*) options="--user 1000 $options" ;;
        *)
            failed="$failed $place"
            echo "FAILED $place: doctor offers no options:"
            cat "$work/doctor" "$work/log"
            continue
            ;;
        esac
        ;;
    user) options="--user 1000" ;;
    privileged) options="--privileged" ;;
    docker)
        docker_filter >"$work/docker.json" 2>"$work/log" || {
            skip "$place: $(tail -n 1 "$work/log")"
            continue
        }
        options="--security-opt seccomp=$work/docker.json"
        ;;
    rootless | keepid)
        rootless=$(cut -d: -f1 /etc/subuid | head -n 1)
        [ -n "$rootless" ] && command -v newuidmap >/dev/null || {
            rootless=""
            skip "$place: nobody has subordinate ids, or there is no newuidmap"
            continue
        }
        mkdir -p "$work/user/run"
        chmod 700 "$work/user/run"
        chown -R "$rootless" "$work/user"
        # Its root belongs to the ids of that user.
        [ -d "$work/user/rootfs" ] || tar -C "$root" --exclude='./dev/*' -c . | as_user podman unshare \
            sh -c 'mkdir "$1" && tar -C "$1" -x' sh "$work/user/rootfs" 2>"$work/log" || {
            skip "$place: $(tail -n 1 "$work/log")"
            continue
        }
        rootfs=$work/user/rootfs
        options="--network none"
        # The user has the same id in the container as outside.
        [ "$place" = rootless ] || options="$options --userns keep-id"
        ;;
    nspawn)
        command -v systemd-nspawn >/dev/null || {
            skip "$place: there is no systemd-nspawn"
            continue
        }
        ;;
    *)
        echo "podman.sh knows no container $place" >&2
        exit 2
        ;;
    esac
    case $place in
    default | profile) ;;
    *) [ "$tests" != all ] || chosen="environments" ;;
    esac
    case $place in
    rootless | keepid) try "$place" "$chosen" user_engine ;;
    nspawn) try "$place" "$chosen" nspawn_engine ;;
    # shellcheck disable=SC2086 # a list of words
    *) try "$place" "$chosen" podman $runtime ;;
    esac
done

[ -z "$untried" ] || printf '\n!!! NOT TRIED:%s\n' "$untried" >&2
[ -z "$failed" ] || exit 1
[ -z "$untried" ] || exit 77
