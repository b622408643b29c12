# SPDX-License-Identifier: Apache-2.0
# Behind something that ends TLS or forwards connections: what is believed.
use strict;
use warnings;
use Test::More;
use Pwless qw(tenant calls code_for);
use PwlessHttpd;

tenant(POST => '/reset');
tenant(POST => '/set', {limits => undef});

my @gone; # on their way out: nobody waits for each

# A site known as https://localhost:PORT, on a plain connection.
sub behind {
    my ($base, @host) = @_;
    my $own = PwlessHttpd->new(host => ["Include $ENV{PWLESS_WORK}/t/conf/defines.conf",
        "Include $ENV{PWLESS_WORK}/t/conf/tenant.conf", $base, @host,
        '<Location "/members">', 'AuthType Auth0Passwordless', 'AuthName Members',
        'Require valid-user', '</Location>']);
    ok $own->start, 'it starts' or diag $own->said, $own->log_text;
    return $own;
}

# ---- TLS ended in front --------------------------------------------------------
{
    my $own = behind('Auth0BaseURL https://www.example.org');
    my $who = Pwless->new($own->url);
    my %page = (Origin => 'https://www.example.org');
    my $res = $who->get('/members/');
    is $res->header('Location'), '/.auth0/login?return_to=%2Fmembers%2F',
        'P5: a guarded page leads to the sign-in, by a path';
    $res = $who->get('/.auth0/login?return_to=/members/');
    is $res->code, 200, 'P5: which is served, TLS ended in front';
    my ($pending) = $res->header('Set-Cookie');
    like $pending, qr/^__Host-auth0-pending=[^;]+; .*Secure/, 'P5: its cookie is Secure';
    # A browser behind the other end of TLS: it keeps Secure cookies.
    my ($cookie) = $pending =~ /^([^;]+)/;
    $res = $who->post('/.auth0/login',
        {email => 'ann@example.org', op => 'send', t => Pwless::token($res)}, {%page, Cookie => $cookie});
    my $step2 = $res->header('Location');
    my $t = Pwless::token($who->get($step2, {Cookie => $cookie}));
    is $who->post($step2, {code => code_for('ann@example.org'), op => 'verify', t => $t},
        {Cookie => $cookie, Origin => $own->url})->code, 403,
        'P5: a form from the address behind the proxy is of another site';
    $res = $who->post($step2, {code => code_for('ann@example.org'), op => 'verify', t => $t},
        {%page, Cookie => $cookie});
    my ($session) = grep { /session/ } $res->header('Set-Cookie');
    like $session || '', qr/^__Host-auth0-session=[^;]+; .*Secure/, 'P5: so is the session\'s';
    ($cookie) = ($session || '') =~ /^([^;]+)/;
    is $who->get('/members/', {Cookie => $cookie})->code, 200, 'P5: and it is good';

    # P3: what proxies of other makes say about the request.
    for my $name ('X-Forwarded-Uri', 'X-Original-URI', 'X-Original-URL', 'X-Forwarded-Prefix',
        'X-Rewrite-URL', 'X-Forwarded-Path', 'X-Forwarded-Method') {
        my %with = ($name => '/.auth0/login');
        $res = $who->get('/members/', {%with});
        is $res->header('Location'), '/.auth0/login?return_to=%2Fmembers%2F',
            "P3: $name opens nothing and leads nowhere else";
        unlike $who->get('/.auth0/login', {$name => '/misleading'})->as_string, qr/misleading/,
            "P3: $name does not show on a page";
    }
    my ($base) = $who->get('/.auth0/login', {'X-Forwarded-Prefix' => '/app'})->content
        =~ /<form[^>]* action="([^"]*)"/;
    unlike $base || '', qr{^/app}, 'P3: X-Forwarded-Prefix moves no form';
    $own->let_go;
    push @gone, $own;
}

