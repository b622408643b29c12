# SPDX-License-Identifier: Apache-2.0
# One request, one identity: through sub-requests and internal redirects, and
# whatever other modules say about the user.
use strict;
use warnings;
use Apache::Test ();
use MIME::Base64 qw(encode_base64);
use Test::More;
use Pwless qw(tenant);
use PwlessHttpd;

tenant(POST => '/reset');
tenant(POST => '/set', {limits => undef});

my $back = 'http://127.0.0.1:' . Apache::Test::config()->{vhosts}{backend}{port};
my @theirs = ('<Directory "${OWN}/htdocs">', 'Options +Includes +MultiViews +ExecCGI',
    'AddHandler cgi-script .cgi', 'DirectoryIndex env.cgi', '</Directory>',
    '<Directory "${OWN}/htdocs/members">', 'RewriteEngine On',
    'RewriteRule "^moved$" "/members/env.cgi"', 'RewriteRule "^away$" "/open/env.cgi"',
    'RewriteCond "%{LA-U:REMOTE_USER}" "^ann"', 'RewriteRule "^ahead$" "env.cgi"', '</Directory>',
    'ErrorDocument 404 /members/env.cgi', 'Action shown /members/env.cgi', 'AddHandler shown .act',
    '<Location "/members/few">', 'Auth0PassClaims headers email', '</Location>',
    'Alias /members/few ${OWN}/htdocs/members',
    '<Location "/members/twice">', 'Auth0PassClaims headers email', 'Auth0PassClaims env', '</Location>',
    'Alias /members/twice ${OWN}/htdocs/members');
my $can_lua = -e "$ENV{PWLESS_MODULES}/mod_lua.so";
my $own = PwlessHttpd->site(
    modules => [PwlessHttpd::basic_modules(), qw(rewrite proxy proxy_http negotiation actions
        authn_file auth_basic), ($can_lua ? 'lua' : ()),
        ($ENV{PWLESS_MPM} eq 'prefork' ? 'cgi' : 'cgid'), 'auth0_pwless'],
    main => ['<IfModule mod_cgid.c>', 'ScriptSock ${OWN}/cgisock', '</IfModule>'],
    host => [@theirs, "ProxyPass /app $back/app", '<Location "/app">',
        'AuthType Auth0Passwordless', 'AuthName App', 'Require valid-user', '</Location>',
        '<Location "/pass">', 'AuthType Auth0Passwordless', 'AuthName Pass',
        'Auth0Unauthenticated pass', 'Require valid-user', '</Location>',
        'Alias /pass ${OWN}/htdocs/open',
        ($can_lua ? ('LuaHookAccessChecker ${OWN}/user.lua name early') : ())]);

sub put {
    my ($path, $text) = @_;
    my $file = $own->dir . "/$path";
    open my $out, '>', $file or die "$file: $!";
    print $out $text;
    close $out or die $file;
    chmod 0755, $file;
    return;
}
put("htdocs/$_/env.cgi", "#!/bin/sh\necho Content-Type: text/plain\necho\nenv\n") for 'members', 'open';
put("htdocs/$_/around.html", '<!--#include virtual="/members/env.cgi" -->') for 'members', 'open';
put('htdocs/members/x.act', 'x');
# A module of theirs that names a user before we do.
put('user.lua', <<'LUA');
function name(r)
    if r.headers_in['X-Lua'] then r.user = 'mallory' end
    return apache2.DECLINED
end
LUA
ok $own->start, 'it starts' or diag $own->said, $own->log_text;

my ($nobody, $ann) = map { Pwless->new($own->url) } 1, 2;
$ann->sign_in('ann@example.org', '/members/');
my %forged = ('X-Auth0-Email' => 'mallory@evil.example', 'X-Auth0-Sub' => 'mallory',
    'Remote-User' => 'mallory');

sub env { return map { /^(\w+)=(.*)$/ ? ($1 => $2) : () } split /\n/, $_[0]->content }

for my $case (['what it is', '/members/env.cgi'], ['mod_dir\'s index', '/members/'],
    ['negotiated', '/members/env'], ['included', '/members/around.html'],
    ['included by a page for all', '/open/around.html'], ['rewritten', '/members/moved'],
    ['after a look-ahead', '/members/ahead'], ['an Action', '/members/x.act'],
    ['an ErrorDocument', '/no-such']) {
    my ($what, $path) = @$case;
    my $res = $ann->get($path, \%forged);
    my %env = env($res);
    is $env{REMOTE_USER}, 'ann@example.org', "H5: $what: REMOTE_USER";
    is $env{AUTH0_EMAIL}, 'ann@example.org', "H5: $what: AUTH0_EMAIL";
    is $env{HTTP_X_AUTH0_EMAIL}, 'ann@example.org', "H5: $what: X-Auth0-Email";
    unlike $res->content, qr/mallory/, "H5: $what: nothing forged";
    $res = $nobody->get($path, \%forged);
    unlike $res->content, qr/mallory|REMOTE_USER=/, "H5: $what: nobody is nobody";
}
my %env = env($ann->get('/members/few/env.cgi', \%forged));
is join(' ', sort grep { /AUTH0/ } keys %env), 'HTTP_X_AUTH0_EMAIL',
    'H5: a location that wants one claim gets one';
%env = env($ann->get('/members/twice/env.cgi'));
ok $env{AUTH0_SUB} && $env{AUTH0_EMAIL}, 'of two lines in a section the later holds, and has no list';
unlike $ann->get('/members/away', \%forged)->content, qr/mallory/,
    'H5: nothing forged where a redirect leaves the guarded part';

# ---- a client's Authorization ------------------------------------------------------
for my $value ('Bearer eyJhbGciOiJub25lIn0.e30.', 'Basic ' . encode_base64('mallory:x', ''),
    'Auth0Passwordless mallory') {
    my ($scheme) = $value =~ /^(\w+)/;
    my %with = (Authorization => $value);
    is $nobody->get('/members/env.cgi', \%with)->code, 302, "H10: $scheme opens nothing";
    is {env($ann->get('/members/env.cgi', \%with))}->{REMOTE_USER}, 'ann@example.org',
        "H10: $scheme sets no user";
    like $ann->get('/app/x', \%with)->content, qr/^HTTP_X_AUTH0_EMAIL=ann\@example\.org$/m,
        "H10: $scheme changes no header of ours";
    my $pass = $nobody->get('/pass/env.cgi', \%with);
    is $pass->code, 200, "H10: $scheme where everybody may pass";
    unlike $pass->content, qr/^(?:REMOTE_USER|AUTH_TYPE|\w*AUTH0_)/m, "H10: $scheme is nobody there";
}

# ---- another module's user -----------------------------------------------------------
SKIP: {
    skip 'H11: no mod_lua here', 5 unless $can_lua;
    my %lua = ('X-Lua' => 1);
    like $nobody->get('/open/env.cgi', \%lua)->content, qr/^REMOTE_USER=mallory$/m,
        'where we are not asked, another module may name the user';
    is $nobody->get('/members/env.cgi', \%lua)->code, 302, 'H11: where we are, that is no session';
    %env = env($ann->get('/members/env.cgi', \%lua));
    is $env{REMOTE_USER}, 'ann@example.org', 'H11: nor does it replace hers';
    is $env{AUTH_TYPE}, 'Auth0Passwordless', 'H11: nor the type';
    unlike $nobody->get('/pass/env.cgi', \%lua)->content, qr/mallory/,
        'H11: who may pass without a session has no identity at all';
}
$own->let_go;
done_testing;
