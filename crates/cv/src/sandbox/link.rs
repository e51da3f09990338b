//! The server's side of the zygote: asks, listens, and ends what does not answer.

use std::{
    ffi::OsString,
    fs::File,
    io::{self, IoSlice},
    mem::MaybeUninit,
    os::fd::{AsFd, BorrowedFd},
    path::Path,
    process::Stdio,
    time::Duration,
};

use rustix::net::{
    AddressFamily, SendAncillaryBuffer, SendAncillaryMessage, SendFlags, SocketFlags, SocketType, sendmsg, socketpair,
};
use tokio::{
    io::{AsyncReadExt, Interest},
    net::{UnixStream, unix::pipe},
    process::{Child, Command},
};

use super::zygote::{self, End};

/// Within this time a zygote has the word lists in memory, on a machine that does much else.
const START: Duration = Duration::from_secs(60);
/// A process that was told to end is gone within this time, or the zygote is.
const PATIENCE: Duration = Duration::from_secs(5);

/// What a zygote has in memory is handed to each process that it forks in large pages: copying the tables of small
/// ones and giving them back took 12 % of the time of a CV. Other C libraries do not look at it.
const HUGE_PAGES: &str = "glibc.malloc.hugetlb=1";

/// A zygote that listens. It ends when this is dropped, and all that it forked with it.
#[derive(Debug)]
pub(super) struct Link {
    /// Of packets, which tokio's type for streams carries as well: a question is one packet.
    socket: UnixStream,
    _process: Child,
}

/// What became of a question.
#[derive(Debug)]
pub(super) enum Heard {
    /// The process ended so, after these bytes.
    Answer(End, Vec<u8>),
    /// It took too long or said too much, and was ended.
    TooMuch,
    /// The zygote is gone, and what it forked with it.
    Gone,
}

impl Link {
    /// Starts `program` with `arguments` as a zygote. It shares no terminal's Ctrl-C with us: who
    /// stops us lets our jobs end first.
    ///
    /// # Errors
    /// When it cannot be started, or says nothing.
    pub(super) async fn start(program: &Path, arguments: &[OsString]) -> io::Result<Self> {
        let (ours, theirs) = socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)?;
        let ours = std::os::unix::net::UnixStream::from(ours);
        ours.set_nonblocking(true)?;
        let process = Command::new(program)
            .args(arguments)
            .arg(zygote::MODE)
            .env_clear()
            .env("GLIBC_TUNABLES", HUGE_PAGES)
            .current_dir("/")
            .process_group(0)
            .stdin(Stdio::from(theirs))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let mut link = Self { socket: UnixStream::from_std(ours)?, _process: process };
        // It says one byte when it has all in memory.
        tokio::time::timeout(START, link.socket.read_u8()).await??;
        Ok(link)
    }

    /// Has a process of its own answer `question` about `file`, in at most `most` bytes and `wall`.
    ///
    /// # Errors
    /// When this process has no descriptors left.
    pub(super) async fn ask(&self, question: &[u8], file: &File, most: u64, wall: Duration) -> io::Result<Heard> {
        let (answer, theirs) = io::pipe()?;
        let (line, their_line) = std::os::unix::net::UnixStream::pair()?;
        line.set_nonblocking(true)?;
        let mut call =
            Call { answer: pipe::Receiver::from_owned_fd(answer.into())?, line: UnixStream::from_std(line)? };
        if self.send(question, [file.as_fd(), theirs.as_fd(), their_line.as_fd()]).await.is_err() {
            return Ok(Heard::Gone);
        }
        drop((theirs, their_line));
        let heard = tokio::time::timeout(wall, call.listen(most)).await;
        match heard {
            Ok(heard) => heard,
            Err(_) => call.end().await,
        }
    }

    async fn send(&self, question: &[u8], descriptors: [BorrowedFd<'_>; 3]) -> io::Result<()> {
        let send = || {
            let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(3))];
            let mut control = SendAncillaryBuffer::new(&mut space);
            control.push(SendAncillaryMessage::ScmRights(&descriptors));
            Ok(sendmsg(&self.socket, &[IoSlice::new(question)], &mut control, SendFlags::NOSIGNAL)?)
        };
        self.socket.async_io(Interest::WRITABLE, send).await.map(drop)
    }
}

/// One process that is to answer. Dropping it ends the process: the line hangs up.
struct Call {
    answer: pipe::Receiver,
    line: UnixStream,
}

impl Call {
    async fn listen(&mut self, most: u64) -> io::Result<Heard> {
        let mut bytes = Vec::new();
        (&mut self.answer).take(most + 1).read_to_end(&mut bytes).await?;
        if bytes.len() as u64 > most {
            return self.end().await;
        }
        Ok(self.ended().await?.map_or(Heard::Gone, |end| Heard::Answer(end, bytes)))
    }

    /// Ends the process and waits until it is gone.
    async fn end(&mut self) -> io::Result<Heard> {
        rustix::net::shutdown(&self.line, rustix::net::Shutdown::Write)?;
        match tokio::time::timeout(PATIENCE, self.ended()).await {
            Ok(Ok(Some(_))) => Ok(Heard::TooMuch),
            _ => Ok(Heard::Gone),
        }
    }

    async fn ended(&mut self) -> io::Result<Option<End>> {
        let mut said = Vec::new();
        (&mut self.line).take(2).read_to_end(&mut said).await?;
        Ok(End::parse(&said))
    }
}