# ---- TLS not ended in front ----------------------------------------------------
{
    my $own = behind('Auth0Path /.auth0/'); # no Auth0BaseURL: https by ServerName
    my $who = Pwless->new($own->url);
    my ($port) = $own->url =~ /(\d+)$/;
    for my $path ('/members/', '/.auth0/login?return_to=%2Fmembers%2F', '/.auth0/logout',
        '/.auth0/callback?code=x&state=y') {
        for my $more ({}, {'X-Forwarded-Proto' => 'https'}, {'X-Forwarded-Ssl' => 'on'}) {
            my $res = $who->get($path, $more);
            like $res->header('Location') || '', qr{^https://localhost:$port/},
                "P5: $path on plain http leads to https";
            is $res->header('Set-Cookie'), undef, 'P5: and is served no cookie';
        }
    }
    is $who->get('/members/', {Cookie => '__Host-auth0-session=' . 'A' x 43})->code, 302,
        'P5: nor is one taken';
    # Where a request names a scheme and host of its own, they lead nowhere.
    for my $case (['http://evil.example/.auth0/login', '/.auth0/login'],
        ["http://evil.example:$port/.auth0/login?a=b&return_to=%2Fx", '/.auth0/login?a=b&return_to=%2Fx'],
        ['/x/..//.auth0/login?a=%2F', '/.auth0/login?a=%2F'], ['/.auth0/%6cogin', '/.auth0/login'],
        ['/.auth0/logout?', '/.auth0/logout']) {
        my ($target, $path) = @$case;
        my $res = $who->raw("GET $target HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
        is $res->header('Location') =~ s/\?\z//r, "https://localhost:$port$path", "M7: GET $target leads to our own host";
    }
    $own->let_go;
    push @gone, $own;
}

# ---- the PROXY protocol ----------------------------------------------------------
{
    my $own = PwlessHttpd->site(host => ['RemoteIPProxyProtocol On',
        'Auth0Throttle address=off client=2/1h site=off']);
    $own->run('-k', 'start');
    for (1 .. 200) {
        last if IO::Socket::INET->new('127.0.0.1:' . ($own->url =~ /(\d+)$/)[0]);
        select undef, undef, undef, 0.05;
    }
    my $who = Pwless->new($own->url);
    my $nr = 0;

    # One request on a connection that begins with this line.
    my $say = sub {
        my ($line, $method, $path, $body, @headers) = @_;
        return $who->raw(join "\r\n", $line ? $line : (), "$method $path HTTP/1.1", 'Host: localhost',
            'Accept: text/html', 'Connection: close', @headers,
            defined $body ? ('Content-Type: application/x-www-form-urlencoded',
                'Content-Length: ' . length $body) : (), '', defined $body ? $body : '');
    };
    my $ask = sub {
        my ($line, @headers) = @_;
        my $res = $say->($line, 'GET', '/.auth0/login?return_to=/members/');
        my ($cookie) = ($res->header('Set-Cookie') || '') =~ /^([^;]+)/;
        my $t = Pwless::token($res);
        return $res unless $t;
        return $say->($line, 'POST', '/.auth0/login', "op=send&t=$t&email=p" . $nr++
            . '%40example.org', "Cookie: $cookie", @headers);
    };
    tenant(DELETE => '/calls');
    is $ask->('PROXY TCP4 192.0.2.7 192.0.2.1 4711 443')->code, 303, 'P6: PROXY, a code is sent';
    is tenant(GET => '/calls?path=/passwordless/start')->[-1]{headers}{'auth0-forwarded-for'},
        '192.0.2.7', 'P6: for the client that the line names';
    is $ask->('PROXY TCP4 192.0.2.7 192.0.2.1 4712 443')->code, 303, 'P6: a second';
    is $ask->('PROXY TCP4 192.0.2.7 192.0.2.1 4713 443', 'X-Forwarded-For: 192.0.2.8')->code, 429,
        'P6: not a third: the limit counts the client';
    is $ask->('PROXY TCP6 2001:db8::7 2001:db8::1 4711 443')->code, 303, 'P6: another one is not concerned';
    isnt $ask->('')->code || 0, 303, 'P6: no line, no request';
    isnt $ask->($_)->code || 0, 303, "P6: nor with $_"
        for 'PROXY UNKNOWN', 'PROXY TCP4 192.0.2.999 x 1 2';
    $own->let_go;
    push @gone, $own;
}
done_testing;
