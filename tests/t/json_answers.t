# SPDX-License-Identifier: Apache-2.0
# The sign-in in JSON: many at once, what comes after success and misses, limits, the
# tenant's refusals, signing out.
use strict;
use warnings;
use utf8;
use JSON::PP qw(decode_json encode_json);
use Test::More;
use Time::HiRes qw(sleep);
use URI::Escape qw(uri_escape);
use Pwless qw(tenant messages code_for calls sessions_set wrong_code);
use PwlessHttpd;
use PwlessJson;

my $START = '/passwordless/start';
my $TOKEN = '/oauth/token';
my $HOME = '/htdocs/members/';
binmode Test::More->builder->$_, ':utf8'
    for qw(output failure_output todo_output);

# ---- L15: many at once -------------------------------------------------------------------------
{
    begin();
    my $post = sub {
        my ($step, $code) = @_;
        return ['POST', '/.auth0/code', encode_json({t => $step->{t}, code => $code}),
            {'Content-Type' => 'application/json', 'Accept' => '*/*'}];
    };
    my ($ann, $step) = at_code('site', 'ann@example.org', {return_to => $HOME});
    my $code = code_for('ann@example.org');
    my @all = $ann->burst(map { $post->($step, $code) } 1 .. 50);
    my $in = grep { $_->code == 200 && decode_json($_->content)->{return_to} eq $HOME } @all;
    my $busy = grep { $_->code == 409 && decode_json($_->content)->{reason} eq 'flow-busy' } @all;
    is $in + $busy, 50, 'L15: the right code 50 times: in, or to ask again in a moment'
        or diag map { $_->code . ' ' . $_->content . "\n" } grep { $_->code != 409 } @all;
    cmp_ok $in, '>=', 3, 'U15: those who waited are in';
    is calls($TOKEN), 1, 'L15: by one call';
    my %sids = map { $_ => 1 } sessions_set(@all);
    is scalar keys %sids, 1, 'L15: with one session';
    begin();
    (my $bea, $step) = at_code('site', 'bea@example.org');
    $code = code_for('bea@example.org');
    @all = $bea->burst(map { $post->($step, wrong_code($code)) } 1 .. 20);
    my %told;
    $told{$_->code . ' ' . (decode_json($_->content)->{reason} || '')}++ for @all;
    my $busy_too = delete $told{'409 flow-busy'} || 0;
    is_deeply \%told, {'403 flow-wrong' => 20 - $busy_too}, 'L15: one wrong code 20 times: the same answer';
    is calls($TOKEN), 1, 'L15: by one call';
    @all = $bea->burst(map { $post->($step, wrong_code($code, $_ + 1)) } 1 .. 50);
    my $made = calls($TOKEN);
    ok $made <= 3, "L15: 50 wrong codes: at most three calls ($made)";
    is scalar(grep { $_->code == 200 } @all), 0, 'L15: none is told that all is well';
    is scalar sessions_set(@all), 0, 'L15: no session';
    my %reasons = map { decode_json($_->content)->{reason} => 1 } @all;
    is_deeply [grep { !/^flow-(?:wrong|spent|busy)$/ } keys %reasons], [],
        'L15: but why not: ' . join ' ', sort keys %reasons;
}

{
    begin();
    my ($ann, $step) = at_code('site', 'dan@example.org');
    my $code = code_for('dan@example.org');
    tenant(POST => '/set', {delay => 0.5});
    my @all = $ann->burst(map { ['POST', '/.auth0/code', encode_json({t => $step->{t},
        code => wrong_code($code, $_)}), {'Content-Type' => 'application/json'}] } 1, 2);
    tenant(POST => '/set', {delay => 0});
    my ($miss, $busy) = sort { $a->code <=> $b->code } @all;
    refused('L15: of two codes at once, the first', $miss, 403, 'flow-wrong', 'code');
    refused('L15: and the second', $busy, 409, 'flow-busy', 'code');
    is calls($TOKEN), 1, 'L15: which calls nobody';
}

