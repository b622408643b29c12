# SPDX-License-Identifier: Apache-2.0
# auth0.js in our page: what httpd serves, and what it makes of what comes
# back. Here a script plays auth0.js; tests/browser/test_auth0js.py has the real
# one.
use strict;
use warnings;
use Digest::SHA qw(sha384);
use HTTP::Cookies ();
use HTTP::Request ();
use JSON::PP qw(decode_json encode_json);
use LWP::UserAgent ();
use MIME::Base64 qw(encode_base64);
use Test::More;
use URI ();
use URI::Escape qw(uri_escape_utf8);
use Pwless qw(tenant code_for calls log_lines work);

my $CALLBACK = '/.auth0/callback';
my $TOKEN = '/oauth/token';
my $OTP = 'http://auth0.com/oauth/grant-type/passwordless/otp';
my $base = Pwless->new('client')->base;
my $domain = Pwless::tenant_json()->{domain};
my $target = '/htdocs/members/env.cgi?x=1';

sub new_tenant {
    my (%knobs) = @_;
    tenant(POST => '/reset');
    tenant(POST => '/set', {limits => undef, %knobs});
    tenant(POST => '/clients', {client_id => $_, kind => 'spa', auth_method => 'none',
        cross_origin => JSON::PP::true, web_origins => [$base],
        callbacks => [$base . $CALLBACK]}) for qw(page evil);
    log_lines();
    return;
}

# A browser at the page: itself, the answer, what auth0.js is told.
sub at_page {
    my ($who, $headers) = @_;
    $who ||= Pwless->new('client');
    my $res = $who->get('/.auth0/login?return_to=' . uri_escape_utf8($target), $headers);
    my %told = $res->content =~ / data-pwless-(\w+)="([^"]*)"/g;
    Pwless::remember(token => grep { defined } @told{qw(state nonce)});
    return ($who, $res, \%told);
}

# What auth0.js asks the tenant, from the page's origin.
sub ask {
    my ($ua, $path, $json) = @_;
    my $res = $ua->request(HTTP::Request->new(POST => "https://$domain$path",
        ['Content-Type' => 'application/json', Origin => $base], encode_json($json)));
    return ($res->is_success ? decode_json($res->content) : {}, $res);
}

# The way of auth0.js, to the URL of the callback. `change` may alter what
# /authorize is asked.
sub through_tenant {
    my ($told, $email, $change, $blocked) = @_;
    my $ua = LWP::UserAgent->new(cookie_jar => HTTP::Cookies->new, requests_redirectable => [],
        ssl_opts => {SSL_ca_file => Pwless::tenant_json()->{ca_file}});
    my %query = (client_id => $told->{client}, response_type => 'code',
        redirect_uri => $told->{callback}, scope => $told->{scope}, state => $told->{state},
        nonce => $told->{nonce}, realm => 'email', code_challenge => $told->{challenge},
        code_challenge_method => 'S256');
    $change->(\%query) if $change;
    my %who = (client_id => $query{client_id});
    ask($ua, '/passwordless/start', {%who, connection => 'email', send => 'code', email => $email,
        authParams => {state => $told->{state}, nonce => $told->{nonce}}});
    my ($ticket) = ask($ua, '/co/authenticate', {%who, username => $email, otp => code_for($email),
        realm => 'email', credential_type => $OTP});
    $ua->cookie_jar->clear if $blocked;
    my $url = URI->new("https://$domain/authorize");
    $url->query_form(%query, login_ticket => $ticket->{login_ticket});
    return $ua->get($url)->header('Location');
}

sub user_at {
    my ($who) = @_;
    my $res = $who->get($target);
    return $res->content =~ /^REMOTE_USER=(.*)$/m ? $1 : $res->code;
}

sub refused {
    my ($who, $res, $what, %want) = @_;
    like $res->code, $want{status} || qr/^4\d\d$/, "$what: status " . $res->code;
    is $res->header('Location'), undef, "$what: no redirect, so no loop";
    unlike join("\n", $res->header('Set-Cookie')), qr/auth0-session=[^;]/, "$what: no session";
    is calls($TOKEN), $want{calls} || 0, "$what: " . ($want{calls} || 0) . ' token calls';
    my $said = join ' ', map { /reason=(\S+)/ } log_lines();
    like $said, qr/$want{reason}/, "$what: the log says $want{reason}";
    isnt user_at($who), 'ann@example.org', "$what: nobody is signed in";
    return;
}

