/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the session table lies in memory. Only io/sessions*.c and their tests
 * include this.
 *
 *     header   one page: the figures below, a seed, a checksum over both
 *     shards   shard_count of 256 bytes: a lock and what it guards
 *     buckets  bucket_count for each shard, 8 bytes: sequence, first record
 *     blocks   block_count for each shard, 128 bytes
 *     bitmaps  one bit for each block: scratch of repair and check
 *
 * Blocks have numbers from 1 on through all shards; 0 is none. Those of a shard
 * hold the records of that shard only. A record is a head block and as many
 * more as its fields need:
 *
 *     head  next block, owner = PWL_SESSIONS_HEAD | key | checksum |
 *           link to the bucket's next record, length | last_seen ||
 *           sweep_at | created | expires | realm | 24 bytes of fields
 *     more  next block, owner = number of the head    | 120 bytes of fields
 *     free  next free block, owner = 0                | zeros
 *
 * A walk along a bucket reads the first 64 bytes of a head only. The checksum
 * covers what never changes: key, length, created, expires, realm, fields.
 * last_seen and sweep_at are written by touch, each as one word.
 *
 * What kind a block is stands outside all fields, so nothing a person can have
 * written into a claim looks like a record.
 *
 * Every word that two processes may use at the same time is read and written
 * by the functions at the end: atomic, and ordered only where that is said.
 */
#ifndef PWL_IO_SESSIONS_LAYOUT_H
#define PWL_IO_SESSIONS_LAYOUT_H

#include <string.h>

#include "core/limits.h"
#include "io/robust.h"
#include "io/sessions.h"

#define PWL_SESSIONS_VERSION 1
#define PWL_SESSIONS_HEADER_BYTES 4096
#define PWL_SESSIONS_MAX_SHARDS 64
#define PWL_SESSIONS_HEAD                                                      \
    0xffffffffu                    /* owner of a block that starts a record */
#define PWL_SESSIONS_HEAD_WORDS 3  /* of fields in a head block */
#define PWL_SESSIONS_MORE_WORDS 15 /* of fields in every further block */
#define PWL_SESSIONS_MAX_WORDS (PWL_SESSION_MAX_BYTES / 8)

typedef struct {
    char magic[8];
    apr_uint32_t version;
    apr_uint32_t byte_order;
    apr_uint64_t bytes; /* of all the memory */
    apr_uint32_t lock_bytes;
    apr_uint32_t block_bytes;
    apr_uint32_t shard_count;
    apr_uint32_t bucket_count; /* in each shard */
    apr_uint64_t block_count;  /* in each shard; fits into 32 bits */
    apr_uint64_t seed;         /* of places and checksums: random, secret */
    apr_uint64_t checksum;     /* over all words above */
    /* From here on: changes while the table is in use. */
    apr_uint32_t sweep_next; /* shard that is swept next */
} pwl_sessions_header_t;

typedef struct {
    union {
        pwl_robust_t lock;
        char lock_room[64]; /* a later C library may need more than ours */
    };
    apr_uint32_t busy;  /* 1 while links and counts may not agree */
    apr_uint32_t free;  /* first of the list of free blocks */
    apr_uint32_t fresh; /* so many blocks of the shard were ever used; the
                         * others are free without being on the list */
    apr_uint32_t sweep_bucket; /* where the sweeper goes on */
    apr_uint64_t live;         /* records */
    apr_uint64_t used;         /* blocks in records */
    apr_uint64_t created, removed, swept, refused_full, repaired;
    apr_uint64_t room[7];
    apr_uint64_t lock_waits; /* counted without the lock */
    apr_uint64_t room_waits[7];
} pwl_sessions_shard_t;

typedef struct {
    apr_uint32_t sequence; /* odd while the bucket is being changed */
    apr_uint32_t head;     /* number of the first record's head block */
} pwl_sessions_bucket_t;

typedef union {
    struct {
        apr_uint32_t next;
        apr_uint32_t owner;
        apr_uint64_t key[4];
        apr_uint64_t checksum;
        apr_uint64_t link; /* pwl_sessions_link() */
        apr_uint64_t last_seen;
        apr_uint64_t sweep_at;
        apr_uint64_t created;
        apr_uint64_t expires;
        apr_uint64_t realm[2];
        apr_uint64_t fields[PWL_SESSIONS_HEAD_WORDS];
    } head;
    struct {
        apr_uint32_t next;
        apr_uint32_t owner;
        apr_uint64_t fields[PWL_SESSIONS_MORE_WORDS];
    } more;
    apr_uint64_t words[16];
} pwl_sessions_block_t;

_Static_assert(sizeof(pwl_sessions_block_t) == 128, "a block is 128 bytes");
_Static_assert(sizeof(pwl_sessions_shard_t) == 256, "a shard is 256 bytes");
_Static_assert(sizeof(pwl_sessions_bucket_t) == 8, "a bucket is 8 bytes");
_Static_assert(sizeof(pwl_robust_t) <= 64, "a lock fits its room");
_Static_assert(PWL_SESSION_MAX_BYTES <= 0xffff, "a length is 16 bits");

/* One process's handle: what the header says, copied once, and where the parts
 * begin. Nothing here changes after format or attach. */
struct pwl_sessions_t {
    pwl_sessions_header_t *header;
    pwl_sessions_shard_t *shards;
    pwl_sessions_bucket_t *buckets;
    pwl_sessions_block_t *blocks;
    apr_uint64_t *bitmaps;
    apr_uint64_t seed;
    apr_uint32_t shard_count, bucket_count, block_count;
};

