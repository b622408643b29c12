# SPDX-License-Identifier: Apache-2.0
# A mailed link in place of a code: from the form over the mailbox and the
# tenant back to the browser that asked, and to nobody else.
use strict;
use warnings;
use HTTP::Cookies ();
use JSON::PP ();
use LWP::UserAgent ();
use Test::More;
use URI ();
use Pwless qw(tenant messages calls log_lines);
use PwlessHosted qw(user_at sent_fields reasons);

my $CALLBACK = '/.auth0/callback';
my $START = '/passwordless/start';
my $TOKEN = '/oauth/token';
my $ANN = 'ann@example.org';
my $base = Pwless->new('link')->base;
my $target = '/htdocs/members/env.cgi?x=1';

sub new_tenant {
    my (%knobs) = @_;
    tenant(POST => '/reset');
    tenant(POST => '/set', {limits => undef, %knobs});
    tenant(POST => '/clients', {client_id => Pwless::tenant_json()->{client_id},
        callbacks => [$base . $CALLBACK]});
    log_lines();
    return;
}

# The newest link mailed to somebody. What it holds may be in no log.
sub link_for {
    my ($email) = @_;
    my $url = messages($email)->[0]{link};
    my %query = URI->new($url)->query_form;
    Pwless::remember(code => $query{verification_code});
    Pwless::remember(token => @query{qw(state nonce)});
    return $url;
}

# Press it, in any browser: where the tenant sends on to. `edit` may change
# what stands in it.
sub press {
    my ($url, $edit) = @_;
    my $ua = LWP::UserAgent->new(cookie_jar => HTTP::Cookies->new, requests_redirectable => [],
        ssl_opts => {SSL_ca_file => Pwless::tenant_json()->{ca_file}});
    my $uri = URI->new($url);
    if ($edit) {
        my %query = $uri->query_form;
        $edit->(\%query);
        $uri->query_form(%query);
    }
    return $ua->get($uri)->header('Location');
}

# A browser that asked for a link and waits: itself, URL of step 2, the page.
sub waiting {
    my ($email, $who) = @_;
    $who ||= Pwless->new('link');
    my $step2 = $who->ask_code($email || $ANN, $target) or die 'no link could be asked for';
    return ($who, $step2, $who->get($step2));
}

sub op {
    my ($who, $step2, $op, %more) = @_;
    return $who->post($step2, {t => Pwless::token($who->get($step2)), op => $op, %more});
}

# Who pressed a link in the wrong place: a page of ours, and nothing else.
sub refused {
    my ($who, $res, $what, %want) = @_;
    is $res->header('Location'), undef, "$what: no redirect, so no loop";
    like $res->content, qr/$want{text}/, "$what: the page says what to do";
    my $buttons = () = $res->content =~ /class="pwless-btn/g;
    is $buttons, 1, "$what: with one button";
    unlike $res->content, qr/\Q$ANN\E/, "$what: and no address";
    unlike join("\n", $res->header('Set-Cookie')), qr/auth0-session=[^;]/, "$what: no session";
    is calls($TOKEN), 0, "$what: no code is exchanged";
    like reasons(), qr/$want{reason}/, "$what: the log says $want{reason}";
    isnt user_at($who), $ANN, "$what: nobody is signed in";
    return;
}

