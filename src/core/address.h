/* SPDX-License-Identifier: Apache-2.0 */
/*
 * E-mail addresses as people type and paste them.
 *
 * What is tidied is tidied once, here, and the same text then goes to the
 * tenant, to the page and, through pwl_address_key() and _bucket(), to
 * comparisons and counters.
 */
#ifndef PWL_CORE_ADDRESS_H
#define PWL_CORE_ADDRESS_H

#include <apr_pools.h>

#include "core/reason.h"

/**
 * Make an address of what was typed, or say why there is none.
 *
 * Blanks around it and invisible characters go, full-width characters become
 * ASCII, "mailto:" and "Name <...>" are taken off, the domain becomes lower
 * case; the local part stays as typed. The result has one '@', something
 * before it, a domain with a dot and no empty label behind it, at most
 * PWL_ADDRESS_MAX bytes, and none of  " ( ) , : ; < > [ \ ]  or blanks.
 *
 * @param typed  any bytes; NULL is nothing typed
 * @param out    the address when PWL_OK, else NULL
 * @return PWL_OK, PWL_ADDRESS_EMPTY, _FORMAT or _LONG
 */
pwl_reason_t pwl_address_tidy(const char *typed, const char **out,
                              apr_pool_t *pool);

/** @return the address in lower case (ASCII only): equal for two addresses
 * that are one, to compare what was typed with the ID token's e-mail */
const char *pwl_address_key(const char *tidied, apr_pool_t *pool);

/** @return a coarser key for counters: also without "+tag" and without dots
 * in the local part, and with the domain as DNS has it (UTS 46, by libidn2), so
 * that spelling variants of a mailbox share a limit */
const char *pwl_address_bucket(const char *tidied, apr_pool_t *pool);

/** @return what a log may show, as "j***@e***.org", and of a phone number as
 * pwl_phone_mask(); "***" for what has not one '@' between two parts. ASCII without blanks, whatever goes in. */
const char *pwl_address_mask(const char *address, apr_pool_t *pool);

/** @return true if `address` is one plain address and what follows its only
 * '@' is `domain`, whole, ASCII letters in any case */
int pwl_address_in_domain(const char *address, const char *domain);

#endif
