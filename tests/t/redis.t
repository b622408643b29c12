# SPDX-License-Identifier: Apache-2.0
# Two machines, one Redis: a session made on one works on the other and ends on
# both, and a Redis that hangs, dies or talks nonsense costs nobody more than
# its deadline.
use strict;
use warnings;
use JSON::PP ();
use MIME::Base64 qw(decode_base64 encode_base64url);
use Digest::SHA qw(sha256);
use Test::More;
use Time::HiRes qw(sleep time);
use Pwless qw(tenant code_for calls work);
use IO::Socket::INET;
use PwlessHttpd;
use PwlessRedis;

tenant(POST => '/reset');
tenant(POST => '/set', {limits => undef});

my $seal = work() . "/redis-$$.seal";
{
    open my $out, '>', $seal or die "$seal: $!";
    print $out 'QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY=' . "\n";
    close $out;
    chmod 0600, $seal;
}

# A machine of the site. All know it by one address, as behind a balancer.
my $public = 'http://site.test:8080';
my $origin = {Origin => $public};

sub machine {
    my ($store, @main) = @_;
    my $own = PwlessHttpd->site(
        main => ["Auth0SessionStore $store", "Auth0SealKey file:$seal", @main],
        host => ["Auth0BaseURL $public", '<Location "/admin">',
            'SetHandler auth0-sessions', 'Require all granted', '</Location>',
            '<Location "/status">',
            'SetHandler auth0-status', 'Require all granted', '</Location>']);
    $own->start or BAIL_OUT('no httpd: ' . $own->said . $own->log_text);
    return $own;
}

# What the status says of Redis.
sub told {
    my ($own) = @_;
    return JSON::PP::decode_json(
        Pwless->new($own->url)->get('/status?format=json')->content)->{redis};
}

# The answer to somebody's cookie, or to none, and how long it took.
sub visit {
    my ($own, $sid, $path) = @_;
    my $began = time;
    my $res = Pwless->new($own->url)->get($path || '/members/',
        {Cookie => defined $sid ? "auth0-session=$sid" : undef});
    return wantarray ? ($res, time - $began) : $res->code;
}

sub is_guest { return $_[0]->code == 302 && $_[0]->header('Location') =~ /login/ }

sub sign_in {
    my ($own, $email) = @_;
    my $browser = Pwless->new($own->url);
    my $page = $browser->get('/.auth0/login?return_to=/members/');
    my $res = $browser->post('/.auth0/login',
        {email => $email, t => Pwless::token($page), op => 'send'}, $origin);
    my $step2 = $res->header('Location') or return (undef, $res);
    $page = $browser->get($step2);
    $res = $browser->post($step2, {code => code_for($email),
        t => Pwless::token($page), op => 'verify'}, $origin);
    return ($browser->cookie('session'), $res);
}

sub sign_out {
    my ($own, $sid) = @_;
    my $browser = Pwless->new($own->url);
    my $with = {Cookie => "auth0-session=$sid"};
    my $t = Pwless::token($browser->get('/.auth0/logout', $with));
    return $browser->post('/.auth0/logout', {t => $t}, {%$origin, %$with});
}

# Seconds until a machine no longer takes this cookie; undef after $most.
sub gone_after {
    my ($own, $sid, $most) = @_;
    my $began = time;
    while (time - $began < $most) {
        return time - $began if is_guest((visit($own, $sid))[0]);
        sleep 0.05;
    }
    return;
}

my $redis = PwlessRedis->new;
my $store = $redis->url . '/2?prefix=site:&timeout=500ms&grace=20s';
my ($one, $two) = map { machine($store) } 1 .. 2;

# ---- one session, two machines -----------------------------------------------
my ($ann) = sign_in($one, 'ann@example.org');
ok $ann, 'signed in on the first machine';
like +(visit($one, $ann))[0]->content, qr/ann\@example\.org/, 'and known there';
like +(visit($two, $ann))[0]->content, qr/ann\@example\.org/, 'and known on the second';
like $one->log_text, qr/sessions are in Redis at 127\.0\.0\.1:\d+, database 2/,
    'the log says where sessions are';
