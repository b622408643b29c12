# SPDX-License-Identifier: Apache-2.0
# The way through the tenant's own page: /authorize, back to the callback, and
# whatever may arrive there instead of what was asked for.
use strict;
use warnings;
use Digest::SHA qw(sha256);
use JSON::PP ();
use MIME::Base64 qw(encode_base64url);
use Test::More;
use URI ();
use URI::Escape qw(uri_escape);
use Pwless qw(tenant calls log_lines);
use PwlessHosted qw(new_tenant sent walk hosted_in user_at sent_fields reasons);

my $CALLBACK = '/.auth0/callback';
my $TOKEN = '/oauth/token';
my $base = Pwless->new('hosted')->base;

# A refusal as everybody should meet it: a page of ours, no way off the site,
# no session, so many token calls.
sub refused {
    my ($who, $res, $what, %want) = @_;
    my $status = $want{status} || qr/^4\d\d$/;
    like $res->code, $status, "$what: status " . $res->code;
    is $res->header('Location'), undef, "$what: no redirect, so no loop";
    my $buttons = () = $res->content =~ /class="pwless-btn/g;
    is $buttons, 1, "$what: a page with one button" unless $want{no_page};
    unlike join("\n", $res->header('Set-Cookie')), qr/auth0-session=[^;]/, "$what: no session";
    is calls($TOKEN), $want{calls} || 0, "$what: " . ($want{calls} || 0) . ' token calls';
    like reasons(), qr/$want{reason}/, "$what: the log says $want{reason}" if $want{reason};
    return;
}

