//! The user and group ids that a lab has, and who writes their maps.
//!
//! Root's lab gets a range of ids that nobody has: `su nobody` and `tar x` work in it, and outside of
//! it these ids have no rights. No two labs share one, or their processes could signal each other and
//! would share keys and limits. An ordinary user's lab gets the ids that `/etc/subuid` and
//! `/etc/subgid` lend to that user; newuidmap(1) maps them. Where neither works, the lab has one id.

use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::ops::Range;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use clap::ValueEnum;
use nix::errno::Errno;
use nix::unistd::{Gid, Uid};
use serde::{Deserialize, Serialize};

use super::call::{Call, IdMap};
use super::identity::LabIdentity;
use super::report::Step;
use super::trace::{self, Reason, errno};

/// Ids that nobody assigns: above those that sssd derives from Active Directory, below those that some
/// programs take for negative numbers. systemd leaves them alone, too (its document "Users, Groups, UIDs
/// and GIDs").
pub(super) const UNASSIGNED: Range<u32> = 0x7800_0000..0x7fff_0000;
/// How many ids a lab gets: those that a distribution assigns, and nobody (65534).
const COUNT: u32 = 0x1_0000;
/// How many it gets where there are fewer, as in a container with few ids: those of system users, and nobody.
const FEW: u32 = 0x2000;
/// Never used: nobody, and the id that 16-bit tools make of -1.
const RESERVED: [u32; 2] = [65534, 65535];

/// The group tty, as on Debian.
const TTY: u64 = 5;

/// The user namespace that the lab's root is root of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LabRoot {
    /// One of the lab's own.
    Own,
    /// The machine's: the lab has no user namespace, and its root started nslab as root.
    Machines,
}

/// How many ids the lab's root may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum IdCount {
    /// Id 0 alone, and setgroups(2) is denied.
    One,
    Many,
}

impl IdCount {
    /// Those of the caller's own user namespace: many if the group tty is among them.
    pub(crate) fn of_ours() -> Self {
        let groups = mapped(&read("/proc/self/gid_map").unwrap_or_default());
        let has_tty = groups
            .iter()
            .any(|(first, count)| (u64::from(*first)..u64::from(*first) + count).contains(&TTY));
        if has_tty { IdCount::Many } else { IdCount::One }
    }
}

/// The ids of a lab.
#[derive(Debug)]
pub(crate) struct LabIds {
    identity: LabIdentity,
    source: IdSource,
}

#[derive(Debug)]
enum IdSource {
    /// The identity alone.
    One,
    /// This number of ids, from the identity on. While their name is held, no other nslab takes them.
    Unassigned { count: u32, _name: UnixListener },
    /// Beside the identity, ids that are lent to the user.
    Subordinate {
        uids: SubordinateIds,
        gids: SubordinateIds,
    },
}

/// A line of subuid(5) or subgid(5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct SubordinateIds {
    first: u32,
    count: u32,
}

impl LabIds {
    /// Chooses the ids for the user who started nslab.
    pub(crate) fn choose() -> Self {
        let ours = LabIdentity::ours();
        if LabIdentity::must_change() {
            return Self::unassigned().unwrap_or_else(|| Self::one(LabIdentity::choose()));
        }
        let source = subordinate_ids_of(ours.uid).unwrap_or(IdSource::One);
        Self {
            identity: ours,
            source,
        }
    }

    /// The identity alone.
    pub(crate) fn one(identity: LabIdentity) -> Self {
        Self {
            identity,
            source: IdSource::One,
        }
    }

    /// A range of ids that nobody has and no other lab uses.
    fn unassigned() -> Option<Self> {
        let taken = TakenIds::read();
        let runs = |range: Range<u32>, count: u32| -> Vec<u32> {
            let firsts = range.step_by(usize::try_from(count).unwrap_or(usize::MAX));
            firsts.filter(|it| taken.is_free(*it, count)).collect()
        };
        // Containers may share ids, and don't see each other's names.
        let random = RandomState::new().hash_one(COUNT);
        let hold = |mut runs: Vec<u32>, count: u32| {
            let length = u64::try_from(runs.len()).ok()?;
            runs.rotate_left(usize::try_from(random.checked_rem(length)?).ok()?);
            runs.into_iter()
                .find_map(|first| Self::hold(first, count).ok())
        };
        hold(runs(UNASSIGNED, COUNT), COUNT).or_else(|| hold(taken.few(), FEW))
    }

