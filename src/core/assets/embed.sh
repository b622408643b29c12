#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Turn stylesheets and scripts into a C header of bytes.
#
#   sh embed.sh DIRECTORY > assets_data.h
#
# Each file becomes one row of a table: base name, public name with the first
# 12 hex digits of its SHA-256, bytes. Only od, awk, sed and sha256sum are
# needed. Nothing is written unless all files could be read.
set -eu
export LC_ALL=C

dir=${1:?usage: embed.sh DIRECTORY}

# What is served: lines that are nothing but a comment are for us, all but the
# first, which says whose it is.
content_of() {
    case $1 in
    *.js) sed '2,$ { /^ *\/\/ /d }' "$1" ;;
    *) cat "$1" ;;
    esac
}

hash_of() {
    content_of "$1" | sha256sum | sed 's/^\(............\).*/\1/'
}

bytes_of() {
    content_of "$1" | od -An -v -tu1 |
        awk '{ for (i = 1; i <= NF; i++) printf "%s,", $i; print "" }'
}

for file in pwless.css pwless.js client.js lock.js link.js status.css; do
    test -s "$dir/$file"
done

echo '/* Made by assets/embed.sh; do not edit. */'
for file in pwless.css pwless.js client.js lock.js link.js status.css; do
    base=${file%.*}
    ext=${file##*.}
    hash=$(hash_of "$dir/$file")
    echo "static const unsigned char ${base}_${ext}[] = {"
    bytes_of "$dir/$file"
    echo '};'
    upper=$(echo "${base}_${ext}" | tr '[:lower:]' '[:upper:]')
    echo "#define ${upper}_HASH \"$hash\""
done
