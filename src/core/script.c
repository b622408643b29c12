/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Words by which a client's file is known.
 *
 *   auth0.js   calls the tenant by "/co/authenticate" and offers pages a
 *              passwordlessLogin(); it is no module ("export{") and holds no
 *              Lock, which carries auth0.js inside but gives it to nobody
 *   Lock       Auth0LockPasswordless, and auth0.js inside: the lib/ of the
 *              package has the name and requires the rest from elsewhere
 */
#include "core/script.h"

#include <apr_strings.h>
#include <openssl/evp.h>
#include <string.h>

#include "core/sha256.h"

#define SHA384_BYTES 48
#define SHA384_BASE64 64
#define PREFIX "sha384-"
#define NAME_BYTES 6

static const char *const cures[] = {
    [PWL_SCRIPT_AUTH0JS] = "take dist/auth0.min.js of the package auth0-js, "
                           "10.x (npm pack auth0-js@10)",
    [PWL_SCRIPT_LOCK] = "take one file for a <script> that sets "
                        "window.Auth0LockPasswordless (docs/ways-in.md tells "
                        "how to make it of the package auth0-lock)",
};

static int has(const char *text, const char *word)
{
    return strstr(text, word) != NULL;
}

static const char *judge_auth0js(const char *text)
{
    if (has(text, "Auth0LockPasswordless"))
        return "is Lock, not auth0.js";
    if (!has(text, "passwordlessLogin") || !has(text, "/co/authenticate"))
        return "is not auth0.js";
    if (has(text, "export{") || has(text, "export {") ||
        has(text, "export default"))
        return "is auth0.js as a module, which a <script> cannot load";
    return NULL;
}

static const char *judge_lock(const char *text)
{
    if (!has(text, "Auth0LockPasswordless"))
        return "is not Lock";
    if (!has(text, "/co/authenticate"))
        return "is a part of Lock that loads the others by require()";
    return NULL;
}

const char *pwl_script_judge(const char *text, apr_size_t len,
                             pwl_script_kind_t kind)
{
    if (!len)
        return "is empty";
    if (strlen(text) != len)
        return "is not a script";
    return kind == PWL_SCRIPT_LOCK ? judge_lock(text) : judge_auth0js(text);
}

const char *pwl_script_cure(pwl_script_kind_t kind)
{
    return cures[kind];
}

const char *pwl_script_hash(const char *text, apr_size_t len, apr_pool_t *pool)
{
    unsigned char digest[SHA384_BYTES];
    unsigned char base64[SHA384_BASE64 + 1];

    if (EVP_Digest(text, len, digest, NULL, EVP_sha384(), NULL) != 1)
        return NULL;
    /* Not base64url: with '+', '/' and padding, as browsers read it. */
    EVP_EncodeBlock(base64, digest, sizeof(digest));
    return apr_pstrcat(pool, PREFIX, (char *)base64, NULL);
}

int pwl_script_hash_ok(const char *hash)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    /* 48 bytes are 64 characters: no padding. */
    return !strncmp(hash, PREFIX, sizeof(PREFIX) - 1) &&
           strspn(hash + sizeof(PREFIX) - 1, alphabet) == SHA384_BASE64 &&
           strlen(hash) == sizeof(PREFIX) - 1 + SHA384_BASE64;
}

const char *pwl_script_name(const char *text, apr_size_t len,
                            pwl_script_kind_t kind, apr_pool_t *pool)
{
    unsigned char digest[PWL_SHA256_BYTES];
    char hex[NAME_BYTES * 2 + 1];
    int i;

    pwl_sha256(text, len, digest);
    for (i = 0; i < NAME_BYTES; i++)
        apr_snprintf(hex + i * 2, 3, "%02x", digest[i]);
    return apr_pstrcat(pool, kind == PWL_SCRIPT_LOCK ? "lock." : "auth0.", hex,
                       ".js", NULL);
}
