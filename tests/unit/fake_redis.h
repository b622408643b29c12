/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two servers for unit tests: a real redis-server of the test's own, and one
 * that answers everything with the same bytes, whatever it is asked.
 */
#ifndef PWL_TESTS_FAKE_REDIS_H
#define PWL_TESTS_FAKE_REDIS_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct {
    int port;
    pid_t pid;
} fake_redis_t;

typedef struct {
    const char *bytes;
    size_t len;      /* 0: all of `bytes`, a string */
    int times;       /* how often they are sent; 0: once */
    int pause_ms;    /* before each time */
    int stays;       /* the connection stays open afterwards */
    int one_command; /* close the connection after the first answer */
} fake_script_t;

/* A listening socket on a free port of loopback. */
static inline int fake_listen(int *port)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t len = sizeof(at);
    int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(fd, (void *)&at, sizeof(at)) || listen(fd, 64) ||
        getsockname(fd, (void *)&at, &len))
        abort();
    *port = ntohs(at.sin_port);
    return fd;
}

static inline void fake_serve(int client, const fake_script_t *script)
{
    char asked[65536];
    size_t len = script->len ? script->len : strlen(script->bytes);

    while (read(client, asked, sizeof(asked)) > 0) {
        for (int i = 0; i < (script->times ? script->times : 1); i++) {
            if (script->pause_ms)
                usleep((useconds_t)script->pause_ms * 1000);
            if (write(client, script->bytes, len) < 0)
                return;
        }
        if (script->one_command)
            return;
        if (script->stays)
            sleep(30);
    }
}

/* One process a connection; all end with the test. */
static inline fake_redis_t fake_start(const fake_script_t *script)
{
    fake_redis_t fake;
    int listening = fake_listen(&fake.port);

    fflush(stdout);
    fake.pid = fork();
    if (fake.pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        signal(SIGCHLD, SIG_IGN);
        for (;;) {
            int client = accept(listening, NULL, NULL);

            if (fork() == 0) {
                prctl(PR_SET_PDEATHSIG, SIGKILL);
                close(listening);
                fake_serve(client, script);
                _exit(0);
            }
            close(client);
        }
    }
    close(listening);
    return fake;
}

static inline void fake_stop(fake_redis_t *fake)
{
    kill(fake->pid, SIGKILL);
    waitpid(fake->pid, NULL, 0);
}

static inline int fake_is_up(int port)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((unsigned short)port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    int up;

    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    up = connect(fd, (void *)&at, sizeof(at)) == 0;
    close(fd);
    return up;
}

/* A redis-server on `port` (0: a free one) that keeps nothing. */
static inline fake_redis_t real_start(int port, const char *password)
{
    fake_redis_t real = {.port = port};
    char text[16];

    if (!port)
        close(fake_listen(&real.port));
    snprintf(text, sizeof(text), "%d", real.port);
    fflush(stdout);
    real.pid = fork();
    if (real.pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (!freopen("/dev/null", "w", stdout))
            _exit(1);
        /* One binary, which goes by the name it is called. Debian's
         * redis-tools has it, and starts no service as redis-server does. */
        execlp("redis-check-rdb", "redis-server", "--port", text, "--bind",
               "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", "/tmp",
               password ? "--requirepass" : NULL, password, NULL);
        _exit(1);
    }
    for (int i = 0; i < 200 && !fake_is_up(real.port); i++)
        usleep(50 * 1000);
    return real;
}

#endif
