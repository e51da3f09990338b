//! The process that forks a child process for each file.
//!
//! It is our own binary, started once, with one thread. It loads the word lists, gives up access to the
//! file system and then waits for requests; a forked child has the word lists in memory and pays no
//! startup cost. The zygote never reads a byte of a CV: the file, the response pipe and the control
//! socket, on which it reports how the child exited, pass through as descriptors that only the child
//! keeps.

use std::{
    io::{self, IoSliceMut, Write},
    mem::MaybeUninit,
    os::{
        fd::{AsFd, OwnedFd},
        unix::net::UnixStream,
    },
    panic,
    process::{self, ExitCode},
};

use rustix::{
    event::{PollFd, PollFlags, poll},
    net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, SendFlags, recvmsg, send},
    process::{
        Pid, PidfdFlags, Signal, WaitId, WaitIdOptions, getpid, getppid, pidfd_open, pidfd_send_signal,
        set_parent_process_death_signal, waitid,
    },
    stdio::{dup2_stdin, dup2_stdout},
};

use super::{child, confine, raw, request};

/// The first argument of a program that is to run as a zygote.
pub(super) const MODE: &str = "zygote";
/// The exit code of a child that could not be set up or panicked.
const PANICKED: i32 = 101;

/// A forked child that has not been reaped yet.
struct RunningChild {
    process: OwnedFd,
    /// The zygote reports the child's exit on it, and kills the child when the other end hangs up.
    control: UnixStream,
}

/// Runs the zygote, which receives requests on its standard input, until the parent is gone.
pub(super) fn zygote_main() -> ExitCode {
    raw::close_all_but_standard();
    child::warm_up();
    let Ok(landlock) = confine::confine_zygote() else {
        return ExitCode::from(2);
    };
    if send(io::stdin(), &[1], SendFlags::NOSIGNAL).is_err() {
        return ExitCode::FAILURE;
    }
    let mut request = vec![0; request::MAX_REQUEST_BYTES];
    let mut running = Vec::new();
    loop {
        match poll_once(&mut running, &mut request, landlock) {
            Ok(true) => {}
            Ok(false) => return ExitCode::SUCCESS,
            Err(_) => return ExitCode::FAILURE,
        }
    }
}

/// Waits for events and handles them. Returns `false` when the parent is gone; the children that still
/// run are killed when this process exits.
fn poll_once(running: &mut Vec<RunningChild>, request: &mut [u8], landlock: bool) -> io::Result<bool> {
    let stdin = io::stdin();
    let mut polled = vec![PollFd::new(&stdin, PollFlags::IN)];
    for child in running.iter() {
        polled.push(PollFd::new(&child.process, PollFlags::IN));
        polled.push(PollFd::new(&child.control, PollFlags::IN | PollFlags::RDHUP));
    }
    match poll(&mut polled, None) {
        Err(rustix::io::Errno::INTR) => return Ok(true),
        polled => polled?,
    };
    let ready: Vec<bool> = polled.iter().map(|descriptor| !descriptor.revents().is_empty()).collect();
    drop(polled);
    let mut child_events = ready.iter().skip(1).copied();
    running.retain_mut(|child| {
        let (exited, hung_up) = (child_events.next() == Some(true), child_events.next() == Some(true));
        if hung_up && !exited {
            // A later poll reaps it.
            let _ = pidfd_send_signal(&child.process, Signal::KILL);
        }
        !(exited && child.reap())
    });
    if ready.first() == Some(&true) {
        return fork_child(running, request, landlock);
    }
    Ok(true)
}

impl RunningChild {
    /// Reports how the process exited; returns `false` if it still runs.
    fn reap(&mut self) -> bool {
        let Ok(Some(status)) = waitid(WaitId::PidFd(self.process.as_fd()), WaitIdOptions::EXITED) else { return false };
        let (kind, value) = match status.exit_status() {
            Some(code) => (ChildExit::EXITED, code),
            None => (ChildExit::SIGNALED, status.terminating_signal().unwrap_or_default()),
        };
        // The caller may be gone.
        let _ = self.control.write_all(&[kind, u8::try_from(value).unwrap_or(u8::MAX)]);
        true
    }
}

/// How a child process exited, as reported on the control socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ChildExit {
    /// It exited with this code.
    Exited(u8),
    /// This signal killed it.
    Signaled(u8),
    /// The fork failed.
    NotForked,
}

impl ChildExit {
    const EXITED: u8 = b'E';
    const SIGNALED: u8 = b'S';
    const NOT_FORKED: u8 = b'F';

    /// Parses a report; `None` when the zygote died before it sent one.
    pub(super) fn parse(report: &[u8]) -> Option<Self> {
        match report {
            [Self::EXITED, code] => Some(Self::Exited(*code)),
            [Self::SIGNALED, signal] => Some(Self::Signaled(*signal)),
            [Self::NOT_FORKED, _] => Some(Self::NotForked),
            _ => None,
        }
    }
}

/// Receives one request and forks a child that answers it.
fn fork_child(running: &mut Vec<RunningChild>, request: &mut [u8], landlock: bool) -> io::Result<bool> {
    let Some((length, descriptors)) = receive(request)? else { return Ok(false) };
    let Some([file, response, control]) = descriptors else { return Ok(true) };
    let mut control = UnixStream::from(control);
    let zygote = getpid();
    let forked = raw::fork();
    if let Ok(None) = forked {
        run_child(zygote, file, response, request.get(..length).unwrap_or_default(), landlock);
    }
    request.fill(0);
    let opened = forked.and_then(|pid| Ok(pid.map(|pid| pidfd_open(pid, PidfdFlags::empty())).transpose()?));
    match opened {
        Ok(Some(process)) => running.push(RunningChild { process, control }),
        _ => drop(control.write_all(&[ChildExit::NOT_FORKED, 0])),
    }
    Ok(true)
}

/// Receives one message: the length of the request, and its three descriptors if it has them. `None`
/// when the parent is gone.
fn receive(request: &mut [u8]) -> io::Result<Option<(usize, Option<[OwnedFd; 3]>)>> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(3))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut buffers = [IoSliceMut::new(request)];
    let received = match recvmsg(io::stdin(), &mut buffers, &mut control, RecvFlags::CMSG_CLOEXEC) {
        Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => return Ok(Some((0, None))),
        received => received?,
    };
    let mut descriptors = Vec::new();
    for message in control.drain() {
        if let RecvAncillaryMessage::ScmRights(rights) = message {
            descriptors.extend(rights);
        }
    }
    if received.bytes == 0 && descriptors.is_empty() {
        return Ok(None);
    }
    let complete = !received.flags.intersects(ReturnFlags::TRUNC | ReturnFlags::CTRUNC);
    Ok(Some((received.bytes, descriptors.try_into().ok().filter(|_| complete))))
}

/// Runs in the forked child: keeps the file and the response pipe as the only open descriptors, answers
/// the request and exits.
fn run_child(zygote: Pid, file: OwnedFd, response: OwnedFd, request: &[u8], landlock: bool) -> ! {
    let set_up = || -> io::Result<()> {
        set_parent_process_death_signal(Some(Signal::KILL))?;
        // The zygote may have died before the line above.
        if getppid() != Some(zygote) {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        dup2_stdin(&file)?;
        dup2_stdout(&response)?;
        raw::close_all_but_standard();
        Ok(())
    };
    let code = match set_up() {
        Ok(()) => panic::catch_unwind(|| child::handle_request(request, landlock)).unwrap_or(PANICKED),
        Err(_) => PANICKED,
    };
    process::exit(code)
}
