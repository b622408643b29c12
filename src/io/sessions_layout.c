/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dividing memory into a session table, and finding one again.
 *
 * All figures follow from the size alone. So attach works them out anew and
 * believes a header only if it says the same: no figure out of a damaged or
 * foreign header is ever used to compute an address.
 *
 * Blocks come in groups of 64, with 32 buckets and one word of bitmap. A
 * typical session (e-mail, sub, name and four more claims, 320 bytes of
 * fields) takes four blocks and two buckets: 529 bytes all in. With that many
 * buckets a full table has one session in two of them, so looking one up costs
 * the same in an empty and a full table.
 *
 * More shards mean fewer waits of writers for each other, but each is full on
 * its own: with 256 KiB or more in each, the unluckiest of 64 has no room left
 * when the table is about nine tenths full, and another id finds room.
 *
 * Formatting writes the header, shards and buckets but no block, so memory is
 * taken from the system as sessions come.
 */
#include "io/sessions_layout.h"

#include <apr_general.h>
#include <stddef.h>

#define GROUP_BLOCKS 64
#define GROUP_BUCKETS 32
#define GROUP_BYTES                                                            \
    (GROUP_BLOCKS * sizeof(pwl_sessions_block_t) +                             \
     GROUP_BUCKETS * sizeof(pwl_sessions_bucket_t) + sizeof(apr_uint64_t))

/* A shard must hold at least one session of PWL_SESSION_MAX_BYTES. */
#define MIN_GROUPS 2
_Static_assert((MIN_GROUPS * GROUP_BLOCKS - 1) * PWL_SESSIONS_MORE_WORDS >
                   PWL_SESSIONS_MAX_WORDS,
               "the smallest shard holds the largest session");

#define SHARD_WORTH_BYTES (256 * 1024)
#define MAX_BLOCKS 0xfffffffeu /* 0 is none, 0xffffffff marks a head */

static const char magic[8] = {'P', 'W', 'L', 'S', 'E', 'S', 'S', '\n'};

/* Bytes of all parts for so many shards with so many groups of blocks. */
static apr_size_t bytes_for(apr_size_t shards, apr_size_t groups)
{
    return PWL_SESSIONS_HEADER_BYTES +
           shards * (sizeof(pwl_sessions_shard_t) + groups * GROUP_BYTES);
}

