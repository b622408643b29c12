# SPDX-License-Identifier: Apache-2.0
# Signing out: by a form of ours and nothing else, and for good.
use strict;
use warnings;
use JSON::PP qw(decode_json);
use Test::More;
use URI::Escape qw(uri_escape);
use HTTP::Cookies ();
use JSON::PP ();
use LWP::UserAgent ();
use URI ();
use Pwless qw(tenant code_for calls log_lines);
use PwlessHosted qw(new_tenant sent walk);

tenant(POST => '/reset');
tenant(POST => '/set', {limits => undef});
my $MEMBERS = '/htdocs/members/';
my $OUT = '/.auth0/logout';
my $ENV_CGI = '/htdocs/members/env.cgi';

sub signed_in {
    my ($email, $host) = @_;
    my $browser = Pwless->new($host || 'site');
    $browser->sign_in($email || 'ann@example.org', $MEMBERS);
    return $browser;
}

sub logout_token { return Pwless::token($_[0]->get($OUT)) }

# A browser that has nothing but a copy of somebody's session cookie.
sub thief {
    my ($sid) = @_;
    return (Pwless->new('site'), {Cookie => "__Host-auth0-session=$sid"});
}

# S5: what does not sign out.
{
    my $ann = signed_in();
    my $page = $ann->get($OUT);
    is $page->code, 200, 'S5: GET shows a page';
    like $page->content, qr{<button[^>]*>Sign out of <bdi>Rowing Club</bdi></button>}, 'S5: with a button';
    like $page->content, qr/ann\@example\.org/, 'S5: and says who is signed in';
    is $page->header('Set-Cookie'), undef, 'S5: and touches no cookie';
    my $t = Pwless::token($page);
    my @nothing = (
        ['GET with the token', 'GET', "$OUT?t=" . uri_escape($t), undef, {}, 200],
        ['HEAD', 'HEAD', $OUT, undef, {}, 200],
        ['an image', 'GET', $OUT, undef, {'Sec-Fetch-Dest' => 'image',
            'Sec-Fetch-Mode' => 'no-cors', 'Sec-Fetch-Site' => 'cross-site',
            Accept => 'image/*'}, 200],
        ['a prefetch', 'GET', $OUT, undef, {'Sec-Purpose' => 'prefetch'}, 200],
        ['POST without a token', 'POST', $OUT, '', {}, 403],
        ['POST with a token of step 1', 'POST', $OUT,
            't=' . uri_escape(Pwless::token($ann->get('/.auth0/login?why=other'))), {}, 403],
        ['POST from another site', 'POST', $OUT, 't=' . uri_escape($t),
            {Origin => 'https://evil.example', 'Sec-Fetch-Site' => 'cross-site'}, 403],
        ['POST with Origin null', 'POST', $OUT, 't=' . uri_escape($t),
            {Origin => 'null'}, 403],
        ['POST as text/plain', 'POST', $OUT, "t=$t",
            {'Content-Type' => 'text/plain'}, 415],
        ['POST with the token in the URL', 'POST', "$OUT?t=" . uri_escape($t), '', {}, 403],
        ['PUT', 'PUT', $OUT, 't=' . uri_escape($t), {}, 405],
        ['DELETE', 'DELETE', $OUT, undef, {}, 405],
        ['OPTIONS', 'OPTIONS', $OUT, undef, {}, 204],
    );
    for my $case (@nothing) {
        my ($what, $method, $path, $body, $headers, $status) = @$case;
        my $res = $ann->request($method, $path, $body, $headers);
        is $res->code, $status, "S5: $what: $status";
        unlike join(' ', $res->header('Set-Cookie')), qr/auth0-session/,
            "S5: $what leaves the cookie alone";
        is $ann->get($MEMBERS)->code, 200, "S5: $what does not sign out";
    }
    my $bob = signed_in('bob@example.org');
    my $res = $ann->post($OUT, {t => logout_token($bob)});
    is $res->code, 403, 'S5: the token of another session';
    is $ann->get($MEMBERS)->code, 200, 'S5: does not sign out';
    is $bob->get($MEMBERS)->code, 200, 'S5: neither of the two';

    # And what does.
    my $sid = $ann->cookie('session');
    $res = $ann->post($OUT, {t => $t});
    is $res->code, 303, 'S5: POST with the token signs out';
    is $res->header('Location'), $OUT, 'S5: and leads to the page that says so';
    my @deleted = sort $res->header('Set-Cookie');
    is_deeply \@deleted, [map {
        "__Host-auth0-$_=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0"
    } qw(pending session)], 'K2: both cookies go, with the attributes they came with';
    $page = $ann->get($OUT);
    is $page->code, 200, 'S5: the signed-out page';
    like $page->content, qr{You are signed out of <bdi>Rowing Club</bdi>}, 'S5: says so';
    is $ann->get($MEMBERS)->code, 302, 'S5: the guarded page is closed';
    my ($thief, $with) = thief($sid);
    is $thief->get($MEMBERS, $with)->code, 302, 'S4: a copy of the cookie is dead';
    is $thief->get('/.auth0/session', $with)->code, 401, 'S4: for programs as well';
    is $bob->get($MEMBERS)->code, 200, 'S4: others are still signed in';
    is $ann->post($OUT, {t => $t})->header('Location'), $OUT,
        'S11: signing out without a session does no harm';
    is $thief->post($OUT, {t => $t}, $with)->header('Location'), $OUT,
        'S11: nor does it with a dead cookie';
    $res = $ann->post($OUT, {});
    is $res->code, 303, 'S11: nor without a token';
}

