# SPDX-License-Identifier: Apache-2.0
# Spellings of a path, ways to one file, hosts, rules beside ours: no way
# round the gate.
use strict;
use warnings;
use Apache::Test ();
use MIME::Base64 qw(encode_base64);
use Test::More;
use Pwless qw(tenant work);
use PwlessHttpd;

tenant(POST => '/reset');
tenant(POST => '/set', {limits => undef});

my $PAGE = qr/^page in htdocs/;
my $back = 'http://127.0.0.1:' . Apache::Test::config()->{vhosts}{backend}{port};

sub guard {
    my ($section, @rules) = @_;
    my ($name) = $section =~ /^<(\w+)/;
    return ($section, 'AuthType Auth0Passwordless', 'AuthName X',
        @rules ? @rules : 'Require valid-user', "</$name>");
}

# Rules beside ours, each for a folder that is everybody's.
my @beside = (
    ['any-host', '<RequireAny>', 'Require ip 192.0.2.0/24', 'Require valid-user', '</RequireAny>'],
    ['any-here', '<RequireAny>', 'Require ip 127.0.0.1', 'Require valid-user', '</RequireAny>'],
    ['all', '<RequireAll>', 'Require ip 192.0.2.0/24', 'Require valid-user', '</RequireAll>'],
    ['none', '<RequireAll>', 'Require valid-user', '<RequireNone>',
        'Require user bob@example.org', '</RequireNone>', '</RequireAll>'],
    ['satisfy-any', 'Satisfy Any', 'Order deny,allow', 'Deny from all', 'Require valid-user'],
    ['satisfy-here', 'Satisfy Any', 'Order deny,allow', 'Deny from all',
        'Allow from 127.0.0.1', 'Require valid-user'],
    ['satisfy-all', 'Satisfy All', 'Order deny,allow', 'Deny from all', 'Require valid-user'],
    ['outer', 'Require valid-user'],
    ['when', '<If "%{QUERY_STRING} == \'open\'">', 'Require all granted', '</If>',
        '<Else>', 'Require valid-user', '</Else>'],
    ['methods', '<Limit GET>', 'Require valid-user', '</Limit>', '<LimitExcept GET>',
        'Require all denied', '</LimitExcept>'],
);

# Once with our AuthType, once with httpd's own.
sub beside {
    my ($name, @rules) = @_;
    my @ours = guard("<Location \"/$name\">", @rules);
    my @basic = map { /^AuthType/ ? ('AuthType Basic', 'AuthUserFile ${OWN}/users') : $_ }
        guard("<Location \"/basic-$name\">", @rules);
    return ("Alias /$name \${OWN}/htdocs/open", "Alias /basic-$name \${OWN}/htdocs/open",
        @ours, @basic);
}

# The same file by <Location>, by <Directory>, and by everything that leads there.
my $own = PwlessHttpd->site(
    modules => [PwlessHttpd::basic_modules(), qw(access_compat rewrite proxy proxy_http negotiation
        actions userdir authn_file auth_basic), ($ENV{PWLESS_MPM} eq 'prefork' ? 'cgi' : 'cgid'),
        'auth0_pwless'],
    main => ['<IfModule mod_cgid.c>', 'ScriptSock ${OWN}/cgisock', '</IfModule>'],
    host => [
        guard('<Directory "${OWN}/htdocs/private">'),
        'Alias /by-alias ${OWN}/htdocs/private', 'ScriptAlias /by-script ${OWN}/htdocs/private/env.cgi',
        'Alias /by-link ${OWN}/htdocs/linked', 'RewriteEngine On',
        'RewriteRule "^/by-rewrite$" "/private/page.txt"',
        'RewriteRule "^/by-pass-through$" "/private/page.txt" [PT]',
        "RewriteRule \"^/by-proxy\$\" \"$back/private/page.txt\" [P]",
        'ErrorDocument 404 /private/page.txt',
        '<Directory "${OWN}/htdocs">', 'Options +FollowSymLinks +MultiViews +ExecCGI',
        'AddHandler cgi-script .cgi', 'AddOutputFilter INCLUDES .shtml', 'AddType text/html .shtml',
        '</Directory>',
        'Action by-action /private/env.cgi', 'AddHandler by-action .act',
        "ProxyPass /encoded $back/encoded nocanon", guard('<Location "/encoded">'),
        "ProxyPass /by-proxy-location $back/x", guard('<Location "/by-proxy-location">'),
        (map { beside(@$_) } @beside),
        (map { ("<Location \"/$_/inner\">", 'AuthMerging And', 'Require user ann@example.org',
            '</Location>', "<Location \"/$_/either\">", 'AuthMerging Or', 'Require ip 192.0.2.0/24',
            '</Location>', "<Location \"/$_/anew\">", 'Require ip 192.0.2.0/24', '</Location>')
        } 'outer', 'basic-outer'),
        # Handlers by name.
        '<Location "/handler">', 'SetHandler auth0-passwordless', '</Location>',
        'AddHandler auth0-passwordless .ours',
    ]);

