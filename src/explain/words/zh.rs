//! 简体中文。

use super::{limit_files, limit_sysctl};
use crate::explain::{Gate, Remedy, Sysctl};
use crate::namespace::Namespace;
use crate::sandbox::{HostKind, Shortfall};

pub(super) fn name(gate: &Gate) -> String {
    let fixed = match gate {
        Gate::Capability(name) => return format!("权能 {name}"),
        Gate::LostAtExec => "exec 时丢失的权能",
        Gate::NoIdOfItsOwn
        | Gate::NoOwner
        | Gate::IdNotMapped
        | Gate::RangeNotMapped
        | Gate::ForeignId
        | Gate::MachinesRoot
        | Gate::RootMapped => "ID 映射",
        Gate::Owner(kind) => return format!("{} 命名空间的归属", kind.label()),
        Gate::Seccomp => "seccomp",
        Gate::ApparmorUserns | Gate::ApparmorProfile(_) => "AppArmor",
        Gate::Chroot => "chroot",
        Gate::Sysctl(Sysctl::UnprivilegedUsernsClone) => "sysctl",
        Gate::Sysctl(Sysctl::MemfdNoexec) => "sysctl",
        Gate::Limit(_) | Gate::LimitAbove => "数量上限",
        Gate::Levels => "嵌套层数",
        Gate::KernelWithout(_) | Gate::KernelOption(_) => "内核配置",
        Gate::UnknownCall => "内核版本",
        Gate::Threads => "多线程",
        Gate::MaskedProc(_) => "被遮住的 /proc",
        Gate::ReadOnlyProc => "只读的 /proc",
        Gate::SetgroupsAllowed => "setgroups",
        Gate::MapWritten => "已写过的映射",
        Gate::UnreadableOurselves => "文件 nslab 的访问权限",
        Gate::NoSetUserId => "setuid 位",
        Gate::SetgroupsDenied | Gate::SetgroupsDeniedThere => "setgroups",
        Gate::NoRootThere => "ID 映射",
        Gate::OwnerOfJoined | Gate::AlreadyThere => "要加入的 user 命名空间",
        Gate::NotBelow => "要加入的 PID 命名空间",
        Gate::SubordinateIds => "/etc/subuid",
        Gate::HiddenSysfs => "被遮住的 /sys",
        Gate::LockedBelow | Gate::LockedMount | Gate::LockedFlag => "锁定的挂载",
        Gate::HostnameFile | Gate::MachineSysctl => "文件的属主",
        Gate::DeviceNode | Gate::Clock | Gate::BlockDevice | Gate::RootOfTheLab => "本机的 root",
        Gate::NoTun => "实验宿主机的 /dev",
        Gate::ReadOnlyFiles | Gate::MachinePrograms => "只读的文件系统",
        Gate::ForeignCgroup => "cgroup 的属主",
        Gate::OuterCgroup => "nslab 所在的 cgroup",
        Gate::NoController => "cgroup.subtree_control",
        Gate::TrustedAttributes => "本机的 root",
        Gate::NoWayOut => "实验的网络",
        Gate::NoSystemd => "1 号进程",
        Gate::RemountWithoutSource => "ID 映射",
        Gate::ChildKilled => "SIGKILL",
        Gate::OffsetsFixed => "已固定的时钟偏移",
        Gate::PtraceAccess => "ptrace 访问权限",
        Gate::NoTerminal | Gate::TerminalTaken => "终端",
        Gate::FirstChildEnded | Gate::InitEnded => "已结束的 PID 命名空间",
        Gate::ForeignProc => "别的 PID 命名空间的 /proc",
        Gate::NoProcess => "没有进程的 PID",
        Gate::LeakedProc => "泄漏出来的 /proc",
        Gate::SameMount | Gate::NotPivotable => "pivot_root 的条件",
        Gate::ProcessLimit => "进程数上限",
        Gate::OpenFiles => "打开文件数上限",
        Gate::FileSize => "文件大小上限",
        Gate::Memory => "内存上限",
        Gate::KeyQuota(_) => "密钥数上限",
        Gate::NoProgram => "程序不存在",
        Gate::NotExecutable => "程序不可执行",
        Gate::DevChanged => "实验宿主机的 /dev",
        Gate::Unknown => "原因不明",
    };
    fixed.to_owned()
}

