# SPDX-License-Identifier: Apache-2.0
# The gate: who gets in, what the others are told, and which URLs are ours.
use strict;
use warnings;
use Apache::Test qw(-withtestmore);
use JSON::PP qw(decode_json);
use Pwless qw(tenant);

plan tests => 99;
tenant(POST => '/reset');

my $nobody = Pwless->new('site');
my $ann = Pwless->new('site');
$ann->sign_in('ann@example.org');

# Page or program (ux: a followed redirect hands HTML to a JSON parser).
my @program = (
    ['fetch()', {'Sec-Fetch-Mode' => 'cors', 'Sec-Fetch-Dest' => 'empty', Accept => '*/*'}],
    ['curl', {'Sec-Fetch-Mode' => undef, 'Sec-Fetch-Dest' => undef, Accept => '*/*'}],
    ['XMLHttpRequest', {'X-Requested-With' => 'XMLHttpRequest'}],
    ['htmx', {'HX-Request' => 'true'}],
    ['a JSON client', {Accept => 'application/json'}],
    ['a frame', {'Sec-Fetch-Dest' => 'iframe'}],
    ['a prefetch', {'Sec-Purpose' => 'prefetch'}],
);
for my $case (@program) {
    my ($who, $headers) = @$case;
    my $res = $nobody->get('/htdocs/members/', $headers);
    is $res->code, 401, "M8: $who gets 401, not a redirect";
    is $res->header('WWW-Authenticate'), 'Auth0Passwordless realm="Members"',
        "$who is told the scheme";
    ok !$res->header('Set-Cookie'), "$who starts no sign-in";
}
my $res = $nobody->get('/htdocs/members/',
    {Accept => 'application/json', 'Sec-Fetch-Mode' => 'cors'});
is $res->content_type, 'application/problem+json', 'X11: a program gets problem+json';
my $problem = decode_json($res->content);
is $problem->{status}, 401, 'X11: with the status';
is $problem->{reason}, 'no-session', 'X11: a stable reason';
is $problem->{login_url}, '/.auth0/login', 'X11: and where to sign in';
$res = $nobody->get('/htdocs/members/');
is $res->code, 302, 'a page view is led to the sign-in page';
is $nobody->request('HEAD', '/htdocs/members/')->code, 302, 'HEAD as well';
is $nobody->get('/htdocs/api/')->code, 401, 'Auth0Unauthenticated 401: always 401';
is $nobody->get('/htdocs/always-login/', {Accept => '*/*'})->code, 302,
    'Auth0Unauthenticated login: always the sign-in page';
is $nobody->get('/htdocs/pass/')->code, 200, 'Auth0Unauthenticated pass lets visitors in';
is $ann->get('/htdocs/pass/env.cgi')->content =~ /^REMOTE_USER=(.*)$/m ? $1 : '',
    'ann@example.org', 'and knows those who are signed in';

# M1: no method reaches content.
for my $method (qw(PUT PATCH DELETE OPTIONS PROPFIND FOO get)) {
    my $code = $nobody->request($method, '/htdocs/members/env.cgi')->code;
    ok $code == 401 || $code == 405 || $code == 501, "M1: $method gets $code";
}
$res = $nobody->request('TRACE', '/htdocs/members/env.cgi');
unlike $res->content, qr/REMOTE_USER/, 'M1: TRACE runs nothing';

# M5: exempt is the exact path, nothing longer or shorter.
my $whole = Pwless->new('whole');
is $whole->get('/.auth0/login')->code, 200,
    'M5: the sign-in page is free inside <Location "/">, ProxyPass "/", RewriteRule';
like $whole->get('/.auth0/login')->content, qr/name="email"/, 'M5: and it is ours';
for my $path ('/.auth0/', '/.auth0/loginx', '/.auth0/login/x', '/.auth0/login/',
    '/x/.auth0/login', '/.auth0/assets/', '/.auth0/assets/x.css', '/.auth0/denied',
    '/.auth0/codex', '/?/.auth0/login', '/.auth0/login%00', '/.auth0//login') {
    my $code = $whole->get($path)->code;
    # Merged slashes make the last one the exact path.
    my %good = map { $_ => 1 } $path eq '/.auth0//login' ? (200, 302) : (302, 400, 404);
    ok $good{$code}, "M5: $path is guarded ($code)";
}
my $page = $whole->get('/.auth0/login')->content;
my ($css) = $page =~ m{href="(/\.auth0/assets/[^"]+\.css)"};
$res = $whole->get($css);
is $res->code, 200, 'the stylesheet is free, too';
like $res->header('Cache-Control'), qr/immutable/, 'and kept for good';
$whole->sign_in('ann@example.org', '/app?x=1');
like $whole->get('/app?x=1')->content, qr/^HTTP_X_AUTH0_EMAIL=ann\@example\.org$/m,
    'a signed-in request goes through the proxy with its identity';

