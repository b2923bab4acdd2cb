/* Loaded before the C library of a process: its clock is off by what a file says, in nanoseconds (eight bytes, as the machine
 * writes them), and a file that may not grow is an error of the write, as a full disk is, not the end of the process.
 * libfaketime can't do it: its first look for a symbol allocates, and workerd's allocator asks what time it is. */

#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *off;

__attribute__((constructor)) static void begin(void) {
  signal(SIGXFSZ, SIG_IGN);
  const char *path = getenv("CHAOS_CLOCK");
  int file = path ? open(path, O_RDONLY) : -1;
  if (file < 0) return;
  void *at = mmap(NULL, sizeof *off, PROT_READ, MAP_SHARED, file, 0);
  close(file);
  if (at != MAP_FAILED) off = at;
}

int clock_gettime(clockid_t clock, struct timespec *to) {
  int said = (int)syscall(SYS_clock_gettime, clock, to);
  if (said == 0 && off && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
    int64_t now = (int64_t)to->tv_sec * 1000000000 + to->tv_nsec + *off;
    to->tv_sec = now / 1000000000;
    to->tv_nsec = now % 1000000000;
  }
  return said;
}

int gettimeofday(struct timeval *restrict to, void *restrict zone) {
  (void)zone;
  struct timespec now;
  if (clock_gettime(CLOCK_REALTIME, &now) != 0) return -1;
  to->tv_sec = now.tv_sec;
  to->tv_usec = now.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *to) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (to) *to = now.tv_sec;
  return now.tv_sec;
}
