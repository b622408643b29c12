# SPDX-License-Identifier: Apache-2.0
# Wrong codes for one recipient over days (Auth0Throttle wrong=), the networks that
# are not counted (Auth0ThrottleExempt), and what neither of them changes.
use strict;
use warnings;
use JSON::PP ();
use POSIX qw(ceil);
use Test::More;
use Pwless qw(tenant calls code_for wrong_code);
use PwlessHttpd;

my ($START, $TOKEN) = ('/passwordless/start', '/oauth/token');
my $HOME = '/members/';
my @proxied = ('Auth0ResendInterval 1s', 'RemoteIPHeader X-Forwarded-For',
    'RemoteIPInternalProxy 127.0.0.1');

sub site {
    my (@lines) = @_;
    my $own = PwlessHttpd->site(main => ['Auth0MaxCalls 16'], host => [@proxied, @lines]);
    $own->start or BAIL_OUT($own->said . $own->log_text);
    tenant(POST => '/reset');
    tenant(POST => '/set', {limits => undef});
    return $own;
}

# A browser at some address of the world: (browser, its headers).
sub browser {
    my ($own, $from) = @_;
    return (Pwless->new($own->url), {'X-Forwarded-For' => $from});
}

sub ask {
    my ($own, $email, $from) = @_;
    my ($who, $headers) = browser($own, $from);
    my $t = Pwless::token($who->get("/.auth0/login?return_to=$HOME", $headers));
    my $res = $who->post('/.auth0/login', {email => $email, t => $t, op => 'send'}, $headers);
    return ($res, $who, $headers);
}

sub enter {
    my ($who, $headers, $step2, $code) = @_;
    my $t = Pwless::token($who->get($step2, $headers));
    return $who->post($step2, {code => $code, t => $t, op => 'verify'}, $headers);
}