    /// Takes the ids from `first` on, unless another nslab has them.
    fn hold(first: u32, count: u32) -> io::Result<Self> {
        let name = SocketAddr::from_abstract_name(format!("nslab-ids-{first}"))?;
        let source = IdSource::Unassigned {
            count,
            _name: UnixListener::bind_addr(&name)?,
        };
        let (uid, gid) = (Uid::from_raw(first), Gid::from_raw(first));
        let identity = LabIdentity { uid, gid };
        Ok(Self { identity, source })
    }

    /// The uid and gid on the machine that uid 0 and gid 0 of the lab are.
    pub(crate) fn identity(&self) -> LabIdentity {
        self.identity
    }

    pub(crate) fn count(&self) -> IdCount {
        match self.source {
            IdSource::One => IdCount::One,
            IdSource::Unassigned { .. } | IdSource::Subordinate { .. } => IdCount::Many,
        }
    }

    /// Writes the maps of the guard, whose user namespace has none yet. If that is refused, the guard itself writes
    /// a map of one id. Returns the steps, and how many ids the guard has now.
    pub(crate) fn map(&self, guard: i32) -> (Vec<Step>, IdCount) {
        let mut steps = Vec::new();
        // One map without the other is of no use: the lab has many ids only if both steps work.
        for map in [IdMap::Gid, IdMap::Uid] {
            let step = match &self.source {
                IdSource::One => return (steps, IdCount::One),
                IdSource::Unassigned { count, .. } => self.write(guard, map, *count),
                IdSource::Subordinate { uids, gids } => {
                    let lent = if map == IdMap::Uid { uids } else { gids };
                    self.run_newidmap(guard, map, *lent)
                }
            };
            let worked = step.worked();
            steps.push(step);
            if !worked {
                return (steps, IdCount::One);
            }
        }
        (steps, IdCount::Many)
    }

    fn write(&self, guard: i32, map: IdMap, count: u32) -> Step {
        let content = range_map(self.identity.uid.as_raw(), count);
        let call = Call::WriteMap {
            pid: guard,
            map,
            content: content.clone(),
        };
        let file = format!("/proc/{guard}/{}", map.file());
        step(call, || fs::write(file, &content))
    }

    /// newuidmap(1) or newgidmap(1), which has the privilege that we lack, and looks up the lent ids.
    fn run_newidmap(&self, guard: i32, map: IdMap, lent: SubordinateIds) -> Step {
        let (program, own) = match map {
            IdMap::Gid => ("newgidmap", self.identity.gid.as_raw()),
            IdMap::Uid | IdMap::Setgroups => ("newuidmap", self.identity.uid.as_raw()),
        };
        let SubordinateIds { first, count } = lent;
        let line = format!("{guard} 0 {own} 1 1 {first} {count}");
        step(Call::from(format!("{program} {line}")), || {
            let mut command = Command::new(program);
            command.args(line.split(' ')).stdin(Stdio::null());
            command.stdout(Stdio::null()).stderr(Stdio::null());
            match command.status() {
                Ok(status) if status.success() => Ok(()),
                Ok(_) => Err(Errno::EPERM),
                Err(error) => Err(errno(&error)),
            }
        })
    }
}

/// A map of `count` ids: from 0 on inside, from `first` on outside. If they are too few to reach nobody (65534),
/// the last one becomes nobody.
fn range_map(first: u32, count: u32) -> String {
    let [nobody, _] = RESERVED;
    if count > nobody {
        return format!("0 {first} {count}");
    }
    let most = count - 1;
    format!("0 {first} {most}\n{nobody} {} 1\n", first + most)
}

fn step<E: Reason>(call: Call, act: impl FnOnce() -> Result<(), E>) -> Step {
    let start = Instant::now();
    let answer = act().map(|()| 0).map_err(|reason| reason.errno());
    trace::step(call, answer, start.elapsed())
}

/// The ids that are lent to this user, if the programs that map them are installed.
fn subordinate_ids_of(user: Uid) -> Option<IdSource> {
    let installed = |program: &str| {
        let path = std::env::var_os("PATH")?;
        let mut places = std::env::split_paths(&path);
        places.find(|it| it.join(program).exists())
    };
    installed("newuidmap").zip(installed("newgidmap"))?;
    let name = name_of(user);
    let line = |path: &str| subordinate_ids_in(&read(path).ok()?, name.as_deref(), user);
    Some(IdSource::Subordinate {
        uids: line("/etc/subuid")?,
        gids: line("/etc/subgid")?,
    })
}

/// The user's name in passwd(5). It is not asked through NSS, whose modules a static program can't load: a user whom
/// passwd(5) doesn't have (LDAP, SSSD) is named by the environment, and newuidmap(1) checks the name itself.
fn name_of(user: Uid) -> Option<String> {
    let table = read("/etc/passwd").unwrap_or_default();
    let variables = ["LOGNAME", "USER"].map(|it| std::env::var(it).ok());
    name_in(&table, user).or_else(|| {
        // Another user's name, as after setpriv(1).
        let is_known = |name: &String| {
            let mut lines = table.lines();
            lines.any(|it| it.split(':').next() == Some(name))
        };
        variables.into_iter().flatten().find(|it| !is_known(it))
    })
}

