//! The few system calls of the sandbox that no safe wrapper offers.
//!
//! The only unsafe code of the product. Each function does one call and nothing else.

#![expect(
    unsafe_code,
    reason = "no safe wrapper can know that a process has one thread, and that nothing it closes is used again"
)]

use std::io;

use rustix::process::Pid;

/// Calls `fork`. Returns `None` in the child, which has copies of all memory and all descriptors.
///
/// # Errors
/// When the system has no room for another process.
pub(super) fn fork() -> io::Result<Option<Pid>> {
    // SAFETY: the caller is the zygote, which runs before `main` starts any thread and starts none
    // itself; so no lock can be held in the child by a thread that does not exist there.
    match unsafe { libc::fork() } {
        -1 => Err(io::Error::last_os_error()),
        pid => Ok(Pid::from_raw(pid)),
    }
}

/// Closes all descriptors but standard input, output and error, including those that other code opened.
pub(super) fn close_all_but_standard() {
    // SAFETY: called at the start of a process, before it opens anything, or in a forked one, which
    // ends by `exit` and so never uses or closes the descriptors that its memory still refers to.
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

/// Returns whether this process may send signals to the first thread of `pid`, without sending one.
pub(super) fn may_signal(pid: Pid) -> bool {
    let pid = pid.as_raw_nonzero().get();
    // SAFETY: signal 0 only checks the permission.
    unsafe { libc::syscall(libc::SYS_tgkill, pid, pid, 0) == 0 }
}

/// Counts the open descriptors other than standard input, output and error.
pub(super) fn open_descriptors() -> u32 {
    let is_open = |descriptor: &i32| {
        // SAFETY: queries the position and does not move it.
        let position = unsafe { libc::lseek(*descriptor, 0, libc::SEEK_CUR) };
        position >= 0 || io::Error::last_os_error().raw_os_error() != Some(libc::EBADF)
    };
    u32::try_from((3..1_024).filter(is_open).count()).unwrap_or(u32::MAX)
}
