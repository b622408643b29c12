# SPDX-License-Identifier: Apache-2.0
# What only HTTP/2 can do to a sign-in: many posts on one connection, bodies in
# pieces, streams that are given up in the middle. The rest of the suite speaks
# HTTP/2 when it is told to (PWLESS_H2, see Pwless.pm).
use strict;
use warnings;
use IO::Socket::INET;
use Test::More;
use Time::HiRes qw(sleep);
use URI::Escape qw(uri_escape);
use Pwless qw(tenant code_for calls at_step2 wrong_code);
use PwlessHttpd;

my $TOKEN = '/oauth/token';
my $STREAMS = 100;

plan skip_all => 'mod_http2 wants an MPM with threads' if $ENV{PWLESS_MPM} eq 'prefork';

my $own = PwlessHttpd->site(modules => [PwlessHttpd::basic_modules(), qw(http2 auth0_pwless)],
    main => ['LogFormat "%H %>s %{Set-Cookie}o" answers'],
    host => ['Protocols h2c http/1.1', 'H2Direct On', 'H2MaxSessionStreams 100',
        'CustomLog ${OWN}/answers answers']);
ok $own->start, 'a site that speaks HTTP/2' or diag $own->said, $own->log_text;
my ($port) = $own->url =~ /:(\d+)$/;

sub begin {
    my ($email) = @_;
    tenant(POST => '/reset');
    tenant(POST => '/set', {limits => undef});
    return at_step2($own->url, $email, '/members/');
}

sub cookies_of {
    my ($who) = @_;
    return join '; ', map { "auth0-$_=" . $who->cookie($_) } grep { $who->cookie($_) } qw(pending session);
}

# ---- frames by hand -------------------------------------------------------------------
sub frame {
    my ($type, $flags, $stream, $payload) = @_;
    return substr(pack('N', length $payload), 1) . pack('CCN', $type, $flags, $stream) . $payload;
}

# HPACK: a literal that is not indexed, with a new name, of any length.
sub field {
    return "\0" . join '', map {
        my ($rest, $length) = (length($_) - 127, '');
        if ($rest < 0) { $length = chr length $_ }
        else {
            $length = "\x7f";
            while ($rest >= 128) { $length .= chr($rest % 128 + 128); $rest = int($rest / 128) }
            $length .= chr $rest;
        }
        $length . $_
    } @_;
}

sub post_head {
    my ($who, $path, $stream) = @_;
    return frame(1, 4, $stream, join '', map { field(@$_) } [':method', 'POST'], [':scheme', 'http'],
        [':path', $path], [':authority', "localhost:$port"], ['accept', 'text/html'],
        ['content-type', 'application/x-www-form-urlencoded'], ['origin', $own->url],
        ['sec-fetch-site', 'same-origin'], ['cookie', cookies_of($who)]);
}

sub connection {
    my $socket = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port", Timeout => 10)
        or die "no connection: $!";
    $socket->autoflush(1);
    print $socket "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", frame(4, 0, 0, '');
    return $socket;
}

# Read frames until these streams have ended. Answers how many were answered.
sub ended {
    my ($socket, @streams) = @_;
    my %open = map { $_ => 1 } @streams;
    my $answered = 0;
    local $SIG{ALRM} = sub { die "no answer\n" };
    alarm 30;
    while (read($socket, my $head, 9) == 9) {
        my ($high, $low, $type, $flags, $of) = unpack 'CnCCN', $head;
        my $length = $high << 16 | $low;
        read $socket, my $payload, $length if $length;
        print $socket frame(4, 1, 0, '') if $type == 4 && !($flags & 1);
        next unless $open{$of};
        $answered++ if $type == 1;
        delete $open{$of} if $type == 3 || $flags & 1 && $type < 2;
        last unless %open;
    }
    alarm 0;
    return $answered;
}

sub calls_made {
    my ($path, $wanted) = @_;
    for (1 .. 100) {
        last if calls($path) >= $wanted;
        sleep 0.05;
    }
    return calls($path);
}

