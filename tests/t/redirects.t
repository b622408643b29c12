# SPDX-License-Identifier: Apache-2.0
# Where we send people. Every target is given as it is, percent-encoded once
# and twice; each Location is read as browsers read it, by rules written here
# from the WHATWG URL standard and not taken from the module.
use strict;
use warnings;
use utf8;
use Encode qw(encode_utf8);
use Test::More;
use URI::Escape qw(uri_escape uri_unescape);
use Pwless qw(tenant code_for calls);

binmode Test::More->builder->$_, ':utf8'
    for qw(output failure_output todo_output);
tenant(POST => '/reset');
tenant(POST => '/set', {limits => undef});

# WHATWG URL 4.4, as far as it decides on the host: the origin that `$url`
# leads to from a page at `$scheme://$authority/…`.
sub origin_of {
    my ($url, $scheme, $authority) = @_;
    $url =~ s/^[\x00-\x20]+|[\x00-\x20]+$//g;
    $url =~ tr/\t\r\n//d;
    my $rest = $url;
    if ($url =~ /^([A-Za-z][A-Za-z0-9+.-]*):(.*)/s) {
        my $its = lc $1;
        $rest = $2;
        return "$its: elsewhere" unless $its =~ /^(?:https?|wss?|ftp|file)$/;
        return "$its://?" if $its eq 'file';
        # "https:path" of a page of the same scheme is relative.
        if ($its ne $scheme || $rest =~ m{^//}) {
            $rest =~ s{^[/\\]*}{};
            return host_of($its, $rest);
        }
    }
    return host_of($scheme, $rest) if $rest =~ s{^[/\\][/\\]+}{};
    return "$scheme://$authority";
}

sub host_of {
    my ($scheme, $rest) = @_;
    my ($authority) = $rest =~ m{^([^/\\?\#]*)};
    $authority =~ s/^.*\@//s;
    return "$scheme://" . lc $authority;
}

# The rules themselves, on what is known.
is origin_of($_->[0], 'https', 'us'), $_->[1], "R1: our own reading of $_->[0]" for
    ['/a', 'https://us'], ['//evil', 'https://evil'], ['/\\evil', 'https://evil'],
    ['\\\\evil', 'https://evil'], ["/\t/evil", 'https://evil'], ['https:a', 'https://us'],
    ['https:/evil', 'https://us'], ['http:/evil', 'http://evil'], ['///evil', 'https://evil'],
    ['https:\\\\evil', 'https://evil'], ['https://u@evil/', 'https://evil'],
    [' //evil', 'https://evil'], ['javascript:1', 'javascript: elsewhere'],
    ['/a//evil', 'https://us'], ['?//evil', 'https://us'];

my $ann = Pwless->new('plain');
$ann->sign_in('ann@example.org');
my ($port) = $ann->base =~ /:(\d+)$/;
my $sid = $ann->cookie('session');

# GET login with this query, signed in: where does it lead?
sub lead {
    my ($query) = @_;
    return $ann->raw("GET /.auth0/login?$query HTTP/1.1\r\nHost: localhost:$port\r\n"
        . "Accept: text/html\r\nCookie: auth0-session=$sid\r\nConnection: close\r\n\r\n");
}

# What is wrong with an answer; '' is good.
sub danger {
    my ($res) = @_;
    my @where = $res->header('Location');
    return 'a header was split' if $res->header('X-Split') || $res->header('Evil')
        || grep { !/^auth0-(?:session|pending)=/ } $res->header('Set-Cookie');
    # A line break in a request line makes it HTTP/0.9: no header to split.
    return '' if ($res->protocol || '') !~ /^HTTP/;
    return '' if $res->code =~ /^(?:400|414)$/ && !@where;
    return '' if $res->code == 200 && !@where; # the page "already signed in"
    return 'status ' . $res->code unless $res->code =~ /^30[23]$/;
    return 'not one Location' unless @where == 1;
    return 'a control byte' if $where[0] =~ /[\x00-\x1f\x7f]/;
    return "begins with $where[0]" unless $where[0] =~ m{^/(?![/\\])};
    my $origin = origin_of($where[0], 'http', "localhost:$port");
    return "leads to $origin" unless $origin eq "http://localhost:$port";
    return '';
}

# [row, target, what Location is when it was encoded once: undef means '/']
my @targets = (
    # R1
    (map { ['R1', $_] } '//evil.example', '//evil.example/', '//evil.example/%2f..',
        '//evil.example/%2e%2e', '//evil', '//evil.example:80/x', '//EVIL.example',
        '//evil.example?x', '//evil.example#x', '//%65vil.example', '// evil.example'),
    # R2
    (map { ['R2', $_] } '/\\evil.example', '\\\\evil', '\\/evil', '/%5cevil', '/%5Cevil',
        'https:\\\\evil', '\\evil', '/\\/evil', '/\\\\evil', '/%5c%5cevil', '/%255cevil',
        'http:\\evil', '/%5c/evil', '/%2f%5cevil'),
    # R3
    (map { ['R3', $_] } '///evil', '////evil', '/////evil', 'https:///evil', 'http:////evil',
        '///\\evil', '/%2fevil', '/%2Fevil', '/%252fevil', '%2f%2fevil', '/%2f%2fevil'),
    # R4
    (map { ['R4', $_] } '/%09/evil', '/%0a/evil', '/%0d/evil', "/\t/evil", "/\n/evil",
        "/\r/evil", '%20//evil', '%01https://evil', "\t//evil", ' //evil',
        "\x{feff}//evil", '//evil ', "\x01https://evil", "\x0b//evil", '%09//evil',
        "/\t\\evil", "/\n\\evil", "\t/\t/evil", '/%0d%0a/evil', '/%2509/evil',
        " https://evil", "/\x{85}/evil", "/\x7f/evil", '/%7f/evil'),
    ['R4', '/a ', undef], ['R4', '/ a', undef],
    # R5
    (map { ['R5', $_] } 'javascript:alert(1)', 'JaVaScRiPt:alert(1)', "java\nscript:alert(1)",
        'java%0ascript:alert(1)', 'data:text/html,<script>alert(1)</script>',
        'vbscript:x', 'blob:x', 'view-source:x', 'about:blank', 'file:///etc/passwd',
        'javascript://localhost/%0aalert(1)', ' javascript:alert(1)', 'mailto:x@y.zz',
        'tel:1', 'ws://evil', 'ftp://evil'),
    # R6: no other host is allowed, ours by its full name neither
    (map { ['R6', $_] } 'https://evil-example.com', 'https://example.com.evil',
        'https://xexample.com', 'https://example.com@evil', 'https://evil#example.com',
        'https://evil?example.com', 'https://example.com:443@evil', 'https://localhost/',
        "http://localhost:$port/", "https://localhost:$port/", "HTTP://LOCALHOST:$port/",
        'localhost', 'localhost/x', 'evil.example/x', 'example.com:443'),
    # R7
    (map { ['R7', $_] } 'https:evil', 'http:/evil', '//evil:80', '//evil%3a80',
        'https://[::1]/', '//0x7f.1', '//2130706433', 'http:evil', 'http:///evil',
        'https:evil.example/x', '//[::ffff:1.2.3.4]', '//127.1'),
    # R8
    (map { ['R8', $_] } "https://user:pw\@localhost:$port/", "https://localhost:$port\@evil",
        '//user@evil', "//localhost:$port\@evil", '//user:pw@localhost'),
    # R9
    (map { ['R9', $_] } "\x{ff0f}\x{ff0f}evil", "/\x{ff0f}evil", "/\x{ff3c}evil",
        "//evil\x{3002}example", "//evil\x{ff0e}example", "/\x{2028}/evil", "\x{2028}//evil",
        "/\x{feff}/evil", '/%c0%af/evil', '/%c0%afevil', '/%ff', '/%e2%80%a8/evil',
        "https://l\x{43e}calhost/", "/\x{202e}evil", '/%ef%bc%8fevil', "/\x{2029}"),
    (map { ['R9', $_, undef, 1] } "/\xc0\xaf/evil", "/\xff\xfe", "/\xed\xa0\x80", "\xfe//evil"),
    # R10
    (map { ['R10', $_] } '/%0d%0aSet-Cookie:x=1', "/\r\nSet-Cookie: x=1",
        "/\r\nX-Split: 1", '/%0d%0aX-Split:%201', "/a\r\n\r\n<script>", '/%00',
        "/a\x0bb", '/a%0bb', "/\rX-Split: 1", "/\nX-Split: 1",
        "/a?b\r\nX-Split: 1", "/a#b\r\nX-Split: 1", "/%250d%250aX-Split:1",
        "/?%00", "/?a%0bb"),
    ['R10', "/\x{560a}\x{560d}Set-Cookie:x=1", encode_utf8("/\x{560a}\x{560d}Set-Cookie:x=1")],
    ['R10', '/%e5%98%8a%e5%98%8dSet-Cookie:x=1', '/%e5%98%8a%e5%98%8dSet-Cookie:x=1'],
    # R11
    ['R11', '/' . 'a' x 2047, '/' . 'a' x 2047], ['R11', '/' . 'a' x 2048],
    ['R11', '/' . 'a' x 5_000], ['R11', '/?' . 'a' x 2046, '/?' . 'a' x 2046],
    ['R11', '//' . 'a' x 2_100], ['R11', '/?' . 'a' x 2047],
    # R12
    (map { ['R12', $_] } '/path/../..//evil', '/.//evil', '/..//evil', '/a/..//evil',
        '/%2e%2e//evil', '/a/%2e%2e//evil', '/./\\evil', '/a/../\\evil', ';@evil',
        '#@evil', './/evil', '..//evil', '/.%2e//evil', '/a/b/../../..//evil', '/././/evil'),
    ['R12', '/./', '/./'], ['R12', '/?next=//evil', '/?next=//evil'],
    ['R12', '/a?u=https://evil#//evil', '/a?u=https://evil#//evil'],
    ['R12', '/a?x=/../..//evil', '/a?x=/../..//evil'],
    ['R12', '/;@evil', '/;@evil'], ['R12', '/@evil', '/@evil'], ['R12', '/.evil', '/.evil'],
    ['R12', '/a//b', '/a//b'], ['R12', '/..;//evil', '/..;//evil'],
    # R14
    (map { ['R14', $_] } '?', '&', '#', '.', '..', '*', '//', '/\\', '\\'),
    ['R14', '/', '/'], ['R14', '/?', '/?'], ['R14', '/?&', '/?&'],
    # R16
    (map { ['R16', $_] } '/%', '/%g1', '/%f', '%', '/%%', '/a%', '/%u002f', '/%2', '/a?%zz'),
    # R17
    (map { ['R17', $_] } '/.auth0/login', '/.auth0/logout', '/.auth0/code', '/.auth0/callback',
        '/.auth0/session', '/.auth0/', '/.auth0/login?return_to=/x', '/%2eauth0/login',
        '/.auth0%2flogin', '/x/../.auth0/logout', '/./.auth0/login', '/.auth0/./login',
        '/.auth0/logout#x', '/.%61uth0/login', '/x/%2e%2e/.auth0/logout'),
    ['R17', '/.auth0x/login', '/.auth0x/login'], ['R17', '/a/.auth0/login', '/a/.auth0/login'],
    # R19
    (map { ['R19', $_, $_] } '/a/b?c=d', '/a?b+c', '/a;x=1;y', '/a%20b', '/a?x=%2F%2Fy',
        '/a?', '/~ann/', '/a.b/c-d_e', '/a?x=1&y=2', '/a#frag', '/a?q=%e2%82%ac',
        '/%e2%82%ac', "/a?'\"<>"),
    ['R19', "/caf\x{e9}", encode_utf8("/caf\x{e9}")],
);
for my $row (@targets) {
    my ($id, $target, $want, $bytes) = @$row;
    my $text = $bytes ? $target : encode_utf8($target);
    my $name = length $text > 60 ? substr($text, 0, 60) . '…' : $text;
    $name =~ s/([^\x20-\x7e])/sprintf '\\x%02x', ord $1/ge;
    my $once = uri_escape($text, '^A-Za-z0-9');
    my @ways = (['as it is', $text], ['encoded', $once],
        ['encoded twice', uri_escape($once, '^A-Za-z0-9')]);
    for my $way (@ways) {
        my ($how, $value) = @$way;
        my $res = lead("return_to=$value");
        is danger($res), '', "$id: \"$name\" $how";
        next if $how ne 'encoded';
        is $res->header('Location'), defined $want ? $want : '/',
            "$id: \"$name\" leads to " . (defined $want ? 'just there' : '/');
    }
}

# R14, R13, R16: parameters.
is lead($_->[1])->code, $_->[2], "R14: $_->[0]: $_->[2]" for
    ['no parameter', '', 200], ['the name only', 'return_to', 200],
    ['an empty value', 'return_to=', 200], ['another name', 'next=//evil', 200],
    ['another case', 'Return_To=//evil', 200];
is lead($_->[1])->code, 400, "R13: $_->[0]: 400" for
    ['two values', 'return_to=/a&return_to=//evil'],
    ['one value twice', 'return_to=/a&return_to=/a'],
    ['raw malformed percent', 'return_to=%g1'];
is danger(lead('return_to=/' . 'a' x 8_100)), '', 'R11: 8 KB';
is danger(lead('return_to=//' . 'a' x 65_536)), '', 'R11: 64 KB';

# The whole flow, a few of each kind.
for my $row (
    ['R1', '//evil.example', '/'], ['R2', '/\\evil.example', '/'],
    ['R4', "/\t/evil.example", '/'], ['R5', 'javascript:alert(1)', '/'],
    ['R8', 'https://user@localhost/', '/'], ['R12', '/a/..//evil', '/'],
    ['R17', '/.auth0/logout', '/'], ['R19', '/htdocs/open/?a=b&c=%2F+d', '/htdocs/open/?a=b&c=%2F+d'],
    ['R12', '/htdocs/open/?next=//evil', '/htdocs/open/?next=//evil'],
) {
    my ($id, $target, $want) = @$row;
    my $bob = Pwless->new('site');
    my $step1 = $bob->get('/.auth0/login?return_to=' . uri_escape($target));
    unlike $step1->content, qr/evil|javascript|user\@/, "$id: \"$target\" is not on the page";
    my $posted = $bob->post('/.auth0/login', {email => 'bob@example.org',
        t => Pwless::token($step1), return_to => '//evil.example'});
    is $posted->code, 303, 'R21: after a posted address: 303';
    like $posted->header('Location'), qr{^/\.auth0/code\?t=[\w-]+$}, "$id: to step 2";
    my $in = $bob->post("/.auth0/code?return_to=//evil.example",
        {code => code_for('bob@example.org'), op => 'verify', return_to => '//evil.example',
         t => Pwless::token($bob->get($posted->header('Location')))});
    is $in->code, 303, 'R21: after a posted code: 303';
    is $in->header('Location'), $want, "$id: \"$target\" through the whole flow";
    is $bob->sign_out->code, 303, 'R21: after signing out: 303';
}

# What the gate captures, and what comes of it.
for my $path ('/htdocs/members/index.html?x=%2F%2Fy&z=a+b;c', '/htdocs/members/?',
    '/htdocs/members/a;b=c?d', "/htdocs/members/caf%C3%A9?\x{e9}" =~ s/\x{e9}/%E9/r,
    '/htdocs/members/%E4%BD%A0', '/htdocs/members//a', '/htdocs/members/x?a%00b',
    '/htdocs/members/?' . 'q' x 1_900, '/htdocs/members/?' . 'q' x 4_000) {
    my $cat = Pwless->new('site');
    my $name = length $path > 60 ? substr($path, 0, 60) . '…' : $path;
    my ($https) = $cat->base =~ /:(\d+)$/;
    my $res = $cat->raw("GET $path HTTP/1.1\r\nHost: localhost:$https\r\nAccept: text/html\r\n"
        . "Connection: close\r\n\r\n");
    is $res->code, 302, "R19: \"$name\" leads to the sign-in page";
    my ($kept) = $res->header('Location') =~ m{^/\.auth0/login\?return_to=([^&]*)$};
    my $fits = length $path <= 2048 && $path !~ /%00/;
    my $step2 = $cat->post('/.auth0/login', {email => 'cat@example.org',
        t => Pwless::token($cat->get($res->header('Location')))})->header('Location');
    my $target = $cat->enter_code($step2, code_for('cat@example.org'))->header('Location');
    is $target, $fits ? $path : '/', "R19: \"$name\" and back, byte for byte";
}
{
    my $whole = Pwless->new('whole');
    my ($https) = $whole->base =~ /:(\d+)$/;
    for my $line ('//evil.example/x', '///evil.example', '/\\evil.example', '/%5cevil.example',
        '//evil.example/%2f..', '/.//evil.example', '/a/..//evil.example', '/%2fevil.example',
        'https://evil.example/x', "http://localhost:$https//evil.example") {
        my $res = $whole->raw("GET $line HTTP/1.1\r\nHost: localhost:$https\r\n"
            . "Accept: text/html\r\nConnection: close\r\n\r\n");
        my $where = $res->header('Location');
        if (!defined $where) {
            like $res->code, qr/^4/, "R1: request line \"$line\": refused";
            next;
        }
        like $where, qr{^/\.auth0/login(?:\?return_to=[^&/\\]*)?$},
            "R1: request line \"$line\": leads to our page";
        my $dan = Pwless->new('whole');
        my $step2 = $dan->post('/.auth0/login', {email => 'dan@example.org',
            t => Pwless::token($dan->get($where))})->header('Location');
        my $target = $dan->enter_code($step2, code_for('dan@example.org'))
            ->header('Location');
        is origin_of($target, 'https', "localhost:$https"), $dan->base,
            "R1: request line \"$line\": and stays on this site ($target)";
    }
}

# R18: what is no page is not kept as a target.
for my $case (['an image', {'Sec-Fetch-Dest' => 'image', 'Sec-Fetch-Mode' => 'no-cors',
        Accept => 'image/avif,image/webp,*/*'}], ['a script', {'Sec-Fetch-Dest' => 'script',
        'Sec-Fetch-Mode' => 'no-cors', Accept => '*/*'}],
    ['favicon.ico of an old browser', {'Sec-Fetch-Dest' => undef, 'Sec-Fetch-Mode' => undef,
        Accept => 'image/*,*/*;q=0.8'}]) {
    my ($what, $headers) = @$case;
    my $res = Pwless->new('site')->get('/htdocs/members/favicon.ico', $headers);
    is $res->code, 401, "R18: $what is not led to the sign-in page";
    is $res->header('Set-Cookie'), undef, "R18: $what begins no sign-in";
}

# R15: parameters of a target do not become parameters of /authorize.
{
    my $eva = Pwless->new('hosted');
    my $res = $eva->get('/.auth0/login?return_to='
        . uri_escape('/x&client_id=evil&redirect_uri=https://evil.example&prompt=none&state=x'));
    is $res->code, 303, 'R15: Auth0Login hosted leads to the tenant';
    my ($query) = $res->header('Location') =~ m{^https://\S+?/authorize\?(.*)$};
    my %count;
    $count{(split /=/)[0]}++ for split /&/, $query || '';
    is_deeply [grep { $count{$_} != 1 } keys %count], [], 'R15: each parameter once';
    like $query, qr/(?:^|&)client_id=\Q@{[Pwless::tenant_json()->{client_id}]}\E(?:&|$)/,
        'R15: the client is ours';
    is uri_unescape(($query =~ /redirect_uri=([^&]*)/)[0]), $eva->base . '/.auth0/callback',
        'R15: so is the callback';
    ok !$count{prompt}, 'R15: and nothing is added';
    unlike $query, qr/evil/, 'R15: nor shown';
}
is_deeply tenant(GET => '/errors'), [], 'the stand-in had no trouble';
done_testing;
