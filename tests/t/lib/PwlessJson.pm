# SPDX-License-Identifier: Apache-2.0
package PwlessJson;

# The sign-in in JSON, as a page that draws its own forms goes through it, and what
# every refusal of it has to say.

use strict;
use warnings;
use Exporter qw(import);
use JSON::PP qw(decode_json);
use Test::More;
use Pwless qw(tenant sessions_set);

our @EXPORT = qw(begin at_code refused);

# The tenant as it began, without limits, and a visitor.
sub begin {
    tenant(POST => '/reset');
    tenant(POST => '/set', {limits => undef});
    return Pwless->new('site');
}

# A new browser that was sent a code: (browser, what it was told).
sub at_code {
    my ($host, $email, $more) = @_;
    my $browser = Pwless->new($host);
    my (undef, $first) = $browser->json('login');
    my (undef, $step) = $browser->json('login',
        {email => $email, t => $first->{t}, %{$more || {}}});
    return ($browser, $step);
}

# Every refusal in JSON: status, type, no redirect, words, and what comes next.
sub refused {
    my ($what, $res, $status, $reason, $next) = @_;
    is $res->code, $status, "X11: $what: $status";
    is $res->content_type, 'application/problem+json', "X11: $what: problem+json";
    is $res->header('Location'), undef, "X11: $what: no redirect";
    is $res->header('Cache-Control'), 'no-store', "X9: $what: not kept";
    my $json = eval { decode_json($res->content) } || {};
    is $json->{status}, $status, "X11: $what: its status in the body";
    is $json->{reason}, $reason, "X11: $what: $reason";
    ok length($json->{title} || ''), "X11: $what: a title";
    ok length($json->{detail} || ''), "X11: $what: words for people";
    ok length($json->{request_id} || ''), "X11: $what: a reference";
    is $json->{next}, $next, "X11: $what: next is " . ($next || 'nothing');
    is !!$json->{t}, !!($next && $next ne 'hosted'), "X11: $what: t goes with it";
    is scalar sessions_set($res), 0, "X11: $what: no session";
    is $res->header('Retry-After'), $json->{retry_after},
        "X11: $what: Retry-After is retry_after";
    ok $json->{retry_after}, "X11: $what: with a wait" if $status == 429 || $status >= 500;
    return $json;
}

1;
