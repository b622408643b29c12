/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One record of the session table: find, copy, write, free.
 *
 * The order of stores is what a SIGKILL in between depends on:
 *
 *     write   take blocks, fill them, and only then mark the head as one
 *     free    unlink, and only then unmark the head, wipe, give back
 *
 * So a head block that is marked as one is a whole record at every instant,
 * whether its bucket leads to it or not, and repair can find all records by
 * looking at all blocks. Two records of one key may be marked for a moment
 * while one takes the other's place; repair keeps one.
 *
 * A freed block is wiped, so that neither the memory nor a file of it keeps
 * the name of a person who has signed out.
 */
#include "io/sessions_record.h"

static int is_key(const pwl_sessions_block_t *block, const apr_uint64_t key[4])
{
    for (int i = 0; i < 4; i++)
        if (pwl_sessions_load64(&block->head.key[i]) != key[i])
            return 0;
    return 1;
}

/* The record after that of `head`. @return 0 if the link is damaged */
static int next_record(const pwl_sessions_block_t *head, apr_uint32_t number,
                       apr_uint32_t *next)
{
    apr_uint64_t link = pwl_sessions_load64(&head->head.link);

    *next = (apr_uint32_t)link;
    return link == pwl_sessions_link(number, *next, (apr_uint32_t)(link >> 48));
}

static void set_next_record(const pwl_sessions_place_t *place,
                            apr_uint32_t number, apr_uint32_t next)
{
    apr_uint64_t *link = &pwl_sessions_block(place, number)->head.link;
    apr_uint32_t length = (apr_uint32_t)(pwl_sessions_load64(link) >> 48);

    pwl_sessions_store64(link, pwl_sessions_link(number, next, length));
}

pwl_reason_t pwl_sessions_record_follow(const pwl_sessions_place_t *place,
                                        pwl_sessions_hit_t *hit)
{
    if (hit->before == 0)
        hit->number = pwl_sessions_load32(&place->bucket->head);
    else if (!next_record(pwl_sessions_block(place, hit->before), hit->before,
                          &hit->number))
        return PWL_SESSION_DAMAGED;
    if (hit->number == 0)
        return PWL_SESSION_UNKNOWN;
    if (!pwl_sessions_is_block(place, hit->number) ||
        pwl_sessions_load32(
            &pwl_sessions_block(place, hit->number)->head.owner) !=
            PWL_SESSIONS_HEAD)
        return PWL_SESSION_DAMAGED;
    return PWL_OK;
}

pwl_reason_t pwl_sessions_record_find(const pwl_sessions_place_t *place,
                                      pwl_sessions_hit_t *hit)
{
    hit->before = 0;
    for (apr_uint32_t i = place->table->block_count; i > 0; i--) {
        pwl_reason_t why = pwl_sessions_record_follow(place, hit);

        if (why != PWL_OK ||
            is_key(pwl_sessions_block(place, hit->number), place->key))
            return why;
        hit->before = hit->number;
    }
    return PWL_SESSION_DAMAGED;
}

/* Number of the block after `block` in the record of `head`; 0 if what follows
 * is not a block of this record. */
static apr_uint32_t next_block(const pwl_sessions_place_t *place,
                               const pwl_sessions_block_t *block,
                               apr_uint32_t head)
{
    apr_uint32_t number = pwl_sessions_load32(&block->more.next);

    if (!pwl_sessions_is_block(place, number))
        return 0;
    block = pwl_sessions_block(place, number);
    return pwl_sessions_load32(&block->more.owner) == head ? number : 0;
}

static apr_uint64_t *copy_words(apr_uint64_t *to, const apr_uint64_t *from,
                                apr_size_t count, apr_uint64_t *sum)
{
    apr_uint64_t mixed = *sum;

    for (apr_size_t i = 0; i < count; i++) {
        apr_uint64_t word = pwl_sessions_load64(&from[i]);

        *to++ = word;
        mixed = pwl_sessions_mix(mixed, word);
    }
    *sum = mixed;
    return to;
}

/* The part of the checksum that does not depend on the fields. */
static apr_uint64_t head_sum(const pwl_sessions_place_t *place,
                             const pwl_sessions_copy_t *copy)
{
    apr_uint64_t sum = place->table->seed;

    for (int i = 0; i < 4; i++)
        sum = pwl_sessions_mix(sum, copy->key[i]);
    sum = pwl_sessions_mix(sum, copy->length);
    sum = pwl_sessions_mix(sum, copy->created);
    sum = pwl_sessions_mix(sum, copy->expires);
    sum = pwl_sessions_mix(sum, copy->realm[0]);
    return pwl_sessions_mix(sum, copy->realm[1]);
}

static apr_size_t word_count(apr_uint32_t length)
{
    return (length + (apr_size_t)7) / 8;
}

