# SPDX-License-Identifier: Apache-2.0
# SetHandler auth0-status: numbers move by exactly what was done, every format
# can be read by what it is meant for, and who may look is up to Require.
use strict;
use warnings;
use JSON::PP qw(decode_json);
use Test::More;
use URI::Escape qw(uri_escape);
use Pwless qw(tenant code_for wrong_code);
use PwlessHttpd;

tenant(POST => '/reset');
tenant(POST => '/set', {limits => undef});
my $MEMBERS = '/members/';

sub place {
    my ($path, @lines) = @_;
    return (qq(<Location "$path">), @lines, '</Location>');
}

my $bare = PwlessHttpd->free_port;
my $own = PwlessHttpd->site(
    main => ["Listen 127.0.0.1:$bare", "<VirtualHost 127.0.0.1:$bare>",
        "ServerName localhost:$bare",
        place('/status', 'SetHandler auth0-status', 'Require all granted'),
        '</VirtualHost>'],
    host => ['Auth0ResendInterval 60',
        place('/status', 'SetHandler auth0-status', 'Require all granted'),
        place('/odd<&>', 'SetHandler auth0-status', 'Require all granted'),
        place('/closed', 'SetHandler auth0-status', 'Require all denied'),
        place('/for-ann', 'SetHandler auth0-status', 'AuthType Auth0Passwordless',
            'AuthName Status', 'Require user ann@example.org'),
        place('/api', 'AuthType Auth0Passwordless', 'AuthName API',
            'Auth0Unauthenticated 401', 'Require valid-user'),
        place('/pass', 'AuthType Auth0Passwordless', 'AuthName Pass',
            'Auth0Unauthenticated pass', 'Require valid-user'),
        place('/own-page', 'AuthType Auth0Passwordless', 'AuthName Own',
            'ErrorDocument 401 "no"', 'Auth0Unauthenticated 401', 'Require valid-user'),
        place('/admin', 'SetHandler auth0-sessions', 'Require all granted'),
        place('/server-status', 'SetHandler server-status', 'Require all granted')]);
ok $own->start, 'a server of its own is up' or diag $own->said, $own->log_text;
my $admin = Pwless->new($own->url);

sub status { return decode_json($admin->get('/status?format=json')->content) }

# {sessions => {ended => {logout => 1}}} as {'sessions.ended.logout' => 1}
sub flat {
    my ($tree, $before) = @_;
    return map {
        my $name = defined $before ? "$before.$_" : $_;
        ref $tree->{$_} ? flat($tree->{$_}, $name) : ($name => $tree->{$_})
    } keys %$tree;
}

# What a deed changes; leaving out how long things took and what memory they
# needed, which no test can foretell.
sub moves {
    my ($what, $deed, %want) = @_;
    my %before = flat(status());
    $deed->();
    my %after = flat(status());
    my %moved = map { $_ => $after{$_} - $before{$_} }
        grep { !/\.sum$|\.buckets\.|lock_waits|bytes_used|version|ratelimit_|^redis\.up/
            && $after{$_} != $before{$_} } keys %after;
    return is_deeply \%moved, \%want, $what;
}

# Before anything was done.
{
    my $all = status();
    my %flat = flat($all);
    is_deeply [grep { $flat{$_} && !/^(?:version|counting\.since|store\.)/ } sort keys %flat],
        [], 'G8: all counters begin at 0';
    cmp_ok $all->{store}{bytes_total}, '>', 1_000_000, 'store.bytes_total';
    is $all->{store}{bytes_used}, 0, 'store.bytes_used';
    is $all->{sessions}{live}, 0, 'sessions.live';
    cmp_ok abs($all->{counting}{since} - time), '<', 120, 'counting since a moment ago';
}

# A sign-in, step by step.
my $ann = Pwless->new($own->url);
my $step2;
moves 'asking in', sub { $ann->get($MEMBERS) }, 'visitors.unauthenticated.login' => 1;
moves 'a code is sent', sub { $step2 = $ann->ask_code('ann@example.org', $MEMBERS) },
    'codes.requested.sent' => 1, 'codes.language.en' => 1,
    'provider.calls.start.ok' => 1, 'provider.seconds.start.count' => 1;
moves 'a second click', sub {
    $ann->post($step2, {t => Pwless::token($ann->get($step2)), op => 'send'}) },
    'codes.requested.suppressed' => 1;
