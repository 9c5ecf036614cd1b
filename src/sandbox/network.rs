//! The lab host's network: lo, and a veth pair so that a container with NET visibly lacks
//! something. Sends the two rtnetlink(7) messages itself.

use nix::errno::Errno;
use nix::sys::socket::{
    AddressFamily, MsgFlags, NetlinkAddr, SockFlag, SockProtocol, SockType, bind, recv, send,
    socket,
};
use std::os::fd::AsRawFd;

use super::call::Call;
use super::report::Shortfall;
use super::root;
use super::trace::{Refused, Tracer};

/// NLM_F_REQUEST and NLM_F_ACK; netlink(7).
const ACKNOWLEDGED: u16 = 0x1 | 0x4;
/// NLM_F_CREATE and NLM_F_EXCL.
const NEW: u16 = 0x400 | 0x200;
/// `VETH_INFO_PEER` of `<linux/veth.h>`.
const VETH_INFO_PEER: u16 = 1;
/// lo is the first interface of every network namespace.
const LO: i32 = 1;

/// Brings lo up and makes the pair `lab0`, `lab1`. Tutorials call theirs veth0 first.
pub(super) fn build(trace: &mut Tracer) -> Result<(), Refused> {
    lo_up(trace)?;
    let pair = trace.step(Call::NewVeth, || request(ACKNOWLEDGED | NEW, &veth()));
    // Without veth in the kernel, lo alone will do.
    root::report_if_refused(trace, &pair, Shortfall::Veth);
    Ok(())
}

pub(super) fn lo_up(trace: &mut Tracer) -> Result<(), Refused> {
    let up = libc::IFF_UP.cast_unsigned();
    trace.step(Call::LoopbackUp, || request(ACKNOWLEDGED, &link(LO, up)))
}

/// `struct ifinfomsg`: an interface by index, with flags to set.
fn link(index: i32, flags: u32) -> Vec<u8> {
    let mut body = vec![0; 4]; // family, padding, device type
    body.extend(index.to_ne_bytes());
    body.extend(flags.to_ne_bytes());
    body.extend(flags.to_ne_bytes()); // which flags to change
    body
}

fn veth() -> Vec<u8> {
    let mut peer = link(0, 0);
    peer.extend(attribute(libc::IFLA_IFNAME, b"lab1\0"));
    let data = attribute(VETH_INFO_PEER, &peer);
    let mut info = attribute(libc::IFLA_INFO_KIND, b"veth\0");
    info.extend(attribute(libc::IFLA_INFO_DATA, &data));
    let mut body = link(0, 0);
    body.extend(attribute(libc::IFLA_IFNAME, b"lab0\0"));
    body.extend(attribute(libc::IFLA_LINKINFO, &info));
    body
}

/// `struct rtattr` with its value, padded to four bytes.
fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
    let length = u16::try_from(4 + value.len()).unwrap_or(u16::MAX);
    let mut bytes = Vec::with_capacity(usize::from(length) + 3);
    bytes.extend(length.to_ne_bytes());
    bytes.extend(kind.to_ne_bytes());
    bytes.extend(value);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

/// Sends one RTM_NEWLINK and reads the kernel's answer to it.
fn request(flags: u16, body: &[u8]) -> Result<(), Errno> {
    let netlink = socket(
        AddressFamily::Netlink,
        SockType::Raw,
        SockFlag::SOCK_CLOEXEC,
        SockProtocol::NetlinkRoute,
    )?;
    bind(netlink.as_raw_fd(), &NetlinkAddr::new(0, 0))?;
    let length = u32::try_from(16 + body.len()).map_err(|_| Errno::EMSGSIZE)?;
    let mut message = Vec::new();
    message.extend(length.to_ne_bytes());
    message.extend(libc::RTM_NEWLINK.to_ne_bytes());
    message.extend(flags.to_ne_bytes());
    message.extend([0; 8]); // sequence number, port
    message.extend(body);
    send(netlink.as_raw_fd(), &message, MsgFlags::empty())?;
    let mut answer = [0_u8; 4096];
    let received = recv(netlink.as_raw_fd(), &mut answer, MsgFlags::empty())?;
    // struct nlmsghdr, then the error: 0 or a negative errno.
    let error = answer[..received]
        .get(16..20)
        .and_then(|bytes| bytes.try_into().ok());
    match error.map(i32::from_ne_bytes) {
        Some(0) => Ok(()),
        Some(negative) => Err(Errno::from_raw(-negative)),
        None => Err(Errno::EBADMSG),
    }
}
