//! Irrevocably limits what the current process may do.

use std::collections::BTreeMap;

use landlock::{ABI, Access, AccessFs, AccessNet, Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetStatus};
use rustix::process::{Resource, Rlimit, getpid, setrlimit};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
};
use serde::{Deserialize, Serialize};

/// Which kernel protections are active. Resource limits always are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confinement {
    /// Whether Landlock denies opening any file.
    pub landlock: bool,
    /// Whether a seccomp filter denies all system calls but those needed to compute.
    pub seccomp: bool,
}

/// The maximum address space of a child in bytes; legitimate files need a tenth.
const MAX_MEMORY_BYTES: u64 = 512 * 1024 * 1024;
/// The maximum processor time of a child in seconds; legitimate files need a fraction of one.
const MAX_CPU_SECONDS: u64 = 5;

/// The system calls that a child needs to compute, to read the open file and to respond.
const ALLOWED_CALLS: &[libc::c_long] = &[
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_pread64,
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_lseek,
    libc::SYS_fstat,
    libc::SYS_close,
    libc::SYS_mmap,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_mprotect,
    libc::SYS_madvise,
    libc::SYS_brk,
    libc::SYS_futex,
    libc::SYS_sigaltstack,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_getrandom,
    libc::SYS_clock_gettime,
    libc::SYS_sched_yield,
    libc::SYS_sched_getaffinity,
    libc::SYS_getpid,
    libc::SYS_getppid,
    libc::SYS_gettid,
    libc::SYS_restart_syscall,
    libc::SYS_exit,
    libc::SYS_exit_group,
];

/// Denies the zygote, and the children that inherit it, the file system and the network. Returns whether
/// the kernel supports that.
///
/// # Errors
/// When a resource limit cannot be set; then no file may be read.
pub fn confine_zygote() -> Result<bool, rustix::io::Errno> {
    limit(Resource::Core, 0)?;
    limit(Resource::Fsize, 0)?;
    Ok(deny_file_system().unwrap_or(false))
}

/// Denies a forked child everything that reading does not need, and returns which protections the kernel
/// supports. `landlock` is the result of [`confine_zygote`]. The child's processor time counts from the
/// fork.
///
/// # Errors
/// As [`confine_zygote`].
pub fn confine(landlock: bool) -> Result<Confinement, rustix::io::Errno> {
    limit(Resource::As, MAX_MEMORY_BYTES)?;
    limit(Resource::Cpu, MAX_CPU_SECONDS)?;
    limit(Resource::Nproc, 0)?;
    limit(Resource::Nofile, 3)?;
    let seccomp = deny_system_calls().is_some();
    Ok(Confinement { landlock, seccomp })
}

/// The maximum address space of the OCR program in bytes; its dictionaries are large.
const OCR_MAX_MEMORY_BYTES: u64 = 2 * 1024 * 1024 * 1024;
/// The maximum processor time of one OCR pass in seconds.
const OCR_MAX_CPU_SECONDS: u64 = 60;
/// The directories and files that hold programs, libraries and dictionaries.
const READABLE_PATHS: [&str; 7] = ["/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache", "/opt", "/nix"];

/// The system calls by which a process reaches other processes, the network or kernel internals.
const DENIED_CALLS: &[libc::c_long] = &[
    libc::SYS_socket,
    libc::SYS_socketpair,
    libc::SYS_connect,
    libc::SYS_bind,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_kill,
    libc::SYS_tkill,
    libc::SYS_rt_sigqueueinfo,
    libc::SYS_rt_tgsigqueueinfo,
    libc::SYS_pidfd_open,
    libc::SYS_pidfd_getfd,
    libc::SYS_pidfd_send_signal,
    libc::SYS_process_madvise,
    libc::SYS_mount,
    libc::SYS_bpf,
    libc::SYS_io_uring_setup,
    libc::SYS_unshare,
    libc::SYS_setns,
];

/// Confines this process before it executes the OCR program, which may only read programs, libraries and
/// dictionaries.
///
/// # Errors
/// When a resource limit cannot be set.
pub fn confine_ocr() -> Result<(), rustix::io::Errno> {
    limit(Resource::As, OCR_MAX_MEMORY_BYTES)?;
    limit(Resource::Cpu, OCR_MAX_CPU_SECONDS)?;
    limit(Resource::Core, 0)?;
    limit(Resource::Fsize, 0)?;
    // As for the zygote's children, not every kernel supports these.
    let _ = allow_readable_paths();
    let _ = deny_reaching_others();
    Ok(())
}

fn allow_readable_paths() -> Result<(), landlock::RulesetError> {
    let abi = ABI::V4;
    let rules = landlock::path_beneath_rules(READABLE_PATHS, AccessFs::from_read(abi));
    let ruleset = Ruleset::default().handle_access(AccessFs::from_all(abi))?.handle_access(AccessNet::from_all(abi))?;
    ruleset.create()?.add_rules(rules)?.restrict_self()?;
    Ok(())
}

fn deny_reaching_others() -> Option<()> {
    let mut rules: Rules = DENIED_CALLS.iter().map(|call| (*call, Vec::new())).collect();
    rules.insert(libc::SYS_tgkill, to_this_process(SeccompCmpOp::Ne)?);
    filter(rules, SeccompAction::Allow, denied()?)
}

fn limit(resource: Resource, max: u64) -> Result<(), rustix::io::Errno> {
    setrlimit(resource, Rlimit { current: Some(max), maximum: Some(max) })
}

/// Activates Landlock without any rule, so that no path can be opened and no port used.
fn deny_file_system() -> Result<bool, landlock::RulesetError> {
    let abi = ABI::V4;
    let status = Ruleset::default()
        .handle_access(AccessFs::from_all(abi))?
        .handle_access(AccessNet::from_all(abi))?
        .create()?
        .restrict_self()?;
    Ok(status.ruleset != RulesetStatus::NotEnforced)
}

/// Activates a seccomp filter under which every call that is not allowed fails with `EPERM`.
fn deny_system_calls() -> Option<()> {
    let mut rules: Rules = ALLOWED_CALLS.iter().map(|call| (*call, Vec::new())).collect();
    // A process aborts by sending itself a signal.
    rules.insert(libc::SYS_tgkill, to_this_process(SeccompCmpOp::Eq)?);
    filter(rules, denied()?, SeccompAction::Allow)
}

type Rules = BTreeMap<libc::c_long, Vec<SeccompRule>>;

/// A rule that compares the first argument of a call with the id of this process.
fn to_this_process(compared: SeccompCmpOp) -> Option<Vec<SeccompRule>> {
    let this = u64::try_from(getpid().as_raw_nonzero().get()).ok()?;
    let condition = SeccompCondition::new(0, SeccompCmpArgLen::Dword, compared, this).ok()?;
    Some(vec![SeccompRule::new(vec![condition]).ok()?])
}

fn denied() -> Option<SeccompAction> {
    Some(SeccompAction::Errno(u32::try_from(libc::EPERM).ok()?))
}

fn filter(rules: Rules, otherwise: SeccompAction, matched: SeccompAction) -> Option<()> {
    let machine = std::env::consts::ARCH.try_into().ok()?;
    let program: BpfProgram = SeccompFilter::new(rules, otherwise, matched, machine).ok()?.try_into().ok()?;
    seccompiler::apply_filter(&program).ok()
}