# ---- the page ----------------------------------------------------------------
new_tenant();
my $csp = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'%s; "
    . "img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
{
    my ($ann, $res, $told) = at_page();
    is $res->code, 200, 'the page';
    is $res->header('Content-Security-Policy'), sprintf($csp, " https://$domain"),
        'X10: the policy lets script talk to the tenant, and to nobody else';
    is $res->header('Cache-Control'), 'no-store', 'X9: it is kept nowhere';
    is $res->header('X-Frame-Options'), 'DENY', 'X9: and framed by nobody';
    is $ann->get('/.auth0/logout')->header('Content-Security-Policy'), sprintf($csp, ''),
        'X10: other pages of the host have the strict one';
    my $form = Pwless->new('site');
    like $form->get('/.auth0/login')->header('Content-Security-Policy'),
        qr/script-src 'self'; connect-src 'self'; img/, 'X10: and so have other hosts';
    unlike $res->content, qr/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=/i, 'X10: nothing inline';
    my ($path, $hash) = $res->content =~ m{src="(/\.auth0/assets/auth0\.\w+\.js)" integrity="(sha384-[^"]+)"};
    ok $path, 'X10: auth0.js comes from this host, held to a hash';
    my $file = $ann->get($path);
    is $hash, 'sha384-' . encode_base64(sha384($file->content), ''), 'X10: which is right';
    like $file->content, qr/passwordlessLogin/, 'X10: it is the file of Auth0Script';
    is $file->content_type, 'text/javascript', 'X9: its type';
    like $file->header('Cache-Control'), qr/immutable/, 'X9: it is kept';
    is $ann->get($path, {'If-None-Match' => $file->header('ETag')})->code, 304, 'X9: 304';
    is $form->get($path)->code, 404, 'X10: a host of another way in has no such file';
    is $told->{client}, 'page', 'the page is told the client id';
    is $told->{callback}, $base . $CALLBACK, 'O15: and our callback, from configuration';
    like $told->{challenge}, qr/^[\w-]{43}$/, 'O5: and a PKCE challenge';
    my (undef, undef, $again) = at_page($ann);
    isnt $told->{$_}, $again->{$_}, "O2: a new $_ for each page" for qw(state nonce challenge);
    my $secret = do { open my $in, '<', work() . '/auth0.secret' or die; <$in> };
    chomp $secret;
    unlike $res->content, qr/\Q$secret\E/, 'X10: no secret stands in it';
    my $head = Pwless->new('client')->request('HEAD', '/.auth0/login');
    is $head->code, 200, 'O13: HEAD';
    is $head->header('Set-Cookie'), undef, 'O13: sets no cookie';
    is calls('/passwordless/start') + calls($TOKEN), 0, 'N1: to look at it costs no call';
}

# ---- the whole way -----------------------------------------------------------
{
    my ($ann, undef, $told) = at_page();
    my $url = through_tenant($told, 'ann@example.org');
    # Cookies of auth0.js that were not swept.
    my $noise = join '; ', map { "com.auth0.auth.$_=%7B%22nonce%22%3A%22canary-$_%22%7D" . 'x' x 400 } 1 .. 4;
    my $res = $ann->get($url, {Cookie => "$noise; __Host-auth0-pending=" . $ann->cookie('pending')});
    is $res->code, 303, 'the callback leads on';
    is $res->header('Location'), $target, 'O21: to the target';
    is user_at($ann), 'ann@example.org', 'which is open now';
    is calls($TOKEN), 1, 'N1: a sign-in costs us one call';
    like tenant(GET => "/calls?path=$TOKEN")->[0]{body}, qr/code_verifier=[\w.~-]{43}/, 'O5: with the verifier';
    my @told = log_lines();
    ok !(grep { /canary/ } @told), 'G8: cookies of auth0.js are not logged';
    ok +(grep { /signed-in, / } @told), 'G8: the sign-in is';
    is $ann->get('/.auth0/login?return_to=' . uri_escape_utf8($target))->header('Location'), $target,
        'L26: signed in, the page leads on';
    my $other = Pwless->new('client');
    refused($other, $other->get($url), 'O3: the URL in another browser',
        calls => 1, status => qr/200|4\d\d/, reason => 'pending-missing');
}