# ---- many streams of one connection ------------------------------------------------
# Post each of @bodies on a stream of its own, all before the first is ended.
# Answers [status, session cookie] of each, as the server logged them.
sub streams {
    my ($who, $path, @bodies) = @_;
    my $socket = connection();
    my $log = $own->dir . '/answers';
    my $before = -s $log || 0;
    print $socket map { post_head($who, $path, 1 + 2 * $_) . frame(0, 0, 1 + 2 * $_, substr $bodies[$_], 0, -1) }
        0 .. $#bodies;
    print $socket map { frame(0, 1, 1 + 2 * $_, substr $bodies[$_], -1) } 0 .. $#bodies;
    is ended($socket, map { 1 + 2 * $_ } 0 .. $#bodies), scalar @bodies, 'all streams of the connection are answered';
    my @answers;
    for (1 .. 100) {
        open my $in, '<', $log or die "$log: $!";
        seek $in, $before, 0;
        @answers = map { [m{^HTTP/2.0 (\d+) (?:.*auth0-session=([^;]+);)?}] } <$in>;
        last if @answers == @bodies;
        sleep 0.05;
    }
    return @answers;
}

{
    my ($ann, $step2, $t, $code) = begin('ann@example.org');
    my $form = 't=' . uri_escape($t) . '&op=verify&code=';
    my @all = streams($ann, $step2, map { "$form$code" } 1 .. $STREAMS);
    is scalar(grep { $_->[0] eq '303' } @all), $STREAMS, "L15: the right code on $STREAMS streams: all go on";
    is calls($TOKEN), 1, 'L15: one call';
    my %sids = map { $_->[1] => 1 } grep { $_->[1] } @all;
    is scalar keys %sids, 1, 'L15: one session';
    my ($sid) = keys %sids;
    is +Pwless->new($own->url)->get('/members/', {Cookie => "auth0-session=$sid"})->code, 200,
        'L15: which is good';

    ($ann, $step2, $t, $code) = begin('bea@example.org');
    $form = 't=' . uri_escape($t) . '&op=verify&code=';
    @all = streams($ann, $step2, map { $form . wrong_code($code, $_) } 1 .. $STREAMS);
    my $made = calls($TOKEN);
    ok $made >= 1 && $made <= 3, "L15: $STREAMS wrong ones: at most three calls ($made)";
    is scalar(grep { $_->[1] } @all), 0, 'L15: and no session';

    my @people = map { my $who = Pwless->new($own->url);
        $who->sign_in("h2-$_\@example.org", '/members/'); $who } 1 .. 4;
    my $wrong = 0;
    for my $turn (1 .. 25) {
        for my $nr (1 .. 4) {
            $wrong++ if $people[$nr - 1]->get('/members/')->content !~ /, h2-$nr\@example/;
        }
    }
    is $wrong, 0, 'S12: everybody is who they are';
}

# A body that comes byte by byte is one body.
{
    my ($ann, $step2, $t, $code) = begin('cat@example.org');
    my $socket = connection();
    my $body = 't=' . uri_escape($t) . "&op=verify&code=$code";
    print $socket post_head($ann, $step2, 1);
    for my $at (0 .. length($body) - 1) {
        print $socket frame(0, $at == length($body) - 1, 1, substr $body, $at, 1);
        sleep 0.02 if $at % 50 == 0;
    }
    ok ended($socket, 1), 'L24: a body of one byte a frame is answered';
    my ($call) = @{tenant(GET => "/calls?path=$TOKEN")};
    is $call->{json}{otp}, $code, 'L24: and read as it is';
    is $ann->post($step2, {t => $t, op => 'verify', code => $code})->code, 303, 'L24: signed in';
    is calls($TOKEN), 1, 'L24: by that one';
}

# A stream that is given up before its body was there has no effect.
{
    my ($ann, $step2, $t, $code) = begin('dan@example.org');
    my $socket = connection();
    my $body = 't=' . uri_escape($t) . "&op=verify&code=$code";
    for my $nr (0 .. 9) {
        my $stream = 1 + 2 * $nr;
        print $socket post_head($ann, $step2, $stream),
            frame(0, 0, $stream, substr $body, 0, length($body) - 1);
        sleep 0.05;
        print $socket frame(3, 0, $stream, pack 'N', 8);
    }
    print $socket post_head($ann, '/.auth0/logout', 21), frame(0, 1, 21, 'x=y');
    ok ended($socket, 21), 'D8: the connection lives on';
    is calls($TOKEN), 0, 'D8: streams given up in the middle of a code call nobody';
    like $ann->get($step2)->content, qr/name="code"/, 'D8: and use up no try';
    my $res = $ann->post($step2, {t => $t, op => 'verify', code => $code});
    is $res->header('Location'), '/members/', 'D8: the code still signs in';
}

# One that is given up while the tenant is asked has its effect once.
{
    my ($ann, $step2, $t, $code) = begin('eve@example.org');
    tenant(POST => '/set', {delay => 0.5});
    my $socket = connection();
    my $body = 't=' . uri_escape($t) . "&op=verify&code=$code";
    print $socket post_head($ann, $step2, 1), frame(0, 1, 1, $body);
    is calls_made($TOKEN, 1), 1, 'L15: a code is at the tenant';
    print $socket frame(3, 0, 1, pack 'N', 8);
    my $res = $ann->post($step2, {t => $t, op => 'verify', code => $code});
    tenant(POST => '/set', {delay => 0});
    is $res->header('Location'), '/members/', 'L15: given up and posted again, it signs in';
    is calls($TOKEN), 1, 'L15: with that one call';
    is $ann->get('/members/')->code, 200, 'L15: there is a session';
}
unlike $own->log_text, qr/exit signal|Segmentation|AH00052/, 'D7: no child crashed';
is_deeply tenant(GET => '/errors'), [], 'the stand-in had no trouble';
done_testing;