# ---- the whole way -----------------------------------------------------------
new_tenant();
{
    my $ann = Pwless->new('hosted');
    my $target = '/htdocs/members/env.cgi?code=mine&state=mine&x=1';
    my $res = $ann->get($target);
    is $res->code, 302, 'O21: a guarded page sends to the sign-in page';
    $res = $ann->get($res->header('Location'));
    is $res->code, 303, 'which sends to the tenant';
    my $url = $res->header('Location');
    like $url, qr{^https://\Q@{[Pwless::tenant_json()->{domain}]}\E/authorize\?}, 'to /authorize of ours';
    my @pairs = URI->new($url)->query_form;
    my %count;
    $count{$pairs[2 * $_]}++ for 0 .. $#pairs / 2;
    is join(' ', sort keys %count), 'client_id code_challenge code_challenge_method connection'
        . ' nonce redirect_uri response_type scope state', 'R15: the parameters are ours';
    is_deeply [grep { $count{$_} != 1 } keys %count], [], 'R15: exactly one of each';
    my %asked = @pairs;
    is $asked{response_type}, 'code', 'O11: a code is asked for, nothing in a fragment';
    is $asked{redirect_uri}, $base . $CALLBACK, 'O15: redirect_uri is from configuration';
    is $asked{code_challenge_method}, 'S256', 'O5: PKCE with S256';
    like $asked{code_challenge}, qr/^[\w-]{43}$/, 'O5: a challenge';
    my $back = walk($url, 'ann@example.org');
    like $back, qr{^\Q$base$CALLBACK\E\?code=}, 'the tenant sends back to the callback';
    $res = $ann->get($back);
    is $res->code, 303, 'the callback leads on';
    is $res->header('Location'), $target, 'O21: to the target with its own code and state, and none of ours';
    like $res->header('Cache-Control'), qr/no-store/, 'X9: and is kept nowhere';
    is user_at($ann, $target), 'ann@example.org', 'which is open now';

    my %call = sent_fields(tenant(GET => "/calls?path=$TOKEN")->[0]);
    my $verifier = $call{code_verifier};
    like $verifier, qr/^[\w.~-]{43,128}$/, 'O5: the verifier has 43 to 128 characters';
    is encode_base64url(sha256($verifier)), $asked{code_challenge}, 'O5: and fits the challenge';
    is $call{redirect_uri}, $asked{redirect_uri}, 'O15: both steps name the same redirect_uri';
    is_deeply [sort keys %call], [qw(client_id client_secret code code_verifier grant_type redirect_uri)],
        'O5: nothing else is sent';
    my $seen = join ' ', $url, $back, $res->as_string, map { $ann->cookie($_) || '' } qw(session pending);
    unlike $seen, qr/\Q$verifier\E/, 'O5: the verifier is in no cookie and no URL';
    my ($code) = $back =~ /code=([^&]+)/;
    my @told = log_lines();
    ok !(grep { /\Q$verifier\E|\Q$code\E/ } @told), 'O5: nor in the log';
    ok +(grep { /signed-in, / } @told), 'G8: which tells of the sign-in';

    # B3: Back, a bookmark, a second click.
    $res = $ann->get($back);
    is $res->code, 303, 'O3: the callback once more leads a signed-in visitor on';
    is $res->header('Location'), $target, 'O3: to where they wanted';
    is calls($TOKEN), 1, 'O3: without a call';
    $ann->{ua}->cookie_jar->clear('localhost.local', '/', '__Host-auth0-session');
    log_lines();
    refused($ann, $ann->get($back), 'O3: a state used twice', calls => 1, reason => 'callback-used');
    my $nobody = Pwless->new('hosted');
    refused($nobody, $nobody->get($back), 'O1: no cookie of the sign-in', calls => 1, reason => 'pending-missing');
}

# Signing in again as somebody else replaces the session.
new_tenant();
{
    my ($who) = hosted_in('ann@example.org');
    my $first = $who->cookie('session');
    my ($res) = $who->get('/.auth0/login?why=other&return_to=%2Fhtdocs%2Fmembers%2F');
    $who->get(walk($res->header('Location'), 'bob@example.org'));
    is user_at($who), 'bob@example.org', 'O14, S2: another user replaces the session';
    isnt $who->cookie('session'), $first, 'S1: with a new id';
    my $old = Pwless->new('hosted');
    is $old->get('/htdocs/members/', {Cookie => "__Host-auth0-session=$first"})->code, 302,
        'O14: the first session is over, not merged';
}

# ---- a Host header of somebody else -----------------------------------------
new_tenant();
for my $header ('Host', 'X-Forwarded-Host', 'Forwarded', 'X-Forwarded-Proto') {
    my $value = $header eq 'Forwarded' ? 'host=evil.example;proto=http'
        : $header eq 'X-Forwarded-Proto' ? 'http' : 'evil.example';
    my (undef, undef, $asked) = sent(headers => {$header => $value});
    is $asked->{redirect_uri}, $base . $CALLBACK, "O15, P4: $header changes no redirect_uri";
}

# ---- a target that would like to be parameters --------------------------------
{
    my $evil = '/x&client_id=evil&redirect_uri=https://evil.example/&prompt=none&state=evil';
    my ($who, $url, $asked) = sent(target => $evil);
    for my $name (qw(client_id redirect_uri state prompt)) {
        my $times = () = $url =~ /[?&]\Q$name\E=/g;
        is $times, $name eq 'prompt' ? 0 : 1, "R15: $name stands there as often as we wrote it";
    }
    unlike $url, qr/evil\.example/, 'R15: the target does not show in the URL';
    is $who->get(walk($url, 'ann@example.org'))->header('Location'), $evil,
        'R15: and is still where it leads';
}

# ---- what does not fit the browser ---------------------------------------------
new_tenant();
{
    my ($ann, undef, $asked) = sent();
    my ($bob, undef, $his) = sent();
    my $state = $asked->{state};
    (my $flipped = $state) =~ tr/a-zA-Z/A-Za-z/;
    my $changed = substr($state, 0, -1) . (substr($state, -1) eq 'A' ? 'B' : 'A');
    for my $case (
        ['O2: no state', 'code=abc', 'callback-no-state'],
        ['O2: an empty state', 'code=abc&state=', 'callback-no-state'],
        ['O2: a state made up', 'code=abc&state=xyz', 'token-'],
        ['O2: a state with a byte more', "code=abc&state=${state}A", 'token-forged'],
        ['O2: a state with a byte changed', "code=abc&state=$changed", 'token-forged'],
        ['O2: a state in another case', "code=abc&state=$flipped", 'token-forged'],
        ["O2: another browser's state", "code=abc&state=$his->{state}", 'token-browser'],
        ['O2: a form token for a state', 'code=abc&state='
            . uri_escape(Pwless->new('site')->open_login || 'x'), 'token-forged'],
        ['O9: code twice', "code=abc&code=abc&state=$state", 'callback-ambiguous'],
        ['O9: state twice', "code=abc&state=$state&state=$state", 'callback-ambiguous'],
        ['O9: error twice', "error=a&error=b&state=$state", 'callback-ambiguous'],
        ['O9: iss twice', "code=abc&state=$state&iss=a&iss=b", 'callback-ambiguous'],
        ['O9: code and error', "code=abc&error=access_denied&state=$state", 'callback-ambiguous'],
        ['O9: neither code nor error', "state=$state", 'callback-ambiguous'],
        ['O8: an empty code', "code=&state=$state", 'callback-ambiguous'],
        ['O8: a code of 4097 bytes', 'code=' . 'a' x 4097 . "&state=$state", 'callback-ambiguous'],
        ['O8: NUL in a code', "code=a%00b&state=$state", 'form-malformed'],
        ['O11: nothing, as after a fragment', '', 'callback-fragment'],
        ['O11: tokens in the query', "id_token=x&access_token=y&state=$state", 'callback-ambiguous'],
        ['O16: an answer nobody asked for', 'code=abc', 'callback-no-state'],
        ['R16: percent signs that mean nothing', "code=%g1&state=%", 'form-malformed|token-'],
        ['O8: a state of 5000 bytes', 'code=abc&state=' . 'A' x 5000, 'token-'],
    ) {
        my ($what, $query, $reason) = @$case;
        log_lines();
        refused($ann, $ann->get("$CALLBACK?$query"), $what, reason => $reason);
    }
    # O7: RFC 9207.
    my $issuer = 'https://' . Pwless::tenant_json()->{domain} . '/';
    for my $iss ('https://evil.example/', substr($issuer, 0, -1), "${issuer}x", 'x') {
        log_lines();
        refused($ann, $ann->get("$CALLBACK?code=abc&state=$state&iss=" . uri_escape($iss)),
            "O7: iss $iss", reason => 'callback-iss');
    }
    # O13: only GET by a person counts.
    log_lines();
    for my $method (qw(HEAD PUT TRACE DELETE POST)) {
        my $res = $ann->request($method, "$CALLBACK?code=abc&state=$state",
            $method eq 'POST' ? "code=abc&state=$state" : undef,
            $method eq 'POST' ? {Origin => 'https://' . Pwless::tenant_json()->{domain}, 'Sec-Fetch-Site' => 'cross-site'} : undef);
        like $res->code, qr/^40[05]$/, "O12, O13: $method gets " . $res->code;
        like $res->header('Allow') || '', qr/GET/, "O13: and is told what to use" if $res->code == 405 && $method ne 'TRACE';
        is calls($TOKEN), 0, "O13: $method makes no call";
    }
    like $ann->request('OPTIONS', $CALLBACK)->code, qr/^20[04]$/, 'O13: OPTIONS does nothing';
    for my $purpose ('Sec-Purpose', 'Purpose') {
        my $res = $ann->get("$CALLBACK?code=abc&state=$state", {$purpose => 'prefetch'});
        is $res->code, 503, "O13: a prefetch ($purpose) is told to go away";
        is calls($TOKEN), 0, 'O13: and makes no call';
    }
    # None of it used the state up.
    my ($who, $url) = ($ann, undef);
    my $code = walk_code($asked);
    my $res = $who->get("$CALLBACK?code=$code&state=$state&iss=" . uri_escape($issuer));
    is $res->code, 303, 'O7: after all that, the right answer with the right iss is good';
    is user_at($ann), 'ann@example.org', 'O9: and signs in';
    is calls($TOKEN), 1, 'O9: with one call';
}

# A code for these parameters, fetched at the tenant.
sub walk_code {
    my ($asked) = @_;
    my $url = URI->new('https://' . Pwless::tenant_json()->{domain} . '/authorize');
    $url->query_form(%$asked);
    my ($code) = walk("$url", 'ann@example.org') =~ /[?&]code=([^&]+)/;
    return $code;
}

# ---- codes that the tenant does not like ----------------------------------------
new_tenant();
for my $case (['one byte', 'x'], ['quotes', "a'\"b"], ['an ampersand', 'a&b'], ['4096 bytes', 'a' x 4096],
    ['markup', '<script>alert(1)</script>'], ['a line break', "a\r\nb"]) {
    my ($what, $code) = @$case;
    my ($who, undef, $asked) = sent();
    tenant(DELETE => '/calls');
    my $res = $who->get("$CALLBACK?code=" . uri_escape($code) . "&state=$asked->{state}");
    my $calls = tenant(GET => "/calls?path=$TOKEN");
    cmp_ok scalar @$calls, '<=', 1, "O8: $what: one call at most";
    is {sent_fields($calls->[0])}->{code}, $code, "O8: $what: which carries the code as it is" if @$calls;
    like $res->code, qr/^4\d\d$/, "O8: $what: " . $res->code;
    unlike $res->content, qr/<script>alert/, "X1: $what: nothing of it as markup";
    my $buttons = () = $res->content =~ /class="pwless-btn/g;
    is $buttons, 1, "B3: $what: a page with one button";
}
{
    # The same code with another state, and the tenant refusing the verifier.
    my ($ann, $url, $asked) = sent();
    my $code = walk_code($asked);
    my ($bob, undef, $his) = sent();
    tenant(DELETE => '/calls');
    log_lines();
    refused($bob, $bob->get("$CALLBACK?code=$code&state=$his->{state}"),
        "O5: a code of another browser's PKCE", calls => 1, reason => 'tenant-');
    is user_at($bob), 302, 'O5: nobody is signed in by it';
    my ($eve, undef, $hers) = sent();
    tenant(POST => '/fault', {path => $TOKEN, fault => 'status', status => 400, json =>
        {error => 'invalid_request', error_description => 'code_verifier is not allowed'}});
    tenant(DELETE => '/calls');
    my $res = $eve->get("$CALLBACK?code=abc&state=$hers->{state}");
    is calls($TOKEN), 1, 'O5: a token endpoint that wants no PKCE is not asked again without';
    is user_at($eve), 302, 'O5: and signs nobody in';
    tenant(DELETE => '/fault');
}

# ---- nonce -----------------------------------------------------------------------
new_tenant();
for my $name (qw(nonce-wrong nonce-missing nonce-empty nonce-array nonce-array-ours)) {
    my $known = tenant(GET => '/mutations')->{id_token};
    my ($row) = $known->{$name} || '';
    SKIP: {
        skip "O6: the stand-in has no $name", 1 unless $row;
        my ($who, $url) = sent();
        tenant(DELETE => '/calls');
        tenant(POST => '/mutate', {target => 'id_token', name => $name, grant => 'authorization_code', times => 1});
        my $back = walk($url, 'ann@example.org');
        log_lines();
        refused($who, $who->get($back), "O6: $name", status => qr/^502$/, calls => 1, reason => 'jwt-(?:nonce|claims)');
        is user_at($who), 302, "O6: $name: nobody is signed in";
        tenant(DELETE => '/mutate');
    }
}
{
    my ($ann, $url) = sent();
    my $nonce = {URI->new($url)->query_form}->{nonce};
    $ann->get(walk($url, 'ann@example.org'));
    my ($bob, $his) = sent();
    tenant(POST => '/mutate', {target => 'id_token', name => 'claims', grant => 'authorization_code',
        args => {set => {nonce => $nonce}}});
    my $res = $bob->get(walk($his, 'bob@example.org'));
    is $res->code, 502, 'O6: a nonce of another sign-in is refused';
    tenant(DELETE => '/mutate');
}

# ---- errors -------------------------------------------------------------------------
new_tenant();
my $script = '<script>alert(1)</script>';
for my $case (
    ['access_denied', 403, 'tenant-denied', qr/This sign-in was refused/],
    ['unauthorized', 403, 'tenant-denied', qr/This sign-in was refused/],
    ['login_required', 400, 'tenant-step', qr/one more check/],
    ['consent_required', 400, 'tenant-step', qr/one more check/],
    ['interaction_required', 400, 'tenant-step', qr/one more check/],
    ['mfa_required', 400, 'tenant-step', qr/one more check/],
    ['invalid_request', 502, 'tenant-config', qr/not set up correctly/],
    ['invalid_scope', 502, 'tenant-config', qr/not set up correctly/],
    ['unsupported_response_type', 502, 'tenant-config', qr/not set up correctly/],
    ['unauthorized_client', 502, 'tenant-config', qr/not set up correctly/],
    ['server_error', 503, 'tenant-failed', qr/not working right now/],
    ['temporarily_unavailable', 503, 'tenant-failed', qr/not working right now/],
    ['too_many_requests', 429, 'tenant-rate-limit', qr/Many people/],
    ['too_many_attempts', 403, 'tenant-blocked', qr/refused/],
    ['something_new', 503, 'tenant-failed', qr/not working right now/],
    [$script, 503, 'tenant-failed', qr/not working right now/],
    ["a\r\nb" . 'x' x 300, 503, 'tenant-failed', qr/not working right now/],
) {
    my ($error, $status, $reason, $sentence) = @$case;
    my ($who, undef, $asked) = sent();
    my $name = $error =~ /^\w+$/ ? $error : 'an error of another kind';
    log_lines();
    my $res = $who->get("$CALLBACK?error=" . uri_escape($error) . '&error_description='
        . uri_escape("$script raw words of the tenant") . '&error_uri=javascript:alert(1)'
        . "&state=$asked->{state}");
    my @told = log_lines();
    is $res->code, $status, "O10: $name: $status";
    like $res->content, $sentence, "O10: $name: a sentence of ours";
    unlike $res->content, qr/alert\(1\)|raw words/, "O10: $name: nothing of the tenant's text";
    is $res->header('Location'), undef, "O10: $name: no redirect";
    is scalar(grep { /reason=\Q$reason\E / } @told), 1, "O10: $name: one log line, $reason";
    ok !(grep { /alert\(1\)<|raw words|<script/ } @told), "G4: $name: without the tenant's text";
    is scalar(grep { !/^\[/ } @told), 0, "G4: $name: no line is broken";
    is calls($TOKEN), 0, "O10: $name: no call";
}
{
    # A crafted link: an error without a state of this browser.
    my ($who) = sent();
    log_lines();
    refused($who, $who->get("$CALLBACK?error=access_denied&error_description=x&state=xyz"),
        'O10: an error with a forged state', reason => 'token-');
}
{
    # What the tenant itself answers when somebody is blocked, or cancels.
    tenant(POST => '/users', {email => 'blocked@example.org', blocked => JSON::PP::true()});
    my ($who, $url) = sent();
    tenant(POST => '/set', {authorize_error => {error => 'unauthorized', description => 'user is blocked'}});
    my $back = walk($url, 'ann@example.org');
    refused($who, $who->get($back), 'O10: a blocked user', status => qr/^403$/);
    tenant(POST => '/set', {authorize_error => undef});
}

# ---- time -----------------------------------------------------------------------------
new_tenant();
{
    my ($who, $url, $asked) = sent(host => 'hastened');
    my $back = walk($url, 'ann@example.org');
    sleep 4;
    log_lines();
    refused($who, $who->get($back), 'O4: an answer after the sign-in ended',
        reason => 'pending-expired|token-expired');
}

# ---- at one moment ----------------------------------------------------------------------
new_tenant();
for my $round (1 .. 3) {
    my ($who, $url) = sent();
    my $back = URI->new(walk($url, 'ann@example.org'))->path_query;
    tenant(DELETE => '/calls');
    my @answers = $who->burst(map { [GET => $back] } 1 .. 4);
    is calls($TOKEN), 1, 'O3: four requests with one state make one token call';
    is scalar(grep { join(' ', $_->header('Set-Cookie')) =~ /auth0-session=[^;]/ } @answers), 1,
        'O3: and one session';
    ok !(grep { $_->code >= 500 } @answers), 'B3: none of them is a 500';
    # Which answer the browser shows is chance; each leads to the target.
    my ($sid) = map { join(' ', $_->header('Set-Cookie')) =~ /__Host-auth0-session=([\w-]+)/ ? $1 : () } @answers;
    $who->{ua}->cookie_jar->set_cookie(0, '__Host-auth0-session', $sid, '/', 'localhost.local', undef, 1, 1);
    for my $late (grep { $_->code == 400 } @answers) {
        my ($button, @more) = $late->content =~ /class="pwless-btn[^>]*href="([^"]+)"/g;
        is scalar @more, 0, 'B3: who came too late gets one button';
        $button =~ s/&amp;/&/g;
        is $who->get($button)->header('Location'), '/htdocs/members/env.cgi?x=1',
            'B3: which leads the signed-in browser to the target';
    }
}

# ---- round and round ----------------------------------------------------------------------
new_tenant();
{
    my $who = Pwless->new('hosted');
    for my $round (1 .. 3) {
        my (undef, $url) = sent(who => $who);
        my $res = $who->get(walk($url, 'ann@example.org'));
        is $res->code, 303, "B1: round trip $round goes through";
        $who->{ua}->cookie_jar->clear('localhost.local', '/', '__Host-auth0-session');
    }
    log_lines();
    my $res = $who->get('/.auth0/login?return_to=%2Fhtdocs%2Fmembers%2F');
    is $res->header('Location'), undef, 'R17: after the third within a minute it goes nowhere';
    is $res->code, 403, 'R17: it is a page, status 403';
    is $res->header('Retry-After'), undef, 'R17: which no waiting mends';
    like $res->content, qr/sent back here/, 'R17: which says why';
    for my $name (qw(session pending)) {
        my @set = grep { /^__Host-auth0-$name=/ } $res->header('Set-Cookie');
        like "@set", qr/^__Host-auth0-$name=;.*Max-Age=0$/, "B1: our $name cookie is taken back, once";
    }
    my ($ref) = join('', log_lines()) =~ /reason=flow-loop ref=([\w+\/-]+): the browser came back with session-missing/;
    ok $ref, 'R17: the log says flow-loop, and what the browser came with';
    like $res->content, qr/\Q$ref\E/, 'R17: under the reference the page shows' if $ref;
    is $who->get('/.auth0/login')->code, 303, 'R17: who starts again gets another chance';
}
{
    # A session that no store knows: the browser is told to forget that one.
    my $who = Pwless->new('hosted');
    for my $round (1 .. 3) {
        my (undef, $url) = sent(who => $who);
        $who->get(walk($url, 'ann@example.org'));
        $who->{ua}->cookie_jar->set_cookie(0, '__Host-auth0-session', 'A' x 43, '/', 'localhost.local');
    }
    log_lines();
    is $who->get('/.auth0/login')->code, 403, 'B1: a session nobody knows goes round, too';
    like join('', log_lines()), qr/came back with session-unknown/, 'B1: and the log tells';
}
{
    # Three answers of the tenant that lead nowhere; the same twice is one.
    my $who = Pwless->new('hosted');
    for my $round (1 .. 3) {
        my (undef, undef, $asked) = sent(who => $who);
        is $who->get("$CALLBACK?error=access_denied&state=$asked->{state}")->code, 403,
            "B1: failed trip $round is told";
        $who->get("$CALLBACK?error=access_denied&state=$asked->{state}") if $round == 1;
        $who->get("$CALLBACK?error=access_denied&state=x$asked->{state}") if $round == 1;
    }
    is $who->get('/.auth0/login')->code, 403, 'B1: after the third the way to the tenant is shut';
    is $who->get('/.auth0/login')->code, 303, 'B1: once';
}
{
    # What people do, and is no loop.
    my $who = Pwless->new('hosted');
    is $who->get('/.auth0/login')->code, 303, "B1: trip $_ to the tenant without coming back" for 1 .. 6;
    for my $round (1 .. 4) {
        my (undef, $url) = sent(who => $who);
        $who->get(walk($url, 'ann@example.org'));
        is user_at($who), 'ann@example.org', "B1: signed in, time $round";
        $who->sign_out;
    }
    for my $round (1 .. 4) {
        my $url = $who->get('/.auth0/login?why=other')->header('Location');
        like $url, qr{/authorize\?}, "B1: another account, time $round" or next;
        $who->get(walk($url, "ann$round\@example.org"));
        is user_at($who), "ann$round\@example.org", 'B1: and that one is signed in';
    }
    my ($other) = sent();
    is $other->get('/.auth0/login?why=other')->code, 303, 'B1: why=other without a session';
    for my $round (1 .. 3) {
        my $url = $other->get('/.auth0/login?why=other')->header('Location');
        $other->get(walk($url, 'ann@example.org'));
        $other->{ua}->cookie_jar->clear('localhost.local', '/', '__Host-auth0-session');
    }
    is $other->get('/.auth0/login?why=other')->code, 403, 'B1: does not keep a loop going';
}

is_deeply tenant(GET => '/errors'), [], 'the stand-in had no trouble';
done_testing;
