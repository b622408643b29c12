# SPDX-License-Identifier: Apache-2.0
# What leaves: headers, markup and weight of every page, and what becomes of
# bytes that come from outside.
use strict;
use warnings;
use JSON::PP qw(decode_json);
use Test::More;
use URI::Escape qw(uri_escape);
use Pwless qw(tenant code_for calls log_lines);

tenant(POST => '/reset');
tenant(POST => '/set', {limits => undef});
my $MEMBERS = '/htdocs/members/';

# Every page we have, as [name, status, response].
my $nobody = Pwless->new('site');
my $ann = Pwless->new('site');
my $bob = Pwless->new('site');
$bob->sign_in('bob@corp.example');
my @pages;
sub page {
    my ($name, $status, $res) = @_;
    is $res->code, $status, "X9: $name: $status";
    push @pages, [$name, $res];
    return $res;
}
my $login = page('step 1', 200, $ann->get('/.auth0/login?return_to=' . uri_escape($MEMBERS)));
my $t = Pwless::token($login);
page('step 1, a bad address', 422, $ann->post('/.auth0/login', {email => 'x', t => $t}));
my $step2 = $ann->post('/.auth0/login', {email => 'ann@example.org', t => $t})
    ->header('Location');
my $t2 = Pwless::token(page('step 2', 200, $ann->get($step2)));
page('step 2, a bad code', 422, $ann->post($step2, {code => '12', t => $t2, op => 'verify'}));
my $code = code_for('ann@example.org');
$ann->post($step2, {t => $t2, op => 'verify', code => sprintf '%06d', ($code + 1) % 1_000_000});
page('step 2, a wrong code', 200, $ann->get($step2));
page('a form from elsewhere', 403, $ann->post('/.auth0/login', {email => 'a@b.example', t => $t},
    {Origin => 'https://evil.example'}));
page('a form of another browser', 200, $bob->post($step2, {code => $code, t => $t2}));
page('a form that is none', 415, $ann->post('/.auth0/login', 'x', {'Content-Type' => 'text/x'}));
page('a form too large', 413, $ann->post('/.auth0/login', 'x' x 20_000));
page('a broken form', 400, $ann->post('/.auth0/login', 'x=%'));
page('another method', 405, $ann->request('PUT', '/.auth0/login'));
page('the callback without anything', 400, $nobody->get('/.auth0/callback'));
page('the callback with an error', 403,
    $ann->get('/.auth0/callback?error=access_denied&state=x'));
page('already signed in', 200, $bob->get('/.auth0/login'));
page('sign out', 200, $bob->get('/.auth0/logout'));
page('signed out', 200, $nobody->get('/.auth0/logout'));
page('not open to this account', 403, $bob->get('/htdocs/ann/'));
page('a posted form without a session', 401, $nobody->post($MEMBERS, 'a=b'));
page('no cookies', 200, $nobody->get('/.auth0/login?check=1', {Cookie => undef}));
tenant(POST => '/fault', {path => '/passwordless/start', fault => 'html-502', times => 1});
my $down = Pwless->new('site');
page('the tenant is down', 503, $down->post('/.auth0/login',
    {email => 'd@example.org', t => $down->open_login}));
tenant(DELETE => '/fault');

my $csp = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    . "img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
my %texts = ('Cache-Control' => 'no-store', 'X-Content-Type-Options' => 'nosniff',
    'Referrer-Policy' => 'same-origin', 'X-Frame-Options' => 'DENY',
    'Cross-Origin-Opener-Policy' => 'same-origin', 'Content-Language' => 'en',
    'X-Robots-Tag' => 'noindex', 'Content-Type' => 'text/html; charset=utf-8');