# ---- L16, L17: after success, and after three misses ---------------------------------------------
{
    begin();
    my ($ann, $step) = at_code('site', 'ann@example.org', {return_to => $HOME});
    my $code = code_for('ann@example.org');
    my %form = (code => $code, t => $step->{t});
    my ($first) = $ann->json('code', \%form);
    my ($again, $json) = $ann->json('code', \%form);
    is_deeply [$again->code, $json->{return_to}], [200, $HOME], 'L16: the same post once more';
    is calls($TOKEN), 1, 'L16: one call in all';
    my ($sid) = sessions_set($first);
    is $ann->cookie('session'), $sid, 'L16: and one session';
    my $bob = Pwless->new('site');
    $bob->json('login');
    my ($res) = $bob->json('code', \%form);
    refused('L16: the same post of another browser', $res, 403, 'token-browser', 'login');

    begin();
    ($ann, $step) = at_code('site', 'cat@example.org');
    $code = code_for('cat@example.org');
    for my $nth (1 .. 3) {
        ($res) = $ann->json('code', {code => wrong_code($code, $nth), t => $step->{t}});
        $step = refused("L17: miss $nth", $res, 403, $nth < 3 ? 'flow-wrong' : 'flow-spent', 'code');
        is $step->{tries_left}, 3 - $nth, "L17: miss $nth: tries left";
    }
    like $step->{detail}, qr/last try for this code/, 'L17: in words';
    ($res) = $ann->json('code', {code => $code, t => $step->{t}});
    refused('L17: the right code as a fourth try', $res, 403, 'flow-spent', 'code');
    is calls($TOKEN), 3, 'L17: which calls nobody';
    (undef, my $now) = $ann->json('code?t=' . uri_escape($step->{t}));
    is_deeply [@$now{qw(next reason tries_left)}], ['code', 'flow-spent', 0],
        'GET code tells where the sign-in stands';
}

# ---- L18: another code -----------------------------------------------------------------------------
{
    begin();
    my ($ann, $step) = at_code('site', 'ann@example.org');
    my ($res, $now) = $ann->json('code', {t => $step->{t}, op => 'send'});
    is_deeply [$res->code, $now->{next}], [200, 'code'], 'L18: a second click is answered like the first';
    ($res, $now) = $ann->json('login', {email => 'ann@example.org', t => ($ann->json('login'))[1]{t}});
    is_deeply [$res->code, $now->{next}], [200, 'code'], 'L18: another tab shares the code';
    ($res, $now) = $ann->json('code?t=' . uri_escape($step->{t})) for 1 .. 3;
    is_deeply [$res->code, $now->{next}, $now->{reason}], [200, 'code', undef], 'L18: GET code: 200';
    is scalar @{messages('ann@example.org')}, 1, 'L18: one mail in all';

    (my $bob, $step) = at_code('quick', 'bob@example.org');
    sleep 1.2;
    ($res, $step) = $bob->json('code', {t => $step->{t}, op => 'send'});
    is_deeply [$res->code, $step->{next}, $step->{reason}, $step->{tries_left}],
        [200, 'code', 'flow-resent', 3], 'L18: after the wait: another code';
    like $step->{detail}, qr/Codes from earlier emails no longer work/, 'L18: in words';
    is $step->{resend_after}, 2, 'L18: and the next wait';
    is scalar @{messages('bob@example.org')}, 2, 'L18: a second mail';
    (undef, $step) = $bob->json('code', {t => $step->{t}, op => 'change'});
    is_deeply [@$step{qw(next address has_code)}], ['login', 'bob@example.org', JSON::PP::true],
        'op=change: step 1 with the address, and a code that works';
    (undef, $step) = $bob->json('login', {t => $step->{t}, op => 'code'});
    is $step->{next}, 'code', 'op=code: back to it';
    is scalar @{messages('bob@example.org')}, 2, 'op=code: without a mail';
    ($res, $now) = $bob->json('code', {t => $step->{t}, code => code_for('bob@example.org')});
    is $now->{signed_in}, JSON::PP::true, 'L18: the second code signs in';
}
{
    # A cool-down is refused once the second click is no longer the first: 10 s.
    my $own = PwlessHttpd->site(host => ['Auth0ResendInterval 60s']);
    ok $own->start, 'a server of its own' or diag $own->log_text;
    my $ann = Pwless->new($own->url);
    my (undef, $first) = $ann->json('login');
    my (undef, $step) = $ann->json('login', {email => 'slow@example.org', t => $first->{t}});
    sleep 10.5;
    my ($res) = $ann->json('code', {t => $step->{t}, op => 'send'});
    $step = refused('L18: too early', $res, 429, 'flow-wait', 'code');
    ok $step->{retry_after} > 40 && $step->{retry_after} < 51, 'L18: too early: how long to wait';
    is $step->{resend_after}, $step->{retry_after}, 'L18: too early: which resend_after says, too';
    (undef, $first) = $ann->json('code', {t => $step->{t}, op => 'change'});
    ($res, $step) = $ann->json('login', {email => 'slow@example.org', t => $first->{t}});
    is_deeply [$res->code, @$step{qw(next reason)}], [200, 'code', 'flow-wait'],
        'L18: from step 1 it leads to the code sent before';
    is scalar @{messages('slow@example.org')}, 1, 'L18: one mail in all';
    $own->stop;
}

