//! What a refusal means: what refused, why, and what helps, in the learner's language.
//!
//! Pure. Must not know where it is said.

use nix::errno::Errno;

use crate::lang::Lang;
use crate::sandbox::Step;
use crate::sandbox::channel::Shortfall;

/// What is said about a step that the kernel refused.
pub fn refusal(lang: Lang, step: &Step) -> String {
    let errno = step.errno.map_or(Errno::UnknownErrno, Errno::from_raw);
    let (call, why) = (&step.call, reason(&step.call, errno).words(lang));
    match lang {
        Lang::En => format!("{call}: {}. {why}", errno.desc()),
        Lang::ZhCn => format!("{call}：{errno:?}（{}）。{why}", errno.desc()),
    }
}

/// What this machine couldn't give a lab host that came to be all the same.
pub fn shortfall(lang: Lang, shortfall: Shortfall) -> &'static str {
    match lang {
        Lang::En => shortfall_en(shortfall),
        Lang::ZhCn => shortfall_zh(shortfall),
    }
}

fn shortfall_en(shortfall: Shortfall) -> &'static str {
    match shortfall {
        Shortfall::Proc => {
            "Parts of this machine's /proc are masked, so the lab host could not mount one of its \
             own and shows the machine's."
        }
        Shortfall::Sysfs => "No sysfs could be mounted: /sys is empty in the lab host.",
        Shortfall::Veth => "This kernel has no veth: the lab host's only interface is lo.",
        Shortfall::Mqueue => "This kernel has no POSIX message queues to show in /dev/mqueue.",
    }
}

fn shortfall_zh(shortfall: Shortfall) -> &'static str {
    match shortfall {
        Shortfall::Proc => {
            "本机的 /proc 有一部分被遮住，实验宿主机无法挂载自己的 /proc，看到的是本机的。"
        }
        Shortfall::Sysfs => "无法挂载 sysfs：实验宿主机的 /sys 是空的。",
        Shortfall::Veth => "内核没有 veth：实验宿主机只有 lo 一个网络接口。",
        Shortfall::Mqueue => "内核不支持 POSIX 消息队列，/dev/mqueue 无内容可看。",
    }
}

/// What is behind a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reason {
    UserNamespaces,
    NamespaceLimit,
    NoTime,
    MissingKind,
    AppArmor,
    NotCapable,
    OffsetsFixed,
    UnknownCall,
    NoProgram,
    NotExecutable,
    DevChanged,
    ProcessLimit,
    Unknown,
}

fn reason(call: &str, errno: Errno) -> Reason {
    let of = |name: &str| call.starts_with(name);
    match errno {
        Errno::EPERM if of("unshare(CLONE_NEWUSER") => Reason::UserNamespaces,
        Errno::ENOSPC if of("unshare") || of("clone") => Reason::NamespaceLimit,
        Errno::EINVAL if of("unshare(CLONE_NEWTIME") => Reason::NoTime,
        Errno::EINVAL if of("unshare") || of("clone") => Reason::MissingKind,
        Errno::EACCES if of("write(/proc/self/timens_offsets") => Reason::OffsetsFixed,
        Errno::EPERM | Errno::EACCES if of("write(/proc") || of("mount") => Reason::AppArmor,
        Errno::EPERM if of("clone") || of("unshare") => Reason::NotCapable,
        Errno::ENOSYS => Reason::UnknownCall,
        Errno::ENOENT if of("execve") => Reason::NoProgram,
        Errno::EACCES if of("execve") => Reason::NotExecutable,
        Errno::ENOENT | Errno::EROFS | Errno::ENOTDIR if call.contains("/dev/tty") => {
            Reason::DevChanged
        }
        Errno::EAGAIN if of("clone") || of("fork") => Reason::ProcessLimit,
        _ => Reason::Unknown,
    }
}

