/* SPDX-License-Identifier: Apache-2.0 */
/* The file sessions are kept in: whose it is, what it says, what is done with
 * one that cannot be used. */
#include "io/sessionfile.h"

#include <apr_general.h>
#include <apr_strings.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

#define BYTES ((apr_size_t)64 * 1024)

static apr_pool_t *pool;
static char folder[] = "/tmp/pwless-sessionfile-XXXXXX";
static const char *path, *aside;
static unsigned char key[PWL_SEAL_KEY_BYTES];

static int exists(const char *name)
{
    struct stat info;

    return lstat(name, &info) == 0;
}

/* A good file at the path, with a word in its table. */
static void make_good(void)
{
    pwl_sessionfile_t file;

    memset(key, 7, sizeof(key));
    unlink(path);
    unlink(aside);
    if (pwl_sessionfile_make(path, BYTES, key, &file, pool).why != PWL_OK ||
        pwl_sessionfile_replace(&file).why != PWL_OK)
        abort();
    memcpy(file.table, "sessions", 9);
    pwl_sessionfile_close(&file);
}

static void test_round(void)
{
    pwl_sessionfile_t file;
    unsigned char found[PWL_SEAL_KEY_BYTES] = {0};
    const char *why;
    struct stat info;
    pwl_result_t res;

    res = pwl_sessionfile_open(path, found, &file, &why, pool);
    tap_ok(res.why == PWL_OK && !file.map && !why,
           "no file: nothing found, nothing wrong");
    res = pwl_sessionfile_make(path, BYTES, key, &file, pool);
    tap_str("a file is made", pwl_reason_word(res.why), "ok");
    tap_ok(!exists(path), "S17: it is not at its path before it is whole");
    tap_ok(!pwl_sessionfile_in_place(&file), "and knows that");
    res = pwl_sessionfile_replace(&file);
    tap_str("and put in its place", pwl_reason_word(res.why), "ok");
    tap_ok(pwl_sessionfile_in_place(&file), "where it is");
    tap_ok(((apr_size_t)file.table & 4095) == 0, "the table is on a page");
    stat(path, &info);
    tap_int("S17: only its owner may read it", info.st_mode & 07777, 0600);
    tap_ok(info.st_blocks * 512 >= (long)BYTES,
           "its blocks are there: a full disk ends nobody later");
    pwl_sessionfile_close(&file);
    make_good();
    res = pwl_sessionfile_open(path, found, &file, &why, pool);
    tap_str("S17: what was written is found", file.table, "sessions");
    tap_ok(memcmp(found, key, sizeof(key)) == 0, "S17: and the key");
    tap_int("and the size", (long long)file.bytes, (long long)BYTES);
    pwl_sessionfile_flush(&file);
    unlink(path);
    tap_ok(!pwl_sessionfile_in_place(&file), "a file that was removed is missed");
    pwl_sessionfile_close(&file);
}

/* ---- files that are set aside --------------------------------------------- */

static void write_at(off_t at, const char *bytes, size_t count)
{
    int fd = open(path, O_RDWR);

    if (fd < 0 || pwrite(fd, bytes, count, at) != (ssize_t)count)
        abort();
    close(fd);
}

static void damage_magic(void) { write_at(0, "X", 1); }
static void damage_version(void) { write_at(8, "\x07", 1); }
static void damage_size(void) { write_at(17, "\x7f", 1); }
static void damage_key(void) { write_at(40, "\x7f", 1); }
static void cut_short(void)
{
    if (truncate(path, 4096 + BYTES / 2) != 0)
        abort();
}
static void cut_to_nothing(void)
{
    if (truncate(path, 0) != 0)
        abort();
}
static void grow(void)
{
    if (truncate(path, 4096 + BYTES * 2) != 0)
        abort();
}
static void open_to_all(void) { chmod(path, 0644); }
static void writable_to_group(void) { chmod(path, 0620); }
static void other_owner(void)
{
    if (chown(path, 4242, 4242) != 0)
        abort();
}
static void link_to_it(void)
{
    rename(path, apr_pstrcat(pool, path, ".real", NULL));
    if (symlink(apr_pstrcat(pool, path, ".real", NULL), path) != 0)
        abort();
}
static void dangling_link(void)
{
    unlink(path);
    if (symlink("/etc/pwless-nothing", path) != 0)
        abort();
}
static void second_name(void)
{
    const char *other = apr_pstrcat(pool, path, ".real", NULL);

    unlink(other);
    if (link(path, other) != 0)
        abort();
}
static void a_pipe(void)
{
    unlink(path);
    mkfifo(path, 0600);
}

static const struct {
    const char *what;
    void (*spoil)(void);
    const char *why;
    int needs_root;
} spoilt[] = {
    {"S17: not a session file", damage_magic, "no session file", 0},
    {"S17: another version", damage_version, "another version", 0},
    {"S17: a size that is not its own", damage_size, "first page is damaged", 0},
    {"S17: a damaged key", damage_key, "first page is damaged", 0},
    {"S17: cut short", cut_short, "another size", 0},
    {"S17: empty", cut_to_nothing, "no session file", 0},
    {"S17: grown", grow, "another size", 0},
    {"S17: readable by all", open_to_all, "others than its owner", 0},
    {"S17: writable by a group", writable_to_group, "others than its owner", 0},
    {"S17: of another owner", other_owner, "another user", 1},
    {"S17: a symbolic link to a good one", link_to_it, "symbolic link", 0},
    {"S17: a symbolic link to nothing", dangling_link, "symbolic link", 0},
    {"S17: a second name", second_name, "more than one name", 0},
    {"S17: a pipe", a_pipe, "not a regular file", 0},
};

