//! Answers a lesson's questions about a side: single files, processes by name, routes; and, through `cgroups`,
//! the tree of cgroups.
//!
//! The learner controls the files that are read: nothing here waits, follows a link out of the side's root, or
//! reads without a limit. Must not know why it is asked.

use std::collections::BTreeMap;
use std::ffi::CString;
use std::fs::OpenOptions;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;

use nix::errno::Errno;
use nix::fcntl::{OFlag, readlinkat};
use nix::sys::stat::{FileStat, SFlag, fstat};
use procfs_core::FromRead;
use procfs_core::process::Status;

use super::{IdRange, PROC, SideReadError, SideReader, id_map, pids, text};
use crate::observe::asked::{Asked, AskedFile, AskedProcess, FileType, FoundFile, Question, Route};
use crate::{rtnetlink, sys};

/// Bytes that are read of a file.
const MOST_CONTENT: u64 = 4096;
/// Longer than `/proc/PID/status`, in bytes.
const MOST_STATUS: u64 = 64 * 1024;
/// If a side shows more processes than this, their names are not read.
const MOST_PROCESSES: usize = 2048;
/// How many bytes of a process's name the kernel keeps; proc_pid_comm(5).
const LONGEST_NAME: usize = 15;
/// The permission bits of a mode; inode(7).
const PERMISSIONS: u32 = 0o7777;

/// The maps of the side's user namespace.
struct SideIdMaps {
    users: Vec<IdRange>,
    groups: Vec<IdRange>,
}

impl SideReader {
    /// The present answers to these questions, except whether an address answers, which takes time.
    pub(in crate::observe) fn asked(&self, questions: &[Question]) -> Result<Asked, SideReadError> {
        let ids = SideIdMaps {
            users: id_map(&self.read("uid_map")?),
            groups: id_map(&self.read("gid_map")?),
        };
        let mut asked = Asked::default();
        let mut names: Vec<&str> = Vec::new();
        for question in questions {
            match question {
                Question::File(path) => {
                    let file = self.file(path, &ids);
                    asked.file.extend(file.map(|file| (path.clone(), file)));
                }
                Question::Process(name) => names.push(name),
                Question::Answers(_) => {}
                Question::Routes => asked.routes = routes().ok(),
                Question::Cgroups => asked.cgroups = self.cgroups(),
            }
        }
        if !names.is_empty()
            && let Some(all) = self.named_processes(&ids)
        {
            for name in names {
                let of_name = all.iter().filter(|(its, _)| is_named(its, name));
                let of_name = of_name.map(|(_, process)| process.clone()).collect();
                asked.process.insert(name.to_owned(), of_name);
            }
        }
        Ok(asked)
    }

    /// The file at a path below the side's root; none where it can't be known.
    fn file(&self, path: &str, ids: &SideIdMaps) -> Option<AskedFile> {
        let relative = CString::new(path.trim_start_matches('/')).ok()?;
        let relative = if relative.is_empty() { c"." } else { &relative };
        let root = self.open_root().ok()?;
        let found = match sys::open_in_root(root.as_fd(), relative, libc::O_PATH | libc::O_NOFOLLOW)
        {
            Ok(file) => Some(self.found(&file, ids)?),
            Err(Errno::ENOENT | Errno::ENOTDIR) => None,
            Err(_) => return None,
        };
        Some(AskedFile {
            exists: found.is_some(),
            found,
        })
    }

    fn found(&self, file: &OwnedFd, ids: &SideIdMaps) -> Option<FoundFile> {
        let stat = fstat(file).ok()?;
        let file_type = file_type(&stat)?;
        let is_link = file_type == FileType::Link;
        let target = is_link.then(|| readlinkat(file, "").ok()).flatten();
        Some(FoundFile {
            file_type,
            mode: format!("{:o}", stat.st_mode & PERMISSIONS),
            uid: self.id_there(&ids.users, stat.st_uid),
            gid: self.id_there(&ids.groups, stat.st_gid),
            size: stat.st_size.try_into().unwrap_or_default(),
            content: (file_type == FileType::File)
                .then(|| content(file))
                .flatten(),
            target: target.map(|target| target.to_string_lossy().into_owned()),
        })
    }

