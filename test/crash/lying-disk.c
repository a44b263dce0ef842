/*
 * A disk that fails when it is told to, and forgets at a power cut whatever was not synchronised.
 * Loaded by LD_PRELOAD into the hub under test; only files below JIRANI_DISK_FOLDER are concerned.
 *
 * What has reached the disk is kept beside the files, in JIRANI_DISK_SURVIVORS: a synchronisation copies there
 * what was written since the last one. One that fails drops it instead, as Linux does: the pages count as clean
 * afterwards, every open descriptor is told once (errseq_t, lib/errseq.c of Linux), and nothing writes them again.
 * The words at JIRANI_DISK_ORDERS say what is to fail; they are shared with the test.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* In the order of `orders` in lying-disk.ts. */
struct orders {
  int syncs_to_fail;   /* so many of the next ones */
  int only_data_syncs; /* fdatasync fails, fsync does not */
  int writes_to_fail;
  int write_errno;
  int forgets;         /* a failed page also loses its content in memory: XFS and btrfs; ext4 keeps it */
  int dies_at_sync;    /* at that one, counted from the next after the last failed one: the process is killed */
  int syncs_failed;    /* told to the test */
  int writes_failed;
};

enum { FILES_MAX = 8, DESCRIPTORS_MAX = 1024, COPY_BYTES = 65536 };

/* Something that is in memory only: bytes written, or with `length` -1 a change of the size to `offset`. */
struct pending { long offset, length; };

struct tracked {
  char name[64];
  int survivor;
  int journal; /* the pending ones, for the next process */
  struct pending *pending;
  long count, room;
  unsigned errors;
};

struct descriptor { struct tracked *file; unsigned errors_told; };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct tracked files[FILES_MAX];
static struct descriptor descriptors[DESCRIPTORS_MAX];
static struct orders *orders;
static const char *folder, *survivors;

#define REAL(name) ((__typeof__(&name))real(#name))
static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

static void give_up(const char *why) {
  dprintf(2, "lying disk: %s\n", why);
  abort();
}

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("JIRANI_DISK_ORDERS");
  folder = getenv("JIRANI_DISK_FOLDER");
  survivors = getenv("JIRANI_DISK_SURVIVORS");
  if (!path || !folder || !survivors) { folder = NULL; return; }
  int fd = REAL(open64)(path, O_RDWR | O_CLOEXEC);
  orders = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof *orders, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (orders == MAP_FAILED) give_up("no orders");
}

static int open_beside(const char *name, const char *suffix) {
  char path[PATH_MAX];
  snprintf(path, sizeof path, "%s/%s%s", survivors, name, suffix);
  return REAL(open64)(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
}

static void remember(struct tracked *file, struct pending what) {
  if (file->count == file->room) {
    file->room = file->room ? 2 * file->room : 256;
    file->pending = realloc(file->pending, file->room * sizeof what);
    if (!file->pending) give_up("no memory");
  }
  file->pending[file->count++] = what;
}

static struct tracked *track(const char *name) {
  for (int k = 0; k < FILES_MAX; k++) {
    struct tracked *file = &files[k];
    if (strcmp(file->name, name) == 0) return file;
    if (file->name[0]) continue;
    if (strlen(name) >= sizeof file->name) give_up("a long name");
    strcpy(file->name, name);
    file->survivor = open_beside(name, "");
    file->journal = open_beside(name, ".pending");
    struct pending what;
    while (REAL(read)(file->journal, &what, sizeof what) == (ssize_t)sizeof what) remember(file, what);
    return file;
  }
  give_up("more files than expected");
  return NULL;
}

/* The name of a file that is concerned, without its folder. */
static const char *name_of(const char *path) {
  if (!folder || strncmp(path, folder, strlen(folder)) != 0 || path[strlen(folder)] != '/') return NULL;
  const char *name = path + strlen(folder) + 1;
  size_t length = strlen(name);
  /* Shared memory of SQLite: no content that matters after a restart. */
  if (strchr(name, '/') || (length > 4 && strcmp(name + length - 4, "-shm") == 0)) return NULL;
  return name;
}

static int opened(int fd, const char *path) {
  const char *name = fd >= 0 ? name_of(path) : NULL;
  if (!name) return fd;
  if (fd >= DESCRIPTORS_MAX) give_up("more descriptors than expected");
  pthread_mutex_lock(&lock);
  struct tracked *file = track(name);
  descriptors[fd] = (struct descriptor){ file, file->errors };
  pthread_mutex_unlock(&lock);
  return fd;
}

#define OPENER(name)                                   \
  int name(const char *path, int flags, ...) {         \
    va_list more;                                      \
    va_start(more, flags);                             \
    mode_t mode = flags & O_CREAT ? va_arg(more, mode_t) : 0; \
    va_end(more);                                      \
    return opened(REAL(name)(path, flags, mode), path); \
  }
OPENER(open)
OPENER(open64)

int close(int fd) {
  if (fd >= 0 && fd < DESCRIPTORS_MAX) descriptors[fd].file = NULL;
  return REAL(close)(fd);
}

static struct tracked *behind(int fd) {
  return fd >= 0 && fd < DESCRIPTORS_MAX ? descriptors[fd].file : NULL;
}

/* Takes one of so many failures that are ordered. */
static int is_due(int *left, int *done) {
  if (__atomic_load_n(left, __ATOMIC_SEQ_CST) <= 0) return 0;
  if (__atomic_fetch_sub(left, 1, __ATOMIC_SEQ_CST) <= 0) return 0;
  __atomic_add_fetch(done, 1, __ATOMIC_SEQ_CST);
  return 1;
}

static void note(struct tracked *file, long offset, long length) {
  struct pending what = { offset, length };
  pthread_mutex_lock(&lock);
  remember(file, what);
  if (REAL(write)(file->journal, &what, sizeof what) != (ssize_t)sizeof what) give_up("no journal");
  pthread_mutex_unlock(&lock);
}

static int write_fails(void) {
  if (!is_due(&orders->writes_to_fail, &orders->writes_failed)) return 0;
  errno = orders->write_errno;
  return 1;
}

ssize_t write(int fd, const void *bytes, size_t length) {
  struct tracked *file = behind(fd);
  if (!file) return REAL(write)(fd, bytes, length);
  if (write_fails()) return -1;
  long offset = lseek64(fd, 0, SEEK_CUR);
  ssize_t written = REAL(write)(fd, bytes, length);
  if (written > 0) note(file, offset, written);
  return written;
}

static ssize_t write_at(int fd, const void *bytes, size_t length, off64_t offset) {
  struct tracked *file = behind(fd);
  if (file && write_fails()) return -1;
  ssize_t written = REAL(pwrite64)(fd, bytes, length, offset);
  if (file && written > 0) note(file, offset, written);
  return written;
}
ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) { return write_at(fd, bytes, length, offset); }
ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) { return write_at(fd, bytes, length, offset); }

