#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# Shows the environment a CGI program gets, a line a variable, and the body.
use strict;
use warnings;
print "Content-Type: text/plain; charset=utf-8\n\n";
print map { "$_=$ENV{$_}\n" } sort keys %ENV;
if (my $length = $ENV{CONTENT_LENGTH}) {
    read STDIN, my $body, $length;
    print "BODY=$body\n";
}
