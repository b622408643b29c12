# SPDX-License-Identifier: Apache-2.0
# Beside other modules, whatever the order of LoadModule: the same verdicts.
# What they could do to us: mod_proxy and mod_rewrite take our URLs, mod_dir and
# mod_cache answer before we are asked, mod_auth_basic, mod_auth_form and
# mod_session name another user, mod_headers and mod_remoteip change the request
# we judge, mod_http2 brings requests in by another way.
use strict;
use warnings;
use Apache::Test ();
use List::Util qw(first);
use Test::More;
use Pwless qw(tenant work);
use PwlessHttpd;

tenant(POST => '/reset');
tenant(POST => '/set', {limits => undef});

my $back = 'http://127.0.0.1:' . Apache::Test::config()->{vhosts}{backend}{port};
# What stands together is one unit: the second needs symbols of the first.
my @others = ('proxy proxy_http', 'rewrite', 'cache cache_disk', 'authn_file auth_basic',
    'request auth_form', 'session session_cookie', 'http2', 'negotiation', 'userdir', 'actions');
my @usual = PwlessHttpd::basic_modules();

# Every $step-th, until each was taken; $step must not divide their number.
sub every {
    my ($step, @all) = @_;
    return map { $all[$_ * $step % @all] } 0 .. $#all;
}

my @orders = (
    ['ours first', 'auth0_pwless', @usual, @others],
    ['ours last', @usual, @others, 'auth0_pwless'],
    ['ours before the other ones', @usual, 'auth0_pwless', @others],
    ['all turned round, ours last', reverse(@usual, @others), 'auth0_pwless'],
    ['all turned round, ours first', 'auth0_pwless', reverse @usual, @others],
    ['shuffled', every(7, @usual, @others, 'auth0_pwless')],
    ['shuffled otherwise', every(11, 'auth0_pwless', @others, @usual)],
);

my $users = work() . '/basic.users';
my @host = (
    'Protocols h2c http/1.1',
    'RewriteEngine On', 'RewriteRule "^/\.auth0/(.*)" "/stolen/$1" [PT]',
    'RewriteRule "^/moved/(.*)" "/members/$1" [PT]',
    "RewriteRule \"^/over/(.*)\" \"$back/\$1\" [P]",
    'CacheRoot ${OWN}/cache', 'CacheEnable disk "/"', 'CacheIgnoreNoLastMod On', 'CacheDefaultExpire 600',
    'RemoteIPHeader X-Forwarded-For', 'RemoteIPInternalProxy 127.0.0.1',
    'RequestHeader unset X-Nothing', 'Header always set X-Who "%{REMOTE_USER}e"',
    'AliasMatch "^/stolen/.*" "' . work() . '/t/htdocs/open/index.html"',
    "ProxyPass \"/.auth0/\" \"$back/stolen/\"", "ProxyPass \"/app\" \"$back/app\"",
    '<Location "/app">', 'AuthType Auth0Passwordless', 'AuthName App',
    'Require valid-user', '</Location>',
    '<Location "/over">', 'AuthType Auth0Passwordless', 'AuthName Over',
    'Require valid-user', '</Location>',
    '<Location "/members">', 'Session On', 'SessionCookieName theirs', '</Location>',
    '<Location "/basic">', 'AuthType Basic', 'AuthName Basic', 'AuthBasicProvider file',
    "AuthUserFile $users", 'Require valid-user', '</Location>',
    '<Location "/form">', 'AuthType form', 'AuthName Form', 'AuthFormProvider file',
    "AuthUserFile $users", 'Session On', 'SessionCookieName form', 'Require valid-user',
    '</Location>');

my %forged = ('X-Auth0-Email' => 'mallory@evil.example', 'Remote-User' => 'mallory',
    'X-Forwarded-For' => '192.0.2.1');
my %bob = (Authorization => 'Basic Ym9iOnBhc3N3b3Jk');

# Status, where to, and whom the answer names.
sub verdict {
    my ($res) = @_;
    my ($to) = ($res->header('Location') || '') =~ m{^(/[^?]*)};
    my $text = $res->content . ($res->header('X-Who') || '');
    return join ' ', $res->code, grep { defined }
        $to, first { index($text, $_) >= 0 } qw(mallory ann@example.org bob name="email");
}

