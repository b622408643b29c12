/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session file of any origin, as an httpd finds it that starts.
 *
 * Input: a byte. Even: the rest is the file. Odd: a file of ours with a table
 * and some sessions in it, and the rest are changes of four bytes: three say
 * where, one is laid over what is there; a last one or two cut the file, or
 * make it longer.
 *
 * It is taken over or set aside, never both and never neither; ours is taken
 * over if nothing was changed that its first page answers for, and set aside
 * else. What comes of the table must be whole, and show nobody a wrong session.
 */
#include "target.h"

#include <sys/stat.h>

#include "../unit/sessions_fixture.h"
#include "io/sessionfile.h"
#include "io/sessions_walk.h"
#include "place.h"

#define PAGE 4096
#define USERS 5
/* magic, version, byte order, size, key, sum: io/sessionfile.c */
#define HEAD_BYTES (8 + 4 + 4 + 8 + PWL_SEAL_KEY_BYTES + 32)

static const unsigned char key[PWL_SEAL_KEY_BYTES] = "the key of this table";

/* A file of ours, at its path without waiting for the disk. */
static void write_ours(const char *path, apr_pool_t *pool)
{
    const char *made = apr_pstrcat(pool, path, ".new", NULL);
    pwl_sessionfile_t file;
    pwl_sessions_t *table;

    PROMISE(
        pwl_sessionfile_make(path, pwl_sessions_min_bytes(), key, &file, pool)
            .why == PWL_OK);
    PROMISE(pwl_sessions_format(file.table, file.bytes, &table, pool).why ==
            PWL_OK);
    for (unsigned int user = 0; user < USERS; user++)
        PROMISE(fixture_put(table, user, 1, NOW, NOW + SEC(60)) == PWL_OK);
    pwl_sessionfile_close(&file);
    PROMISE(rename(made, path) == 0);
}

/* @return whether the first page still tells the truth */
static int change(const char *path, input_t *in)
{
    unsigned char head[HEAD_BYTES], now[HEAD_BYTES], byte;
    int fd = open(path, O_RDWR), good;
    struct stat info;
    off_t size;

    PROMISE(fd >= 0 && fstat(fd, &info) == 0);
    PROMISE(pread(fd, head, sizeof(head), 0) == (ssize_t)sizeof(head));
    while (input_left(in) >= 4) {
        unsigned int at = input_byte(in) << 16;

        at |= input_byte(in) << 8;
        at = (at | input_byte(in)) % (unsigned int)info.st_size;
        PROMISE(pread(fd, &byte, 1, at) == 1);
        byte ^= (unsigned char)input_byte(in);
        PROMISE(pwrite(fd, &byte, 1, at) == 1);
    }
    PROMISE(pread(fd, now, sizeof(now), 0) == (ssize_t)sizeof(now));
    good = memcmp(head, now, sizeof(head)) == 0;
    if (input_left(in)) {
        size = (off_t)input_byte(in) * PAGE;
        size += (off_t)input_byte(in);
        PROMISE(ftruncate(fd, size) == 0);
        good = good && size == info.st_size;
    }
    close(fd);
    return good;
}

/* As io/store.c does. Only what was put may be found. */
static void take_over(pwl_sessionfile_t *file, int untouched, apr_pool_t *pool)
{
    pwl_session_t session;
    pwl_sessions_t *table;
    const char *what;

    if (pwl_sessions_recover(file->table, file->bytes, &table, pool).why !=
        PWL_OK) {
        PROMISE(!untouched);
        return;
    }
    PROMISE(pwl_sessions_check(table, &what) == PWL_OK);
    for (unsigned int user = 0; user < USERS; user++) {
        pwl_reason_t why = fixture_get(table, user, &session, pool);

        PROMISE(why == PWL_OK ? fixture_is(&session, user, 1) : !untouched);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input_t in = {data, data + size};
    int ours = input_byte(&in) & 1, good = 0, untouched = size < 2;
    unsigned char read_key[PWL_SEAL_KEY_BYTES] = {0};
    apr_pool_t *pool = input_pool();
    pwl_sessionfile_t file;
    struct stat info;
    const char *path = place_file(), *why;
    const char *aside = apr_pstrcat(pool, path, ".aside", NULL);

    if (ours) {
        write_ours(path, pool);
        good = change(path, &in);
    } else {
        place_write(in.at, input_left(&in));
    }
    PROMISE(stat(path, &info) == 0);
    PROMISE(pwl_sessionfile_open(path, read_key, &file, &why, pool).why ==
            PWL_OK);
    PROMISE(!file.map == !!why);
    PROMISE(!ours || !!file.map == good);
    PROMISE(access(file.map ? path : aside, F_OK) == 0);
    PROMISE(access(file.map ? aside : path, F_OK) != 0);
    if (file.map) {
        PROMISE(file.bytes == (apr_size_t)info.st_size - PAGE);
        PROMISE(!ours || memcmp(read_key, key, sizeof(key)) == 0);
        take_over(&file, ours && untouched, pool);
    }
    pwl_sessionfile_close(&file);
    unlink(aside);
    unlink(path);
    apr_pool_destroy(pool);
    return 0;
}
