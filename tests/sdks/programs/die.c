/* Dies by a signal, and has a real crashpad_handler report it: the arguments are the handler's command line. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST = 60 };
static char *command[MOST + 2];
static int words;

/* Crashpad's ExceptionInformation. */
static struct __attribute__((packed)) {
    uint64_t siginfo, context;
    int32_t thread;
} exception;

static void report(int signal, siginfo_t *info, void *context) {
    static char option[80];
    exception.siginfo = (uintptr_t)info;
    exception.context = (uintptr_t)context;
    exception.thread = (int32_t)syscall(SYS_gettid);
    prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
    pid_t child = fork();
    if (child == 0) {
        snprintf(option, sizeof option, "--trace-parent-with-exception=%p", (void *)&exception);
        command[words] = option;
        execv(command[0], command);
        _exit(127);
    }
    waitpid(child, NULL, 0);
    raise(signal);
}

__attribute__((noinline)) static int open_device(volatile int *place) {
    *place = 1;
    return words;
}

__attribute__((noinline)) static int start_recording(volatile int *place) {
    int opened = open_device(place);
    return opened + open_device(place);
}

int main(int argc, char **argv) {
    for (int n = 1; n < argc && words < MOST; n++) command[words++] = argv[n];
    struct sigaction action = {.sa_sigaction = report, .sa_flags = SA_SIGINFO | SA_RESETHAND};
    sigaction(SIGSEGV, &action, NULL);
    return start_recording(NULL) + words;
}
