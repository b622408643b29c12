/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Laying the tables out in one anonymous shared segment.
 *
 * Anonymous memory needs no name, no file and no clean-up after SIGKILL, and
 * only descendants of this process can see it. Parts begin on page borders,
 * because pwl_sessions_format() asks for that and the others do not mind.
 */
#include "io/store.h"

#include <apr_shm.h>
#include <apr_strings.h>
#include <openssl/rand.h>

#define STORE_MAGIC 0x70776c3141757468ULL
#define PAGE 4096
/* 4,096 sign-ins at once: 15 minutes at four or five a second. */
#define TXN_SLOTS 4096

typedef struct {
    apr_uint64_t magic;
    apr_uint64_t session_bytes;
    unsigned char seal_key[PWL_SEAL_KEY_BYTES];
} store_head_t;

static apr_size_t pages(apr_size_t bytes)
{
    return (bytes + PAGE - 1) / PAGE * PAGE;
}

apr_size_t pwl_store_min_bytes(void)
{
    return pages(pwl_sessions_min_bytes());
}

/* Where the three tables begin, in the order of io/store.h. */
static void lay_out(unsigned char *base, unsigned char *at[3])
{
    at[0] = base + PAGE;
    at[1] = at[0] + pages(pwl_txns_bytes(TXN_SLOTS));
    at[2] = at[1] + pages(pwl_keysets_bytes());
}

static pwl_result_t make(apr_size_t session_bytes, void **kept,
                         apr_pool_t *process)
{
    pwl_result_t res = {PWL_STORE_FAILED, 0, "shared memory"};
    unsigned char *at[3];
    store_head_t *head;
    apr_shm_t *shm;

    lay_out(NULL, at);
    /* APR keeps a word of its own in front: one page more, to align. */
    res.rv = apr_shm_create(&shm, (apr_size_t)at[2] + session_bytes + PAGE,
                            NULL, process);
    if (res.rv != APR_SUCCESS)
        return res;
    head = (void *)pages((apr_size_t)apr_shm_baseaddr_get(shm));
    if (RAND_bytes(head->seal_key, sizeof(head->seal_key)) != 1) {
        res.detail = "no random bytes for the key";
        return res;
    }
    head->session_bytes = session_bytes;
    head->magic = STORE_MAGIC;
    *kept = head;
    res.why = PWL_OK;
    return res;
}

static pwl_result_t open_tables(store_head_t *head, int fresh,
                                pwl_store_t *store, apr_pool_t *pool)
{
    pwl_result_t res;
    unsigned char *at[3];

    lay_out((unsigned char *)head, at);
    res = (fresh ? pwl_txns_format : pwl_txns_attach)(
        at[0], pwl_txns_bytes(TXN_SLOTS), &store->txns, pool);
    if (res.why != PWL_OK)
        return res;
    res = (fresh ? pwl_keysets_format : pwl_keysets_attach)(
        at[1], pwl_keysets_bytes(), &store->keysets, pool);
    if (res.why != PWL_OK)
        return res;
    return (fresh ? pwl_sessions_format : pwl_sessions_attach)(
        at[2], head->session_bytes, &store->sessions, pool);
}

pwl_result_t pwl_store_open(apr_size_t session_bytes, void **kept,
                            apr_pool_t *process, pwl_store_t **out,
                            apr_pool_t *pool)
{
    pwl_result_t res = {PWL_STORE_FAILED, 0, NULL};
    int fresh = *kept == NULL;
    pwl_store_t *store = apr_pcalloc(pool, sizeof(*store));
    store_head_t *head;

    if (fresh) {
        res = make(pages(session_bytes), kept, process);
        if (res.why != PWL_OK)
            return res;
    }
    head = *kept;
    if (head->magic != STORE_MAGIC) {
        res.detail = "the kept segment is of another version: stop and start";
        return res;
    }
    res = open_tables(head, fresh, store, pool);
    if (res.why != PWL_OK) {
        if (fresh)
            *kept = NULL;
        return res;
    }
    store->seal_key = head->seal_key;
    store->session_bytes = head->session_bytes;
    *out = store;
    return res;
}