# After signing out the old forms of this browser are worth nothing.
{
    my $ann = Pwless->new('site');
    my $step2 = $ann->ask_code('ann@example.org', $MEMBERS);
    my $t2 = Pwless::token($ann->get($step2));
    my $code = code_for('ann@example.org');
    my %form = (code => $code, t => $t2, op => 'verify');
    $ann->post($step2, \%form);
    is $ann->get($MEMBERS)->code, 200, 'L16: signed in';
    my $sid = $ann->cookie('session');
    $ann->sign_out;
    tenant(DELETE => '/calls');
    my $res = $ann->post($step2, \%form);
    unlike join(' ', $res->header('Set-Cookie')), qr/auth0-session=[^;]/,
        'L16: Back after signing out, and the code once more: no session';
    $res = $ann->post($step2, \%form);
    is calls('/oauth/token'), 0, 'L16: and no call';
    is $ann->get($MEMBERS)->code, 302, 'L16: nobody is signed in';
    my ($thief, $with) = thief($sid);
    is $thief->get($MEMBERS, $with)->code, 302, 'S4: and the old session stays dead';
}

# Where to, afterwards.
{
    my @targets = (
        ['/htdocs/open/', '/htdocs/open/'], ['//evil.example', $OUT],
        ['https://evil.example/', $OUT], ['/\\evil.example', $OUT],
        ["/\t/evil.example", $OUT], ['javascript:alert(1)', $OUT],
        ['/.auth0/logout', $OUT], ['', $OUT],
    );
    for my $case (@targets) {
        my ($target, $leads_to) = @$case;
        my $ann = signed_in();
        my $res = $ann->post($OUT, {t => logout_token($ann), return_to => $target});
        is $res->code, 303, "R21: return_to \"$target\" after signing out: 303";
        is $res->header('Location'), $leads_to, "R1: leads to $leads_to";
        is $ann->get($MEMBERS)->code, 302, 'S5: signed out all the same';
    }
    my $ann = signed_in();
    my $t = uri_escape(logout_token($ann));
    my $res = $ann->post($OUT, "t=$t&return_to=/a&return_to=/b");
    is $res->code, 400, 'R13: return_to twice is refused';
    is $ann->get($MEMBERS)->code, 200, 'R13: and nothing happens';
    $res = $ann->post("$OUT?return_to=//evil.example", "t=$t&return_to=/htdocs/open/");
    is $res->header('Location'), '/htdocs/open/', 'R13: the one in the URL is not read';
}

# S2: another person at the same browser.
{
    my $ann = signed_in();
    my $sid = $ann->cookie('session');
    my $bobs = $ann->post('/.auth0/login', {email => 'bob@example.org',
        t => Pwless::token($ann->get('/.auth0/login?why=other'))})->header('Location');
    is $ann->get($MEMBERS)->code, 200, 'S2: ann is signed in until bob is';
    my $wrong = sprintf '%06d', (code_for('bob@example.org') + 1) % 1_000_000;
    $ann->enter_code($bobs, $wrong);
    like $ann->get('/htdocs/members/env.cgi')->content,
        qr/^REMOTE_USER=ann\@example\.org$/m, 'S2: also when bob mistypes his code';
    $ann->enter_code($bobs, code_for('bob@example.org'));
    my $seen = $ann->get('/htdocs/members/env.cgi')->content;
    like $seen, qr/^REMOTE_USER=bob\@example\.org$/m, 'S2: then it is bob';
    unlike $seen, qr/ann\@/, 'S2: and nothing of ann is to be seen';
    isnt $ann->cookie('session'), $sid, 'S2: with another id';
    my ($thief, $with) = thief($sid);
    is $thief->get($MEMBERS, $with)->code, 302, 'S2: ann\'s session is ended';
}

