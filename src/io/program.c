/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Running a program for the one line it prints.
 *
 *   start -> read_line, until it closes its output -> ended_well
 *
 * Its output is read to the end even after the line we want, or a program
 * that prints more would die of a broken pipe and seem to have failed. A
 * grandchild that keeps the output open costs the whole deadline, and then the
 * program's own status counts.
 *
 * Waiting for the deadline is all the clock is read for.
 */
#include "io/program.h"

#include <apr_file_info.h>
#include <apr_file_io.h>
#include <apr_strings.h>
#include <apr_thread_proc.h>
#include <signal.h>

#include "core/limits.h"

#define POLL_EVERY apr_time_from_msec(10)

static pwl_result_t refused(pwl_reason_t why, apr_status_t rv,
                            const char *detail)
{
    pwl_result_t res = {why, rv, detail};

    return res;
}

static const char *full_path(const char *name, const char *server_root,
                             apr_pool_t *pool)
{
    char *path;

    if (apr_filepath_merge(&path, server_root, name, 0, pool) != APR_SUCCESS)
        return name;
    return path;
}

/** Read up to the first line's end and throw the rest away, so that the
 * program is not ended by a broken pipe; stop at end of file or `until`. */
static apr_status_t read_line(apr_file_t *file, char *text, apr_size_t max,
                              apr_size_t *len, apr_time_t until)
{
    char rest[4096];
    int wanted = 1;

    *len = 0;
    for (;;) {
        apr_time_t left = until - apr_time_now();
        apr_size_t got = wanted ? 1 : sizeof(rest);
        apr_status_t rv;

        if (left <= 0)
            return APR_SUCCESS; /* ended_well() says what that means */
        apr_file_pipe_timeout_set(file, left);
        rv = apr_file_read(file, wanted ? text + *len : rest, &got);
        if (rv == APR_EOF || APR_STATUS_IS_TIMEUP(rv))
            return APR_SUCCESS;
        if (rv != APR_SUCCESS)
            return rv;
        if (wanted) {
            wanted = text[*len] != '\n' && *len + 1 < max;
            (*len)++;
        }
    }
}

/** Wait for the program to end; kill it at `until`.
 * @return true if it ended by itself with status 0 */
static int ended_well(apr_proc_t *proc, apr_time_t until)
{
    apr_exit_why_e why = APR_PROC_SIGNAL;
    int status = 1;

    while (apr_proc_wait(proc, &status, &why, APR_NOWAIT) ==
           APR_CHILD_NOTDONE) {
        if (apr_time_now() >= until) {
            apr_proc_kill(proc, SIGKILL);
            apr_proc_wait(proc, &status, &why, APR_WAIT);
            return 0;
        }
        apr_sleep(POLL_EVERY);
    }
    return why == APR_PROC_EXIT && status == 0;
}

static apr_status_t start(apr_proc_t *proc, char **argv, apr_pool_t *pool)
{
    apr_procattr_t *attr;
    apr_file_t *nothing;
    apr_status_t rv;

    rv = apr_procattr_create(&attr, pool);
    if (rv == APR_SUCCESS)
        rv = apr_procattr_io_set(attr, APR_NO_PIPE, APR_CHILD_BLOCK,
                                 APR_NO_PIPE);
    if (rv == APR_SUCCESS)
        rv = apr_file_open(&nothing, "/dev/null", APR_FOPEN_READ,
                           APR_OS_DEFAULT, pool);
    if (rv == APR_SUCCESS)
        rv = apr_procattr_child_in_set(attr, nothing, NULL);
    if (rv == APR_SUCCESS)
        rv = apr_procattr_cmdtype_set(attr, APR_PROGRAM_ENV);
    if (rv == APR_SUCCESS)
        rv = apr_proc_create(proc, argv[0], (const char *const *)argv, NULL,
                             attr, pool);
    return rv;
}

pwl_result_t pwl_program_find(const char *command, const char *server_root,
                              char ***argv, apr_pool_t *pool)
{
    apr_finfo_t finfo;
    apr_status_t rv;

    if (apr_tokenize_to_argv(command, argv, pool) != APR_SUCCESS ||
        !(*argv)[0] || !(*argv)[0][0])
        return refused(PWL_SECRET_COMMAND, 0, "exec: names no program");
    (*argv)[0] = apr_pstrdup(pool, full_path((*argv)[0], server_root, pool));
    rv = apr_stat(&finfo, (*argv)[0], APR_FINFO_TYPE | APR_FINFO_PROT, pool);
    if (rv != APR_SUCCESS || finfo.filetype != APR_REG)
        return refused(PWL_SECRET_COMMAND, rv,
                       apr_pstrcat(pool, "no program ", (*argv)[0],
                                   "; write the full path", NULL));
    if (!(finfo.protection & (APR_UEXECUTE | APR_GEXECUTE | APR_WEXECUTE)))
        return refused(PWL_SECRET_COMMAND, 0,
                       apr_pstrcat(pool, (*argv)[0],
                                   " is not executable; run: chmod u+x ",
                                   (*argv)[0], NULL));
    return refused(PWL_OK, 0, NULL);
}

pwl_result_t pwl_program_first_line(char **argv, apr_interval_time_t deadline,
                                    char **text, apr_size_t *len,
                                    apr_pool_t *pool)
{
    apr_time_t until = apr_time_now() + deadline;
    pwl_result_t res = refused(PWL_OK, 0, NULL);
    apr_proc_t proc;

    res.rv = start(&proc, argv, pool);
    if (res.rv != APR_SUCCESS) {
        res.why = PWL_SECRET_COMMAND;
        res.detail = apr_pstrcat(pool, "cannot run ", argv[0], NULL);
        return res;
    }
    *text = apr_pcalloc(pool, PWL_SECRET_MAX_BYTES + 4);
    res.rv = read_line(proc.out, *text, PWL_SECRET_MAX_BYTES + 3, len, until);
    apr_file_close(proc.out);
    if (!ended_well(&proc, until) || res.rv != APR_SUCCESS) {
        res.why = PWL_SECRET_COMMAND;
        res.detail =
            apr_psprintf(pool, "%s did not end with status 0 within %d seconds",
                         argv[0], (int)apr_time_sec(deadline));
    }
    return res;
}
