/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small HTTPS server on 127.0.0.1 for our C tests.
 *
 * It runs in a child process, with another for each connection, and does what
 * the test's script says after each request: answer, drip, stop, reset. Keys
 * and certificates are made when the test starts. What it saw lies in memory
 * shared with the test. It ends with the test, or after 60 s.
 */
#ifndef PWL_TESTS_TLS_SERVER_H
#define PWL_TESTS_TLS_SERVER_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define TLS_REQUEST_MAX 16384
#define TLS_DAY (24L * 3600)

typedef enum {
    TLS_GOOD,
    TLS_EXPIRED,
    TLS_SELF_SIGNED,
    TLS_WRONG_HOST,
    TLS_WRONG_CA,
    TLS_OLD,        /* TLS 1.1 at most */
    TLS_NO_SECRECY, /* only ciphers that encrypt nothing */
    TLS_SILENT,     /* accepts, then says nothing, not even in TLS */
    TLS_RESET,      /* accepts, then resets */
    TLS_PLAIN       /* no TLS: the script talks over the socket */
} tls_kind_t;

/** What the server saw; read it when the call is over. */
typedef struct {
    int connections;
    int resumed; /* connections that brought a TLS session along */
    int requests;
    int events; /* connections ended, and what scripts count */
    char sni[64];
    char last[TLS_REQUEST_MAX + 1]; /* the last request, whole */
} tls_seen_t;

typedef struct {
    tls_seen_t *seen;
    int fd;
    SSL *ssl; /* NULL: TLS_PLAIN */
    int nth;  /* request on this connection, from 1 */
    char path[128];
    char request[TLS_REQUEST_MAX + 1];
} tls_conn_t;

/** Answer conn->request. @return whether to wait for another */
typedef int tls_script_t(tls_conn_t *conn);

typedef struct {
    pid_t pid;
    int port;
    tls_seen_t *seen;
} tls_server_t;

static EVP_PKEY *tls_ca_key, *tls_other_key, *tls_leaf_key;
static X509 *tls_ca, *tls_other;
static char tls_ca_file[] = "/tmp/pwl-ca-XXXXXX";
static char tls_other_ca_file[] = "/tmp/pwl-ca-XXXXXX";

static X509 *tls_certify(EVP_PKEY *key, X509 *issuer, EVP_PKEY *issuer_key,
                         const char *san, long until)
{
    static long serial;
    X509 *cert = X509_new();
    X509_NAME *name = X509_get_subject_name(cert);
    X509_EXTENSION *ext;
    X509V3_CTX ctx;
    const char *name_of_ca = key == tls_ca_key ? "ca" : "other ca";

    X509_set_version(cert, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(cert), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(cert), -2 * TLS_DAY);
    X509_gmtime_adj(X509_getm_notAfter(cert), until);
    X509_set_pubkey(cert, key);
    X509_NAME_add_entry_by_txt(
        name, "CN", MBSTRING_ASC,
        (const unsigned char *)(san ? "server" : name_of_ca), -1, -1, 0);
    X509_set_issuer_name(cert, issuer ? X509_get_subject_name(issuer) : name);
    X509V3_set_ctx(&ctx, issuer ? issuer : cert, cert, NULL, NULL, 0);
    ext = san ? X509V3_EXT_conf_nid(NULL, &ctx, NID_subject_alt_name, san)
              : X509V3_EXT_conf_nid(NULL, &ctx, NID_basic_constraints,
                                    "critical,CA:TRUE");
    X509_add_ext(cert, ext, -1);
    X509_EXTENSION_free(ext);
    X509_sign(cert, issuer_key, EVP_sha256());
    return cert;
}

static void tls_write_pem(char *path, X509 *cert)
{
    int fd = mkstemp(path);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");

    if (!file || !PEM_write_X509(file, cert) || fclose(file) != 0)
        abort();
}