# S15: two browsers of one person.
{
    my $desk = signed_in();
    my $phone = signed_in();
    isnt $desk->cookie('session'), $phone->cookie('session'),
        'S15: two browsers, two sessions';
    is $desk->get($MEMBERS)->code, 200, 'S15: both work';
    $phone->sign_out;
    is $desk->get($MEMBERS)->code, 200, 'S15: signing out of one leaves the other';
}

# S6: requests in flight while the session ends.
for my $round (1 .. 3) {
    my $ann = signed_in();
    my $sid = $ann->cookie('session');
    my $t = uri_escape(logout_token($ann));
    my @requests = map { ['GET', "${MEMBERS}index.html?$_"] } 1 .. 50;
    splice @requests, 10 * $round, 0, ['POST', $OUT, "t=$t"];
    my @answers = $ann->burst(@requests);
    my %codes;
    $codes{$_->code}++ for @answers;
    is $codes{303}, 1, 'S6: one of 51 requests signs out';
    is +($codes{200} || 0) + ($codes{302} || 0), 50,
        'S6: the others get the page, or are sent to sign in';
    my @set = grep { /auth0-session=[^;]/ } map { $_->header('Set-Cookie') } @answers;
    is scalar @set, 0, 'S6: no answer sets a live cookie again';
    my ($thief, $with) = thief($sid);
    is $thief->get($MEMBERS, $with)->code, 302, 'S6: after the last the id is dead';
}

# S6: signing out many times at once.
{
    my $ann = signed_in();
    my $t = uri_escape(logout_token($ann));
    my @answers = $ann->burst(map { ['POST', $OUT, "t=$t"] } 1 .. 20);
    is scalar(grep { $_->code == 303 } @answers), 20, 'S6: 20 posts at once, 20 redirects';
    is $ann->get($MEMBERS)->code, 302, 'S6: and nobody is signed in';
}

# A cookie of one host, sent to another (S7), cannot sign out there.
{
    my $ann = signed_in();
    my $other = Pwless->new('other');
    $other->{ua}->cookie_jar($ann->{ua}->cookie_jar);
    like $other->get($OUT)->content, qr/You are signed out/,
        'S7: another host knows nothing of the session';
    my $res = $other->post($OUT, {t => logout_token($ann)});
    is $res->code, 303, 'S7: a post there';
    is $res->header('Set-Cookie'), undef, 'S7: deletes no cookie';
    is $ann->get($MEMBERS)->code, 200, 'S7: the session lives on where it was made';
}

# What the page's script is told.
{
    my $ann = signed_in();
    my $res = $ann->get('/.auth0/session', {Accept => 'application/json'});
    is $res->code, 200, 'X11: session: 200 when signed in';
    is decode_json($res->content)->{user}, 'ann@example.org', 'X11: with the name';
    $ann->sign_out;
    $res = $ann->get('/.auth0/session', {Accept => 'application/json'});
    is $res->code, 401, 'X11: 401 afterwards';
    is decode_json($res->content)->{reason}, 'no-session', 'X11: and why';
}

