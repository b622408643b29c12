# SPDX-License-Identifier: Apache-2.0
# The tenant's own page: what it is asked, what must be proved on the way back,
# and how people get there from our own form.
use strict;
use warnings;
use JSON::PP ();
use Test::More;
use URI ();
use URI::Escape qw(uri_escape);
use Pwless qw(tenant calls log_lines code_for);
use PwlessHosted qw(new_tenant sent walk hosted_in user_at reasons);

my $CALLBACK = '/.auth0/callback';
my $TOKEN = '/oauth/token';
my $HOME = '/htdocs/members/env.cgi';

# What this browser's way to the tenant asks for.
sub asked { return {URI->new($_[0])->query_form} }

# Calls to the tenant, but for those of the visitor's own browser.
sub server_calls {
    return map { $_->{path} } grep { $_->{path} !~ m{^/(?:authorize|u/)} } @{tenant(GET => '/calls')};
}

# Through the tenant to a refusal: the browser, the answer, the reasons logged.
sub refused_at {
    my ($host, $reason, $what, %with) = @_;
    my ($who, $url) = sent(host => $host);
    my $back = walk($url, 'ann@example.org');
    tenant(POST => '/mutate', {target => 'id_token', name => 'claims', args => $with{args}, times => 1})
        if $with{args};
    log_lines();
    my $res = $who->get($back);
    tenant(DELETE => '/mutate');
    is $res->code, $with{status} || 403, "$what: status";
    is reasons(), $reason, "$what: the log says $reason";
    is $who->cookie('session'), undef, "$what: no session";
    is user_at($who), 302, "$what: nobody is signed in";
    return;
}

# ---- what a sign-in costs ------------------------------------------------------
new_tenant();
{
    hosted_in('ann@example.org'); # the keys are here by now
    tenant(DELETE => '/calls');
    my ($who) = hosted_in('bob@example.org');
    is user_at($who), 'bob@example.org', 'signed in at the tenant';
    is_deeply [server_calls()], [$TOKEN], 'a hosted sign-in costs one call to the tenant';
}

# ---- login_hint ---------------------------------------------------------------------
new_tenant();
{
    my $who = Pwless->new('site');
    my $page = $who->get('/.auth0/login?login_hint=Ann%40EXAMPLE.org&return_to=%2Fhtdocs%2Fmembers%2F');
    like $page->content, qr/name="email"[^>]* value="Ann\@example.org"/, 'O19: a hint stands in the field, tidied';
    unlike $page->content, qr/I already have a code/, 'O19: and stands for nothing else';
    is scalar(server_calls()), 0, 'O19: nothing is sent by itself';
    my $t = Pwless::token($page);
    my $res = $who->post('/.auth0/login', {t => $t, op => 'send', email => ''});
    is $res->code, 422, 'O19: the form submits what stands in the field, not the hint';
    for my $bad ('ann', 'a@b@c', '"><script>alert(1)</script>@x.org', 'x' x 1100 . '@example.org', "a\@b.org\r\nX: y", '') {
        my $res = Pwless->new('site')->get('/.auth0/login?login_hint=' . uri_escape($bad));
        is $res->code, 200, 'O19: a hint that is no address: the form';
        like $res->content, qr/name="email"(?:(?!value=)[^>])*>/, 'O19: with an empty field';
        unlike $res->content, qr/alert\(1\)/, 'X1: and nothing of it';
    }
    $res = $who->get('/.auth0/login?login_hint=a%40b.org&login_hint=c%40d.org');
    like $res->content, qr/name="email"(?:(?!value=)[^>])*>/, 'O19: two hints are none';
    my $url = Pwless->new('hosted')->get('/.auth0/login?login_hint=ann%40example.org')->header('Location');
    is asked($url)->{login_hint}, 'ann@example.org', 'O19: the tenant is told of a hint';
    $url = Pwless->new('hosted')->get('/.auth0/login?login_hint=' . uri_escape('a@b.org&prompt=none'))->header('Location');
    is_deeply [@{asked($url)}{qw(login_hint prompt)}], [undef, undef], 'R15: of none that is no address';
    my ($eve, $her) = (Pwless->new('hosted'));
    $her = $eve->get('/.auth0/login?login_hint=ann%40example.org')->header('Location');
    (my $other = $her) =~ s/&login_hint=[^&]+//;
    is $eve->get(walk($other, 'eve@example.org'))->code, 303, 'O19: a hint forces nobody';
    is user_at($eve), 'eve@example.org', 'O19: who signed in there is signed in here';
}