static apr_uint64_t header_sum(const pwl_sessions_header_t *header)
{
    apr_uint64_t words[offsetof(pwl_sessions_header_t, checksum) / 8];
    apr_uint64_t sum = 0;

    memcpy(words, header, sizeof(words));
    for (apr_size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        sum = pwl_sessions_mix(sum, words[i]);
    return sum;
}

/* The header for that many bytes, which are at least the smallest size. */
static void plan(pwl_sessions_header_t *header, apr_size_t bytes,
                 apr_uint64_t seed)
{
    apr_size_t shards = 1, groups;

    while (shards < PWL_SESSIONS_MAX_SHARDS &&
           bytes / (shards * 2) >= SHARD_WORTH_BYTES)
        shards *= 2;
    groups = (bytes - bytes_for(shards, 0)) / (shards * GROUP_BYTES);
    if (groups > MAX_BLOCKS / GROUP_BLOCKS / shards)
        groups = MAX_BLOCKS / GROUP_BLOCKS / shards;

    memset(header, 0, sizeof(*header));
    memcpy(header->magic, magic, sizeof(magic));
    header->version = PWL_SESSIONS_VERSION;
    header->byte_order = 0x01020304;
    header->bytes = bytes;
    header->lock_bytes = sizeof(pwl_robust_t);
    header->block_bytes = sizeof(pwl_sessions_block_t);
    header->shard_count = (apr_uint32_t)shards;
    header->bucket_count = (apr_uint32_t)(groups * GROUP_BUCKETS);
    header->block_count = groups * GROUP_BLOCKS;
    header->seed = seed;
    header->checksum = header_sum(header);
}

/* What cannot be a table, whatever it holds. @return NULL if it can */
static const char *unusable(const void *base, apr_size_t bytes)
{
    if ((apr_uintptr_t)base % sizeof(pwl_sessions_block_t) != 0)
        return "the session table's memory is not aligned to a page";
    if (bytes < pwl_sessions_min_bytes())
        return "the session table's memory is too small";
    return NULL;
}

static pwl_sessions_t *make_handle(void *base, apr_pool_t *pool)
{
    pwl_sessions_t *table = apr_palloc(pool, sizeof(*table));
    char *at = base;
    apr_size_t blocks;

    table->header = base;
    table->seed = table->header->seed;
    table->shard_count = table->header->shard_count;
    table->bucket_count = table->header->bucket_count;
    table->block_count = (apr_uint32_t)table->header->block_count;
    blocks = (apr_size_t)table->shard_count * table->block_count;

    at += PWL_SESSIONS_HEADER_BYTES;
    table->shards = (pwl_sessions_shard_t *)(void *)at;
    at += table->shard_count * sizeof(pwl_sessions_shard_t);
    table->buckets = (pwl_sessions_bucket_t *)(void *)at;
    at += (apr_size_t)table->shard_count * table->bucket_count *
          sizeof(pwl_sessions_bucket_t);
    table->blocks = (pwl_sessions_block_t *)(void *)at;
    at += blocks * sizeof(pwl_sessions_block_t);
    table->bitmaps = (apr_uint64_t *)(void *)at;
    return table;
}

apr_size_t pwl_sessions_min_bytes(void)
{
    return bytes_for(1, MIN_GROUPS);
}

pwl_result_t pwl_sessions_format(void *base, apr_size_t bytes,
                                 pwl_sessions_t **out, apr_pool_t *pool)
{
    pwl_result_t res = {PWL_STORE_FAILED, APR_SUCCESS, NULL};
    pwl_sessions_header_t header;
    pwl_sessions_t *table;
    apr_uint64_t seed;

    *out = NULL;
    res.detail = unusable(base, bytes);
    if (res.detail)
        return res;
    res.rv = apr_generate_random_bytes((unsigned char *)&seed, sizeof(seed));
    if (res.rv != APR_SUCCESS)
        return res;
    plan(&header, bytes, seed);
    memset(base, 0, PWL_SESSIONS_HEADER_BYTES);
    memcpy(base, &header, sizeof(header));
    table = make_handle(base, pool);
    memset(table->shards, 0, table->shard_count * sizeof(*table->shards));
    memset(table->buckets, 0,
           (apr_size_t)table->shard_count * table->bucket_count *
               sizeof(*table->buckets));
    for (apr_uint32_t i = 0; i < table->shard_count; i++) {
        res.rv = pwl_robust_init(&table->shards[i].lock);
        if (res.rv != APR_SUCCESS)
            return res;
    }
    *out = table;
    res.why = PWL_OK;
    return res;
}

/* Why the header is not what we would have written; NULL if it is. */
static const char *foreign(const pwl_sessions_header_t *found, apr_size_t bytes)
{
    pwl_sessions_header_t want;

    if (memcmp(found->magic, magic, sizeof(magic)) != 0)
        return "this memory holds no session table";
    if (found->version != PWL_SESSIONS_VERSION)
        return "the session table is of another version";
    if (found->bytes != bytes)
        return "the session table is of another size";
    plan(&want, bytes, found->seed);
    if (memcmp(found, &want, offsetof(pwl_sessions_header_t, checksum)) != 0)
        return "the session table is of another layout, or damaged";
    if (found->checksum != want.checksum)
        return "the session table's header is damaged";
    return NULL;
}

pwl_result_t pwl_sessions_attach(void *base, apr_size_t bytes,
                                 pwl_sessions_t **out, apr_pool_t *pool)
{
    pwl_result_t res = {PWL_STORE_FAILED, APR_SUCCESS, NULL};

    *out = NULL;
    res.detail = unusable(base, bytes);
    if (!res.detail)
        res.detail = foreign(base, bytes);
    if (res.detail)
        return res;
    *out = make_handle(base, pool);
    res.why = PWL_OK;
    return res;
}