impl Reason {
    fn words(self, lang: Lang) -> &'static str {
        match lang {
            Lang::En => self.en(),
            Lang::ZhCn => self.zh(),
        }
    }

    fn en(self) -> &'static str {
        match self {
            Reason::UserNamespaces => {
                "This machine doesn't let you make user namespaces: a chroot, a container's \
                 seccomp filter or the sysctl kernel.unprivileged_userns_clone refuses it. Leave \
                 the chroot, start the container with --security-opt seccomp=unconfined, or set \
                 that sysctl to 1."
            }
            Reason::NamespaceLimit => {
                "That is no full disk: a limit in /proc/sys/user/max_*_namespaces is reached, or \
                 namespaces are nested 32 levels deep. Raise the limit, or go up a level."
            }
            Reason::NoTime => {
                "This kernel has no time namespaces (it was built without CONFIG_TIME_NS)."
            }
            Reason::MissingKind => {
                "This kernel was built without one of these kinds of namespaces."
            }
            Reason::AppArmor => {
                "The namespace was made, but without its capabilities. On Ubuntu 23.10 and later \
                 that is AppArmor: `sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0` \
                 lifts it for the whole machine until the next boot."
            }
            Reason::NotCapable => {
                "This needs CAP_SYS_ADMIN in the user namespace it is asked from."
            }
            Reason::OffsetsFixed => {
                "Someone has entered the time namespace already; its offsets are fixed from then \
                 on."
            }
            Reason::UnknownCall => {
                "This kernel, or a seccomp filter, doesn't know the call; Linux 5.12 does."
            }
            Reason::NoProgram => "There is no such program in the lab host.",
            Reason::NotExecutable => "It is there, but it may not be executed.",
            Reason::DevChanged => {
                "The lab host's /dev is no longer as it was made, and a shell needs its terminal \
                 there. A fresh lab host has it whole again."
            }
            Reason::ProcessLimit => "The lab may have 1024 processes; end some of them.",
            Reason::Unknown => "The steps before it worked; errno(3) tells what the number means.",
        }
    }

    fn zh(self) -> &'static str {
        match self {
            Reason::UserNamespaces => {
                "本机不允许你创建 user 命名空间：可能是 chroot、容器的 seccomp 过滤器，或者 \
                 sysctl 的 kernel.unprivileged_userns_clone 在拦着。请退出 chroot，或者启动容器时\
                 加上 --security-opt seccomp=unconfined，或者把这个 sysctl 设为 1。"
            }
            Reason::NamespaceLimit => {
                "这不是磁盘满了：要么达到了 /proc/sys/user/max_*_namespaces 的上限，要么命名空间\
                 已经嵌套了 32 层。请调高上限，或者退到外面一层。"
            }
            Reason::NoTime => "这个内核不支持 time 命名空间（编译时没有打开 CONFIG_TIME_NS）。",
            Reason::MissingKind => "这个内核编译时没有包含其中某一种命名空间。",
            Reason::AppArmor => {
                "命名空间创建成功，却没有得到相应的权能（capability）。在 Ubuntu 23.10 及更新的\
                 版本上这是 AppArmor 的限制：执行 \
                 `sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0` \
                 可以为整台机器解除，重启后恢复。"
            }
            Reason::NotCapable => "发起调用的进程需要在它所处的 user 命名空间里有 CAP_SYS_ADMIN。",
            Reason::OffsetsFixed => {
                "已经有进程进入了这个 time 命名空间，它的时钟偏移从此不能再改。"
            }
            Reason::UnknownCall => {
                "内核不认识这个系统调用，或者被 seccomp 过滤器拦下；Linux 5.12 及以上是支持的。"
            }
            Reason::NoProgram => "实验宿主机里没有这个程序。",
            Reason::NotExecutable => "文件在，但没有执行权限。",
            Reason::DevChanged => {
                "实验宿主机的 /dev 已经不是当初的样子，而 shell 的终端就在那里。重建实验宿主机后\
                 即可恢复。"
            }
            Reason::ProcessLimit => "实验最多允许 1024 个进程，请先结束一些。",
            Reason::Unknown => "此前的步骤都成功了；错误码的含义见 errno(3)。",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_told_by_call_and_errno() {
        for (call, errno, expected) in [
            (
                "unshare(CLONE_NEWUSER|CLONE_NEWNS)",
                Errno::EPERM,
                Reason::UserNamespaces,
            ),
            (
                "clone(SIGCHLD|CLONE_NEWNET)",
                Errno::ENOSPC,
                Reason::NamespaceLimit,
            ),
            (
                "clone(SIGCHLD|CLONE_NEWNET)",
                Errno::EPERM,
                Reason::NotCapable,
            ),
            ("unshare(CLONE_NEWTIME)", Errno::EINVAL, Reason::NoTime),
            ("write(/proc/self/uid_map)", Errno::EPERM, Reason::AppArmor),
            (
                "write(/proc/self/timens_offsets)",
                Errno::EACCES,
                Reason::OffsetsFixed,
            ),
            ("creat(/dev/tty2)", Errno::EROFS, Reason::DevChanged),
            ("execve(zsh)", Errno::ENOENT, Reason::NoProgram),
            ("pipe()", Errno::EMFILE, Reason::Unknown),
        ] {
            assert_eq!(reason(call, errno), expected, "{call} {errno:?}");
        }
    }

    #[test]
    fn a_refusal_names_the_errno() {
        let step = Step {
            call: "creat(/dev/tty2)".to_owned(),
            errno: Some(Errno::EROFS as i32),
            value: 0,
            micros: 1,
        };
        assert!(refusal(Lang::En, &step).starts_with("creat(/dev/tty2): Read-only file system. "));
        assert!(refusal(Lang::ZhCn, &step).starts_with("creat(/dev/tty2)：EROFS（"));
    }
}