# ---- languages, and somebody else -----------------------------------------------------
{
    my %locales = ('nl-BE,nl;q=0.9,en;q=0.8' => 'nl-BE nl en', 'en;q=0.2,fr' => 'fr en', '*' => undef,
        'x&prompt=none,de' => 'de');
    for my $header (sort keys %locales) {
        my (undef, undef, $asked) = sent(headers => {'Accept-Language' => $header});
        is $asked->{ui_locales}, $locales{$header}, "ui_locales of $header";
    }
    my (undef, undef, $asked) = sent(host => 'anew', headers => {'Accept-Language' => 'fr'});
    is $asked->{ui_locales}, 'nl', 'ui_locales of the operator, whatever the browser says';
    (undef, undef, $asked) = sent();
    is $asked->{prompt}, undef, 'no prompt where nobody wants one';

    my ($ann) = hosted_in('ann@example.org');
    my $url = $ann->get('/.auth0/login?why=other')->header('Location');
    is asked($url)->{prompt}, 'login', 'O17: somebody else: the tenant is to ask who it is';
    is $ann->get(walk($url, 'bob@example.org'))->code, 303, 'O17: signed in there anew';
    is user_at($ann), 'bob@example.org', 'O17: as somebody else';
    $url = $ann->get('/.auth0/login?why=other')->header('Location');
    my $back = walk($url, 'ann@example.org');
    tenant(POST => '/claims', {auth_time => time - 3600});
    log_lines();
    my $res = $ann->get($back);
    is $res->code, 502, 'O17: a tenant that did not ask is not believed';
    is reasons(), 'jwt-auth-time', 'O17: and the log tells';
    is user_at($ann), 'bob@example.org', 'O17: the session there was stays';
    tenant(POST => '/claims', {});
}

