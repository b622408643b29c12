# SPDX-License-Identifier: Apache-2.0
# Our two cookies: what they look like, what is read from a Cookie header, and
# that only what we gave out works.
use strict;
use warnings;
use Test::More;
use URI::Escape qw(uri_escape);
use Pwless qw(tenant code_for calls log_lines);

tenant(POST => '/reset');
tenant(POST => '/set', {limits => undef});
my $MEMBERS = '/htdocs/members/';
my $SESSION = '__Host-auth0-session';
my $PENDING = '__Host-auth0-pending';

sub set_cookies { return map { $_->header('Set-Cookie') } @_ }

# K1: attributes.
{
    my $ann = Pwless->new('site');
    my $login = $ann->get('/.auth0/login');
    my $step1 = $ann->post('/.auth0/login',
        {email => 'ann@example.org', t => Pwless::token($login)});
    my $step2 = $ann->get($step1->header('Location'));
    my $in = $ann->post($step1->header('Location'),
        {code => code_for('ann@example.org'), t => Pwless::token($step2), op => 'verify'});
    my $after = $ann->get($MEMBERS);
    my @set = set_cookies($login, $step1, $step2, $in);
    ok @set >= 3, 'K1: cookies are set';
    like $_, qr/^__Host-auth0-(?:session|pending)=[A-Za-z0-9_-]+; Path=\/; Secure; HttpOnly; SameSite=Lax$/,
        'K1: __Host-, Path, Secure, HttpOnly, SameSite, and no Domain' for @set;
    my %names = map { /^([^=]+)=/ ? ($1 => 1) : () } @set;
    is_deeply [sort keys %names], [$PENDING, $SESSION], 'K14: never more than two names';
    ok length $_ <= 600, 'K14: each is short' for @set;
    my ($sid) = map { /^$SESSION=([^;]+)/ } @set;
    like $sid, qr/^[A-Za-z0-9_-]{43}$/, 'S9: a session id is 32 bytes in base64url';
    is_deeply [set_cookies($after)], [], 'K14: a signed-in request sets none';
    is_deeply [set_cookies($ann->get('/htdocs/open/index.html'))], [],
        'K14: nor does a page that is none of ours';
    is_deeply [set_cookies(Pwless->new('site')->get('/htdocs/open/index.html'))], [],
        'D11: nor for somebody without a session';
    is_deeply [grep { /session=/ } set_cookies(Pwless->new('site')->get($MEMBERS))], [],
        'D11: nobody is given a session for asking';

    # Plain http, where the administrator says so.
    my $bob = Pwless->new('plain');
    my @plain = set_cookies($bob->get('/.auth0/login'), $bob->sign_in('bob@example.org'));
    ok @plain >= 2, 'K1: development on plain http: cookies are set';
    like $_, qr/^auth0-(?:session|pending)=[A-Za-z0-9_-]+; Path=\/; HttpOnly; SameSite=Lax$/,
        'K1: without prefix and Secure, which a browser would refuse' for @plain;
    my $res = $bob->sign_out;
    is_deeply [sort(set_cookies($res))], [map {
        "auth0-$_=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0" } qw(pending session)],
        'K2: and deleted with the attributes they came with';
}

# P1: no header makes a host with TLS think it has none, or the reverse.
{
    my @forged = ('X-Forwarded-Proto' => 'http', 'X-Forwarded-Host' => 'evil.example',
        'Forwarded' => 'proto=http;host=evil.example', 'X-Forwarded-Port' => '80');
    my $res = Pwless->new('site')->get('/.auth0/login', {@forged});
    like $_, qr/^__Host-.*; Secure;/, 'P1: X-Forwarded-Proto: http takes no Secure away'
        for set_cookies($res);
    unlike $res->as_string, qr/evil\.example/, 'P4: nor does a forged host show anywhere';
    my $port = Apache::Test::config()->{vhosts}{site}{port};
    $res = Pwless->new('site')->get('/.auth0/login', {Host => "evil.example:$port"});
    unlike $res->as_string, qr/evil\.example/, 'P4: nor a forged Host';
}

my $ann = Pwless->new('site');
$ann->sign_in('ann@example.org');
my $sid = $ann->cookie('session');
my $pending = $ann->cookie('pending');
my $nobody = Pwless->new('site');
sub with { return $nobody->get($MEMBERS, {Cookie => $_[0]}) }

is with("$SESSION=$sid")->code, 200, 'S4: the cookie alone is the session';