#[allow(clippy::too_many_lines, reason = "an arm for each gate")]
pub(super) fn why(gate: &Gate) -> String {
    let fixed = match gate {
        Gate::Capability("CAP_SYS_ADMIN") => {
            "发起调用的进程需要在它所处的 user 命名空间里有 CAP_SYS_ADMIN；除 USER 以外的每一种\
             命名空间都是如此。"
        }
        Gate::Capability(name @ ("CAP_SETUID" | "CAP_SETGID")) => {
            return format!(
                "root 的实验以另一个用户的身份运行，而没有 {name} 的 root 无法切换用户。"
            );
        }
        Gate::Capability("CAP_KILL") => {
            "root 的实验以另一个用户的身份运行，而没有 CAP_KILL 的 root 无法结束那个用户的进程。"
        }
        Gate::Capability(name) => {
            return format!("这个操作需要在拥有该对象的 user 命名空间里有 {name}。");
        }
        Gate::LostAtExec => {
            "你在自己的 user 命名空间里，却没有它的权能：exec 的那一刻你的 ID 还没有映射，权能就被\
             清掉了。现在只是名义上的 root。"
        }
        Gate::NoIdOfItsOwn => {
            "你的 ID 在当前的 user 命名空间里没有映射，没有 ID 的进程不能再创建下一层。"
        }
        Gate::NoOwner => {
            "你的 ID 在当前的 user 命名空间里没有映射，新建的文件就没有属主，内核因此不建。"
        }
        Gate::Owner(Namespace::Pid) => {
            "新的 proc 显示的是 PID 命名空间，而你所在的 PID 命名空间仍属于另一个 user 命名空间。"
        }
        Gate::Owner(kind) => {
            return format!(
                "你所在的 {} 命名空间属于另一个 user 命名空间，你在自己那里是 root，在它那里不是。",
                kind.label()
            );
        }
        Gate::Seccomp => {
            "seccomp 过滤器检查每一个系统调用，并拒绝了这一个，与身份无关；容器的默认过滤器就是这样。"
        }
        Gate::ApparmorUserns => {
            "AppArmor 虽然允许普通用户的程序创建 user 命名空间，却收走其中的权能（Ubuntu 23.10 及更新\
             版本：kernel.apparmor_restrict_unprivileged_userns=1）。"
        }
        Gate::ApparmorProfile(label) => {
            return format!("这个进程受 AppArmor 配置 {label} 的限制。");
        }
        Gate::Chroot => {
            "这个进程在 chroot 里：内核不允许在 chroot 里创建 user 命名空间，而且它的根目录不是挂载点。"
        }
        Gate::Sysctl(Sysctl::UnprivilegedUsernsClone) => {
            "sysctl 的 kernel.unprivileged_userns_clone 是 0：在这里只有 root 能创建 user 命名空间。"
        }
        Gate::Sysctl(Sysctl::MemfdNoexec) => {
            "sysctl 的 vm.memfd_noexec 是 2：不允许从内存中运行程序。实验用户读不到 nslab 的文件时（文件已删除，或者\
             所在目录不对其他用户开放），nslab 的辅助进程要从内存中密封的副本启动。"
        }
        Gate::Limit(kinds) => {
            return format!("这不是磁盘满了：达到了 {} 的上限。", limit_files(*kinds));
        }
        Gate::LimitAbove => {
            "这不是磁盘满了：要么这个或外层某个 user 命名空间达到了 /proc/sys/user/max_*_namespaces 的\
             上限，要么命名空间的嵌套已经到了内核允许的层数（USER 33 层，PID 32 层）；从里面看不出是哪一个。"
        }
        Gate::Levels => "这不是磁盘满了：user 命名空间已经嵌套了 33 层。",
        Gate::KernelWithout(kind) => {
            return format!("这个内核没有 {} 命名空间。", kind.label());
        }
        Gate::KernelOption(option) => {
            return format!("这个内核编译时没有打开 {option}，或者无法加载对应的模块。");
        }
        Gate::UnknownCall => "内核不认识这个系统调用，或者被 seccomp 过滤器拦下。",
        Gate::Threads => "有多个线程的进程不能进入新的 user 命名空间。",
        Gate::MaskedProc(paths) => {
            let more = if paths.len() > 1 { " 等" } else { "" };
            let first = paths.first().map_or("/proc/…", String::as_str);
            return format!(
                "/proc 的一部分（{first}{more}）被别的挂载遮住，新挂载的 proc 会让它们露出来；dmesg 中\
                 有 \"Mount too revealing\"。"
            );
        }
        Gate::ReadOnlyProc => "/proc 是只读挂载的，而 user 命名空间的映射要写在那里。",
        Gate::SetgroupsAllowed => {
            "只要还允许 setgroups(2)，就能借组映射退出一个被拒绝访问的组，所以内核拒绝。"
        }
        Gate::MapWritten => "映射只能写一次，而它已经写过了。",
        Gate::ForeignId => "在外层没有 CAP_SETUID 时，映射里只能有一个 ID：写入者自己的。",
        Gate::RootMapped => {
            "映射里含有外层命名空间的 ID 0，这需要在外层有 CAP_SETFCAP（从 Linux 5.12 起），而这个 root \
             没有它。"
        }
        Gate::MachinesRoot => {
            "在这个 user 命名空间里你仍然是本机的 root，/proc/sys 和 root 的所有文件都归你。实验不能以这个身份\
             运行，而这里又换不成别的 ID。"
        }
        Gate::IdNotMapped => "这个 ID，或者文件的属主，不在当前 user 命名空间的映射里。",
        Gate::RangeNotMapped => {
            "ID 只能往下传：映射外侧的 ID，必须在运行 newuidmap 的 user 命名空间里有映射；而且映射只能写一次。"
        }
        Gate::NoProcess => "这里没有进程有这个 PID：PID 要看 /proc 所显示的 PID 命名空间。",
        Gate::UnreadableOurselves => {
            "你可以执行文件 nslab，却不能读它。nslab 在实验里的进程要从一个谁也改不了的文件运行，而准备那个文件需要能\
             读它。"
        }
        Gate::NoSetUserId => {
            "什么密码都不会对：su 要有它的文件属主的权利才能核对密码，而它的 setuid 位在这里不起作用，因为那个属主在这个 \
             user 命名空间里没有 ID，或者挂载带有 nosuid。user 命名空间的 root 不需要密码。"
        }
        Gate::SetgroupsDenied => {
            "这个 user 命名空间里不允许 setgroups（见 /proc/self/setgroups）：组映射由普通用户写入时都是\
             这样。要换成别的用户，需要 setgroups，还需要映射里有那个用户的 ID。"
        }
        Gate::SetgroupsDeniedThere => {
            "nsenter 进入 user 命名空间时会丢掉自己的组，而那里不允许 setgroups（见 /proc/PID/setgroups）。"
        }
        Gate::NoRootThere => {
            "nsenter 会成为它所进入的 user 命名空间的 ID 0，而那里的映射没有 ID 0。"
        }
        Gate::OwnerOfJoined => {
            "加入一个命名空间，需要在拥有它的 user 命名空间里有 CAP_SYS_ADMIN，在自己的 user 命名空间里也要有。"
        }
        Gate::AlreadyThere => {
            "你已经在那个 user 命名空间里。内核不允许再次加入自己所在的那一个，否则已经放弃的权能会回来。"
        }
        Gate::NotBelow => "只能加入自己的 PID 命名空间和它下面的那些。",
        Gate::SubordinateIds => {
            "newuidmap 和 newgidmap 只映射 /etc/subuid 和 /etc/subgid 分给该用户的 ID 和用户自己的 ID，\
             这一段不在其中。"
        }
        Gate::HiddenSysfs => {
            "user 命名空间里只有能看到另一个完整的（上面没有别的挂载的）sysfs 时，才可以挂载新的 sysfs；这里\
             已经看不到了。"
        }
        Gate::LockedBelow => {
            "从别的 user 命名空间复制过来的挂载是锁定的：只绑定一层而不带它下面的挂载，会露出它们遮住的内容。"
        }
        Gate::LockedMount => {
            "要么那里没有挂载，要么这个挂载是从别的 user 命名空间复制过来的：它可能遮住了什么，所以被锁定。"
        }
        Gate::LockedFlag => {
            "这个挂载是从别的 user 命名空间复制过来的，它的标志（只读、nodev、nosuid、noexec）被锁定：外层\
             设置的，里面不能取消。"
        }
        Gate::HostnameFile => {
            "这个文件属于本机的 root，只看 ID；sethostname(2) 看的是你对 UTS 命名空间的权能。"
        }
        Gate::MachineSysctl => {
            "/proc/sys 下的这个文件属于本机的 root，而不是你的 user 命名空间的 root；只有命名空间各自拥有的\
             （例如 net/ 下的大多数）才能设置。"
        }
        Gate::DeviceNode => {
            "设备节点通向本机的硬件，所以内核只让本机的 root 创建；这里的 root 是实验的 root，不是本机的 root。"
        }
        Gate::Clock => "一天中的时间没有命名空间，它属于本机，只有本机的 root 能设置。",
        Gate::BlockDevice => {
            "磁盘、loop 设备和 devtmpfs 属于本机，只有它的 root 能挂载；user 命名空间里可以挂载 tmpfs、\
             overlay、proc、sysfs、cgroup2、mqueue、devpts、FUSE，也可以绑定。"
        }
        Gate::NoTun => "实验宿主机的 /dev 里没有 /dev/net/tun，那里只有不通向设备的节点。",
        Gate::ReadOnlyFiles => {
            "这个文件系统是只读挂载的；在实验里本机的文件都是这样，所以在这里输入什么都不会改动它们。"
        }
        Gate::MachinePrograms => {
            "实验里的程序就是本机的程序，而 /usr 在这里是只读的：实验里不能安装任何东西。"
        }
        Gate::ForeignCgroup => {
            "看到的 cgroup 属于本机：要么 nslab 在这里无权为实验创建 cgroup，要么有 cgroup v1 的 cgroup 属于你，实验就只能读 cgroup。"
        }
        Gate::OuterCgroup => {
            "要么 nslab 在这里不能为实验创建 cgroup（在 cgroup v1 里它从不创建），要么有 cgroup v1 的 cgroup 属于你；有了 CGROUP 命名空间，实验就能够到 nslab 所在的 cgroup，或别的属于你的 \
             cgroup。所以 nslab 不让实验创建它（ENOSPC 不是磁盘满了）；如果禁止不了，就不建实验。"
        }
        Gate::NoController => {
            "上一级 cgroup 启用了某个控制器（memory、pids、cpu），cgroup 才有它的文件；而实验自己那个 cgroup \
             的限制是从外面设置的。"
        }
        Gate::TrustedAttributes => {
            "metacopy 和 redirect_dir 会在文件的 trusted.* 属性里做记录，而只有本机的 root 能写这些属性。"
        }
        Gate::NoWayOut => {
            "没有通往实验之外的路由：它的 NET 命名空间里只有 lo 和 veth，所以在这里输入什么都到不了本机的网络。"
        }
        Gate::NoSystemd => {
            "这里没有 systemd：实验宿主机的 1 号进程是 nslab 的，容器的 1 号进程则是启动容器时的那个程序。"
        }
        Gate::RemountWithoutSource => {
            "那里什么都没有挂载，或者某个选项写错了，或者是这样：不写来源时，mount 会重复 /proc/mounts 里的选项。\
             tmpfs 的选项里有本机的 uid，它在这里没有对应的号码。"
        }
        Gate::ChildKilled => {
            "子进程被 SIGKILL 结束了：有人杀死了新 PID 命名空间的 1 号进程，或者连同整个命名空间。（较新版本的 \
             unshare 改为以状态 137 结束。）"
        }
        Gate::RootOfTheLab => {
            "你在这里有全部权能，但这里的 root 是实验的 root，不是本机的 root：要改动的东西不归任何命名空间，\
             内核因此要求在本机自己的 user 命名空间里有这个权利。"
        }
        Gate::OffsetsFixed => {
            "已经有进程进入了这个 time 命名空间，它的时钟偏移从此不能再改；exec 也算进入。"
        }
        Gate::PtraceAccess => {
            "只有有权跟踪（ptrace）该进程的人才能读 /proc/PID/ns 里的链接，而它是别的用户的进程。"
        }
        Gate::NoTerminal => "这个会话没有控制终端，所以没有作业控制。",
        Gate::TerminalTaken => "终端属于另一个会话，或者这个进程不是会话首进程。",
        Gate::FirstChildEnded => {
            "这与内存无关：unshare(CLONE_NEWPID) 之后的第一个子进程是新 PID 命名空间的 1 号进程。它已经\
             结束，那里再也不能产生进程。"
        }
        Gate::InitEnded => {
            "这与内存无关：那个 PID 命名空间的 1 号进程已经结束，那里再也不能产生进程。"
        }
        Gate::ForeignProc => {
            "这里挂载的 /proc 属于另一个 PID 命名空间，本进程在那里是别的编号，或者根本没有编号。"
        }
        Gate::LeakedProc => {
            "这里的 /proc 不显示任何进程：要么那里没有挂载 proc，要么挂载的 proc 属于一个已经结束的 PID 命名空间：\
             容器挂载了它，又通过共享挂载泄漏了出来。"
        }
        Gate::SameMount => "新的根目录，或者放置旧根的目录，和当前根目录在同一个挂载上。",
        Gate::NotPivotable => {
            "新的根目录不是挂载点，或者它上一级的挂载、当前根的上一级挂载是共享的。"
        }
        Gate::ProcessLimit => {
            "不能再创建进程：实验最多允许 1024 个，或者已达到该用户的上限，或者这个 PID 命名空间的编号已经用完\
             （kernel.pid_max；自 Linux 6.14 起，每个 PID 命名空间各有一个）。"
        }
        Gate::OpenFiles => "这个进程不能再打开文件：已达到它的上限（RLIMIT_NOFILE）。",
        Gate::FileSize => {
            "这不是磁盘满了：文件会超出这个进程的文件大小上限（RLIMIT_FSIZE），或者文件系统自身的上限。"
        }
        Gate::Memory => "这个进程得不到更多内存：已达到它的上限（RLIMIT_AS），或者本机内存已用完。",
        Gate::KeyQuota(Some(keys)) => {
            return format!(
                "这不是磁盘满了：该用户在内核里的密钥，数量已有 {}（上限 {}），字节数 {}（上限 {}），见 \
                 /proc/key-users；实验还需要一个。",
                keys.held, keys.most, keys.bytes, keys.most_bytes
            );
        }
        Gate::KeyQuota(None) => {
            "这不是磁盘满了：该用户在内核里的密钥已达到上限（/proc/key-users），而实验还需要一个。"
        }
        Gate::NoProgram => "这里没有这个程序。",
        Gate::NotExecutable => "文件在，但没有执行权限。",
        Gate::DevChanged => "实验宿主机的 /dev 已经不是当初的样子，而 shell 的终端就在那里。",
        Gate::Unknown => "从本机能看到的信息判断不出是谁拒绝的；错误码的含义见 errno(3)。",
    };
    fixed.to_owned()
}

