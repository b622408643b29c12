# SPDX-License-Identifier: Apache-2.0
# ID tokens and key sets that are wrong in exactly one way, through the whole
# module: refused, no session, one log line with the word for it.
use strict;
use warnings;
use JSON::PP ();
use Test::More;
use Time::HiRes qw(time);
use Pwless qw(tenant code_for calls log_lines);
use PwlessHttpd;

my $JWKS = '/.well-known/jwks.json';
my $GOOD = 'signed-in'; # for contrast: what must be accepted

sub new_tenant {
    my (%knobs) = @_;
    tenant(POST => '/reset');
    tenant(POST => '/set', {limits => undef, %knobs});
    return;
}

# Sign somebody in while the tenant's token has this fault. Answers browser,
# last response, and what the log says.
my $people = 0;

sub attempt {
    my ($host, $name, $args, $email) = @_;
    my $who = Pwless->new($host);
    $email ||= 'user' . $people++ . '@example.org';
    my $step2 = $who->ask_code($email, '/htdocs/members/env.cgi') or die "no code for $name";
    tenant(POST => '/mutate', {target => 'id_token', name => $name, grant => 'otp', times => 1,
        $args ? (args => $args) : ()}) if $name;
    log_lines();
    my $res = $who->enter_code($step2, code_for($email));
    return ($who, $res, log_lines());
}

# The word of each line that tells of a refusal or a sign-in.
sub words {
    return join ' ', map { /pwless: .*?reason=([\w-]+)/ ? $1 : /pwless: (signed-in)/ ? $1 : () } @_;
}

