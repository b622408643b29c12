# SPDX-License-Identifier: Apache-2.0
# The same thing more than once: fifty posts at one moment, double clicks,
# reloads, and several tabs of one browser.
use strict;
use warnings;
use Test::More;
use URI::Escape qw(uri_escape);
use Pwless qw(tenant messages code_for calls at_step2 sessions_set wrong_code);

my $START = '/passwordless/start';
my $TOKEN = '/oauth/token';


sub begin {
    tenant(POST => '/reset');
    tenant(POST => '/set', {limits => undef});
    return Pwless->new('site');
}

# L15: many posts at once.
{
    begin();
    my ($ann, $step2, $t, $code) = at_step2('site', 'ann@example.org', '/htdocs/members/');
    my $form = sub { ['POST', $step2, "code=$_[0]&t=" . uri_escape($t) . '&op=verify'] };
    my @all = $ann->burst(map { $form->($code) } 1 .. 50);
    is scalar(grep { $_->code == 303 } @all), 50, 'L15: the right code 50 times: all go on';
    is calls($TOKEN), 1, 'L15: one call';
    my %sids = map { $_ => 1 } sessions_set(@all);
    is scalar keys %sids, 1, 'L15: one session';
    my $target = grep { ($_->header('Location') || '') eq '/htdocs/members/' } @all;
    my $back = grep { ($_->header('Location') || '') =~ m{^/\.auth0/code\?t=} } @all;
    is $target + $back, 50, 'L15: to the target, or to step 2';
    cmp_ok $target, '>=', 3, 'U15: those who waited to the target';
    begin();
    ($ann, $step2, $t, $code) = at_step2('site', 'bea@example.org');
    @all = $ann->burst(map { $form->(wrong_code($code, $_)) } 1 .. 50);
    is scalar(grep { $_->code == 303 } @all), 50, 'L15: 50 wrong codes: back to step 2';
    my $made = calls($TOKEN);
    ok $made >= 1 && $made <= 3, "L15: at most three calls ($made)";
    is scalar sessions_set(@all), 0, 'L15: no session';
    begin();
    ($ann, $step2, $t, $code) = at_step2('site', 'cat@example.org');
    tenant(POST => '/set', {delay => 0.3});
    @all = $ann->burst(map { $form->($_ % 2 ? $code : wrong_code($code, $_)) } 1 .. 50);
    tenant(POST => '/set', {delay => 0});
    $made = calls($TOKEN);
    ok $made >= 1 && $made <= 3, "L15: right and wrong ones mixed: $made calls";
    %sids = map { $_ => 1 } sessions_set(@all);
    ok keys %sids <= 1, 'L15: one session at most';
    begin();
    ($ann, $step2, $t, $code) = at_step2('site', 'dan@example.org');
    my $spent = 0;
    for my $nth (1 .. 3) {
        $ann->post($step2, {code => wrong_code($code, $nth), t => $t, op => 'verify'});
    }
    @all = $ann->burst(map { $form->($code) } 1 .. 20);
    is calls($TOKEN), 3, 'L15: a spent transaction calls nobody';
    is scalar sessions_set(@all), 0, 'L15: not even with the right code';
}

# Four tabs of one browser, four addresses: each ends where it began.
{
    my $ann = begin();
    my @tabs = map { {
        email => "tab$_\@example.org", target => "/htdocs/members/?tab=$_",
        t => $ann->open_login("/htdocs/members/?tab=$_"),
    } } 1 .. 4;
    for my $tab (@tabs) {
        $tab->{step2} = $ann->post('/.auth0/login',
            {email => $tab->{email}, t => $tab->{t}})->header('Location');
    }
    is calls($START), 4, 'S15: four tabs, four addresses, four calls';
    my %sids;
    for my $tab (reverse @tabs) {
        my $res = $ann->enter_code($tab->{step2}, code_for($tab->{email}));
        is $res->header('Location'), $tab->{target}, "S15: $tab->{email} gets where it wanted";
        like $ann->get('/htdocs/members/env.cgi')->content,
            qr/^REMOTE_USER=\Q$tab->{email}\E$/m, 'S15: and is who is signed in';
        $sids{$ann->cookie('session')} = 1;
    }
    is scalar keys %sids, 4, 'S15: four sessions, one after the other';
    is calls($TOKEN), 4, 'S15: four calls';
}