    /// All processes that the side's own proc shows, each with its name; none where they can't be known.
    fn named_processes(&self, ids: &SideIdMaps) -> Option<Vec<(String, AskedProcess)>> {
        let proc = self.below_root(c"proc", PROC)?;
        let mut pids = pids(&proc).filter(|pids| pids.len() <= MOST_PROCESSES)?;
        pids.sort_unstable();
        let mut all = Vec::new();
        for pid in pids {
            let path = CString::new(format!("{pid}/status")).ok()?;
            let status = match sys::open_on_same_mount(proc.as_fd(), &path, libc::O_RDONLY) {
                Ok(status) => status,
                // Something is mounted over this directory, so its content may belong to any process.
                Err(Errno::EXDEV) => return None,
                // The process has ended meanwhile, or is hidden.
                Err(_) => continue,
            };
            let Some(text) = text(status, MOST_STATUS) else {
                continue;
            };
            let status = Status::from_read(text.as_bytes()).ok()?;
            let process = AskedProcess {
                pid: status.pid,
                ppid: status.ppid,
                state: status.state.chars().take(1).collect(),
                nspid: status.nspid.unwrap_or_default(),
                uid: self.id_there(&ids.users, status.euid),
            };
            // `Status` would cut off a name at a colon, or a space at its end.
            let name = text
                .lines()
                .next()
                .and_then(|it| it.strip_prefix("Name:\t"));
            all.push((unescaped(name?), process));
        }
        Some(all)
    }
}

/// The main routing table, with the names of the links.
fn routes() -> nix::Result<Vec<Route>> {
    let links = rtnetlink::links()?.into_iter();
    let names: BTreeMap<u32, String> = links.map(|link| (link.index, link.name)).collect();
    let route = |route: rtnetlink::RouteEntry| Route {
        to: match route.to {
            Some((to, prefix)) => format!("{to}/{prefix}"),
            None => "default".to_owned(),
        },
        via: route.via.map(|it| it.to_string()),
        device: route.link.and_then(|index| names.get(&index).cloned()),
    };
    Ok(rtnetlink::routes()?.into_iter().map(route).collect())
}

/// The beginning of a regular file. It is opened through its descriptor, so that it is the same file.
fn content(file: &OwnedFd) -> Option<String> {
    let path = format!("/proc/self/fd/{}", file.as_raw_fd());
    let mut options = OpenOptions::new();
    let flags = OFlag::O_NONBLOCK | OFlag::O_NOCTTY;
    let file = options.read(true).custom_flags(flags.bits()).open(path);
    let text = text(file.ok()?, MOST_CONTENT)?;
    Some(text.trim_end_matches('\n').to_owned())
}

fn file_type(stat: &FileStat) -> Option<FileType> {
    let kind = SFlag::from_bits_truncate(stat.st_mode) & SFlag::S_IFMT;
    Some(match kind {
        SFlag::S_IFREG => FileType::File,
        SFlag::S_IFDIR => FileType::Directory,
        SFlag::S_IFLNK => FileType::Link,
        SFlag::S_IFIFO => FileType::Fifo,
        SFlag::S_IFSOCK => FileType::Socket,
        SFlag::S_IFCHR | SFlag::S_IFBLK => FileType::Device,
        _ => return None,
    })
}

/// Whether a process has this name. `its`, the kernel's name for the process, may be only the beginning of a long name.
fn is_named(its: &str, name: &str) -> bool {
    let kept = &name.as_bytes()[..name.len().min(LONGEST_NAME)];
    its == String::from_utf8_lossy(kept)
}

