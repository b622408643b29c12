# SPDX-License-Identifier: Apache-2.0
# Forms of the application, connections that are reused or flooded, and what
# stands in logs afterwards.
use strict;
use warnings;
use IO::Socket::INET;
use Test::More;
use Pwless qw(tenant code_for calls);
use PwlessHttpd;

my $HOME = '/members/';
tenant(POST => '/reset');
tenant(POST => '/set', {limits => undef});

my $own = PwlessHttpd->site(modules => [PwlessHttpd::basic_modules(), qw(http2 auth0_pwless)],
    main => ['LogFormat "%{Referer}i %h %u %t \"%r\" %>s" seen', 'LogFormat "%r" early',
        'CustomLog access_log seen'],
    host => ['Protocols h2c http/1.1', 'H2Direct On', 'CustomLog access_log seen']);
ok $own->start, 'it starts' or diag $own->said, $own->log_text;

# What the log says since the last call.
my $read = 0;
sub news {
    my $text = $own->log_text;
    my $new = substr $text, $read;
    $read = length $text;
    return grep { /pwless/ } split /\n/, $new;
}

# ---- a form of the application, posted without a session ---------------------------
{
    my $ann = Pwless->new($own->url);
    my $res = $ann->post($HOME, 'text=precious&transfer=1000');
    is $res->code, 401, 'R20: a form posted without a session is refused';
    like $res->content, qr/did not go through/, 'R20: and its author told so';
    unlike $res->content, qr/precious|1000/, 'R20: and kept nowhere on the page';
    is $res->header('Set-Cookie'), undef, 'R20: nor in a cookie';
    unlike $res->content, qr/<form/, 'R20: nothing posts it again';
    for my $type ('application/json', 'multipart/form-data; boundary=x', 'text/plain') {
        $res = $ann->request('POST', $HOME, '{}', {'Content-Type' => $type, Accept => '*/*',
            'Sec-Fetch-Mode' => 'cors', 'Sec-Fetch-Dest' => 'empty'});
        is $res->code, 401, "R20: $type is refused, too";
        is $res->content_type, 'application/problem+json', "R20: $type: for a program";
        is $res->header('Location'), undef, "R20: $type: and sent nowhere";
    }
}

# ---- nothing stays of the request before ---------------------------------------------
{
    my $ann = Pwless->new($own->url);
    $ann->sign_in('ann@example.org', $HOME);
    my $cookie = 'Cookie: auth0-session=' . $ann->cookie('session');
    my $socket = $ann->connection;
    my $ask = sub {
        my ($path, @headers) = @_;
        print $socket join "\r\n", "GET $path HTTP/1.1", 'Host: localhost', 'Accept: text/html',
            @headers, '', '';
        my $head = '';
        while (my $line = <$socket>) {
            last if $line eq "\r\n";
            $head .= $line;
        }
        my ($length) = $head =~ /^Content-Length: (\d+)/m;
        my $body = '';
        if ($length) { read $socket, $body, $length }
        while ($head =~ /^Transfer-Encoding: chunked/m) {
            my ($size) = map { hex } <$socket> =~ /^(\w+)/;
            read $socket, my $chunk, $size + 2;
            last unless $size;
            $body .= $chunk;
        }
        return "$head\n$body";
    };
    for my $turn (1 .. 3) {
        like $ask->($HOME, $cookie), qr/ann\@example\.org/, "D8: turn $turn: with a session";
        my $answer = $ask->($HOME);
        like $answer, qr{^HTTP/1\.1 302 }, "D8: turn $turn: without, on the same connection";
        unlike $answer, qr/ann\@/, "D8: turn $turn: nothing of hers";
        like $ask->('/.auth0/login?return_to=/members/&why=max&limit=60'), qr/minute/,
            "D8: turn $turn: a page with its reason";
        unlike $ask->('/.auth0/login'), qr/minute/, "D8: turn $turn: the next one without";
        like $ask->('/.auth0/session', $cookie), qr/"user":"ann/, "D8: turn $turn: who one is";
        like $ask->('/.auth0/session'), qr{^HTTP/1\.1 401 }, "D8: turn $turn: and nobody";
    }
}

# ---- messages to logout that are none ---------------------------------------------
news();
for my $body ('', '&', '&=&=&', 't', 't=', 't=%', 't=' . 'A' x 8000, "t=\xff\xfe", 'logout_token=x',
    't=x&t=y', 't=%00', 't={"a":1}') {
    my $who = Pwless->new($own->url);
    $who->get('/.auth0/logout');
    my $code = $who->post('/.auth0/logout', $body)->code;
    ok $code >= 200 && $code < 500, 'D7: logout, ' . length($body) . " bytes: $code";
}
ok !(grep { /exit signal|Segmentation/ } split /\n/, $own->log_text), 'D7: nobody crashed';

