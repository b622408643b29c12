# SPDX-License-Identifier: Apache-2.0
# Auth0SessionStore goes from a file to Redis and back, at a reload: the server goes
# on, the table is empty each time, and nothing that ended comes back.
use strict;
use warnings;
use Test::More;
use Pwless qw(tenant work);
use PwlessHttpd;
use PwlessRedis;

tenant(POST => '/reset');
tenant(POST => '/set', {limits => undef});

my $seal = work() . "/places-$$.seal";
{
    open my $out, '>', $seal or die $seal;
    print $out 'QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY=' . "\n";
    close $out or die $seal;
    chmod 0600, $seal;
}
my $folder = work() . "/places-$$";
mkdir $folder, 0700 or die $folder;
my $redis = PwlessRedis->new;

sub site {
    my ($store) = @_;
    return PwlessHttpd->site(
        main => ["Auth0SessionStore $store", "Auth0SealKey file:$seal", 'KeepAlive Off']);
}

sub reconfigure {
    my ($own, $store) = @_;
    return $own->edit(qr/^Auth0SessionStore .*/m, "Auth0SessionStore $store");
}

sub signed_in {
    my ($own, $who) = @_;
    my $browser = Pwless->new($own->url);
    $browser->sign_in($who, '/members/');
    return $browser->cookie('session');
}

sub asks {
    my ($own, $sid) = @_;
    return Pwless->new($own->url)->get('/members/', {Cookie => "auth0-session=$sid"})->code;
}

# Does the parent have that file open still?
sub holds {
    my ($own, $file) = @_;
    my $pid = $own->pid;
    return scalar grep { (readlink || '') =~ /^\Q$file\E/ } glob "/proc/$pid/fd/*";
}

my $n = 0;
for my $how (qw(graceful restart)) {
    for my $to (qw(same other)) {
        my $case = "$how, to the $to file";
        my ($file, $back) = map { "$folder/" . ++$n } 1, 2;
        $back = $file if $to eq 'same';
        my $own = site("shm:$file(1m)");
        ok $own->start, "$case: a file" or diag $own->said, $own->log_text;
        my $pid = $own->pid;
        my $ann = signed_in($own, 'ann@example.org');
        is asks($own, $ann), 200, "$case: somebody is in";

        reconfigure($own, $redis->url);
        ok $own->$how, "$case: to Redis";
        is asks($own, $ann), 302, "S4: $case: Redis does not know them";
        ok !-e $file && -e "$file.aside", "S4: $case: the file is set aside";
        ok !holds($own, $file), "$case: and the server has let go of it";
        my $bob = signed_in($own, 'bob@example.org');

        reconfigure($own, "shm:$back(1m)");
        ok $own->$how, "S17: $case: and back";
        is $own->pid, $pid, "S17: $case: the same server";
        is asks($own, $_), 302, "S4: $case: the table is empty" for $ann, $bob;
        my $eve = signed_in($own, 'eve@example.org');
        $own->stop;
        ok $own->start, "$case: stop and start" or diag $own->log_text;
        is asks($own, $ann), 302, "S4: $case: nor does it come back then";
        is asks($own, $eve), 200, "S17: $case: who signed in since is in";
        $own->stop;
    }
}

# ---- without Redis: sessions move with their table -----------------------------------
{
    my $file = "$folder/" . ++$n;
    my $own = site("shm:$file(1m)");
    ok $own->start, 'a file' or diag $own->said, $own->log_text;
    my $ann = signed_in($own, 'ann@example.org');
    for my $store ('shm(2m)', "shm:$file(1m)") {
        reconfigure($own, $store);
        ok $own->graceful, "S17: $store, gracefully";
        is asks($own, $ann), 200, "S17: $store: nobody is out";
        ok $own->restart, "S17: $store, by a restart";
        is asks($own, $ann), 200, "S17: $store: nobody is out";
    }
    $own->stop;
}

# ---- a file that an earlier server left ------------------------------------------------
{
    my $file = "$folder/" . ++$n;
    my $own = site("shm:$file(1m)");
    ok $own->start, 'a file' or diag $own->said, $own->log_text;
    my $ann = signed_in($own, 'ann@example.org');
    $own->stop;
    reconfigure($own, $redis->url);
    ok $own->start, 'stopped, and started with Redis';
    reconfigure($own, "shm:$file(1m)");
    ok $own->graceful, 'S17: and back in the file at a reload';
    is asks($own, $ann), 302, 'S4: what lay there is not taken over';
    like $own->log_text, qr/\Q$file\E: renamed to \Q$file\E\.aside, .* names another place than before/,
        'and the log says so';
    $own->stop;
}

# ---- a name is asked for by children only ----------------------------------------------
# One that is all hexadecimal digits looks like an address, and is none.
for my $case (['127.0.0.1', 1], ['[::1]', 1], ['db', 0], ['cafe.', 0]) {
    my ($host, $tried) = @$case;
    my $own = site("redis://$host:" . PwlessHttpd::free_port() . '?timeout=500ms');
    ok $own->start, "U1: Redis at $host, where none is: the server starts" or diag $own->log_text;
    my $failed = qr/redis-failed/;
    $tried ? like($own->log_text, $failed, "U1: an address is tried at once, $host")
        : unlike($own->log_text, $failed, "U1: a name is not looked up by the parent, $host");
    $own->stop;
}

done_testing;
