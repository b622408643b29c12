# SPDX-License-Identifier: Apache-2.0
# Back-Channel Logout: what the tenant may end, and what nobody else can.
use strict;
use warnings;
use JSON::PP qw(decode_json);
use MIME::Base64 qw(encode_base64url);
use Test::More;
use Pwless qw(tenant calls log_lines);
use PwlessHosted qw(new_tenant sent walk hosted_in user_at);

my $BACK = '/.auth0/backchannel-logout';
my $EVENT = 'http://schemas.openid.net/event/backchannel-logout';
my $HOME = '/htdocs/members/env.cgi';
my $uri = Pwless->new('hosted')->base . $BACK;

# The tenant tells us: answers our status, what we said and the token.
sub told {
    my (%with) = @_;
    my $answer = tenant(POST => '/backchannel', {uri => $uri, %with});
    return ($answer->{status}, $answer->{body}, $answer->{logout_token});
}

sub claim {
    my ($who, $name) = @_;
    return $who->get($HOME)->content =~ /^AUTH0_\U$name\E=(.*)$/m ? $1 : undef;
}

# A token of our own making, sent as the tenant does; answers the response.
sub send_form {
    my ($body, %headers) = @_;
    return Pwless->new('hosted')->request('POST', $BACK, $body, {
        'Accept' => '*/*', 'Sec-Fetch-Mode' => undef, 'Sec-Fetch-Dest' => undef,
        'Sec-Fetch-Site' => undef, 'Origin' => undef,
        'Content-Type' => 'application/x-www-form-urlencoded', %headers});
}

sub is_in { return $_[0]->get($HOME)->code == 200 }

new_tenant();

# ---- by sid ------------------------------------------------------------------------
{
    my ($ann) = hosted_in('ann@example.org');
    my ($twin) = hosted_in('ann@example.org');
    my ($bob) = hosted_in('bob@example.org');
    my ($sid, $sub) = map { claim($ann, $_) } qw(sid sub);
    ok $sid && $sub, 'a session that came through the tenant has its sid';
    log_lines();
    my ($status, $body, $token) = told(sid => $sid, sub => $sub);
    is $status, 200, 'OIDF rp-backchannel-rpinitlogout: 200';
    is $body, '', 'and nothing more';
    my $log = join '', log_lines();
    like $log, qr/backchannel-logout, by sid: 1 session ended/, 'G8: it is logged';
    unlike $log, qr/\Q$sid\E|\Q$sub\E/, 'G8: and names nobody';
    is user_at($ann), 302, 'OIDF rp-backchannel-rpinitlogout: the session is over';
    ok is_in($twin), 'another browser of the same person goes on';
    ok is_in($bob), 'others go on';

    ($status, $body) = told(token => $token);
    is $status, 400, 'O20: jti twice: 400';
    like $body, qr/"reason": "logout-replay"/, 'O20: and why';
    my ($again) = hosted_in('ann@example.org');
    told(token => $token);
    ok is_in($again), 'O20: a replay ends nothing';
    is +(told(sid => 'nobody', sub => $sub))[0], 200, 'a sid that is nobody\'s: 200';
    ok is_in($again), 'and nothing ends';
    is +(told(sid => claim($again, 'sid'), sub => claim($bob, 'sub')))[0], 200,
        'a sid of one person with the sub of another: 200';
    ok is_in($again), 'ends neither';
    ok is_in($bob), 'nor the other';
    my $res = send_form('logout_token=x');
    is $res->header('Cache-Control'), 'no-store', 'what is refused is not cached';
    is $res->header('Set-Cookie'), undef, 'K1: and sets no cookie';
}

# ---- by sub ------------------------------------------------------------------------
{
    my ($ann) = hosted_in('ann@example.org');
    my $form = Pwless->new('site');
    $form->sign_in('ann@example.org', $HOME);
    my ($bob) = hosted_in('bob@example.org');
    is claim($form, 'sid'), undef, 'a session of our own form has no sid';
    my ($status) = told(email => 'ann@example.org');
    is $status, 200, 'by sub: 200';
    is user_at($ann), 302, 'ends the sessions of that person';
    is user_at($form), 302, 'of all hosts of the application, those without a sid too';
    ok is_in($bob), 'and of nobody else';
    sleep 1; # an ID token of the next second
    my ($back) = hosted_in('ann@example.org');
    ok is_in($back), 'who signs in again is in';
}

