/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_sandbox.c - what a process in the sandbox can do and what not. Each try is
 * made by a child of its own. Skips where there is no filter (sanitizers).
 */
#include "sys/sandbox.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { GOOD = 0, REFUSED = 1, OTHER = 2, NO_SANDBOX = 3, KILLED = 100 };

static int judge(long result)
{
    return result >= 0 ? GOOD : errno == EPERM ? REFUSED : OTHER;
}

static int in_child(int (*act)(void))
{
    pid_t child = fork();
    int status = 0;

    if (child == 0) {
        struct rlimit none = {0, 0};

        setrlimit(RLIMIT_CORE, &none);
        _exit(sandbox_enter() ? act() : NO_SANDBOX);
    }
    waitpid(child, &status, 0);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS
               ? KILLED
               : WEXITSTATUS(status);
}

static int do_nothing(void)
{
    return GOOD;
}

static int run_program(void)
{
    char *const argument[] = {(char *)"true", NULL};

    return judge(execv("/bin/true", argument));
}

static int trace_parent(void)
{
    return judge(ptrace(PTRACE_ATTACH, getppid(), NULL, NULL));
}

static int mount_something(void)
{
    return judge(mount("none", "/mnt", "tmpfs", 0, ""));
}

static int become_nobody(void)
{
    return judge(setuid(65534));
}

static int make_process(void)
{
    pid_t child = fork();

    if (child == 0)
        _exit(0);
    return judge(child);
}

static int raw_packets(void)
{
    return judge(socket(AF_PACKET, SOCK_RAW, 0));
}

static int new_code(void)
{
    int zero = open("/dev/zero", O_RDWR);
    void *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE,
                    zero, 0);

    return judge(at == MAP_FAILED ? -1 : 0);
}

static int code_from_data(void)
{
    int zero = open("/dev/zero", O_RDWR);
    void *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, zero, 0);

    return judge(at == MAP_FAILED ? 0 : mprotect(at, 4096, PROT_EXEC));
}

static void *one(void *context)
{
    *(int *)context = 1;
    return NULL;
}

static int make_thread(void)
{
    pthread_t thread;
    int done = 0;

    return !pthread_create(&thread, NULL, one, &done) &&
                   !pthread_join(thread, NULL) && done
               ? GOOD
               : OTHER;
}

static int use_files(void)
{
    char name[] = "/tmp/cobijo-sandbox-XXXXXX";
    int file = mkstemp(name);
    int good = file >= 0 && write(file, "a", 1) == 1 && fsync(file) == 0 &&
               unlink(name) == 0;

    return good ? GOOD : OTHER;
}

static int find_address(void)
{
    struct addrinfo *info = NULL;

    return getaddrinfo("localhost", "80", NULL, &info) == 0 ? GOOD : OTHER;
}

int main(void)
{
    static const struct {
        const char *name;
        int (*act)(void);
        int want;
    } row[] = {
        {"a program is not started", run_program, KILLED},
        {"nobody is traced", trace_parent, KILLED},
        {"nothing is mounted", mount_something, KILLED},
        {"who it is stays", become_nobody, KILLED},
        {"no process is made", make_process, REFUSED},
        {"no raw packets", raw_packets, REFUSED},
        {"no memory to write and run", new_code, REFUSED},
        {"data does not become code", code_from_data, REFUSED},
        {"threads are made", make_thread, GOOD},
        {"files are written", use_files, GOOD},
        {"names are found", find_address, GOOD},
    };

    struct tap tap = {0};

    if (in_child(do_nothing) == NO_SANDBOX) {
        printf("1..0 # SKIP no filter here (sanitizer, or the kernel)\n");
        return 0;
    }
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        int got = in_child(row[i].act);

        tap_is_int(&tap, got, row[i].want, row[i].name);
    }
    return tap_done(&tap);
}
