//! The links, routes and neighbours of the network namespace that we are in, asked for over netlink;
//! rtnetlink(7).
//!
//! Owns the messages and their attributes. Must not know whose namespace it is, or what is done with the
//! answers.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::CStr;
use std::net::IpAddr;
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};

use nix::errno::Errno;
use nix::sys::socket::{
    AddressFamily, MsgFlags, NetlinkAddr, SockFlag, SockProtocol, SockType, bind, recv, send,
    socket,
};
use serde::{Deserialize, Serialize};

/// NLM_F_REQUEST and NLM_F_DUMP; netlink(7).
const REQUEST: u16 = 0x1;
const DUMP: u16 = 0x300;
const ACKNOWLEDGE: u16 = 0x4;
/// A route that the kernel has made for one destination.
const RTM_F_CLONED: u32 = 0x200;
const NDA_DST: u16 = 1;
/// NUD_INCOMPLETE and NUD_FAILED: a neighbour that has not answered.
const UNRESOLVED: u16 = 0x01 | 0x20;
/// netdevice(7).
const IFF_UP: u32 = libc::IFF_UP.cast_unsigned();
const IFLA_OPERSTATE: u16 = 16;
const IFLA_INFO_KIND: u16 = 1;
const IFLA_LINK_NETNSID: u16 = 37;
const NETNSA_NSID: u16 = 1;
const NETNSA_FD: u16 = 3;
/// The operational states of RFC 2863, as ip(8) prints them.
const STATES: [&str; 7] = [
    "UNKNOWN",
    "NOTPRESENT",
    "DOWN",
    "LOWERLAYERDOWN",
    "TESTING",
    "DORMANT",
    "UP",
];

/// A link with its addresses, as the kernel reports it inside its namespace.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Link {
    pub index: u32,
    pub name: String,
    /// `veth`, `bridge` and the like; none for lo and for hardware.
    pub kind: Option<String>,
    /// The index of the other end of a veth pair, or of the link below.
    pub peer: Option<u32>,
    /// The number of that link's network namespace, if it is another one; NETNSA_NSID.
    pub peer_namespace: Option<i32>,
    /// The index of its bridge, if it is a port of one.
    pub master: Option<u32>,
    pub up: bool,
    /// The operational state, as ip(8) prints it.
    pub state: String,
    pub addresses: Vec<String>,
}

/// The links of our network namespace with their addresses.
pub(crate) fn links() -> nix::Result<Vec<Link>> {
    let mut links = Vec::new();
    // struct ifinfomsg: family, type, index, flags, change.
    ask(libc::RTM_GETLINK, DUMP, &[0; 16], |body| {
        let index = number(body.get(4..8)?)?;
        let attributes: BTreeMap<u16, &[u8]> = attributes(body.get(16..)?).collect();
        let state = attributes.get(&IFLA_OPERSTATE)?.first()?;
        let of = |attribute| number(attributes.get(&attribute)?);
        let info = attributes.get(&libc::IFLA_LINKINFO);
        let kind = info.and_then(|info| attribute(info, IFLA_INFO_KIND));
        links.push(Link {
            index,
            name: text(attributes.get(&libc::IFLA_IFNAME)?),
            kind: kind.map(text),
            peer: of(libc::IFLA_LINK),
            peer_namespace: of(IFLA_LINK_NETNSID).map(u32::cast_signed),
            master: of(libc::IFLA_MASTER),
            up: number(body.get(8..12)?)? & IFF_UP != 0,
            state: (*STATES.get(usize::from(*state)).unwrap_or(&STATES[0])).to_owned(),
            addresses: Vec::new(),
        });
        Some(())
    })?;
    // struct ifaddrmsg: family, prefix, flags, scope, index.
    ask(libc::RTM_GETADDR, DUMP, &[0; 8], |body| {
        let (prefix, index) = (*body.get(1)?, number(body.get(4..8)?)?);
        let attributes: BTreeMap<u16, &[u8]> = attributes(body.get(8..)?).collect();
        let address = attributes
            .get(&libc::IFA_LOCAL)
            .or_else(|| attributes.get(&libc::IFA_ADDRESS))?;
        let address = self::address(address)?;
        let link = links.iter_mut().find(|link| link.index == index)?;
        link.addresses.push(format!("{address}/{prefix}"));
        Some(())
    })?;
    Ok(links)
}

