/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of clients, and hashes that an operator writes. What is taken for one
 * client is not taken for the other, and is a text; our own hash of it is one
 * that we would take, and its name is fit for a URL.
 */
#include "target.h"

#include "core/script.h"
#include "input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char fit[] = "abcdefghijklmnopqrstuvwxyz0123456789.";
    apr_pool_t *pool = input_pool();
    const char *text = apr_pstrmemdup(pool, (const char *)data, size);
    const char *hash = pwl_script_hash(text, size, pool);
    int good[2];

    for (int kind = PWL_SCRIPT_AUTH0JS; kind <= PWL_SCRIPT_LOCK; kind++) {
        const char *bad = pwl_script_judge(text, size, (pwl_script_kind_t)kind);
        const char *name =
            pwl_script_name(text, size, (pwl_script_kind_t)kind, pool);

        good[kind] = !bad;
        PROMISE(!bad || strncmp(bad, "is ", 3) == 0);
        PROMISE(strspn(name, fit) == strlen(name) && strlen(name) <= 21);
    }
    PROMISE(!(good[0] && good[1]));
    PROMISE(!(good[0] || good[1]) || (size && strlen(text) == size));
    PROMISE(hash && strlen(hash) == 71 && pwl_script_hash_ok(hash));
    if (pwl_script_hash_ok(text))
        PROMISE(strlen(text) == 71 && !strpbrk(text, " \"'<>&\r\n\t=;") &&
                strncmp(text, "sha384-", 7) == 0);
    apr_pool_destroy(pool);
    return 0;
}
