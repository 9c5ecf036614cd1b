//! The seccomp filter of the lab: calls that no lesson needs, and that namespaces don't confine.
//!
//! Owns which calls are refused, and with which errno. `guard` and `enter` load it before anything of
//! the learner's runs. A filter can't be taken off, and every process started later has it;
//! seccomp(2).
//!
//! | refused | why | errno |
//! | --- | --- | --- |
//! | `add_key`, `keyctl`, `request_key` | the kernel checks keys by the machine's user id, so a lab reached its user's own keyrings | ENOSYS, as from a kernel without keyrings: `crun`, `runc` and PAM go on then |
//! | `io_uring_*` | a large part of the kernel, which a filter doesn't see into | ENOSYS: programs fall back to other calls |
//! | `bpf`, `perf_event_open`, `userfaultfd` | mostly refused to ordinary users anyway, and often what an exploit begins with | EPERM, as there |
//! | `kexec_load`, `kexec_file_load`, `init_module`, `finit_module`, `delete_module` | the machine's kernel; refused in a user namespace anyway | EPERM, as there |
//! | `socket` of other families than unix, inet, inet6, netlink, key, packet, can | vsock reaches the hypervisor and other machines in spite of NET; xdp, alg, rds, tipc, … are parts of the kernel that no lesson needs | EAFNOSUPPORT |
//!
//! Allowed, because the lab is for them: mount(2), clone(2), setns(2), ptrace(2), packet sockets and
//! netfilter. In the ABI for 32-bit programs the same calls are refused, by their numbers
//! there. The x32 ABI is refused as a whole.

use libc::sock_filter;
use nix::errno::Errno;

use super::trace::{Refused, Tracer};
use crate::sys;

/// Loads the filter into the calling process. A kernel without seccomp has none.
pub(super) fn load(trace: &mut Tracer) -> Result<Loaded, Refused> {
    let call = "seccomp(SECCOMP_SET_MODE_FILTER)";
    match trace.step(call, || sys::load_filter(&program())) {
        Ok(()) => Ok(Loaded::Yes),
        Err(refused) if matches!(refused.errno, Errno::ENOSYS | Errno::EINVAL) => Ok(Loaded::No),
        Err(refused) => Err(refused),
    }
}

/// Whether there is a filter now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Loaded {
    Yes,
    No,
}

/// The families of sockets that a network namespace confines and that tutorials use; socket(2).
const FAMILIES: [i32; 7] = [
    libc::AF_UNIX,
    libc::AF_INET,
    libc::AF_INET6,
    libc::AF_NETLINK,
    libc::AF_KEY,
    libc::AF_PACKET,
    libc::AF_CAN,
];

/// An ABI: the machine's own, or that of 32-bit programs.
struct Abi {
    /// `AUDIT_ARCH_…` of `<linux/audit.h>`.
    arch: u32,
    refused: &'static [(i64, Errno)],
    socket: i64,
    /// An older call for all socket calls; its arguments lie in memory, which a filter can't read.
    socketcall: Option<i64>,
}

macro_rules! refused {
    ($($errno:ident: $($number:expr),+;)+) => {
        &[$($(($number, Errno::$errno)),+),+]
    };
}

const OWN: &[(i64, Errno)] = refused! {
    ENOSYS: libc::SYS_add_key, libc::SYS_keyctl, libc::SYS_request_key,
        libc::SYS_io_uring_setup, libc::SYS_io_uring_enter, libc::SYS_io_uring_register;
    EPERM: libc::SYS_bpf, libc::SYS_perf_event_open, libc::SYS_userfaultfd,
        libc::SYS_kexec_load, libc::SYS_kexec_file_load,
        libc::SYS_init_module, libc::SYS_finit_module, libc::SYS_delete_module;
};

#[cfg(target_arch = "x86_64")]
const ABIS: [Abi; 2] = [
    Abi {
        arch: 0xc000_003e,
        refused: OWN,
        socket: libc::SYS_socket,
        socketcall: None,
    },
    // i386; arch/x86/entry/syscalls/syscall_32.tbl.
    Abi {
        arch: 0x4000_0003,
        refused: refused! {
            ENOSYS: 286, 288, 287, 425, 426, 427;
            EPERM: 357, 336, 374, 283, 128, 350, 129;
        },
        socket: 359,
        socketcall: Some(102),
    },
];

#[cfg(target_arch = "aarch64")]
const ABIS: [Abi; 2] = [
    Abi {
        arch: 0xc000_00b7,
        refused: OWN,
        socket: libc::SYS_socket,
        socketcall: None,
    },
    // arm; arch/arm/tools/syscall.tbl.
    Abi {
        arch: 0x4000_0028,
        refused: refused! {
            ENOSYS: 309, 311, 310, 425, 426, 427;
            EPERM: 386, 364, 388, 347, 401, 128, 379, 129;
        },
        socket: 281,
        socketcall: None,
    },
];

#[cfg(target_arch = "riscv64")]
const ABIS: [Abi; 1] = [Abi {
    arch: 0xc000_00f3,
    refused: OWN,
    socket: libc::SYS_socket,
    socketcall: None,
}];