# ---- what must not work ------------------------------------------------------
my @attacks = (
    ['O5: without PKCE', sub { delete @{$_[0]}{qw(code_challenge code_challenge_method)} },
        callback_error => 'invalid_request'],
    ['O5: with another challenge', sub { $_[0]{code_challenge} = 'A' x 43 },
        calls => 1, reason => 'tenant-', status => qr/^[45]\d\d$/],
    ['O6: with another nonce', sub { $_[0]{nonce} = 'mine' },
        calls => 1, reason => 'jwt-nonce', status => qr/^[45]\d\d$/],
    ['O6: without a nonce', sub { delete $_[0]{nonce} },
        calls => 1, reason => 'jwt-nonce', status => qr/^[45]\d\d$/],
    ['O22: with the client id of somebody else', sub { $_[0]{client_id} = 'evil' },
        calls => 1, reason => 'tenant-', status => qr/^[45]\d\d$/],
    ['O2: with a state of their own', sub { $_[0]{state} = 'A' x 43 },
        reason => 'token-forged'],
    ['O2: with our state, and a letter', sub { $_[0]{state} .= 'A' },
        reason => 'token-forged'],
);
for my $case (@attacks) {
    my ($what, $change, %want) = @$case;
    new_tenant();
    my ($ann, undef, $told) = at_page();
    my $url = through_tenant($told, 'ann@example.org', $change);
    if ($want{callback_error}) {
        like $url, qr/error=$want{callback_error}/, "$what: the tenant says no";
        refused($ann, $ann->get($url), $what, reason => 'tenant-', status => qr/^[45]\d\d$/);
        next;
    }
    refused($ann, $ann->get($url), $what, %want);
}
{
    new_tenant();
    my ($ann, undef, $told) = at_page();
    is through_tenant($told, 'ann@example.org', sub { $_[0]{redirect_uri} = 'https://evil.example/' }),
        undef, 'O22: another redirect_uri: the tenant keeps the code';
    my $mallory = Pwless->new('client');
    my (undef, undef, $hers) = at_page($mallory);
    my $url = through_tenant($hers, 'mallory@example.org');
    refused($ann, $ann->get($url), 'O1: a sign-in of somebody else, followed by a victim',
        reason => 'token-browser', status => qr/200|4\d\d/);
}

# ---- Lock --------------------------------------------------------------------
{
    new_tenant();
    my $lock_csp = "default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self' "
        . "https://$domain%s; connect-src 'self' https://$domain; img-src 'self'; "
        . "form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
    my ($ann, $res, $told) = at_page(Pwless->new('lock'));
    is $res->header('Content-Security-Policy'), sprintf($lock_csp, ''),
        'X10: Lock: the policy, and no wider';
    is $ann->get('/.auth0/logout')->header('Content-Security-Policy'), sprintf($csp, ''),
        'X10: Lock: other pages have the strict one';
    my ($path) = $res->content =~ m{src="(/\.auth0/assets/lock\.\w+\.js)" integrity="sha384-};
    like $ann->get($path)->content, qr/Auth0LockPasswordless/, 'X10: the file of Auth0Script';
    my ($driver) = $res->content =~ m{src="(/\.auth0/assets/lock\.\w+\.js)" defer};
    like $ann->get($driver)->content, qr/passwordlessMethod: 'code'/, 'X10: and what drives it';
    tenant(POST => '/clients', {client_id => 'page', web_origins => [$base],
        callbacks => [$ann->base . $CALLBACK]});
    is $ann->get(through_tenant($told, 'ann@example.org'))->header('Location'), $target,
        'O5: Lock ends at the same callback, with PKCE';
    (undef, $res) = at_page(Pwless->new('lockcdn'));
    is $res->header('Content-Security-Policy'), sprintf($lock_csp, ' https://cdn.example'),
        'X10: Lock from elsewhere: one origin more, for script only';
    like $res->content, qr{src="https://cdn\.example/js/lock\.min\.js" integrity="sha384-A{64}"},
        'X10: held to its hash';
}

# A browser that blocks third-party cookies.
{
    new_tenant();
    my ($ann, undef, $told) = at_page();
    my $url = through_tenant($told, 'ann@example.org', undef, 1);
    like $url, qr/error=login_required/, 'O10: the tenant misses its cookie';
    my $res = $ann->get($url);
    refused($ann, $res, 'O10: no third-party cookies', reason => 'callback-cookies', status => qr/^200$/);
    like $res->content, qr/did not let this page finish/, 'O10: the page says why';
    my ($next) = $res->content =~ m{href="(https://\Q$domain\E/authorize[^"]+)"};
    $next =~ s/&amp;/&/g;
    my %asked = URI->new($next)->query_form;
    isnt $asked{state}, $told->{state}, "O10: and offers the tenant's own, with a new state";
    like $asked{code_challenge}, qr/^[\w-]{43}$/, 'O5: and PKCE';
}

# A page that asked for response_type=token: nothing behind the '#' arrives.
{
    new_tenant();
    my ($ann) = at_page();
    my $res = $ann->get($CALLBACK);
    refused($ann, $res, 'O11: an answer in the fragment', reason => 'callback-fragment');
    like $res->content, qr/came in a form that this site does not read/, 'O11: the page explains';
    unlike $res->content, qr/location\.hash|access_token/, 'O11: and nothing reads it';
}
is_deeply tenant(GET => '/errors'), [], 'the stand-in had no trouble';
done_testing;
