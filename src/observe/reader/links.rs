//! The links of the network namespace that we are in, asked for over netlink; rtnetlink(7).
//!
//! Owns the messages and their attributes. Must not know which side the namespace belongs to.

use std::collections::BTreeMap;
use std::ffi::CStr;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::os::fd::AsRawFd;

use nix::errno::Errno;
use nix::sys::socket::{MsgFlags, SockFlag, recv, send};

use super::rtnetlink;
use crate::observe::detail::Link;
use crate::observe::snapshot::Interface;

/// NLM_F_REQUEST and NLM_F_DUMP; netlink(7).
const DUMP: u16 = 0x1 | 0x300;
/// netdevice(7).
const IFF_UP: u32 = libc::IFF_UP.cast_unsigned();
const IFLA_OPERSTATE: u16 = 16;
const IFLA_LINK_NETNSID: u16 = 37;
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

/// The links of our network namespace with their addresses; rtnetlink(7).
pub(super) fn links() -> nix::Result<Vec<Link>> {
    let mut links = Vec::new();
    // struct ifinfomsg: family, type, index, flags, change.
    dump(libc::RTM_GETLINK, &[0; 16], |body| {
        let index = number(body.get(4..8)?)?;
        let attributes: BTreeMap<u16, &[u8]> = attributes(body.get(16..)?).collect();
        let name = attributes.get(&libc::IFLA_IFNAME)?;
        let name = CStr::from_bytes_until_nul(name).ok()?;
        let state = attributes.get(&IFLA_OPERSTATE)?.first()?;
        let peer = attributes.get(&libc::IFLA_LINK);
        links.push(Link {
            index,
            name: name.to_string_lossy().into_owned(),
            peer: peer.and_then(|peer| number(peer)),
            peer_elsewhere: attributes.contains_key(&IFLA_LINK_NETNSID),
            up: number(body.get(8..12)?)? & IFF_UP != 0,
            state: (*STATES.get(usize::from(*state)).unwrap_or(&STATES[0])).to_owned(),
            addresses: Vec::new(),
        });
        Some(())
    })?;
    // struct ifaddrmsg: family, prefix, flags, scope, index.
    dump(libc::RTM_GETADDR, &[0; 8], |body| {
        let (prefix, index) = (*body.get(1)?, number(body.get(4..8)?)?);
        let attributes: BTreeMap<u16, &[u8]> = attributes(body.get(8..)?).collect();
        let address = attributes
            .get(&libc::IFA_LOCAL)
            .or_else(|| attributes.get(&libc::IFA_ADDRESS))?;
        let address = match address.len() {
            4 => Ipv4Addr::from(<[u8; 4]>::try_from(*address).ok()?).to_string(),
            _ => Ipv6Addr::from(<[u8; 16]>::try_from(*address).ok()?).to_string(),
        };
        let link = links.iter_mut().find(|link| link.index == index)?;
        link.addresses.push(format!("{address}/{prefix}"));
        Some(())
    })?;
    Ok(links)
}

/// The same links as a snapshot keeps them.
pub(super) fn interfaces() -> nix::Result<Vec<Interface>> {
    let interface = |link: Link| Interface {
        index: link.index,
        name: link.name,
        up: link.up,
        peer: link.peer,
        peer_elsewhere: link.peer_elsewhere,
        addresses: link.addresses,
    };
    Ok(links()?.into_iter().map(interface).collect())
}

fn number(bytes: &[u8]) -> Option<u32> {
    Some(u32::from_ne_bytes(bytes.get(..4)?.try_into().ok()?))
}

/// Requests all objects of a kind, and calls `take` with the body of each answer.
fn dump(kind: u16, request: &[u8], mut take: impl FnMut(&[u8]) -> Option<()>) -> nix::Result<()> {
    let netlink = rtnetlink(SockFlag::empty(), 0)?;
    let length = u32::try_from(16 + request.len()).map_err(|_| Errno::EMSGSIZE)?;
    let mut message = length.to_ne_bytes().to_vec();
    message.extend(kind.to_ne_bytes());
    message.extend(DUMP.to_ne_bytes());
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
    }
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
