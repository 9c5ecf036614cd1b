//! What tutorials about namespaces and containers have their readers type as root, in the lab host, as
//! root and as an ordinary user. Each recipe is of a kind; what it prints is what a machine prints.

#![allow(
    clippy::unwrap_used,
    reason = "a test ends where something is not as it should be"
)]

mod support;

use std::process::Command;

use support::{As, Installed, installed, is_root, needs, skip, stderr, stdout};

/// Runs a recipe as each user; it must succeed and print this.
fn prints(recipe: &str, expected: &str) {
    let nslab = Installed::new();
    for who in As::all() {
        let script = format!("set -e\n{recipe}");
        let mut command = nslab.command(who, &["run", "--", "bash", "-c", &script]);
        let output = command.output().unwrap();
        let context = format!("{who:?}: {}", stderr(&output));
        assert_eq!(stdout(&output), expected, "{context}");
        assert!(output.status.success(), "{context}");
    }
}

/// Whether all of these are installed; says so where one is not.
fn have(programs: &[&str]) -> bool {
    let missing = programs.iter().find(|program| !installed(program));
    if let Some(program) = missing {
        skip(&format!("{program} is not installed"));
    }
    missing.is_none()
}

/// Whether the lab of an ordinary user has more than one id: `/etc/subuid` names those of the tests.
fn prints_with_many_ids(recipe: &str, expected: &str) {
    let nslab = Installed::new();
    for who in As::all() {
        let recipe = format!(
            "set -e\n[ $(wc -l </proc/self/uid_map) = 1 ] && grep -q ' 1$' /proc/self/uid_map && echo one id && exit\n{recipe}"
        );
        let mut command = nslab.command(who, &["run", "--", "bash", "-c", &recipe]);
        let output = command.output().unwrap();
        let printed = stdout(&output);
        if printed == "one id\n" && who.uid() != 0 {
            eprintln!("{who:?} has no line in /etc/subuid, so this belongs to the root run");
            continue;
        }
        assert_eq!(printed, expected, "{who:?}: {}", stderr(&output));
    }
}

#[test]
fn named_network_namespaces() {
    needs!(Sysfs);
    prints(
        "ip netns add blue
         ip netns exec blue ip -br link | cut -d' ' -f1
         ip -n blue link set lo up
         ip netns exec blue ls /sys/class/net
         ip netns list; ip netns delete blue; ip netns list",
        "lo\nlo\nblue\n",
    );
}

#[test]
fn a_namespace_of_a_process_gets_a_name() {
    needs!(Proc, Sysfs);
    prints(
        "unshare -n sleep 1000 & pid=$!
         while [ $(readlink /proc/$pid/ns/net) = $(readlink /proc/self/ns/net) ]; do :; done
         mkdir -p /var/run/netns
         ln -sf /proc/$pid/ns/net /var/run/netns/web
         ip netns list
         ip netns exec web ip -br link | cut -d' ' -f1
         ip link add v-host type veth peer name v-web
         ip link set v-web netns web; ip -n web -br link | grep -c v-web
         kill $pid",
        "web\nlo\n1\n",
    );
}

/// A client in a bridged network, a server in another one, and the host that masquerades between them.
const NAT: &str = r#"
ip link add br0 type bridge; ip addr add 10.0.0.1/24 dev br0; ip link set br0 up
ip netns add client; ip netns add web
ip link add veth0 type veth peer name veth1
ip link set veth1 netns client; ip link set veth0 master br0; ip link set veth0 up
ip -n client addr add 10.0.0.2/24 dev veth1; ip -n client link set veth1 up
ip -n client route add default via 10.0.0.1
ip link add veth2 type veth peer name eth0 netns web
ip addr add 10.0.1.1/24 dev veth2; ip link set veth2 up
ip -n web addr add 10.0.1.2/24 dev eth0; ip -n web link set eth0 up
sysctl -q -w net.ipv4.ip_forward=1
nft add table ip nat
nft 'add chain ip nat post { type nat hook postrouting priority 100; }'
nft add rule ip nat post ip saddr 10.0.0.0/24 oifname veth2 masquerade
mkfifo /tmp/ready
ip netns exec web perl -MIO::Socket::INET -e '
  my $s = IO::Socket::INET->new(Listen => 1, LocalPort => 80) or die $!; print STDERR "ready\n";
  my $c = $s->accept; while (<$c>) { last if /^\r?\n/ } print $c "HTTP/1.0 200 OK\r\n\r\nhello ", $c->peerhost, "\n"' 2>/tmp/ready &