static void test_aside(void)
{
    for (size_t i = 0; i < sizeof(spoilt) / sizeof(spoilt[0]); i++) {
        unsigned char found[PWL_SEAL_KEY_BYTES] = {0};
        unsigned char none[PWL_SEAL_KEY_BYTES] = {0};
        pwl_sessionfile_t file;
        const char *why;
        pwl_result_t res;

        if (spoilt[i].needs_root && geteuid() != 0)
            continue;
        make_good();
        spoilt[i].spoil();
        res = pwl_sessionfile_open(path, found, &file, &why, pool);
        tap_str(spoilt[i].what, pwl_reason_word(res.why), "ok");
        tap_ok(!file.map && file.fd < 0, "  is not used");
        tap_ok(memcmp(found, none, sizeof(none)) == 0, "  nor its key");
        if (!tap_ok(why && strstr(why, spoilt[i].why) && strstr(why, path),
                    "  and it is said why"))
            printf("# %s\n", why ? why : "(nothing)");
        tap_ok(!exists(path) && exists(aside), "  it is set aside");
    }
    tap_ok(!exists("/etc/pwless-nothing"), "S17: no link was followed");
}

/* ---- what cannot be mended ------------------------------------------------ */

static void test_in_use(void)
{
    pwl_sessionfile_t mine, theirs;
    const char *why;
    int ready[2];
    pid_t pid;
    char byte;

    make_good();
    if (pipe(ready) != 0)
        abort();
    pid = fork();
    if (pid == 0) {
        pwl_sessionfile_open(path, key, &theirs, &why, pool);
        if (write(ready[1], "x", 1) == 1)
            pause();
        _exit(0);
    }
    if (read(ready[0], &byte, 1) != 1)
        abort();
    if (fork() == 0) { /* it lets go while we wait */
        usleep(500000);
        kill(pid, SIGKILL);
        _exit(0);
    }
    tap_str("S17: a server that is just stopping is waited for",
            pwl_reason_word(
                pwl_sessionfile_open(path, key, &mine, &why, pool).why),
            "ok");
    while (wait(NULL) > 0)
        ;
    pid = fork();
    if (pid == 0)
        _exit(pwl_sessionfile_open(path, key, &theirs, &why, pool).why !=
              PWL_STORE_FAILED);
    waitpid(pid, &ready[0], 0);
    tap_int("S17: two servers never share a file", ready[0], 0);
    tap_ok(exists(path), "S17: and it is not set aside");
    pwl_sessionfile_close(&mine);
}

static void test_no_room(void)
{
    pwl_sessionfile_t file;
    pwl_result_t res =
        pwl_sessionfile_make(path, (apr_size_t)1 << 50, key, &file, pool);

    tap_str("S17: a size no disk has", pwl_reason_word(res.why), "store-failed");
    tap_ok(res.detail && strstr(res.detail, "no room"), "and it is said why");
    tap_ok(!exists(apr_pstrcat(pool, path, ".new", NULL)), "nothing is left");
    res = pwl_sessionfile_make("/nowhere/sessions", BYTES, key, &file, pool);
    tap_str("S17: a folder that is not there", pwl_reason_word(res.why),
            "store-failed");
    tap_int("with the system's word", res.rv, APR_ENOENT);
}

static void judged(const char *what, const char *name, const char *want)
{
    const char *got = pwl_sessionfile_judge(name, pool);

    if (!tap_ok(want ? got && strstr(got, want) : !got, what))
        printf("# %s\n", got ? got : "(nothing)");
}

static void test_judge(void)
{
    char *open_folder = apr_pstrcat(pool, folder, "/open", NULL);
    char *longest = apr_palloc(pool, PWL_SESSIONFILE_PATH_MAX + 1);

    mkdir(open_folder, 0777);
    chmod(open_folder, 0777);
    memset(longest, 'a', PWL_SESSIONFILE_PATH_MAX);
    longest[0] = '/';
    longest[PWL_SESSIONFILE_PATH_MAX] = '\0';
    unlink(path);
    judged("C1: a good path", path, NULL);
    tap_ok(!exists(path), "C1: is judged without making it");
    judged("C1: a folder", folder, "add a file's name");
    judged("C1: a folder that is not there", "/nowhere/sessions", "no folder");
    judged("C1: a folder open to all",
           apr_pstrcat(pool, open_folder, "/sessions", NULL), "only root");
    judged("C1: a path too long", longest, "too long");
    judged("C1: no path", "sessions", "names no file");
    rmdir(open_folder);
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    if (!mkdtemp(folder))
        return 1;
    path = apr_pstrcat(pool, folder, "/sessions", NULL);
    aside = apr_pstrcat(pool, path, ".aside", NULL);
    test_round();
    test_aside();
    test_in_use();
    test_no_room();
    test_judge();
    unlink(path);
    unlink(aside);
    unlink(apr_pstrcat(pool, path, ".real", NULL));
    tap_int("and nothing else was left behind", rmdir(folder), 0);
    apr_pool_destroy(pool);
    apr_terminate();
    return tap_done();
}