static apr_size_t at_most(apr_size_t count, apr_size_t most)
{
    return count < most ? count : most;
}

pwl_reason_t pwl_sessions_record_copy(const pwl_sessions_place_t *place,
                                      apr_uint32_t number,
                                      pwl_sessions_copy_t *copy)
{
    const pwl_sessions_block_t *head = pwl_sessions_block(place, number);
    const pwl_sessions_block_t *block = head;
    apr_uint64_t *to = copy->fields;
    apr_size_t left, count;
    apr_uint64_t sum;

    copy->length = (apr_uint32_t)(pwl_sessions_load64(&head->head.link) >> 48);
    if (copy->length > PWL_SESSION_MAX_BYTES)
        return PWL_SESSION_DAMAGED;
    for (int i = 0; i < 4; i++)
        copy->key[i] = pwl_sessions_load64(&head->head.key[i]);
    copy->last_seen = pwl_sessions_load64(&head->head.last_seen);
    copy->sweep_at = pwl_sessions_load64(&head->head.sweep_at);
    copy->created = pwl_sessions_load64(&head->head.created);
    copy->expires = pwl_sessions_load64(&head->head.expires);
    copy->realm[0] = pwl_sessions_load64(&head->head.realm[0]);
    copy->realm[1] = pwl_sessions_load64(&head->head.realm[1]);
    sum = head_sum(place, copy);

    left = word_count(copy->length);
    count = at_most(left, PWL_SESSIONS_HEAD_WORDS);
    to = copy_words(to, head->head.fields, count, &sum);
    for (left -= count; left > 0; left -= count) {
        apr_uint32_t next = next_block(place, block, number);

        if (next == 0)
            return PWL_SESSION_DAMAGED;
        block = pwl_sessions_block(place, next);
        count = at_most(left, PWL_SESSIONS_MORE_WORDS);
        to = copy_words(to, block->more.fields, count, &sum);
    }
    if (sum != pwl_sessions_load64(&head->head.checksum))
        return PWL_SESSION_DAMAGED;
    return PWL_OK;
}

apr_uint32_t pwl_sessions_record_blocks(apr_uint32_t length)
{
    apr_size_t words = word_count(length);

    if (words <= PWL_SESSIONS_HEAD_WORDS)
        return 1;
    words -= PWL_SESSIONS_HEAD_WORDS;
    return (apr_uint32_t)(1 + (words + PWL_SESSIONS_MORE_WORDS - 1) /
                                  PWL_SESSIONS_MORE_WORDS);
}

/* Take a free block. @return its number; 0: the free list is not whole */
static apr_uint32_t take(const pwl_sessions_place_t *place)
{
    pwl_sessions_shard_t *shard = place->shard;
    apr_uint32_t number = pwl_sessions_load32(&shard->free);
    apr_uint32_t fresh = pwl_sessions_load32(&shard->fresh);
    const pwl_sessions_block_t *block;

    if (number != 0) {
        if (!pwl_sessions_is_block(place, number))
            return 0;
        block = pwl_sessions_block(place, number);
        if (pwl_sessions_load32(&block->more.owner) != 0)
            return 0;
        pwl_sessions_store32(&shard->free,
                             pwl_sessions_load32(&block->more.next));
        return number;
    }
    if (fresh >= place->table->block_count)
        return 0;
    pwl_sessions_store32(&shard->fresh, fresh + 1);
    return place->first + fresh;
}

static void store_words(apr_uint64_t *to, const apr_uint64_t *from,
                        apr_size_t count, apr_uint64_t *sum)
{
    for (apr_size_t i = 0; i < count; i++) {
        pwl_sessions_store64(&to[i], from[i]);
        *sum = pwl_sessions_mix(*sum, from[i]);
    }
}

static void write_head(pwl_sessions_block_t *head, apr_uint32_t number,
                       const pwl_sessions_copy_t *copy)
{
    for (int i = 0; i < 4; i++)
        pwl_sessions_store64(&head->head.key[i], copy->key[i]);
    pwl_sessions_store64(&head->head.link,
                         pwl_sessions_link(number, 0, copy->length));
    pwl_sessions_store64(&head->head.last_seen, copy->last_seen);
    pwl_sessions_store64(&head->head.sweep_at, copy->sweep_at);
    pwl_sessions_store64(&head->head.created, copy->created);
    pwl_sessions_store64(&head->head.expires, copy->expires);
    pwl_sessions_store64(&head->head.realm[0], copy->realm[0]);
    pwl_sessions_store64(&head->head.realm[1], copy->realm[1]);
}