# Four tabs, one address: the newest code works in each, once.
{
    my $ann = begin();
    my @tabs = map { $ann->ask_code('ann@example.org', "/htdocs/members/?tab=$_") } 1 .. 4;
    my @tokens = map { Pwless::token($ann->get($_)) } @tabs;
    is scalar @{messages('ann@example.org')}, 1, 'S15: four tabs, one address, one mail';
    my $code = code_for('ann@example.org');
    my $res = $ann->post($tabs[1], {code => $code, t => $tokens[1], op => 'verify'});
    is $res->header('Location'), '/htdocs/members/?tab=2',
        'S15: the newest code signs in from any tab';
    my $sid = $ann->cookie('session');
    for my $n (0, 2, 3) {
        my $target = '/htdocs/members/?tab=' . ($n + 1);
        is $ann->get($tabs[$n])->header('Location'), $target,
            'S15: signed in meanwhile: a reload leads on';
        $res = $ann->post($tabs[$n], {code => $code, t => $tokens[$n], op => 'verify'});
        is $res->code, 303, 'S15: so does the code';
        is $res->header('Location'), $target, 'S15: each to its own page';
    }
    is calls($TOKEN), 1, 'S15: one call';
    is $ann->cookie('session'), $sid, 'S15: one session';
    # Another address in a tab: it replaces the session (ux.md A.4).
    my $step2 = $ann->post('/.auth0/login', {email => 'bob@example.org',
        t => Pwless::token($ann->get('/.auth0/login?why=other'))})->header('Location');
    $res = $ann->enter_code($step2, code_for('bob@example.org'));
    is $res->code, 303, 'S2: somebody else signs in';
    isnt $ann->cookie('session'), $sid, 'S2: with a session of their own';
}

# Another address.
{
    begin();
    my ($ann, $step2, $t, $code) = at_step2('site', 'anm@example.org', '/htdocs/members/?x=1');
    my $res = $ann->post($step2, {t => $t, op => 'change'});
    is $res->code, 303, 'L18: another address: back to step 1';
    like $res->header('Location'), qr{^/\.auth0/login\?t=}, 'L18: with a token';
    unlike $res->header('Location'), qr/anm(?:\@|%40)|example/, 'L18: not with the address';
    my $page = $ann->get($res->header('Location'));
    like $page->content, qr/name="email"[^>]* value="anm\@example\.org"/s,
        'L18: the address is there to be mended';
    my $have = $ann->post($res->header('Location'),
        {email => '', op => 'code', t => Pwless::token($page)});
    is $have->code, 303, 'L18: "I already have a code" leads back';
    like $ann->get($have->header('Location'))->content, qr/anm\@example\.org/,
        'L18: to step 2';
    is calls($START), 1, 'L18: nothing is sent by that';
    $res = $ann->post($res->header('Location'),
        {email => 'ann@example.org', t => Pwless::token($page)});
    is $res->code, 303, 'L18: the mended one is posted';
    is calls($START), 2, 'L18: and called for at once, without a cool-down';
    $res = $ann->enter_code($res->header('Location'), code_for('ann@example.org'));
    is $res->header('Location'), '/htdocs/members/?x=1', 'L18: the target was kept';
    like $ann->get('/htdocs/members/env.cgi')->content,
        qr/^REMOTE_USER=ann\@example\.org$/m, 'L18: ann is in';
}

