/* SPDX-License-Identifier: Apache-2.0 */
/* How the table of a language is written, for src/core/text_*.c. */
#ifndef PWL_CORE_TEXT_TABLE_H
#define PWL_CORE_TEXT_TABLE_H

#include "core/plural.h"
#include "core/text.h"

/** One form for all numbers. */
#define T(text)                                                                \
    {                                                                          \
        .form = { [PWL_PLURAL_OTHER] = (text) }                                \
    }

/** A form for one, and one for all others. */
#define T2(one, other)                                                         \
    {                                                                          \
        .form = { [PWL_PLURAL_ONE] = (one), [PWL_PLURAL_OTHER] = (other) }     \
    }

/** Polish: 1; 2 to 4, 22 to 24, ...; all others. */
#define T3(one, few, many)                                                     \
    {                                                                          \
        .form = {                                                              \
            [PWL_PLURAL_ONE] = (one),                                          \
            [PWL_PLURAL_FEW] = (few),                                          \
            [PWL_PLURAL_MANY] = (many),                                        \
            [PWL_PLURAL_OTHER] = (many)                                        \
        }                                                                      \
    }

/** Arabic: 0; 1; 2; 3 to 10; 11 to 99; 100 to 102, ... */
#define T6(zero, one, two, few, many, other)                                   \
    {                                                                          \
        .form = {                                                              \
            [PWL_PLURAL_ZERO] = (zero),                                        \
            [PWL_PLURAL_ONE] = (one),                                          \
            [PWL_PLURAL_TWO] = (two),                                          \
            [PWL_PLURAL_FEW] = (few),                                          \
            [PWL_PLURAL_MANY] = (many),                                        \
            [PWL_PLURAL_OTHER] = (other)                                       \
        }                                                                      \
    }

#endif
