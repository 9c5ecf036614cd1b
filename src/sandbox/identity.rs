//! The user and group of the lab's processes on the machine.
//!
//! An ordinary user's lab runs as that user. Root's lab must not run as uid 0: whatever its
//! namespaces, that passes the owner checks of disks, `/proc/sys` and every file of root's. It runs
//! as an id that nobody has.

use std::fmt;
use std::fs;
use std::str::FromStr;

use nix::unistd::{Gid, Uid, User, getegid, geteuid, setgroups, setresgid, setresuid};

use super::call::Call;
use super::trace::{Refused, Tracer};

/// systemd assigns ids up to 0x6fff_ffff to users and containers (its document "Users, Groups, UIDs
/// and GIDs"); nobody assigns those from here on.
const FIRST_CANDIDATE: u32 = 0x7000_0000;
/// Never used: nobody, and what 16-bit tools make of -1.
const RESERVED: [u32; 2] = [65534, 65535];

/// The ids that uid 0 and gid 0 of the lab are on the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    uid: Uid,
    gid: Gid,
}

impl Identity {
    /// The identity of the user who started nslab, root or not.
    pub fn ours() -> Self {
        Self {
            uid: geteuid(),
            gid: getegid(),
        }
    }

    /// Chooses the identity for the user who started nslab.
    pub fn choose() -> Self {
        let own = Self::ours();
        if !own.uid.is_root() {
            return own;
        }
        // Root of a user namespace with a single id can become nobody else, and needn't: outside it
        // is an ordinary user.
        free_id().map_or(own, |id| Self {
            uid: Uid::from_raw(id),
            gid: Gid::from_raw(id),
        })
    }

    /// The user id on the machine.
    pub fn uid(self) -> Uid {
        self.uid
    }

    /// The group id on the machine.
    pub fn gid(self) -> Gid {
        self.gid
    }

    /// Whether taking this identity changes that of the calling process.
    pub fn differs_from_ours(self) -> bool {
        geteuid() != self.uid
    }

    /// Takes this identity, irrevocably, unless the process has it already.
    pub fn assume(self, trace: &mut Tracer) -> Result<(), Refused> {
        if !self.differs_from_ours() {
            return Ok(());
        }
        let call = Call::BecomeUser {
            uid: self.uid.as_raw(),
            gid: self.gid.as_raw(),
        };
        trace.step(call, || self.become_quietly())
    }

    /// Takes this identity without reporting it: for watchers, which belong to no launch.
    pub fn become_quietly(self) -> nix::Result<()> {
        if !self.differs_from_ours() {
            return Ok(());
        }
        setgroups(&[])?;
        setresgid(self.gid, self.gid, self.gid)?;
        setresuid(self.uid, self.uid, self.uid)
    }
}

/// `UID:GID`, as a helper's argument.
impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.uid, self.gid)
    }
}

impl FromStr for Identity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parsed = text.split_once(':').and_then(|(uid, gid)| {
            Some(Self {
                uid: Uid::from_raw(uid.parse().ok()?),
                gid: Gid::from_raw(gid.parse().ok()?),
            })
        });
        parsed.ok_or_else(|| format!("'{text}' is not UID:GID"))
    }
}

/// A user id (and the equal group id) that this user namespace maps and nobody has.
fn free_id() -> Option<u32> {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let uids = mapped(&read("/proc/self/uid_map"));
    let gids = mapped(&read("/proc/self/gid_map"));
    let taken: Vec<_> = ["/etc/subuid", "/etc/subgid"]
        .map(|path| delegated(&read(path)))
        .concat();
    candidates(&uids, &gids, &taken)
        .find(|&id| matches!(User::from_uid(Uid::from_raw(id)), Ok(None)))
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

/// Ids to try: first those that nobody assigns, then downwards from the end of each mapped range.
fn candidates<'a>(
    uids: &'a [(u32, u64)],
    gids: &'a [(u32, u64)],
    taken: &'a [(u32, u64)],
) -> impl Iterator<Item = u32> + 'a {
    const TRIES: u64 = 65536;
    let holds = |ranges: &[(u32, u64)], id: u32| {
        ranges
            .iter()
            .any(|&(first, count)| id >= first && u64::from(id - first) < count)
    };
    let high = (0..).map(|i| FIRST_CANDIDATE + i).take(64);
    let downwards = uids.iter().flat_map(|&(first, count)| {
        let end = u64::from(first) + count;
        (1..=count.min(TRIES)).filter_map(move |back| u32::try_from(end - back).ok())
    });
    high.chain(downwards).filter(move |&id| {
        id != 0
            && id != u32::MAX
            && !RESERVED.contains(&id)
            && holds(uids, id)
            && holds(gids, id)
            && !holds(taken, id)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn candidates_avoid_what_is_taken_and_what_does_not_exist() {
        let whole = [(0, 4_294_967_295)];
        let first =
            |uids: &[(u32, u64)], taken: &[(u32, u64)]| candidates(uids, uids, taken).next();
        assert_eq!(first(&whole, &[]), Some(FIRST_CANDIDATE));
        assert_eq!(
            first(&whole, &[(FIRST_CANDIDATE, 2)]),
            Some(FIRST_CANDIDATE + 2)
        );
        assert_eq!(
            first(&[(0, 65536)], &[]),
            Some(65533),
            "a rootless container's map"
        );
        assert_eq!(
            first(&[(0, 65536)], &[(60000, 5536)]),
            Some(59999),
            "below a taken range"
        );
        assert_eq!(first(&[(0, 1)], &[]), None, "only root exists");
    }

    #[test]
    fn tables_are_read() {
        assert_eq!(
            delegated("lena:100000:65536\n# no\nbad\n"),
            [(100_000, 65536)]
        );
        assert_eq!(mapped("         0       1000          1\n"), [(0, 1)]);
    }
}