fn name_in(table: &str, user: Uid) -> Option<String> {
    let line = table
        .lines()
        .find(|line| line.split(':').nth(2) == Some(&user.to_string()))?;
    line.split(':').next().map(str::to_owned)
}

/// The first line for a user, by name or by number.
fn subordinate_ids_in(table: &str, name: Option<&str>, user: Uid) -> Option<SubordinateIds> {
    let number = user.to_string();
    table.lines().find_map(|line| {
        let fields: Vec<_> = line.split(':').map(str::trim).collect();
        let [whose, first, count] = fields[..] else {
            return None;
        };
        if whose != number && Some(whose) != name {
            return None;
        }
        let count: u32 = count.parse().ok()?;
        Some(SubordinateIds {
            first: first.parse().ok()?,
            // Ids from 1 to 65535.
            count: count.min(COUNT - 1),
        })
    })
}

fn read(path: impl AsRef<Path>) -> io::Result<String> {
    fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

/// The ids that exist here, and those that somebody has.
struct TakenIds {
    uids: Vec<(u32, u64)>,
    gids: Vec<(u32, u64)>,
    lent: Vec<(u32, u64)>,
    assigned: Vec<u32>,
}

impl TakenIds {
    fn read() -> Self {
        let text = |path: &str| read(path).unwrap_or_default();
        Self {
            uids: mapped(&text("/proc/self/uid_map")),
            gids: mapped(&text("/proc/self/gid_map")),
            lent: ["/etc/subuid", "/etc/subgid"]
                .map(|path| delegated(&text(path)))
                .concat(),
            assigned: ["/etc/passwd", "/etc/group"]
                .map(|path| assigned(&text(path)))
                .concat(),
        }
    }

    /// Whether ids from `first` on exist and nobody has one of them.
    fn is_free(&self, first: u32, count: u32) -> bool {
        let end = u64::from(first) + u64::from(count);
        let whole = |ranges: &[(u32, u64)]| {
            ranges
                .iter()
                .any(|&(from, count)| from <= first && end <= u64::from(from) + count)
        };
        let overlaps = |&(from, count): &(u32, u64)| {
            u64::from(from) < end && u64::from(first) < u64::from(from) + count
        };
        whole(&self.uids)
            && whole(&self.gids)
            && !self.lent.iter().any(overlaps)
            && !self.assigned.iter().any(|&id| overlaps(&(id, 1)))
    }

    /// The first id of each run of [`FEW`] free ids.
    fn few(&self) -> Vec<u32> {
        /// The most runs that are tried.
        const MOST: usize = 64;
        let runs = self.uids.iter().flat_map(|&(from, count)| {
            let end = u64::from(from) + count;
            let end = u32::try_from(end).map_or(UNASSIGNED.start, |it| it.min(UNASSIGNED.start));
            let slots = from.div_ceil(FEW)..end / FEW;
            slots.rev().map(|slot| slot * FEW)
        });
        let unused = |first: &u32| {
            let run = *first..*first + FEW;
            *first > 0 && !RESERVED.iter().any(|it| run.contains(it))
        };
        runs.filter(unused)
            .filter(|first| self.is_free(*first, FEW))
            .take(MOST)
            .collect()
    }

    /// Ids to try one by one: first those that nobody assigns, then downwards from the end of each
    /// range that exists.
    fn candidates(&self) -> impl Iterator<Item = u32> + '_ {
        const TRIES: u64 = 65536;
        let high = UNASSIGNED.take(64);
        let downwards = self.uids.iter().flat_map(|&(first, count)| {
            let end = u64::from(first) + count;
            (1..=count.min(TRIES)).filter_map(move |back| u32::try_from(end - back).ok())
        });
        high.chain(downwards)
            .filter(|id| *id != 0 && *id != u32::MAX && !RESERVED.contains(id))
            .filter(|id| self.is_free(*id, 1))
    }
}

/// An id mapped here that no user or group has.
pub(super) fn free_id() -> Option<u32> {
    TakenIds::read().candidates().next()
}

/// Ranges `first..first + count` of the ids that exist in a user namespace; user_namespaces(7).
fn mapped(map: &str) -> Vec<(u32, u64)> {
    map.lines()
        .filter_map(|line| {
            let mut fields = line.split_whitespace();
            let inside = fields.next()?.parse().ok()?;
            Some((inside, fields.nth(1)?.parse().ok()?))
        })
        .collect()
}