# The same form twice (ux.md A.1, A.11).
{
    my $ann = begin();
    my %form = (email => 'ann@example.org', t => $ann->open_login('/htdocs/members/'));
    my @answers = map { $ann->post('/.auth0/login', \%form) } 1 .. 2;
    is $_->code, 303, 'L18: step 1 posted twice: each goes on' for @answers;
    is calls($START), 1, 'L18: one call';
    is scalar @{messages('ann@example.org')}, 1, 'L18: one mail';
    my $code = code_for('ann@example.org');
    my $t = Pwless::token($ann->get($answers[0]->header('Location')));
    my %code = (code => wrong_code($code), t => $t, op => 'verify');
    my @wrong = map { $ann->post('/.auth0/code', \%code) } 1 .. 2;
    is calls($TOKEN), 1, 'L18: a wrong code posted twice costs one try';
    like $ann->get($wrong[1]->header('Location'))->content, qr/2 tries left/,
        'L18: and says so';
    my @right = map { Pwless->new('site') } 1 .. 2;
    $_->{ua}->cookie_jar($ann->{ua}->cookie_jar) for @right;
    my @both = $ann->burst(map {
        ['POST', '/.auth0/code', "code=$code&op=verify&t=" . uri_escape($t)] } 1 .. 2);
    is $_->header('Location'), '/htdocs/members/', 'L18: a double click: both lead on'
        for @both;
    my @sids = sessions_set(@both);
    is scalar @sids, 2, 'L18: each sets the cookie';
    is $sids[0], $sids[1], 'L18: to the same session';
    is calls($TOKEN), 2, 'L18: for one call';

    # The first answer is not there yet when the second click comes.
    my $bob = Pwless->new('site');
    my $t1 = uri_escape($bob->open_login);
    tenant(POST => '/set', {delay => 0.5});
    @both = $bob->burst(map {
        ['POST', '/.auth0/login', "email=bob\@example.org&t=$t1"] } 1 .. 5);
    tenant(POST => '/set', {delay => 0});
    is $_->code, 303, 'L18: a click while the first is on its way' for @both;
    is scalar @{messages('bob@example.org')}, 1, 'L18: one mail';
}

# Asking ahead of need, and looking without a cookie.
{
    my $ann = begin();
    for my $case (['HEAD', {}], ['GET', {'Sec-Purpose' => 'prefetch'}],
        ['GET', {'Sec-Purpose' => 'prefetch;prerender'}], ['GET', {Purpose => 'prefetch'}]) {
        my ($method, $headers) = @$case;
        my $res = $ann->request($method, '/.auth0/login', undef, $headers);
        is $res->header('Set-Cookie'), undef, "L18: $method @{[%$headers]} begins nothing";
    }
    my ($bob, $step2) = at_step2('site', 'bob@example.org');
    for (1 .. 3) {
        is $bob->get($step2)->code, 200, 'L18: step 2 is reloaded';
        is $bob->request('HEAD', $step2)->code, 200, 'L18: or looked at by HEAD';
        is $bob->get('/.auth0/login')->code, 200, 'L18: or left by Back';
    }
    is calls($START), 1, 'L18: one call';
    is calls($TOKEN), 0, 'L18: and no try';
    # ux.md A.8: is it the cookie, or was it only old?
    my $none = Pwless->new('site');
    my $t = $none->open_login('/htdocs/members/');
    $none->{ua}->cookie_jar->clear;
    my $res = $none->post('/.auth0/login', {email => 'ann@example.org', t => $t});
    is $res->header('Location'),
        '/.auth0/login?return_to=%2Fhtdocs%2Fmembers%2F&check=1',
        'K3: a post without our cookie: look whether it comes back';
    like $none->get($res->header('Location'))->content, qr/took longer than/,
        'K3: it does: the sign-in was too old';
    $none->{ua}->cookie_jar->clear;
    like $none->get($res->header('Location'))->content, qr/Allow cookies for/,
        'K3: it does not: the page says so';
    is calls($START), 1, 'K3: no call';
}
is_deeply tenant(GET => '/errors'), [], 'the stand-in had no trouble';
done_testing;
