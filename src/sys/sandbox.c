/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* sandbox.c - a seccomp filter by libseccomp, as a list of names.
 *
 * The list is what libmicrohttpd, GnuTLS, SQLite, libpq, libcurl and glibc's
 * threads, names and clocks use; test/server.t and the browser tests run with
 * it. A name that this machine's kernel or libseccomp does not know is
 * skipped.
 */
#include "sys/sandbox.h"

#include <asm/termbits.h>
#include <errno.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

/* clang-format off */
static const char *const allowed[] = {
    /* files */
    "read", "write", "readv", "writev", "pread64", "pwrite64", "preadv",
    "pwritev", "lseek", "_llseek", "open", "openat", "close", "close_range",
    "stat", "stat64", "lstat", "lstat64", "fstat", "fstat64", "newfstatat",
    "fstatat64", "statx", "statfs", "fstatfs", "access", "faccessat",
    "faccessat2", "readlink", "readlinkat", "getdents", "getdents64",
    "getcwd", "rename", "renameat", "renameat2", "unlink", "unlinkat",
    "mkdir", "mkdirat", "rmdir", "link", "linkat", "ftruncate",
    "ftruncate64", "fallocate", "fsync", "fdatasync", "sync_file_range",
    "fcntl", "fcntl64", "flock", "fchmod", "fchmodat", "fchown", "umask",
    "utimensat", "dup", "dup2", "dup3", "pipe", "pipe2", "eventfd2",
    "sendfile", "sendfile64", "copy_file_range", "fadvise64",
    /* memory */
    "brk", "munmap", "mremap", "madvise",
    "mlock", "mlock2", "munlock", "msync", "membarrier",
    /* threads, signals, ends */
    "futex", "futex_time64", "set_robust_list",
    "get_robust_list", "rseq", "sched_yield", "sched_getaffinity",
    "sched_getparam", "sched_getscheduler", "gettid", "getpid", "getppid",
    "set_tid_address", "exit", "exit_group", "rt_sigaction",
    "rt_sigprocmask", "rt_sigreturn", "rt_sigtimedwait",
    "rt_sigtimedwait_time64", "rt_sigsuspend", "rt_sigpending",
    "sigaltstack", "restart_syscall", "tgkill", "tkill", "wait4", "prctl",
    "arch_prctl",
    /* clocks, chance, limits, who and what */
    "clock_gettime", "clock_gettime64", "clock_getres", "clock_nanosleep",
    "clock_nanosleep_time64", "nanosleep", "gettimeofday", "time",
    "getrandom", "getrlimit", "ugetrlimit", "prlimit64", "getrusage",
    "sysinfo", "uname", "getuid", "geteuid", "getgid", "getegid", "getuid32",
    "geteuid32", "getgid32", "getegid32", "times",
    /* sockets */
    "socketpair", "connect", "bind", "listen", "accept", "accept4",
    "getsockname", "getpeername", "getsockopt", "setsockopt", "send",
    "sendto", "sendmsg", "sendmmsg", "recv", "recvfrom", "recvmsg",
    "recvmmsg", "recvmmsg_time64", "shutdown", "poll", "ppoll",
    "ppoll_time64", "select", "_newselect", "pselect6", "pselect6_time64",
    "epoll_create", "epoll_create1", "epoll_ctl", "epoll_wait",
    "epoll_pwait", "epoll_pwait2",
};

static const char *const deadly[] = {
    "execve", "execveat", "fork", "vfork", "ptrace", "process_vm_readv",
    "process_vm_writev", "kexec_load", "kexec_file_load", "init_module",
    "finit_module", "delete_module", "bpf", "mount", "umount2",
    "pivot_root", "chroot", "setns", "unshare", "setuid", "setgid",
    "setreuid", "setregid", "setresuid", "setresgid", "setgroups",
    "capset", "reboot", "swapon", "swapoff", "perf_event_open",
    "userfaultfd", "keyctl", "add_key", "request_key", "personality",
};
/* clang-format on */

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||     \
    __has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

static bool add_all(scmp_filter_ctx filter, uint32_t action,
                    const char *const *name, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int number = seccomp_syscall_resolve_name(name[i]);
        int failed = number == __NR_SCMP_ERROR
                         ? 0
                         : seccomp_rule_add(filter, action, number, 0);

        if (failed && failed != -EDOM) /* EDOM: not on this machine */
            return false;
    }
    return true;
}

/* One number of the call, and when it is allowed: this argument, these bits of
 * it, that value. */
struct condition {
    int number;
    unsigned argument;
    scmp_datum_t mask, value;
};

static bool add_conditions(scmp_filter_ctx filter)
{
    const scmp_datum_t all = ~(scmp_datum_t)0;
    const struct condition row[] = {
        /* to databases and web servers, to the resolver, to the kernel about
         * interfaces; neither raw packets nor odd protocols */
        {SCMP_SYS(socket), 0, all, AF_UNIX},
        {SCMP_SYS(socket), 0, all, AF_INET},
        {SCMP_SYS(socket), 0, all, AF_INET6},
        {SCMP_SYS(socket), 0, all, AF_NETLINK},
        /* no new code */
        {SCMP_SYS(mmap), 2, PROT_EXEC, 0},
        {SCMP_SYS(mmap2), 2, PROT_EXEC, 0},
        {SCMP_SYS(mprotect), 2, PROT_EXEC, 0},
        /* threads, not processes */
        {SCMP_SYS(clone), 0, CLONE_VM, CLONE_VM},
        {SCMP_SYS(ioctl), 1, all, FIONBIO},
        {SCMP_SYS(ioctl), 1, all, FIONREAD},
        {SCMP_SYS(ioctl), 1, all, TCGETS},
    };

    for (size_t i = 0; i < COUNT(row); i++) {
        int failed = seccomp_rule_add(
            filter, SCMP_ACT_ALLOW, row[i].number, 1,
            (struct scmp_arg_cmp){row[i].argument, SCMP_CMP_MASKED_EQ,
                                  row[i].mask, row[i].value});

        if (failed && failed != -EDOM)
            return false;
    }
    /* its flags lie in memory, where a filter does not see them: glibc takes
     * clone instead */
    return seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3),
                            0) == 0;
}

bool sandbox_enter(void)
{
    scmp_filter_ctx filter;
    bool good;

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || SANITIZED)
        return false;
    filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    if (!filter)
        return false;
    good = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1) == 0 &&
           add_all(filter, SCMP_ACT_ALLOW, allowed, COUNT(allowed)) &&
           add_all(filter, SCMP_ACT_KILL_PROCESS, deadly, COUNT(deadly)) &&
           add_conditions(filter) && seccomp_load(filter) == 0;
    seccomp_release(filter);
    return good;
}