read ready </tmp/ready
ip netns exec client bash -c 'exec 3<>/dev/tcp/10.0.1.2/80; printf "GET / HTTP/1.0\r\n\r\n" >&3; cat <&3' | tail -1
"#;

#[test]
fn a_page_is_served_across_a_bridge_and_nat() {
    needs!(Proc, Sysfs);
    if have(&["nft", "perl", "sysctl"]) {
        prints(NAT, "hello 10.0.1.1\n");
    }
}

#[test]
fn tcpdump_listens_on_a_veth() {
    needs!(Proc, Capabilities);
    if have(&["tcpdump"]) {
        // It calls setgroups(2), which is denied to a lab with one id.
        prints_with_many_ids(
            "ip link add veth0 type veth peer name veth1
             ip addr add 10.0.0.1/24 dev veth0; ip link set veth0 up; ip link set veth1 up
             mkfifo /tmp/said; tcpdump -Z root -l -n -i veth1 -c 1 arp 2>/tmp/said >/tmp/seen &
             while read line; do case $line in listening*) break ;; esac; done </tmp/said
             bash -c 'echo >/dev/udp/10.0.0.2/9'; wait
             grep -o 'who-has 10.0.0.2 tell 10.0.0.1' /tmp/seen",
            "who-has 10.0.0.2 tell 10.0.0.1\n",
        );
    }
}

#[test]
fn nsenter_in_all_ways() {
    needs!(Hostname, Proc);
    prints(
        "unshare -Cuipn --fork sleep 1000 & sleeper=
         until sleeper=$(pgrep -x sleep); do :; done
         nsenter -t $sleeper -u hostname inside
         for way in -a --all '-m -u -i -n -p -C' '-a -F'; do nsenter $way -t $sleeper hostname; done
         nsenter -t $sleeper -T -U --preserve-credentials true 2>/dev/null || echo same user
         nsenter --net=/proc/$sleeper/ns/net ip -br link | cut -d' ' -f1
         kill -9 $sleeper",
        "inside\ninside\ninside\ninside\nsame user\nlo\n",
    );
}