# ---- what is refused -----------------------------------------------------------------
{
    my ($ann) = hosted_in('ann@example.org');
    my %who = (sid => claim($ann, 'sid'), sub => claim($ann, 'sub'));
    my $now = time;
    my @bad = (
        ['OIDF rp-backchannel-rpinitlogout-wrong-iss', 'jwt-iss', claims => {iss => 'https://evil.example/'}],
        ['OIDF rp-backchannel-rpinitlogout-wrong-aud', 'jwt-aud', claims => {aud => 'Other'}],
        ['OIDF rp-backchannel-rpinitlogout-no-event', 'jwt-events', remove => ['events']],
        ['OIDF rp-backchannel-rpinitlogout-wrong-event', 'jwt-events', claims => {events => {'http://x/' => {}}}],
        ['OIDF rp-backchannel-rpinitlogout-with-nonce', 'jwt-nonce', claims => {nonce => 'n'}],
        ['OIDF rp-backchannel-rpinitlogout-alg-none', 'jwt-alg', mutate => 'alg-none'],
        ['OIDF rp-backchannel-rpinitlogout-wrong-alg', 'jwt-alg', mutate => 'hs256-public-pem'],
        ['O20: without iat', 'jwt-iat', remove => ['iat']],
        ['O20: without jti', 'jwt-jti', remove => ['jti']],
        ['O20: without exp', 'jwt-exp', remove => ['exp']],
        ['O20: exp past', 'jwt-exp', claims => {iat => $now - 200, exp => $now - 80}],
        ['O20: 1 h old', 'jwt-iat', claims => {iat => $now - 3600}],
        ['O20: iat ahead', 'jwt-iat', claims => {iat => $now + 120}],
        ['O20: neither sub nor sid', 'jwt-sid', remove => ['sub', 'sid']],
        ['O20: typ wrong', 'jwt-typ', mutate => 'typ-at-jwt'],
        ['O20: not signed', 'jwt-bad-signature', mutate => 'empty-signature'],
    );
    for my $case (@bad) {
        my ($what, $reason, %with) = @$case;
        my $mutation = delete $with{mutate};
        tenant(POST => '/mutate', {target => 'logout_token', name => $mutation, times => 1})
            if $mutation;
        log_lines();
        my ($status, $body) = told(%who, %with);
        tenant(DELETE => '/mutate');
        is $status, 400, "$what: 400" or diag $body;
        my $problem = decode_json($body);
        is $problem->{reason}, 'logout-token', "$what: a problem that says so";
        like $problem->{detail}, qr/^\Q$reason\E/, "$what: and why";
        my $log = join '', log_lines();
        like $log, qr/\[auth0_pwless:warn\].*backchannel-logout, reason=logout-token .*\Q$reason\E/,
            "$what: the log warns";
        ok is_in($ann), "$what: the session stays";
    }
    my @forms = (
        ['no token', '', 'logout-token'], ['another field', 'a=b', 'logout-token'],
        ['an empty token', 'logout_token=', 'logout-token'],
        ['garbage', 'logout_token=%00%ff', 'form-malformed'],
        ['no JWT', 'logout_token=a.b', 'logout-token'],
        ['five parts', 'logout_token=a.b.c.d.e', 'logout-token'],
        ['D3: a field twice', 'logout_token=a&logout_token=b', 'form-duplicate'],
        ['D3: only separators', '&=&=&', 'logout-token'],
        ['D6: too large', 'logout_token=' . 'a' x 17000, 'form-too-large'],
        ['D1: no type', 'logout_token=a', 'form-type', 'Content-Type' => undef],
        ['JSON', '{"logout_token":"a"}', 'form-type', 'Content-Type' => 'application/json'],
        ['D4: compressed', 'logout_token=a', 'form-type', 'Content-Encoding' => 'gzip'],
    );
    for my $case (@forms) {
        my ($what, $body, $reason, %headers) = @$case;
        my $res = send_form($body, %headers);
        is $res->code, 400, "D7: $what: 400";
        is $res->content_type, 'application/problem+json', "D7: $what: a problem";
        is decode_json($res->content)->{reason}, $reason, "D7: $what: and why" or diag $res->content;
    }
    is send_form('logout_token=a', Origin => 'https://evil.example')->code, 400,
        'a page of another site gets no further than that';
    for my $method (qw(GET HEAD PUT DELETE)) {
        is $ann->request($method, $BACK)->code, 405, "$method: 405";
    }
    is $ann->get("$BACK/x")->code, 404, 'M5: nothing longer is ours';
    ok is_in($ann), 'the session stays';
}