/** Before the first server. */
static void tls_setup(void)
{
    signal(SIGPIPE, SIG_IGN);
    tls_ca_key = EVP_EC_gen("P-256");
    tls_other_key = EVP_EC_gen("P-256");
    tls_leaf_key = EVP_EC_gen("P-256");
    tls_ca = tls_certify(tls_ca_key, NULL, tls_ca_key, NULL, TLS_DAY);
    tls_other = tls_certify(tls_other_key, NULL, tls_other_key, NULL, TLS_DAY);
    tls_write_pem(tls_ca_file, tls_ca);
    tls_write_pem(tls_other_ca_file, tls_other);
}

static void tls_teardown(void)
{
    unlink(tls_ca_file);
    unlink(tls_other_ca_file);
    X509_free(tls_ca);
    X509_free(tls_other);
    EVP_PKEY_free(tls_ca_key);
    EVP_PKEY_free(tls_other_key);
    EVP_PKEY_free(tls_leaf_key);
}

static SSL_CTX *tls_context(tls_kind_t kind)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    X509 *cert;

    cert = tls_certify(
        tls_leaf_key,
        kind == TLS_SELF_SIGNED ? NULL
        : kind == TLS_WRONG_CA  ? tls_other
                                : tls_ca,
        kind == TLS_SELF_SIGNED ? tls_leaf_key
        : kind == TLS_WRONG_CA  ? tls_other_key
                                : tls_ca_key,
        kind == TLS_WRONG_HOST
            ? "DNS:other.test,IP:127.0.0.2"
            : "DNS:tenant.test,DNS:both.test,DNS:slow.test,IP:127.0.0.1",
        kind == TLS_EXPIRED ? -TLS_DAY : TLS_DAY);
    SSL_CTX_use_certificate(ctx, cert);
    SSL_CTX_use_PrivateKey(ctx, tls_leaf_key);
    SSL_CTX_set_session_id_context(ctx, (const unsigned char *)"pwl", 3);
    if (kind == TLS_OLD) {
        SSL_CTX_set_min_proto_version(ctx, TLS1_VERSION);
        SSL_CTX_set_max_proto_version(ctx, TLS1_1_VERSION);
        SSL_CTX_set_cipher_list(ctx, "DEFAULT@SECLEVEL=0");
    }
    if (kind == TLS_NO_SECRECY) {
        SSL_CTX_set_max_proto_version(ctx, TLS1_2_VERSION);
        SSL_CTX_set_cipher_list(ctx, "eNULL@SECLEVEL=0");
    }
    return ctx;
}

static int tls_read(tls_conn_t *conn, char *to, int max)
{
    return conn->ssl ? SSL_read(conn->ssl, to, max)
                     : (int)read(conn->fd, to, (size_t)max);
}

static void tls_write(tls_conn_t *conn, const char *bytes, size_t len)
{
    if (conn->ssl)
        SSL_write(conn->ssl, bytes, (int)len);
    else if (write(conn->fd, bytes, len) < 0)
        _exit(0);
}

static void tls_say(tls_conn_t *conn, const char *text)
{
    tls_write(conn, text, strlen(text));
}

/** Say it a byte at a time. */
static inline void tls_drip(tls_conn_t *conn, const char *text,
                            useconds_t pause)
{
    for (; *text; text++) {
        tls_write(conn, text, 1);
        usleep(pause);
    }
}

/** Tell the test that something is done; see tls_await(). */
static void tls_event(tls_conn_t *conn)
{
    __atomic_add_fetch(&conn->seen->events, 1, __ATOMIC_SEQ_CST);
}

/** Wait, 5 s at most, until `*count` has come to `want`. */
static inline void tls_await(const int *count, int want)
{
    int i;

    for (i = 0; i < 5000; i++) {
        if (__atomic_load_n(count, __ATOMIC_SEQ_CST) >= want)
            return;
        usleep(1000);
    }
}

