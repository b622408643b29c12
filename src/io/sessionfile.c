/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files are made under another name and renamed when they are whole, so a crash
 * in the middle leaves the old file or none. Nothing is changed in a file
 * before its lock is held, and no symbolic link is followed: httpd starts as
 * root, and the folder may be somebody's.
 */
#include "io/sessionfile.h"

#include <apr_strings.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/hidden.h"
#include "core/sha256.h"

#define PAGE 4096
#define FILE_VERSION 1
#define LOCK_STEP_MICROSECONDS 50000
#define SUFFIX_MAX 8 /* ".aside" */

typedef struct {
    char magic[8];
    apr_uint32_t version;
    apr_uint32_t byte_order;
    apr_uint64_t bytes; /* of the table */
    unsigned char key[PWL_SEAL_KEY_BYTES];
    unsigned char sum[PWL_SHA256_BYTES]; /* over all above */
} head_t;

static const char magic[8] = {'P', 'W', 'L', 'F', 'I', 'L', 'E', '\n'};

static pwl_result_t failed(int error, const char *detail)
{
    pwl_result_t res = {PWL_STORE_FAILED, APR_FROM_OS_ERROR(error), detail};

    return res;
}

static pwl_result_t good(void)
{
    pwl_result_t res = {PWL_OK, APR_SUCCESS, NULL};

    return res;
}

static void forget(pwl_sessionfile_t *file)
{
    memset(file, 0, sizeof(*file));
    file->fd = -1;
}

/* PATH with a suffix; `out` has room for PWL_SESSIONFILE_PATH_MAX. */
static void with_suffix(char *out, const char *path, const char *suffix)
{
    apr_snprintf(out, PWL_SESSIONFILE_PATH_MAX, "%s%s", path, suffix);
}

/* NULL, or why a file of that kind is not ours to use. */
static const char *untrusted(const struct stat *info)
{
    if (S_ISLNK(info->st_mode))
        return "it is a symbolic link";
    if (!S_ISREG(info->st_mode))
        return "it is not a regular file";
    if (info->st_uid != geteuid())
        return "it belongs to another user than the one who starts httpd";
    if (info->st_mode & 077)
        return "others than its owner may read or write it";
    if (info->st_nlink != 1)
        return "it has more than one name";
    return NULL;
}

static const char *judge_folder(const char *path, apr_pool_t *pool)
{
    const char *slash = strrchr(path, '/');
    const char *folder = apr_pstrmemdup(pool, path, slash - path + 1);
    struct stat info;

    if (stat(folder, &info) != 0 || !S_ISDIR(info.st_mode))
        return apr_psprintf(pool,
                            "names a file in %s, which is no folder: make it, "
                            "owned by root, mode 700",
                            folder);
    if (info.st_mode & S_IWOTH && !(info.st_mode & S_ISVTX))
        return apr_psprintf(pool,
                            "names a file in %s, where everybody may rename "
                            "files: take a folder that only root writes in",
                            folder);
    return NULL;
}

const char *pwl_sessionfile_judge(const char *path, apr_pool_t *pool)
{
    struct stat info;

    if (path[0] != '/' || strlen(path) + SUFFIX_MAX >= PWL_SESSIONFILE_PATH_MAX)
        return "names no file, or one with too long a path (try "
               "shm:/var/lib/auth0_pwless/sessions(32m))";
    if (lstat(path, &info) == 0 && S_ISDIR(info.st_mode))
        return apr_psprintf(pool, "names the folder %s: add a file's name",
                            path);
    return judge_folder(path, pool);
}

pwl_result_t pwl_sessionfile_anonymous(apr_size_t bytes, pwl_sessionfile_t *out)
{
    forget(out);
    out->map = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (out->map == MAP_FAILED) {
        out->map = NULL;
        return failed(errno, "no memory for a session table of that size");
    }
    pwl_hidden_from_cores(out->map, bytes);
    out->table = out->map;
    out->bytes = bytes;
    return good();
}

/* Map a file whose descriptor is out->fd. */
static pwl_result_t map_file(const char *path, apr_size_t bytes,
                             pwl_sessionfile_t *out)
{
    out->map = mmap(NULL, PAGE + bytes, PROT_READ | PROT_WRITE, MAP_SHARED,
                    out->fd, 0);
    if (out->map == MAP_FAILED) {
        out->map = NULL;
        return failed(errno, "the session file cannot be mapped");
    }
    pwl_hidden_from_cores(out->map, PAGE + bytes);
    out->table = (char *)out->map + PAGE;
    out->bytes = bytes;
    apr_cpystrn(out->path, path, sizeof(out->path));
    return good();
}

