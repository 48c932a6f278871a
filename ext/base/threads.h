/*
** A thread and a monitor, over what the system has: pthreads, or Windows' own. The clock of the
** waits is one that nobody sets.
*/
#ifndef KV_THREADS_H
#define KV_THREADS_H

#ifdef _WIN32
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
typedef HANDLE kv_thread;
/* A lock with a condition under it. */
typedef struct kv_monitor {
  SRWLOCK lock;
  CONDITION_VARIABLE changed;
} kv_monitor;
#else
#include <pthread.h>
typedef pthread_t kv_thread;
/* A lock with a condition under it. */
typedef struct kv_monitor {
  pthread_mutex_t lock;
  pthread_cond_t changed;
} kv_monitor;
#endif

/* What a thread does; it must outlive the thread. */
typedef struct kv_thread_start {
  void (*run)(void *context);
  void *context;
} kv_thread_start;

int kv_thread_create(kv_thread *thread,
                     kv_thread_start *start); /* 1, or 0: there is none to have */
void kv_thread_join(kv_thread thread);

int kv_monitor_init(kv_monitor *monitor); /* 1, or 0: there is none to have */
void kv_monitor_destroy(kv_monitor *monitor);
void kv_monitor_enter(kv_monitor *monitor);
void kv_monitor_leave(kv_monitor *monitor);
/* Inside the monitor. A wait ends with a signal, after the time, or for no reason at all. */
void kv_monitor_wait(kv_monitor *monitor, int milliseconds);
void kv_monitor_signal(kv_monitor *monitor);

/* Tells a child of fork(), which has none of its parent's threads, from its parent. */
long kv_process_id(void);

/*
** A gate for the whole process, which fork() passes too: a thread of ours that is inside of it holds
** up a fork, so that no child inherits a lock (of SQLite's memory, say) that nobody will ever give
** back. Never wait for another inside. Init returns 1, or 0: there is none to have.
*/
int kv_fork_gate_init(void);
void kv_fork_gate_enter(void);
void kv_fork_gate_leave(void);

/* Milliseconds, microseconds since some moment, by the clock of the waits. */
long long kv_steady_clock(void);
long long kv_steady_us(void);
/* Sleeps so long, or less if a signal comes. */
void kv_nap(long long microseconds);

#endif