{
    my $own = PwlessHttpd->site(host => ['Auth0ResendInterval 1s',
        'Auth0Throttle address=off client=off site=off']);
    ok $own->start, 'a server with short waits' or diag $own->log_text;
    my $ann = Pwless->new($own->url);
    my (undef, $step) = $ann->json('login');
    (undef, $step) = $ann->json('login', {email => 'many@example.org', t => $step->{t}});
    sleep 1.1;
    tenant(POST => '/fault', {path => $START, fault => 'rate-limited', times => 1,
        retry_after => 1, json => {error => 'too_many_requests'}});
    my ($res) = $ann->json('code', {t => $step->{t}, op => 'send'});
    $step = refused('U8: another code, at the tenant\'s limit', $res, 429, 'tenant-rate-limit', 'code');
    is $step->{tries_left}, 3, 'U8: the first code is as good as it was';
    tenant(DELETE => '/fault');
    for (2 .. 5) {
        sleep 1.2;
        ($res, $step) = $ann->json('code', {t => $step->{t}, op => 'send'});
        is $step->{reason}, 'flow-resent', "L18: code $_";
    }
    sleep 1.2;
    ($res) = $ann->json('code', {t => $step->{t}, op => 'send'});
    $step = refused('L18: a sixth', $res, 429, 'flow-limit', 'code');
    ok $step->{retry_after} > 170, 'L18: until the fifth is too old';
    (undef, my $change) = $ann->json('code', {t => $step->{t}, op => 'change'});
    ($res) = $ann->json('login', {email => 'many@example.org', t => $change->{t}});
    $step = refused('L18: a sixth from step 1', $res, 429, 'flow-limit', 'code');
    is scalar @{messages('many@example.org')}, 5, 'L18: five mails';
    ($res) = $ann->json('code', {t => $step->{t}, code => code_for('many@example.org')});
    is $res->code, 200, 'L18: of which the fifth signs in';
    $own->stop;
}

# ---- L19: throttles ----------------------------------------------------------------------------------
{
    my $own = PwlessHttpd->site(host => ['Auth0Throttle address=2/15m client=off site=off']);
    ok $own->start, 'a server with a throttle' or diag $own->log_text;
    tenant(DELETE => '/calls');
    my ($res, $step);
    for my $nth (1 .. 3) {
        my $who = Pwless->new($own->url);
        (undef, $step) = $who->json('login');
        ($res) = $who->json('login', {email => 'crowd@example.org', t => $step->{t}});
        is $res->code, 200, "L19: code $nth" if $nth < 3;
    }
    $step = refused('L19: a third', $res, 429, 'throttle-address', 'login');
    ok $step->{retry_after} > 300, 'L19: with the wait';
    is $step->{address}, 'crowd@example.org', 'L19: and the address kept';
    is calls($START), 2, 'L19: two calls';
    my $form = Pwless->new($own->url);
    is $form->post('/.auth0/login', {email => 'crowd@example.org', t => $form->open_login})->code,
        429, 'L19: the form is counted with it';
    $own->stop;
}