/// A route to single addresses or to networks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RouteEntry {
    /// Its destination and the length of the prefix; none for any address.
    pub(crate) to: Option<(IpAddr, u8)>,
    /// The gateway.
    pub(crate) via: Option<IpAddr>,
    /// The index of the link.
    pub(crate) link: Option<u32>,
}

/// The routes of our network namespace's main table.
pub(crate) fn routes() -> nix::Result<Vec<RouteEntry>> {
    let mut routes = Vec::new();
    // struct rtmsg: family, prefixes, tos, table, protocol, scope, type, flags.
    ask(libc::RTM_GETROUTE, DUMP, &[0; 12], |body| {
        let (prefix, table, kind) = (*body.get(1)?, *body.get(4)?, *body.get(7)?);
        let cloned = number(body.get(8..12)?)? & RTM_F_CLONED != 0;
        if table != libc::RT_TABLE_MAIN || kind != libc::RTN_UNICAST || cloned {
            return None;
        }
        let attributes: BTreeMap<u16, &[u8]> = attributes(body.get(12..)?).collect();
        let address_of = |attribute| address(attributes.get(&attribute)?);
        routes.push(RouteEntry {
            to: address_of(libc::RTA_DST).map(|to| (to, prefix)),
            via: address_of(libc::RTA_GATEWAY),
            link: attributes.get(&libc::RTA_OIF).and_then(|it| number(it)),
        });
        Some(())
    })?;
    Ok(routes)
}

/// A neighbour: the index of its link, and its address.
pub(crate) type Neighbour = (u32, IpAddr);

/// The neighbours that have not answered.
pub(crate) fn silent_neighbours() -> nix::Result<BTreeSet<Neighbour>> {
    let mut silent = BTreeSet::new();
    // struct ndmsg: family, padding, index, state, flags, type.
    ask(libc::RTM_GETNEIGH, DUMP, &[0; 12], |body| {
        let index = number(body.get(4..8)?)?;
        let state = u16::from_ne_bytes(body.get(8..10)?.try_into().ok()?);
        let to = attribute(body.get(12..)?, NDA_DST)?;
        if state & UNRESOLVED != 0 {
            silent.insert((index, address(to)?));
        }
        Some(())
    })?;
    Ok(silent)
}

/// Lets the kernel forget a neighbour: the next packet to it asks for it at once.
pub(crate) fn forget_neighbour((index, address): Neighbour) -> nix::Result<()> {
    let (family, bytes) = match address {
        IpAddr::V4(it) => (libc::AF_INET, it.octets().to_vec()),
        IpAddr::V6(it) => (libc::AF_INET6, it.octets().to_vec()),
    };
    let mut request = vec![u8::try_from(family).unwrap_or_default(), 0, 0, 0];
    request.extend(index.to_ne_bytes());
    request.extend([0; 4]);
    let length = u16::try_from(4 + bytes.len()).unwrap_or_default();
    request.extend(length.to_ne_bytes());
    request.extend(NDA_DST.to_ne_bytes());
    request.extend(bytes);
    match ask(libc::RTM_DELNEIGH, ACKNOWLEDGE, &request, |_| None) {
        // An acknowledgement is an error with the number 0.
        Ok(()) | Err(Errno::UnknownErrno) => Ok(()),
        Err(errno) => Err(errno),
    }
}

/// Our network namespace's number for another one; `None` if it has none. NETNSA_NSID.
pub(crate) fn number_of_namespace(namespace: BorrowedFd<'_>) -> nix::Result<Option<i32>> {
    // struct rtgenmsg, padded; then one attribute.
    let mut request = vec![0; 4];
    request.extend(8_u16.to_ne_bytes());
    request.extend(NETNSA_FD.to_ne_bytes());
    request.extend(namespace.as_raw_fd().to_ne_bytes());
    let mut known = None;
    ask(libc::RTM_GETNSID, 0, &request, |body| {
        let nsid = attribute(body.get(4..)?, NETNSA_NSID)?;
        known = number(nsid).map(u32::cast_signed).filter(|nsid| *nsid >= 0);
        Some(())
    })?;
    Ok(known)
}

