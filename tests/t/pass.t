# SPDX-License-Identifier: Apache-2.0
# Auth0Unauthenticated pass: it stands in for a user and for nothing else. Rules
# that deny whoever it is go on denying, and who passes has no identity at all.
use strict;
use warnings;
use Test::More;
use Pwless qw(tenant);
use PwlessHttpd;

tenant(POST => '/reset');
tenant(POST => '/set', {limits => undef});

my @OURS = ('AuthType Auth0Passwordless', 'AuthName P');
my @PASS = (@OURS, 'Auth0Unauthenticated pass');

sub section {
    my ($path, @lines) = @_;
    return (qq(<Directory "\${OWN}/htdocs/$path">), @lines, '</Directory>');
}

# Rules below /shop, each in a folder of its own: for strangers, for ann.
my @rules = (
    ['valid-user', 200, 200, 'Require valid-user'],
    ['user', 200, 200, 'Require user ann@example.org'],
    ['claim', 200, 200, 'Require auth0-claim nickname ann'],
    ['domain', 200, 200, 'Require auth0-email-domain example.org'],
    ['expr-user', 200, 200, q(Require expr "%{REMOTE_USER} == 'ann@example.org'")],
    ['granted', 200, 200, 'Require all granted'],
    ['here', 200, 200, 'Require ip 127.0.0.1'],
    ['here-and-user', 200, 200, '<RequireAll>', 'Require ip 127.0.0.1', 'Require valid-user', '</RequireAll>'],
    ['there-or-user', 200, 200, '<RequireAny>', 'Require ip 192.0.2.1', 'Require valid-user', '</RequireAny>'],
    ['denied', 403, 403, 'Require all denied'],
    ['there', 403, 403, 'Require ip 192.0.2.1'],
    ['host', 403, 403, 'Require host example.net'],
    ['expr', 403, 403, q(Require expr "%{REQUEST_METHOD} == 'PURGE'")],
    ['there-and-user', 403, 403, '<RequireAll>', 'Require ip 192.0.2.1', 'Require valid-user', '</RequireAll>'],
    ['not-here', 403, 403, '<RequireAll>', 'Require not ip 127.0.0.1', 'Require valid-user', '</RequireAll>'],
    ['merged', 403, 403, 'AuthMerging And', 'Require ip 192.0.2.1'],
    ['merged-here', 200, 200, 'AuthMerging And', 'Require ip 127.0.0.1'],
);
my $own = PwlessHttpd->site(
    modules => [PwlessHttpd::basic_modules(), $ENV{PWLESS_MPM} eq 'prefork' ? 'cgi' : 'cgid', 'auth0_pwless'],
    main => ['<IfModule mod_cgid.c>', 'ScriptSock ${OWN}/cgisock', '</IfModule>'],
    host => [
    'Auth0Scope "openid profile email offline_access"', 'Auth0Audience https://api.example.org',
    section('shop', @PASS, 'Require valid-user'),
    (map { my ($name, undef, undef, @lines) = @$_; section("shop/$name", @lines) } @rules),
    '<Files ".ht*">', 'Require all denied', '</Files>',
    '<Location "/shop/valid-user">', @OURS, 'Require valid-user', '</Location>',
    '<Location "/shop/user">', @OURS, 'AuthMerging And', 'Require valid-user', '</Location>',
    # A .htaccess may open what is its own, and nothing else.
    section('user', 'AllowOverride AuthConfig'),
    '<Location "/user/srvstat">', 'SetHandler server-status', 'Require ip 192.0.2.1', '</Location>',
    '<Location "/user/mine">', 'SetHandler server-status', '</Location>',
    # The client's Authorization, and what a location before says.
    section('bearer', @PASS, 'Require valid-user', 'Auth0PassToken bearer'),
    section('granted', @OURS, 'Require all granted', 'Auth0PassToken bearer'),
    section('plain', @PASS, 'Require valid-user'),
    section('lax', @OURS, 'Require valid-user', 'Auth0PassToken bearer',
        'ErrorDocument 404 /strict/index.html'),
    # Nobody guards what these lead to.
    section('errors', 'Options +ExecCGI +Includes', 'AddHandler cgi-script .cgi', 'CGIPassAuth On'),
    section('borne', @OURS, 'Require valid-user', 'Auth0PassToken bearer', 'CGIPassAuth On',
        'ErrorDocument 404 /errors/index.html'),
    section('both', @OURS, 'Require valid-user', 'Auth0PassToken both',
        'DirectoryIndex none.html', 'FallbackResource /errors/index.html'),
    section('strict', @PASS, 'Require valid-user', 'Auth0SessionMax 1s')]);

# What the application has of a visitor, as SSI sees it.
my $SHOWN = "page, <!--#echo var=\"REMOTE_USER\" -->\n"
    . join '', map { "<!--#if expr=\"-n %{HTTP:$_}\" -->has $_: "
        . "<!--#if expr=\"%{HTTP:$_} == 'Bearer forged'\" -->forged<!--#endif -->\n<!--#endif -->" }
    qw(Authorization X-Auth0-Email X-Auth0-Access-Token);
$SHOWN .= "<!--#if expr=\"-n reqenv('$_')\" -->has $_\n<!--#endif -->" for qw(AUTH0_EMAIL AUTH0_ACCESS_TOKEN);