# ---- the tenant ---------------------------------------------------------------------------------------
{
    my $ann = begin();
    my (undef, $step) = $ann->json('login');
    tenant(POST => '/fault', {path => $START, fault => 'status', status => 500, times => 1});
    my ($res) = $ann->json('login', {email => 'ann@example.org', t => $step->{t}});
    $step = refused('U9: a tenant that fails', $res, 503, 'tenant-failed', 'login');
    unlike $res->content, qr/Internal|curl/, 'X8: and none of its words';
    tenant(DELETE => '/fault');
    ($res) = $ann->json('login', {email => 'ann@example.org', t => $step->{t}});
    refused('U9: the same once more', $res, 503, 'tenant-failed', 'code');
    is calls($START), 1, 'U9: the mail may be on its way: no second call';
    ($res, $step) = $ann->json('login', {email => 'eva@example.org', t => $step->{t}});
    is_deeply [$res->code, $step->{next}], [200, 'code'], 'U9: the t of a refusal gets on';
    tenant(POST => '/fault', {path => $TOKEN, fault => 'status', status => 500, times => 1});
    ($res) = $ann->json('code', {code => code_for('eva@example.org'), t => $step->{t}});
    $step = refused('U9: the same with a code', $res, 503, 'tenant-failed', 'code');
    is $step->{tries_left}, 2, 'U9: a try that may have been counted is counted';
    ($res) = $ann->json('code', {code => code_for('eva@example.org'), t => $step->{t}});
    refused('U9: the same post once more', $res, 503, 'tenant-failed', 'code');
    is calls($TOKEN), 1, 'U9: within ten seconds calls nobody';
    tenant(DELETE => '/fault');
    begin();
    ($ann, $step) = at_code('site', 'eva@example.org');
    tenant(POST => '/fault', {path => $TOKEN, fault => 'rate-limited', times => 1,
        retry_after => 40, json => {error => 'too_many_requests'}});
    ($res) = $ann->json('code', {code => code_for('eva@example.org'), t => $step->{t}});
    $step = refused('U8: the tenant\'s limit', $res, 429, 'tenant-rate-limit', 'code');
    ok $step->{retry_after} > 30 && $step->{retry_after} <= 40, 'U8: with its wait';
    ($res) = $ann->json('code', {code => code_for('eva@example.org'), t => $step->{t}});
    refused('U8: which is kept', $res, 429, 'tenant-rate-limit', 'code');
    tenant(DELETE => '/fault');

    begin();
    ($ann, $step) = at_code('site', 'mia@example.org');
    tenant(POST => '/set', {mfa => JSON::PP::true});
    ($res) = $ann->json('code', {code => code_for('mia@example.org'), t => $step->{t}});
    $step = refused('L20: a second factor', $res, 403, 'tenant-step', 'hosted');
    my $domain = Pwless::tenant_json()->{domain};
    like $step->{url}, qr{^https://\Q$domain\E/authorize\?.*login_hint=mia},
        'L20: the way to the tenant\'s own page';
    unlike $res->as_string, qr/mfa_token|mfa_required/, 'L20: the tenant\'s words stay inside';
    tenant(POST => '/set', {mfa => []});

    begin();
    tenant(POST => '/claims', {email_verified => JSON::PP::false});
    ($ann, $step) = at_code('site', 'nil@example.org');
    ($res) = $ann->json('code', {code => code_for('nil@example.org'), t => $step->{t}});
    refused('L22: an address nobody verified', $res, 403, 'jwt-email-unverified', 'code');
    tenant(POST => '/claims', {});
}

# ---- L21: known, unknown, closed, blocked ----------------------------------------------------------------
{
    my $plain = sub {
        my ($res, $email) = @_;
        my $text = join "\n", $res->code,
            map { my $name = $_; map { "$name: $_" } $res->header($name) }
            grep { !/^(?:date|client-|keep-alive|x-died)/i } sort $res->header_field_names;
        $text .= "\n\n" . $res->content;
        $text =~ s/\Q$email\E/ADDRESS/g;
        $text =~ s/("t": ")([^"]+)/$1 . 'x' x length $2/ge;
        $text =~ s/(auth0-\w+=)([A-Za-z0-9_-]+)/$1 . 'x' x length $2/ge;
        $text =~ s/("(?:code_expires_in|resend_after)": )\d+/$1N/g;
        $text =~ s/("request_id": ")[^"]+/$1ID/g;
        $text =~ s/Content-Length: \d+/Content-Length: N/; # of times and references
        return $text;
    };
    my $walk = sub {
        my ($email) = @_;
        my $browser = Pwless->new('site');
        my (undef, $step) = $browser->json('login');
        my ($res, $next) = $browser->json('login', {email => $email, t => $step->{t}});
        my @steps = $res;
        for my $code ('111111', '222222', '333333', '444444') {
            ($res, $next) = $browser->json('code', {code => $code, t => $next->{t}});
            push @steps, $res;
        }
        ($res, $next) = $browser->json('code', {t => $next->{t}, op => 'send'});
        push @steps, $res;
        push @steps, ($browser->json('code?t=' . uri_escape($next->{t})))[0];
        return map { $plain->($_, $email) } @steps;
    };
    begin();
    tenant(POST => '/set', {fixed_code => '999999'});
    my @known = $walk->('known@example.org');
    is scalar @known, 7, 'L21: seven answers to compare';
    like $known[0], qr/"next": "code".*on its way there/s, 'L21: of which the first is step 2';
    like $known[1], qr/"reason": "flow-wrong"/, 'L21: and the second a miss';
    for my $case (
        ['an unknown address where sign-ups are closed', 'close@example.org',
            sub { tenant(POST => '/set', {signup_disabled => JSON::PP::true}) }],
        ['a blocked account', 'block@example.org', sub { tenant(POST => '/users',
            {email => 'block@example.org', blocked => JSON::PP::true}) }],
        ['an account known to the tenant', 'inner@example.org',
            sub { tenant(POST => '/users', {email => 'inner@example.org'}) }]) {
        my ($who, $email, $prepare) = @$case;
        begin();
        tenant(POST => '/set', {fixed_code => '999999'});
        $prepare->();
        my @answers = $walk->($email);
        is $answers[$_], $known[$_], "L21: $who: answer " . ($_ + 1) . ' is the same'
            for 0 .. $#known;
    }
}