for my $page (@pages) {
    my ($name, $res) = @$page;
    my $html = $res->content;
    is $res->header($_), $texts{$_}, "X9: $name: $_" for sort keys %texts;
    my $policy = $res->header('Content-Security-Policy') || '';
    # To go on to the tenant's own page, one may name the tenant for forms.
    $policy =~ s{(form-action 'self') https://[\w.:-]+}{$1};
    is $policy, $csp, "X9, L28: $name: Content-Security-Policy";
    for my $word ('Accept', 'Accept-Language', 'Cookie', 'Sec-Fetch-Mode', 'Sec-Fetch-Dest') {
        like join(', ', $res->header('Vary')), qr/(?:^|, ?)$word(?:,|\z)/, "X9: $name: Vary: $word";
    }
    is scalar(my @types = $res->header('Content-Type')), 1, "X9: $name: one type";
    is length $html, $res->header('Content-Length'), "M12: $name: as long as it says";
    ok length $html <= 6144, "X9: $name: at most 6 kB (" . length($html) . ')';
    like $html, qr/^<!doctype html>\n<html lang="en" dir="ltr">/, "M12: $name: nothing before it";
    like $html, qr{</html>\n?\z}, "M12: $name: nothing after it";
    like $html, qr/<title>[^<]+ \xe2\x80\x93 Rowing Club<\/title>/, "X9: $name: a title";
    is scalar(my @heads = $html =~ /<h1/g), 1, "X9: $name: one <h1>";
    like $html, qr/<main id="pwless-main"/, "X9: $name: <main>";
    unlike $html, qr/<style|\sstyle\s*=|<script(?![^>]*\ssrc=)|<script[^>]*>\s*[^<\s]/i,
        "X9: $name: no style or script inline";
    unlike $html, qr/<[^>]*\son\w+\s*=/i, "X9: $name: no handler";
    unlike $html, qr/javascript:|data:[a-z]/i, "X9: $name: no such URL";
    unlike $html, qr/<form[^>]*\saction=/, "X9: $name: forms keep the fragment"
        unless $name eq 'already signed in';
    unlike $html, qr/maxlength|placeholder|\sdisabled|user-scalable|maximum-scale/,
        "X9: $name: nothing of what hinders people";
    unlike $html, qr{(?:src|href)="(?:https?:)?//(?!localhost)}, "X9: $name: nothing from elsewhere";
    my @ids = $html =~ /\sid="([^"]*)"/g;
    my %seen;
    is_deeply [grep { $seen{$_}++ || !/^pwless-/ } @ids], [], "X9: $name: ids are ours and unique";
    unlike $res->header('Server') || '', qr/pwless|auth0/i, "X8: $name: no version in Server";
    unlike Pwless::without_random($html), qr/mod_auth0|curl|OpenSSL|Apache|0x[0-9a-f]{6}|\.c:\d/i,
        "X8: $name: nothing of what it is made of";
}

