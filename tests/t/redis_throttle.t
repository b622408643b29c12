# SPDX-License-Identifier: Apache-2.0
# Two machines, one Redis: Auth0Throttle counts what both of them send, and each
# goes on by itself while Redis does not answer.
use strict;
use warnings;
use Test::More;
use Time::HiRes qw(sleep time);
use Pwless qw(tenant calls code_for work wrong_code);
use PwlessHttpd;
use PwlessRedis;

my $START = '/passwordless/start';
my $HOME = '/members/';
tenant(POST => '/reset');
tenant(POST => '/set', {limits => undef});
my $seal = work() . "/redis-$$.seal";
{
    open my $out, '>', $seal or die "$seal: $!";
    print $out 'QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY=' . "\n";
    close $out;
    chmod 0600, $seal;
}
my $public = 'http://site.test:8080';
my $redis = PwlessRedis->new;
$redis->{db} = 2;

sub machine {
    my ($throttle) = @_;
    my $own = PwlessHttpd->site(
        main => ['Auth0SessionStore ' . $redis->url . '/2?prefix=site:&timeout=1s&grace=20s',
            "Auth0SealKey file:$seal", 'Auth0MaxCalls 16'],
        host => ["Auth0BaseURL $public", "Auth0Throttle $throttle", 'Auth0ResendInterval 1s',
            'RemoteIPHeader X-Forwarded-For', 'RemoteIPInternalProxy 127.0.0.1']);
    $own->start or BAIL_OUT('no httpd: ' . $own->said . $own->log_text);
    return $own;
}

# A browser somewhere asks for a code: (answer, browser, its headers).
sub ask {
    my ($own, $email, $from) = @_;
    my $headers = {Origin => $public, 'X-Forwarded-For' => $from};
    my $who = Pwless->new($own->url);
    my $t = Pwless::token($who->get("/.auth0/login?return_to=$HOME", $headers));
    return ($who->post('/.auth0/login', {email => $email, t => $t, op => 'send'}, $headers),
        $who, $headers);
}

sub enter {
    my ($res, $who, $headers, $code) = @_;
    my $step2 = $res->header('Location') or return $res;
    my $t = Pwless::token($who->get($step2, $headers));
    return $who->post($step2, {code => $code, t => $t, op => 'verify'}, $headers);
}

# ---- one recipient, two machines -----------------------------------------------------
{
    my @machine = map { machine('address=4/1h client=off site=off') } 1 .. 2;
    my @codes = map { (ask($machine[$_ % 2], 'ann@example.org', "192.0.2.$_"))[0]->code } 1 .. 6;
    is "@codes", '303 303 303 303 429 429', 'L19: two machines send four codes, not eight';
    is calls($START), 4, 'L19: the tenant was asked four times';
    my $res = (ask($machine[0], 'A.nn+x@example.org', '192.0.2.9'))[0];
    is $res->code, 429, 'L12: spelt otherwise: the same bucket';
    ok $res->header('Retry-After') > 800 && $res->header('Retry-After') <= 901,
        'L19: Retry-After names the wait';
    is +(ask($_, 'bob@example.org', '192.0.2.9'))[0]->code, 303, 'another address' for @machine;

    # Who is known to one machine is known to both.
    my @known = ask($machine[0], 'eve@example.org', '198.51.100.1');
    is enter(@known, code_for('eve@example.org'))->code, 303, 'eve signs in on the first';
    ask($machine[1], 'eve@example.org', "192.0.2.$_") for 1 .. 4;
    is +(ask($machine[1], 'eve@example.org', '192.0.2.5'))[0]->code, 429, 'a stranger on the second is stopped';
    is +(ask($machine[1], 'eve@example.org', '198.51.100.1'))[0]->code, 303,
        'L19: eve is known there, and gets hers';

    # What Redis holds of it.
    my @keys = grep { /^site:t:/ } @{$redis->ask('KEYS', '*')};
    ok @keys >= 4, 'S9: a key for each bucket' or diag "@keys";
    my $all = Pwless::without_random($redis->dump_all);
    like $all, qr/^site:t:~ = /m, 'S9: what is looked through holds the buckets';
    unlike $all, qr/\Q$_\E/i, "S9: a dump of Redis does not hold $_"
        for 'ann@example.org', 'ann', '192.0.2.', 'site.test';
    my @left = map { $redis->ask('PTTL', $_) } @keys;
    is scalar(grep { $_ > 0 && $_ <= 30 * 86400_000 } @left), scalar @left, 'each expires by itself';
    is scalar(grep { $_ <= 3600_000 } @left), scalar(@left) - 1, 'a bucket when it is empty, a known client in 30 days';
}

