/* Preloaded into a program under test: writes the path of each file that is opened for reading as a
   line of the file $OPENED_FILES. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static void note(const char* path) {
  const char* log = getenv("OPENED_FILES");
  char line[PATH_MAX + 1];
  const size_t n = strlen(path);
  if (!log || n >= PATH_MAX) return;
  memcpy(line, path, n);
  line[n] = '\n';
  const int file =
      (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return;
  /* One write in append mode: lines of several threads do not mix. */
  const ssize_t written = write(file, line, n + 1);
  (void)written;
  close(file);
}

static int noted(int file, const char* path, int flags) {
  if (file >= 0 && (flags & O_ACCMODE) == O_RDONLY && !(flags & O_DIRECTORY)) note(path);
  return file;
}

static mode_t mode_of(int flags, va_list more) {
  return (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE ? (mode_t)va_arg(more, int) : 0;
}

#define OPEN(name)                                                                          \
  int name(const char* path, int flags, ...) {                                              \
    int (*real)(const char*, int, ...) = (int (*)(const char*, int, ...))dlsym(RTLD_NEXT, #name); \
    va_list more;                                                                           \
    va_start(more, flags);                                                                  \
    const mode_t mode = mode_of(flags, more);                                               \
    va_end(more);                                                                           \
    return noted(real(path, flags, mode), path, flags);                                     \
  }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                                       \
  int name(int folder, const char* path, int flags, ...) {                 \
    int (*real)(int, const char*, int, ...) =                              \
        (int (*)(int, const char*, int, ...))dlsym(RTLD_NEXT, #name);      \
    va_list more;                                                          \
    va_start(more, flags);                                                 \
    const mode_t mode = mode_of(flags, more);                              \
    va_end(more);                                                          \
    return noted(real(folder, path, flags, mode), path, flags);            \
  }
OPENAT(openat)
OPENAT(openat64)

/* What _FORTIFY_SOURCE makes of open without a mode. */
#define OPEN_2(name)                                                                  \
  int name(const char* path, int flags);                                              \
  int name(const char* path, int flags) {                                             \
    int (*real)(const char*, int) = (int (*)(const char*, int))dlsym(RTLD_NEXT, #name); \
    return noted(real(path, flags), path, flags);                                     \
  }
OPEN_2(__open_2)
OPEN_2(__open64_2)

#define FOPEN(name)                                                                   \
  FILE* name(const char* path, const char* mode) {                                    \
    FILE* (*real)(const char*, const char*) =                                         \
        (FILE * (*)(const char*, const char*)) dlsym(RTLD_NEXT, #name);               \
    FILE* file = real(path, mode);                                                    \
    if (file && mode[0] == 'r') note(path);                                           \
    return file;                                                                      \
  }
FOPEN(fopen)
FOPEN(fopen64)