# ---- keys ----------------------------------------------------------------------------
{
    my ($ann) = hosted_in('ann@example.org');
    my %who = (sid => claim($ann, 'sid'), sub => claim($ann, 'sub'));
    my (undef, undef, $good) = told(sid => 'somebody');
    my ($head, @rest) = split /\./, $good;
    tenant(DELETE => '/calls');
    my @answers = Pwless->new('hosted')->burst(map {
        my $header = encode_base64url(
            qq({"alg":"RS256","typ":"logout+jwt","kid":"forged$_"}));
        ['POST', $BACK, 'logout_token=' . join('.', $header, @rest)]
    } 1 .. 40);
    is scalar(grep { $_->code == 400 } @answers), 40, '40 forged tokens, each with a kid of its own: 400';
    cmp_ok calls('/.well-known/jwks.json'), '<=', 1, 'J16: cost one fetch of keys at most';
    is +(told(%who))[0], 200, 'and a good one among them counts';
    is user_at($ann), 302, 'the session is over';
}

# ---- while a sign-in is under way -------------------------------------------------------
# The code is typed, the tenant has ended the session a second later, and its
# token is here first. The sid is the one the ID token will have.
for my $name (sub => 'sid') {
    my ($other) = hosted_in('zoe@example.org');
    my ($browser, $step2, $t, $code) = Pwless::at_step2('site', 'zoe@example.org', $HOME);
    my %named = $name eq 'sid' ? (sid => 'S1') : (sub => claim($other, 'sub'));
    my @when = (claims => {iat => time + 3, exp => time + 100});
    tenant(POST => '/claims', {sid => 'S1'}) if $name eq 'sid';
    is +(told(%named, @when))[0], 200, "O20: by $name: a token that is younger than the sign-in";
    log_lines();
    my $res = $browser->post($step2, {code => $code, t => $t, op => 'verify'});
    like join('', log_lines()), qr/reason=logout-before/, 'O20: the sign-in is refused';
    is $res->code, 403, 'O20: with 403';
    is scalar(Pwless::sessions_set($res)), 0, 'O20: and gets no cookie';
    like $res->content, qr/session has ended/, 'O20: the page says what happened';
    is user_at($browser), 302, 'O20: nobody is signed in';
    sleep 4;
    my $next = Pwless->new('site');
    $next->sign_in('zoe@example.org', $HOME);
    is user_at($next), 'zoe@example.org', 'O20: the next sign-in is younger than the token';
    tenant(POST => '/claims', {});
}

# ---- the other way of signing -------------------------------------------------------------
{
    my $who = Pwless->new('hs256');
    my $its = $who->base . $BACK;
    my ($status, $body) = told(uri => $its, sid => 'x');
    is $status, 400, 'OIDF rp-backchannel-rpinitlogout-wrong-alg: RS256 where HS256 is set: 400';
    like $body, qr/jwt-alg/, 'and why';
    tenant(POST => '/mutate', {target => 'logout_token', name => 'hs256-client-secret', times => 1});
    is +(told(uri => $its, sid => 'x'))[0], 200, 'HS256 with the client secret: 200';
}

is_deeply tenant(GET => '/errors'), [], 'the stand-in had no trouble';
done_testing;