# ---- signing out ---------------------------------------------------------------------------------------------
{
    begin();
    my ($ann, $step) = at_code('site', 'ann@example.org');
    $ann->json('code', {code => code_for('ann@example.org'), t => $step->{t}});
    my (undef, $session) = $ann->json('session');
    for my $case (['S4: no token', {}, 403, 'token-missing'],
        ['S4: the token of a sign-in', {t => $step->{t}}, 403, 'token-step'],
        ['S4: no token at all', {t => 'x'}, 403, 'token-forged']) {
        my ($what, $body, $status, $reason) = @$case;
        my ($res) = $ann->json('logout', $body);
        refused($what, $res, $status, $reason);
    }
    my ($res) = $ann->json('logout', {t => $session->{t}}, {Origin => 'https://evil.example'});
    refused('L2: signing out from elsewhere', $res, 403, 'origin-foreign');
    ($res) = $ann->json('logout', {t => $session->{t}}, {'Content-Type' => 'text/plain'});
    is $res->code, 415, 'L2: signing out by text/plain';
    my ($bob, $his) = at_code('site', 'bob@example.org');
    $bob->json('code', {code => code_for('bob@example.org'), t => $his->{t}});
    ($res) = $bob->json('logout', {t => $session->{t}});
    refused('S4: the token of another session', $res, 403, 'token-browser');
    is $ann->get($HOME)->code, 200, 'S4: nobody was signed out';
    is $bob->get($HOME)->code, 200, 'S4: neither he';
    ($res, my $done) = $ann->json('logout', {t => $session->{t}, return_to => '/bye'});
    is_deeply $done, {signed_in => JSON::PP::false, return_to => '/bye'}, 'return_to is told';
    is $ann->get($HOME)->code, 302, 'and she is signed out';
    (undef, $session) = $bob->json('session');
    ($res, $done) = $bob->json('logout', {t => $session->{t}, return_to => '//evil.example'});
    is $done->{return_to}, '/.auth0/logout', 'R2: but none that leads elsewhere';
}

# ---- forms are what they were ------------------------------------------------------------------------------------
{
    my $ann = begin();
    my $res = $ann->post('/.auth0/login', {email => 'ann@example.org', t => $ann->open_login,
        return_to => '/evil'}, {Accept => 'application/json'});
    is $res->code, 303, 'a form is answered by a redirect, whatever is accepted';
    my $done = $ann->enter_code($res->header('Location'), code_for('ann@example.org'));
    is $done->header('Location'), '/', 'L6: and names no target of its own';
    like $ann->get('/.auth0/login?why=other')->content_type, qr{^text/html}, 'a browser gets HTML';
}
is_deeply tenant(GET => '/errors'), [], 'the stand-in had no trouble';
done_testing;
