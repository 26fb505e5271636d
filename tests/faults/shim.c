/* A library to preload that makes one system call of a program fail.
 *
 * Only calls on files below chosen folders count, so that the loader, the libraries' own files and
 * the terminal are left alone; allocations count from 64 KiB on. Environment:
 *   FAULT_ROOTS   absolute folders, separated by ':'
 *   FAULT_CALLS   what counts: names of kCalls below, separated by ','
 *   FAULT_AT      the number of the call that fails, from 1; 0 only counts
 *   FAULT_MODE    error (errno FAULT_ERRNO), full (this and every later writing call fails, until
 *                 the process ends), short (half of the bytes are transferred), signal (the call
 *                 succeeds, and the process gets the signal FAULT_ERRNO)
 *   FAULT_STATE   a file of sizeof(struct State) bytes, shared with the caller and with children
 *
 * A failing close() does close the descriptor, as Linux does.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum Call { OPEN, READ, WRITE, CLOSE, RENAME, FSYNC, MKDIR, TRUNCATE, ALLOC, N_CALLS };
static const char* const kCalls[N_CALLS] = {"open",  "read",  "write",    "close", "rename",
                                            "fsync", "mkdir", "truncate", "alloc"};

struct State {
  atomic_ullong count;      /* of calls that count, over all processes */
  atomic_ullong fired;      /* how many failed */
  atomic_ullong kind;       /* Call of the first that failed */
  char path[4096 - 24];     /* its file */
};

enum { kMostFiles = 4096, kLargeAllocation = 1 << 16 };
enum Mode { MODE_ERROR, MODE_FULL, MODE_SHORT, MODE_SIGNAL };

static struct State* g_state;
static char g_roots[8][2048];
static int g_n_roots, g_counts[N_CALLS], g_errno = EIO;
static enum Mode g_mode = MODE_ERROR;
static unsigned long long g_at;
static _Atomic(char*) g_path_of[kMostFiles]; /* by descriptor; null for files that do not count */
/* While the shim itself runs, and until it is set up, nothing counts. */
static __thread int g_inside __attribute__((tls_model("initial-exec"))) = 0;