# S8: anything but the id itself.
{
    my $wrong = 0;
    for my $at (0 .. length($sid) - 1) {
        for my $bit (0 .. 5) {
            my $set = join '', 'A' .. 'Z', 'a' .. 'z', 0 .. 9, '-', '_';
            my $value = index $set, substr $sid, $at, 1;
            my $forged = $sid;
            substr($forged, $at, 1) = substr $set, $value ^ (1 << $bit), 1;
            $wrong++ if with("$SESSION=$forged")->code == 200;
        }
    }
    is $wrong, 0, 'S8: 258 ids with one bit changed: none is a session';
    my @bad = (
        ['truncated', substr $sid, 0, 42], ['one character more', $sid . 'A'],
        ['doubled', $sid . $sid], ['empty', ''], ['4 KB', 'A' x 4096],
        ['standard base64', $sid =~ tr{-_}{+/}r . '='], ['padded', "$sid="],
        ['upper case', uc $sid], ['zeros', 'A' x 43], ['with a blank inside', "$sid x"],
        ['percent-encoded', join '', map { sprintf '%%%02X', ord } split //, $sid],
        ['binary', "\xff\xfe" x 20], ['a sealed value', $pending],
    );
    for my $case (@bad) {
        my ($what, $value) = @$case;
        next if $value eq $sid;
        my $res = with("$SESSION=$value");
        is $res->code, 302, "S8: $what: no session";
    }
    is with("$_=$sid")->code, 302, "S8: under the name $_: no session"
        for 'auth0-session', '__Secure-auth0-session', lc $SESSION, uc $SESSION,
            "x$SESSION", "${SESSION}x", $PENDING;
}

# K3, K4: headers of every shape. The session stands at the end of each.
{
    my @shapes = (
        ['nothing', ''], ['a semicolon', ';'], ['an equals sign', '='],
        ['separators', '; ;;  ; '], ['a name', 'abc'], ['a name, twice', 'abc; abc'],
        ['a value', '=v'], ['quotes', 'a="b; c"'], ['commas', 'a=b, c=d'],
        ['tabs', "a=b;\tc=d"], ['high bytes', "a=\xff\xfe\x80"],
        ['300 pairs', join '; ', map { "n$_=v$_" } 1 .. 300],
        ['4 KB of value', 'a=' . 'b' x 4096], ['our name without =', $SESSION],
        ['our name without a value', "$SESSION="],
        ['our name in a value', "a=$SESSION=$sid"],
        ['$Version', '$Version=1; a=b; $Path=/'],
    );
    for my $case (@shapes) {
        my ($what, $cookies) = @$case;
        my $res = with($cookies);
        is $res->code, 302, "K3: $what: no session";
        $res = with(length $cookies ? "$cookies; $SESSION=$sid" : "$SESSION=$sid");
        is $res->code, 200, "K3: $what, then the session: in";
        next unless length $cookies;
        is with("$SESSION=$sid; $cookies")->code, 200, "K3: the session, then $what: in";
    }
    is with("  $SESSION=$sid  ")->code, 200, 'K3: blanks around';
    is with("$SESSION=\"$sid\"")->code =~ /^(?:200|302)$/ ? 1 : 0, 1, 'K3: quoted: no crash';
    my $port = Apache::Test::config()->{vhosts}{site}{port};
    my $raw = sub {
        return $nobody->raw("GET $MEMBERS HTTP/1.1\r\nHost: localhost:$port\r\n"
            . "Accept: text/html\r\nConnection: close\r\n" . join('', map { "$_\r\n" } @_)
            . "\r\n")->code;
    };
    # httpd joins them with a comma, which is no end of a cookie; no browser sends two.
    is $raw->('Cookie: a=b', "Cookie: $SESSION=$sid"), 302, 'K3: two headers: ours in the second is none';
    is $raw->("Cookie: $SESSION=$sid; a=b", 'Cookie: c=d'), 200, 'K3: two headers: in the first it is';
    is $raw->("cookie: $SESSION=$sid"), 200, 'K3: a header in lower case';
    isnt $raw->("Cookie: a=\0; $SESSION=$sid"), 500, 'K3: a NUL is httpd\'s to refuse';
    is $raw->('Cookie: ' . 'a=b; ' x 1600), 302, 'K3: 8 KB';
    is $raw->('Cookie: ' . 'a=b; ' x 2000), 400, 'K3: 10 KB is httpd\'s to refuse';
}

# K12: the same name more than once.
{
    my $bob = Pwless->new('site');
    $bob->sign_in('bob@example.org');
    my $his = $bob->cookie('session');
    is with("$SESSION=bad; $SESSION=$sid")->code, 200, 'K12: a bad one first: the good one counts';
    is with("$SESSION=$sid; $SESSION=bad")->code, 200, 'K12: a bad one last';
    is with("$SESSION=" . 'A' x 43 . "; $SESSION=$sid")->code, 200, 'K12: an unknown one first';
    is with(join '; ', ("$SESSION=bad") x 7, "$SESSION=$sid")->code, 200, 'K12: seven bad ones';
    is with(join '; ', ("$SESSION=bad") x 300)->code, 302, 'K12: 300 bad ones';
    like $nobody->get('/htdocs/members/env.cgi',
        {Cookie => "$SESSION=$sid; $SESSION=$his"})->content,
        qr/^REMOTE_USER=ann\@example\.org$/m, 'K12: of two good ones the first';
    # Pending: as well.
    my $cat = Pwless->new('site');
    my $t = $cat->open_login;
    my $hers = $cat->cookie('pending');
    my $res = $nobody->post('/.auth0/login', {email => 'cat@example.org', t => $t},
        {Cookie => "$PENDING=bad; $PENDING=$hers"});
    is $res->code, 303, 'K12: a bad pending cookie before the good one';
    like $res->header('Location'), qr{^/\.auth0/code}, 'K12: goes on';
}

# K9, K11: one cookie is not the other, nor a token.
{
    is with("$SESSION=$pending")->code, 302, 'K11: the pending cookie is no session';
    my $cat = Pwless->new('site');
    my $t = $cat->open_login;
    tenant(DELETE => '/calls');
    for my $value ($sid, $t, 'x', '', 'A' x 400, 'A' x 4096) {
        my $res = $nobody->post('/.auth0/login', {email => 'cat@example.org', t => $t},
            {Cookie => "$PENDING=$value"});
        unlike $res->header('Location') || '', qr{^/\.auth0/code},
            'K9: nothing else is a pending cookie';
    }
    my $hers = $cat->cookie('pending');
    my $flips = 0;
    for my $at (map { 8 * $_ } 0 .. int((length($hers) - 1) / 8)) {
        my $forged = $hers;
        substr($forged, $at, 1) = substr($forged, $at, 1) eq 'A' ? 'B' : 'A';
        my $res = $nobody->post('/.auth0/login', {email => 'cat@example.org', t => $t},
            {Cookie => "$PENDING=$forged"});
        $flips++ if ($res->header('Location') || '') =~ m{^/\.auth0/code};
    }
    is $flips, 0, 'K7: changed anywhere, it does not open';
    for my $cut (4, 8, 12, 15, 16) {
        my $res = $nobody->post('/.auth0/login', {email => 'cat@example.org', t => $t},
            {Cookie => "$PENDING=" . substr($hers, 0, length($hers) - $cut)});
        unlike $res->header('Location') || '', qr{^/\.auth0/code},
            "K10: $cut characters shorter, neither";
    }
    for my $value ($hers, $sid, $pending) {
        my $res = $cat->post('/.auth0/login', {email => 'cat@example.org', t => $value});
        is $res->code, 403, 'K9: a cookie is no form token';
    }
    is calls('/passwordless/start'), 0, 'K9: no call was made';
    is $cat->post('/.auth0/login', {email => 'cat@example.org', t => $t})->code, 303,
        'K9: the right pair goes on';
}

# S1: session fixation.
{
    my $bob = Pwless->new('site');
    $bob->sign_in('bob@example.org');
    my $dead = Pwless->new('site');
    $dead->sign_in('dead@example.org');
    my $old = $dead->cookie('session');
    $dead->sign_out;
    my @planted = (['an unknown id', 'A' x 43], ['nonsense', 'x'],
        ['an ended session', $old], ['somebody else\'s live session', $bob->cookie('session')]);
    for my $case (@planted) {
        my ($what, $value) = @$case;
        my $victim = Pwless->new('site');
        my $jar = $victim->{ua}->cookie_jar;
        my $plant = sub {
            $jar->set_cookie(0, $SESSION, $value, '/', 'localhost.local', undef, 1, 1, 3600);
        };
        $plant->();
        my $res = $victim->post('/.auth0/login', {email => 'cy@example.org',
            t => Pwless::token($victim->get('/.auth0/login?why=other'))});
        my $step2 = $res->header('Location');
        $plant->();
        my $page = $victim->get($step2);
        $res = $victim->post($step2, {code => code_for('cy@example.org'), op => 'verify',
            t => Pwless::token($page)});
        my ($fresh) = map { /^$SESSION=([^;]+)/ } $res->header('Set-Cookie');
        ok $fresh, "S1: $what planted: signing in sets a cookie";
        isnt $fresh, $value, "S1: $what: with another id";
        like $victim->get('/htdocs/members/env.cgi', {Cookie => "$SESSION=$fresh"})->content,
            qr/^REMOTE_USER=cy\@example\.org$/m, "S1: $what: the new one is good";
        unlike $nobody->get('/htdocs/members/env.cgi', {Cookie => "$SESSION=$value"})->content,
            qr/cy\@/, "S1: $what: the planted one is not the victim's";
        tenant(POST => '/reset');
        tenant(POST => '/set', {limits => undef});
    }
}

# S1: a neighbour of the domain sets a cookie of its own for all hosts of it, with
# ours in the value: the browser sends it, and who visits would be somebody else.
{
    my ($victim, $eve) = (Pwless->new('site'), Pwless->new('site'));
    $eve->sign_in('eve@example.org');
    my $planted = "$SESSION=" . $eve->cookie('session');
    my $user = sub {
        my $res = $victim->get('/htdocs/members/env.cgi', {Cookie => $_[0]});
        return $res->content =~ /^REMOTE_USER=(.*)$/m ? $1 : $res->code;
    };
    for my $foreign ("a=b,$planted", "a=b, $planted", "a=b,\t$planted", "a=\"b,$planted\"",
        ",$planted", "a,$planted", "a=b,c=d,$planted") {
        is $user->($foreign), 302, "S1: a comma in another's value: $foreign signs nobody in"
            =~ s/\Q$planted\E/ours/r;
        is $user->("$foreign; $SESSION=$sid"), 'ann@example.org', 'S1: before the own one: the own counts';
        is $user->("$SESSION=$sid; $foreign"), 'ann@example.org', 'S1: behind it as well';
    }
    unlike $victim->get('/htdocs/pass/env.cgi', {Cookie => "a=b,$planted; c=d"})->content,
        qr/\Q@{[$eve->cookie('session')]}\E/, 'H12: nor does an application see it';
    # Pending: L1 by the same way.
    my $theirs = Pwless->new('site');
    my $t = $theirs->open_login;
    my $res = $victim->post('/.auth0/login', {email => 'eve@example.org', t => $t},
        {Cookie => "a=b,$PENDING=" . $theirs->cookie('pending')});
    unlike $res->header('Location') || '', qr{^/\.auth0/code}, 'S1: a planted pending cookie opens no form';
}

# S7: names are equal on every host, the jar sends them to all.
{
    my $other = Pwless->new('other');
    is $other->get($MEMBERS, {Cookie => "$SESSION=$sid"})->code, 302,
        'S7: another realm does not know the session';
    is with("$SESSION=$sid")->code, 200, 'S7: it is good where it was made';
    my $t = $other->open_login;
    my $res = $other->post('/.auth0/login', {email => 'ann@example.org', t => $t},
        {Cookie => "$PENDING=$pending"});
    unlike $res->header('Location') || '', qr{^/\.auth0/code},
        'S7: nor the pending cookie of one';
    $other->sign_in('eve@example.org');
    is $nobody->get($MEMBERS, {Cookie => "$SESSION=" . $other->cookie('session')})->code, 302,
        'S7: and the other way round';
    my $plain = Pwless->new('plain');
    is $plain->get($MEMBERS, {Cookie => "auth0-session=$sid"})->code, 302,
        'S7: nor does the same host on plain http';
    my $eve = $other->cookie('session');
    like $other->get('/htdocs/members/env.cgi',
        {Cookie => "$SESSION=$sid; $SESSION=$eve"})->content,
        qr/^REMOTE_USER=eve\@example\.org$/m, 'S7: both sent: each host finds its own';
    is $nobody->get('/htdocs/members/env.cgi',
        {Cookie => "$SESSION=$eve; $SESSION=$sid"})->content =~ /^REMOTE_USER=(.*)$/m
        ? $1 : '', 'ann@example.org', 'S7: in either order';
}

# H12: what the application sees of the Cookie header.
{
    my $env = $nobody->get('/htdocs/members/env.cgi',
        {Cookie => "a=1; $SESSION=$sid; b=2; $PENDING=$pending; c=\"3\""})->content;
    like $env, qr/^HTTP_COOKIE=a=1; b=2; c="3"$/m, 'H12: the others, as they were';
    unlike $env, qr/\Q$sid\E|\Q$pending\E/, 'H12: ours do not reach a program';
}
is_deeply tenant(GET => '/errors'), [], 'the stand-in had no trouble';
done_testing;
