#!/bin/sh
# A POSIX message queue is older than a file that was made before it: mqueue keeps whole seconds only.
#
# Behaviour: the files of an mqueue file system (one for each queue) have times without a fraction, cut down to the second.
#   A queue that is made after a marker file in the same second has an earlier time than the marker: find -newer and
#   test -nt say that it is older. tmpfs and cgroup2 in the same kernel keep nanoseconds.
# Expected: mq_overview(7), man-pages 6.03, says that queues can be viewed "using the commands usually used for files";
#   inode(7) names ext2, ext3 and Reiserfs as file systems without nanoseconds. Nothing says that this one has none.
# Why it matters: "which queues has this program made?", asked with a marker file, misses them nearly always.
# Versions: Linux 6.18; coreutils 9.1, findutils 4.9.0, util-linux 2.38.1 (Debian 12). As an ordinary user too.
# Seen: 20 times a marker, then a queue: fractions of a second of the queues' times: 000000000
#   newer than its marker by find: 0 of 20 queues, 20 of 20 files on tmpfs
set -eu
for need in unshare mount find stat; do
    command -v "$need" > /dev/null || { echo "needs $need" >&2; exit 2; }
done
unshare --user --map-root-user --ipc --mount true || { echo "needs user namespaces" >&2; exit 2; }
unshare --user --map-root-user --ipc --mount sh -euc '
    folder=$(mktemp -d)
    trap "umount \"$folder\"; rmdir \"$folder\"" EXIT
    mount -t tmpfs tmpfs "$folder"
    mkdir "$folder/queues" "$folder/files"
    mount -t mqueue mqueue "$folder/queues"
    trap "umount \"$folder/queues\" \"$folder\"; rmdir \"$folder\"" EXIT
    queues=0 files=0 fractions=
    for turn in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        : > "$folder/marker$turn"
        # The clock that file times are taken from moves on with the timer tick.
        sleep 0.02
        : > "$folder/queues/q$turn"
        : > "$folder/files/q$turn"
        queues=$((queues + $(find "$folder/queues/q$turn" -newer "$folder/marker$turn" | wc -l)))
        files=$((files + $(find "$folder/files/q$turn" -newer "$folder/marker$turn" | wc -l)))
        fractions="$fractions $(stat -c %y "$folder/queues/q$turn" | sed "s/.*\.\([0-9]*\) .*/\1/")"
        rm "$folder/queues/q$turn"
    done
    echo "20 times a marker, then a queue: fractions of a second of the queues'"'"' times: $(printf "%s\n" $fractions | sort -u | tr "\n" " ")"
    echo "newer than its marker by find: $queues of 20 queues, $files of 20 files on tmpfs"
    [ "$files" = 20 ] || { echo "not even on tmpfs a file is newer" >&2; exit 1; }
    # One turn may begin at the end of a second: then the cut time is still later than the marker.
    [ "$queues" -le 3 ] || { echo "the times of queues are finer now" >&2; exit 1; }
'
echo "as found: the times of queues are whole seconds"
