# SPDX-License-Identifier: Apache-2.0
# Sign-ins behind a balancer that sends each request to another of two machines:
# the form and JSON just work, what is counted is counted once, and while Redis
# does not answer nothing goes on and nothing is lost.
use strict;
use warnings;
use JSON::PP qw(decode_json encode_json);
use MIME::Base64 qw(decode_base64url);
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);
use Pwless qw(tenant code_for calls wrong_code sessions_set);
use PwlessBalanced;

my $START = '/passwordless/start';
my $TOKEN = '/oauth/token';
my $HOME = '/members/';
my $public = $PwlessBalanced::public;

# ---- the form ----------------------------------------------------------------
PwlessBalanced::new_tenant();
my ($one, $two) = PwlessBalanced::machines();
my $redis = $PwlessBalanced::redis;
for my $first ($one, $two) {
    my $email = $first == $one ? 'ann@example.org' : 'bob@example.org';
    my $who = PwlessBalanced->new($one, $two)->next_is($first);
    my $step2 = $who->ask_code($email, $HOME);
    like $step2, qr{^/\.auth0/code\?t=}, 'step 1 on the one, its form on the other';
    my $code = code_for($email);
    my $page = $who->get($step2);
    like $page->content, qr/name="code"/, 'step 2';
    my $res = $who->post($step2, {code => '12', t => Pwless::token($page), op => 'verify'});
    is $res->code, 422, 'half a code is refused here';
    $res = $who->post($step2,
        {code => wrong_code($code), t => Pwless::token($page), op => 'verify'});
    is $res->code, 303, 'a wrong one at the tenant';
    $page = $who->get($res->header('Location'));
    like $page->content, qr/2 tries left/, 'L17: which the other machine tells';
    unlike $who->get($step2)->content, qr/2 tries left/, 'once';
    $res = $who->post($step2, {code => $code, t => Pwless::token($page), op => 'verify'});
    is $res->header('Location'), $HOME, 'the right one signs in';
    is $who->codes($HOME), '200 200', 'on both machines';
    my $sid = $who->cookie('session');
    $res = $who->post($step2, {code => $code, t => Pwless::token($page), op => 'verify'});
    is $res->header('Location'), $HOME, 'L16: posted again, on the other: the same';
    is $who->cookie('session'), $sid, 'L16: and the same session';
    my $step1 = $who->get("/.auth0/login?why=other&return_to=$HOME");
    is $step1->code, 200, 'signing in as another';
}
is calls($START), 2, 'two mails';
is calls($TOKEN), 4, 'L16: four tries';

# What Redis holds of it.
{
    my $who = PwlessBalanced->new($one, $two);
    my $step2 = $who->ask_code('zoe@example.org', $HOME);
    my $code = code_for('zoe@example.org');
    my $wrong = wrong_code($code);
    $who->enter_code($step2, $wrong);
    my @keys = grep { /^site:[fnc]:/ } @{$redis->ask('KEYS', '*')};
    is scalar(grep { /^site:f:[\w-]{43}$/ } @keys), 3, 'S9: Redis has a record for each sign-in';
    is scalar(grep { /^site:n:[\w-]{43}$/ } @keys), 3, 'S9: and which is the newest';
    my @left = map { $redis->ask('PTTL', $_) } @keys;
    is scalar(grep { $_ > 0 && $_ <= 900_000 } @left), scalar @left,
        'D11: each expires with Auth0SignInTimeout';
    my $most = 0;
    for my $key (@keys) {
        my $bytes = $redis->ask('MEMORY', 'USAGE', $key);
        $most = $bytes if $bytes > $most;
    }
    ok $most <= 512, "D11: half a kilobyte at most ($most)";
    my $all = Pwless::without_random($redis->dump_all);
    like $all, qr/^site:f:~ = ~$/m, 'S9: a record is nothing but sealed';
    like $all, qr/^site:n:~ = ~$/m, 'S9: so is the newest';
    unlike $all, qr/\Q$_\E/i, "S9: a dump holds no $_" for '@', 'zoe', 'example', $code, $wrong;
    my $raw = join '', map { decode_base64url($redis->ask('GET', $_)) } @keys;
    ok length $raw > 600, 'S9: what was sealed can be looked through, too';
    unlike $raw, qr/\Q$_\E/i, "S9: and holds no $_" for 'zoe@', 'example.org', $code, $wrong;
}