# ---- many at once -----------------------------------------------------------------------
{
    my @machine = map { machine('address=off client=off site=9/1h') } 1 .. 2;
    my @posts = map {
        my $headers = {Origin => $public, 'X-Forwarded-For' => "203.0.113.$_"};
        my $who = Pwless->new($machine[$_ % 2]->url);
        [$who, $headers, Pwless::token($who->get('/.auth0/login', $headers)), "crowd$_\@example.org"]
    } 1 .. 24;
    tenant(DELETE => '/calls');
    my @children;
    for my $post (@posts) {
        my $pid = fork // die "fork: $!";
        next if $pid && push @children, $pid;
        my ($who, $headers, $t, $email) = @$post;
        my $code = $who->post('/.auth0/login', {email => $email, t => $t, op => 'send'}, $headers)->code;
        require POSIX;
        POSIX::_exit($code == 303 ? 3 : $code == 429 ? 9 : 1);
    }
    my %ended;
    for my $pid (@children) { waitpid $pid, 0; $ended{$? >> 8}++ }
    is $ended{3}, 9, 'L19: twenty-four at once on two machines: nine for the site';
    is $ended{9}, 15, 'L19: the others are refused';
    is calls($START), 9, 'L19: nine calls';
}

# ---- wrong codes ----------------------------------------------------------------------------
{
    my @machine = map { machine('address=off client=off site=off wrong=3/7d') } 1 .. 2;
    my @codes;
    for my $nth (1 .. 4) {
        my @at = ask($machine[$nth % 2], 'max@example.org', "192.0.2.$nth");
        push @codes, enter(@at, wrong_code(code_for('max@example.org')))->code;
    }
    is "@codes", '303 303 303 429', 'wrong codes on two machines are counted together';
    is +(ask($_, 'max@example.org', '192.0.2.77'))[0]->code, 429, 'and hold on both' for @machine;
    # What was right is given back, to all.
    my @right = map { my @at = ask($machine[$_ % 2], 'zoe@example.org', '192.0.2.8');
        enter(@at, code_for('zoe@example.org'))->code } 1 .. 5;
    is "@right", '303 303 303 303 303', 'right codes are not';
}

# ---- Redis hangs --------------------------------------------------------------------------------
{
    my $own = machine('address=3/1h client=off site=off');
    my $headers = {Origin => $public, 'X-Forwarded-For' => '192.0.2.200'};
    my @forms = map { my $who = Pwless->new($own->url);
        [$who, Pwless::token($who->get('/.auth0/login', $headers))] } 1 .. 4;
    my $post = sub {
        my ($who, $t) = @{$_[0]};
        my $began = time;
        my $res = $who->post('/.auth0/login', {email => 'ida@example.org', t => $t, op => 'send'}, $headers);
        return ($res, time - $began);
    };
    is +($post->($forms[$_]))[0]->code, 303, 'a code is sent' for 0, 1;
    $redis->kill('STOP');
    # Its log was read a moment ago, and nobody knows yet; or just too long ago.
    my ($res, $took) = $post->($forms[2]);
    my $alone = $res->code == 303;
    my $sent = 2;
    ok $res->code == 303 || $res->code == 503, 'U9: Redis hangs: sent by the count of this machine, or 503'
        or diag $res->code;
    ok $took < 2.6, 'U9: after one timeout' or diag $took;
    ($res, $took) = $post->($forms[3]);
    ok $res->code == 503 || $res->code == 429, 'L19: never one too many' or diag $res->code;
    ok $took < 1.6, 'U9: and without another' or diag $took;
    $redis->kill('CONT');
    sleep 2.2;
    $sent += (ask($own, 'ida@example.org', "192.0.2.20$_"))[0]->code == 303 for 1 .. 3;
    # What was sent meanwhile Redis may have heard of, when it woke.
    ok $sent == 3 || $alone && $sent == 2, 'L19: Redis is back, and its count with it' or diag $sent;
}

# ---- a Redis that may not run this script ----------------------------------------------------------
{
    $redis->ask('ACL', 'SETUSER', 'default', '-exists');
    my $own = machine('address=2/1h client=off site=off');
    my @codes = map { (ask($own, 'una@example.org', "192.0.2.$_"))[0]->code } 1 .. 3;
    is "@codes", '303 303 429', 'L19: EXISTS is forbidden: this machine counts alone';
    like $own->log_text, qr/pwless: Auth0Throttle counts on this machine alone: .*EXISTS/,
        'and the log says so, with the cure';
    unlike $own->log_text, qr/redis-failed/, 'sessions are not concerned';
    my @at = ask($own, 'vera@example.org', '192.0.2.9');
    is enter(@at, code_for('vera@example.org'))->code, 303, 'who types the right code';
    is $at[1]->get($HOME, $at[2])->code, 200, 'is in';
    # Without any script nobody can tell what happened to a sign-in elsewhere.
    $redis->ask('ACL', 'SETUSER', 'default', '+exists', '-eval');
    my $calls = calls($START);
    my $res = (ask($own, 'wim@example.org', '192.0.2.9'))[0];
    is $res->code, 503, 'U9: EVAL is forbidden: nobody signs in';
    is calls($START), $calls, 'U9: and no code is sent';
    like $own->log_text, qr/code-asked, reason=store-failed.*EVAL/, 'U9: the log names the cure';
    is $at[1]->get($HOME, $at[2])->code, 200, 'U9: who is in stays in';
    $redis->ask('ACL', 'SETUSER', 'default', '+eval');
}

done_testing;