# ---- Auth0Logout tenant ---------------------------------------------------------------
# The tenant as a browser sees it: its cookies, our addresses, no redirect followed.
{
    my %out = map { $_ => Pwless->new($_)->base . $OUT } qw(leaving leavingform);
    new_tenant();
    tenant(POST => '/clients', {client_id => Pwless::tenant_json()->{client_id},
        logout_urls => [values %out]});
    my $asked = sub { return {URI->new($_[0])->query_form} };
    my $at_tenant = sub {
        my ($who) = @_;
        my ($ann, $url) = sent(host => 'leaving', who => $who);
        my $ua = LWP::UserAgent->new(cookie_jar => HTTP::Cookies->new, requests_redirectable => [],
            ssl_opts => {SSL_ca_file => Pwless::tenant_json()->{ca_file}});
        $ann->get(walk($url, 'ann@example.org', undef, $ua));
        return ($ann, $ua);
    };

    # A session that came through the tenant.
    my ($ann, $ua) = $at_tenant->();
    my $sid = $ann->get($ENV_CGI)->content =~ /^AUTH0_SID=(.*)$/m ? $1 : '';
    my $page = $ann->get($OUT);
    my ($tenant) = 'https://' . Pwless::tenant_json()->{domain};
    like $page->header('Content-Security-Policy'), qr/form-action 'self' \Q$tenant\E;/,
        'X9: the form may lead to the tenant';
    my $res = $ann->post($OUT, {t => Pwless::token($page), return_to => '/htdocs/open/?a=1'});
    is $res->code, 303, 'OIDF rp-init-logout: 303';
    my $url = $res->header('Location');
    like $url, qr{^\Q$tenant\E/oidc/logout\?}, 'OIDF rp-init-logout: to the tenant';
    my $state = $asked->($url)->{state};
    is_deeply $asked->($url), {client_id => Pwless::tenant_json()->{client_id},
        logout_hint => $sid, post_logout_redirect_uri => $out{leaving}, state => $state},
        'OIDF rp-init-logout: with all it wants';
    unlike $state, qr/htdocs/, 'R1: the state shows nothing';
    is $ann->get($MEMBERS)->code, 302, 'S5: signed out here, whatever the tenant does';
    my $back = $ua->get($url);
    is $back->code, 302, 'OIDF rp-init-logout: the tenant asks nothing';
    is $back->header('Location'), "$out{leaving}?state=" . uri_escape($state), 'and sends back';
    $res = $ann->get($back->header('Location'));
    is $res->code, 303, 'back here: on';
    is $res->header('Location'), '/htdocs/open/?a=1', 'to return_to';
    like $ua->get(+(sent(host => 'leaving'))[1])->header('Location') || '', qr{/u/},
        'the tenant has forgotten the browser';

    # States that are none of this browser's.
    for my $case (['no-state', ''], ['other-state', '?state=foreign'],
        ['other-state, of another browser', '?state=' . uri_escape($state)],
        ['two states', '?state=a&state=b']) {
        my ($what, $query) = @$case;
        my $res = Pwless->new('leaving')->get($OUT . $query);
        is $res->code, 200, "OIDF rp-init-logout-$what: 200";
        like $res->content, qr/You are signed out/, "OIDF rp-init-logout-$what: the generic page";
    }
    $res = $ann->get("$OUT?state=" . uri_escape(substr($state, 0, -2) . 'xx'));
    is $res->code, 200, 'R1: a state that was altered leads nowhere';

    # Without a way on; and one that leads elsewhere.
    for my $target (undef, '//evil.example', 'https://evil.example/') {
        my ($ann) = $at_tenant->();
        my $res = $ann->post($OUT, {t => logout_token($ann), return_to => $target});
        my $url = $res->header('Location');
        is $asked->($url)->{state}, undef, 'R1: no way on, no state';
        unlike $url, qr/evil/, 'R1: and nothing of it';
        my @deleted = sort $res->header('Set-Cookie');
        is scalar(grep { /=;.*Max-Age=0/ } @deleted), 2, 'K2: both cookies go';
    }

    # A session of our own form.
    ($ann) = Pwless->new('leavingform');
    $ann->sign_in('ann@example.org', $MEMBERS);
    $res = $ann->post($OUT, {t => logout_token($ann), return_to => '/htdocs/open/'});
    $url = $res->header('Location');
    like $url, qr{^\Q$tenant\E/v2/logout\?}, 'a session without sid: /v2/logout';
    is $asked->($url)->{client_id}, Pwless::tenant_json()->{client_id}, 'with client_id';
    like $asked->($url)->{returnTo}, qr{^\Q$out{leavingform}\E\?state=}, 'and returnTo';
    $back = LWP::UserAgent->new(requests_redirectable => [],
        ssl_opts => {SSL_ca_file => Pwless::tenant_json()->{ca_file}})->get($url);
    is $back->code, 302, 'the tenant asks nothing';
    is $ann->get($back->header('Location'))->header('Location'), '/htdocs/open/', 'and the way leads on';
    is $ann->post($OUT, {})->header('Location'), $OUT, 'S11: signing out without a session stays here';

    # JSON.
    $ann = Pwless->new('leavingform');
    $ann->sign_in('ann@example.org', $MEMBERS);
    my (undef, $session) = $ann->json('session');
    my ($answer, $said) = $ann->json('logout', {t => $session->{t}, return_to => '/htdocs/open/'});
    is $answer->code, 200, 'JSON: 200';
    is $said->{signed_in}, JSON::PP::false(), 'JSON: signed out';
    is $said->{return_to}, '/htdocs/open/', 'JSON: where it ends';
    like $said->{url}, qr{^\Q$tenant\E/v2/logout\?}, 'JSON: and where to go first';
    is $ann->get($MEMBERS)->code, 302, 'JSON: the session is over';
}
is scalar(grep { /signed-out/ } log_lines(0)) > 0, 1, 'G8: signing out is logged';
is_deeply tenant(GET => '/errors'), [], 'the stand-in had no trouble';
done_testing;