# ---- the whole way -----------------------------------------------------------
new_tenant();
{
    my $form = Pwless->new('link')->get('/.auth0/login')->content;
    like $form, qr/we will email you a sign-in link/, 'step 1 promises a link';
    my ($ann, $step2, $page) = waiting();
    my $call = tenant(GET => "/calls?path=$START")->[0]{json};
    is $call->{send}, 'link', 'a link is asked for';
    is $call->{email}, $ANN, 'for the address typed';
    my $params = $call->{authParams};
    is join(' ', sort keys %$params), 'nonce redirect_uri response_type scope state',
        'O5: the parameters are ours; no PKCE, which the service does not know here';
    is $params->{response_type}, 'code', 'O11: a code is asked for, nothing in a fragment';
    is $params->{redirect_uri}, $base . $CALLBACK, 'O15: redirect_uri is from configuration';
    like $params->{nonce}, qr/^[\w-]{43}$/, 'a nonce';
    unlike $params->{state}, qr/ann\@|example|members/, 'the state tells nobody anything';
    is $page->code, 200, 'step 2';
    like $page->content, qr/a sign-in link is on its way there/, 'says where the link goes';
    like $page->content, qr/Open it in this browser/, 'and where it must be opened';
    unlike $page->content, qr/name="code"/, 'it has no field for a code';
    like $page->content, qr/data-pwless-wait="1[78]\d"/, 'its script waits for as long as the link works';
    for my $button (qw(continue send change)) {
        like $page->content, qr/name="op" value="$button"/, "a button: $button";
    }
    my $res = op($ann, $step2, 'continue');
    is $res->code, 303, 'Continue before the link was opened';
    like $res->header('Location'), qr{^/\.auth0/code\?t=}, 'stays at step 2';
    $res = op($ann, $step2, 'verify', code => '123456');
    like $res->header('Location'), qr{^/\.auth0/code\?t=}, 'a code guessed for the link is not looked at';
    is calls($TOKEN), 0, 'and not tried at the tenant';

    my $link = link_for($ANN);
    my $back = press($link);
    like $back, qr{^\Q$base$CALLBACK\E\?code=}, 'the link leads through the tenant to the callback';
    $res = $ann->get($back, {'Sec-Fetch-Site' => 'cross-site'});
    is $res->code, 303, 'the callback leads on';
    is $res->header('Location'), $target, 'to the page that was wanted';
    is user_at($ann, $target), $ANN, 'which is open now';
    my %sent = sent_fields(tenant(GET => "/calls?path=$TOKEN")->[0]);
    is join(' ', sort keys %sent), 'client_id client_secret code grant_type redirect_uri',
        'O5: the exchange has no verifier';
    $res = $ann->get($step2);
    is $res->header('Location'), $target, 'the tab that asked goes on';
    $res = $ann->post($step2, {t => Pwless::token($page), op => 'continue'});
    is $res->header('Location'), $target, 'so does its button';
    is calls($START), 1, 'one mail in all';

    # Back, a second click: the tenant says no, and the session is there.
    $res = $ann->get($back);
    is $res->header('Location'), $target, 'O3: the callback once more leads a signed-in visitor on';
    $res = $ann->get(press($link));
    is $res->header('Location'), $target, 'O3: so does the link';
    is calls($TOKEN), 1, 'O3: without a call';
    $ann->{ua}->cookie_jar->clear('localhost.local', '/', '__Host-auth0-session');
    log_lines();
    $res = $ann->get($back);
    like $res->content, qr/This link was used before/, 'O3: without the session: a page that says so';
    is calls($TOKEN), 1, 'O3: and no call';
    unlike $res->as_string, qr/auth0-session=[^;]/, 'O3: nor a session';
}

# ---- other browsers, scanners ------------------------------------------------
my $elsewhere = 'Links work only in the browser that asked for them';
new_tenant();
{
    my ($ann, $step2) = waiting();
    my $back = press(link_for($ANN));
    my $other = Pwless->new('link');
    refused($other, $other->get($back), 'O1: a browser without our cookie', text => $elsewhere,
        reason => 'token-browser');
    my ($bob) = waiting('bob@example.org');
    refused($bob, $bob->get($back), "O1: another visitor's browser", text => $elsewhere,
        reason => 'token-browser');
    for my $case (['HEAD', 'HEAD', {}, 405], ['a prefetch', 'GET', {'Sec-Purpose' => 'prefetch'}, 503],
        ['an old prefetch', 'GET', {'X-Moz' => 'prefetch'}, 503]) {
        my ($what, $method, $headers, $status) = @$case;
        my $res = $ann->request($method, $back, undef, $headers);
        is $res->code, $status, "A13: $what at the callback: $status";
        is calls($TOKEN), 0, "A13: $what exchanges nothing";
    }
    is $ann->get($back)->header('Location'), $target,
        'O3: after all of them it still works in the browser that asked';
    is user_at($ann), $ANN, 'O3: and signs in';
}

# ---- a scanner was first -----------------------------------------------------
new_tenant();
{
    my ($ann, $step2) = waiting();
    my $link = link_for($ANN);
    my $scanner = Pwless->new('link');
    $scanner->get(press($link));
    is calls($TOKEN), 0, 'a scanner that opens the link exchanges nothing';
    log_lines();
    my $res = $ann->get(press($link));
    is $res->code, 303, 'the person finds it of no use';
    like $res->header('Location'), qr{^/\.auth0/code\?t=}, 'and is back at step 2';
    like reasons(), qr/tenant-wrong-code/, 'the log says why';
    $res = $ann->get($res->header('Location'));
    like $res->content, qr/That link is too old/, 'which says so';
    like $res->content, qr/pwless-primary" name="op" value="send"/, 'and a new one is the way on';
    unlike $res->content, qr/data-pwless-wait/, 'its script waits for nothing';
    sleep 3;
    is op($ann, $step2, 'send')->code, 303, 'one click';
    is calls($START), 2, 'sends another';
    is $ann->get(press(link_for($ANN)))->header('Location'), $target, 'which works';
}

# ---- too old, or not the newest ----------------------------------------------
new_tenant(code_life => 1);
{
    my ($ann, $step2) = waiting();
    my $old = link_for($ANN);
    sleep 3;
    my $res = $ann->get(press($old));
    like reasons(), qr/tenant-expired-code/, 'a link past its life';
    like $ann->get($res->header('Location'))->content, qr/That link is too old/, 'is told as such';
    tenant(POST => '/set', {code_life => 180});
    op($ann, $step2, 'send');
    my $new = link_for($ANN);
    isnt $new, $old, 'another link';
    my (%first, %second);
    %first = URI->new($old)->query_form;
    %second = URI->new($new)->query_form;
    isnt $second{state}, $first{state}, 'O3: has another state';
    $res = $ann->get(press($old));
    is calls($TOKEN), 0, 'the old one signs nobody in';
    $res = $ann->get(press($old));
    like $ann->get($step2)->content, qr/Use the newest email|too old/, 'step 2 points to the newest';
    is $ann->get(press($new))->header('Location'), $target, 'O3: and the new one still works';
    is user_at($ann), $ANN, 'O3: for the person who asked';
}