# Redirects and programs' answers.
my @others = (
    ['the gate', $nobody->get($MEMBERS), 302],
    ['the gate, for a program', $nobody->get($MEMBERS, {Accept => 'application/json'}), 401],
    ['step 1 to 2', $ann->post('/.auth0/login', {email => 'ann@example.org', t => $t}), 303],
    ['session', $bob->get('/.auth0/session'), 200],
    ['session of nobody', $nobody->get('/.auth0/session'), 401],
    ['sign out', Pwless->new('site')->post('/.auth0/logout', ''), 303],
    ['OPTIONS', $nobody->request('OPTIONS', '/.auth0/login'), 204],
    ['code without a token', $nobody->get('/.auth0/code'), 303],
    ['step 1, a program', $nobody->post('/.auth0/login', 'x', {Accept => 'application/json'}), 403],
);
for my $case (@others) {
    my ($name, $res, $status) = @$case;
    is $res->code, $status, "X9: $name: $status";
    is $res->header('Cache-Control'), 'no-store', "X9: $name: not kept";
    is $res->header('X-Content-Type-Options'), 'nosniff', "X9: $name: not guessed at";
    like join(', ', $res->header('Vary')), qr/Cookie/, "X9: $name: Vary";
    is length($res->content), 0, "M12: $name: no body" if $status =~ /^(?:30|204)/;
}
# X11: programs.
for my $case (['GET', $MEMBERS, {Accept => 'application/json'}, 401, 'no-session'],
    ['GET', $MEMBERS, {'X-Requested-With' => 'XMLHttpRequest'}, 401, 'no-session'],
    ['GET', '/.auth0/session', {}, 401, 'no-session'],
    ['POST', '/.auth0/login', {Accept => 'application/json'}, 403, 'token-missing']) {
    my ($method, $path, $headers, $status, $reason) = @$case;
    my $res = $nobody->request($method, $path, $method eq 'POST' ? 'a=b' : undef, $headers);
    is $res->code, $status, "X11: $method $path: $status";
    is $res->content_type, 'application/problem+json', "X11: $method $path: problem+json";
    my $json = eval { decode_json($res->content) } || {};
    is $json->{status}, $status, "X11: $method $path: with its status";
    is $json->{reason}, $reason, "X11: $method $path: and reason";
    is $res->header('Location'), undef, "X11: $method $path: no redirect";
    like $res->header('WWW-Authenticate'), qr/^Auth0Passwordless realm="/,
        "X11: $method $path: WWW-Authenticate" if $status == 401;
}
is $nobody->get($MEMBERS, {Accept => 'image/png', 'Sec-Fetch-Dest' => 'image'})->content, '',
    'X11: an image gets no words';

# M1: methods of our URLs.
my %allow = (login => 'GET, HEAD, POST, OPTIONS', code => 'GET, HEAD, POST, OPTIONS',
    logout => 'GET, HEAD, POST, OPTIONS', callback => 'GET, OPTIONS',
    session => 'GET, HEAD, OPTIONS');
for my $name (sort keys %allow) {
    for my $method (qw(PUT DELETE PATCH PROPFIND FOO post)) {
        my $res = $nobody->request($method, "/.auth0/$name");
        is $res->code, 405, "M1: $method $name: 405";
        is $res->header('Allow'), $allow{$name}, "M1: $method $name: Allow";
    }
    my $res = $nobody->request('OPTIONS', "/.auth0/$name", undef,
        {Origin => 'https://evil.example', 'Access-Control-Request-Method' => 'POST'});
    is $res->code, 204, "M1: OPTIONS $name: 204";
    is $res->header('Allow'), $allow{$name}, "M1: OPTIONS $name: Allow";
    is_deeply [grep { /^Access-Control/i } $res->header_field_names], [],
        "M1: OPTIONS $name: nothing for other sites";
    is $res->header('Set-Cookie'), undef, "M1: OPTIONS $name: no cookie";
}
for my $path ('/.auth0/login', $step2, '/.auth0/logout', '/.auth0/session', $MEMBERS) {
    my $get = $nobody->get($path);
    my $head = $nobody->request('HEAD', $path);
    is $head->code, $get->code, "M1: HEAD $path: the status of GET";
    is length($head->content), 0, 'M1: no body';
    is $head->header('Content-Type'), $get->header('Content-Type'), 'M1: its type';
    is $head->header('Content-Security-Policy'), $get->header('Content-Security-Policy'),
        'M1: its policy';
}
is $nobody->request('HEAD', '/.auth0/callback?code=x&state=y')->code, 405, 'O13: HEAD callback: 405';
is $nobody->request('POST', '/.auth0/session', '')->code, 405, 'M1: POST session: 405';
is $nobody->request('POST', '/.auth0/callback', 'code=x&state=y')->code, 405,
    'O12: POST callback: 405';

# X1, X3: what is shown back.
my @nasty = ('"><script>alert(1)</script>', "'onmouseover=alert(1) x='", '</title><b>',
    '{{7*7}}', '%s%n%x', '`id`', '&lt;&amp;', "a\tb", '${jndi:x}', "\xe2\x80\xae\xd7\x90",
    '<!--', ']]>', 'javascript:alert(1)', '\\"><img src=x>');