/// Undoes the escapes of a name in `/proc/PID/status`: a line feed and a backslash have one.
fn unescaped(name: &str) -> String {
    let mut plain = String::with_capacity(name.len());
    let mut rest = name.chars();
    while let Some(c) = rest.next() {
        plain.push(match c {
            '\\' => match rest.next() {
                Some('n') => '\n',
                Some(other) => other,
                None => '\\',
            },
            c => c,
        });
    }
    plain
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::os::unix::net::UnixListener;
    use std::path::Path;
    use std::process::{Child, Command};

    use nix::sys::stat::Mode;
    use nix::unistd::{getegid, geteuid, mkfifo};

    use super::*;

    /// The answers about this process itself.
    fn answers(questions: &[Question]) -> Asked {
        let pid = std::process::id().cast_signed();
        SideReader::new(pid).unwrap().asked(questions).unwrap()
    }

    fn file(path: &Path) -> AskedFile {
        let path = path.display().to_string();
        let mut answers = answers(&[Question::File(path.clone())]);
        answers.file.remove(&path).unwrap()
    }

    #[test]
    fn a_file_is_told_as_it_is() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        fs::write(at("file"), "one\ntwo\n\n").unwrap();
        fs::set_permissions(at("file"), fs::Permissions::from_mode(0o4750)).unwrap();
        fs::create_dir(at("directory")).unwrap();
        symlink("/nowhere", at("link")).unwrap();
        mkfifo(&at("fifo"), Mode::S_IRWXU).unwrap();
        let _socket = UnixListener::bind(at("socket")).unwrap();
        let told = |name: &str| file(&at(name)).found.unwrap();
        assert_eq!(
            told("file"),
            FoundFile {
                file_type: FileType::File,
                mode: "4750".to_owned(),
                uid: geteuid().as_raw(),
                gid: getegid().as_raw(),
                size: 9,
                content: Some("one\ntwo".to_owned()),
                target: None,
            }
        );
        for (name, file_type) in [
            ("directory", FileType::Directory),
            ("link", FileType::Link),
            ("fifo", FileType::Fifo),
            ("socket", FileType::Socket),
            ("/dev/zero", FileType::Device),
        ] {
            assert_eq!(told(name).file_type, file_type, "{name}");
            assert_eq!(told(name).content, None, "{name}");
        }
        assert_eq!(told("link").target.as_deref(), Some("/nowhere"));
        for gone in ["nothing", "file/below", "link/below"] {
            let gone = file(&at(gone));
            assert_eq!((gone.exists, gone.found), (false, None));
        }
    }

    #[test]
    fn of_a_large_file_the_beginning_is_read() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        fs::write(&path, "x".repeat(100_000)).unwrap();
        let found = file(&path).found.unwrap();
        assert_eq!(found.size, 100_000);
        assert_eq!(found.content.unwrap().len(), 4096);
        assert_eq!(
            file(Path::new("/")).found.unwrap().file_type,
            FileType::Directory
        );
    }

    /// A program with that name, which runs until its child is killed.
    fn sleeping(name: &str, directory: &Path) -> Child {
        let program = directory.join(name);
        symlink("/bin/sleep", &program).unwrap();
        let child = Command::new(&program).arg("1000").spawn().unwrap();
        let comm = format!("/proc/{}/comm", child.id());
        let end = &name[..name.len().min(LONGEST_NAME)];
        while fs::read_to_string(&comm).unwrap() != format!("{end}\n") {
            std::thread::yield_now();
        }
        child
    }

    #[test]
    fn a_process_is_found_by_any_name() {
        let directory = tempfile::tempdir().unwrap();
        for name in ["a\nb (c) \\n", "a name of more than fifteen bytes"] {
            let mut child = sleeping(name, directory.path());
            let answers = answers(&[Question::Process(name.to_owned())]);
            child.kill().unwrap();
            child.wait().unwrap();
            let [process] = answers.process[name].as_slice() else {
                panic!("{answers:?}");
            };
            assert_eq!(process.pid, child.id().cast_signed());
            assert_eq!(process.ppid, std::process::id().cast_signed());
            assert_eq!(process.nspid.last(), Some(&process.pid));
            assert_eq!(process.uid, geteuid().as_raw());
            assert!(["R", "S"].contains(&process.state.as_str()), "{process:?}");
        }
        let nobody = answers(&[Question::Process("nobody has this".to_owned())]);
        assert_eq!(nobody.process["nobody has this"], []);
    }
}
