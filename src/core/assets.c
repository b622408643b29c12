/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of files we serve. Their bytes and hashes are in assets_data.h,
 * which the build makes of assets/ (see assets/embed.sh).
 *
 * A name is compared as a whole, so a request can reach nothing but the rows
 * here: there is no path, no directory and no file behind it.
 */
#include "core/assets.h"

#include <string.h>

#include "core/assets_data.h"

static const pwl_asset_t assets[] = {
    {"pwless.css", "pwless." PWLESS_CSS_HASH ".css", pwless_css,
     sizeof(pwless_css), "text/css; charset=utf-8", "\"" PWLESS_CSS_HASH "\""},
    {"pwless.js", "pwless." PWLESS_JS_HASH ".js", pwless_js, sizeof(pwless_js),
     "text/javascript; charset=utf-8", "\"" PWLESS_JS_HASH "\""},
    {"client.js", "client." CLIENT_JS_HASH ".js", client_js, sizeof(client_js),
     "text/javascript; charset=utf-8", "\"" CLIENT_JS_HASH "\""},
    {"lock.js", "lock." LOCK_JS_HASH ".js", lock_js, sizeof(lock_js),
     "text/javascript; charset=utf-8", "\"" LOCK_JS_HASH "\""},
    {"link.js", "link." LINK_JS_HASH ".js", link_js, sizeof(link_js),
     "text/javascript; charset=utf-8", "\"" LINK_JS_HASH "\""},
    {"status.css", "status." STATUS_CSS_HASH ".css", status_css,
     sizeof(status_css), "text/css; charset=utf-8", "\"" STATUS_CSS_HASH "\""},
};

#define ASSETS (sizeof(assets) / sizeof(assets[0]))

const pwl_asset_t *pwl_assets_find(const char *file_name)
{
    apr_size_t i;

    for (i = 0; file_name && i < ASSETS; i++)
        if (strcmp(assets[i].name, file_name) == 0)
            return &assets[i];
    return NULL;
}

const char *pwl_assets_name(const char *base)
{
    apr_size_t i;

    for (i = 0; base && i < ASSETS; i++)
        if (strcmp(assets[i].base, base) == 0)
            return assets[i].name;
    return NULL;
}