for my $text (@nasty) {
    my $value = uri_escape($text);
    my $eva = Pwless->new('site');
    my $token = $eva->open_login;
    my $res = $eva->post('/.auth0/login', "email=$value&t=$token");
    is $res->code, 422, "X3: \"$text\" as an address: 422";
    my ($shown) = $res->content =~ /name="email"[^>]*? value="([^"]*)"/s;
    # Without what a field cannot hold or would reorder the page.
    (my $kept = $text) =~ s/\xe2\x80\xae//;
    $kept =~ tr/\t/ /;
    is unescape($shown), $kept, 'X3: it stays in the field';
    is markup($res->content), markup_of('step 1, a bad address'), 'X3: and changes no markup';
    $res = $ann->post($step2, "code=$value&t=$t2&op=verify");
    is $res->code, 422, "X3: \"$text\" as a code: 422";
    is markup($res->content), markup_of('step 2, a bad code'), 'X3: changes no markup';
    for my $query ("why=$value", "check=$value", "x=$value", "$value=x", "t=$value",
        "return_to=$value") {
        $res = Pwless->new('site')->get("/.auth0/login?$query");
        like $res->code, qr/^(?:200|400)$/, "X1: login?$query";
        unlike $res->content, qr/\Q$text\E/, 'X1: is not shown';
    }
    $res = $ann->get("/.auth0/callback?state=x&error=$value&error_description=$value&error_uri=$value");
    is $res->code, 403, 'O10: as an error of the tenant with a forged state: 403';
    unlike $res->content, qr/\Q$text\E/, 'O10: is not shown';
}
# Reverse of the five characters that HTML needs escaped.
sub unescape {
    my ($text) = @_;
    return '' unless defined $text;
    $text =~ s/&#(?:x([0-9a-f]+)|(\d+));/chr(defined $1 ? hex $1 : $2)/gei;
    my %named = (lt => '<', gt => '>', quot => '"', apos => "'", amp => '&');
    $text =~ s/&(lt|gt|quot|apos|amp);/$named{$1}/g;
    return $text;
}
# Tags and names of attributes, in order.
sub markup {
    my ($html) = @_;
    return join ' ', map {
        my $tag = $_;
        $tag =~ s/"[^"]*"/""/g;
        $tag =~ s/ value=""| data-pwless-[a-z]+=""//g;
        $tag;
    } grep { !/^<(?:li|bdi)/ } $html =~ /<[^>"]*(?:"[^"]*"[^>"]*)*>/g;
}
sub markup_of {
    my ($name) = @_;
    my ($page) = grep { $_->[0] eq $name } @pages;
    return markup($page->[1]->content);
}
# An address that is good and looks like more.
for my $local ("o'{{7*7}}", 'a&b', '%s%n', '`x`', '$x', 'a=b', '~/!#') {
    my $eva = Pwless->new('site');
    my $email = "$local\@example.org";
    my $res = $eva->post('/.auth0/login', {email => $email, t => $eva->open_login});
    is $res->code, 303, "X3: $email is an address";
    unlike $res->header('Location'), qr/example\.org/, 'X3: no URL holds it';
    my $html = $eva->get($res->header('Location'))->content;
    my ($shown) = $html =~ m{<bdi class="pwless-id" dir="ltr">([^<]*\@example\.org)</bdi>};
    is unescape($shown), $email, 'X3: step 2 shows it as it was typed';
    is markup($html), markup_of('step 2'), 'X3: and has its usual markup';
    unlike(($html =~ m{<title>(.*?)</title>}s)[0], qr/example\.org/, 'X3: the title is without');
}
# X1: length and bytes.
my $cy = Pwless->new('site');
my $ct = $cy->open_login;
for my $bytes ("\xff\xfe", "\xc0\xaf", "\xed\xa0\x80", 'x' x 8_000) {
    my $res = $cy->post('/.auth0/login', 'email=' . uri_escape($bytes) . "&t=$ct");
    is $res->code, 422, 'X1: bytes that are no text: 422';
    ok utf8::decode(my $copy = $res->content), 'X1: the page is UTF-8';
    ok length $res->content <= 6144, 'X1: and no longer than others';
}

# X8: when the tenant fails in odd ways, nothing of it shows.
for my $fault ({fault => 'html-502'}, {fault => 'status', status => 500,
        json => {error => 'INSIDE', error_description => 'SECRET WORDS'}},
    {fault => 'status', status => 418, body => 'SECRET WORDS'},
    {fault => 'truncated-json'}, {fault => 'close'}, {fault => 'array'},
    {fault => 'status', status => 403, json => {error => 'invalid_grant',
        error_description => 'SECRET <b>WORDS</b>'}}) {
    my $dan = Pwless->new('site');
    my $to = $dan->ask_code('dan@example.org');
    tenant(POST => '/fault', {path => '/oauth/token', times => 1, %$fault});
    my $res = $dan->enter_code($to, code_for('dan@example.org'));
    $res = $dan->get($res->header('Location')) if $res->code == 303;
    tenant(DELETE => '/fault');
    my $name = join ' ', map { "$_ $fault->{$_}" } grep { !ref $fault->{$_} } sort keys %$fault;
    (my $shown = $res->content) =~ s/(?:[?&]t=|name="t" value=")[\w%-]+//g;
    unlike $shown, qr/INSIDE|SECRET|WORDS|curl|invalid_grant|Bad Gateway/i,
        "X8: $name: nothing of it shows";
    is $res->header('Retry-After') ? 1 : 0, $res->code >= 500 ? 1 : 0,
        "X8: $name: Retry-After goes with 5xx (" . $res->code . ')';
    like $res->content, qr/Reference/, "X8: $name: a reference" if $res->code >= 500;
    is $dan->cookie('session'), undef, "X8: $name: no session";
}

# X12: language.
for my $accept ('x' x 8_000, 'de;q=NaN', 'tlh', '*', ';;;,,,', "en\x{e9}", 'en-GB;q=0.9, fr',
    join(',', map { "x$_" } 1 .. 500)) {
    my $res = $nobody->get('/.auth0/login', {'Accept-Language' => $accept});
    is $res->code, 200, 'X12: Accept-Language of ' . length($accept) . ' bytes';
    like $res->content, qr/<html lang="en" dir="ltr">/, 'X12: has a page in a language we have';
}

# Assets.
my ($css) = $login->content =~ m{href="(/\.auth0/assets/[^"]+\.css)"};
my ($js) = $login->content =~ m{src="(/\.auth0/assets/[^"]+\.js)"};
for my $case ([$css, 'text/css', 8192], [$js, 'text/javascript', 4096]) {
    my ($path, $type, $most) = @$case;
    my $res = $nobody->get($path);
    is $res->code, 200, "X9: $path";
    is $res->content_type, $type, 'X9: its type';
    ok length $res->content <= $most, 'X9: its weight: ' . length $res->content;
    like $res->header('Cache-Control'), qr/immutable/, 'X9: it is kept';
    is $res->header('X-Content-Type-Options'), 'nosniff', 'X9: nosniff';
    is $res->header('Set-Cookie'), undef, 'X9: and sets no cookie';
    is $nobody->get($path, {'If-None-Match' => $res->header('ETag')})->code, 304, 'X9: 304';
    is $nobody->request('PUT', $path)->code, 405, 'M1: PUT: 405';
    unlike $res->content, qr/innerHTML|eval\(|document\.write|new Function/, 'X9: plain code';
}
is_deeply tenant(GET => '/errors'), [], 'the stand-in had no trouble';
done_testing;
