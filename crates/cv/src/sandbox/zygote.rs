//! The process that forks a reading process for each file.
//!
//! It is our own binary, started once, with one thread. It loads the word lists, takes the file
//! system from itself and then waits for questions; the process that it forks for one has all that
//! in memory and needs not be started. It never reads a byte of a CV: the file, the way of the
//! answer and the line on which it says how the process ended pass through as descriptors, which
//! only the forked process keeps.

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

/// What the first argument says to the program that is to become a zygote.
pub(super) const MODE: &str = "zygote";
/// How a process ended that had to be given up before it answered.
const PANICKED: i32 = 101;

/// A process that reads a file.
struct Running {
    process: OwnedFd,
    /// On it, the end of the process is said; that the other end hangs up means: end it.
    line: UnixStream,
}

/// The whole life of the zygote, which listens on its standard input.
pub(super) fn zygote_main() -> ExitCode {
    raw::close_all_but_standard();
    child::warm_up();
    let Ok(no_files) = confine::confine_zygote() else {
        return ExitCode::from(2);
    };
    if send(io::stdin(), &[1], SendFlags::NOSIGNAL).is_err() {
        return ExitCode::FAILURE;
    }
    let mut question = vec![0; request::LONGEST];
    let mut running = Vec::new();
    loop {
        match turn(&mut running, &mut question, no_files) {
            Ok(true) => {}
            Ok(false) => return ExitCode::SUCCESS,
            Err(_) => return ExitCode::FAILURE,
        }
    }
}

/// Waits until something happens and sees to it. `false` when nobody is left who could ask; then
/// what still runs ends with this process.
fn turn(running: &mut Vec<Running>, question: &mut [u8], no_files: bool) -> io::Result<bool> {
    let stdin = io::stdin();
    let mut polled = vec![PollFd::new(&stdin, PollFlags::IN)];
    for one in running.iter() {
        polled.push(PollFd::new(&one.process, PollFlags::IN));
        polled.push(PollFd::new(&one.line, PollFlags::IN | PollFlags::RDHUP));
    }
    match poll(&mut polled, None) {
        Err(rustix::io::Errno::INTR) => return Ok(true),
        polled => polled?,
    };
    let happened: Vec<bool> = polled.iter().map(|one| !one.revents().is_empty()).collect();
    drop(polled);
    let mut ends = happened.iter().skip(1).copied();
    running.retain_mut(|one| {
        let (ended, hung_up) = (ends.next() == Some(true), ends.next() == Some(true));
        if hung_up && !ended {
            // It is reaped when it has ended.
            let _ = pidfd_send_signal(&one.process, Signal::KILL);
        }
        !(ended && one.reap())
    });
    if happened.first() == Some(&true) {
        return answer(running, question, no_files);
    }
    Ok(true)
}

impl Running {
    /// Says how the process ended; `false` if it has not.
    fn reap(&mut self) -> bool {
        let Ok(Some(status)) = waitid(WaitId::PidFd(self.process.as_fd()), WaitIdOptions::EXITED) else { return false };
        let (kind, value) = match status.exit_status() {
            Some(code) => (End::EXITED, code),
            None => (End::SIGNALLED, status.terminating_signal().unwrap_or_default()),
        };
        // Who asked may be gone.
        let _ = self.line.write_all(&[kind, u8::try_from(value).unwrap_or(u8::MAX)]);
        true
    }
}

/// How a reading process ended, as it is said on the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// With that code.
    Exited(u8),
    /// By that signal.
    Signalled(u8),
    /// It never began.
    NotForked,
}

impl End {
    const EXITED: u8 = b'E';
    const SIGNALLED: u8 = b'S';
    const NOT_FORKED: u8 = b'F';

    /// From what was said; `None` when the zygote died before it could say it.
    pub(super) fn parse(said: &[u8]) -> Option<Self> {
        match said {
            [Self::EXITED, code] => Some(Self::Exited(*code)),
            [Self::SIGNALLED, signal] => Some(Self::Signalled(*signal)),
            [Self::NOT_FORKED, _] => Some(Self::NotForked),
            _ => None,
        }
    }
}

/// Takes one question and forks the process that answers it.
fn answer(running: &mut Vec<Running>, question: &mut [u8], no_files: bool) -> io::Result<bool> {
    let Some((length, descriptors)) = receive(question)? else { return Ok(false) };
    let Some([file, answer, line]) = descriptors else { return Ok(true) };
    let mut line = UnixStream::from(line);
    let zygote = getpid();
    let forked = raw::fork();
    if let Ok(None) = forked {
        become_reader(zygote, file, answer, question.get(..length).unwrap_or_default(), no_files);
    }
    question.fill(0);
    let opened = forked.and_then(|pid| Ok(pid.map(|pid| pidfd_open(pid, PidfdFlags::empty())).transpose()?));
    match opened {
        Ok(Some(process)) => running.push(Running { process, line }),
        _ => drop(line.write_all(&[End::NOT_FORKED, 0])),
    }
    Ok(true)
}

/// One message: the length of the question, and its three descriptors if it has them. `None` when
/// the other side is gone.
fn receive(question: &mut [u8]) -> io::Result<Option<(usize, Option<[OwnedFd; 3]>)>> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(3))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut parts = [IoSliceMut::new(question)];
    let received = match recvmsg(io::stdin(), &mut parts, &mut control, RecvFlags::CMSG_CLOEXEC) {
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
    let whole = !received.flags.intersects(ReturnFlags::TRUNC | ReturnFlags::CTRUNC);
    Ok(Some((received.bytes, descriptors.try_into().ok().filter(|_| whole))))
}

/// The forked process: keeps the file and the way of the answer, and nothing else that is open.
fn become_reader(zygote: Pid, file: OwnedFd, answer: OwnedFd, question: &[u8], no_files: bool) -> ! {
    let ready = || -> io::Result<()> {
        set_parent_process_death_signal(Some(Signal::KILL))?;
        // The zygote may have died before the line above.
        if getppid() != Some(zygote) {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        dup2_stdin(&file)?;
        dup2_stdout(&answer)?;
        raw::close_all_but_standard();
        Ok(())
    };
    let code = match ready() {
        Ok(()) => panic::catch_unwind(|| child::read_and_answer(question, no_files)).unwrap_or(PANICKED),
        Err(_) => PANICKED,
    };
    process::exit(code)
}