sub over_h2 {
    my ($url, $cookie) = @_;
    open my $curl, '-|', 'curl', '-s', '--max-time', '20', '--http2-prior-knowledge',
        '-H', 'Accept: text/html', '-H', 'X-Auth0-Email: mallory@evil.example',
        ($cookie ? ('-H', "Cookie: auth0-session=$cookie") : ()),
        '-w', "\nSTATUS %{http_version} %{http_code}", $url or die "curl: $!";
    my $said = do { local $/; <$curl> };
    close $curl;
    my ($status) = $said =~ /STATUS (.*)/;
    return join ' ', $status, grep { index($said, $_) >= 0 } qw(mallory ann@example.org);
}

# Path, headers, what everybody gets, what ann gets.
my @requests = (
    ['/members/', {}, '302 /.auth0/login', '200 ann@example.org'],
    ['/members/index.html', {%forged}, '302 /.auth0/login', '200 ann@example.org'],
    ['/members/', {%bob}, '302 /.auth0/login', '200 ann@example.org'],
    ['/members/', {Accept => '*/*', 'Sec-Fetch-Mode' => undef, 'Sec-Fetch-Dest' => undef},
        '401', '200 ann@example.org'],
    ['/members', {}, '302 /.auth0/login', '301'],
    ['/members/no-such', {}, '302 /.auth0/login', '404'],
    ['/moved/', {%forged}, '302 /.auth0/login', '200 ann@example.org'],
    ['/app/x', {%forged}, '302 /.auth0/login', '200 ann@example.org'],
    ['/over/x', {%forged}, '302 /.auth0/login', '200 ann@example.org'],
    ['/open/', {%forged}, '200', '200'],
    ['/basic/', {%forged}, '401', '401'],
    ['/basic/', {%forged, %bob}, '200 bob', '200 bob'],
    ['/form/', {%forged, %bob}, '401', '401'],
    ['/.auth0/login', {%forged}, '200 name="email"', '200 ann@example.org'],
    ['/.auth0/loginx', {}, '200', '200'], # stolen, as the site wants it
);

sub set_of {
    my ($own) = @_;
    my ($nobody, $ann) = map { Pwless->new($own->url) } 1, 2;
    $ann->sign_in('ann@example.org', '/members/');
    my %got;
    # Twice, so that a page that was stored would be met, and by turns.
    for my $turn (1, 2) {
        for my $nr (0 .. $#requests) {
            my ($path, $headers) = @{$requests[$nr]};
            $got{"$turn: $nr $path, nobody"} = verdict($nobody->get($path, $headers));
            $got{"$turn: $nr $path, ann"} = verdict($ann->get($path, $headers));
        }
        $got{"$turn: over h2, nobody"} = over_h2($own->url . '/members/');
        $got{"$turn: over h2, ann"} = over_h2($own->url . '/members/', $ann->cookie('session'));
    }
    return \%got;
}

my (%want, @stopping);
for my $turn (1, 2) {
    for my $nr (0 .. $#requests) {
        my ($path, undef, $nobody, $ann) = @{$requests[$nr]};
        $want{"$turn: $nr $path, nobody"} = $nobody;
        $want{"$turn: $nr $path, ann"} = $ann;
    }
    $want{"$turn: over h2, nobody"} = '2 302';
    $want{"$turn: over h2, ann"} = '2 200 ann@example.org';
}

for my $order (@orders) {
    my ($what, @names) = @$order;
    my $own = PwlessHttpd->site(modules => [map { split } @names], host => \@host);
    mkdir $own->dir . '/cache';
    chmod 0777, $own->dir . '/cache'; # its children write there
    for my $place (qw(basic form)) {
        mkdir $own->dir . "/htdocs/$place" or die $place;
        link $own->dir . '/htdocs/members/index.html', $own->dir . "/htdocs/$place/index.html"
            or die $place;
    }
    ok $own->start, "$what: it starts" or diag $own->said, $own->log_text;
    my $got = set_of($own);
    is_deeply $got, \%want, "M10: $what: the verdicts of every order";
    $own->let_go;
    push @stopping, $own; # all at once, while others start
}
done_testing;