#[allow(clippy::too_many_lines, reason = "an arm for each remedy")]
pub(super) fn remedy(remedy: &Remedy) -> String {
    let fixed = match remedy {
        Remedy::AddUser => {
            "请加上 USER：在新的 user 命名空间里，归它所有的一切都由你这个 root 说了算；或者在实验宿主机里试。"
        }
        Remedy::KeepCapability => {
            "这个 root 启动时就没有它（例如用 setpriv 启动），在这里也拿不回来。请重新启动容器，或者换一个还有它的 shell。"
        }
        Remedy::MapBeforeExec => {
            "请在 exec 之前写好映射，`unshare --user --map-root-user` 就是这样做的。"
        }
        Remedy::ContainerOptions => {
            "请在启动容器时加上 --security-opt seccomp=nslab.json --security-opt unmask=ALL，其中 \
             nslab.json 由 `nslab doctor --seccomp-profile` 打印（Docker：systempaths=unconfined；\
             devcontainer：写进 runArgs；Kubernetes：hostUsers: false），或者直接在本机上运行。"
        }
        Remedy::ContainerApparmor => {
            "请在启动容器时加上 --security-opt apparmor=unconfined，或者直接在本机上运行。"
        }
        Remedy::OutsideTheFilter => "请换一个没有加上这种过滤器的 shell。",
        Remedy::LeaveChroot => "请退出 chroot，或者改用 pivot_root 来切换根目录。",
        Remedy::SetSysctl(name, value) => return format!("请执行：sudo sysctl {name}={value}"),
        Remedy::ApparmorProfile => {
            "`nslab doctor` 会给出一条命令，安装一个允许 nslab 这样做的 AppArmor 配置。"
        }
        Remedy::RaiseLimit(kind) => {
            return format!(
                "请以它所属的 user 命名空间的 root 身份调高它：sysctl {}=数值",
                limit_sysctl(*kind)
            );
        }
        Remedy::GoUp => "请退到外面一层：离开最里层的 user 命名空间。",
        Remedy::OtherKernel(option) => {
            return format!("需要打开了 {option} 的内核；例如 WSL2 的内核就缺少其中一些。");
        }
        Remedy::NewerKernel => "Linux 5.12 及以上具备 nslab 用到的一切。",
        Remedy::OneThread => "请先 fork，再由子进程发起调用。",
        Remedy::AddPid => "请加上 PID，并且进入其中：unshare --pid --fork。",
        Remedy::AddKind(kind) => return format!("请加上 {}，使它也属于你。", kind.label()),
        Remedy::Unmask => {
            "请在启动容器时加上 --security-opt systempaths=unconfined（Podman：unmask=ALL），或者\
             直接在本机上运行。"
        }
        Remedy::RemountProc => "请以 root 身份执行：mount -o remount,bind,rw /proc",
        Remedy::UnmountMasks => "如果你是该挂载命名空间的 root，请卸载遮住它的挂载。",
        Remedy::DenySetgroups => "请先向 /proc/PID/setgroups 写入 deny。",
        Remedy::FreshUser => "要换别的 ID，请另建一个 user 命名空间。",
        Remedy::AsOrdinaryUser => {
            "请以普通用户的身份启动 nslab；在容器里可以用 --user 1000（bwrap：--uid 1000）。"
        }
        Remedy::OtherUserFirst => {
            "请在这个 user 命名空间外面启动 nslab，或者先变成普通用户再创建命名空间：setpriv --reuid UID --regid GID --clear-groups \
             unshare --map-root-user …"
        }
        Remedy::MapOwnId => "请只映射自己的 ID，或者由 newuidmap 和 newgidmap 来写映射。",
        Remedy::MappedId => "请换一个 /proc/self/uid_map 里有的 ID。",
        Remedy::LookUpPid => "请在同一个 shell 里查看 PID：ps -e。",
        Remedy::IdRange => {
            "请创建映射了一段 ID 的 user 命名空间，映射由 newuidmap 和 newgidmap 来写：unshare \
             --map-root-user --map-auto。"
        }
        Remedy::PreserveCredentials => "请保留现有的 ID：nsenter --preserve-credentials。",
        Remedy::JoinUser => {
            "请同时加入拥有它的 user 命名空间：nsenter --user --preserve-credentials …"
        }
        Remedy::LeaveOutUser => "请去掉 --user（或 --all），只写其他种类。",
        Remedy::AddSubordinateIds => {
            "请在本机上以它的 root 身份执行：usermod --add-subuids 100000-165535 --add-subgids \
             100000-165535 用户名"
        }
        Remedy::KeepSysfs => "请保留已挂载的 sysfs，把它绑定过去：mount --rbind /sys NEW/sys。",
        Remedy::BindRecursively => "请连同下面的挂载一起绑定：mount --rbind。",
        Remedy::MountOver => "请在它上面再挂载别的，或者用 pivot_root 换掉整个根目录。",
        Remedy::MountNew => "请在那里挂载一个新的 tmpfs 或 overlay，它的标志由你决定。",
        Remedy::CallHostname => "请使用系统调用：hostname 名字。",
        Remedy::BindNode => "请绑定一个已有的节点：touch NODE; mount --bind /dev/null NODE。",
        Remedy::ClockOffsets => {
            "TIME 命名空间可以改变 monotonic 和 boottime 时钟：unshare --time --boottime 3600 …"
        }
        Remedy::MountInMemory => "请把文件复制到 tmpfs，或者在它们的目录上挂载 overlay。",
        Remedy::UseVeth => {
            "一对 veth 同样可以连接两个 NET 命名空间：ip link add a type veth peer name b。"
        }
        Remedy::WriteElsewhere => {
            "请写到 /tmp 下面，或者在自己的 MNT 命名空间里把 tmpfs 或 overlay 挂载到那个目录上。"
        }
        Remedy::InstallOutside => "请在本机上安装，不要在 nslab 里；装好后这里也就有了。",
        Remedy::Delegate => {
            "有 systemd 时，请让 nslab 在自己的 cgroup 里启动：systemd-run --user --scope -p Delegate=yes \
             nslab（root 用户去掉 --user）。"
        }
        Remedy::WritableCgroup => {
            "请在可以写 /sys/fs/cgroup 的地方启动 nslab，实验就有自己的 cgroup（v2）；在 cgroup v1 里，请在没有 cgroup \
             属于这个用户的地方启动。"
        }
        Remedy::EnableController => {
            "如果上一级的 cgroup.controllers 里有它，请在那里启用：echo +pids > 上一级/cgroup.subtree_control"
        }
        Remedy::LeaveOutOption => "请不带这个选项挂载。",
        Remedy::ServeInside => "请把服务器放进自己的 NET 命名空间，再用一对 veth 连接两边。",
        Remedy::StartWithoutSystemd => "请直接启动程序：程序名 &",
        Remedy::NameSource => {
            "请把来源也写上，mount 就不会交还任何东西：mount -o remount,size=20m tmpfs /mnt"
        }
        Remedy::OffsetsBeforeExec => "请在 unshare 之后、第一次 exec 或 fork 之前写入偏移。",
        Remedy::OwnProcess => "请与自己的进程比较。",
        Remedy::TakeTerminal => "请让子进程先调用 setsid，再用 TIOCSCTTY 取得终端。",
        Remedy::Fork => "请让 unshare 先 fork：unshare --pid --fork。",
        Remedy::StartAgain => "请重新启动容器。",
        Remedy::FreshProc => {
            "请在自己的挂载命名空间里重新挂载：先 unshare --mount，再 mount -t proc proc /proc。"
        }
        Remedy::UnmountProc => {
            "请执行 umount /proc（如果之后它是空的，再执行 mount -t proc proc /proc）；下次先把挂载设为私有：mount \
             --make-rprivate /。"
        }
        Remedy::BindOntoItself => {
            "请把新的根目录绑定到它自身（mount --bind NEW NEW），并把旧根放到它下面。"
        }
        Remedy::BindAndPrivate => {
            "请把它绑定到自身（mount --bind NEW NEW），并先把挂载设为私有（mount --make-rprivate /）。"
        }
        Remedy::EndProcesses => "请先结束一些进程。",
        Remedy::MoreFiles => "请在启动 nslab 之前调高上限：ulimit -n 1024",
        Remedy::LargerFiles => {
            "请在启动 nslab 之前调高上限（硬上限要由 root 来调）：ulimit -f unlimited"
        }
        Remedy::MoreMemory => {
            "请在启动 nslab 之前调高上限（硬上限要由 root 来调）：ulimit -v unlimited"
        }
        Remedy::OtherHost(HostKind::Machine) => {
            "作为 root，可以直接把本机当作宿主机，此时本机不受保护：nslab --host machine"
        }
        Remedy::OtherHost(kind) => {
            return format!(
                "作为 root，可以使用没有 user 命名空间的实验宿主机，它的 root 就是本机的 root：nslab \
                 --host {kind}"
            );
        }
        Remedy::MakeReadable => "请让它的属主允许大家读它：chmod a+r \"$(command -v nslab)\"",
        Remedy::FreshLab => "重建实验宿主机后即可恢复。",
        Remedy::Install(package) => {
            return format!("在 Debian 和 Ubuntu 上：sudo apt install {package}");
        }
    };
    fixed.to_owned()
}