# A code is asked for and a wrong one typed: the answer to it.
sub guess {
    my ($own, $email, $from) = @_;
    my ($res, $who, $headers) = ask($own, $email, $from);
    my $step2 = $res->header('Location') or return $res;
    return enter($who, $headers, $step2, wrong_code(code_for($email) // '000000'));
}

# What the page says, or the detail in JSON.
sub told {
    my ($res) = @_;
    my ($words) = $res->content =~ /(Sign-in is paused for .*?)(?:<\/p>|"[,}])/s;
    return ($words // '') =~ s/<[^>]*>//gr;
}

sub paused {
    my ($what, $res, $wait) = @_;
    is $res->code, 429, "$what: 429";
    my $seconds = $res->header('Retry-After') // 0;
    ok $seconds > $wait * 0.9 && $seconds <= $wait + 1, "$what: Retry-After names the wait" or diag $seconds;
    my $hours = ceil(($seconds - 900) / 3600);
    my $words = $hours < 48 ? "$hours hours" : ceil(($hours - 6) / 24) . ' days';
    like told($res), qr/^Sign-in is paused for this (?:address|number) after too many tries\. You can try again in about $words, or contact /,
        "$what: and so does what a person reads";
    return;
}

my $off = 'Auth0Throttle address=off client=off site=off';

# ---- a blocked address counts as an unknown one does --------------------------------
{
    my $own = site("$off wrong=2/7d");
    for my $case (['unknown', 403, 'invalid_grant', 'Wrong email or verification code.'],
        ['blocked', 429, 'too_many_attempts', 'Your account has been blocked.']) {
        my ($what, $status, $error, $words) = @$case;
        tenant(POST => '/reset');
        tenant(POST => '/set', {limits => undef});
        tenant(POST => '/fault', {path => $TOKEN, fault => 'status', status => $status,
            json => {error => $error, error_description => $words}});
        guess($own, "$what\@example.org", "192.0.2.$_") for 1 .. 2;
        paused("L21: $what, the third wrong code", guess($own, "$what\@example.org", '192.0.2.9'), 302400);
        tenant(DELETE => '/fault');
    }
}

# ---- strangers guess ---------------------------------------------------------------
{
    my $own = site("$off wrong=4/7d");
    my $per = 7 * 86400 / 4;
    my ($ann, $home) = browser($own, '192.0.2.1');
    my $step2 = (ask($own, 'ann@example.org', '192.0.2.1'))[0];
    my ($res, $who, $headers) = ask($own, 'ann@example.org', '192.0.2.1');
    is enter($who, $headers, $res->header('Location'), code_for('ann@example.org'))->code, 303,
        'ann signs in from home';
    is $who->get($HOME, $headers)->code, 200, 'and is in';
    # A right code is none of the wrong ones: 2 more sign-ins cost nothing.
    for my $nth (1 .. 2) {
        my ($sent, $again, $with) = ask($own, 'ann@example.org', "192.0.2.$nth");
        enter($again, $with, $sent->header('Location'), code_for('ann@example.org'));
    }

    my @open = ask($own, 'ann@example.org', '198.51.100.50'); # stays at step 2
    my @spelt = ('ann@example.org', 'ANN@example.org', 'ann+x@EXAMPLE.org', 'a.n.n@example.org');
    is guess($own, $spelt[$_], "198.51.100.$_")->code, 303, "a wrong code for $spelt[$_]" for 0 .. 3;
    tenant(DELETE => '/calls');
    paused('L12: four wrong codes, whatever the spelling: no other is sent',
        guess($own, 'ann@example.org', '198.51.100.9'), $per);
    is calls($START), 0, 'L19: the tenant is not asked';
    $res = enter(@open[1, 2], $open[0]->header('Location'), wrong_code(code_for('ann@example.org')));
    paused('and none is checked', $res, $per);
    is calls($TOKEN), 0, 'the tenant is not asked';
    $res = enter(@open[1, 2], $open[0]->header('Location'), code_for('ann@example.org'));
    is $res->code, 429, 'L15: not for the right one either';
    like $own->log_text, qr/\[auth0_pwless:warn\].*reason=throttle-wrong/, 'the log tells';
    unlike $own->log_text, qr/ann\@example\.org/, 'G6: without the address';

    # In JSON.
    my $json = Pwless->new($own->url);
    my $elsewhere = {'X-Forwarded-For' => '198.51.100.77'};
    my (undef, $step) = $json->json('login', undef, $elsewhere);
    ($res, $step) = $json->json('login', {email => 'ann@example.org', t => $step->{t}}, $elsewhere);
    paused('X11: in JSON', $res, $per);
    is $step->{reason}, 'throttle-wrong', 'X11: its reason';
    is $step->{retry_after}, $res->header('Retry-After'), 'X11: the wait';

    is $who->get($HOME, $headers)->code, 200, 'L19: who is signed in is not concerned';
    my ($sent, $again, $with) = ask($own, 'ann@example.org', '192.0.2.1');
    is $sent->code, 303, 'who signed in from here before gets a code';
    is enter($again, $with, $sent->header('Location'), code_for('ann@example.org'))->code, 303,
        'which is checked';
    is $again->get($HOME, $with)->code, 200, 'and signs in';
    is guess($own, 'bob@example.org', '198.51.100.9')->code, 303, 'another address is another matter';

    ok $own->graceful, 'a graceful restart';
    paused('which forgets nothing', guess($own, 'ann@example.org', '198.51.100.9'), $per);
}

# ---- numbers whose owners have an address, too ----------------------------------------
{
    my $number = '+32470123456';
    my $own = site("$off wrong=2/7d", 'Auth0Connection sms');
    my $sms = sub {
        my ($from) = @_;
        my ($who, $headers) = browser($own, $from);
        my $t = Pwless::token($who->get("/.auth0/login?return_to=$HOME", $headers));
        my $res = $who->post('/.auth0/login', {phone_number => $number, t => $t, op => 'send'}, $headers);
        return ($res, $who, $headers);
    };
    tenant(POST => '/claims', {email => 'ann@example.org', email_verified => JSON::PP::true()});
    my ($res, $who, $headers) = $sms->('192.0.2.1');
    enter($who, $headers, $res->header('Location'), code_for($number));
    is $who->get($HOME, $headers)->code, 200, 'a number signs in, and the token names an address';
    for my $nth (1 .. 2) {
        ($res, $who, $headers) = $sms->("198.51.100.$nth");
        enter($who, $headers, $res->header('Location'), wrong_code(code_for($number)));
    }
    paused('L12: strangers guess until none is sent', ($sms->('198.51.100.3'))[0], 302400);
    is +($sms->('192.0.2.1'))[0]->code, 303, 'L12: its owner is known by the number all the same';
}

# ---- two people whose addresses are one to the limits ----------------------------------
{
    my $own = site("$off wrong=2/7d");
    my $from = '192.0.2.5';
    my ($res, $who, $headers) = ask($own, 'annsmith@example.org', $from);
    enter($who, $headers, $res->header('Location'), code_for('annsmith@example.org'));
    is $who->get($HOME, $headers)->code, 200, 'one of them signs in';
    guess($own, 'ann.smith@example.org', $from) for 1 .. 2;
    paused('L12: who guesses codes of the other from there is a stranger',
        guess($own, 'ann.smith@example.org', '198.51.100.9'), 302400);
    is +(ask($own, 'annsmith@example.org', $from))[0]->code, 303, 'L19: and shuts out none but strangers';
}

# ---- known and unknown addresses; posts that come at once ------------------------------
{
    my $own = site("$off wrong=2/7d");
    tenant(POST => '/set', {limits => undef, signup_disabled => JSON::PP::true()});
    my @nobody = map { guess($own, 'nobody@example.org', "198.51.100.$_") } 1 .. 3;
    is join(' ', map { $_->code } @nobody), '303 303 429', 'L21: an unknown address has the same limit';
    tenant(POST => '/set', {signup_disabled => JSON::PP::false()});
    my @known = map { guess($own, 'somebody@example.org', "198.51.100.$_") } 1 .. 3;
    paused('L21: a known one', $known[2], 302400);
    is told($nobody[2]), told($known[2]), 'L21: and both read the same';
}
{
    my $own = site("$off wrong=5/7d");
    my @tries = map { [ask($own, 'crowd@example.org', "203.0.113.$_")] } 1 .. 8;
    my $wrong = wrong_code(code_for('crowd@example.org'));
    my @posts;
    for my $try (@tries) {
        my ($sent, $who, $headers) = @$try;
        my $step2 = $sent->header('Location');
        push @posts, [$who, $step2, Pwless::token($who->get($step2, $headers)), $headers];
    }
    tenant(DELETE => '/calls');
    tenant(POST => '/fault', {path => $TOKEN, fault => 'delay', seconds => 1, times => 8});
    my @children;
    for my $post (@posts) {
        my $pid = fork // die "fork: $!";
        next if $pid && push @children, $pid;
        my ($who, $step2, $t, $headers) = @$post;
        my $code = $who->post($step2, {code => $wrong, t => $t, op => 'verify'}, $headers)->code;
        POSIX::_exit($code == 429 ? 9 : $code == 303 ? 3 : 1);
    }
    my %ended;
    for my $pid (@children) { waitpid $pid, 0; $ended{$? >> 8}++ }
    is $ended{3}, 5, 'L15: eight wrong codes at once in eight sign-ins: five are checked';
    is $ended{9}, 3, 'L15: three are not';
    is calls($TOKEN), 5, 'L15: and the tenant was asked five times';
}

# ---- what is not a wrong code costs nothing -----------------------------------------------
{
    my $own = site("$off wrong=1/7d");
    my ($res, $who, $headers) = ask($own, 'eve@example.org', '192.0.2.7');
    my $step2 = $res->header('Location');
    tenant(POST => '/fault', {path => $TOKEN, fault => 'status', status => 500, times => 1});
    enter($who, $headers, $step2, code_for('eve@example.org'));
    is enter($who, $headers, $step2, '12')->code, 422, 'a code that cannot be right is not counted';
    ($res, $who, $headers) = ask($own, 'eve@example.org', '192.0.2.8');
    is enter($who, $headers, $res->header('Location'), code_for('eve@example.org'))->code, 303,
        'nor a tenant in trouble: the right one is checked';
    is $who->get($HOME, $headers)->code, 200, 'and signs in';
}
{
    my $own = site("$off wrong=off");
    my @codes = map { guess($own, 'max@example.org', "192.0.2.$_")->code } 1 .. 6;
    is "@codes", '303 303 303 303 303 303', 'wrong=off: no limit';
}

# ---- Auth0ThrottleExempt -------------------------------------------------------------------
{
    my $own = site('Auth0Throttle address=3/1h client=2/1h site=9/1h',
        'Auth0ThrottleExempt 203.0.113.0/24 198.51.100.7', 'Auth0ThrottleExempt 2001:db8:7::/48');
    my $asks = sub {
        my ($from, $count, $who) = @_;
        return join ' ', map { (ask($own, $who // "m$_-$from\@example.org" =~ tr/:/-/r, $from))[0]->code } 1 .. $count;
    };
    is $asks->('203.0.113.9', 3), '303 303 303', 'a network that is exempt: no limit for the client';
    is $asks->('198.51.100.8', 3), '303 303 429', 'L19: one that is not';
    is $asks->('2001:db8:7:1::1', 1), '303', 'an IPv6 network that is exempt';
    is $asks->('203.0.113.9', 4, 'one@example.org'), '303 303 303 429', 'L19: the limit of a recipient holds all the same';
    is $asks->('203.0.113.9', 1), '429', 'L19: and that of the site: the tenth';
    like $own->log_text, qr/reason=throttle-site/, 'L19: it was the tenth';
}
for my $case (['192.0.2.300', 'is no address or network'], ['192.0.2.0/33', 'is no address or network'],
    ['192.0.2.0/', 'is no address or network'], ['monitor.example.org', 'is no address or network'],
    ['all', 'is no address or network'], ['0.0.0.0/0', 'covers everybody'],
    ['0.0.0.0/0.0.0.0', 'covers everybody'], ['::/0', 'covers everybody']) {
    my ($arg, $words) = @$case;
    my ($status, $said) = PwlessHttpd->site(host => ["Auth0ThrottleExempt $arg"])->check;
    isnt $status, 0, "C1: Auth0ThrottleExempt $arg is refused";
    like $said, qr/Auth0ThrottleExempt: "\Q$arg\E" \Q$words\E/, "C1: $arg: and says why";
    like $said, qr/try 192\.0\.2\.7|name the networks/, "C1: $arg: and how to mend it";
}
for my $arg ('192.0.2.7', '10', '10.1', '10.0.0.0/8', '10.0.0.0/255.0.0.0', '2001:db8::/32', '0.0.0.0/1') {
    my ($status, $said) = PwlessHttpd->site(host => ["Auth0ThrottleExempt $arg"])->check;
    is $status, 0, "C1: Auth0ThrottleExempt $arg is taken" or diag $said;
}

done_testing;
