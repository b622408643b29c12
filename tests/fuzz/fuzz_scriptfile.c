/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file of Auth0Script, from the disk to what browsers are served: whole, if
 * it is what core/script.h takes, and not at all if it is not.
 *
 * Input: a byte, which client it is taken for and whether its own hash or
 * another one is asked for; then the file.
 */
#include "target.h"

#include "io/scriptfile.h"
#include "place.h"

static const char other[] =
    "sha384-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/* Is it served as it is, and called what it is? */
static void check_asset(const pwl_scriptfile_t *file, const uint8_t *want,
                        apr_size_t len, pwl_script_kind_t kind)
{
    const pwl_asset_t *asset = &file->asset;
    const char *base = kind == PWL_SCRIPT_LOCK ? "lock" : "auth0";

    PROMISE(asset->len == len && memcmp(asset->data, want, len) == 0);
    PROMISE(strncmp(asset->name, base, strlen(base)) == 0);
    PROMISE(strlen(asset->etag) == strlen(asset->name) + 2);
    PROMISE(pwl_script_hash_ok(file->hash));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input_t in = {data, data + size};
    unsigned int mode = input_byte(&in);
    apr_pool_t *pool = input_pool();
    pwl_script_kind_t kind = mode & 1 ? PWL_SCRIPT_LOCK : PWL_SCRIPT_AUTH0JS;
    apr_size_t len = input_left(&in);
    const char *text = apr_pstrmemdup(pool, (const char *)in.at, len);
    const char *own = pwl_script_hash(text, len, pool);
    const char *hash = mode & 4 ? other : mode & 2 ? own : NULL;
    pwl_scriptfile_t out = {.hash = "untouched"};
    const char *bad;

    place_write(in.at, len);
    bad = pwl_scriptfile_read(place_file(), hash, kind, &out, pool);
    PROMISE(!bad == (!pwl_script_judge(text, len, kind) && hash != other));
    if (bad)
        PROMISE(strcmp(out.hash, "untouched") == 0 && !out.asset.data &&
                !strpbrk(bad, "\r\n"));
    else
        check_asset(&out, in.at, len, kind);
    apr_pool_destroy(pool);
    return 0;
}
