/*
** Threads. See threads.h.
*/
#include "base/threads.h"

#include <assert.h>

#ifdef _WIN32

static DWORD WINAPI run_thread(void *pointer) {
  kv_thread_start *start = pointer;
  start->run(start->context);
  return 0;
}

int kv_thread_create(kv_thread *thread, kv_thread_start *start) {
  *thread = CreateThread(NULL, 0, run_thread, start, 0, NULL);
  return *thread != NULL;
}

void kv_thread_join(kv_thread thread) {
  WaitForSingleObject(thread, INFINITE);
  CloseHandle(thread);
}

int kv_monitor_init(kv_monitor *monitor) {
  InitializeSRWLock(&monitor->lock);
  InitializeConditionVariable(&monitor->changed);
  return 1;
}

void kv_monitor_destroy(kv_monitor *monitor) {
  (void)monitor; /* neither part has anything to free */
}

void kv_monitor_enter(kv_monitor *monitor) {
  AcquireSRWLockExclusive(&monitor->lock);
}

void kv_monitor_leave(kv_monitor *monitor) {
  ReleaseSRWLockExclusive(&monitor->lock);
}

void kv_monitor_wait(kv_monitor *monitor, int milliseconds) {
  SleepConditionVariableSRW(&monitor->changed, &monitor->lock, (DWORD)milliseconds, 0);
}

void kv_monitor_signal(kv_monitor *monitor) {
  WakeConditionVariable(&monitor->changed);
}

long long kv_steady_us(void) {
  LARGE_INTEGER now, frequency;
  QueryPerformanceCounter(&now);
  QueryPerformanceFrequency(&frequency);
  return now.QuadPart / frequency.QuadPart * 1000000 +
         now.QuadPart % frequency.QuadPart * 1000000 / frequency.QuadPart;
}

/* Its clock ticks in milliseconds. */
void kv_nap(long long microseconds) {
  Sleep((DWORD)((microseconds + 999) / 1000));
}

#else

#ifndef __wasi__
#include <signal.h>
#endif
#include <time.h>
#include <unistd.h>

#ifdef __wasi__
/* There is one thread. */
int kv_thread_create(kv_thread *thread, kv_thread_start *start) {
  (void)thread;
  (void)start;
  return 0;
}
#else
static void *run_thread(void *pointer) {
  kv_thread_start *start = pointer;
  start->run(start->context);
  return NULL;
}

/* A signal is for a thread of the host's: ours, which inherits this one's mask, takes none. */
int kv_thread_create(kv_thread *thread, kv_thread_start *start) {
  sigset_t all, before;
  sigfillset(&all);
  if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0) return 0;
  int is_made = pthread_create(thread, NULL, run_thread, start) == 0;
  int is_undone = pthread_sigmask(SIG_SETMASK, &before, NULL) == 0;
  assert(is_undone);
  (void)is_undone;
  return is_made;
}

long kv_process_id(void) {
  return (long)getpid();
}

/* On macOS a library may be unloaded with its handlers still in place: there fork() finds the gate
** as it is. */
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

#ifndef __APPLE__
static int is_gate_watched;

static void watch_forks(void) {
  is_gate_watched = pthread_atfork(kv_fork_gate_enter, kv_fork_gate_leave, kv_fork_gate_leave) == 0;
}

int kv_fork_gate_init(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  return pthread_once(&once, watch_forks) == 0 && is_gate_watched;
}
#else
int kv_fork_gate_init(void) {
  return 1;
}
#endif

void kv_fork_gate_enter(void) {
  pthread_mutex_lock(&gate);
}

void kv_fork_gate_leave(void) {
  pthread_mutex_unlock(&gate);
}
#endif

void kv_thread_join(kv_thread thread) {
  pthread_join(thread, NULL);
}

/* macOS cannot set a condition's clock; its waits take a time from now instead. */
static int init_condition(pthread_cond_t *condition) {
#ifdef __APPLE__
  return pthread_cond_init(condition, NULL) == 0;
#else
  pthread_condattr_t attributes;
  if (pthread_condattr_init(&attributes) != 0) return 0;
  int done = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0 &&
             pthread_cond_init(condition, &attributes) == 0;
  pthread_condattr_destroy(&attributes);
  return done;
#endif
}

int kv_monitor_init(kv_monitor *monitor) {
  if (pthread_mutex_init(&monitor->lock, NULL) != 0) return 0;
  if (init_condition(&monitor->changed)) return 1;
  pthread_mutex_destroy(&monitor->lock);
  return 0;
}

void kv_monitor_destroy(kv_monitor *monitor) {
  pthread_cond_destroy(&monitor->changed);
  pthread_mutex_destroy(&monitor->lock);
}

void kv_monitor_enter(kv_monitor *monitor) {
  pthread_mutex_lock(&monitor->lock);
}

void kv_monitor_leave(kv_monitor *monitor) {
  pthread_mutex_unlock(&monitor->lock);
}

static struct timespec timespec_of(long long milliseconds) {
  return (struct timespec){.tv_sec = (time_t)(milliseconds / 1000),
                           .tv_nsec = (long)(milliseconds % 1000) * 1000000};
}

void kv_monitor_wait(kv_monitor *monitor, int milliseconds) {
#ifdef __APPLE__
  struct timespec span = timespec_of(milliseconds);
  pthread_cond_timedwait_relative_np(&monitor->changed, &monitor->lock, &span);
#else
  struct timespec deadline = timespec_of(kv_steady_clock() + milliseconds);
  pthread_cond_timedwait(&monitor->changed, &monitor->lock, &deadline);
#endif
}

void kv_monitor_signal(kv_monitor *monitor) {
  pthread_cond_signal(&monitor->changed);
}

long long kv_steady_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void kv_nap(long long microseconds) {
  struct timespec span = {.tv_sec = (time_t)(microseconds / 1000000),
                          .tv_nsec = (long)(microseconds % 1000000) * 1000};
  (void)nanosleep(&span, NULL); /* a signal may cut it short */
}

#endif

long long kv_steady_clock(void) {
  return kv_steady_us() / 1000;
}

#if defined(_WIN32) || defined(__wasi__)
long kv_process_id(void) {
  return 0; /* there is no fork() */
}

int kv_fork_gate_init(void) {
  return 1;
}

void kv_fork_gate_enter(void) {}

void kv_fork_gate_leave(void) {}
#endif