# A file below the server's folder.
sub put {
    my ($path, $text, $mode) = @_;
    my $file = $own->dir . "/$path";
    open my $out, '>', $file or die "$file: $!";
    print $out $text;
    close $out or die $file;
    chmod $mode || 0644, $file;
    return;
}
for my $place (qw(private open/inner open/either open/anew)) {
    mkdir $own->dir . "/htdocs/$place" or die $place;
}
put("htdocs/$_/page.txt", "page in htdocs/$_\n") for 'private', 'members', 'open';
put("htdocs/$_/index.html", "page in htdocs/$_\n") for 'open', 'open/inner', 'open/either', 'open/anew';
put('htdocs/private/env.cgi', "#!/bin/sh\necho Content-Type: text/plain; echo; echo page in htdocs, \$REMOTE_USER\n",
    0755);
put('htdocs/private/sum.cgi', "#!/bin/sh\necho Content-Type: text/plain; echo; sha256sum\n", 0755);
put('htdocs/members/locked', "page in htdocs/members\n", 0);
put('htdocs/private/index.html', "page in htdocs/private\n");
put('htdocs/open/around.shtml', '<!--#include virtual="/private/page.txt" -->');
put('htdocs/open/x.act', 'x');
put('htdocs/open/x.ours', 'page of the site');
put('users', join '', map { "$_\@example.org:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\n" } 'ann', 'bob');
symlink $own->dir . '/htdocs/private', $own->dir . '/htdocs/linked' or die 'linked';
ok $own->start, 'it starts' or diag $own->said, $own->log_text;

my ($nobody, $ann, $bob) = map { Pwless->new($own->url) } 1 .. 3;
$ann->sign_in('ann@example.org', '/members/');
$bob->sign_in('bob@example.org', '/members/');

# Bytes as they are, from nobody or with ann's cookie.
sub raw {
    my ($line, %with) = @_;
    my $host = exists $with{host} ? $with{host} : 'Host: localhost';
    return $nobody->raw("$line\r\n" . ($host ? "$host\r\n" : '')
        . ($with{ann} ? 'Cookie: auth0-session=' . $ann->cookie('session') . "\r\n" : '')
        . "Accept: text/html\r\nConnection: close\r\n\r\n");
}

# ---- spellings ------------------------------------------------------------------
# What each gets is httpd's business; the page is for those who are signed in.
my @spellings = ('//members/page.txt', '/./members/page.txt', '/open/../members/page.txt',
    '/members/./page.txt', '/members//page.txt', '/.//members/page.txt', '/members/x/../page.txt');