moves 'a wrong code', sub { $ann->enter_code($step2, wrong_code(code_for('ann@example.org'))) },
    'codes.verified.wrong' => 1, 'provider.calls.token.refused' => 1,
    'provider.seconds.token.count' => 1, 'visitors.refused.tenant-wrong-code' => 1;
moves 'what is no code', sub { $ann->enter_code($step2, 'hello') },
    'codes.verified.malformed' => 1, 'visitors.refused.otp-chars' => 1;
moves 'the right code', sub { $ann->enter_code($step2, code_for('ann@example.org')) },
    'codes.verified.ok' => 1, 'codes.entry_seconds.count' => 1,
    'provider.calls.token.ok' => 1, 'provider.seconds.token.count' => 1,
    'provider.calls.jwks.ok' => 1, 'provider.seconds.jwks.count' => 1,
    'sessions.created' => 1, 'sessions.live' => 1;
moves 'twenty pages with a session: nothing at all', sub {
    is $ann->get($MEMBERS)->code, 200, 'signed in' for 1 .. 20 };
cmp_ok status()->{store}{bytes_used}, '>', 0, 'a session takes room';

# What the tenant tells of its limits.
{
    my $bob = Pwless->new($own->url);
    is status()->{provider}{ratelimit_remaining}{token}, undef, 'nothing told yet';
    tenant(POST => '/fault', {path => '/passwordless/start', fault => 'rate-limited',
        remaining => 3, reset => time + 40, times => 1});
    moves 'too many calls', sub { $bob->ask_code('bob@example.org') },
        'codes.requested.provider_limit' => 1, 'codes.language.en' => 1, 'provider.calls.start.limit' => 1,
        'provider.seconds.start.count' => 1, 'visitors.refused.tenant-rate-limit' => 1;
    is status()->{provider}{ratelimit_remaining}{start}, 3, 'the tenant told how many are left';
    my $until = sub { status()->{provider}{ratelimit_reset_seconds}{start} };
    my $first = $until->();
    ok $first > 30 && $first <= 40, 'and when it takes its full number again' or diag $first;
    is status()->{provider}{ratelimit_reset_seconds}{refresh}, undef, 'not for what it told nothing of';
    my ($text, $lines) = map { $admin->get("/status?$_")->content } 'format=prometheus', 'auto';
    like $text, qr/^pwless_provider_ratelimit_reset_seconds\{call="start"\} (?:3\d|40)$/m, 'in Prometheus text, too';
    unlike $text, qr/reset_seconds\{call="refresh"/, 'and there only what was told';
    like $lines, qr/^PwlessProviderRatelimitResetSecondsStart: (?:3\d|40)$/m, 'and in ?auto';
    sleep 2;
    cmp_ok $until->(), '<', $first, 'it goes down as time passes';
    tenant(POST => '/fault', {path => '/passwordless/start', fault => 'rate-limited',
        remaining => 3, reset => 1, times => 1});
    Pwless->new($own->url)->ask_code('bob@example.org');
    sleep 2;
    is $until->(), 0, 'and is 0 after';
    tenant(DELETE => '/fault');
}

# Answers to those without one.
my $json = {Accept => 'application/json', 'Sec-Fetch-Mode' => 'cors', 'Sec-Fetch-Dest' => 'empty'};
my $nobody = Pwless->new($own->url);
moves 'a program', sub { $nobody->get('/api/', $json) }, 'visitors.unauthenticated.401_json' => 1;
moves 'a form of the application', sub { $nobody->post($MEMBERS, {a => 1}) },
    'visitors.unauthenticated.401_unsent' => 1;
moves 'the site has a page of its own', sub { $nobody->get('/own-page/') },
    'visitors.unauthenticated.401_document' => 1;
moves 'let through', sub { $nobody->get('/pass/') }, 'visitors.unauthenticated.pass' => 1;
my $sid = 'A' x 43;
moves 'a cookie of nobody', sub { $nobody->get($MEMBERS, {Cookie => "auth0-session=$sid"}) },
    'visitors.unauthenticated.login' => 1, 'visitors.refused.session-unknown' => 1;
moves 'and a forged one', sub { $nobody->get($MEMBERS, {Cookie => 'auth0-session=x'}) },
    'visitors.unauthenticated.login' => 1, 'visitors.refused.session-forged' => 1;

# Ends of sessions.
moves 'the same browser signs in anew', sub {
    my $res = $ann->post('/.auth0/login', {email => 'bob@example.org',
        t => Pwless::token($ann->get('/.auth0/login?why=other'))});
    $ann->enter_code($res->header('Location'), code_for('bob@example.org'));
}, 'codes.requested.sent' => 1, 'codes.language.en' => 1, 'provider.calls.start.ok' => 1,
    'provider.seconds.start.count' => 1, 'codes.verified.ok' => 1,
    'codes.entry_seconds.count' => 1, 'provider.calls.token.ok' => 1,
    'provider.seconds.token.count' => 1, 'sessions.created' => 1,
    'sessions.ended.replaced' => 1;
moves 'signing out', sub { $ann->sign_out }, 'sessions.ended.logout' => 1, 'sessions.live' => -1;
moves 'signing out twice', sub { $ann->post('/.auth0/logout', {}) };

# The tenant in trouble; and patience at its end.
{
    my $dan = Pwless->new($own->url);
    my $to = $dan->ask_code('dan@example.org');
    sleep 11; # what comes sooner is a second click
    moves 'another code is asked for too soon', sub {
        $dan->post($to, {t => Pwless::token($dan->get($to)), op => 'send'}) },
        'codes.requested.cooldown' => 1;
    tenant(POST => '/fault', {path => '/passwordless/start', fault => 'html-502', times => 1});
    moves 'the tenant fails', sub { Pwless->new($own->url)->ask_code('eve@example.org') },
        'codes.requested.provider_error' => 1, 'codes.language.en' => 1,
        'provider.calls.start.failed' => 1,
        'provider.seconds.start.count' => 1, 'visitors.refused.tenant-failed' => 1;
    tenant(DELETE => '/fault');
}

# The formats agree, and can be read.
my $truth = status();
my %truth = flat($truth);

# Prometheus' text: a strict little reader. Families stand together, under HELP
# and TYPE; no series comes twice; a histogram's buckets only grow.
sub read_prometheus {
    my ($text, $open) = @_;
    my (%type, %value, @wrong, $family, %closed, $below);
    push @wrong, 'no line break at the end' unless $text =~ /\n\z/;
    my @lines = split /\n/, $text;
    push @wrong, 'no EOF' if $open && pop(@lines) ne '# EOF';
    for my $line (@lines) {
        if ($line =~ /^# HELP ([a-z_]+) \S.*$/) {
            push @wrong, "$1 again" if $closed{$1}++;
            $family = $1;
        }
        elsif ($line =~ /^# TYPE ([a-z_]+) (counter|gauge|histogram|info)$/ && $1 eq $family) {
            $type{$1} = $2;
        }
        elsif ($line =~ /^([a-z_]+)(\{((?:[a-z_]+="(?:[^"\\\n]|\\[\\"n])*",?)+)\})? ([0-9.]+)$/) {
            my ($name, $labels, $number) = ($1, $2 || '', $4);
            my $kind = $type{$family} || 'none';
            my $suffix = $kind eq 'histogram' ? '_(?:bucket|sum|count)'
                : $kind eq 'info' ? '_info' : $open && $kind eq 'counter' ? '_total' : '';
            push @wrong, "$line: not of $family" unless $name =~ /^\Q$family\E$suffix$/;
            push @wrong, "$line: twice" if exists $value{"$name$labels"};
            $value{"$name$labels"} = $number;
            $below = 0 if $labels =~ /le="(?:0\.05|10\.0)"/ && $name =~ /bucket/
                && ($family !~ /provider/ || $labels =~ /0\.05/);
            if ($name =~ /_bucket$/) {
                push @wrong, "$line: less than the bucket before" if $number < $below;
                $below = $number;
            }
            push @wrong, "$line: +Inf is not the count"
                if $name =~ /_count$/ && $number != $below;
        }
        else { push @wrong, "cannot be read: $line" }
    }
    return (\%value, \%type, \@wrong);
}

for my $open (0, 1) {
    my $name = $open ? 'OpenMetrics' : 'Prometheus';
    my $res = $admin->get('/status?format=' . lc $name);
    is $res->header('Content-Type'), $open
        ? 'application/openmetrics-text; version=1.0.0; charset=utf-8'
        : 'text/plain; version=0.0.4; charset=utf-8', "$name: its type";
    my ($value, $type, $wrong) = read_prometheus($res->content, $open);
    is_deeply $wrong, [], "$name: reads without fault";
    my %want = ('pwless_sessions_active' => $truth->{sessions}{live},
        'pwless_sessions_created_total' => 2,
        'pwless_sessions_ended_total{reason="logout"}' => 1,
        'pwless_codes_requested_total{result="sent"}' => 3,
        'pwless_codes_verified_total{result="wrong"}' => 1,
        'pwless_unauthenticated_total{answer="401_json"}' => 1,
        'pwless_provider_calls_total{call="token",result="ok"}' => 2,
        'pwless_provider_calls_total{call="start",result="failed"}' => 1,
        'pwless_provider_seconds_count{call="start"}' => 6,
        'pwless_refused_total{reason="session-forged"}' => 1,
        'pwless_store_size_bytes' => $truth->{store}{bytes_total});
    is_deeply {map { $_ => $value->{$_} } keys %want}, \%want, "$name: the same numbers";
    is scalar(grep { /^pwless_refused_total/ } keys %$value),
        scalar(keys %{$truth->{visitors}{refused}}), "$name: every reason is a series from the start";
}

# By Accept, as a scraper or a script asks.
my @asked = (
    ['Prometheus today', 'application/openmetrics-text;version=1.0.0;q=0.5,'
        . 'application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
        qr{^application/openmetrics-text}],
    ['Prometheus before', 'text/plain;version=0.0.4;q=1,*/*;q=0.1', qr{^text/plain; version=0\.0\.4}],
    ['a script', 'application/json', qr{^application/json}],
    ['a browser', 'text/html,application/xhtml+xml,*/*;q=0.8', qr{^text/html}],
    ['curl', '*/*', qr{^text/html}],
    ['nobody in particular', undef, qr{^text/html}],
);
like $admin->get('/status', {Accept => $_->[1]})->header('Content-Type'), $_->[2],
    "Accept of $_->[0]" for @asked;
like $admin->get('/status?format=prometheus', {Accept => 'application/openmetrics-text'})
    ->header('Content-Type'), qr{^application/openmetrics}, 'format=prometheus with an Accept that can do more';
my $bad = $admin->get('/status?format=xml');
is $bad->code, 400, 'a format there is not: 400';
like $bad->content, qr/prometheus/, 'and which there are';

# ?auto, here and in mod_status.
for my $path ('/status?auto', '/server-status?auto') {
    my %lines = map { /^(Pwless\w+): ([0-9.]+)$/ ? ($1 => $2) : () }
        split /\n/, $admin->get($path)->content;
    my %want = (PwlessSessionsLive => 0, PwlessSessionsCreated => 2,
        PwlessSessionsEndedLogout => 1, PwlessCodesVerifiedWrong => 1,
        PwlessVisitorsRefusedSessionForged => 1, PwlessProviderCallsTokenOk => 2,
        PwlessProviderSecondsStartCount => 6);
    is_deeply {map { $_ => $lines{$_} } keys %want}, \%want, "$path: the same numbers";
}
like $admin->get('/server-status')->content,
    qr{<h2>Sign-ins \(mod_auth0_pwless\)</h2>.*<th scope="row">logout</th><td>1</td>}s,
    'mod_status: a section in its page';
unlike $admin->get('/server-status?auto')->content, qr/<h2>/, 'mod_status: no HTML in ?auto';

# The page.
my $page = $admin->get('/status');
like $page->content, qr{<th scope="row">session-forged</th><td>1</td>}, 'page: reasons';
unlike $page->content, qr/store-full/, 'page: none that never came up';
like $page->content, qr{<link rel="stylesheet" href="/status\?format=css">}, 'page: its stylesheet';
my $css = $admin->get('/status?format=css');
like $css->header('Content-Type'), qr{^text/css}, 'page: which is there';
like $css->content, qr/pwless-tiles/, 'page: and is the right one';
my $odd = $admin->get('/odd%3c%26%3e');
is $odd->code, 200, 'X1: a path with characters that mean something';
unlike $odd->content, qr/odd[<&]/, 'X1: stands escaped in the page';

# Nothing that tells of people.
for my $path ('/status', '/status?auto', '/status?format=json', '/status?format=prometheus',
    '/status?format=openmetrics') {
    my $res = $admin->get($path);
    unlike $res->content, qr/\b(?:ann|bob|eve)\b|127\.0\.0\.1|email\||\@/, "G7, G8: $path names nobody";
    is $res->header('Cache-Control'), 'no-store', "$path is not kept";
    is $res->header('X-Content-Type-Options'), 'nosniff', "$path: nosniff";
    is length $res->content, $res->header('Content-Length'), "$path: length";
    my $head = $admin->request('HEAD', $path);
    is $head->code, 200, "HEAD $path";
    is $head->content, '', 'has no body';
    is $head->header('Content-Type'), $res->header('Content-Type'), 'and the same type';
}
for my $method (qw(POST PUT DELETE OPTIONS PATCH)) {
    my $res = $admin->request($method, '/status', $method eq 'POST' ? '' : undef);
    is $res->code, 405, "$method: 405";
    # httpd adds TRACE, which it answers itself.
    is_deeply [sort grep { $_ ne 'TRACE' } split /[, ]+/, join ',', $res->header('Allow')],
        [qw(GET HEAD)], "$method: Allow";
}

# Who may look.
is $nobody->get('/closed')->code, 403, 'Require all denied';
is $nobody->get('/for-ann')->code, 302, 'guarded by ourselves: sign in first';
my $second = Pwless->new($own->url);
$second->sign_in('bob@example.org', '/for-ann');
is $second->get('/for-ann')->code, 403, 'bob may not look';
my $third = Pwless->new($own->url);
$third->sign_in('ann@example.org', '/for-ann');
is $third->get('/for-ann')->code, 200, 'ann may';
my $other = Pwless->new("http://localhost:$bare");
{
    my $fourth = Pwless->new($own->url);
    $fourth->sign_in('eve@example.org', $MEMBERS);
    moves 'ended by the administrator', sub {
        is $admin->post('/admin', {op => 'end-user', user => 'eve@example.org'})->code, 303, 'ended'
    }, 'sessions.ended.revoked' => 1, 'sessions.live' => -1;
    my $fifth = Pwless->new($own->url);
    $fifth->sign_in('max@example.org', $MEMBERS);
    my %token = (uri => $own->url . '/.auth0/backchannel-logout', email => 'max@example.org');
    moves 'ended by the tenant', sub {
        is tenant(POST => '/backchannel', \%token)->{status}, 200, 'ended'
    }, 'sessions.ended.backchannel' => 1, 'sessions.live' => -1;
    moves 'a forged logout token', sub {
        is tenant(POST => '/backchannel', {%token, token => 'x'})->{status}, 400, 'refused'
    }, 'visitors.refused.logout-token' => 1;
}
is decode_json($other->get('/status?format=json')->content)->{sessions}{live}, 2,
    'a host that does not use the module shows the same';
like $other->get('/status?format=css')->content, qr/pwless-tiles/, 'with its stylesheet';

# A graceful restart keeps the numbers, and goes on from there.
{
    my %before = flat(status());
    ok $own->graceful, 'graceful restart';
    my %after = flat(status());
    is_deeply \%after, \%before, 'S17: the counters are as they were';
    moves 'and go on', sub { $third->sign_out }, 'sessions.ended.logout' => 1,
        'sessions.live' => -1;
}
$own->stop;

# Sessions that run out: met by their visitor, then followed by another.
for my $case (['Auth0SessionIdle 1s', 'idle'], ['Auth0SessionMax 1s', 'max']) {
    my ($limit, $word) = @$case;
    my $brief = PwlessHttpd->site(host => [$limit,
        place('/status', 'SetHandler auth0-status', 'Require all granted')]);
    ok $brief->start, "a server with $limit";
    $admin = Pwless->new($brief->url);
    my $cat = Pwless->new($brief->url);
    $cat->sign_in('cat@example.org', $MEMBERS);
    sleep 2;
    moves "$word: a page asks to sign in", sub { $cat->get($MEMBERS) },
        'visitors.unauthenticated.login' => 1, "visitors.refused.session-$word" => 1;
    $cat->enter_code($cat->post('/.auth0/login', {email => 'dan@example.org',
        t => Pwless::token($cat->get('/.auth0/login?why=other'))})->header('Location'),
        code_for('dan@example.org'));
    my $sessions = status()->{sessions};
    is $sessions->{ended}{$word}, 1, "$word: the session's end has its reason";
    is $sessions->{ended}{replaced}, 0, "$word: and no other";
    is $sessions->{live}, 1, "$word: one is left";
    $brief->stop;
}
is_deeply tenant(GET => '/errors'), [], 'the stand-in had no trouble';
done_testing;
