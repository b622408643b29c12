# SPDX-License-Identifier: Apache-2.0
# Identity headers and variables: what a client sends under our names never
# reaches an application, whatever guards the URL.
use strict;
use warnings;
use Apache::Test qw(-withtestmore);
use IO::Socket::INET;
use Pwless qw(tenant);

plan tests => 46;
tenant(POST => '/reset');

my $ann = Pwless->new('site');
$ann->sign_in('ann@example.org', '/htdocs/members/');

# The environment a CGI program saw, as a hash.
sub env {
    my ($res) = @_;
    return map { /^(\w+)=(.*)$/ ? ($1 => $2) : () } split /\n/, $res->content;
}

my %forged = (
    'X-Auth0-Email' => 'mallory@evil.example',
    'X-Auth0-Sub'   => 'email|mallory',
    'X-Auth0-Admin' => 'true',
    'Remote-User'   => 'mallory',
    'Auth-Type'     => 'Mallory',
    'Auth0-Email'   => 'mallory@evil.example',
);

my %env = env($ann->get('/htdocs/members/env.cgi', {%forged}));
is $env{REMOTE_USER}, 'ann@example.org', 'H1: REMOTE_USER is who signed in';
is $env{AUTH_TYPE}, 'Auth0Passwordless', 'H1: AUTH_TYPE is ours';
is $env{AUTH0_EMAIL}, 'ann@example.org', 'H1: AUTH0_EMAIL is the claim';
is $env{HTTP_X_AUTH0_EMAIL}, 'ann@example.org', 'H1: and so is X-Auth0-Email';
like $env{AUTH0_SUB}, qr/^email\|[0-9a-f]{24}$/, 'H1: the subject is the tenant\'s';
is $env{HTTP_X_AUTH0_SUB}, $env{AUTH0_SUB}, 'H1: the header says the same';
is $env{AUTH0_EMAIL_VERIFIED}, 'true', 'a boolean is JSON text';
is $env{HTTP_X_AUTH0_ADMIN}, undef, 'H1: a header of a claim nobody has is gone';
ok !exists $env{HTTP_REMOTE_USER}, 'H6: Remote-User does not arrive';
ok !exists $env{HTTP_AUTH_TYPE}, 'H6: nor does Auth-Type';
ok !exists $env{HTTP_COOKIE}, 'H12: our cookies are not the application\'s';

# H2: raw spellings a library would not send.
sub raw {
    my ($host, $head) = @_;
    my $port = Apache::Test::config()->{vhosts}{$host}{port};
    my $socket = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port", Timeout => 10)
        or die "no connection: $!";
    print $socket $head, "\r\nConnection: close\r\n\r\n";
    local $/;
    return scalar <$socket>;
}
for my $name ('x-auth0-email', 'X_Auth0_Email', 'X-AUTH0_EMAIL', 'X--Auth0-Email',
    'X-Auth0.Email', 'REMOTE_USER', 'remote-user', 'HTTP_X_AUTH0_EMAIL') {
    my $answer = raw('plain',
        "GET /back-open/x HTTP/1.1\r\nHost: localhost\r\n$name: mallory");
    unlike $answer, qr/mallory/, "H2: \"$name\" does not reach a back end";
}

# H3: no session, wherever it goes.
my $nobody = Pwless->new('site');
for my $place ('/htdocs/pass/env.cgi', '/htdocs/open/env.cgi', '/back-open/x') {
    my $content = $nobody->get($place, {%forged})->content;
    unlike $content, qr/mallory/i, "H3: $place shows nothing forged";
    unlike $content, qr/^REMOTE_USER=/m, "H3: $place knows nobody";
}

# H4: another kind of authentication on the same host.
my $res = $nobody->get('/htdocs/basic/env.cgi',
    {%forged, Authorization => 'Basic Ym9iOnBhc3N3b3Jk'});
%env = env($res);
is $env{REMOTE_USER}, 'bob', 'H4: Basic works beside us';
unlike $res->content, qr/mallory/i, 'H4: without the forged headers';

# H7: a client cannot have the proxy drop what we add.
%env = env($ann->get('/back/x',
    {Connection => 'close, X-Auth0-Email, Remote-User', %forged}));
is $env{HTTP_X_AUTH0_EMAIL}, 'ann@example.org', 'H7: our header reaches the back end';
is $env{HTTP_X_AUTH0_ADMIN}, undef, 'H7: a forged one does not';
for my $list ('close; X-Auth0-Email', 'close;X-Auth0-Email', 'close X-Auth0-Email',
    "close\tX-Auth0-Email", 'X-Auth0-Sub X-Auth0-Email', 'a;X-Auth0-Sub;X-Auth0-Email') {
    %env = env($ann->get('/back/x', {Connection => $list}));
    is $env{HTTP_X_AUTH0_EMAIL}, 'ann@example.org', "H7: as httpd reads it: Connection: $list";
    ok $env{HTTP_X_AUTH0_SUB}, 'H7: and the other header is there';
}

# H8, H9: claims nobody should have to trust.
tenant(POST => '/claims', {
    roles => ['a,b', 'c"d'], 'x y' => 'spaced', evil => "one\r\nSet-Cookie: x=1",
    'org.id' => 'first', org_id => 'second', big => 'x' x 5000, count => 3,
});
my $bob = Pwless->new('site');
$bob->sign_in('bob@example.org');
%env = env($bob->get('/htdocs/members/env.cgi'));
is $env{AUTH0_ROLES}, '["a,b","c\"d"]', 'H8: an array is JSON, elements do not run together';
ok !exists $env{AUTH0_EVIL}, 'H8: a value with a line break is not passed';
ok !exists $env{AUTH0_BIG}, 'H8: nor is one of 5,000 bytes';
is $env{AUTH0_COUNT}, '3', 'H8: a number is JSON text';
is $env{AUTH0_ORG_ID}, 'second', 'H9: of two claims with one name the usual one is passed';
tenant(POST => '/claims', {});