# ---- a cool-down, another address ----------------------------------------------
new_tenant();
{
    my ($ann, $step2) = waiting();
    is op($ann, $step2, 'send')->code, 303, 'another link at once';
    is calls($START), 1, 'L5: is not sent';
    like $ann->get($step2)->content, qr/You can ask for a new link in/, 'L5: the page says when';
    my $res = op($ann, $step2, 'change');
    like $res->header('Location'), qr{^/\.auth0/login\?t=}, 'another address';
    like $ann->get($res->header('Location'))->content, qr/value="ann\@example\.org".*I already have a link/s,
        'the form has the old one, and the way back';
    $ann->get($step2, {'Sec-Purpose' => 'prefetch'});
    $ann->request('HEAD', $step2);
    is calls($START), 1, 'A13: neither HEAD nor prefetch sends anything';
}

# ---- edited links ----------------------------------------------------------------
new_tenant();
{
    my ($ann) = waiting();
    my ($bob) = waiting('bob@example.org');
    my %bobs = URI->new(link_for('bob@example.org'))->query_form;
    # Ann's state, Bob's address and code: Ann would be signed in as Bob.
    my $back = press(link_for($ANN), sub { @{$_[0]}{qw(email verification_code)} = @bobs{qw(email verification_code)} });
    my $res = $ann->get($back);
    is $res->code, 403, 'O14: a link edited to be about somebody else';
    like reasons(), qr/jwt-email/, 'O14: is about somebody who did not ask';
    is user_at($ann), 302, 'O14: nobody is signed in';
}
new_tenant();
{
    my ($ann) = waiting();
    my $back = press(link_for($ANN), sub { delete $_[0]{nonce} });
    $ann->get($back);
    like reasons(), qr/jwt-nonce/, 'O4: a link without its nonce signs nobody in';
    is user_at($ann), 302, 'O4: nobody';
}
new_tenant();
{
    my ($ann) = waiting();
    my ($mallory) = waiting('mallory@example.org');
    # Login CSRF: somebody is made to open a link that another asked for.
    my $back = press(link_for('mallory@example.org'));
    refused($ann, $ann->get($back, {'Sec-Fetch-Site' => 'cross-site'}), "O19: somebody else's link",
        text => $elsewhere, reason => 'token-browser');
    my %query = URI->new($back)->query_form;
    my %anns = URI->new(link_for($ANN))->query_form;
    my $forged = URI->new($base . $CALLBACK);
    $forged->query_form(code => $query{code}, state => $anns{state});
    $ann->get($forged);
    like reasons(), qr/jwt-nonce|jwt-email/, "O4: somebody else's code under one's own state";
    is user_at($ann), 302, 'O4: signs nobody in';
}

# ---- what the tenant may say besides -------------------------------------------
new_tenant();
{
    my ($ann) = waiting();
    my $link = link_for($ANN);
    tenant(POST => '/users', {email => $ANN, blocked => JSON::PP::true});
    my $res = $ann->get(press($link));
    is $res->code, 403, 'a blocked account is refused';
    like reasons(), qr/tenant-denied/, 'the log says that it was';
    tenant(POST => '/set', {magiclink_without_session => JSON::PP::false});
    my ($bob) = waiting('bob@example.org');
    is press(link_for('bob@example.org')), undef,
        'a tenant that wants its own session keeps the visitor on a page of its own';
}

# ---- JSON --------------------------------------------------------------------
new_tenant();
{
    my $ann = Pwless->new('link');
    my ($res, $told) = $ann->json('login');
    ok !exists $told->{code_length}, 'JSON: step 1 names no length of a code';
    ($res, $told) = $ann->json('login', {t => $told->{t}, email => $ANN, return_to => $target});
    is $told->{next}, 'link', 'JSON: the next step is a link';
    is join(' ', sort keys %$told), 'address connection detail link_expires_in next resend_after t',
        'JSON: its members';
    like $told->{detail}, qr/a sign-in link is on its way/, 'JSON: in words';
    ($res, $told) = $ann->json('code', {t => $told->{t}, op => 'continue'});
    is $told->{next}, 'link', 'JSON: not opened yet';
    $ann->get(press(link_for($ANN)));
    ($res, $told) = $ann->json('code', {t => $told->{t}, op => 'continue'});
    is_deeply [@$told{qw(signed_in return_to)}], [JSON::PP::true, $target], 'JSON: opened';
}

done_testing;