static int resize(int fd, off64_t size) {
  int failed = REAL(ftruncate64)(fd, size);
  if (!failed && behind(fd)) note(behind(fd), size, -1);
  return failed;
}
int ftruncate64(int fd, off64_t size) { return resize(fd, size); }
int ftruncate(int fd, off_t size) { return resize(fd, size); }

int unlink(const char *path) {
  const char *name = name_of(path);
  if (name) {
    pthread_mutex_lock(&lock);
    struct tracked *file = track(name);
    file->count = 0;
    if (REAL(ftruncate64)(file->journal, 0) || REAL(ftruncate64)(file->survivor, 0)) give_up("unlink");
    lseek64(file->journal, 0, SEEK_SET);
    pthread_mutex_unlock(&lock);
  }
  return REAL(unlink)(path);
}

static void copy(int from, int to, struct pending what) {
  static char bytes[COPY_BYTES];
  for (long done = 0; done < what.length;) {
    long wanted = what.length - done < COPY_BYTES ? what.length - done : COPY_BYTES;
    long got = pread64(from, bytes, wanted, what.offset + done);
    /* Beyond the end there are zeros. */
    if (got < wanted) memset(bytes + (got > 0 ? got : 0), 0, wanted - (got > 0 ? got : 0));
    if (REAL(pwrite64)(to, bytes, wanted, what.offset + done) != wanted) give_up("copy");
    done += wanted;
  }
}

/* `content` is open for reading and writing, as SQLite and the hub open their files. */
static void settle(struct tracked *file, int content, int has_failed) {
  struct stat64 now;
  fstat64(content, &now);
  for (long k = 0; k < file->count; k++) {
    struct pending what = file->pending[k];
    if (what.length < 0) {
      if (!has_failed && REAL(ftruncate64)(file->survivor, what.offset)) give_up("truncate");
      continue;
    }
    /* What was cut off again was never written. */
    if (what.offset + what.length > now.st_size) what.length = now.st_size - what.offset;
    if (what.length <= 0) continue;
    if (!has_failed) copy(content, file->survivor, what);
    else if (orders->forgets) copy(file->survivor, content, what);
  }
  file->count = 0;
  if (REAL(ftruncate64)(file->journal, 0)) give_up("journal");
  lseek64(file->journal, 0, SEEK_SET);
}

static int synchronise(int fd, int is_data_only) {
  struct tracked *file = behind(fd);
  pthread_mutex_lock(&lock);
  if (orders->syncs_to_fail <= 0 && orders->dies_at_sync > 0 && --orders->dies_at_sync == 0) raise(SIGKILL);
  int has_failed = file->count > 0 && (is_data_only || !orders->only_data_syncs) &&
                   is_due(&orders->syncs_to_fail, &orders->syncs_failed);
  file->errors += has_failed;
  settle(file, fd, has_failed);
  int is_told = descriptors[fd].errors_told != file->errors;
  descriptors[fd].errors_told = file->errors;
  pthread_mutex_unlock(&lock);
  if (!is_told) return 0;
  errno = EIO;
  return -1;
}
int fsync(int fd) { return behind(fd) ? synchronise(fd, 0) : REAL(fsync)(fd); }
int fdatasync(int fd) { return behind(fd) ? synchronise(fd, 1) : REAL(fdatasync)(fd); }
