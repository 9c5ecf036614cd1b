#!/bin/sh
# `unshare --mount=FILE` succeeds or fails by the CPU that it runs on.
#
# Behaviour: in a mount namespace that was made on one CPU, `unshare --mount=FILE` on the same CPU succeeds. On some
#   other CPU it fails with EINVAL, with the same FILE on the same private mount.
# Expected: unshare(1) says of FILE: "a persistent namespace is created by a bind mount", and names one condition, "the
#   file must be located on a mount whose propagation type is not shared". mount(2) and mount_namespaces(7) don't say
#   that the CPU matters.
# Reason: so that no two mount namespaces hold each other, the kernel lets one hold only those that were made later, and
#   tells that by their numbers (mnt_ns_loop in fs/namespace.c). Since the numbers are handed to CPUs in batches
#   (cookie.h), a later namespace may have a lower number.
# Why it matters: a script that makes two such namespaces one after the other fails now and then, and with EINVAL looks as
#   if its arguments were wrong. taskset makes it certain.
# Versions: util-linux 2.38.1-5+deb12u3 (Debian 12); Linux 6.18. Needs root and two CPUs.
# Seen:
#   made on 0, then on 0: ok; on 1: Invalid argument
#   made on 1, then on 1: ok; on 0: ok
set -eu
package=util-linux version=2.38.1-5+deb12u3
[ "$(id -u)" = 0 ] || { echo "needs root" >&2; exit 2; }
if [ "${1:-}" = inside ]; then
    # In a mount namespace that was made on the CPU $2.
    mount -t tmpfs none "$3"
    : >"$3/file"
    for cpu in $4; do
        if said=$(taskset -c "$cpu" "$5" --mount="$3/file" true 2>&1); then
            said=ok
            umount "$3/file"
        fi
        echo "made on $2, then on $cpu: ${said##*: }"
    done
    exit 0
fi
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
(
    cd "$tmp"
    apt-get download -qq "$package=$version" 2>/dev/null && dpkg -x ./*.deb .
) || { echo "no $package $version to be had" >&2; exit 2; }
mkdir "$tmp/private"
# The first few CPUs that we may run on.
cpus=""
for cpu in 0 1 2 3; do
    taskset -c "$cpu" true 2>/dev/null && cpus="$cpus $cpu"
done
[ "$(echo $cpus | wc -w)" -ge 2 ] || { echo "needs two CPUs" >&2; exit 2; }
for cpu in $cpus; do
    taskset -c "$cpu" "$tmp/usr/bin/unshare" --mount "$0" inside "$cpu" "$tmp/private" "$cpus" "$tmp/usr/bin/unshare"
done | tee "$tmp/said"
# On the same CPU it always succeeds, on another one not always.
while read -r _ _ made _ _ then said; do
    [ "${made%,}" != "${then%:}" ] || [ "$said" = ok ] || exit 1
done <"$tmp/said"
grep -q 'Invalid argument$' "$tmp/said"