#define REAL(name) \
  static __typeof__(name)* real; \
  if (!real) real = (__typeof__(name)*)dlsym(RTLD_NEXT, #name)

static void set_up(void) __attribute__((constructor));
static void set_up(void) {
  const char *roots = getenv("FAULT_ROOTS"), *calls = getenv("FAULT_CALLS");
  const char *at = getenv("FAULT_AT"), *mode = getenv("FAULT_MODE");
  const char *error = getenv("FAULT_ERRNO"), *state = getenv("FAULT_STATE");
  if (!roots || !calls || !state) return;
  g_inside = 1;
  for (const char* from = roots; *from && g_n_roots < 8;) {
    const size_t n = strcspn(from, ":");
    if (n > 0 && n < sizeof(g_roots[0])) memcpy(g_roots[g_n_roots++], from, n);
    from += n + (from[n] == ':');
  }
  for (int c = 0; c < N_CALLS; ++c) {
    const char* found = strstr(calls, kCalls[c]);
    g_counts[c] = found != NULL;
  }
  if (at) g_at = strtoull(at, NULL, 10);
  if (error) g_errno = atoi(error);
  if (mode) {
    g_mode = !strcmp(mode, "full")    ? MODE_FULL
             : !strcmp(mode, "short") ? MODE_SHORT
             : !strcmp(mode, "signal") ? MODE_SIGNAL
                                      : MODE_ERROR;
  }
  const int fd = (int)syscall(SYS_openat, AT_FDCWD, state, O_RDWR | O_CLOEXEC);
  if (fd >= 0) {
    void* shared = (void*)syscall(SYS_mmap, 0, sizeof(struct State), PROT_READ | PROT_WRITE,
                                  MAP_SHARED, fd, 0);
    if (shared != MAP_FAILED) g_state = shared;
    syscall(SYS_close, fd);
  }
  g_inside = 0;
}

/* The absolute path in `out`, without "./" in front; links are left as they are. */
static void make_absolute(int folder, const char* path, char out[4096]) {
  out[0] = 0;
  if (path[0] != '/') {
    char* known = folder >= 0 && folder < kMostFiles ? atomic_load(&g_path_of[folder]) : NULL;
    if (known) {
      snprintf(out, 2048, "%s", known);
    } else if (folder == AT_FDCWD && syscall(SYS_getcwd, out, 2048) < 0) {
      out[0] = 0;
    }
    while (!strncmp(path, "./", 2)) path += 2;
    const size_t n = strlen(out);
    out[n] = '/';
    out[n + 1] = 0;
  }
  strncat(out, path, 2000);
}

static int counts_path(const char* path) {
  for (int i = 0; i < g_n_roots; ++i) {
    const size_t n = strlen(g_roots[i]);
    if (!strncmp(path, g_roots[i], n) && (path[n] == '/' || path[n] == 0)) return 1;
  }
  return 0;
}

static int writes(enum Call call) {
  return call == WRITE || call == MKDIR || call == TRUNCATE;
}

/* Counts a call; nonzero if it is to fail. */
static int fails(enum Call call, const char* path) {
  if (!g_state || g_inside || !g_counts[call]) return 0;
  const unsigned long long n = atomic_fetch_add(&g_state->count, 1) + 1;
  if (g_at == 0 || n < g_at) return 0;
  if (n > g_at && !(g_mode == MODE_FULL && writes(call))) return 0;
  if (atomic_fetch_add(&g_state->fired, 1) == 0) {
    atomic_store(&g_state->kind, call);
    strncpy(g_state->path, path, sizeof(g_state->path) - 1);
  }
  if (g_mode == MODE_SIGNAL) {
    syscall(SYS_kill, syscall(SYS_getpid), g_errno);
    return 0;
  }
  errno = g_errno;
  return 1;
}

static const char* known_path(int fd) {
  return fd >= 0 && fd < kMostFiles ? atomic_load(&g_path_of[fd]) : NULL;
}
static int fails_at(enum Call call, int fd) {
  const char* path = known_path(fd);
  return path && fails(call, path);
}
static void remember(int fd, const char* path) {
  if (fd < 0 || fd >= kMostFiles) return;
  g_inside++;
  free(atomic_exchange(&g_path_of[fd], strdup(path)));
  g_inside--;
}
static void forget(int fd) {
  if (fd < 0 || fd >= kMostFiles) return;
  g_inside++;
  free(atomic_exchange(&g_path_of[fd], NULL));
  g_inside--;
}

static int open_at(int folder, const char* path, int flags, mode_t mode) {
  char whole[4096];
  make_absolute(folder, path, whole);
  const int counts = !g_inside && counts_path(whole);
  if (counts && fails(OPEN, whole)) return -1;
  const long fd = syscall(SYS_openat, folder, path, flags, mode);
  if (counts) remember((int)fd, whole);
  return (int)fd;
}

static mode_t mode_of(int flags, va_list more) {
  return flags & (O_CREAT | __O_TMPFILE) ? (mode_t)va_arg(more, int) : 0;
}
#define OPEN_FUNCTION(name) \
  int name(const char* path, int flags, ...) { \
    va_list more; \
    va_start(more, flags); \
    const mode_t mode = mode_of(flags, more); \
    va_end(more); \
    return open_at(AT_FDCWD, path, flags, mode); \
  }
OPEN_FUNCTION(open)
OPEN_FUNCTION(open64)
#define OPENAT_FUNCTION(name) \
  int name(int folder, const char* path, int flags, ...) { \
    va_list more; \
    va_start(more, flags); \
    const mode_t mode = mode_of(flags, more); \
    va_end(more); \
    return open_at(folder, path, flags, mode); \
  }
OPENAT_FUNCTION(openat)
OPENAT_FUNCTION(openat64)

/* Streams of the C library call the kernel themselves: their opening and closing count here. */
#define FOPEN_FUNCTION(name) \
  FILE* name(const char* path, const char* how) { \
    REAL(name); \
    char whole[4096]; \
    make_absolute(AT_FDCWD, path, whole); \
    const int counts = !g_inside && counts_path(whole); \
    if (counts && fails(OPEN, whole)) return NULL; \
    FILE* file = real(path, how); \
    if (counts && file) remember(fileno(file), whole); \
    return file; \
  }
FOPEN_FUNCTION(fopen)
FOPEN_FUNCTION(fopen64)

int fclose(FILE* file) {
  REAL(fclose);
  const int fd = fileno(file), bad = fails_at(CLOSE, fd);
  forget(fd);
  const int result = real(file);
  if (bad) errno = g_errno;
  return bad ? EOF : result;
}

static size_t half(size_t n) { return n > 1 ? n / 2 : n; }

enum { kErrorSeen = 0x20 }; /* _IO_ERR_SEEN of the GNU C library: what ferror() looks at */

size_t fwrite(const void* from, size_t size, size_t n, FILE* file) {
  REAL(fwrite);
  if (!fails_at(WRITE, fileno(file))) return real(from, size, n, file);
  if (g_mode == MODE_SHORT) return real(from, size, half(n), file);
  file->_flags |= kErrorSeen;
  return 0;
}
size_t fread(void* to, size_t size, size_t n, FILE* file) {
  REAL(fread);
  if (!fails_at(READ, fileno(file))) return real(to, size, n, file);
  if (g_mode == MODE_SHORT) return real(to, size, half(n), file);
  file->_flags |= kErrorSeen;
  return 0;
}

DIR* opendir(const char* path) {
  REAL(opendir);
  char whole[4096];
  make_absolute(AT_FDCWD, path, whole);
  return counts_path(whole) && fails(OPEN, whole) ? NULL : real(path);
}

int close(int fd) {
  const int bad = fails_at(CLOSE, fd);
  forget(fd);
  const long result = syscall(SYS_close, fd);
  if (bad) errno = g_errno;
  return bad ? -1 : (int)result;
}

/* Reads and writes: a short one does half of its work. */
#define TRANSFER(call, fd, n, real_call) \
  if (fails_at(call, fd)) { \
    if (g_mode != MODE_SHORT) return -1; \
    n = half(n); \
  } \
  return (ssize_t)(real_call)

ssize_t read(int fd, void* to, size_t n) {
  TRANSFER(READ, fd, n, syscall(SYS_read, fd, to, n));
}
ssize_t __read_chk(int fd, void* to, size_t n, size_t room) {
  (void)room;
  TRANSFER(READ, fd, n, syscall(SYS_read, fd, to, n));
}
ssize_t pread(int fd, void* to, size_t n, off_t at) {
  TRANSFER(READ, fd, n, syscall(SYS_pread64, fd, to, n, at));
}
ssize_t pread64(int fd, void* to, size_t n, off64_t at) {
  TRANSFER(READ, fd, n, syscall(SYS_pread64, fd, to, n, at));
}
ssize_t write(int fd, const void* from, size_t n) {
  TRANSFER(WRITE, fd, n, syscall(SYS_write, fd, from, n));
}
ssize_t pwrite(int fd, const void* from, size_t n, off_t at) {
  TRANSFER(WRITE, fd, n, syscall(SYS_pwrite64, fd, from, n, at));
}
ssize_t pwrite64(int fd, const void* from, size_t n, off64_t at) {
  TRANSFER(WRITE, fd, n, syscall(SYS_pwrite64, fd, from, n, at));
}
ssize_t writev(int fd, const struct iovec* parts, int n) {
  TRANSFER(WRITE, fd, n, syscall(SYS_writev, fd, parts, n));
}

int fsync(int fd) { return fails_at(FSYNC, fd) ? -1 : (int)syscall(SYS_fsync, fd); }
int fdatasync(int fd) { return fails_at(FSYNC, fd) ? -1 : (int)syscall(SYS_fdatasync, fd); }
int ftruncate(int fd, off_t n) {
  return fails_at(TRUNCATE, fd) ? -1 : (int)syscall(SYS_ftruncate, fd, n);
}
int ftruncate64(int fd, off64_t n) {
  return fails_at(TRUNCATE, fd) ? -1 : (int)syscall(SYS_ftruncate, fd, n);
}
static int reserve(int fd, off64_t at, off64_t n) {
  if (fails_at(TRUNCATE, fd)) return g_errno;
  return syscall(SYS_fallocate, fd, 0, at, n) == 0 ? 0 : errno;
}
int posix_fallocate(int fd, off_t at, off_t n) { return reserve(fd, at, n); }
int posix_fallocate64(int fd, off64_t at, off64_t n) { return reserve(fd, at, n); }

static int fails_path(enum Call call, int folder, const char* path) {
  char whole[4096];
  make_absolute(folder, path, whole);
  return counts_path(whole) && fails(call, whole);
}

int mkdir(const char* path, mode_t mode) {
  if (fails_path(MKDIR, AT_FDCWD, path)) return -1;
  return (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);
}
char* mkdtemp(char* pattern) {
  REAL(mkdtemp);
  return fails_path(MKDIR, AT_FDCWD, pattern) ? NULL : real(pattern);
}
#define MKOSTEMP_FUNCTION(name) \
  int name(char* pattern, int flags) { \
    REAL(name); \
    char whole[4096]; \
    make_absolute(AT_FDCWD, pattern, whole); \
    const int counts = counts_path(whole); \
    if (counts && fails(OPEN, whole)) return -1; \
    const int fd = real(pattern, flags); \
    if (counts) remember(fd, whole); \
    return fd; \
  }
MKOSTEMP_FUNCTION(mkostemp)
MKOSTEMP_FUNCTION(mkostemp64)

int rename(const char* from, const char* to) {
  if (fails_path(RENAME, AT_FDCWD, to)) return -1;
  return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}
int renameat(int from_folder, const char* from, int to_folder, const char* to) {
  if (fails_path(RENAME, to_folder, to)) return -1;
  return (int)syscall(SYS_renameat2, from_folder, from, to_folder, to, 0);
}
int link(const char* from, const char* to) {
  if (fails_path(RENAME, AT_FDCWD, to)) return -1;
  return (int)syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0);
}

