# SPDX-License-Identifier: Apache-2.0
# Trailers: headers that a client sends behind a body. None of them is taken for an
# identity, and a configuration that would have them taken for headers is refused.
use strict;
use warnings;
use IO::Socket::INET;
use POSIX ();
use Test::More;
use Pwless qw(tenant);
use PwlessHttpd;

tenant(POST => '/reset');
tenant(POST => '/set', {limits => undef});

# ---- httpd -t ---------------------------------------------------------------------
my @host = ('Auth0Domain example.eu.auth0.com', 'Auth0ClientID AbC123', 'Auth0ClientSecret env:SECRET',
    'Auth0BaseURL https://www.example.org');
local $ENV{SECRET} = 'a secret of sixteen bytes and more';
my $cure = qr/:(\d+): host localhost: MergeTrailers is On, .* add "MergeTrailers Off" to this host/;

for my $case (
    ['in the host', [], [@host, 'MergeTrailers On']],
    ['in the main server', ['MergeTrailers On'], \@host]) {
    my ($what, $main, $host) = @$case;
    my $own = PwlessHttpd->new(main => $main, host => $host);
    my ($status, $said) = $own->check;
    isnt $status, 0, "H2: trailers merged $what: refused";
    like $said, $cure, "H2: $what: with the cure";
    my ($line) = $said =~ $cure;
    is $line, $own->line_of('MergeTrailers On'), "$what: the line is named";
}
for my $case (
    ['Off in the host counts more than On outside', ['MergeTrailers On'], [@host, 'MergeTrailers Off']],
    ['a host without Auth0Domain may merge', [], ['MergeTrailers On']]) {
    my ($what, $main, $host) = @$case;
    my ($status, $said) = PwlessHttpd->new(main => $main, host => $host)->check;
    is $status, 0, $what or diag $said;
}

# ---- back ends --------------------------------------------------------------------
my @back;

# Something that listens; $answer gets each connection.
sub back_end {
    my ($answer) = @_;
    my $listen = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 5) or die "listen: $!";
    my $pid = fork;
    die "fork: $!" unless defined $pid;
    if (!$pid) {
        while (my $from = $listen->accept) {
            $answer->($from);
            close $from;
        }
        POSIX::_exit(0);
    }
    push @back, $pid;
    return $listen->sockport;
}

sub exactly {
    my ($from, $want) = @_;
    my $got = '';
    while (length $got < $want) {
        sysread($from, $got, $want - length $got, length $got) or last;
    }
    return $got;
}

# Of FastCGI's parameters: a length is one byte, or four with the first bit set.
sub parameters {
    my ($bytes) = @_;
    my $text = '';
    while (length $bytes) {
        my @len;
        for (1, 2) {
            my $long = ord($bytes) & 128;
            push @len, $long ? unpack('N', substr $bytes, 0, 4, '') & 0x7fffffff
                : ord substr $bytes, 0, 1, '';
        }
        $text .= substr($bytes, 0, $len[0], '') . '=' . substr($bytes, 0, $len[1], '') . "\n";
    }
    return $text;
}

# It shows its parameters and what it was sent.
sub fastcgi {
    my ($from) = @_;
    my %got = (4 => '', 5 => '');
    my $id;
    while (1) {
        my $head = exactly($from, 8);
        return if length $head < 8;
        my ($type, $len, $pad);
        (undef, $type, $id, $len, $pad) = unpack 'CCnnC', $head;
        $got{$type} .= exactly($from, $len);
        exactly($from, $pad);
        last if $type == 5 && !$len;
    }
    my $out = "Content-Type: text/plain\r\n\r\n" . parameters($got{4}) . "body: $got{5}\n";
    print $from pack('CCnnCC', 1, 6, $id, length $out, 0, 0), $out,
        pack('CCnnCC', 1, 6, $id, 0, 0, 0), pack('CCnnCC', 1, 3, $id, 8, 0, 0), "\0" x 8;
    return;
}

# It shows the request as it came.
sub http {
    my ($from) = @_;
    my $got = '';
    until ($got =~ /\r\n\r\nhello\z/ || $got =~ /hello\r\n0\r\n(?:.+\r\n)*\r\n\z/) {
        sysread($from, $got, 65536, length $got) or last;
    }
    print $from "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n$got\nbody: hello\n";
    return;
}

my %url = (fcgi => 'fcgi://127.0.0.1:' . back_end(\&fastcgi) . '/', http => 'http://127.0.0.1:' . back_end(\&http) . '/');
my $own = PwlessHttpd->site(
    modules => [PwlessHttpd::basic_modules(), qw(proxy proxy_http proxy_fcgi auth0_pwless)],
    host    => [
        map {
            my ($mode, $more) = @$_;
            map { ("<Location \"/$mode/$_\">", "ProxyPass $url{$_}", 'AuthType Auth0Passwordless', 'AuthName T',
                'Require valid-user', 'Auth0PassClaims both', @$more, '</Location>') } sort keys %url
        } ['guarded', []], ['pass', ['Auth0Unauthenticated pass']]
    ]);
ok $own->start, 'back ends behind a host that says nothing of trailers' or diag $own->said, $own->log_text;
my $ann = Pwless->new($own->url);
$ann->sign_in('ann@example.org', '/members/');
my $cookie = 'Cookie: auth0-session=' . $ann->cookie('session') . "\r\n";
my ($port) = $own->url =~ /(\d+)$/;

sub post_with_trailers {
    my ($path, $headers) = @_;
    my $to = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port", Timeout => 10) or die "httpd: $!";
    print $to "POST $path HTTP/1.1\r\nHost: localhost:$port\r\nConnection: close\r\n$headers",
        "Transfer-Encoding: chunked\r\nTrailer: X-Auth0-Email\r\n\r\n5\r\nhello\r\n0\r\n",
        "X-Auth0-Email: victim\@example.org\r\nX_Auth0_Sub: victim\r\nRemote-User: victim\r\n\r\n";
    $to->flush;
    my $answer = do { local $/; <$to> };
    return defined $answer ? $answer : '';
}

for my $back (sort keys %url) {
    for my $case (['guarded', $cookie, 'who is signed in'], ['pass', '', 'who is not']) {
        my ($mode, $headers, $who) = @$case;
        my $answer = post_with_trailers("/$mode/$back/x", $headers);
        like $answer, qr/^HTTP\/1\.1 200 .*body: hello/s, "$back, $who: the back end has the body";
        unlike $answer, qr/victim/, "H2: $back, $who: and nothing of the trailers";
        $headers and like $answer, qr/ann\@example\.org/, "H1: $back: it has who signed in";
    }
}
$own->stop;
kill 'TERM', @back;
waitpid $_, 0 for @back;

done_testing;