my ($bob) = sign_in($two, 'bob@example.org');
is visit($one, $bob), 200, 'and the other way round';

is sign_out($one, $ann)->code, 303, 'signing out on the first machine';
ok is_guest((visit($one, $ann))[0]), 'S4: ends it there at once';
my $after = gone_after($two, $ann, 10);
ok defined $after && $after < 3.5, 'S4: and on the second within 3.5 s'
    or diag 'after ', $after // 'more than 10 s';
is visit($two, $bob), 200, 'others go on';

# ---- what Redis holds ------------------------------------------------------------
my ($eve) = sign_in($one, 'eve@example.org');
is visit($two, $eve), 200, 'S9: a session to look for';
{
    my $all = $redis->dump_all;
    unlike $all, qr/site:/, 'the database is the configured one';
}
$redis->{db} = 2;
{
    my $all = $redis->dump_all;
    like $all, qr/^site:s:/m, 'S9: it is there';
    my $raw = decode_base64($eve =~ tr{-_}{+/}r . '=');
    my $hash = sha256($raw);
    for my $secret (['the cookie', $eve], ['its bytes', $raw], ['its hash', $hash],
        ['its hash as base64', encode_base64url($hash)],
        ['its hash in hex', unpack 'H*', $hash],
        ['the address', 'eve@example.org'], ['the subject', 'auth0|'], ['the word email', 'email']) {
        unlike $all, qr/\Q$secret->[1]\E/i, "S9: a dump of Redis does not hold $secret->[0]";
    }
    unlike $all, qr/^(?!site:)/m, 'every key has the prefix';
    my ($key) = $all =~ /^(site:s:\S+)/m;
    my $ttl = $redis->ask('PTTL', $key);
    ok $ttl > 0 && $ttl <= 3600_000, 'a session expires by itself';
}

# ---- ending sessions from the operator's page ---------------------------------------
{
    my @of_zoe = map { (sign_in($_, 'zoe@example.org'))[0] } $one, $two;
    my ($max) = sign_in($two, 'max@example.org');
    my $end = sub {
        my ($own, $form) = @_;
        return Pwless->new($own->url)->post('/admin?format=text', $form, $origin)->content;
    };
    is $end->($one, {op => 'end-user', user => 'Zoe@example.org'}), "2\n",
        'S18: all sessions of a user, those of the other machine too';
    ok is_guest((visit($one, $_))[0]), 'S18: over here at once' for @of_zoe;
    for my $sid (@of_zoe) {
        $after = gone_after($two, $sid, 10);
        ok defined $after && $after < 3.5, 'S18: and there within 3.5 s' or diag $after;
    }
    is visit($two, $max), 200, 'S18: others go on';
    my $list = Pwless->new($two->url)->get('/admin?format=json')->content;
    like $list, qr/"user": "m\*\*\*\@/, 'S18: the list shows who is known to a machine';
    unlike $list, qr/max\@example/, 'S18: masked';
    is $end->($one, {op => 'end-all'}) > 2, 1, 'S18: everybody';
    ok is_guest((visit($one, $_))[0]), 'S18: is out' for $bob, $max, $eve;
    ok defined gone_after($two, $max, 4), 'S18: everywhere';
    ($bob) = sign_in($two, 'bob@example.org');
    visit($one, $bob);
}

# ---- users who go on, on whichever machine -------------------------------------
{
    my ($touchy, $lazy) = map { machine($redis->url . '?prefix=idle:',
        '<Location "/members">', 'Auth0SessionIdle 3s', '</Location>') } 1 .. 2;
    my ($sid) = sign_in($touchy, 'ida@example.org');
    is visit($lazy, $sid), 200, 'S3: seen on the second machine';
    for (1 .. 5) {
        sleep 1;
        is visit($touchy, $sid), 200, 'S3: busy on the first';
    }
    is visit($lazy, $sid), 200, 'S3: and therefore not idle on the second, which had not seen it for 5 s';
    sleep 4.2;
    ok is_guest((visit($lazy, $sid))[0]), 'S3: idle for 4 s: over';
    ok is_guest((visit($touchy, $sid))[0]), 'S3: on both';
}