# ---- HTTP/2 floods ------------------------------------------------------------------
sub frame {
    my ($type, $flags, $stream, $payload) = @_;
    return substr(pack('N', length $payload), 1) . pack('CCN', $type, $flags, $stream) . $payload;
}
# HPACK: literals without indexing, new names.
sub field { return "\0" . chr(length $_[0]) . $_[0] . chr(length $_[1]) . $_[1] }
sub kilobytes {
    my $sum = 0;
    for my $pid ($own->children) {
        open my $in, '<', "/proc/$pid/status" or next;
        /^RssAnon:\s+(\d+)/ and $sum += $1 for <$in>;
    }
    return $sum;
}
SKIP: {
    skip 'D16: prefork serves a stream of HTTP/2 at a time', 4 if $ENV{PWLESS_MPM} eq 'prefork';
    my ($port) = $own->url =~ /(\d+)$/;
    my $head = join '', map { field(@$_) } [':method', 'GET'], [':scheme', 'http'],
        [':path', '/.auth0/login'], [':authority', 'localhost'], ['accept', 'text/html'];
    my $flood = sub {
        my ($make) = @_;
        my $socket = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port", Timeout => 10) or die;
        local $SIG{PIPE} = 'IGNORE';
        $socket->autoflush(1);
        $socket->blocking(0);
        my $out = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" . frame(4, 0, 0, '') . $make->();
        my $until = time + 10;
        my $in = '';
        while (length $out && time < $until) {
            my $sent = syswrite $socket, $out, 16_384;
            $out = substr $out, $sent if $sent;
            last if !defined $sent && !$!{EAGAIN};
            sysread $socket, $in, 65_536;
            select undef, undef, undef, 0.005 unless $sent;
        }
        close $socket;
        return;
    };
    my $streams = sub { join '', map { frame(1, 5, 2 * $_ - 1, $head) } 1 .. 1000 };
    my $resets = sub { join '', map { frame(1, 5, 2 * $_ - 1, $head)
        . frame(3, 0, 2 * $_ - 1, pack 'N', 8) } 1 .. 1000 };
    my $more = sub { frame(1, 1, 1, $head)
        . join '', map { frame(9, 0, 1, field("x-$_", 'y' x 100)) } 1 .. 2000 };
    $flood->($_) for $streams, $resets, $more; # what is taken once and kept
    my $before = kilobytes();
    $flood->($_) for ($streams, $resets, $more) x 3;
    my $res = Pwless->new($own->url)->get('/.auth0/login');
    is $res->code, 200, 'D16: after 6,000 streams, half of them reset, the form is served';
    SKIP: {
        skip 'D16: a sanitizer keeps what was freed', 1 if $ENV{WRAPPER};
        cmp_ok kilobytes() - $before, '<', 20_480, 'D16: and no memory stays taken';
    }
    my $ann = Pwless->new($own->url);
    is $ann->sign_in('ann@example.org', $HOME)->code, 303, 'D16: one can sign in';
    ok !(grep { /exit signal/ } split /\n/, $own->log_text), 'D16: nobody crashed';
}

# ---- logs -----------------------------------------------------------------------
{
    my $bob = Pwless->new($own->url);
    my $step2 = $bob->ask_code('bob@example.org', $HOME);
    my $t = Pwless::token($bob->get($step2));
    my $code = code_for('bob@example.org');
    news();
    my $wrong = Pwless::wrong_code($code);
    $bob->post($step2, {code => $wrong, t => $t, op => 'verify'});
    $bob->post('/.auth0/login', {email => 'bob@example.org', t => "${t}x"});
    my $stranger = Pwless->new($own->url);
    $stranger->get('/.auth0/login');
    $stranger->post($step2, {code => $code, t => $t, op => 'verify'});
    for my $claim (['iss', 'https://evil.example/'], ['aud', 'someone-else'], ['nonce', 'other'],
        ['email', 'eve@example.org']) {
        my $who = Pwless->new($own->url);
        my $to = $who->ask_code('carl@example.org', $HOME);
        tenant(POST => '/mutate', {target => 'id_token', name => 'claims',
            args => {set => {$claim->[0] => $claim->[1]}}, times => 1});
        $who->enter_code($to, code_for('carl@example.org'));
        tenant(DELETE => '/mutate');
    }
    my @log = news();
    cmp_ok scalar(grep { /reason=/ } @log), '>=', 5, 'G3: failures are logged';
    my $client = Pwless::tenant_json()->{client_id};
    my $domain = Pwless::tenant_json()->{domain};
    for my $line (grep { /reason=/ } @log) {
        my ($said) = $line =~ /reason=(.*)/;
        unlike $said, qr/\Q$client\E|https:\/\/\w|evil|someone-else|\b(?:$code|$wrong)\b|@/,
            "G3: \"$said\" names neither what was wanted nor what came";
    }

    # G10: who sends ten thousand bad requests writes so many short lines, none more.
    my $from = length $own->log_text;
    $stranger->get('/members/' . 'x' x 7000, {Cookie => 'auth0-session=' . 'Z' x 43}) for 1 .. 50;
    $stranger->post('/.auth0/code', {code => 'x' x 4000, t => 'y' x 4000, op => 'verify'}) for 1 .. 50;
    $stranger->get('/.auth0/callback?state=' . 'z' x 4000 . '&error=' . 'e' x 3000) for 1 .. 50;
    my @lines = grep { /pwless/ } split /\n/, substr $own->log_text, $from;
    cmp_ok scalar @lines, '<=', 150, 'G10: at most one line for a refused request';
    my ($longest) = sort { $b <=> $a } map { length } @lines;
    cmp_ok $longest || 0, '<', 400, 'G10: and a short one, whatever was sent';
    ok $bob->enter_code($step2, $code), 'bob signs in at last';

    open my $in, '<', $own->dir . '/access_log' or die 'access_log';
    my @access = <$in>;
    my @ours = grep { m{ /\.auth0/} } @access;
    cmp_ok scalar @ours, '>', 20, 'G5: our URLs are in the access log';
    is scalar(grep { /[?&](?:t|code|state|error)=/ } @ours), 0,
        'G5: none with a token or code in its query';
    is scalar(grep { /\b(?:$code|$wrong)\b/ } @access), 0, 'G5: nor a code in any line';
    is $bob->get('/.auth0/login?why=other')->header('Referrer-Policy'), 'same-origin',
        'G5: and no other site is told our URLs';
}
$own->let_go;
done_testing;