/* One shard, and when looking for a session, its bucket and key as words. */
typedef struct {
    pwl_sessions_t *table;
    pwl_sessions_shard_t *shard;
    pwl_sessions_bucket_t *buckets; /* all of the shard */
    pwl_sessions_bucket_t *bucket;
    apr_uint32_t first; /* number of the shard's first block */
    apr_uint64_t key[4];
} pwl_sessions_place_t;

/* ThreadSanitizer knows no fences, and gcc refuses to compile one with it. It
 * need not know these: all they order is atomic by itself. */
#if defined(__SANITIZE_THREAD__)
#define PWL_SESSIONS_FENCE(order) ((void)0)
#else
#define PWL_SESSIONS_FENCE(order) __atomic_thread_fence(order)
#endif

static inline apr_uint32_t pwl_sessions_load32(const apr_uint32_t *at)
{
    return __atomic_load_n(at, __ATOMIC_RELAXED);
}

static inline apr_uint64_t pwl_sessions_load64(const apr_uint64_t *at)
{
    return __atomic_load_n(at, __ATOMIC_RELAXED);
}

static inline void pwl_sessions_store32(apr_uint32_t *at, apr_uint32_t value)
{
    __atomic_store_n(at, value, __ATOMIC_RELAXED);
}

static inline void pwl_sessions_store64(apr_uint64_t *at, apr_uint64_t value)
{
    __atomic_store_n(at, value, __ATOMIC_RELAXED);
}

/* Counters that only the holder of the shard's lock changes. */
static inline void pwl_sessions_add64(apr_uint64_t *at, apr_uint64_t value)
{
    pwl_sessions_store64(at, pwl_sessions_load64(at) + value);
}

/* One step of the checksum. Each step is one to one in `word`, so a change in a
 * single word never goes unseen; the turn brings the top bits, which a
 * multiplication carries nowhere, down to where the next one spreads them. */
static inline apr_uint64_t pwl_sessions_mix(apr_uint64_t sum, apr_uint64_t word)
{
    sum = (sum ^ word) * 0x9e3779b97f4a7c15u;
    return sum << 29 | sum >> 35;
}

/* Length of the record `number` and the record after it in the bucket, with 16
 * bits of a sum over both numbers: a damaged link could else lead past records
 * that are whole. It is no part of the checksum, since the neighbours of a
 * record come and go. */
static inline apr_uint64_t
pwl_sessions_link(apr_uint32_t number, apr_uint32_t next, apr_uint32_t length)
{
    apr_uint64_t sum =
        ((apr_uint64_t)number << 32 | next) * 0x9e3779b97f4a7c15u;

    return next | sum >> 48 << 32 | (apr_uint64_t)length << 48;
}

/* The shard of that index; bucket and key are left alone. */
static inline void pwl_sessions_place_shard(pwl_sessions_place_t *place,
                                            pwl_sessions_t *table,
                                            apr_uint32_t index)
{
    place->table = table;
    place->shard = &table->shards[index];
    place->buckets = &table->buckets[(apr_size_t)index * table->bucket_count];
    place->first = index * table->block_count + 1;
}

/* Where the words of `key` belong. They are part of a SHA-256, hence spread
 * already; the seed keeps outsiders from knowing which ones meet. */
static inline void pwl_sessions_place_key(pwl_sessions_place_t *place,
                                          pwl_sessions_t *table,
                                          const apr_uint64_t key[4])
{
    apr_uint64_t hash = (key[0] ^ table->seed) * 0x9e3779b97f4a7c15u;
    apr_uint64_t low = hash & 0xffffffffu;

    pwl_sessions_place_shard(
        place, table, (apr_uint32_t)((hash >> 32) * table->shard_count >> 32));
    place->bucket = &place->buckets[low * table->bucket_count >> 32];
    memcpy(place->key, key, sizeof(place->key));
}

/* Is that a block of this shard? */
static inline int pwl_sessions_is_block(const pwl_sessions_place_t *place,
                                        apr_uint32_t number)
{
    return number - place->first < place->table->block_count;
}

static inline pwl_sessions_block_t *
pwl_sessions_block(const pwl_sessions_place_t *place, apr_uint32_t number)
{
    return &place->table->blocks[(apr_size_t)number - 1];
}

/* From here to pwl_sessions_close() readers of the bucket do not believe what
 * they see. Twice is once: repair opens what a dead writer left open. */
static inline void pwl_sessions_open(pwl_sessions_bucket_t *bucket)
{
    pwl_sessions_store32(&bucket->sequence,
                         pwl_sessions_load32(&bucket->sequence) | 1);
    PWL_SESSIONS_FENCE(__ATOMIC_RELEASE);
}

static inline void pwl_sessions_close(pwl_sessions_bucket_t *bucket)
{
    __atomic_store_n(&bucket->sequence,
                     pwl_sessions_load32(&bucket->sequence) + 1,
                     __ATOMIC_RELEASE);
}

/* From here to pwl_sessions_end() a death leaves the shard to be repaired.
 *
 * The fence also serves readers who are still in a block that was freed, and
 * is about to be written for another bucket: having seen a word of the new
 * record they must see that their own bucket has changed since. */
static inline void pwl_sessions_begin(pwl_sessions_shard_t *shard)
{
    pwl_sessions_store32(&shard->busy, 1);
    PWL_SESSIONS_FENCE(__ATOMIC_RELEASE);
}

static inline void pwl_sessions_end(pwl_sessions_shard_t *shard)
{
    __atomic_store_n(&shard->busy, 0, __ATOMIC_RELEASE);
}

#endif