/// Ranges that subuid(5) or subgid(5) hand out.
fn delegated(table: &str) -> Vec<(u32, u64)> {
    table
        .lines()
        .filter_map(|line| {
            let mut fields = line.split(':');
            let first = fields.nth(1)?.trim().parse().ok()?;
            Some((first, fields.next()?.trim().parse().ok()?))
        })
        .collect()
}

/// The ids in passwd(5) or group(5).
fn assigned(table: &str) -> Vec<u32> {
    let id = |line: &str| line.split(':').nth(2)?.parse().ok();
    table.lines().filter_map(id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(existing: &[(u32, u64)], lent: &[(u32, u64)], assigned: &[u32]) -> TakenIds {
        TakenIds {
            uids: existing.to_vec(),
            gids: existing.to_vec(),
            lent: lent.to_vec(),
            assigned: assigned.to_vec(),
        }
    }

    #[test]
    fn candidates_avoid_what_is_taken_and_what_does_not_exist() {
        let whole = [(0, 4_294_967_295)];
        let first = |existing: &[(u32, u64)], lent: &[(u32, u64)]| {
            taken(existing, lent, &[]).candidates().next()
        };
        let start = UNASSIGNED.start;
        assert_eq!(first(&whole, &[]), Some(start));
        assert_eq!(first(&whole, &[(start, 2)]), Some(start + 2));
        let rootless = first(&[(0, 65536)], &[]);
        assert_eq!(rootless, Some(65533), "a rootless container's map");
        let below = first(&[(0, 65536)], &[(60000, 5536)]);
        assert_eq!(below, Some(59999), "below a taken range");
        assert_eq!(first(&[(0, 1)], &[]), None, "only root exists");
        let known = taken(&[(0, 65536)], &[], &[65533, 65532]);
        assert_eq!(known.candidates().next(), Some(65531));
    }

    #[test]
    fn a_range_is_free_as_a_whole() {
        let start = UNASSIGNED.start;
        let all = taken(&[(0, 4_294_967_295)], &[(start + 70_000, 1)], &[start + 9]);
        assert!(!all.is_free(start, COUNT), "an id in it has a name");
        assert!(!all.is_free(start + COUNT, COUNT), "an id in it is lent");
        assert!(all.is_free(start + 2 * COUNT, COUNT));
        let few = taken(&[(0, 65536)], &[], &[]);
        assert!(!few.is_free(1000, COUNT), "its end doesn't exist");
    }

    #[test]
    fn a_container_with_few_ids_has_runs_of_them() {
        let few = |existing: &[(u32, u64)], assigned: &[u32]| taken(existing, &[], assigned).few();
        let debian = [0, 1000, 65534];
        let runs = few(&[(0, 65536)], &debian);
        assert_eq!(runs, [49152, 40960, 32768, 24576, 16384, 8192]);
        assert_eq!(few(&[(0, 30_000)], &[20_000]), [8192]);
        assert!(few(&[(0, 9000)], &debian).is_empty(), "no whole run");
        assert!(
            few(&[(0, 65536)], &[]).iter().all(|it| *it < 57344),
            "nobody"
        );
        let lent = taken(&[(0, 65536)], &[(10_000, 50_000)], &[]);
        assert!(lent.few().is_empty(), "lent");
        assert_eq!(few(&[(0, 4_294_967_295)], &[]).len(), 64);
        assert_eq!(range_map(8192, FEW), "0 8192 8191\n65534 16383 1\n");
        assert_eq!(range_map(UNASSIGNED.start, COUNT), "0 2013265920 65536");
    }

    #[test]
    fn tables_are_read() {
        assert_eq!(
            delegated("lena:100000:65536\n# no\nbad\n"),
            [(100_000, 65536)]
        );
        assert_eq!(mapped("         0       1000          1\n"), [(0, 1)]);
        assert_eq!(assigned("root:x:0:0::/root:/bin/sh\n\nbad\n"), [0]);
        let users = "root:x:0:0::/root:/bin/sh\nlena:x:1000:1000::/:/bin/sh\n";
        assert_eq!(name_in(users, Uid::from_raw(1000)).as_deref(), Some("lena"));
        assert_eq!(name_in(users, Uid::from_raw(100)), None);
        let lent = |table| subordinate_ids_in(table, Some("lena"), Uid::from_raw(1000));
        let expected = SubordinateIds {
            first: 100_000,
            count: 65535,
        };
        assert_eq!(lent("max:1:2\nlena:100000:65536\n"), Some(expected));
        assert_eq!(lent("1000:100000:65535\n"), Some(expected));
        assert_eq!(lent("max:1:2\nlena:x\n"), None);
    }
}
