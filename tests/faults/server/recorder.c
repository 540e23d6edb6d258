/* Writes down, in order, what a program changes on the disk below a folder: preloaded, between the program and the C library.
 *
 * OKPAY_RECORD_UNDER is the folder, OKPAY_RECORD_TO the record. One entry: kind (1 byte), offset (8), length of the path (4),
 * length of the data (4), path, data. Writes are entered before they are made, syncs after they have returned, all under one
 * lock, so what was entered before a sync is what it made durable. A -shm file is memory, not disk.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static const char *under;
static size_t under_size;
static int record = -1;

#define REAL(name, result, ...) \
    static result (*real_##name)(__VA_ARGS__); \
    if (!real_##name) real_##name = dlsym(RTLD_NEXT, #name)

__attribute__((constructor)) static void begin(void) {
    REAL(open, int, const char *, int, ...);
    const char *to = getenv("OKPAY_RECORD_TO");
    under = getenv("OKPAY_RECORD_UNDER");
    if (!under || !to) return;
    under_size = strlen(under);
    record = real_open(to, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (record < 0) abort();
}

static int ours(const char *path) {
    size_t size = strlen(path);
    if (record < 0 || strncmp(path, under, under_size) || (path[under_size] && path[under_size] != '/')) return 0;
    return size < 4 || strcmp(path + size - 4, "-shm");
}

static int named(int fd, char *path) {
    char link[64];
    ssize_t size;
    if (record < 0 || fd == record) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    size = readlink(link, path, PATH_MAX - 1);
    if (size < 0) return 0;
    path[size] = 0;
    return ours(path);
}

static void enter(char kind, const char *path, int64_t offset, const void *data, size_t size) {
    uint32_t lengths[2] = {(uint32_t)strlen(path), (uint32_t)size};
    struct iovec parts[5] = {
        {&kind, 1}, {&offset, 8}, {lengths, 8}, {(void *)path, lengths[0]}, {(void *)data, size},
    };
    if (writev(record, parts, 5) != (ssize_t)(17 + lengths[0] + size)) abort();
}

#define LOCKED(...) do { pthread_mutex_lock(&turn); __VA_ARGS__; pthread_mutex_unlock(&turn); } while (0)

static int opened(int at, const char *path, int flags, mode_t mode, int (*with)(int, const char *, int, ...)) {
    struct stat there;
    int fd;
    if (path[0] != '/' || !ours(path) || !(flags & (O_CREAT | O_TRUNC))) return with(at, path, flags, mode);
    pthread_mutex_lock(&turn);
    int before = stat(path, &there) == 0;
    fd = with(at, path, flags, mode);
    if (fd >= 0 && !before) enter('C', path, 0, "", 0);
    else if (fd >= 0 && (flags & O_TRUNC)) enter('T', path, 0, "", 0);
    pthread_mutex_unlock(&turn);
    return fd;
}

static int plain_openat(int at, const char *path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    mode_t mode = va_arg(more, mode_t);
    va_end(more);
    REAL(openat, int, int, const char *, int, ...);
    return real_openat(at, path, flags, mode);
}

#define MODE(flags) \
    mode_t mode = 0; \
    if (flags & (O_CREAT | O_TMPFILE)) { va_list more; va_start(more, flags); mode = va_arg(more, mode_t); va_end(more); }

int open(const char *path, int flags, ...) { MODE(flags) return opened(AT_FDCWD, path, flags, mode, plain_openat); }
int open64(const char *path, int flags, ...) { MODE(flags) return opened(AT_FDCWD, path, flags | O_LARGEFILE, mode, plain_openat); }
int openat(int at, const char *path, int flags, ...) { MODE(flags) return opened(at, path, flags, mode, plain_openat); }
int openat64(int at, const char *path, int flags, ...) { MODE(flags) return opened(at, path, flags | O_LARGEFILE, mode, plain_openat); }

static ssize_t written(int fd, const void *data, size_t size, off64_t offset) {
    REAL(pwrite64, ssize_t, int, const void *, size_t, off64_t);
    char path[PATH_MAX];
    ssize_t done;
    if (!named(fd, path)) return real_pwrite64(fd, data, size, offset);
    LOCKED(enter('W', path, offset, data, size); done = real_pwrite64(fd, data, size, offset));
    if (done != (ssize_t)size) abort();
    return done;
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t offset) { return written(fd, data, size, offset); }
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t offset) { return written(fd, data, size, offset); }

ssize_t write(int fd, const void *data, size_t size) {
    REAL(write, ssize_t, int, const void *, size_t);
    char path[PATH_MAX];
    struct stat there;
    ssize_t done;
    if (!named(fd, path)) return real_write(fd, data, size);
    pthread_mutex_lock(&turn);
    off64_t at = lseek64(fd, 0, SEEK_CUR);
    if (fcntl(fd, F_GETFL) & O_APPEND && fstat(fd, &there) == 0) at = there.st_size;
    enter('W', path, at, data, size);
    done = real_write(fd, data, size);
    pthread_mutex_unlock(&turn);
    if (done != (ssize_t)size) abort();
    return done;
}

static int cut(int fd, off64_t size) {
    REAL(ftruncate64, int, int, off64_t);
    char path[PATH_MAX];
    int done;
    if (!named(fd, path)) return real_ftruncate64(fd, size);
    LOCKED(enter('T', path, size, "", 0); done = real_ftruncate64(fd, size));
    return done;
}

int ftruncate(int fd, off_t size) { return cut(fd, size); }
int ftruncate64(int fd, off64_t size) { return cut(fd, size); }

#define SYNC(name) \
    int name(int fd) { \
        REAL(name, int, int); \
        char path[PATH_MAX]; \
        int done; \
        if (!named(fd, path)) return real_##name(fd); \
        LOCKED(done = real_##name(fd); if (done == 0) enter('S', path, 0, "", 0)); \
        return done; \
    }
SYNC(fsync)
SYNC(fdatasync)

int unlink(const char *path) {
    REAL(unlink, int, const char *);
    int done;
    if (!ours(path)) return real_unlink(path);
    LOCKED(done = real_unlink(path); if (done == 0) enter('U', path, 0, "", 0));
    return done;
}

static int moved(char kind, const char *from, const char *to, int (*with)(const char *, const char *)) {
    int done;
    if (!ours(from) || !ours(to)) return with(from, to);
    LOCKED(done = with(from, to); if (done == 0) enter(kind, from, 0, to, strlen(to)));
    return done;
}

int rename(const char *from, const char *to) { REAL(rename, int, const char *, const char *); return moved('R', from, to, real_rename); }
int link(const char *from, const char *to) { REAL(link, int, const char *, const char *); return moved('L', from, to, real_link); }