static void sum_of(const head_t *head, unsigned char sum[PWL_SHA256_BYTES])
{
    pwl_sha256(head, offsetof(head_t, sum), sum);
}

/* NULL, or why the first page is not one we wrote for a file of that size. */
static const char *foreign(const head_t *head, apr_off_t size)
{
    unsigned char sum[PWL_SHA256_BYTES];

    if (memcmp(head->magic, magic, sizeof(magic)) != 0)
        return "it is no session file";
    if (head->version != FILE_VERSION || head->byte_order != 0x01020304)
        return "it is of another version or machine";
    sum_of(head, sum);
    if (memcmp(sum, head->sum, sizeof(sum)) != 0)
        return "its first page is damaged";
    if (size < PAGE || head->bytes != (apr_uint64_t)size - PAGE)
        return "it has another size than it says";
    return NULL;
}

/* Wait for the lock a while: a server that is stopping has it until its last
 * child has ended. @return 0 or errno */
static int lock_file(int fd)
{
    int tries =
        PWL_SESSIONFILE_WAIT_SECONDS * 1000000 / LOCK_STEP_MICROSECONDS;

    while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK || tries-- == 0)
            return errno;
        usleep(LOCK_STEP_MICROSECONDS);
    }
    return 0;
}

/* Look into the file of `fd`, which is locked. @return PWL_OK, and *why, or a
 * mapping in *out */
static pwl_result_t read_file(const char *path, pwl_sessionfile_t *out,
                              unsigned char key[PWL_SEAL_KEY_BYTES],
                              const char **why)
{
    pwl_result_t res;
    struct stat info;
    head_t head;

    if (fstat(out->fd, &info) != 0)
        return failed(errno, "the session file cannot be looked at");
    *why = untrusted(&info);
    if (*why)
        return good();
    memset(&head, 0, sizeof(head));
    if (pread(out->fd, &head, sizeof(head), 0) < 0)
        return failed(errno, "the session file cannot be read");
    *why = foreign(&head, info.st_size);
    if (*why)
        return good();
    res = map_file(path, (apr_size_t)head.bytes, out);
    if (res.why == PWL_OK)
        memcpy(key, head.key, PWL_SEAL_KEY_BYTES);
    return res;
}

static pwl_result_t rename_aside(const char *path)
{
    char aside[PWL_SESSIONFILE_PATH_MAX];

    with_suffix(aside, path, ".aside");
    if (rename(path, aside) != 0)
        return failed(errno, "the session file cannot be used, nor renamed to "
                             "make room: remove it");
    return good();
}

/* Open the path for reading and writing, and lock it.
 * @return PWL_OK with out->fd; out->fd < 0: nothing there, or *why */
static pwl_result_t open_locked(const char *path, pwl_sessionfile_t *out,
                                const char **why)
{
    struct stat info;
    int error;

    if (lstat(path, &info) != 0)
        return errno == ENOENT
                   ? good()
                   : failed(errno, "the session file cannot be looked at");
    *why = untrusted(&info);
    if (*why)
        return good();
    out->fd = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (out->fd < 0)
        return failed(errno, "the session file cannot be opened for reading "
                             "and writing");
    error = lock_file(out->fd);
    if (error == EWOULDBLOCK)
        return failed(error, "the session file is in use by another server: "
                             "give each server a file of its own");
    return error ? failed(error, "the session file cannot be locked") : good();
}

pwl_result_t pwl_sessionfile_open(const char *path,
                                  unsigned char key[PWL_SEAL_KEY_BYTES],
                                  pwl_sessionfile_t *out, const char **aside,
                                  apr_pool_t *pool)
{
    const char *why = NULL;
    pwl_result_t res;

    forget(out);
    *aside = NULL;
    res = open_locked(path, out, &why);
    if (res.why == PWL_OK && out->fd >= 0)
        res = read_file(path, out, key, &why);
    if (res.why == PWL_OK && why) {
        *aside = apr_psprintf(pool, "%s: %s", path, why);
        res = rename_aside(path);
    }
    if (!out->map) {
        pwl_sessionfile_close(out);
        if (res.why != PWL_OK)
            res.detail = apr_psprintf(pool, "%s: %s", path, res.detail);
    }
    return res;
}

