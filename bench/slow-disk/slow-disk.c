/* A disk that takes SLOW_DISK_MS longer for every flush, like an SD card. For LD_PRELOAD. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <time.h>

static int flush_slowly(const char *name, int fd) {
  int (*flush)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
  const char *told = getenv("SLOW_DISK_MS");
  long ms = told ? atol(told) : 0;
  struct timespec rest = {ms / 1000, ms % 1000 * 1000000};
  int result = flush(fd), problem = errno;
  while (nanosleep(&rest, &rest) && errno == EINTR);
  errno = problem;
  return result;
}

int fsync(int fd) { return flush_slowly("fsync", fd); }
int fdatasync(int fd) { return flush_slowly("fdatasync", fd); }