# What a step costs Redis (docs/operations.md, "Several machines").
PwlessBalanced::new_tenant();
{
    my $who = PwlessBalanced->new($one, $two);
    my ($res, $step2);
    my $cost = sub {
        my ($deed) = @_;
        return scalar grep { /"TIME"|"site:[fnc]:/ } $redis->heard($deed);
    };
    is $cost->(sub { $who->open_login($HOME) }), 0, 'the first form asks Redis nothing';
    is $cost->(sub { $step2 = $who->ask_code('amy@example.org', $HOME) }), 8, 'a code is sent';
    is $cost->(sub { $res = $who->get($step2) }), 3, 'step 2 is looked at';
    my $t = Pwless::token($res);
    my $code = code_for('amy@example.org');
    is $cost->(sub { $who->post($step2, {code => wrong_code($code), t => $t, op => 'verify'}) }), 6,
        'a wrong code';
    is $cost->(sub { $who->get($step2) }), 4, 'which step 2 tells, once';
    is $cost->(sub { $who->post($step2, {code => '12', t => $t, op => 'verify'}) }), 2, 'half a code';
    is $cost->(sub { $step2 = $who->ask_code('amy@example.org', $HOME) }), 5, 'another tab joins';
    is $cost->(sub { $res = $who->post($step2, {code => $code, t => $t, op => 'verify'}) }), 6,
        'the right code';
    is $res->header('Location'), $HOME, 'signs in';
    is $cost->(sub { $who->get($HOME) for 1 .. 4 }), 0, 'who is signed in asks nothing of this';
}

# ---- JSON ----------------------------------------------------------------------
PwlessBalanced::new_tenant();
{
    my $who = PwlessBalanced->new($one, $two);
    my ($res, $step) = $who->json('login');
    ($res, $step) = $who->json(login => {email => 'una@example.org', t => $step->{t},
        return_to => $HOME});
    is_deeply [$res->code, $step->{next}], [200, 'code'], 'JSON: step 1';
    my $code = code_for('una@example.org');
    ($res, my $wrong) = $who->json(code => {code => wrong_code($code), t => $step->{t}, op => 'verify'});
    is_deeply [$res->code, @$wrong{qw(reason tries_left)}], [403, 'flow-wrong', 2],
        'JSON: a wrong code, on the other machine';
    sleep 1.1;
    ($res, $step) = $who->json(code => {t => $step->{t}, op => 'send'});
    is_deeply [$res->code, $step->{next}], [200, 'code'], 'JSON: another code, on the first';
    is calls($START), 2, 'JSON: is sent';
    ($res, $step) = $who->json(code => {code => code_for('una@example.org'), t => $step->{t},
        op => 'verify'});
    is_deeply [$res->code, $step->{return_to}], [200, $HOME], 'JSON: signs in';
    is $who->codes($HOME), '200 200', 'JSON: on both machines';
}

# ---- another code, and tabs --------------------------------------------------------
PwlessBalanced::new_tenant();
{
    my $who = PwlessBalanced->new($one, $two);
    my $step2 = $who->ask_code('max@example.org', $HOME);
    my $t = Pwless::token($who->get($step2));
    my $old = code_for('max@example.org');
    for my $post (1, 2) {
        is $who->post($step2, {t => $t, op => 'send'})->code, 303, 'L18: a second click';
    }
    is calls($START), 1, 'L18: within the cool-down sends nothing on either machine';
    sleep 1.1;
    is $who->post($step2, {t => $t, op => 'send'})->code, 303, 'after it';
    is calls($START), 2, 'L18: the other machine sends, once';
    my $res = $who->post($step2, {code => $old, t => $t, op => 'verify'});
    is $who->cookie('session'), undef, 'the code before is of no use';
    $res = $who->post($step2, {code => code_for('max@example.org'), t => $t, op => 'verify'});
    is $res->header('Location'), $HOME, 'the new one is, on the other';

    # Two tabs ask at once, on two machines: neither knows of the other yet.
    my $tab = PwlessBalanced->new($one, $two);
    my @t = map { $tab->open_login($HOME) } 1, 2;
    tenant(POST => '/set', {delay => 1});
    my @step2 = map { undef } 1, 2;
    my $pid = open my $from, '-|';
    die "fork: $!" unless defined $pid;
    if (!$pid) {
        my $first = $tab->next_is($one)->post('/.auth0/login',
            {email => 'ida@example.org', t => $t[0], op => 'send'});
        syswrite STDOUT, $first->header('Location');
        POSIX::_exit(0);
    }
    sleep 0.4;
    $step2[1] = $tab->next_is($two)->post('/.auth0/login',
        {email => 'ida@example.org', t => $t[1], op => 'send'})->header('Location');
    $step2[0] = do { local $/; <$from> };
    close $from;
    tenant(POST => '/set', {delay => 0});
    is calls($START), 4, 'two tabs at once: two mails';
    for my $on ($two, $one) {
        like $tab->next_is($on)->get($step2[0])->content,
            qr/A newer code was asked for in another tab/, 'S15: the first tab is told, on both machines';
    }
    # A third joins the newest, wherever it asks.
    my $third = $tab->next_is($one)->ask_code('ida@example.org', $HOME);
    is calls($START), 4, 'S15: a third tab shares the newest code';
    $res = $tab->next_is($two)->enter_code($third, code_for('ida@example.org'));
    is $res->header('Location'), $HOME, 'S15: which signs in';
    for my $tab2 (@step2) {
        is $tab->get($tab2)->header('Location'), $HOME, 'S15: and the other tabs go on';
    }
}

# ---- fifty at once -------------------------------------------------------------------
# The same browser's @bodies at step 2, shared among the machines, at one moment.
sub crowd {
    my ($who, $step2, @bodies) = @_;
    my @half = ([], []);
    push @{$half[$_ % 2]}, ['POST', $step2, $bodies[$_], {Origin => $public}] for 0 .. $#bodies;
    my @answers;
    my $pid = open my $from, '-|';
    die "fork: $!" unless defined $pid;
    $who->{base} = ($pid ? $one : $two)->url;
    my @got;
    for my $res ($who->burst(@{$half[$pid ? 0 : 1]})) {
        my ($sid) = sessions_set($res);
        push @got, {code => $res->code, to => scalar $res->header('Location'), sid => $sid};
    }
    if (!$pid) {
        my $text = encode_json(\@got);
        print STDOUT $text;
        close STDOUT;
        POSIX::_exit(0);
    }
    my $others = decode_json(do { local $/; <$from> });
    close $from;
    return (@got, @$others);
}

sub many {
    my ($email, $body) = @_;
    my $who = PwlessBalanced->new($one, $two);
    my $step2 = $who->ask_code($email, $HOME);
    my $t = Pwless::token($who->get($step2));
    my $code = code_for($email);
    tenant(DELETE => '/calls');
    tenant(POST => '/set', {delay => 0.5});
    my @all = crowd($who, $step2, map { "t=$t&op=verify&code=" . $body->($code, $_) } 1 .. 50);
    tenant(POST => '/set', {delay => 0});
    my %sids = map { $_ => 1 } grep { defined } map { $_->{sid} } @all;
    return ($who, $step2, $t, $code, \@all, \%sids);
}

PwlessBalanced::new_tenant();
{
    my ($who, $step2, $t, $code, $all, $sids) = many('eve@example.org', sub { $_[0] });
    is calls($TOKEN), 1, 'L15: fifty posts of the right code on two machines: one call';
    is scalar(grep { $_->{code} == 303 } @$all), 50, 'L15: each is answered';
    is scalar keys %$sids, 1, 'L15: with one session';
    my $in = grep { defined $_->{to} && $_->{to} eq $HOME } @$all;
    ok $in >= 1, "L15: $in of them wait for it";
    is scalar(grep { $_->{to} ne $HOME && $_->{to} !~ m{^/\.auth0/code\?t=} } @$all), 0,
        'L15: the others go to step 2';
    my $res = $who->post($step2, {code => $code, t => $t, op => 'verify'});
    is $res->header('Location'), $HOME, 'L15: and from there on';
    is +(sessions_set($res))[0], (keys %$sids)[0], 'L15: with the same session';
    is calls($TOKEN), 1, 'L15: still one call';

    ($who, $step2, $t, $code, $all, $sids) = many('cat@example.org', sub { wrong_code(@_) });
    my $made = calls($TOKEN);
    ok $made >= 1 && $made <= 3, "L15: fifty wrong codes: at most three calls ($made)";
    is scalar keys %$sids, 0, 'L15: and no session';
    ($who, $step2, $t, $code, $all, $sids) =
        many('dan@example.org', sub { $_[1] % 2 ? $_[0] : wrong_code(@_) });
    $made = calls($TOKEN);
    ok $made >= 1 && $made <= 3, "L15: right and wrong ones mixed: $made calls";
    ok keys %$sids <= 1, 'L15: one session at most';
}

# Three wrong codes in turns.
PwlessBalanced::new_tenant();
{
    my $who = PwlessBalanced->new($one, $two);
    my $step2 = $who->ask_code('kim@example.org', $HOME);
    my $t = Pwless::token($who->get($step2));
    my $code = code_for('kim@example.org');
    $who->post($step2, {code => wrong_code($code, $_), t => $t, op => 'verify'}) for 1 .. 3;
    is calls($TOKEN), 3, 'L17: three wrong codes on two machines: three calls';
    for my $on ($one, $two) {
        like $who->next_is($on)->get($step2)->content, qr/That was the last try for this code/,
            'L17: it is spent on both';
        $who->next_is($on)->post($step2, {code => $code, t => $t, op => 'verify'});
        is calls($TOKEN), 3, 'L17: where the right code calls nobody';
    }
    is $who->cookie('session'), undef, 'L17: nobody is signed in';
}

# ---- Redis stops, and goes on ------------------------------------------------------------
PwlessBalanced::new_tenant();
{
    my $who = PwlessBalanced->new($one, $two);
    my $step2 = $who->ask_code('leo@example.org', $HOME);
    my $t = Pwless::token($who->get($step2));
    my $code = code_for('leo@example.org');
    $redis->kill('STOP');
    for my $on ($one, $two) {
        my $began = time;
        my $res = $who->next_is($on)->post($step2, {code => $code, t => $t, op => 'verify'});
        is $res->code, 503, 'U9: Redis stops after step 1: 503';
        ok time - $began < 3.5, 'U9: within the deadline' or diag time - $began;
        like $res->header('Retry-After'), qr/^[1-9][0-9]?$/, 'U9: with Retry-After';
        $began = time;
        is $who->next_is($on)->get($step2)->code, 503, 'U9: so for the form';
        ok time - $began < 1.5, 'U9: at once' or diag time - $began;
        like $on->log_text, qr/reason=store-failed/, 'U9: the log says why';
    }
    is calls($TOKEN), 0, 'L17: no try was made';
    $redis->kill('CONT');
    sleep 2.2;
    my $page = $who->next_is($two)->get($step2);
    is $page->code, 200, 'U9: Redis goes on: so does step 2';
    unlike $page->content, qr/tries? left/, 'L17: no try was lost';
    my $res = $who->post($step2, {code => $code, t => $t, op => 'verify'});
    is $res->header('Location'), $HOME, 'U9: the same code signs in';
    is $who->codes($HOME), '200 200', 'U9: on both machines';
}

# A program is told as much.
PwlessBalanced::new_tenant();
{
    my $who = PwlessBalanced->new($one, $two);
    my (undef, $step) = $who->json('login');
    (undef, $step) = $who->json(login => {email => 'pat@example.org', t => $step->{t}});
    my $code = code_for('pat@example.org');
    $redis->kill('STOP');
    my ($res, $told) = $who->json(code => {code => $code, t => $step->{t}, op => 'verify'});
    is_deeply [$res->code, $told->{reason}], [503, 'store-failed'], 'U9: JSON: 503';
    like $res->header('Retry-After'), qr/^[1-9][0-9]?$/, 'U9: JSON: with Retry-After';
    $redis->kill('CONT');
    sleep 2.2;
    ($res, $told) = $who->json(code => {code => $code, t => $step->{t}, op => 'verify'});
    is $res->code, 200, 'U9: JSON: the same again signs in';
    is calls($TOKEN), 1, 'L17: by one try';
}

# A Redis that comes back empty: a new start, and no code has its tries back.
PwlessBalanced::new_tenant();
{
    my $who = PwlessBalanced->new($one, $two);
    my $step2 = $who->ask_code('sam@example.org', $HOME);
    my $t = Pwless::token($who->get($step2));
    my $code = code_for('sam@example.org');
    $redis->ask('FLUSHALL');
    my $res = $who->post($step2, {code => $code, t => $t, op => 'verify'});
    is calls($TOKEN), 0, 'L17: a code whose record is gone calls nobody';
    is $res->code, 200, 'who typed it is back at step 1';
    like $res->content, qr/value="sam\@example\.org"/, 'with the address kept';
}

# A record nobody here has sealed.
PwlessBalanced::new_tenant();
{
    $redis->ask('FLUSHALL');
    my $who = PwlessBalanced->new($one, $two);
    my $step2 = $who->ask_code('roy@example.org', $HOME);
    my $t = Pwless::token($who->get($step2));
    my $code = code_for('roy@example.org');
    my ($key) = grep { /^site:f:/ } @{$redis->ask('KEYS', '*')};
    my $text = $redis->ask('GET', $key);
    substr($text, 40, 1) = substr($text, 40, 1) eq 'A' ? 'B' : 'A';
    $redis->ask('SET', $key, $text, 'PX', 900_000);
    my $res = $who->post($step2, {code => $code, t => $t, op => 'verify'});
    is calls($TOKEN), 0, 'S10: a record that was tampered with: no call';
    is $who->cookie('session'), undef, 'S10: no session';
    ok +(grep { $_->log_text =~ /reason=flow-damaged/ } $one, $two), 'S10: the log says why';
    is $res->code, 200, 'S10: the visitor is back at step 1';
    like $res->content, qr/value="roy\@example\.org"/, 'S10: with the address kept';
    $res = $who->post('/.auth0/login',
        {email => 'roy@example.org', t => Pwless::token($res), op => 'send'});
    $res = $who->enter_code($res->header('Location'), code_for('roy@example.org'));
    is $res->header('Location'), $HOME, 'S10: and can start again';

    my $program = PwlessBalanced->new($one, $two);
    my (undef, $step) = $program->json('login');
    (undef, $step) = $program->json(login => {email => 'tim@example.org', t => $step->{t}});
    $redis->ask('SET', $_, 'nonsense', 'PX', 900_000) for grep { /^site:f:/ } @{$redis->ask('KEYS', '*')};
    ($res, $step) = $program->json(code => {code => code_for('tim@example.org'), t => $step->{t},
        op => 'verify'});
    is_deeply [$res->code, @$step{qw(reason next)}], [403, 'flow-damaged', 'login'],
        'S10: a program is told so';
}
$_->let_go for $one, $two;

# ---- strangers --------------------------------------------------------------------------
# What a limit refuses leaves nothing in Redis for as long as a sign-in lives.
PwlessBalanced::new_tenant();
{
    $redis->ask('FLUSHALL');
    ($one, $two) = PwlessBalanced::machines('Auth0Throttle address=off client=2/1h site=off');
    my %codes;
    for my $nth (1 .. 12) {
        my $who = PwlessBalanced->new($nth % 2 ? ($one, $two) : ($two, $one));
        my $res = $who->post('/.auth0/login', {email => "u$nth\@example.org",
            t => $who->open_login($HOME), op => 'send'});
        $codes{$res->code}++;
    }
    is_deeply \%codes, {303 => 2, 429 => 10}, 'L19: two codes for twelve strangers of one network';
    my @life = map { $redis->ask('PTTL', $_) } grep { /^site:[fnc]:/ } @{$redis->ask('KEYS', '*')};
    is scalar(grep { $_ > 10_000 } @life), 4, 'L19: two sign-ins, with a record and a newest each';
    is scalar(grep { $_ > 0 && $_ <= 10_000 } @life), @life - 4, 'L19: the others are gone in seconds';
}

is_deeply tenant(GET => '/errors'), [], 'the stand-in had no trouble';
done_testing;