/* Is there room? @return PWL_OK, PWL_STORE_FULL, or PWL_SESSION_DAMAGED */
static pwl_reason_t has_room(const pwl_sessions_place_t *place,
                             apr_uint32_t blocks)
{
    apr_uint64_t used = pwl_sessions_load64(&place->shard->used);

    if (used > place->table->block_count)
        return PWL_SESSION_DAMAGED;
    return place->table->block_count - used < blocks ? PWL_STORE_FULL : PWL_OK;
}

pwl_reason_t pwl_sessions_record_write(const pwl_sessions_place_t *place,
                                       const pwl_sessions_copy_t *copy,
                                       apr_uint32_t *number)
{
    apr_uint32_t blocks = pwl_sessions_record_blocks(copy->length);
    pwl_reason_t why = has_room(place, blocks);
    const apr_uint64_t *from = copy->fields;
    pwl_sessions_block_t *head, *block;
    apr_size_t left = word_count(copy->length);
    apr_size_t count = at_most(left, PWL_SESSIONS_HEAD_WORDS);
    apr_uint64_t sum = head_sum(place, copy);

    *number = 0;
    if (why != PWL_OK)
        return why;
    *number = take(place);
    if (*number == 0)
        return PWL_SESSION_DAMAGED;
    head = block = pwl_sessions_block(place, *number);
    write_head(head, *number, copy);
    store_words(head->head.fields, from, count, &sum);
    for (left -= count; left > 0; left -= count) {
        apr_uint32_t next = take(place);

        if (next == 0)
            return PWL_SESSION_DAMAGED;
        from += count;
        count = at_most(left, PWL_SESSIONS_MORE_WORDS);
        pwl_sessions_store32(&block->more.next, next);
        block = pwl_sessions_block(place, next);
        pwl_sessions_store32(&block->more.owner, *number);
        store_words(block->more.fields, from, count, &sum);
    }
    pwl_sessions_store32(&block->more.next, 0);
    pwl_sessions_store64(&head->head.checksum, sum);
    pwl_sessions_add64(&place->shard->used, blocks);
    /* From this store on, repair finds the record. */
    __atomic_store_n(&head->head.owner, PWL_SESSIONS_HEAD, __ATOMIC_RELEASE);
    return PWL_OK;
}

void pwl_sessions_record_release(const pwl_sessions_place_t *place,
                                 apr_uint32_t number)
{
    pwl_sessions_block_t *block = pwl_sessions_block(place, number);

    pwl_sessions_store32(&block->more.owner, 0);
    PWL_SESSIONS_FENCE(__ATOMIC_RELEASE); /* unmarked before it is half gone */
    for (int i = 1; i < 16; i++)
        pwl_sessions_store64(&block->words[i], 0);
    pwl_sessions_store32(&block->more.next,
                         pwl_sessions_load32(&place->shard->free));
    pwl_sessions_store32(&place->shard->free, number);
}

void pwl_sessions_record_link(const pwl_sessions_place_t *place,
                              apr_uint32_t number)
{
    set_next_record(place, number, pwl_sessions_load32(&place->bucket->head));
    pwl_sessions_store32(&place->bucket->head, number);
}

/* Wipe all blocks of a record. @return 0 if they are not those it had */
static int release_blocks(const pwl_sessions_place_t *place,
                          apr_uint32_t number, apr_uint32_t blocks)
{
    apr_uint32_t head = number;

    for (; blocks > 1; blocks--) {
        /* The next number is read before the block that holds it is wiped. */
        apr_uint32_t next =
            next_block(place, pwl_sessions_block(place, number), head);

        pwl_sessions_record_release(place, number);
        if (next == 0)
            return 0;
        number = next;
    }
    head = pwl_sessions_load32(&pwl_sessions_block(place, number)->more.next);
    pwl_sessions_record_release(place, number);
    return head == 0; /* else it was longer than it said */
}

pwl_reason_t pwl_sessions_record_free(const pwl_sessions_place_t *place,
                                      const pwl_sessions_hit_t *hit,
                                      apr_uint32_t instead)
{
    const pwl_sessions_block_t *head = pwl_sessions_block(place, hit->number);
    apr_uint32_t length =
        (apr_uint32_t)(pwl_sessions_load64(&head->head.link) >> 48);
    apr_uint32_t blocks = pwl_sessions_record_blocks(length);
    apr_uint32_t after;
    int whole = next_record(head, hit->number, &after);

    if (instead != 0) {
        set_next_record(place, instead, after);
        after = instead;
    }
    if (hit->before == 0)
        pwl_sessions_store32(&place->bucket->head, after);
    else
        set_next_record(place, hit->before, after);
    PWL_SESSIONS_FENCE(__ATOMIC_RELEASE);
    if (!release_blocks(place, hit->number, blocks) || !whole)
        return PWL_SESSION_DAMAGED;
    pwl_sessions_add64(&place->shard->used, -(apr_uint64_t)blocks);
    return PWL_OK;
}