sub judge {
    my ($what, $want, $who, $res, @log) = @_;
    is words(@log), $want, "$what: $want, one line";
    is scalar(grep { !/^\[/ } @log), 0, "G4: $what: no line of the log is broken";
    if ($want eq $GOOD) {
        is $res->code, 303, "$what: accepted";
        like $who->get('/htdocs/members/env.cgi')->content, qr/^REMOTE_USER=/m, "$what: a session";
        return;
    }
    # An address that is not the one asked for, or not verified, is about the
    # person; all else is an answer of the tenant that does not hold.
    my $status = $want =~ /^jwt-email/ ? 403 : 502;
    is $res->code, $status, "$what: status $status";
    is $who->cookie('session'), undef, "$what: no session cookie";
    is $who->get('/htdocs/members/env.cgi')->code, 302, "$what: nobody is signed in";
    my ($ref) = join('', @log) =~ /reason=\S+ ref=([\w+\/-]+)/;
    like $res->content, qr/\Q@{[$ref || 'no reference']}\E/, "$what: the page shows the log's reference";
    return;
}

# ---- tokens ------------------------------------------------------------------
# word => names of the stand-in's mutations; their rows come from it.
my @tokens = (
    ['jwt-alg' => qw(alg-none alg-None alg-NONE alg-missing alg-empty alg-number alg-array alg-lower
        hs256-public-pem hs256-public-pem-stripped hs256-public-der hs256-modulus hs256-modulus-text
        hs256-empty-key hs256-client-secret rs384 rs512 ps256 es256 eddsa
        es256-r0 es256-s0 es256-zero es256-order es256-der es256-p384)],
    ['jwt-bad-signature' => qw(empty-signature flipped-bit other-key other-payload zero-signature
        one-byte-signature long-signature padding-garbage short-padding ps256-as-rs256
        rs384-as-rs256 rsa-512 rsa-1024 rsa-e1)],
    ['jwt-malformed' => qw(no-signature four-parts b64-padding b64-standard-alphabet b64-space
        b64-newline b64-non-ascii b64-mod-1 b64-signature-padding b64-signature-trailing-bits
        token-plain-json token-opaque)],
    ['jwt-encrypted' => qw(five-parts)],
    ['jwt-too-large' => qw(kid-64k)],
    ['https-too-large' => qw(huge-signature payload-5mb token-1mb)],
    ['tenant-nonsense' => qw(token-empty token-null token-number token-object)],
    ['jwt-header' => qw(dup-alg kid-nul zip header-array header-not-json header-empty token-dots)],
    ['jwt-typ' => qw(typ-at-jwt typ-logout logout-token)],
    ['jwt-crit' => qw(crit-unknown crit-empty b64-false)],
    ['jwt-kid' => qw(kid-empty kid-number kid-null kid-array kid-crlf kid-sql)],
    ['jwt-key' => qw(kid-unknown kid-path kid-random unpublished-key es256-as-rs256 jku x5u jwk x5c)],
    ['jwt-claims' => qw(dup-sub dup-iss dup-aud dup-exp dup-email exp-huge sub-nul email-nul
        payload-array payload-string payload-number payload-null payload-empty payload-truncated
        payload-trailing payload-not-utf8 payload-bom payload-deep)],
    ['jwt-iss' => qw(iss-other iss-no-slash iss-extra-slash iss-case iss-http iss-userinfo iss-array
        iss-prefix iss-longer iss-regional iss-other-own-host iss-missing iss-empty iss-number
        iss-space)],
    ['jwt-aud' => qw(aud-other aud-array-other aud-empty-array aud-number aud-null aud-missing
        aud-empty aud-case aud-prefix aud-object aud-nested aud-space aud-leading-zero access-token)],
    ['jwt-azp' => qw(azp-other aud-array-two aud-array-two-azp-other)],
    ['jwt-exp' => qw(exp-past exp-just-past exp-string exp-1e300 exp-negative exp-null exp-missing)],
    ['jwt-iat' => qw(iat-missing iat-future iat-ancient iat-string)],
    ['jwt-nbf' => qw(nbf-future)],
    ['jwt-sub' => qw(sub-missing sub-empty sub-number sub-array sub-null sub-long sub-crlf)],
    ['jwt-nonce' => qw(nonce-array nonce-other nonce-empty nonce-space)],
    ['jwt-at-hash' => qw(at-hash-wrong)],
    ['jwt-email' => qw(email-other email-missing email-number email-array email-crlf)],
    ['jwt-email-unverified' => qw(email-verified-false email-verified-missing
        email-verified-string-false email-verified-string-true email-verified-number
        email-verified-null)],
    # sub-other: userinfo is not asked, so another subject is just a subject;
    # nonce-missing: none was sent, the form has no use for one.
    [$GOOD => qw(kid-missing kid-next rotate-first aud-array-us aud-array-two-azp-us at-hash-right
        exp-float exp-now sub-other nonce-missing email-upper-case)],
);

new_tenant();
my $known = tenant(GET => '/mutations');
my %left = map { $_ => 1 } keys %{$known->{id_token}};
delete @left{qw(claims header)}; # the general two
attempt('site'); # the key set is there
tenant(DELETE => '/calls');
for my $group (@tokens) {
    my ($word, @names) = @$group;
    for my $name (@names) {
        delete $left{$name};
        my $row = $known->{id_token}{$name} || 'J';
        judge($row =~ /^J/ ? "$row: $name" : "L22: $name", $word, attempt('site', $name));
    }
}
is join(' ', sort keys %left), '', 'J1: no mutation of the stand-in is left out';
is calls('/userinfo'), 0, 'J4: no fallback to userinfo';
cmp_ok calls($JWKS), '<=', 1, 'J13: no token made us fetch more than the one key set';

# ---- claims of our own making ----------------------------------------------------
for my $case (
    ['J6: iss of a custom domain', {iss => 'https://login.example.org/'}, 'jwt-iss'],
    ['J7: aud that begins like ours', {aud => [Pwless::tenant_json()->{client_id} . 'x']}, 'jwt-aud'],
    ['J7: aud with ours and another, no azp', {aud => [Pwless::tenant_json()->{client_id}, 'other']}, 'jwt-azp'],
    ['J9: exp in milliseconds, as text', {exp => '99999999999999'}, 'jwt-exp'],
    ['J9: iat in the far future', {iat => 99999999999}, 'jwt-iat'],
    ['J10: a subject of 256 characters', {sub => 'x' x 256}, 'jwt-sub'],
    ['J10: a subject of 255', {sub => 'x' x 255}, $GOOD],
    ['L22: another address', {email => 'mallory@evil.example'}, 'jwt-email'],
) {
    my ($what, $set, $word) = @$case;
    judge($what, $word, attempt('site', 'claims', {set => $set}));
}

# ---- the other two algorithms ------------------------------------------------------
for my $case (
    ['ps256', 'RS256', undef, 'jwt-alg'], ['ps256', 'HS256', undef, 'jwt-alg'],
    ['ps256', 'PS256', 'alg-none', 'jwt-alg'], ['ps256', 'RS256', 'hs256-public-pem', 'jwt-alg'],
    ['hs256', 'HS256', undef, $GOOD], ['hs256', 'HS256', 'flipped-bit', 'jwt-bad-signature'],
    ['hs256', 'RS256', undef, 'jwt-alg'], ['hs256', 'PS256', undef, 'jwt-alg'],
    ['hs256', 'HS256', 'alg-none', 'jwt-alg'],
    ['hs256', 'RS256', 'hs256-public-pem', 'jwt-bad-signature'],
    ['hs256', 'RS256', 'hs256-public-der', 'jwt-bad-signature'],
    ['hs256', 'RS256', 'hs256-modulus', 'jwt-bad-signature'],
    ['hs256', 'RS256', 'hs256-empty-key', 'jwt-bad-signature'],
    ['hs256', 'RS256', 'hs256-client-secret', $GOOD],
    ['site', 'PS256', undef, 'jwt-alg'], ['site', 'HS256', undef, 'jwt-alg'],
) {
    my ($host, $alg, $name, $word) = @$case;
    new_tenant(id_token_alg => $alg);
    judge('J3: a host of ' . ($host eq 'site' ? 'RS256' : uc $host) . ", a token of $alg"
        . ($name ? ", $name" : ''), $word, attempt($host, $name));
}

# ---- key sets -----------------------------------------------------------------------
# A key set is kept for a day and asked for once a minute at most, so each of
# these has an httpd of its own, which knows none yet.
my @sets = (
    [$GOOD => qw(only-current alg-missing use-missing unknown-kty private-parts keys-of-strings
        add-stranger rotate ec-added ec-off-curve ec-p384)],
    ['jwks-malformed' => qw(truncated gzip-bomb html empty array no-keys keys-null keys-object)],
    ['jwks-empty' => qw(keys-empty use-enc alg-mismatch alg-hs256 kid-number kty-missing kty-oct
        n-missing n-number n-empty n-bad-base64 n-leading-zero e-even e-zero rsa-e1
        key-ops-encrypt)],
    ['jwt-key' => qw(duplicate-kid kid-missing remove-current even-modulus rsa-1024 rsa-512)],
    ['jwt-bad-signature' => qw(other-key-same-kid)],
    ['https-too-large' => qw(never-ending 50mb 10000-keys)],
    ['https-redirect' => qw(redirect)],
    ['tenant-config' => qw(404)],
    ['tenant-failed' => qw(500)],
);
my @gone;

# An httpd of our own and a browser at it; what its log says.
sub own_site {
    my (%with) = @_;
    my $own = PwlessHttpd->site(
        host => ['Auth0Timeout 2s', 'Auth0ConnectTimeout 1s', @{$with{host} || []}]);
    $own->start or die join "\n", 'no httpd:', $own->said, $own->log_text;
    return $own;
}

sub own_attempt {
    my ($own, $name, $target) = @_;
    my $who = Pwless->new($own->url);
    my $email = 'own' . $people++ . '@example.org';
    my $step2 = $who->ask_code($email, '/members/') or die 'no code: ', $who->{asked}->as_string;
    tenant(POST => '/mutate', {target => $target || 'jwks', name => $name, times => 1}) if $name;
    my $before = length $own->log_text;
    my $began = time;
    my $res = $who->enter_code($step2, code_for($email));
    return ($who, $res, words(split /\n/, substr $own->log_text, $before), time - $began);
}

%left = map { $_ => 1 } keys %{$known->{jwks}};
for my $group (@sets) {
    my ($word, @names) = @$group;
    for my $name (@names) {
        delete $left{$name};
        new_tenant();
        my $what = ($known->{jwks}{$name} || 'J16') . ": a key set, $name";
        my $own = own_site();
        my ($who, $res, $said, $took) = own_attempt($own, $name);
        is $said, $word, "$what: $word, one line";
        is calls($JWKS), 1, "$what: fetched once";
        is calls('/attacker/keys.json'), 0, 'J18: where it redirects to is never asked'
            if $name eq 'redirect';
        cmp_ok $took, '<', 3, "$what: within the deadline";
        my $page = $who->get('/members/');
        if ($word eq $GOOD) {
            is $page->code, 200, "$what: accepted";
        } else {
            is $res->code, $name eq '500' ? 503 : 502, "$what: status " . $res->code;
            is $page->code, 302, "$what: nobody is signed in";
        }
        $own->let_go;
        push @gone, $own;
    }
}
is join(' ', sort keys %left), '', 'J16: no mutation of the key set is left out';

# Keys of PS256 must not say RS256, so this tenant says nothing about alg.
for my $case ([undef, $GOOD], ['flipped-bit', 'jwt-bad-signature']) {
    my ($name, $word) = @$case;
    new_tenant(id_token_alg => 'PS256', jwks_alg => JSON::PP::false());
    my $own = own_site(host => ['Auth0IDTokenAlg PS256']);
    my ($who, $res, $said) = own_attempt($own, $name, 'id_token');
    is $said, $word, 'J3: PS256 configured and sent' . ($name ? ", $name" : '') . ": $word";
    is $who->get('/members/')->code, $word eq $GOOD ? 200 : 302, 'J3: and what comes of it';
    $own->let_go;
    push @gone, $own;
}

# A key that says RS256 verifies no PS256, and the log says what to do.
{
    new_tenant(id_token_alg => 'PS256');
    my $own = own_site(host => ['Auth0IDTokenAlg PS256']);
    my ($who, $res, $said) = own_attempt($own);
    is $said, 'jwt-key', 'J3: PS256 by a key that is for RS256: jwt-key';
    like $own->log_text, qr/reason=jwt-key .*key says it is for RS256, .*Auth0IDTokenAlg say PS256: set .*Auth0IDTokenAlg RS256 here/,
        'J3: and the log names both, and the cure';
    $own->let_go;
    push @gone, $own;
}

# ---- no keys at all ---------------------------------------------------------------------
# A tenant that failed once keeps nobody out for long.
new_tenant();
{
    my $own = own_site();
    my (undef, $res, $said) = own_attempt($own, '500');
    is $res->code, 503, 'J16: the keys cannot be fetched: 503';
    (undef, $res, $said) = own_attempt($own);
    is $said, 'https-down', 'J16: who comes right after is told that, too';
    is $res->code, 503, 'J16: 503';
    is calls($JWKS), 1, 'J16: and asks for no keys';
    sleep 5;
    (my $who, $res, $said) = own_attempt($own);
    is $said, $GOOD, 'J16: five seconds later they are fetched';
    is $who->get('/members/')->code, 200, 'J16: and let somebody in';
    $own->let_go;
    push @gone, $own;
}

# ---- many made-up kids ------------------------------------------------------------------
new_tenant();
{
    my $own = own_site();
    my ($ann) = own_attempt($own);
    tenant(DELETE => '/calls');
    my %said;
    for (1 .. 60) {
        my (undef, $res, $word) = own_attempt($own, 'kid-random', 'id_token');
        $said{"$word " . $res->code}++;
    }
    is_deeply \%said, {'jwt-key 502' => 60}, 'J15: sixty tokens with made-up kids are refused';
    cmp_ok calls($JWKS), '<=', 1, 'J15: with one fetch of the key set at most';
    is $ann->get('/members/')->code, 200, 'J15: a session goes on';
    my ($bob) = own_attempt($own);
    is $bob->get('/members/')->code, 200, 'J15: and so do the sign-ins of others';
    $own->let_go;
    push @gone, $own;
}

# ---- rotation ---------------------------------------------------------------------------
# The pause of a minute between fetches passes on a clock that we move.
my ($faketime) = glob '/usr/lib/*/faketime/libfaketimeMT.so.1';
SKIP: {
    skip 'J17: no libfaketime to move the clock with, and a minute is too long to wait', 8
        unless $faketime;
    skip 'J17: a sanitizer\'s run time and libfaketime do not go together', 8
        if $ENV{WRAPPER};
    new_tenant();
    my $clock = Pwless::work() . "/clock-$$";
    my $set = sub {
        open my $out, '>', $clock or die "$clock: $!";
        print $out "$_[0]\n";
        close $out;
    };
    $set->('+0');
    local %ENV = (%ENV, LD_PRELOAD => $faketime, FAKETIME_TIMESTAMP_FILE => $clock,
        FAKETIME_NO_CACHE => 1, FAKETIME_DONT_FAKE_MONOTONIC => 1);
    my $own = own_site();
    delete $ENV{LD_PRELOAD};
    is +(own_attempt($own))[1]->code, 303, 'J17: signed in with the first key';
    tenant(POST => '/rotate');
    tenant(POST => '/rotate'); # to one that was in no key set yet
    is +(own_attempt($own))[2], 'jwt-key', 'J17: a new key within the minute is refused';
    is calls($JWKS), 1, 'J17: without another fetch';
    $set->('+61');
    is +(own_attempt($own))[2], $GOOD, 'J17: a minute later one fetch finds the new key';
    is calls($JWKS), 2, 'J17: one';
    is +(own_attempt($own))[2], $GOOD, 'J17: which is kept';
    is calls($JWKS), 2, 'J17: for all that follow';
    # A tenant that cannot be asked does not end what is known.
    $set->('+130');
    tenant(POST => '/mutate', {target => 'jwks', name => '500'});
    own_attempt($own, 'kid-unknown', 'id_token');
    tenant(DELETE => '/mutate');
    is +(own_attempt($own))[2], $GOOD, 'J16: a failed fetch leaves the older keys in use';
    $own->let_go;
    push @gone, $own;
}

is_deeply tenant(GET => '/errors'), [], 'the stand-in had no trouble';
done_testing;