pub(super) fn shortfall(shortfall: Shortfall) -> &'static str {
    match shortfall {
        Shortfall::Proc => {
            "本机的 /proc 有一部分被遮住，实验宿主机无法挂载自己的 /proc，看到的是本机的。"
        }
        Shortfall::Sysfs => "无法挂载 sysfs：实验宿主机的 /sys 是空的。",
        Shortfall::SysfsReadonly => {
            "这里的 /sys 是只读的（容器里大多如此）：实验环境里也只能以只读方式挂载 sysfs。"
        }
        Shortfall::Veth => "内核没有 veth：实验宿主机只有 lo 一个网络接口。",
        Shortfall::Filter => {
            "这里没有 seccomp(2)，实验没有自己的过滤器：只要 keyctl(2) 可用，实验里就能访问启动 nslab 的用户的密钥（keyrings(7)）。"
        }
        Shortfall::SessionKeyring => {
            "nslab 外面的 seccomp 过滤器（容器引擎自带的就是）拒绝 keyctl(2)，而实验又不能有自己的过滤器来回答“没有这个调用”：\
             crun 和 runc 在实验里不能启动容器。容器引擎用 --security-opt seccomp=unconfined 就能放行这两个调用。"
        }
        Shortfall::NewPrivileges => {
            "nslab 是带着 no_new_privs 启动的，许多容器都是如此：实验里的程序都不能在 exec 时获得权能。"
        }
        Shortfall::Hostname => {
            "seccomp 过滤器（容器引擎自带的就是）拒绝 sethostname(2)：实验里不能设置主机名。"
        }
        Shortfall::Files => {
            "这里一个进程能打开的文件不到 1024 个（RLIMIT_NOFILE）：crun 不够用，容器多时也不够用。root 可以在启动 nslab \
             之前提高：ulimit -n 1024；容器引擎用 --ulimit nofile=1024。"
        }
        Shortfall::OneId => {
            "实验里只有一个 ID，就是 root 的：在里面不能变成别的用户（su、tcpdump），也不能把文件交给别的用户（chown、tar）。\
             要有更多的 ID，需要 newuidmap（软件包 uidmap）以及 /etc/subuid 和 /etc/subgid 里的记录：\
             usermod --add-subuids 100000-165535 --add-subgids 100000-165535 USER。如果容器自己就只有一个 ID，\
             要在本机上给运行容器引擎的用户加上这些记录。"
        }
        Shortfall::OneIdOfRoot => {
            "实验里只有一个 ID，就是 root 的：在里面不能变成别的用户（su、tcpdump），也不能把文件交给别的用户（chown、tar）。\
             由 root 启动 nslab 时，要有更多的 ID，需要 8192 个无人使用的 ID 以及映射它们的权限。请在这里以能使用 \
             newuidmap（软件包 uidmap）的普通用户身份启动 nslab；如果容器自己就只有一个 ID，要由它的引擎给它更多。"
        }
        Shortfall::OuterCgroup => {
            "实验里不能创建 CGROUP 命名空间。要么 nslab 在这里不能为实验创建 cgroup，要么有 cgroup v1 的 cgroup 属于你：有了这样的命名空间，实验就能够到 nslab \
             所在的 cgroup，或别的属于你的 cgroup，并终止其中的其他进程。请在可以写 /sys/fs/cgroup 的地方启动 nslab，\
             实验就有自己的 cgroup（v2）。v1 的 cgroup 则不能属于这个用户。"
        }
        Shortfall::Mqueue => "内核不支持 POSIX 消息队列，/dev/mqueue 无内容可看。",
        Shortfall::Cgroup => {
            "实验没有它的 root 可以更改的 cgroup（v2）：要么 nslab 在这里无权创建，要么有 cgroup v1 的 cgroup 属于你，\
             实验就只能读 cgroup。没有 cgroup v1 而有 systemd 时，可以让 nslab 在自己的 cgroup 里启动：\
             systemd-run --user --scope -p Delegate=yes nslab（root 用户去掉 --user）。"
        }
        Shortfall::Limits => {
            "nslab 的 cgroup 没有 memory 和 pids 控制器。有 systemd 和 cgroup v2 时，可以让它在自己的 cgroup 里启动：\
             systemd-run --user --scope -p Delegate=yes nslab（root 用户去掉 --user）。"
        }
    }
}
