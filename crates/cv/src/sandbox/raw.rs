//! The few system calls of the sandbox that no safe wrapper offers.
//!
//! The only unsafe code of the product. Refuses to do more than the call itself.

#![expect(
    unsafe_code,
    reason = "no safe wrapper can know that a process has one thread, and that nothing it closes is used again"
)]

use std::io;

use rustix::process::Pid;

/// Splits this process in two. `None` in the new one, which has copies of all memory and all
/// descriptors.
///
/// # Errors
/// When the system has no room for another process.
pub(super) fn fork() -> io::Result<Option<Pid>> {
    // SAFETY: the caller is the zygote, which runs before `main` starts any thread and starts none
    // itself; so no lock can be held in the copy by a thread that is not there.
    match unsafe { libc::fork() } {
        -1 => Err(io::Error::last_os_error()),
        pid => Ok(Pid::from_raw(pid)),
    }
}

/// Closes all descriptors but standard input, output and error, whoever opened them.
pub(super) fn close_all_but_standard() {
    // SAFETY: called at the start of a process, before it opens anything, or in a forked one, which
    // ends by `exit` and so never uses or closes what its memory still names.
    let closed = unsafe { libc::syscall(libc::SYS_close_range, 3_u32, u32::MAX, 0_u32) };
    if closed == 0 {
        return;
    }
    // Linux before 5.9.
    for descriptor in 3..65_536 {
        // SAFETY: as above.
        unsafe { libc::close(descriptor) };
    }
}

/// Whether this process may send signals to the first thread of `pid`. None is sent.
pub(super) fn may_signal(pid: Pid) -> bool {
    let pid = pid.as_raw_nonzero().get();
    // SAFETY: signal 0 only asks.
    unsafe { libc::syscall(libc::SYS_tgkill, pid, pid, 0) == 0 }
}

/// How many descriptors beside standard input, output and error are open.
pub(super) fn open_descriptors() -> u32 {
    let is_open = |descriptor: &i32| {
        // SAFETY: asks for a position and moves nothing.
        let position = unsafe { libc::lseek(*descriptor, 0, libc::SEEK_CUR) };
        position >= 0 || io::Error::last_os_error().raw_os_error() != Some(libc::EBADF)
    };
    u32::try_from((3..1_024).filter(is_open).count()).unwrap_or(u32::MAX)
}