# ---- a Redis that hangs -----------------------------------------------------------
# Answers to a browser's requests from now on: worst time, statuses.
sub worst {
    my ($own, $sid, $seconds) = @_;
    my ($worst, %seen) = (0);
    my $until = time + $seconds;
    while (time < $until) {
        my ($res, $took) = visit($own, $sid);
        $worst = $took if $took > $worst;
        $seen{$res->code}++;
    }
    return ($worst, join ' ', sort keys %seen);
}

my ($stranger) = sign_in($one, 'stranger@example.org');
is visit($one, $bob), 200, 'D10: known to the first machine';
$redis->kill('STOP');
{
    my ($worst, $seen) = worst($one, $bob, 4);
    is $seen, '200', 'D10: Redis hangs: who is known here goes on';
    ok $worst < 1, 'D10: and waits one timeout at most' or diag $worst;
    my ($res, $took) = visit($two, $stranger);
    is $res->code, 503, 'D10: who is not known here gets 503';
    ok $took < 1.2, 'D10: soon' or diag $took;
    is $res->header('Set-Cookie'), undef, 'D10: and keeps the cookie';
    ok $res->header('Retry-After'), 'D10: and is told when to try again';
    ($res, $took) = visit($two, undef, '/.auth0/login');
    is $res->code, 503, 'D10: nobody is asked for an address';
    ok $took < 1.2, 'D10: at once' or diag $took;
    tenant(DELETE => '/calls');
    my (undef, $refused) = sign_in($two, 'late@example.org');
    is calls('/passwordless/start'), 0, 'D10: and no code is sent';
    $res = sign_out($one, $bob);
    is $res->code, 503, 'D10: signing out says that it could not';
    is visit($one, $bob), 200, 'D10: and has not';
    like $one->log_text, qr/pwless: redis-failed, .*: Redis did not answer in time/,
        'D10: the log says so';
    is scalar(() = $one->log_text =~ /redis-failed/g), 1, 'D10: once';
    my @bursts = Pwless->new($one->url)->burst(map {
        ['GET', '/members/', undef, {Cookie => "auth0-session=$bob"}] } 1 .. 20);
    is scalar(grep { $_->code == 200 } @bursts), 20, 'D10: twenty at once';
}
is told($one)->{up}, 0, 'D10: the status says that Redis is down';
cmp_ok told($one)->{asked}{withheld}, '>', 20, 'D10: and how many did not wait for it';
$redis->kill('CONT');
sleep 2.2;
is visit($two, $stranger), 200, 'D10: Redis is back: so is everybody';
is visit($one, $bob), 200, 'D10: here as well';
is told($one)->{up}, 1, 'D10: the status says so';
like $one->log_text, qr/redis-back/, 'D10: and the log says so';

# ---- a Redis that dies, and comes back empty ---------------------------------------
$redis->stop;
{
    my ($worst, $seen) = worst($one, $bob, 3);
    is $seen, '200', 'D10: Redis is dead: who is known here goes on';
    ok $worst < 1, 'D10: and waits one timeout at most' or diag $worst;
    is +(visit($two, $ann))[0]->code, 503, 'D10: an unknown cookie may be anybody\'s: 503';
}
$redis->start;
{
    ok defined gone_after($one, $bob, 6), 'S18: what an empty Redis does not know is over';
    sleep 1.7; # a pause of the second machine may not be over yet
    my ($carl) = sign_in($one, 'carl@example.org');
    is visit($two, $carl), 200, 'and life goes on';
    $redis->ask('DEL', 'site:log');
    sleep 3.2;
    is visit($_, $carl), 200, 'a log that is lost ends nobody' for $one, $two;
    sign_out($one, $carl);
    ok defined gone_after($two, $carl, 4), 'and ends are heard of after it';
}