static void write_head(void *page, apr_size_t bytes,
                       const unsigned char key[PWL_SEAL_KEY_BYTES])
{
    head_t head;

    memset(&head, 0, sizeof(head));
    memcpy(head.magic, magic, sizeof(magic));
    head.version = FILE_VERSION;
    head.byte_order = 0x01020304;
    head.bytes = bytes;
    memcpy(head.key, key, sizeof(head.key));
    sum_of(&head, head.sum);
    memcpy(page, &head, sizeof(head));
}

/* A new file of that size, empty and locked, in out->fd. */
static pwl_result_t make_file(const char *name, apr_size_t bytes,
                              pwl_sessionfile_t *out)
{
    int error;

    unlink(name); /* of a start that was cut off */
    out->fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                   0600);
    if (out->fd < 0)
        return failed(errno, "the session file cannot be made");
    if (fchmod(out->fd, 0600) != 0 || flock(out->fd, LOCK_EX | LOCK_NB) != 0)
        return failed(errno, "the session file cannot be locked");
    error = posix_fallocate(out->fd, 0, (off_t)(PAGE + bytes));
    if (error)
        return failed(error, "no room on the disk for a session file of that "
                             "size");
    return good();
}

pwl_result_t pwl_sessionfile_make(const char *path, apr_size_t bytes,
                                  const unsigned char key[PWL_SEAL_KEY_BYTES],
                                  pwl_sessionfile_t *out, apr_pool_t *pool)
{
    char name[PWL_SESSIONFILE_PATH_MAX];
    pwl_result_t res;

    forget(out);
    with_suffix(name, path, ".new");
    res = make_file(name, bytes, out);
    if (res.why == PWL_OK)
        res = map_file(path, bytes, out);
    if (res.why != PWL_OK) {
        if (out->fd >= 0)
            unlink(name);
        pwl_sessionfile_close(out);
        res.detail = apr_psprintf(pool, "%s: %s", path, res.detail);
        return res;
    }
    write_head(out->map, bytes, key);
    return res;
}

static int sync_folder(const char *path)
{
    char folder[PWL_SESSIONFILE_PATH_MAX];
    int fd, good_sync;

    apr_cpystrn(folder, path, sizeof(folder));
    strrchr(folder, '/')[1] = '\0';
    fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    good_sync = fsync(fd) == 0;
    close(fd);
    return good_sync;
}

pwl_result_t pwl_sessionfile_replace(pwl_sessionfile_t *file)
{
    char name[PWL_SESSIONFILE_PATH_MAX];

    with_suffix(name, file->path, ".new");
    if (fsync(file->fd) != 0 || rename(name, file->path) != 0 ||
        !sync_folder(file->path))
        return failed(errno, "the session file cannot be put in its place");
    return good();
}

pwl_result_t pwl_sessionfile_set_aside(pwl_sessionfile_t *file)
{
    pwl_result_t res = rename_aside(file->path);

    pwl_sessionfile_close(file);
    return res;
}

pwl_result_t pwl_sessionfile_abandon(pwl_sessionfile_t *file)
{
    pwl_result_t res = good();

    if (file->map && file->fd >= 0) {
        if (pwl_sessionfile_in_place(file))
            res = rename_aside(file->path);
        close(file->fd);
    }
    forget(file);
    return res;
}

int pwl_sessionfile_in_place(const pwl_sessionfile_t *file)
{
    struct stat ours, there;

    if (file->fd < 0)
        return 1;
    return fstat(file->fd, &ours) == 0 && lstat(file->path, &there) == 0 &&
           ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}

void pwl_sessionfile_flush(const pwl_sessionfile_t *file)
{
    if (!file->map || file->fd < 0)
        return;
#ifdef SYNC_FILE_RANGE_WRITE
    /* msync(MS_ASYNC) does nothing on Linux; this starts the writing. */
    sync_file_range(file->fd, 0, 0, SYNC_FILE_RANGE_WRITE);
#else
    msync(file->map, PAGE + file->bytes, MS_ASYNC);
#endif
}

void pwl_sessionfile_close(pwl_sessionfile_t *file)
{
    if (file->map)
        munmap(file->map, file->fd < 0 ? file->bytes : PAGE + file->bytes);
    if (file->fd >= 0)
        close(file->fd);
    forget(file);
}
