//! The socket between the two processes: packets that stay whole, and descriptors that travel with them.

use super::protocol::PACKET;
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, SocketFlags, SocketType, recvmsg, sendmsg, socketpair, sockopt,
};
use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

/// Most descriptors that travel with one packet: the file, the rows and the output, or files of a bundle. A worker has room for them.
pub(super) const DESCRIPTORS: usize = 4;

/// A connected pair. Neither end is inherited by a program that is started.
pub(super) fn pair() -> io::Result<(OwnedFd, OwnedFd)> {
    Ok(socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)?)
}

/// Whether this is such a socket, made by the process that started this one.
pub(super) fn is_from_parent(socket: impl AsFd) -> bool {
    let kind = sockopt::socket_type(&socket);
    let maker = sockopt::socket_peercred(&socket).map(|peer| peer.pid);
    kind == Ok(SocketType::SEQPACKET) && maker.ok() == rustix::process::getppid()
}

/// A packet that came in.
#[derive(Debug)]
pub(super) struct Received {
    /// Its length; 0 also when the other side is gone.
    pub length: usize,
    /// It was longer than the buffer.
    pub oversized: bool,
    /// Descriptors came with it that there was no room for. They are closed.
    pub unasked: bool,
    /// Descriptors that came with it.
    pub descriptors: Vec<OwnedFd>,
}

/// Sends one packet, with descriptors.
pub(super) fn send(
    socket: impl AsFd,
    packet: &[u8],
    descriptors: &[BorrowedFd<'_>],
    flags: SendFlags,
) -> io::Result<()> {
    if packet.is_empty() || packet.len() > PACKET || descriptors.len() > DESCRIPTORS {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !descriptors.is_empty() && !control.push(SendAncillaryMessage::ScmRights(descriptors)) {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    loop {
        match sendmsg(&socket, &[IoSlice::new(packet)], &mut control, flags | SendFlags::NOSIGNAL) {
            Err(rustix::io::Errno::INTR) => {}
            sent => return sent.map(|_| ()).map_err(io::Error::from),
        }
    }
}

/// Receives one packet without any descriptors: what the parent does.
pub(super) fn receive(socket: impl AsFd, buffer: &mut [u8], flags: RecvFlags) -> io::Result<Received> {
    received(socket, buffer, &mut RecvAncillaryBuffer::default(), flags)
}

/// Receives one packet with its descriptors: what a worker does.
pub(super) fn receive_with_descriptors(socket: impl AsFd, buffer: &mut [u8]) -> io::Result<Received> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS))];
    received(socket, buffer, &mut RecvAncillaryBuffer::new(&mut space), RecvFlags::CMSG_CLOEXEC)
}

fn received(
    socket: impl AsFd,
    buffer: &mut [u8],
    control: &mut RecvAncillaryBuffer<'_>,
    flags: RecvFlags,
) -> io::Result<Received> {
    let mut reset = false;
    loop {
        let message = match recvmsg(&socket, &mut [IoSliceMut::new(buffer)], control, flags) {
            Err(rustix::io::Errno::INTR) => continue,
            // Said once of a peer that ended before it read all that it was sent. What it said itself is still there.
            Err(rustix::io::Errno::CONNRESET) if !reset => {
                reset = true;
                continue;
            }
            message => message?,
        };
        let mut descriptors = Vec::new();
        for part in control.drain() {
            if let RecvAncillaryMessage::ScmRights(passed) = part {
                descriptors.extend(passed);
            }
        }
        return Ok(Received {
            length: message.bytes,
            oversized: message.flags.contains(ReturnFlags::TRUNC),
            unasked: message.flags.contains(ReturnFlags::CTRUNC),
            descriptors,
        });
    }
}