/// The program of many an article: clone(2) with flags, a new root, a new proc, a shell.
const CLONE: &str = r#"
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#define TRY(call) if ((call) != 0) { perror(#call); exit(1); }
static char stack[1 << 20];
static int child(void *argument) {
    (void)argument;
    TRY(sethostname("box", 3));
    TRY(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
    TRY(mount("/tmp/root", "/tmp/root", NULL, MS_BIND | MS_REC, NULL));
    TRY(mount("/usr", "/tmp/root/usr", NULL, MS_BIND | MS_REC, NULL));
    TRY(mount(NULL, "/tmp/root/usr", NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL));
    TRY(chdir("/tmp/root"));
    TRY(mkdir("old", 0700));
    TRY(syscall(SYS_pivot_root, ".", "old"));
    TRY(chdir("/"));
    TRY(mount("proc", "/proc", "proc", 0, NULL));
    TRY(umount2("/old", MNT_DETACH));
    execl("/bin/sh", "sh", "-c", "hostname; echo $$; ls -d /proc/[0-9]*; ls /", NULL);
    perror("exec");
    return 1;
}
int main(void) {
    int flags = CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWCGROUP;
    int status, pid = clone(child, stack + sizeof stack, flags | SIGCHLD, NULL);
    if (pid < 0) { perror("clone"); return 1; }
    waitpid(pid, &status, 0);
    return WEXITSTATUS(status);
}
"#;

#[test]
fn a_container_in_c() {
    needs!(Hostname, Proc, Binds);
    if have(&["cc"]) {
        let recipe = format!(
            "mkdir -p /tmp/root/usr /tmp/root/proc; cd /tmp
             for d in bin lib lib64; do [ -e /$d ] && ln -s usr/$d /tmp/root/$d; done
             cat >clone.c <<'C'\n{CLONE}\nC
             cc -o clone clone.c && ./clone"
        );
        prints(
            &recipe,
            "box\n1\n/proc/1\nbin\nlib\nlib64\nold\nproc\nusr\n",
        );
    }
}

#[test]
fn overlayfs_and_pivot_root() {
    needs!(Proc, Binds);
    prints(
        "cd /tmp; mkdir lower upper work merged; echo lower >lower/file
         mount -t overlay overlay -o lowerdir=lower,upperdir=upper,workdir=work merged
         echo upper >merged/file; cat lower/file upper/file
         mkdir merged/usr merged/old merged/proc; ln -s usr/bin usr/lib usr/lib64 merged
         unshare -m bash -ec 'mount --bind /tmp/merged /mnt; mount --rbind -o ro /usr /mnt/usr
           cd /mnt; pivot_root . old; mount -t proc proc /proc; umount -l /old; cat /file; ls /old'",
        "lower\nupper\nupper\n",
    );
}

#[test]
fn a_new_proc_in_place_of_the_old_one() {
    needs!(Proc);
    prints(
        "unshare -pfm bash -ec 'umount -l /proc; mount -t proc proc /proc; ls -d /proc/[0-9]*'
         unshare -Urpfm --mount-proc bash -c 'echo $$'
         unshare -Urn bash -ec 'ip link add veth0 type veth peer name veth1; ip -br link | wc -l'",
        "/proc/1\n1\n3\n",
    );
}

#[test]
fn read_only_binds() {
    needs!(Binds);
    prints(
        "mount -o bind,ro /usr /mnt; umount /mnt
         mkdir /tmp/d; mount --bind /tmp/d /mnt; mount -o remount,bind,ro /mnt
         touch /mnt/x 2>/dev/null || echo read-only
         touch /dev/null && echo a node is no file of a bind
         unshare -Urm bash -ec 'mount --bind /tmp /srv; mount -o remount,bind,ro /srv; touch /srv/x' 2>/dev/null || echo read-only",
        "read-only\na node is no file of a bind\nread-only\n",
    );
}

#[test]
fn other_users() {
    needs!(Proc, Capabilities);
    prints_with_many_ids(
        "su nobody -s /bin/sh -c 'id -un'
         setpriv --reuid 1000 --regid 1000 --clear-groups id -u
         sudo -u nobody id -un; sudo id -u; sudo -E A=b sh -c 'echo $A'; sudo -iu nobody id -un
         cd /tmp; mkdir d; chown 33:33 d; tar cf d.tar d; rmdir d; tar xf d.tar; stat -c %u:%g d
         touch f; chown 1000:1000 f; cp -a f g; stat -c %u g
         id -G; stat -c %g /dev/pts",
        "nobody\n1000\nnobody\n0\nb\nnobody\n33:33\n1000\n0\n0\n",
    );
}

/// A nosuid `/usr` would take this away.
#[test]
fn file_capabilities_count_for_other_users() {
    needs!(Proc, Capabilities);
    if !have(&["ping", "getcap"]) {
        return;
    }
    let shown = Command::new("sh")
        .args(["-c", "getcap \"$(command -v ping)\""])
        .output()
        .unwrap();
    if !stdout(&shown).contains("cap_net_raw") {
        skip("ping has no file capability here");
        return;
    }
    prints_with_many_ids(
        "su nobody -s /bin/sh -c 'ping -c1 127.0.0.1' | grep -o '1 received'",
        "1 received\n",
    );
}

/// Somebody below the lab asks for a read-only bind and names no other flag: a locked one would make it fail.
#[test]
fn read_only_binds_of_what_is_shown_in_a_user_namespace() {
    needs!(Binds);
    prints(
        "unshare -Urm bash -ec 'mount -o bind,ro /usr /mnt; mount --rbind -o ro /etc /srv; touch /mnt/x /srv/x' 2>&1 | cut -d: -f3",
        " Read-only file system\n Read-only file system\n",
    );
}

#[test]
fn a_range_of_ids_is_passed_on() {
    needs!(Proc, Capabilities);
    if have(&["newuidmap"]) {
        prints_with_many_ids(
            "unshare --map-auto -Ur sh -c 'awk \"{ n += \\$3 } END { print n }\" /proc/self/uid_map; setpriv --reuid 7 --regid 7 --clear-groups id -u'",
            "65535\n7\n",
        );
    }
}

/// Runs the programs that are already here in a bundle with the default configuration.
const BUNDLE: &str = r#"
mkdir -p /tmp/b/rootfs; cd /tmp/b
for d in usr bin lib lib64 proc; do mkdir -p rootfs/$d; done
crun spec
perl -0pi -e '
  s/"terminal": true/"terminal": false/;
  s/"args": \[.*?\]/"args": ["sh", "-c", "echo \$\$ \$(id -u) \$(hostname)"]/s;
  s/"mounts": \[/"mounts": [ @{[join ",", map { qq({"destination":"\/$_","source":"\/$_","type":"none","options":["rbind","ro"]}) } qw(usr bin lib lib64)]},/;
' config.json
crun run box
"#;

#[test]
fn crun_runs_a_bundle() {
    needs!(Hostname, Proc, Sysfs, Capabilities);
    if have(&["crun", "perl"]) {
        let nslab = Installed::new();
        for who in As::all() {
            let output = nslab.in_lab(who, &format!("set -e\n{BUNDLE}"));
            let (printed, said) = (stdout(&output), stderr(&output));
            if who.uid() != 0 && said.contains("devpts") {
                eprintln!(
                    "its /dev/pts wants a group tty, and {who:?} has one id: this belongs to the root run"
                );
                continue;
            }
            assert_eq!(printed, "1 0 crun\n", "{who:?}: {said}");
        }
    }
}

#[test]
fn bubblewrap_runs_a_program() {
    needs!(Hostname, Proc);
    if have(&["bwrap"]) {
        prints(
            "bwrap --ro-bind / / --dev /dev --proc /proc --unshare-all --hostname box sh -c 'hostname; ls -d /proc/[0-9]*' | grep -v '/[2-9]'",
            "box\n/proc/1\n",
        );
    }
}

#[test]
fn cgroups_are_made_and_left() {
    if !is_root() {
        eprintln!("nslab may make no cgroup here: this belongs to the root run");
        return;
    }
    let nslab = Installed::new();
    let recipe = "set -e
        [ -e /sys/fs/cgroup/host ] || { echo none; exit; }
        cd /sys/fs/cgroup; mkdir demo; sleep 1000 & echo $! >demo/cgroup.procs
        tail -n 1 /proc/$!/cgroup; cat demo/cgroup.procs | grep -qx $! && echo in it
        echo 1 >demo/cgroup.freeze; echo 0 >demo/cgroup.freeze
        for c in $(cat cgroup.controllers); do grep -qw $c demo/cgroup.controllers || echo no $c; done
        [ ! -e demo/pids.max ] || { echo 10 >demo/pids.max; cat demo/pids.max; }
        [ ! -e demo/memory.max ] || { echo 50M >demo/memory.max; cat demo/memory.max; }
        unshare -C sh -c 'tail -n 1 /proc/self/cgroup'
        echo 1 >demo/cgroup.kill; wait; rmdir demo; ls -d demo 2>/dev/null || echo gone";
    let output = nslab.in_lab(As::Ourselves, recipe);
    let printed = stdout(&output);
    if printed == "none\n" {
        skip("there is no cgroup v2 in which a cgroup can be made");
        return;
    }
    let limits: Vec<_> = printed
        .lines()
        .filter(|line| !["10", "52428800"].contains(line))
        .collect();
    let expected = ["0::/demo", "in it", "0::/", "gone"];
    assert_eq!(limits, expected, "{}", stderr(&output));
}