# ---- the grace has an end -------------------------------------------------------------
{
    my $short = machine($redis->url . '/2?prefix=site:&timeout=200ms&grace=4s');
    my ($sid) = sign_in($short, 'gracie@example.org');
    $redis->kill('STOP');
    my $began = time;
    sleep 0.1 while visit($short, $sid) == 200 && time - $began < 10;
    my $took = time - $began;
    ok $took > 2 && $took < 6.5, 'D10: the grace is over after 4 s' or diag $took;
    my $res = (visit($short, $sid))[0];
    is $res->code, 503, 'D10: then nobody is let in';
    is $res->header('Set-Cookie'), undef, 'D10: nor loses the cookie';
    $redis->kill('CONT');
    sleep 1.5;
    is visit($short, $sid), 200, 'D10: until Redis is back';

    # Sessions are in Redis, so a machine may come and go.
    $short->stop;
    ok $short->start, 'S17: stop and start';
    is visit($short, $sid), 200, 'S17: the session is still there';
    $short->graceful;
    is visit($short, $sid), 200, 'S17: and after a graceful restart';
}

# ---- what httpd -t says --------------------------------------------------------------
{
    my $loose = work() . "/redis-$$.loose";
    open my $out, '>', $loose or die "$loose: $!";
    print $out "opensesame\n";
    close $out;
    chmod 0644, $loose;
    my @key = ("Auth0SealKey file:$seal");
    for my $case (
        ['no seal key', ['Auth0SessionStore redis://h'], qr/needs Auth0SealKey in the main server.*openssl rand -base64 32/],
        ['a password anybody may read', ["Auth0SessionStore redis://h?password=file:$loose", @key], qr/password that cannot be used: .*chmod o-rwx/],
        ['a password that is not there', ["Auth0SessionStore redis://h?password=file:$loose.none", @key], qr/password that cannot be used: .*\.none/],
        ['a password with a slash', ['Auth0SessionStore redis://:open/sesame@h', @key], qr/write %40 for \@ and %2F for \//],
        ['a cache too small', ['Auth0SessionStore redis://:opensesame@h?cache=1k', @key], qr/cache=" is too small/],
        ['another scheme', ['Auth0SessionStore rediz://:opensesame@h', @key], qr/begins with redis:/],
    ) {
        my ($what, $main, $says) = @$case;
        my ($status, $said) = PwlessHttpd->site(main => $main)->check;
        isnt $status, 0, "C2: $what is refused";
        like $said, $says, "C2: $what: with the cure";
        unlike $said, qr/opensesame|open\/sesame/, "G6: $what: no password in the message";
    }
    my ($status, $said) = PwlessHttpd->site(host => ['Auth0SessionStore redis://h'])->check;
    like $said, qr/outside of <VirtualHost>/, 'C1: for all hosts';
    my $own = PwlessHttpd->site(main => ['Auth0SessionStore redis://h?password=env:NO_SUCH_THING', @key]);
    like +($own->check)[1], qr/NO_SUCH_THING/, 'C2: a variable that is not set is named';
}

# ---- servers that are none, or want something ------------------------------------------
{
    my $locked = PwlessRedis->new(config => ['--requirepass', 'opensesame'], password => 'opensesame');
    my $secret = work() . "/redis-$$.password";
    open my $out, '>', $secret or die "$secret: $!";
    print $out "opensesame\n";
    close $out;
    chmod 0600, $secret;
    my @cases = (
        ['no password', $locked->url, qr/Redis wants a password: add \?password=file:PATH/],
        ['a wrong one', 'redis://:swordfish@127.0.0.1:' . $locked->port, qr/Redis refused the password/],
        ['a database too many', "redis://:opensesame\@127.0.0.1:" . $locked->port . '/99', qr/no database of this number/],
        ['a password too many', 'redis://:opensesame@127.0.0.1:' . $redis->port, qr/no password, and one is configured/],
        ['nobody there', 'redis://127.0.0.1:' . PwlessHttpd::free_port(), qr/Redis cannot be reached/],
    );
    for my $case (@cases) {
        my ($what, $url, $message) = @$case;
        my $own = machine("$url?timeout=300ms");
        like $own->log_text, $message, "$what: the log has the cure";
        is visit($own, $stranger), 503, "$what: 503";
        unlike $own->log_text, qr/opensesame|swordfish/, "G6: $what: no password in the log";
    }
    my $own = machine($locked->url . "?password=file:$secret");
    my ($sid) = sign_in($own, 'lock@example.org');
    is visit($own, $sid), 200, 'a password from a file';
    my $named = machine('redis://default:opensesame@127.0.0.1:' . $locked->port);
    is visit($named, $sid), 200, 'a user with a password';
}

# Servers of a few lines that talk nonsense, say nothing, trickle, or never end.
sub nonsense {
    my ($do) = @_;
    my $listen = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 20, ReuseAddr => 1)
        or die "listen: $!";
    my $pid = fork;
    die "fork: $!" unless defined $pid;
    if (!$pid) {
        local $SIG{CHLD} = 'IGNORE';
        local $SIG{PIPE} = 'DEFAULT';
        while (my $client = $listen->accept) {
            next if fork;
            close $listen;
            $client->autoflush(1);
            sysread $client, my $request, 4096;
            $do->($client);
            require POSIX;
            POSIX::_exit(0);
        }
    }
    return ($listen->sockport, $pid);
}

for my $case (
    ['another protocol', sub { print {$_[0]} "HTTP/1.1 400 Bad Request\r\n\r\n" }],
    ['silence', sub { sleep 20 }],
    ['a byte now and then', sub { print {$_[0]} '$100', "\r\n"; for (1 .. 200) { print {$_[0]} 'x'; sleep 0.1 } }],
    ['512 MB', sub { print {$_[0]} "\$536870912\r\n"; print {$_[0]} 'x' x 65536 for 1 .. 8192 }],
    ['a list of a billion', sub { print {$_[0]} "*1000000000\r\n"; sleep 20 }],
    ['more than was asked', sub { print {$_[0]} "+OK\r\n" x 100 }],
    ['the end', sub { }],
) {
    my ($what, $do) = @$case;
    my ($port, $pid) = nonsense($do);
    my $own = machine("redis://127.0.0.1:$port?timeout=300ms");
    my ($worst, $seen) = worst($own, $stranger, 1.5);
    is $seen, '503', "D10: a Redis that answers with $what: 503";
    ok $worst < 1.5, "D10: $what: within the deadline" or diag $worst;
    like $own->log_text, qr/redis-failed/, "D10: $what: and the log says so";
    kill 'KILL', $pid;
    waitpid $pid, 0;
}

# ---- restarts under load ---------------------------------------------------------------
{
    my %sid;
    for my $n (1 .. 6) {
        my $email = "load$n\@example.org";
        ($sid{$email}) = sign_in($one, $email);
        visit($_, $sid{$email}) for $one, $two;
    }
    my @from;
    for my $worker (1 .. 4) {
        my $pid = open my $pipe, '-|';
        die "fork: $!" unless defined $pid;
        if ($pid) {
            push @from, $pipe;
            next;
        }
        my ($wrong, $late, $count, $until) = (0, 0, 0, time + 8);
        while (time < $until) {
            my @who = sort keys %sid;
            my $email = $who[rand @who];
            my ($res, $took) = visit(rand > 0.5 ? $one : $two, $sid{$email});
            $wrong++ if $res->code == 200 && $res->content !~ /\Q$email\E/;
            $wrong++ if $res->code != 200 && $res->code != 302 && $res->code != 503;
            $late++ if $took > 2;
            $count++;
        }
        print "$wrong $late $count\n";
        close STDOUT;
        require POSIX;
        POSIX::_exit(0);
    }
    for (1 .. 2) {
        sleep 1;
        $redis->kill('STOP');
        sleep 1;
        $redis->kill('CONT');
        sleep 0.5;
        $redis->stop;
        sleep 0.5;
        $redis->start;
    }
    my ($wrong, $late, $count) = (0, 0, 0);
    for my $pipe (@from) {
        my @got = split ' ', <$pipe> || '1 1 0';
        $wrong += $got[0];
        $late += $got[1];
        $count += $got[2];
    }
    is $wrong, 0, "D10, S12: nobody saw another's page in $count requests";
    is $late, 0, 'D10: and none took longer than two seconds';
    my ($sid) = sign_in($one, 'after@example.org');
    is visit($two, $sid), 200, 'D10: and all is well after it';
}
unlike join('', map { $_->log_text } $one, $two), qr/exit signal|AH00052/, 'nothing crashed';
done_testing;