/** Close so that the peer gets RST. */
static void tls_cut(tls_conn_t *conn)
{
    struct linger now = {1, 0};

    setsockopt(conn->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    close(conn->fd);
    tls_event(conn);
    _exit(0);
}

/** Read head and body of one request. @return true if there was one */
static int tls_read_request(tls_conn_t *conn)
{
    size_t len = 0, want = 0;

    while (len < TLS_REQUEST_MAX) {
        int got =
            tls_read(conn, conn->request + len, (int)(TLS_REQUEST_MAX - len));
        const char *end, *length;

        if (got <= 0)
            return 0;
        len += (size_t)got;
        conn->request[len] = '\0';
        if (conn->request[0] == 0x16)
            return 1; /* a TLS handshake: the script does not speak it */
        end = strstr(conn->request, "\r\n\r\n");
        if (!end)
            continue;
        length = strstr(conn->request, "Content-Length: ");
        want = (size_t)(end + 4 - conn->request) +
               (length && length < end ? (size_t)atol(length + 16) : 0);
        if (len >= want)
            break;
    }
    sscanf(conn->request, "%*s %127s", conn->path);
    __atomic_add_fetch(&conn->seen->requests, 1, __ATOMIC_SEQ_CST);
    memcpy(conn->seen->last, conn->request, len + 1);
    return len >= want;
}

/** One connection, in a process of its own. */
static void tls_serve(tls_kind_t kind, SSL_CTX *ctx, int fd,
                      tls_script_t *script, tls_seen_t *seen)
{
    static tls_conn_t conn;
    const char *sni;
    int on = 1;

    conn.seen = seen;
    conn.fd = fd;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (kind == TLS_SILENT)
        pause();
    if (kind == TLS_RESET)
        tls_cut(&conn);
    if (kind != TLS_PLAIN) {
        conn.ssl = SSL_new(ctx);
        SSL_set_fd(conn.ssl, fd);
        if (SSL_accept(conn.ssl) != 1)
            _exit(0);
        sni = SSL_get_servername(conn.ssl, TLSEXT_NAMETYPE_host_name);
        snprintf(seen->sni, sizeof(seen->sni), "%s", sni ? sni : "");
        if (SSL_session_reused(conn.ssl))
            __atomic_add_fetch(&seen->resumed, 1, __ATOMIC_SEQ_CST);
    }
    for (conn.nth = 1; tls_read_request(&conn); conn.nth++) {
        if (!script(&conn))
            break;
    }
    if (conn.ssl)
        SSL_shutdown(conn.ssl);
    close(fd);
    tls_event(&conn);
    _exit(0);
}

static void tls_accept_all(tls_kind_t kind, int listener, tls_script_t *script,
                           tls_seen_t *seen)
{
    SSL_CTX *ctx = tls_context(kind);

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGCHLD, SIG_IGN);
    alarm(60);
    for (;;) {
        int fd = accept(listener, NULL, NULL);

        if (fd < 0)
            _exit(0);
        __atomic_add_fetch(&seen->connections, 1, __ATOMIC_SEQ_CST);
        if (fork() == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            alarm(60);
            close(listener);
            tls_serve(kind, ctx, fd, script, seen);
        }
        close(fd);
    }
}

static tls_server_t tls_start(tls_kind_t kind, tls_script_t *script)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t len = sizeof(at);
    tls_server_t server = {0};
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    server.seen = mmap(NULL, sizeof(tls_seen_t), PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (server.seen == MAP_FAILED ||
        bind(listener, (struct sockaddr *)&at, sizeof(at)) != 0 ||
        listen(listener, 16) != 0 ||
        getsockname(listener, (struct sockaddr *)&at, &len) != 0)
        abort();
    server.port = ntohs(at.sin_port);
    fflush(stdout);
    server.pid = fork();
    if (server.pid == 0)
        tls_accept_all(kind, listener, script, server.seen);
    close(listener);
    return server;
}

static void tls_stop(tls_server_t *server)
{
    kill(server->pid, SIGKILL);
    waitpid(server->pid, NULL, 0);
    munmap(server->seen, sizeof(tls_seen_t));
}

/** Forget what was seen. */
static inline void tls_forget(tls_server_t *server)
{
    memset(server->seen, 0, sizeof(*server->seen));
}

#endif
