//! The launch options of the command line: what a launch does besides making namespaces.

#![allow(
    clippy::unwrap_used,
    reason = "a test ends where something is not as it should be"
)]

mod support;

use std::process::Command;

use nslab::LaunchOption;
use support::{As, Installed, needs, stderr, stdout};

#[test]
fn a_command_runs_with_the_options() {
    needs!(Hostname, Proc);
    let nslab = Installed::new();
    let root = "cd /proc; set -- [0-9]*; echo $#";
    let cases = [
        ("--flags pid,mnt --proc fresh", root, "1"),
        ("--flags uts", "uname -n", "container"),
        ("--flags uts --hostname web1", "uname -n", "web1"),
        ("--flags uts --domainname lab", "domainname", "lab"),
        (
            "--flags time --offset 172800",
            "awk '$1 == \"boottime\" { print $2 }' /proc/self/timens_offsets",
            "172800",
        ),
        ("--flags user", "id -u", "0"),
        ("--flags user --map unwritten", "id -u", "65534"),
        ("--flags mnt", "ls -d /home", "/home"),
        ("--flags mnt --root own", "ls -d /home || echo none", "none"),
        (
            "--flags mnt --propagation shared",
            "grep -c ' / / .* shared:' /proc/self/mountinfo",
            "1",
        ),
        (
            "--flags mnt --propagation private",
            "grep -c ' / / .* shared:' /proc/self/mountinfo",
            "0",
        ),
    ];
    for option in LaunchOption::ALL {
        let said = format!(" --{} ", option.name());
        let tried = cases.iter().any(|(options, ..)| options.contains(&said));
        assert!(tried, "no case tries --{}", option.name());
    }
    for (options, script, printed) in cases {
        for who in As::all() {
            let mut arguments = vec!["run"];
            arguments.extend(options.split(' '));
            arguments.extend(["--", "sh", "-c", script]);
            let output = nslab.command(who, &arguments).output().unwrap();
            let said = stderr(&output);
            assert_eq!(stdout(&output).trim(), printed, "{who:?} {options}: {said}");
        }
    }
}

#[test]
fn an_option_without_effect_is_an_error() {
    let nslab = Installed::new();
    let cases = [
        (
            "--flags uts --proc fresh",
            "nslab: --proc needs mnt among the flags, as in --flags uts,mnt\n",
        ),
        (
            "--flags pid --hostname web1",
            "nslab: --hostname needs uts among the flags, as in --flags uts,pid\n",
        ),
        (
            "--root own",
            "nslab: --root needs mnt among the flags, as in --flags mnt\n",
        ),
        (
            "--flags mnt --map unwritten",
            "nslab: --map needs user among the flags, as in --flags mnt,user\n",
        ),
        (
            "--flags pid --propagation slave",
            "nslab: --propagation needs mnt among the flags, as in --flags pid,mnt\n",
        ),
        (
            "--flags net --domainname lab",
            "nslab: --domainname needs uts among the flags, as in --flags uts,net\n",
        ),
        (
            "--flags uts --offset 60",
            "nslab: --offset needs time among the flags, as in --flags uts,time\n",
        ),
    ];
    for option in LaunchOption::ALL {
        let said = format!("nslab: --{} needs ", option.name());
        let tried = cases.iter().any(|(_, error)| error.starts_with(&said));
        assert!(tried, "no case tries --{}", option.name());
    }
    for (options, said) in cases {
        for command in ["run", "compare", "code"] {
            let mut arguments = vec![command];
            arguments.extend(options.split(' '));
            let output = nslab.command(As::Ourselves, &arguments).output().unwrap();
            assert_eq!(output.status.code(), Some(2), "{command} {options}");
            assert_eq!(stderr(&output), said, "{command} {options}");
            assert_eq!(stdout(&output), "", "{command} {options}");
        }
    }
}

#[test]
fn an_unknown_value_is_answered_with_the_known_ones() {
    let nslab = Installed::new();
    for (arguments, known) in [
        (["code", "--proc=new"], "inherited, fresh"),
        (["run", "--map=no"], "written, unwritten"),
        (["compare", "--propagation=none"], "private, shared, slave"),
        (["code", "--root=mine"], "inherited, own"),
        (["run", "--hostname=a b"], "letters, digits, '-' and '.'"),
        (["code", "--hostname=-x"], "starts with a letter or a digit"),
        (["code", "--join=nett"], "uts, ipc, pid, mnt, net, user"),
    ] {
        let output = nslab.command(As::Ourselves, &arguments).output().unwrap();
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(said.contains(known), "{arguments:?}: {said}");
    }
}

/// The first line of the program is the command that prints it.
#[test]
fn a_program_names_the_command_that_prints_it() {
    let nslab = Installed::new();
    for lang in ["c", "rust"] {
        for options in [
            "--flags uts --hostname web1",
            "--flags uts,mnt --proc fresh --root own",
            "--flags pid,mnt,user --join ipc,net --map unwritten --propagation slave",
        ] {
            let arguments = format!("code --lang {lang} {options}");
            let words: Vec<&str> = arguments.split(' ').collect();
            let output = nslab.command(As::Ourselves, &words).output().unwrap();
            let printed = stdout(&output);
            assert!(printed.contains(&arguments), "{printed}");
        }
    }
}

/// Without a uid map no file can be created.
#[test]
fn a_refused_option_says_which_step_was_refused() {
    let nslab = Installed::new();
    for who in As::all() {
        for command in ["run", "compare"] {
            let options = "--flags mnt,user --root own --map unwritten -- true";
            let mut arguments = vec![command];
            arguments.extend(options.split(' '));
            let output = nslab.command(who, &arguments).output().unwrap();
            let said = stderr(&output);
            assert_eq!(output.status.code(), Some(125), "{who:?} {command}: {said}");
            for word in ["mkdir(", "Value too large"] {
                assert!(said.contains(word), "{who:?} {command}: {said}");
            }
        }
    }
}

/// systemd makes `/` of a machine shared. What nslab mounts for a container must not appear on the
/// machine, whatever propagation the learner chose.
#[test]
fn what_a_container_mounts_is_not_mounted_on_the_machine() {
    needs!(Proc, Capabilities);
    let nslab = Installed::new();
    // The test runs in its own mount namespace, to leave this machine alone.
    let mut own = vec!["--mount"];
    if !support::is_root() {
        own.extend(["--user", "--map-root-user"]);
    }
    for propagation in ["inherited", "shared", "slave", "private"] {
        for option in ["--proc fresh", "--root own"] {
            let script = format!(
                "mount --make-rshared /
                before=$(cat /proc/self/mountinfo | wc -l)
                {} run --yes --host machine --flags mnt,pid --propagation {propagation} {option} -- true
                echo $before $(cat /proc/self/mountinfo | wc -l)",
                nslab.binary().display()
            );
            let output = Command::new("unshare")
                .args(&own)
                .args(["sh", "-c", &script])
                .output()
                .unwrap();
            let said = stdout(&output);
            let counts: Vec<&str> = said.split_whitespace().collect();
            assert!(
                counts.len() == 2 && counts[0] == counts[1],
                "{propagation} {option}: {said}{}",
                stderr(&output)
            );
        }
    }
}