for my $path (@spellings) {
    is raw("GET $path HTTP/1.1")->code, 302, "M2: $path is guarded";
    like raw("GET $path HTTP/1.1", ann => 1)->content, $PAGE, "M2: $path: ann gets the page";
}
for my $path ('/open/%2e%2e/members/page.txt', '/%6dembers/page.txt', '/members/%2e/page.txt',
    '/members/page%2etxt', '/memb%65rs/page.txt?x') {
    is raw("GET $path HTTP/1.1")->code, 302, "M3: $path is guarded";
    like raw("GET $path HTTP/1.1", ann => 1)->content, $PAGE, "M3: $path: ann gets the page";
}
for my $path ('/open/%252e%252e/members/page.txt', '/members%2fpage.txt', '/members%5cpage.txt',
    '/members/page.txt%00', '/members;x=y/page.txt', '/open/..;/members/page.txt',
    '/%c0%ae%c0%ae/members/page.txt', '/open/%c0%afmembers/page.txt', '/MEMBERS/page.txt',
    '/members./page.txt', '/members/page.txt.', '/members /page.txt', '\members\page.txt') {
    my $res = raw("GET $path HTTP/1.1");
    unlike $res->content, $PAGE, "M3: $path shows nothing (" . $res->code . ')';
}
is raw('GET /encoded/a%2Fb HTTP/1.1')->code, 302, 'M3: %2F on the way to a back end is guarded';
for my $path ('/members/page.txt%23/.auth0/login', '/members/page.txt%3f/.auth0/login',
    '/members/page.txt#/.auth0/login', '/members%23/../.auth0/login/../../members/page.txt',
    '/.auth0/login/../../members/page.txt', '/.auth0/login%2f..%2f..%2fmembers/page.txt',
    '/members/page.txt?/.auth0/login') {
    my $res = raw("GET $path HTTP/1.1");
    unlike $res->content, $PAGE, "M6: $path shows nothing (" . $res->code . ')';
    isnt $res->code, 200, "M6: $path is no way in";
}

# ---- ways to one file -----------------------------------------------------------
for my $path ('/private/page.txt', '/private/', '/private', '/private/page', '/by-alias/page.txt',
    '/by-rewrite', '/by-pass-through', '/by-script', '/private/env.cgi/x') {
    my $res = $nobody->get($path);
    unlike $res->content, $PAGE, "M4: $path shows nothing to nobody (" . $res->code . ')';
    is $res->code, 302, "M4: $path asks to sign in";
}
like $ann->get($_)->content, $PAGE, "M4: $_ is ann's" for '/private/page.txt', '/private/page',
    '/by-alias/page.txt', '/by-rewrite', '/by-pass-through', '/by-script';
unlike $nobody->get('/open/around.shtml')->content, $PAGE, 'M4: nor does a page that includes it';
like $ann->get('/open/around.shtml')->content, $PAGE, 'M4: unless one is signed in';
unlike $nobody->get('/no-such')->content, $PAGE, 'M4: nor an ErrorDocument there';
my $act = $nobody->get('/open/x.act');
unlike $act->content, $PAGE, 'M4: nor an Action there';
is $nobody->get('/by-proxy-location/x')->code, 302, 'M4: a proxied location is guarded by <Location>';
# As documented: <Directory> guards the path that httpd walks.
is $nobody->get('/by-proxy')->code, 200, 'M4: <Directory> does not guard what is proxied';
is $nobody->get('/by-link/page.txt')->code, 200, 'M4: nor a symbolic link to what it guards';

# ---- hosts ----------------------------------------------------------------------
for my $host ('Host: LOCALHOST', 'Host: localhost.', 'Host: localhost:1', 'Host: other.example') {
    is raw('GET /members/page.txt HTTP/1.1', host => $host)->code, 302, "M7: $host: guarded";
    my $to = raw('GET /members/ HTTP/1.1', host => $host)->header('Location');
    is $to, '/.auth0/login?return_to=%2Fmembers%2F', "M7: $host: and it names no host";
}
is raw('GET /members/page.txt HTTP/1.0', host => '')->code, 302, 'M7: HTTP/1.0 without Host: guarded';
is raw('GET http://other.example/members/page.txt HTTP/1.1')->code, 302,
    'M7: another host in the request line: guarded';
for my $case (['two Hosts', "Host: localhost\r\nHost: other.example"], ['no Host', ''],
    ['a name and a password', 'Host: a:b@localhost'], ['a path', 'Host: localhost/.auth0/login']) {
    is raw('GET /members/page.txt HTTP/1.1', host => $case->[1])->code, 400, "M7: $case->[0]: 400";
}
unlike raw('GET http://a:b@localhost/members/page.txt HTTP/1.1')->content, $PAGE,
    'M7: nor with a password in the request line';