# ---- what was asked for must be proved --------------------------------------------------
new_tenant();
{
    my ($who, $url, $asked) = sent(host => 'club');
    is $asked->{organization}, 'Rowing-Club', 'the organization is asked for';
    is $asked->{'ext-theme'}, 'red & blue', 'R15: and what else the operator wants, as one value';
    is $who->get(walk($url, 'ann@example.org'))->code, 303, 'a member comes back';
    is user_at($who), 'ann@example.org', 'and is signed in';
    (my $without = (sent(who => $who))[1]) =~ s/&organization=[^&]+//;
    refused_at('club', 'jwt-org', 'no organization', args => {remove => ['org_name', 'org_id']});
    refused_at('club', 'jwt-org', 'another organization', args => {set => {org_name => 'tennis-club'}});
    my ($eve, $hers) = sent(host => 'club');
    $hers =~ s/&organization=[^&]+//;
    log_lines();
    my $res = $eve->get(walk($hers, 'eve@example.org'));
    is $res->code, 403, 'an organization taken out of the URL on the way';
    is reasons(), 'jwt-org', 'is missed';
    is user_at($eve), 302, 'and nobody is signed in';
}
{
    my ($who, $url, $asked) = sent(host => 'recent');
    is $asked->{max_age}, 300, 'O17: max_age is asked for';
    is $who->get(walk($url, 'ann@example.org'))->code, 303, 'O17: a sign-in of a moment ago';
    is user_at($who), 'ann@example.org', 'O17: is recent';
    refused_at('recent', 'jwt-auth-time', 'O17: no auth_time', status => 502, args => {remove => ['auth_time']});
    refused_at('recent', 'jwt-auth-time', 'O17: auth_time before max_age and skew', status => 502,
        args => {set => {auth_time => time - 370}});
}
{
    my ($who, $url, $asked) = sent(host => 'policy');
    like $asked->{acr_values}, qr{^urn:example:gold http://schemas\S+$}, 'O18: the policies are asked for';
    is $who->get(walk($url, 'ann@example.org'))->code, 303, 'O18: a second factor was shown';
    is user_at($who), 'ann@example.org', 'O18: amr tells';
    refused_at('policy', 'jwt-acr', 'O18: no acr, no amr', args => {remove => ['amr']});
    refused_at('policy', 'jwt-acr', 'O18: another policy', args => {remove => ['amr'], set => {acr => 'urn:example:golden'}});
    my ($bob, $his) = sent(host => 'policy');
    my $back = walk($his, 'bob@example.org');
    tenant(POST => '/mutate', {target => 'id_token', name => 'claims', times => 1,
        args => {remove => ['amr'], set => {acr => 'urn:example:gold'}}});
    is $bob->get($back)->code, 303, 'O18: acr of one of them';
    tenant(DELETE => '/mutate');
}
{
    my ($who, $url, $asked) = sent(host => 'anew');
    is $asked->{prompt}, 'login consent', 'O17: prompt of the operator';
    is $who->get(walk($url, 'ann@example.org'))->code, 303, 'O17: signed in anew';
    refused_at('anew', 'jwt-auth-time', 'O17: prompt=login and no auth_time', status => 502,
        args => {remove => ['auth_time']});
    my $other = asked($who->get('/.auth0/login?why=other')->header('Location'));
    is $other->{prompt}, 'login', "R15: one prompt, the visitor's";
}

# ---- from our own form, when the tenant wants more ----------------------------------------
sub way_out {
    my ($who, $res, $email, $target, $what) = @_;
    is $res->code, 303, "L20: $what: it goes on" or diag $res->as_string;
    my $url = $res->header('Location') || '';
    like $url, qr{^https://\Q@{[Pwless::tenant_json()->{domain}]}\E/authorize\?}, "L20: $what: at the tenant";
    my $asked = asked($url);
    is $asked->{login_hint}, $email, "L20: $what: with the address, so that nobody types it twice";
    is $asked->{connection}, 'email', "L20: $what: and the connection";
    is $asked->{redirect_uri}, $who->base . $CALLBACK, "O15: $what: to our callback";
    unlike $url, qr/members|mfa_token|Fe26/, "L20: $what: the URL tells nothing else";
    is user_at($who), 302, "L20: $what: nobody is signed in yet";
    return $url;
}

new_tenant(mfa => ['ann@example.org']);
{
    my $ann = Pwless->new('site');
    my $res = $ann->sign_in('ann@example.org', "$HOME?x=2");
    unlike $res->as_string, qr/mfa_token|Fe26/, 'L20: a second factor: its token is not shown';
    my $url = way_out($ann, $res, 'ann@example.org', "$HOME?x=2", 'a second factor');
    $res = $ann->get(walk($url, 'ann@example.org'));
    is $res->header('Location'), "$HOME?x=2", 'L20: and back to the page that was wanted';
    is user_at($ann), 'ann@example.org', 'L20: signed in';
    my @told = log_lines();
    ok !(grep { /mfa_token|Fe26/ } @told), 'L20: no token in the log';
    is scalar(grep { /hosted, reason=tenant-step/ } @told), 1, 'L20: one line says why the visitor went there';
}
{
    # A double click: both posts are answered alike, and one code is used.
    my ($who, $step2, $t, $code) = Pwless::at_step2('site', 'ann@example.org', $HOME);
    tenant(DELETE => '/calls');
    my $body = "code=$code&op=verify&t=" . uri_escape($t);
    my @answers = $who->burst(([POST => $step2, $body]) x 2);
    is calls($TOKEN), 1, 'L20: a double click makes one call';
    is scalar(grep { ($_->header('Location') || '') =~ m{/authorize\?} } @answers), 2,
        'L20: and whichever answer the browser shows leads to the tenant';
    my $late = $who->post($step2, {code => $code, op => 'verify', t => $t});
    like $late->header('Location'), qr{/authorize\?}, 'L20: so does a third, a moment later';
    is calls($TOKEN), 1, 'L20: without a call';
}
{
    # Who changes their mind there, and starts again, gets a code that works.
    my $ann = Pwless->new('site');
    my $url = $ann->sign_in('ann@example.org', $HOME)->header('Location');
    is $ann->get("$CALLBACK?error=access_denied&state=" . uri_escape(asked($url)->{state}))->code, 403,
        'L20: cancelled at the tenant';
    tenant(DELETE => '/calls');
    my $step2 = $ann->ask_code('ann@example.org', $HOME);
    is calls('/passwordless/start'), 1, 'L20: started again: another code is sent';
    like $ann->enter_code($step2, code_for('ann@example.org'))->header('Location'), qr{/authorize\?},
        'L20: which is as good as the first was';
}
{
    # Somebody else's account on the page of the tenant.
    my $ann = Pwless->new('site');
    my $url = $ann->sign_in('ann@example.org', $HOME)->header('Location');
    (my $other = $url) =~ s/&login_hint=[^&]+//;
    log_lines();
    my $res = $ann->get(walk($other, 'eve@example.org'));
    is $res->code, 403, 'L22: another address comes back than was typed';
    is reasons(), 'jwt-email', 'L22: the log tells';
    is user_at($ann), 302, 'L22: nobody is signed in';
    # And somebody else's browser.
    my $eve = Pwless->new('site');
    $eve->get('/.auth0/login');
    $url = $ann->sign_in('ann@example.org', $HOME)->header('Location');
    $res = $eve->get(walk($url, 'ann@example.org'));
    like reasons(), qr/token-browser/, 'O2: nor in another browser';
    is user_at($eve), 302, 'O2: which stays as it was';
}
{
    # Round and round, then it stops.
    new_tenant(mfa => JSON::PP::true());
    my $ann = Pwless->new('site');
    for my $round (1 .. 3) {
        my $res = $ann->sign_in("ann$round\@example.org", $HOME);
        like $res->header('Location'), qr{/authorize\?}, "B1: trip $round to the tenant";
        $ann->get(walk($res->header('Location'), "ann$round\@example.org"));
        $ann->{ua}->cookie_jar->clear('localhost.local', '/', '__Host-auth0-session');
    }
    my $res = $ann->sign_in('ann4@example.org', $HOME);
    is $res->code, 403, 'R17: the way out stops after three trips within a minute';
    like reasons(), qr/flow-loop/, 'R17: and the log says why';
}
for my $case ([{bot_detection => JSON::PP::true()}, 'bot detection'],
    [{bot_detection => JSON::PP::true(), bot_detection_status => 401}, 'bot detection by 401']) {
    my ($knobs, $what) = @$case;
    new_tenant(%$knobs);
    my $bob = Pwless->new('site');
    my $res = $bob->post('/.auth0/login', {email => 'bob@example.org', op => 'send',
        t => $bob->open_login("$HOME?x=3")});
    my $url = way_out($bob, $res, 'bob@example.org', "$HOME?x=3", $what);
    ok +(grep { /Bot Detection/ } log_lines()), "U10: $what: the log names the switch";
    is $bob->get(walk($url, 'bob@example.org'))->header('Location'), "$HOME?x=3", "$what: and back to the target";
    is user_at($bob), 'bob@example.org', "$what: signed in";
}
new_tenant();
{
    tenant(POST => '/fault', {path => '/passwordless/start', fault => 'status', status => 400, times => 1,
        json => {name => 'BadRequestError', code => 'invalid_captcha', description => 'x', statusCode => 400}});
    my $bob = Pwless->new('site');
    my $res = $bob->post('/.auth0/login', {email => 'bob@example.org', op => 'send', t => $bob->open_login($HOME)});
    way_out($bob, $res, 'bob@example.org', $HOME, 'a CAPTCHA');
    tenant(DELETE => '/fault');
    my $domain = Pwless::tenant_json()->{domain};
    my ($who, $step2) = Pwless::at_step2('site', 'eve@example.org', $HOME);
    for my $page (['the address form', $who->get('/.auth0/login')], ['the code form', $who->get($step2)]) {
        like $page->[1]->header('Content-Security-Policy'), qr{form-action 'self' https://\Q$domain\E;},
            "X9: $page->[0] may be answered with the way there";
    }
    like $who->get('/.auth0/logout')->header('Content-Security-Policy'), qr{form-action 'self';},
        'X9: the sign-out may not';
}

is_deeply tenant(GET => '/errors'), [], 'the stand-in had no trouble';
done_testing;
