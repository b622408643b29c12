/* SPDX-License-Identifier: Apache-2.0 */
/* A folder for targets that read files; it is gone when the program ends. */
#ifndef PWL_TESTS_FUZZ_PLACE_H
#define PWL_TESTS_FUZZ_PLACE_H

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "input.h"

static char place_folder[64], place_path[80];

static void place_clean_up(void)
{
    unlink(place_path);
    rmdir(place_folder);
}

/** The path of the one file in it; before the first input there is none. In
 * memory, if there is such a folder: thousands are written a second. */
static inline const char *place_file(void)
{
    if (*place_folder)
        return place_path;
    snprintf(place_folder, sizeof(place_folder), "%s/pwl-fuzz-XXXXXX",
             access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
    PROMISE(mkdtemp(place_folder));
    snprintf(place_path, sizeof(place_path), "%s/file", place_folder);
    atexit(place_clean_up);
    return place_path;
}

/** Make it anew. */
static inline void place_write(const uint8_t *from, apr_size_t len)
{
    const char *path = place_file();
    int fd;

    unlink(path);
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    PROMISE(fd >= 0 && write(fd, from, len) == (ssize_t)len);
    close(fd);
}

#endif