/// A socket that receives the notifications of these multicast groups.
pub(crate) fn open(flags: SockFlag, groups: u32) -> nix::Result<OwnedFd> {
    let (kind, flags) = (SockType::Raw, flags | SockFlag::SOCK_CLOEXEC);
    let netlink = socket(
        AddressFamily::Netlink,
        kind,
        flags,
        SockProtocol::NetlinkRoute,
    )?;
    bind(netlink.as_raw_fd(), &NetlinkAddr::new(0, groups))?;
    Ok(netlink)
}

fn number(bytes: &[u8]) -> Option<u32> {
    Some(u32::from_ne_bytes(bytes.get(..4)?.try_into().ok()?))
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    Some(match bytes.len() {
        4 => IpAddr::from(<[u8; 4]>::try_from(bytes).ok()?),
        _ => IpAddr::from(<[u8; 16]>::try_from(bytes).ok()?),
    })
}

fn text(bytes: &[u8]) -> String {
    let text = CStr::from_bytes_until_nul(bytes).map_or(bytes, CStr::to_bytes);
    String::from_utf8_lossy(text).into_owned()
}

/// Sends a request, and calls `take` with the body of each answer. A dump has several.
fn ask(
    kind: u16,
    flags: u16,
    request: &[u8],
    mut take: impl FnMut(&[u8]) -> Option<()>,
) -> nix::Result<()> {
    let netlink = open(SockFlag::empty(), 0)?;
    let length = u32::try_from(16 + request.len()).map_err(|_| Errno::EMSGSIZE)?;
    let mut message = length.to_ne_bytes().to_vec();
    message.extend(kind.to_ne_bytes());
    message.extend((REQUEST | flags).to_ne_bytes());
    message.extend([0; 8]); // sequence number and port
    message.extend(request);
    send(netlink.as_raw_fd(), &message, MsgFlags::empty())?;
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let length = recv(netlink.as_raw_fd(), &mut buffer, MsgFlags::empty())?;
        let mut rest = &buffer[..length];
        while let Some(length) = number(rest).map(|length| length as usize) {
            if length < 16 || length > rest.len() {
                break;
            }
            match u16::from_ne_bytes([rest[4], rest[5]]) {
                done if i32::from(done) == libc::NLMSG_DONE => return Ok(()),
                error if i32::from(error) == libc::NLMSG_ERROR => {
                    let errno = number(&rest[16..length]).unwrap_or_default();
                    return Err(Errno::from_raw(errno.cast_signed().wrapping_neg()));
                }
                _ => drop(take(&rest[16..length])),
            }
            rest = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
        }
        if flags & DUMP == 0 {
            return Ok(());
        }
    }
}

/// The value of the first attribute of this kind.
fn attribute(bytes: &[u8], kind: u16) -> Option<&[u8]> {
    let mut all = attributes(bytes);
    all.find_map(|(its, value)| (its == kind).then_some(value))
}

/// Iterates over `struct rtattr`, each padded to four bytes.
fn attributes(mut rest: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    std::iter::from_fn(move || {
        let length = usize::from(u16::from_ne_bytes(rest.get(..2)?.try_into().ok()?));
        let kind = u16::from_ne_bytes(rest.get(2..4)?.try_into().ok()?);
        let value = rest.get(4..length)?;
        rest = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
        // NLA_F_NESTED and NLA_F_NET_BYTEORDER.
        Some((kind & 0x3fff, value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_namespace_has_a_loopback_device() {
        let links = links().unwrap();
        let lo = links.iter().find(|link| link.name == "lo").unwrap();
        assert_eq!((lo.index, &lo.kind, lo.peer), (1, &None, None));
    }
}