sub put {
    my ($path, $text) = @_;
    my $file = $own->dir . "/htdocs/$path";
    mkdir $file =~ s{/[^/]*$}{}r;
    open my $out, '>', $file or die "$file: $!";
    print $out $text;
    close $out or die $file;
    return;
}
put("$_/index.html", $SHOWN) for qw(shop user bearer granted plain lax strict borne both errors);
put("shop/$_->[0]/index.html", $SHOWN) for @rules;
put('shop/.htpasswd', "ann:secret\n");
put('lax/around.html', '<!--#include virtual="/strict/index.html" -->');
put("$_/around.html", '<!--#include virtual="/errors/env.cgi" -->') for qw(borne both);
put('errors/env.cgi', "#!/bin/sh\necho Content-Type: text/plain\necho\nenv\n");
chmod 0755, $own->dir . '/htdocs/errors/env.cgi';
put('user/.htaccess', join "\n", @PASS, 'Require valid-user', '');
chmod 0755, $own->dir;
ok $own->start, 'it starts' or diag $own->said, $own->log_text;

my ($nobody, $ann) = map { Pwless->new($own->url) } 1, 2;
$ann->sign_in('ann@example.org', '/members/');

for my $rule (@rules) {
    my ($name, $stranger, $user, @lines) = @$rule;
    my $what = join ' ', grep { !/Require(?:All|Any)>/ } @lines;
    my $res = $nobody->get("/shop/$name/index.html");
    is $res->code, $stranger, "M9: pass and $what: a stranger gets $stranger";
    unlike $res->content, qr/page/, "M9: pass and $what: and no byte of the page" if $stranger != 200;
    unlike $res->content, qr/has /, "M9: pass and $what: without an identity";
    is $ann->get("/shop/$name/index.html")->code, $user, "M9: pass and $what: ann gets $user";
}
like $ann->get('/shop/index.html')->content, qr/^page, ann\@example\.org$/m, 'who is signed in is known';
like $nobody->get('/shop/index.html')->content, qr/^page, \(none\)$/m, 'who is not passes as nobody';
is $nobody->get('/shop/index.html')->header('Cache-Control'), 'private', 'and what they get is not for all';
is $_->[1]->get('/shop/.htpasswd')->code, 403, "M9: Require all denied for a file: $_->[0]"
    for ['a stranger', $nobody], ['ann', $ann];
is $ann->get('/shop/valid-user/.htpasswd')->code, 404,
    'docs/security.md: a Require of a Location takes the place of that of Files';
is $ann->get('/shop/user/.htpasswd')->code, 403, 'unless it merges';
is $nobody->get('/user/index.html')->code, 200, 'a .htaccess lets strangers pass to what is its own';
is $nobody->get('/user/mine?auto')->code, 200, 'also where the server has no rule';
is $_->[1]->get('/user/srvstat?auto')->code, 403, "M9: and opens no Location that says Require ip: $_->[0]"
    for ['a stranger', $nobody], ['ann', $ann];

# ---- what comes through ------------------------------------------------------------
my %forged = (Authorization => 'Bearer forged');
like $nobody->get('/plain/index.html', \%forged)->content, qr/has Authorization: forged/,
    "H10: the client's Authorization stays";
unlike $nobody->get('/bearer/index.html', \%forged)->content, qr/Authorization/,
    'H10: where the token goes there it does not, without a session either';
unlike $nobody->get('/granted/index.html', \%forged)->content, qr/Authorization/,
    'H10: nor where the rules let everybody in';
unlike $nobody->get('/bearer/index.html', {%forged, Cookie => 'auth0-session=' . 'A' x 43})->content,
    qr/Authorization/, 'H10: nor with a cookie nobody knows';
like $ann->get('/bearer/index.html', \%forged)->content, qr/has Authorization: $/m,
    'H10: ann has her own there';
sleep 2;
# Her session is too old for /strict, where she passes as a stranger.
my $res = $ann->get('/strict/index.html', \%forged);
like $res->content, qr/^page, \(none\)$/m, 'H5: a session too old for this location: a stranger';
like $res->content, qr/has Authorization: forged/, 'H10: with what the client sent';
$res = $ann->get('/lax/none', \%forged);
is $res->code, 404, 'H5: an ErrorDocument there: a location that still knows her leads to it';
like $res->content, qr/^page, \(none\)$/m, 'H5: an ErrorDocument there: a stranger';
unlike $res->content, qr/has /, 'H5: an ErrorDocument there: nothing of the location before';
# What is included is part of the page that includes it, and of its visitor.
$res = $ann->get('/lax/around.html', \%forged);
like $res->content, qr/^page, ann\@example\.org$/m, 'H5: an included page: the identity of the page around it';
unlike $res->content, qr/Authorization/, 'H5: an included page: without its token';
# Where nobody is asked who it is, no token is meant for.
unlike $ann->get('/borne/none', \%forged)->content, qr/has Authorization/,
    'H5: an ErrorDocument that nobody guards: no token';
for my $path ('/borne/around.html', '/both/around.html') {
    $res = $ann->get($path);
    like $res->content, qr/^REMOTE_USER=ann\@example\.org$/m, "H5: $path: included in ann's page";
    unlike $res->content, qr/^(?:HTTP_AUTHORIZATION|(?:HTTP_X_)?AUTH0_ACCESS_TOKEN)=/m,
        "H5: $path: what nobody guards gets no token";
}
like $ann->get('/borne/index.html')->content, qr/has Authorization: $/m, 'H5: /borne itself does';
like $ann->get('/both/index.html')->content, qr/has X-Auth0-Access.*has AUTH0_ACCESS/s, 'H5: and /both';
like $ann->get('/both/')->content, qr/^page, ann\@example\.org\n.*has AUTH0_EMAIL/ms,
    'a front controller that nobody guards knows who it works for';
$own->let_go;
done_testing;
