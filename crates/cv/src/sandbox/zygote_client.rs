//! The parent's side of the zygote: sends requests, reads responses and ends children that exceed their
//! limits.

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

use super::zygote::{self, ChildExit};

/// How long a zygote may take to load the word lists on a busy machine.
const START_TIMEOUT: Duration = Duration::from_secs(60);
/// How long a killed child may take to exit before the zygote counts as gone.
const KILL_TIMEOUT: Duration = Duration::from_secs(5);

/// Gives the zygote's heap large pages. Forked children share it copy-on-write, and copying the page
/// tables of small pages took 12 % of the time of a CV. C libraries other than glibc ignore it.
const HUGE_PAGES: &str = "glibc.malloc.hugetlb=1";

/// A connection to a running zygote. Dropping it ends the zygote and all processes that it forked.
#[derive(Debug)]
pub(super) struct ZygoteClient {
    /// A packet socket in tokio's type for streams, which works for both; a request is one packet.
    socket: UnixStream,
    _process: Child,
}

/// How a request to a child process ended.
#[derive(Debug)]
pub(super) enum RawResponse {
    /// The child exited after it wrote these bytes.
    Complete(ChildExit, Vec<u8>),
    /// The child exceeded the time or length limit and was killed.
    LimitExceeded,
    /// The zygote is gone, and the child with it.
    ZygoteGone,
}

impl ZygoteClient {
    /// Starts `program` with `arguments` as a zygote, in a process group of its own: a Ctrl-C in the
    /// terminal must not end it before the jobs that use it.
    ///
    /// # Errors
    /// When it cannot be started, or does not report that it is ready in time.
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
        let mut client = Self { socket: UnixStream::from_std(ours)?, _process: process };
        // It sends one byte when it is ready.
        tokio::time::timeout(START_TIMEOUT, client.socket.read_u8()).await??;
        Ok(client)
    }

    /// Has a forked child answer `request` about `file`, with at most `max_bytes` within `wall_time`.
    ///
    /// # Errors
    /// When this process has no descriptors left.
    pub(super) async fn call(
        &self,
        request: &[u8],
        file: &File,
        max_bytes: u64,
        wall_time: Duration,
    ) -> io::Result<RawResponse> {
        let (response, response_end) = io::pipe()?;
        let (control, control_end) = std::os::unix::net::UnixStream::pair()?;
        control.set_nonblocking(true)?;
        let mut call =
            Call { response: pipe::Receiver::from_owned_fd(response.into())?, control: UnixStream::from_std(control)? };
        if self.send(request, [file.as_fd(), response_end.as_fd(), control_end.as_fd()]).await.is_err() {
            return Ok(RawResponse::ZygoteGone);
        }
        drop((response_end, control_end));
        let response = tokio::time::timeout(wall_time, call.receive(max_bytes)).await;
        match response {
            Ok(response) => response,
            Err(_) => call.kill().await,
        }
    }

    async fn send(&self, request: &[u8], descriptors: [BorrowedFd<'_>; 3]) -> io::Result<()> {
        let send = || {
            let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(3))];
            let mut control = SendAncillaryBuffer::new(&mut space);
            control.push(SendAncillaryMessage::ScmRights(&descriptors));
            Ok(sendmsg(&self.socket, &[IoSlice::new(request)], &mut control, SendFlags::NOSIGNAL)?)
        };
        self.socket.async_io(Interest::WRITABLE, send).await.map(drop)
    }
}

/// A request in flight. Dropping it closes the control socket, upon which the zygote kills the child.
struct Call {
    response: pipe::Receiver,
    control: UnixStream,
}

impl Call {
    async fn receive(&mut self, max_bytes: u64) -> io::Result<RawResponse> {
        let mut bytes = Vec::new();
        (&mut self.response).take(max_bytes + 1).read_to_end(&mut bytes).await?;
        if bytes.len() as u64 > max_bytes {
            return self.kill().await;
        }
        Ok(self.exit().await?.map_or(RawResponse::ZygoteGone, |exit| RawResponse::Complete(exit, bytes)))
    }

    /// Has the zygote kill the child and waits until it is gone.
    async fn kill(&mut self) -> io::Result<RawResponse> {
        rustix::net::shutdown(&self.control, rustix::net::Shutdown::Write)?;
        match tokio::time::timeout(KILL_TIMEOUT, self.exit()).await {
            Ok(Ok(Some(_))) => Ok(RawResponse::LimitExceeded),
            _ => Ok(RawResponse::ZygoteGone),
        }
    }

    /// Waits for the report of how the child exited; `None` when the zygote died before it sent one.
    async fn exit(&mut self) -> io::Result<Option<ChildExit>> {
        let mut report = Vec::new();
        (&mut self.control).take(2).read_to_end(&mut report).await?;
        Ok(ChildExit::parse(&report))
    }
}