# S7: a session belongs to its realm. The jar sends it to every port.
my $other = Pwless->new('other');
$other->{ua}->cookie_jar($ann->{ua}->cookie_jar);
is $other->get('/htdocs/members/')->code, 302, 'S7: another host does not take the session';
is $ann->get('/htdocs/members/')->code, 200, 'S7: it is still good where it was made';

# Rules.
my $bob = Pwless->new('site');
tenant(POST => '/claims', {department => ['night shift', 'x']});
$bob->sign_in('bob@corp.example');
tenant(POST => '/claims', {});
my @rules = (
    ['/htdocs/ann/', 200, 403, 'Require user'],
    ['/htdocs/claim/', 403, 200, 'Require auth0-claim, an element of an array'],
    ['/htdocs/regex/', 200, 403, 'Require auth0-claim ~ regex'],
    ['/htdocs/domain/', 200, 200, 'Require auth0-email-domain'],
    ['/htdocs/expr/', 200, 403, '%{AUTH0_CLAIM:nickname} in Require expr'],
);
for my $rule (@rules) {
    my ($path, $for_ann, $for_bob, $what) = @$rule;
    is $ann->get($path)->code, $for_ann, "C4: $what, ann: $for_ann";
    is $bob->get($path)->code, $for_bob, "C4: $what, bob: $for_bob";
    is $nobody->get($path)->code, 302, "$what: nobody is asked to sign in";
}
my $eve = Pwless->new('site');
$eve->sign_in('eve@corp.example.evil');
is $eve->get('/htdocs/domain/')->code, 403, 'L11: corp.example.evil is not corp.example';
$res = $bob->get('/htdocs/ann/');
like $res->content, qr/bob\@corp\.example/, 'the 403 page names the account';
unlike $res->content, qr/page in ann/, 'M12: and shows nothing of the guarded page';
ok !$res->header('WWW-Authenticate'), '403 asks for nothing';
$res = $bob->get('/htdocs/ann/', {Accept => 'application/json'});
is $res->code, 403, 'a program gets 403';
is $res->content_type, 'application/problem+json', 'as problem+json';

# M12: our answers hold nothing of what they stand in front of.
for my $answer ($nobody->get('/htdocs/members/'),
    $nobody->get('/htdocs/members/', {Accept => 'application/json'}),
    $nobody->get('/htdocs/members/', {Range => 'bytes=0-3', 'If-None-Match' => '*'})) {
    unlike $answer->content, qr/page in members/, 'M12: no guarded byte without a session';
    isnt $answer->code, 206, 'M8: no Range before the verdict';
    isnt $answer->code, 304, 'M8: no conditional answer before the verdict';
}

# M8: headers that are somebody else's idea of a path.
for my $header (qw(X-Original-URL X-Rewrite-URL X-Forwarded-Uri X-HTTP-Method-Override
    Referer User-Agent)) {
    is $nobody->get('/htdocs/members/', {$header => '/.auth0/login'})->code, 302,
        "M8: $header changes nothing";
}
is $ann->get('/htdocs/few/env.cgi')->content =~ /^REMOTE_USER=(.*)$/m ? $1 : '',
    ($ann->get('/htdocs/members/env.cgi')->content =~ /^AUTH0_SUB=(.*)$/m)[0],
    'Auth0RemoteUser names the claim';
my $few = $ann->get('/htdocs/few/env.cgi')->content;
like $few, qr/^AUTH0_EMAIL=/m, 'Auth0PassClaims lets what it lists through';
unlike $few, qr/^AUTH0_SUB=/m, 'and nothing else';
unlike $few, qr/^HTTP_X_AUTH0_/m, 'and no headers, if it says env';

# A host that does not use the module is left alone.
my $bare = Pwless->new('bare');
is $bare->get('/.auth0/login')->code, 404, 'C7: a host without Auth0Domain has no URLs of ours';
