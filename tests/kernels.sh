#!/bin/sh
# Boots kernels of Debian in qemu, and in each one runs doctor, compare for each kind of namespace, and
# three lessons. By hand and by night; not part of `cargo test`.
#
#   tests/kernels.sh [BINARY [SUITE...]]
#
# BINARY: a built nslab; without it target/debug/nslab. It needs an amd64 machine with apt, qemu-system-x86,
# busybox-static, cpio, xz and the programs that the lessons use. It writes to a temporary directory alone.
# What could not be tried is said, and makes the exit code 77; a kernel on which something fails makes it 1.
# CPU names another model for qemu to show.
set -eu

here=$(cd "$(dirname "$0")/.." && pwd)
nslab=${1:-$here/target/debug/nslab}
[ $# -eq 0 ] || shift
# Each suite has one kernel for clouds: small, and without drivers that no lesson needs. 5.10 is older than
# what nslab needs, and must be told so.
suites=${*:-"bullseye bookworm trixie sid trixie-backports"}
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
kinds="uts ipc pid mnt net user cgroup time"
lessons="uts net limits"
# Each after those that it needs.
modules_used="llc stp bridge veth overlay"
# The longest time in seconds that one kernel may take, without KVM on a slow machine. A busy one needs more.
patience=${PATIENCE:-1200}
# `kvm` is faster where it works; a kernel is up in seconds without it.
acceleration=${ACCEL:-tcg}

work=$(mktemp -d)
# As _apt downloads.
chmod 755 "$work"
machine=""
trap '[ -z "$machine" ] || kill "$machine"; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
untried=""
failed=""

skip() {
    echo "!!! NOT TRIED: $1" >&2
    untried="$untried
$1"
}

for program in apt-get qemu-system-x86_64 busybox cpio dpkg-deb ldd xz; do
    command -v "$program" >/dev/null || {
        echo "kernels.sh needs $program" >&2
        exit 77
    }
done
[ -x "$nslab" ] || {
    echo "there is no $nslab: cargo build" >&2
    exit 2
}

apt() {
    command=$1
    shift
    "$command" -q -o Dir::State="$work/apt" -o Dir::State::status="$work/apt/status" \
        -o Dir::Cache="$work/apt/cache" -o Dir::Etc::sourcelist="$work/apt/sources.list" \
        -o Dir::Etc::sourceparts=/dev/null -o APT::Architecture=amd64 "$@"
}

# Downloads the kernel of a suite and unpacks it to $work/SUITE.
get() {
    suite=$1
    rm -rf "$work/apt"
    mkdir -p "$work/apt/lists/partial" "$work/apt/cache/archives/partial" "$work/$suite"
    : >"$work/apt/status"
    keys=/usr/share/keyrings/debian-archive-keyring.gpg
    echo "deb [signed-by=$keys] $mirror $suite main" >"$work/apt/sources.list"
    apt apt-get update >"$work/log" 2>&1 || return 1
    meta=linux-image-cloud-amd64
    image=$(apt apt-cache depends $meta 2>>"$work/log" | sed -n 's/^ *Depends: *\(linux-image-[^ ]*\)$/\1/p' | head -n 1)
    [ -n "$image" ] || return 1
    # Since Linux 7 the kernel and its modules are in packages of their own.
    parts=$(apt apt-cache depends "$image" | sed -n 's/^ *Depends: *\(linux-\(binary\|modules\)-[^ ]*\)$/\1/p')
    # shellcheck disable=SC2086 # a list of words
    (cd "$work/$suite" && apt apt-get download "$image" $parts) >>"$work/log" 2>&1 || return 1
    for package in "$work/$suite"/*.deb; do
        dpkg-deb -x "$package" "$work/$suite" || return 1
        rm "$package"
    done
}

# Copies a program and its libraries to the same places below a root.
copy() {
    for file in "$1" $(ldd "$1" 2>/dev/null | grep -o '/[^ )]*'); do
        [ -e "$2$file" ] || {
            mkdir -p "$2$(dirname "$file")"
            cp -L "$file" "$2$file"
        }
    done
}

# Makes the root of a machine: the programs of this one that the lessons use, and what nslab shows of it.
make_root() {
    root=$1
    mkdir -p "$root/proc" "$root/sys" "$root/dev" "$root/run" "$root/tmp" "$root/root" "$root/etc" \
        "$root/var" "$root/home" "$root/usr/bin" "$root/usr/sbin" "$root/usr/lib" "$root/usr/lib64"
    for name in bin sbin lib lib64; do
        ln -s "usr/$name" "$root/$name"
    done
    for program in awk bash cat chmod chown cp cut date dd dirname domainname echo env false find findmnt grep head \
        hostname id ip ipcmk ipcrm ipcs kill ln ls lsns mkdir mktemp mount mountpoint nproc nsenter pgrep ping pkill \
        ps readlink rm rmdir script sed seq setpriv sh sleep sort ss stat sysctl tail tee touch tr true tty \
        umount uname uniq unshare uptime wc whoami; do
        path=$(command -v "$program" 2>/dev/null) || continue
        case $path in /*) copy "$path" "$root" ;; esac
    done
    copy "$nslab" "$root"
    mv "$root$nslab" "$root/usr/bin/nslab" 2>/dev/null || true
    for file in passwd group nsswitch.conf; do
        cp "/etc/$file" "$root/etc/" 2>/dev/null || true
    done
    grep -q '^learner:' "$root/etc/passwd" || echo 'learner:x:1000:1000::/tmp:/bin/bash' >>"$root/etc/passwd"
    for library in /lib/x86_64-linux-gnu/libnss_files.so.2; do
        [ ! -e "$library" ] || copy "$library" "$root"
    done
}

# What runs in the machine, as its process 1. It reports on the serial line.
init() {
    cat <<INIT
#!/bin/bash
export PATH=/usr/bin:/usr/sbin:/bin:/sbin HOME=/root TERM=linux LANG=C.UTF-8
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sysfs /sys
/bin/busybox mount -t cgroup2 cgroup2 /sys/fs/cgroup
/bin/busybox mount -t devtmpfs dev /dev
/bin/busybox mkdir -p /dev/pts /dev/shm
/bin/busybox mount -t devpts -o ptmxmode=0666 devpts /dev/pts
/bin/busybox mount -t tmpfs -o mode=1777 tmpfs /dev/shm
/bin/busybox mount -t tmpfs -o mode=1777 tmpfs /tmp
for module in $modules_used; do /bin/busybox insmod /usr/lib/modules/\$module.ko 2>/dev/null; done
/bin/busybox ip link set lo up
hostname vm
# As systemd does it: each user's programs are in a cgroup that is theirs, with controllers.
for controller in cpu memory pids; do echo +\$controller >/sys/fs/cgroup/cgroup.subtree_control; done
/bin/busybox mkdir /sys/fs/cgroup/root /sys/fs/cgroup/user
(cd /sys/fs/cgroup/user && /bin/busybox chown 1000 . cgroup.procs cgroup.subtree_control cgroup.threads)
as() {
    (
        echo 0 >/sys/fs/cgroup/\$1/cgroup.procs
        case \$1 in
        root) shift; exec "\$@" ;;
        user) shift; HOME=/tmp exec /usr/bin/setpriv --reuid 1000 --regid 1000 --clear-groups "\$@" ;;
        esac
    )
}
for who in root user; do
    as \$who nslab doctor --lang en >/tmp/out 2>&1
    echo "@ \$who doctor \$?"; /bin/busybox sed 's/^/  /' /tmp/out
    for kind in $kinds; do
        as \$who nslab compare --flags \$kind --lang en >/tmp/out 2>&1
        code=\$?
        echo "@ \$who compare \$kind \$code"
        [ \$code = 0 ] || /bin/busybox sed 's/^/  /' /tmp/out
    done
    as \$who nslab verify --lang en --jobs 1 $lessons >/tmp/out 2>&1
    code=\$?
    echo "@ \$who verify \$code"
    if [ \$code = 0 ]; then /bin/busybox tail -n 1 /tmp/out; else /bin/busybox cat /tmp/out; fi
done
echo "@ end"
/bin/busybox poweroff -f
INIT
}

# Packs the root into an initramfs. A root of the kernel's own kind, rootfs, can't be pivoted, so that a
# tmpfs takes its place first.
pack() {
    suite=$1
    release=$(ls "$work/$suite"/usr/lib/modules "$work/$suite"/lib/modules 2>/dev/null | grep '^[0-9]' | head -n 1)
    modules=$work/$suite/lib/modules/$release
    [ -d "$modules" ] || modules=$work/$suite/usr/lib/modules/$release
    rm -rf "$work/initramfs"
    mkdir -p "$work/initramfs/bin" "$work/initramfs/new" "$work/initramfs/proc"
    cp -a "$work/root" "$work/initramfs/root"
    lib=$work/initramfs/root/usr/lib/modules
    mkdir -p "$lib"
    for name in $modules_used; do
        find "$modules" -name "$name.ko*" -exec cp {} "$lib" \;
    done
    xz -d "$lib"/*.xz 2>/dev/null || true
    cp "$(command -v busybox)" "$work/initramfs/bin/busybox"
    cp "$(command -v busybox)" "$work/initramfs/root/usr/bin/busybox"
    init >"$work/initramfs/root/init"
    cat >"$work/initramfs/init" <<'INIT'
#!/bin/busybox sh
/bin/busybox mount -t tmpfs -o size=80% tmpfs /new
/bin/busybox cp -a /root/. /new/
exec /bin/busybox switch_root /new /init
INIT
    chmod +x "$work/initramfs/init" "$work/initramfs/root/init"
    (cd "$work/initramfs" && find . | cpio -o -H newc --quiet | gzip -1) >"$work/$suite/initramfs"
}

boot() {
    suite=$1
    kernel=$(find "$work/$suite" -name 'vmlinuz*' -type f | head -n 1)
    # Without cmpxchg16b, which qemu 7.2 without KVM carries out wrongly: Debian 12's 6.12 died of it in kmem_cache_alloc.
    timeout "$patience" qemu-system-x86_64 -accel "$acceleration" -cpu "${CPU:-max,-cx16}" -m 1024 -no-reboot \
        -nographic -nic none -kernel "$kernel" -initrd "$work/$suite/initramfs" \
        -append "console=ttyS0 quiet panic=-1" </dev/null >"$work/$suite/serial" 2>&1 &
    machine=$!
    wait "$machine" || true
    machine=""
    tr -d '\r' <"$work/$suite/serial" >"$work/$suite/said"
    grep -q '@ end' "$work/$suite/said"
}

# What the runs in the machine answered. The kernel may have written to the same line.
answers() {
    grep -oE '@ (root|user) (doctor|compare [a-z]+|verify) [0-9]+' "$work/$1/said"
}

make_root "$work/root"
for suite in $suites; do
    if ! get "$suite"; then
        skip "$suite: $(tail -n 1 "$work/log")"
        continue
    fi
    pack "$suite"
    begun=$(date +%s)
    if ! boot "$suite"; then
        failed="$failed $suite"
        echo "FAILED $suite: it did not come to its end"
        tail -n 20 "$work/$suite/said"
        rm -rf "${work:?}/$suite"
        continue
    fi
    took=$(($(date +%s) - begun))
    # An old kernel can't have a lab host, and doctor and compare say which one can.
    case $release in
    5.[0-9].* | 5.1[01].* | [34].*)
        bad=$(answers "$suite" | grep ' 0$' || true)
        grep -q '5\.12' "$work/$suite/said" || bad="it doesn't say that it needs Linux 5.12"
        ;;
    *) bad=$(answers "$suite" | grep -v ' 0$' || true) ;;
    esac
    count=$(answers "$suite" | wc -l)
    # Two users, doctor, verify, and each kind.
    [ "$count" -eq 20 ] || bad="$bad $count answers of 20"
    if [ -n "$bad" ]; then
        failed="$failed $release"
        echo "FAILED $suite: Linux $release, $took s"
        sed -n '/^@/,$p' "$work/$suite/said"
    else
        echo "ok     $suite: Linux $release, $took s; $count runs," \
            "$(grep -o '^[0-9]* steps ok, [^,]*, [^,]*' "$work/$suite/said" | tr '\n' ';')"
    fi
    rm -rf "${work:?}/$suite"
done

[ -z "$untried" ] || printf '\n!!! NOT TRIED:%s\n' "$untried" >&2
[ -z "$failed" ] || exit 1
[ -z "$untried" ] || exit 77
