//! How a process takes its own rights away.

use std::collections::BTreeMap;

use landlock::{ABI, Access, AccessFs, AccessNet, Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetStatus};
use rustix::process::{Resource, Rlimit, getpid, setrlimit};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
};

use super::answer::Confinement;

/// Address space in bytes: legitimate files need a tenth.
const MEMORY: u64 = 512 * 1024 * 1024;
/// Processor time in seconds: legitimate files need a fraction of one.
const SECONDS: u64 = 5;

/// The calls that computing, reading the open file and answering need.
const ALLOWED: &[libc::c_long] = &[
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

/// Takes the file system and the network from the process that forks the others, which inherit
/// that they are gone; gives whether the kernel could.
///
/// # Errors
/// When the resource limits, which every Linux has, cannot be set: then nothing may be read.
pub fn confine_zygote() -> Result<bool, rustix::io::Errno> {
    limit(Resource::Core, 0)?;
    limit(Resource::Fsize, 0)?;
    Ok(close_file_system().unwrap_or(false))
}

/// Takes away all that reading does not need from a process that a zygote forked; gives which walls
/// the kernel put up. The processor time of a process counts from when it was forked.
///
/// # Errors
/// As [`confine_zygote`].
pub fn confine(no_files: bool) -> Result<Confinement, rustix::io::Errno> {
    limit(Resource::As, MEMORY)?;
    limit(Resource::Cpu, SECONDS)?;
    limit(Resource::Nproc, 0)?;
    limit(Resource::Nofile, 3)?;
    let no_calls = close_kernel().is_some();
    Ok(Confinement { no_files, no_calls })
}

/// Address space of recognition in bytes: its dictionaries are large.
const RECOGNISER_MEMORY: u64 = 2 * 1024 * 1024 * 1024;
/// Processor time of one pass of recognition, in seconds.
const RECOGNISER_SECONDS: u64 = 60;
/// Where programs, libraries and dictionaries are.
const READABLE: [&str; 7] = ["/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache", "/opt", "/nix"];

/// The calls by which a process reaches others, the network or the kernel's inside.
const FORBIDDEN: &[libc::c_long] = &[
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

/// Leaves a program that is about to be started the right to read programs, libraries and
/// dictionaries.
///
/// # Errors
/// When a resource limit cannot be set.
pub fn confine_recogniser() -> Result<(), rustix::io::Errno> {
    limit(Resource::As, RECOGNISER_MEMORY)?;
    limit(Resource::Cpu, RECOGNISER_SECONDS)?;
    limit(Resource::Core, 0)?;
    limit(Resource::Fsize, 0)?;
    // Like the walls of the reading process: not every kernel has them.
    let _ = leave_readable();
    let _ = forbid();
    Ok(())
}

fn leave_readable() -> Result<(), landlock::RulesetError> {
    let abi = ABI::V4;
    let rules = landlock::path_beneath_rules(READABLE, AccessFs::from_read(abi));
    let ruleset = Ruleset::default().handle_access(AccessFs::from_all(abi))?.handle_access(AccessNet::from_all(abi))?;
    ruleset.create()?.add_rules(rules)?.restrict_self()?;
    Ok(())
}

fn forbid() -> Option<()> {
    let mut rules: Rules = FORBIDDEN.iter().map(|call| (*call, Vec::new())).collect();
    rules.insert(libc::SYS_tgkill, to_this_process(SeccompCmpOp::Ne)?);
    filter(rules, SeccompAction::Allow, denied()?)
}

fn limit(resource: Resource, most: u64) -> Result<(), rustix::io::Errno> {
    setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })
}

/// Landlock with no rule: no path may be opened, no port used.
fn close_file_system() -> Result<bool, landlock::RulesetError> {
    let abi = ABI::V4;
    let status = Ruleset::default()
        .handle_access(AccessFs::from_all(abi))?
        .handle_access(AccessNet::from_all(abi))?
        .create()?
        .restrict_self()?;
    Ok(status.ruleset != RulesetStatus::NotEnforced)
}

/// A filter that answers every other call with "not permitted".
fn close_kernel() -> Option<()> {
    let mut rules: Rules = ALLOWED.iter().map(|call| (*call, Vec::new())).collect();
    // How a process aborts itself.
    rules.insert(libc::SYS_tgkill, to_this_process(SeccompCmpOp::Eq)?);
    filter(rules, denied()?, SeccompAction::Allow)
}

type Rules = BTreeMap<libc::c_long, Vec<SeccompRule>>;

/// That the first argument of a call is this process, or is another one.
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