/* dlsym itself may allocate before the C library's functions are known. */
void* __libc_malloc(size_t);
void* __libc_calloc(size_t, size_t);
void* __libc_realloc(void*, size_t);
void* __libc_memalign(size_t, size_t);

static int refuses(size_t n) { return n >= kLargeAllocation && fails(ALLOC, "memory"); }

void* malloc(size_t n) { return refuses(n) ? NULL : __libc_malloc(n); }
void* calloc(size_t n, size_t size) { return refuses(n * size) ? NULL : __libc_calloc(n, size); }
void* realloc(void* old, size_t n) { return refuses(n) ? NULL : __libc_realloc(old, n); }
void* memalign(size_t a, size_t n) { return refuses(n) ? NULL : __libc_memalign(a, n); }
void* aligned_alloc(size_t a, size_t n) { return refuses(n) ? NULL : __libc_memalign(a, n); }
int posix_memalign(void** to, size_t a, size_t n) {
  if (refuses(n)) return ENOMEM;
  *to = __libc_memalign(a, n);
  return *to ? 0 : ENOMEM;
}
void* mmap(void* at, size_t n, int protection, int flags, int fd, off_t from) {
  if (refuses(n)) return MAP_FAILED;
  return (void*)syscall(SYS_mmap, at, n, protection, flags, fd, from);
}
