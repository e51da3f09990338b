//! Sends and receives lines of text, each with file descriptors, over a unix socket.

use std::{
    io::{self, IoSlice, IoSliceMut},
    mem::MaybeUninit,
    os::fd::{BorrowedFd, OwnedFd},
};

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags,
    recvmsg, sendmsg,
};
use tokio::{io::Interest, net::UnixStream};

/// Descriptors with one line.
const MAX_DESCRIPTORS: usize = 8;
const MAX_LINE_BYTES: usize = 256;

/// Sends `line`, which has no line break, and the descriptors.
///
/// # Errors
/// When the other end is gone, or accepts only a part.
pub async fn send(stream: &UnixStream, line: &str, descriptors: &[BorrowedFd<'_>]) -> io::Result<()> {
    let line = format!("{line}\n");
    let sent = stream.async_io(Interest::WRITABLE, || {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MAX_DESCRIPTORS))];
        let mut ancillary = SendAncillaryBuffer::new(&mut space);
        if !descriptors.is_empty() && !ancillary.push(SendAncillaryMessage::ScmRights(descriptors)) {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        Ok(sendmsg(stream, &[IoSlice::new(line.as_bytes())], &mut ancillary, SendFlags::NOSIGNAL)?)
    });
    // A line is shorter than any socket buffer, so it is never sent in parts.
    if sent.await? == line.len() { Ok(()) } else { Err(io::ErrorKind::WriteZero.into()) }
}

/// Receives the next line and its descriptors, which child processes do not inherit; `None` when the other
/// end is closed.
///
/// # Errors
/// When what arrives is not a line, or longer than [`MAX_LINE_BYTES`].
pub async fn receive(stream: &UnixStream) -> io::Result<Option<(String, Vec<OwnedFd>)>> {
    let mut bytes = [0; MAX_LINE_BYTES];
    let mut descriptors = Vec::new();
    let mut filled = 0;
    // A line is sent in one call, but a stream may deliver it in parts.
    while !bytes[..filled].ends_with(b"\n") {
        let read = stream
            .async_io(Interest::READABLE, || receive_some(stream, &mut bytes[filled..], &mut descriptors))
            .await?;
        if read == 0 {
            return if filled == 0 { Ok(None) } else { Err(io::ErrorKind::UnexpectedEof.into()) };
        }
        filled += read;
    }
    let line = std::str::from_utf8(&bytes[..filled - 1]).map_err(|_| io::ErrorKind::InvalidData)?;
    Ok(Some((line.to_owned(), descriptors)))
}

fn receive_some(stream: &UnixStream, bytes: &mut [u8], descriptors: &mut Vec<OwnedFd>) -> io::Result<usize> {
    if bytes.is_empty() {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MAX_DESCRIPTORS))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut space);
    let read = recvmsg(stream, &mut [IoSliceMut::new(bytes)], &mut ancillary, RecvFlags::CMSG_CLOEXEC)?;
    for message in ancillary.drain() {
        if let RecvAncillaryMessage::ScmRights(rights) = message {
            descriptors.extend(rights);
        }
    }
    Ok(read.bytes)
}

#[cfg(test)]
mod tests {
    use std::{
        fs::File,
        io::{Read, Write},
        os::fd::AsFd,
    };

    use super::*;

    #[tokio::test]
    async fn a_line_arrives_with_its_descriptors_and_the_end_of_the_stream_is_reported() {
        let (here, there) = UnixStream::pair().unwrap();
        let (mut reader, writer) = std::io::pipe().unwrap();
        send(&here, "one two", &[writer.as_fd(), writer.as_fd()]).await.unwrap();
        drop((here, writer));
        let (line, descriptors) = receive(&there).await.unwrap().unwrap();
        assert_eq!((&*line, descriptors.len()), ("one two", 2));
        for descriptor in descriptors {
            File::from(descriptor).write_all(b"x").unwrap();
        }
        let mut said = String::new();
        reader.read_to_string(&mut said).unwrap();
        assert_eq!(said, "xx", "it ends with the last descriptor");
        assert!(receive(&there).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn anything_but_a_line_is_an_error() {
        let (here, there) = UnixStream::pair().unwrap();
        here.try_write(b"half a l").unwrap();
        drop(here);
        assert_eq!(receive(&there).await.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        let (here, there) = UnixStream::pair().unwrap();
        here.try_write(&[b'x'; MAX_LINE_BYTES + 1]).unwrap();
        assert_eq!(receive(&there).await.unwrap_err().kind(), io::ErrorKind::InvalidData);
    }
}
