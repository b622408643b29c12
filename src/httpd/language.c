/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The operator's order counts: the first language is for whom none suits.
 *
 * Texts are read and judged by the setter, so that httpd names the line. What
 * Auth0Languages may name is known when all lines are read (httpd/check.c).
 */
#include "httpd/language.h"

#include <apr_strings.h>
#include <http_core.h>
#include <http_log.h>

#include "core/language.h"
#include "core/limits.h"
#include "core/locales.h"
#include "core/messages.h"
#include "httpd/set.h"
#include "io/messagefile.h"

APLOG_USE_MODULE(auth0_pwless);

#define ALL "all"

static const char *complain(cmd_parms *cmd, const char *what, const char *why)
{
    return apr_pstrcat(cmd->pool, cmd->cmd->name, ": \"", what, "\" ", why,
                       NULL);
}

static int is_tag(const char *text)
{
    return strlen(text) <= PWL_LOCALES_TAG_MAX && pwl_locales_is_tag(text);
}

/* In a list of pwl_language_t, or NULL. */
static const pwl_language_t *among(const apr_array_header_t *list,
                                   const char *tag)
{
    return list ? pwl_language_find((const pwl_language_t *const *)list->elts,
                                    list->nelts, tag)
                : NULL;
}

static const pwl_language_t *built_in(const char *tag)
{
    const pwl_language_t *lang;
    int i;

    for (i = 0; (lang = pwl_language_built_in(i)); i++)
        if (!ap_cstr_casecmp(lang->tag, tag))
            return lang;
    return NULL;
}

const char *pwl_language_set(cmd_parms *cmd, void *dir, int argc,
                             char *const argv[])
{
    const apr_array_header_t **field = pwl_set_field(cmd, dir);
    apr_array_header_t *tags;
    int i, k;

    if (argc < 1)
        return apr_pstrcat(cmd->pool, cmd->cmd->name,
                           ": takes language tags, the first for whom none "
                           "suits (try en de fr)",
                           NULL);
    if (argc > PWL_LANGUAGES_MAX)
        return complain(cmd, argv[PWL_LANGUAGES_MAX],
                        apr_psprintf(cmd->pool, "is one too many: %d are taken",
                                     PWL_LANGUAGES_MAX));
    tags = apr_array_make(cmd->pool, argc, sizeof(char *));
    for (i = 0; i < argc; i++) {
        if (!is_tag(argv[i]))
            return complain(cmd, argv[i],
                            "is no language tag (try en, de or "
                            "pt-BR)");
        for (k = 0; k < i; k++)
            if (!ap_cstr_casecmp(argv[i], argv[k]))
                return complain(cmd, argv[i], "is named twice");
        APR_ARRAY_PUSH(tags, const char *) = argv[i];
    }
    *field = tags;
    return NULL;
}

/* httpd reads its configuration twice at start: one warning will do. */
static int warns_now(void)
{
    return ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_CONFIG ||
           ap_state_query(AP_SQ_RUN_MODE) == AP_SQ_RM_CONFIG_TEST;
}

static void warn_missing(cmd_parms *cmd, const pwl_language_t *lang,
                         const char *file)
{
    const char *missing = pwl_messages_missing(lang, cmd->temp_pool);

    /* The host's own log and level are not known yet. */
    if (missing && warns_now())
        ap_log_error(APLOG_MARK, APLOG_WARNING | APLOG_STARTUP, 0, NULL,
                     "pwless: %s:%d: Auth0Messages %s %s lacks %s, which stay "
                     "English: add them to the file",
                     cmd->directive->filename, cmd->directive->line_num,
                     lang->tag, file, missing);
}

const char *pwl_language_set_messages(cmd_parms *cmd, void *dir,
                                      const char *tag, const char *file)
{
    apr_array_header_t **field = pwl_set_field(cmd, dir);
    const char *path = ap_server_root_relative(cmd->pool, file);
    const pwl_language_t *base, *lang = NULL;
    const char *bad = "is no path";
    apr_size_t len;
    char *text;

    if (!is_tag(tag))
        return complain(cmd, tag, "is no language tag (try en, de or pt-BR)");
    if (among(*field, tag))
        return complain(cmd, tag, "has a file already: one for each language");
    if (*field && (*field)->nelts >= PWL_LANGUAGES_MAX)
        return complain(cmd, tag, "is one language too many");
    if (path)
        bad = pwl_messagefile_read(path, &text, &len, cmd->temp_pool);
    if (bad)
        return complain(cmd, file, bad);
    base = built_in(tag);
    if (!base)
        base = pwl_language_make(tag, cmd->pool);
    bad = pwl_messages_lay(text, len, base, &lang, cmd->pool);
    if (bad)
        return complain(cmd, file, bad);
    warn_missing(cmd, lang, file);
    if (!*field)
        *field = apr_array_make(cmd->pool, 2, sizeof(lang));
    APR_ARRAY_PUSH(*field, const pwl_language_t *) = lang;
    return NULL;
}

