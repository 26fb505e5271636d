/* A library to preload that makes calls on files slow, as a network file system does, and notes
 * them.
 *
 * Only calls on files below chosen folders count. Environment:
 *   LATENCY_ROOTS  absolute folders, separated by ':'
 *   LATENCY_US     microseconds that each open, stat, access and read takes more
 *   LATENCY_LOG    a file that gets a line for each call but reads: its kind, a blank, the path
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { kMostFiles = 4096 };
static char g_roots[8][2048];
static int g_n_roots, g_log = -1;
static long g_us;
static atomic_char g_counts[kMostFiles]; /* by descriptor: whether its reads are slow */

static void set_up(void) __attribute__((constructor));
static void set_up(void) {
  const char *roots = getenv("LATENCY_ROOTS"), *us = getenv("LATENCY_US");
  const char* log = getenv("LATENCY_LOG");
  for (const char* from = roots ? roots : ""; *from && g_n_roots < 8;) {
    const size_t n = strcspn(from, ":");
    if (n > 0 && n < sizeof(g_roots[0])) memcpy(g_roots[g_n_roots++], from, n);
    from += n + (from[n] == ':');
  }
  if (us) g_us = atol(us);
  /* Far from the descriptors that the program gets, and closed when it starts another. */
  if (log) {
    const int fd = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_APPEND | O_CREAT, 0600);
    g_log = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 200);
    if (fd >= 0) syscall(SYS_close, fd);
  }
}

static void wait_a_little(void) {
  const struct timespec time = {g_us / 1000000, (g_us % 1000000) * 1000};
  if (g_us > 0) nanosleep(&time, NULL);
}

/* Waits and notes if the path is below a root; whether it is. */
static int slow(const char* kind, int folder, const char* path) {
  char whole[PATH_MAX + 64], line[PATH_MAX + 128];
  whole[0] = 0;
  if (!path) return 0;
  if (path[0] != '/') {
    if (folder != AT_FDCWD) return 0;
    if (syscall(SYS_getcwd, whole, PATH_MAX) < 0) return 0;
    strncat(whole, "/", 2);
    while (!strncmp(path, "./", 2)) path += 2;
  }
  if (strlen(whole) + strlen(path) >= PATH_MAX) return 0;
  strcat(whole, path);
  for (int i = 0; i < g_n_roots; ++i) {
    const size_t n = strlen(g_roots[i]);
    if (strncmp(whole, g_roots[i], n) || (whole[n] != '/' && whole[n])) continue;
    wait_a_little();
    const int length = snprintf(line, sizeof(line), "%s %s\n", kind, whole);
    if (g_log >= 0 && syscall(SYS_write, g_log, line, (size_t)length) < 0) return 1;
    return 1;
  }
  return 0;
}
static void remember(int fd, int counts) {
  if (fd >= 0 && fd < kMostFiles) atomic_store(&g_counts[fd], (char)counts);
}

#define REAL(name)               \
  static __typeof__(name)* real; \
  if (!real) real = (__typeof__(name)*)dlsym(RTLD_NEXT, #name)

static mode_t mode_of(int flags, va_list more) {
  return flags & (O_CREAT | __O_TMPFILE) ? (mode_t)va_arg(more, int) : 0;
}
#define OPEN_FUNCTION(name, folder_parameter, folder)                   \
  int name(folder_parameter const char* path, int flags, ...) {         \
    va_list more;                                                       \
    va_start(more, flags);                                              \
    const mode_t mode = mode_of(flags, more);                           \
    va_end(more);                                                       \
    const int counts = slow("open", folder, path);                      \
    const int fd = (int)syscall(SYS_openat, folder, path, flags, mode); \
    remember(fd, counts);                                               \
    return fd;                                                          \
  }
#define AND ,
OPEN_FUNCTION(open, , AT_FDCWD)
OPEN_FUNCTION(open64, , AT_FDCWD)
OPEN_FUNCTION(openat, int at AND, at)
OPEN_FUNCTION(openat64, int at AND, at)

#define FOPEN_FUNCTION(name)                      \
  FILE* name(const char* path, const char* how) { \
    REAL(name);                                   \
    slow("open", AT_FDCWD, path);                 \
    return real(path, how);                       \
  }
FOPEN_FUNCTION(fopen)
FOPEN_FUNCTION(fopen64)

DIR* opendir(const char* path) {
  REAL(opendir);
  slow("list", AT_FDCWD, path);
  return real(path);
}

#define STAT_FUNCTION(name, type)                  \
  int name(const char* path, struct type* about) { \
    REAL(name);                                    \
    slow("stat", AT_FDCWD, path);                  \
    return real(path, about);                      \
  }
STAT_FUNCTION(stat, stat)
STAT_FUNCTION(lstat, stat)
STAT_FUNCTION(stat64, stat64)
STAT_FUNCTION(lstat64, stat64)
#define STATAT_FUNCTION(name, type)                                       \
  int name(int folder, const char* path, struct type* about, int flags) { \
    REAL(name);                                                           \
    slow("stat", folder, path);                                           \
    return real(folder, path, about, flags);                              \
  }
STATAT_FUNCTION(fstatat, stat)
STATAT_FUNCTION(fstatat64, stat64)

int statx(int folder, const char* path, int flags, unsigned mask, struct statx* about) {
  REAL(statx);
  slow("stat", folder, path);
  return real(folder, path, flags, mask, about);
}
int access(const char* path, int how) {
  REAL(access);
  slow("stat", AT_FDCWD, path);
  return real(path, how);
}

#define READ_FUNCTION(name, parameters, number, ...)                               \
  ssize_t name parameters {                                                        \
    if (fd >= 0 && fd < kMostFiles && atomic_load(&g_counts[fd])) wait_a_little(); \
    return (ssize_t)syscall(number, __VA_ARGS__);                                  \
  }
READ_FUNCTION(read, (int fd, void* to, size_t n), SYS_read, fd, to, n)
READ_FUNCTION(pread, (int fd, void* to, size_t n, off_t at), SYS_pread64, fd, to, n, at)
READ_FUNCTION(pread64, (int fd, void* to, size_t n, off64_t at), SYS_pread64, fd, to, n, at)