/// A bit of every number in the x32 ABI.
const X32: u32 = 0x4000_0000;
/// Offsets in `struct seccomp_data` of `<linux/seccomp.h>`; the first argument is 64 bits long.
const NUMBER: u32 = 0;
const ARCH: u32 = 4;
const FIRST_ARGUMENT: u32 = if cfg!(target_endian = "little") {
    16
} else {
    20
};
/// Opcodes of `<linux/bpf_common.h>`.
const LOAD: u16 = 0x20;
const JUMP_IF_EQUAL: u16 = 0x15;
const JUMP_IF_GREATER_OR_EQUAL: u16 = 0x35;
const RETURN: u16 = 0x06;
/// `SECCOMP_RET_…`.
const ALLOW: u32 = 0x7fff_0000;
const REFUSE: u32 = 0x0005_0000;

fn instruction(code: u16, k: u32, yes: u8, no: u8) -> sock_filter {
    sock_filter {
        code,
        jt: yes,
        jf: no,
        k,
    }
}

fn refuse(errno: Errno) -> sock_filter {
    instruction(RETURN, REFUSE | (errno as i32).unsigned_abs(), 0, 0)
}

/// The next instruction is skipped unless the loaded value is this one.
fn if_equal(value: u32) -> sock_filter {
    instruction(JUMP_IF_EQUAL, value, 0, 1)
}

/// A system call's number as the filter sees it.
fn number(call: i64) -> u32 {
    u32::try_from(call).unwrap_or(u32::MAX)
}

/// The code of the filter for one ABI; every way through it ends in a return.
fn of_abi(abi: &Abi) -> Vec<sock_filter> {
    let mut code = vec![
        instruction(LOAD, NUMBER, 0, 0),
        instruction(JUMP_IF_GREATER_OR_EQUAL, X32, 0, 1),
        refuse(Errno::ENOSYS),
    ];
    for (call, errno) in abi.refused {
        code.extend([if_equal(number(*call)), refuse(*errno)]);
    }
    if let Some(call) = abi.socketcall {
        // Its first argument says which socket call is meant; 1 is socket(2).
        code.extend([
            instruction(JUMP_IF_EQUAL, number(call), 0, 3),
            instruction(LOAD, FIRST_ARGUMENT, 0, 0),
            if_equal(1),
            refuse(Errno::ENOSYS),
            instruction(LOAD, NUMBER, 0, 0),
        ]);
    }
    code.extend([
        instruction(JUMP_IF_EQUAL, number(abi.socket), 1, 0),
        instruction(RETURN, ALLOW, 0, 0),
        instruction(LOAD, FIRST_ARGUMENT, 0, 0),
    ]);
    for family in FAMILIES {
        code.extend([
            if_equal(family.unsigned_abs()),
            instruction(RETURN, ALLOW, 0, 0),
        ]);
    }
    code.push(refuse(Errno::EAFNOSUPPORT));
    code
}

/// The whole filter. It allows every call of an ABI that it doesn't know: this kernel has no other.
fn program() -> Vec<sock_filter> {
    let mut code = vec![instruction(LOAD, ARCH, 0, 0)];
    for abi in &ABIS {
        let of_abi = of_abi(abi);
        let length = u8::try_from(of_abi.len()).unwrap_or(u8::MAX);
        code.push(instruction(JUMP_IF_EQUAL, abi.arch, 0, length));
        code.extend(of_abi);
    }
    code.push(instruction(RETURN, ALLOW, 0, 0));
    code
}

#[cfg(test)]
mod tests {
    mod container_profile;

    use super::*;

    /// Runs the filter as the kernel does.
    fn answer(arch: u32, call: u32, argument: u32) -> u32 {
        let program = program();
        let (mut at, mut loaded) = (0, 0);
        loop {
            let sock_filter { code, jt, jf, k } = program[at];
            at += 1;
            let jump = match code {
                RETURN => return k,
                LOAD => {
                    loaded = match k {
                        NUMBER => call,
                        ARCH => arch,
                        FIRST_ARGUMENT => argument,
                        _ => panic!("loads at {k}"),
                    };
                    continue;
                }
                JUMP_IF_EQUAL => loaded == k,
                JUMP_IF_GREATER_OR_EQUAL => loaded >= k,
                _ => panic!("opcode {code:#x}"),
            };
            at += usize::from(if jump { jt } else { jf });
        }
    }

    fn refused(errno: Errno) -> u32 {
        REFUSE | (errno as i32).unsigned_abs()
    }

    #[test]
    fn each_abi_is_refused_what_the_table_says_and_nothing_else() {
        for abi in &ABIS {
            for (call, errno) in abi.refused {
                assert_eq!(
                    answer(abi.arch, number(*call), 0),
                    refused(*errno),
                    "{call}"
                );
            }
            for call in (0..600).filter(|it| {
                let others = [Some(abi.socket), abi.socketcall];
                !abi.refused.iter().any(|(call, _)| call == it) && !others.contains(&Some(*it))
            }) {
                assert_eq!(answer(abi.arch, number(call), 1), ALLOW, "{call}");
            }
            for family in 0..50_i32 {
                let expected = if FAMILIES.contains(&family) {
                    ALLOW
                } else {
                    refused(Errno::EAFNOSUPPORT)
                };
                let family = family.unsigned_abs();
                assert_eq!(answer(abi.arch, number(abi.socket), family), expected);
            }
            if let Some(call) = abi.socketcall {
                assert_eq!(answer(abi.arch, number(call), 1), refused(Errno::ENOSYS));
                assert_eq!(answer(abi.arch, number(call), 2), ALLOW);
            }
            let x32 = X32 | number(libc::SYS_keyctl);
            assert_eq!(answer(abi.arch, x32, 0), refused(Errno::ENOSYS));
        }
        assert_eq!(answer(1, number(libc::SYS_keyctl), 0), ALLOW);
    }
}