const apr_array_header_t *pwl_language_merge(const apr_array_header_t *base,
                                             const apr_array_header_t *over,
                                             apr_pool_t *pool)
{
    apr_array_header_t *out;
    int i;

    if (!base || !over)
        return over ? over : base;
    out = apr_array_copy(pool, over);
    for (i = 0; i < base->nelts; i++) {
        const pwl_language_t *lang =
            APR_ARRAY_IDX(base, i, const pwl_language_t *);

        if (!among(over, lang->tag))
            APR_ARRAY_PUSH(out, const pwl_language_t *) = lang;
    }
    return out;
}

/* With the operator's words where there are any. */
static const pwl_language_t *language_of(const pwl_server_conf_t *conf,
                                         const char *tag)
{
    const pwl_language_t *lang = among(conf->messages, tag);

    return lang ? lang : built_in(tag);
}

static int names(const apr_array_header_t *tags, const char *tag)
{
    int i;

    for (i = 0; tags && i < tags->nelts; i++)
        if (!ap_cstr_casecmp(APR_ARRAY_IDX(tags, i, const char *), tag))
            return 1;
    return 0;
}

const char *pwl_language_check(const pwl_server_conf_t *conf, apr_pool_t *pool)
{
    int i;

    for (i = 0; conf->languages && i < conf->languages->nelts; i++) {
        const char *tag = APR_ARRAY_IDX(conf->languages, i, const char *);

        if (ap_cstr_casecmp(tag, ALL) && !language_of(conf, tag))
            return apr_pstrcat(pool, "names ", tag,
                               ", which is not built in: leave it out, or "
                               "bring its texts (Auth0Messages ",
                               tag, " FILE)", NULL);
    }
    return NULL;
}

const char *pwl_language_idle(const pwl_server_conf_t *conf, apr_pool_t *pool)
{
    const apr_array_header_t *offered = pwl_language_offered(conf, pool);
    const char *idle = NULL;
    int i;

    for (i = 0; conf->messages && i < conf->messages->nelts; i++) {
        const pwl_language_t *lang =
            APR_ARRAY_IDX(conf->messages, i, const pwl_language_t *);

        if (!among(offered, lang->tag))
            idle = apr_pstrcat(pool, idle ? idle : "", idle ? " " : "",
                               lang->tag, NULL);
    }
    return idle;
}

static void offer(apr_array_header_t *list, const pwl_language_t *lang)
{
    if (lang && !among(list, lang->tag) && list->nelts < PWL_LANGUAGES_MAX)
        APR_ARRAY_PUSH(list, const pwl_language_t *) = lang;
}

const apr_array_header_t *pwl_language_offered(const pwl_server_conf_t *conf,
                                               apr_pool_t *pool)
{
    apr_array_header_t *list =
        apr_array_make(pool, 4, sizeof(const pwl_language_t *));
    const pwl_language_t *lang;
    int i;

    for (i = 0; conf->languages && i < conf->languages->nelts; i++)
        offer(list, language_of(
                        conf, APR_ARRAY_IDX(conf->languages, i, const char *)));
    if (names(conf->languages, ALL)) {
        for (i = 0; (lang = pwl_language_built_in(i)); i++)
            offer(list, language_of(conf, lang->tag));
        for (i = 0; conf->messages && i < conf->messages->nelts; i++)
            offer(list,
                  APR_ARRAY_IDX(conf->messages, i, const pwl_language_t *));
    }
    offer(list, list->nelts ? NULL : language_of(conf, pwl_text_en.tag));
    return list;
}

static void choose(request_rec *r, const pwl_realm_t *realm, pwl_request_t *rq)
{
    request_rec *top = pwl_request_top(r);
    pwl_page_site_t *site =
        apr_pmemdup(top->pool, &realm->site, sizeof(realm->site));
    pwl_language_choice_t choice = pwl_language_choose(
        (const pwl_language_t *const *)realm->languages->elts,
        realm->languages->nelts,
        /* The name mod_negotiation has for it. */
        apr_table_get(top->subprocess_env, "prefer-language"),
        apr_table_get(top->headers_in, "Accept-Language"), top->pool);

    site->lang = choice.lang;
    rq->told = choice.told;
    rq->site = site;
}

const pwl_page_site_t *pwl_language_site(request_rec *r,
                                         const pwl_realm_t *realm)
{
    pwl_request_t *rq = pwl_request_of(r);

    if (!rq->site)
        choose(r, realm, rq);
    return rq->site;
}

const char *pwl_language_told(request_rec *r, const pwl_realm_t *realm)
{
    pwl_language_site(r, realm);
    return pwl_request_of(r)->told;
}