# ---- rules beside ours, as with httpd's own modules --------------------------------
# Basic asks with 401 where we lead to the sign-in page, and asks again where we
# say 403 to somebody who is signed in.
sub by_basic {
    my ($path, $user) = @_;
    my $code = Pwless->new($own->url)->get("/basic-$path", $user
        ? {Authorization => 'Basic ' . encode_base64("$user:password", '')} : {})->code;
    return $code == 401 ? ($user ? 403 : 302) : $code;
}
my %seen;
for my $path ((map { "$_->[0]/" } @beside), 'outer/inner/', 'outer/either/', 'outer/anew/',
    'when/?open') {
    for my $case (['nobody', $nobody], ['ann', $ann, 'ann@example.org'],
        ['bob', $bob, 'bob@example.org']) {
        my ($name, $who, $user) = @$case;
        my $code = $who->get("/$path")->code;
        is $code, by_basic($path, $user), "M9: $path: $name gets what Basic would give";
        $seen{$code} = 1;
    }
}
is join(' ', sort keys %seen), '200 302 403', 'M9: each verdict came up';
unlike $nobody->post('/methods/', 'x=y')->content, $PAGE, 'M9: <LimitExcept> holds';

# ---- handlers ---------------------------------------------------------------------
for my $path ('/handler', '/handler/.auth0/login', '/open/x.ours') {
    my $res = $nobody->get($path);
    unlike $res->content, qr/name="(?:email|t)"/, "M14: SetHandler makes no page of ours of $path";
    is $res->header('Set-Cookie'), undef, "M14: $path sets no cookie";
}

# ---- what is there and what is not --------------------------------------------------
my @told = map {
    my $res = $nobody->get($_);
    my $to = $res->header('Location') || '';
    $to =~ s/return_to=[^&]*//;
    join ' ', $res->code, $to, length $res->content, sort $res->header_field_names;
} '/members/page.txt', '/members/no-such', '/members/no/such', '/members/locked';
is $_, $told[0], 'M17: existing and missing look alike' for @told[1 .. $#told];
is $ann->get('/members/no-such')->code, 404, 'M17: who is signed in is told';
my %program = (Accept => '*/*', 'Sec-Fetch-Mode' => undef, 'Sec-Fetch-Dest' => undef);
is $nobody->get('/members/no-such', \%program)->code, 401, 'M17: programs are told nothing, too';
is $nobody->request('DELETE', '/members/no-such')->code, $nobody->request('DELETE',
    '/members/page.txt')->code, 'M17: whatever the method';

# ---- bodies ------------------------------------------------------------------------
# curl waits for 100 Continue and sends chunks when it does not know the length.
my $upload = work() . "/upload-$$";
open my $out, '>', $upload or die $upload;
print $out pack 'N*', 1 .. 4 << 20;
close $out or die $upload;
my ($sum) = qx(sha256sum $upload) =~ /^(\w+)/;
sub sent {
    my (@how) = @_;
    open my $curl, '-|', 'curl', '-s', '--max-time', '30', '-w', '%{http_code}', @how, '-H',
        'Cookie: auth0-session=' . $ann->cookie('session'), $own->url . '/private/sum.cgi'
        or die "curl: $!";
    my $said = do { local $/; <$curl> };
    close $curl;
    return $said;
}
like sent('-X', 'POST', '--data-binary', "\@$upload"), qr/^$sum\b.*200$/s,
    'M13: 16 MB arrive as they were sent';
like sent('-H', 'Transfer-Encoding: chunked', '-X', 'POST', '--data-binary', "\@$upload"),
    qr/^$sum\b.*200$/s, 'M13: in chunks, too';
like sent('-H', 'Expect: 100-continue', '-T', $upload, '-X', 'POST'), qr/^$sum\b.*200$/s,
    'M13: and after 100 Continue';
like sent('--data', 't=x&code=123456&email=a'), qr/^[0-9a-f]{64}\b.*200$/s,
    'M13: a form with names of ours is the application\'s';
unlink $upload;

$own->let_go;
done_testing;
