/* Preloaded by tests: lets the system fail for files whose path holds a text. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int named(int fd, const char *variable)
{
    const char *part = getenv(variable);
    char link[64], path[4096];
    ssize_t length;
    if (!part)
        return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    length = readlink(link, path, sizeof path - 1);
    if (length < 0)
        return 0;
    path[length] = 0;
    return strstr(path, part) != NULL;
}

static int fail(int code)
{
    errno = code;
    return -1;
}

/* Past its first megabyte a file cannot be read, or its reader waits for ever. */
ssize_t read(int fd, void *buffer, size_t size)
{
    if (lseek(fd, 0, SEEK_CUR) >= 1000000) {
        if (named(fd, "SHIM_EIO"))
            return fail(EIO);
        while (named(fd, "SHIM_HANG"))
            pause();
    }
    return REAL(read)(fd, buffer, size);
}

/* After SHIM_SYNCS of them, nothing reaches the disk any more. */
int fdatasync(int fd)
{
    static int left = -1;
    if (named(fd, "SHIM_UNSYNCED")) {
        if (left < 0)
            left = atoi(getenv("SHIM_SYNCS"));
        if (left == 0)
            return fail(EIO);
        left--;
    }
    return REAL(fdatasync)(fd);
}

int fsync(int fd)
{
    return named(fd, "SHIM_UNSYNCED") ? fdatasync(fd) : REAL(fsync)(fd);
}

int flock(int fd, int operation)
{
    return named(fd, "SHIM_UNLOCKED") ? fail(ENOLCK) : REAL(flock)(fd, operation);
}

/* Once the file SHIM_JUMP is there, the clocks are off by so many seconds: the wall's by SHIM_WALL,
   and by SHIM_STEADY the one that only ever runs on. */
int clock_gettime(clockid_t clock, struct timespec *time)
{
    int failed = REAL(clock_gettime)(clock, time), code = errno;
    const char *jump = getenv("SHIM_JUMP");
    if (jump && access(jump, F_OK) == 0)
        time->tv_sec += atoi(getenv(clock == CLOCK_REALTIME ? "SHIM_WALL" : "SHIM_STEADY"));
    errno = code;
    return failed;
}
