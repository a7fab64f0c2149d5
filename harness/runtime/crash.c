#include "runtime/crash.h"
#include "machine/process.h"
#include <execinfo.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define SANITIZED 1
#elif defined __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

enum {
  STACK = 64 << 10,
  FRAMES = 34,
  SKIPPED = 2, /* the handler and the trampoline of the kernel */
  PATIENCE = 5 /* seconds: the unwinder may wait for a lock that the crashed thread has */
};

static const int fatal[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
enum { FATAL = sizeof fatal / sizeof *fatal };

static bool watching;
static pthread_key_t stack_key;
static pid_t first_thread; /* the one that writes */
static volatile sig_atomic_t first_signal;

static void set_all(void (*handler)(int)) {
  struct sigaction action = {.sa_handler = handler, .sa_flags = SA_NODEFER | SA_ONSTACK};
  for (int i = 0; i < FATAL; i++) sigaction(fatal[i], &action, NULL);
}

/* The handler has crashed itself, or takes too long: end by the signal that came first. */
static void give_up(int signal_number) {
  if (signal_number != SIGALRM && __atomic_load_n(&first_thread, __ATOMIC_RELAXED) != gettid())
    for (;;) pause(); /* another thread: the first one ends the process */
  set_all(SIG_DFL);
  kill(getpid(), first_signal);
  _exit(128 + first_signal);
}

static void write_words(const char *words) {
  if (write(STDERR_FILENO, words, strlen(words)) < 0) return;
}

static void on_crash(int signal_number, siginfo_t *info, void *context) {
  void *frames[FRAMES];
  pid_t none = 0;
  (void)context;
  if (!__atomic_compare_exchange_n(&first_thread, &none, gettid(), false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
    give_up(signal_number);
  first_signal = signal_number;
  set_all(give_up);
  signal(SIGALRM, give_up);
  alarm(PATIENCE);
  int n = backtrace(frames, FRAMES);
  write_words("\n" GCB_BACKTRACE_MARK "\n");
  if (n > SKIPPED) backtrace_symbols_fd(frames + SKIPPED, n - SKIPPED, STDERR_FILENO);
  alarm(0);
  set_all(SIG_DFL);
  /* A fault comes again when this returns, as the kernel wrote it first; others have to be sent again. */
  if (info->si_code <= 0) kill(getpid(), signal_number);
}

static void free_stack(void *at) {
  stack_t off = {.ss_flags = SS_DISABLE};
  sigaltstack(&off, NULL);
  munmap(at, STACK);
}

void gcb_crash_thread(void) {
  stack_t now;
  if (!watching || sigaltstack(NULL, &now) != 0 || !(now.ss_flags & SS_DISABLE)) return;
  void *at = mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (at == MAP_FAILED) return;
  stack_t own = {.ss_sp = at, .ss_size = STACK};
  if (sigaltstack(&own, NULL) != 0 || pthread_setspecific(stack_key, at) != 0) free_stack(at);
}

void gcb_crash_watch(void) {
  struct sigaction action = {.sa_sigaction = on_crash, .sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK}, now;
  void *frame[1];
  if (SANITIZED || pthread_key_create(&stack_key, free_stack) != 0) return;
  backtrace(frame, 1); /* loads the unwinder, which allocates: not in the handler */
  watching = true;
  gcb_crash_thread();
  for (int i = 0; i < FATAL; i++)
    if (sigaction(fatal[i], NULL, &now) == 0 && now.sa_handler == SIG_DFL) sigaction(fatal[i], &action, NULL);
}
