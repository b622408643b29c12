# SPDX-License-Identifier: Apache-2.0
# Sessions in a Redis that speaks TLS: its certificate is verified, ours is shown
# where it asks for one, and what is wrong is said with its cure.
use strict;
use warnings;
use Test::More;
use Pwless qw(tenant work);
use PwlessHttpd;
use PwlessRedis;

tenant(POST => '/reset');
tenant(POST => '/set', {limits => undef});

# A file of this test's own, for nobody else to read.
sub file {
    my ($name, @lines) = @_;
    my $path = work() . "/redis-$$.$name";
    open my $out, '>', $path or die "$path: $!";
    print $out @lines;
    close $out;
    chmod 0600, $path;
    return $path;
}

sub text {
    my ($path) = @_;
    open my $in, '<', $path or die "$path: $!";
    local $/;
    return scalar <$in>;
}

my $seal = file('seal', "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY=\n");
my $ready = Pwless::tenant_json();
my ($ca, $cert, $key) = @$ready{qw(ca_file server_cert server_key)};
my $ours = work() . "/redis-$$.client";
is system("openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=site -keyout $ours.key "
    . "-out $ours.crt 2>/dev/null && cat $ours.crt $ours.key >$ours && chmod 640 $ours"), 0, 'a certificate of ours';
my $loose = file('loose', text($ours));
chmod 0644, $loose;
my $trusted = file('trusted', text($ca), text("$ours.crt"));

# One that speaks TLS and nothing else, for localhost and 127.0.0.1.
sub tls_redis {
    my ($clients) = @_;
    my $port = PwlessHttpd::free_port();
    return PwlessRedis->new(port => $port, config => ['--port', 0, '--tls-port', $port,
        '--tls-cert-file', $cert, '--tls-key-file', $key, '--tls-ca-cert-file', $trusted,
        '--tls-auth-clients', $clients]);
}

sub site {
    my ($store) = @_;
    return PwlessHttpd->site(main => ["Auth0SessionStore $store", "Auth0SealKey file:$seal"]);
}

sub machine {
    my $own = site(@_);
    $own->start or BAIL_OUT('no httpd: ' . $own->said . $own->log_text);
    return $own;
}

sub visit {
    my ($own, $sid) = @_;
    return Pwless->new($own->url)->get('/members/', {Cookie => "auth0-session=$sid"})->code;
}

sub signed_in {
    my ($own, $email) = @_;
    my $ann = Pwless->new($own->url);
    $ann->sign_in($email);
    return $ann->cookie('session');
}

my $open = tls_redis('no');
my $strict = tls_redis('yes');
my $stranger = 'A' x 43; # as a cookie's value is, of no session

# ---- what works ------------------------------------------------------------------------
for my $case (['its name', 'localhost', $open, ''], ['its address', '127.0.0.1', $open, ''],
    ['a certificate of ours', 'localhost', $strict, "&cert=$ours"]) {
    my ($what, $host, $redis, $more) = @$case;
    my $url = "rediss://$host:" . $redis->port . "/?ca=$ca&timeout=10s$more";
    my $one = machine($url);
    like $one->log_text, qr/sessions are in Redis at \S+, database 0, over TLS/, "$what: the log says so";
    my $sid = signed_in($one, 'ann@example.org');
    ok $sid, "$what: a sign-in";
    is visit($one, $sid), 200, "$what: its session";
    $one->graceful;
    is visit($one, $sid), 200, "$what: and after a graceful restart";
    $redis->stop;
    $redis->start;
    is visit($one, $stranger), 302, "$what: Redis restarted: asked anew, by a new connection";
    ok signed_in($one, 'bob@example.org'), "$what: and signing in works";
}

# ---- what does not, and why ------------------------------------------------------------
my $plain = PwlessRedis->new;
for my $case (
    ['K: an authority that is not named', 'rediss://127.0.0.1:' . $open->port . '/?timeout=10s', qr/signed by nobody we trust: name its authority by ca=FILE/],
    ['K: no certificate of ours', 'rediss://127.0.0.1:' . $strict->port . "/?ca=$ca&timeout=10s", qr/certificate of ours .*cert=FILE/],
    ['TLS where there is none', 'rediss://127.0.0.1:' . $plain->port . "/?ca=$ca&timeout=500ms", qr/is it redis:\/\/ on this port/],
    ['none where there is TLS', 'redis://127.0.0.1:' . $open->port . '/?timeout=500ms', qr/another protocol|is it rediss:\/\/ on this port/],
) {
    my ($what, $url, $message) = @$case;
    my $own = machine($url);
    like $own->log_text, $message, "$what: the log has the cure";
    is visit($own, $stranger), 503, "$what: 503";
}
for my $case (
    ['a CA that is not there', 'ca=/nowhere/ca.pem', qr/cannot use TLS: ca= names no readable PEM/],
    ['G6: a key that anybody may read', "ca=$ca&cert=$loose",
        qr/Auth0SessionStore cannot use TLS: cert= .*anybody may read or write \Q$loose\E; run: chmod o-rwx \Q$loose\E/],
    ['a certificate that is not there', "ca=$ca&cert=/nowhere/us.pem", qr/cannot use TLS: cert= .*cannot read \/nowhere\/us\.pem/],
    ['a certificate without a key', "ca=$ca&cert=$trusted", qr/cannot use TLS: cert= names a file without the certificate's private key/],
) {
    my ($what, $settings, $says) = @$case;
    my ($status, $said) = site("rediss://h?$settings")->check;
    isnt $status, 0, "C2: $what is refused";
    like $said, $says, "C2: $what: with the cure";
}
my ($status, $said) = site("redis://h?ca=$ca")->check;
like $said, qr/ca= and cert= are for rediss/, 'C2: a CA without TLS is refused';
is_deeply tenant(GET => '/errors'), [], 'the stand-in had no trouble';
done_testing;
