# SPDX-License-Identifier: Apache-2.0
# Where sessions are kept: what outlives a restart, a stop, a SIGKILL; what
# happens to a file that cannot be used.
use strict;
use warnings;
use Fcntl qw(:mode);
use Test::More;
use Pwless qw(tenant work);
use PwlessHttpd;

my $HOME = '/members/';
tenant(POST => '/reset');
tenant(POST => '/set', {limits => undef});

my $file = work() . '/sessions';

sub site {
    my ($store) = @_;
    return PwlessHttpd->site(main => ["Auth0SessionStore $store"]);
}

# Another store for the same server, from its next start or restart on.
sub reconfigure {
    my ($own, $store) = @_;
    return $own->edit(qr/^Auth0SessionStore .*/m, "Auth0SessionStore $store");
}

my $people = 0;

sub somebody {
    my ($own) = @_;
    my $who = Pwless->new($own->url);
    $who->sign_in('keeper' . $people++ . '@example.org', $HOME);
    return $who;
}

# A kept connection may have been one of a child that died: ask again.
sub is_in {
    my ($who) = @_;
    my $res = $who->get($HOME);
    $res = $who->get($HOME) if $res->header('Client-Warning');
    return $res->code == 200;
}

sub lives_on {
    my ($what, @who) = @_;
    is scalar(grep { is_in($_) } @who), scalar @who, $what;
    return;
}

# What the log says since the last call.
my %read;
sub news {
    my ($own) = @_;
    my $text = $own->log_text;
    my $from = $read{$own->dir} || 0;
    $read{$own->dir} = length $text;
    return substr $text, $from;
}

# ---- memory ------------------------------------------------------------------
{
    my $own = site('shm(1m)');
    ok $own->start, 'a server with shm' or diag $own->said, $own->log_text;
    my @who = map { somebody($own) } 1 .. 3;
    lives_on('three people are signed in', @who);

    my $half = Pwless->new($own->url);
    my $step2 = $half->ask_code('half-way@example.org', $HOME);
    ok $own->restart, 'S17: a restart, not a graceful one';
    lives_on('S17: they still are', @who);
    my $res = $half->enter_code($step2, Pwless::code_for('half-way@example.org'));
    is $half->get($HOME)->code, 200, 'S17: and a sign-in begun before it ends after it';

    news($own);
    reconfigure($own, 'shm(2m)');
    ok $own->graceful, 'S17: another size, gracefully';
    like news($own), qr/a restart, not a graceful one, moves the sessions/, 'the log tells what to do';
    lives_on('S17: nobody is out', @who, $half);
    ok $own->restart, 'S17: another size, by a restart';
    like news($own), qr/4 sessions moved, 0 did not fit/, 'the log tells what was done';
    lives_on('S17: nobody is out', @who, $half);

    news($own);
    reconfigure($own, "shm:$file(1m)");
    ok $own->restart, 'S17: from memory into a file, by a restart';
    like news($own), qr/4 sessions moved, 0 did not fit/, 'the log tells what was done';
    lives_on('S17: nobody is out', @who, $half);
    $own->stop;
    unlink $file;
}

# ---- a file ------------------------------------------------------------------
my ($log, @stay, $gone);
my $own = site("shm:$file(1m)");
ok $own->start, 'a server with a file' or diag $own->said, $own->log_text;
is S_IMODE((stat $file)[2]), 0600, 'S17: only its owner may read it';
@stay = map { somebody($own) } 1 .. 3;
$gone = somebody($own);
my $old = $gone->cookie('session');
$gone->sign_out;
ok $own->stop, 'stop';
ok $own->start, 'and start';
my $told = news($own);
like $told, qr/\Q$file\E: 3 sessions found/, 'the log tells what was found';
like $told, qr/a seal key kept with the sessions/, 'and where the seal key is';
lives_on('S17: who was signed in is', @stay);
isnt $gone->get($HOME, {Cookie => "auth0-session=$old"})->code, 200, 'S4: who had signed out is not';

# Everybody dies at once, as when the machine's power goes.
my @all = ($own->pid, $own->children);
kill 'KILL', @all;
for (1 .. 100) {
    last unless grep { kill 0, $_ } @all;
    select undef, undef, undef, 0.05;
}
ok $own->start, 'S16: a start after SIGKILL of the whole server' or diag $own->said, $own->log_text;
lives_on('S17: who was signed in is', @stay);

# Children die one after another while people sign in and ask for pages.
for my $round (1 .. 8) {
    my ($victim) = $own->children;
    push @stay, somebody($own);
    kill 'KILL', $victim;
    lives_on("S16: a child dies, nobody is out ($round)", @stay);
}

my $second = site("shm:$file(1m)");
ok !$second->start, 'S17: a second server does not get the same file';
like $second->log_text, qr/in use by another server: give each server a file of its own/,
    'and is told what to do';
lives_on('S17: the first goes on', @stay);

$own->stop;
reconfigure($own, "shm:$file(2m)");
news($own);
ok $own->start, 'S17: a start with another size';
like news($own), qr/@{[scalar @stay]} sessions moved, 0 did not fit/, 'moves what fits';
lives_on('S17: nobody is out', @stay);
$own->stop;

# ---- a file that is of no use --------------------------------------------------
sub useless {
    my ($what, $spoil, $words) = @_;
    news($own);
    $spoil->();
    ok $own->start, "S17: $what: the server starts" or diag $own->said, $own->log_text;
    my $said = news($own);
    like $said, qr/$words.*renamed to \Q$file\E\.aside/, "S17: $what: the log tells why";
    ok !(grep { $_->get($HOME)->code == 200 } @stay), "S17: $what: nobody is let in by it";
    is S_IMODE((lstat $file)[2]), 0600, "S17: $what: there is a new file";
    @stay = (somebody($own));
    lives_on("S17: $what: that works", @stay);
    $own->stop;
    return;
}

sub byte_at {
    my ($at) = @_;
    open my $in, '<:raw', $file or die $file;
    seek $in, $at, 0;
    read $in, my $byte, 1;
    return $byte;
}

sub overwrite {
    my ($at, $bytes) = @_;
    open my $out, '+<', $file or die $file;
    seek $out, $at, 0;
    print $out $bytes;
    close $out or die $file;
    return;
}

useless('another version', sub { overwrite(8, "\x09") }, 'another version');
# Where a random key lies: a byte of it may be any, so it is changed, not set.
useless('a damaged head', sub { overwrite(30, byte_at(30) ^ "\xff") }, 'first page is damaged');
useless('a damaged table', sub { overwrite(4096, "\xff") }, 'no session table');
useless('others may read it', sub { chmod 0644, $file }, 'others than its owner');
useless('cut short', sub { truncate $file, 8192 }, 'another size than it says');
useless('a link', sub { rename $file, "$file.real"; symlink "$file.real", $file }, 'symbolic link');
useless('another owner', sub { chown 65534, 65534, $file }, 'belongs to another user') if !$<;

# Damage in one record costs that one.
{
    ok $own->start, 'a server with two sessions';
    push @stay, somebody($own);
    $own->stop;
    open my $in, '<:raw', $file or die $file;
    my $bytes = do { local $/; <$in> };
    my $name = 'keeper' . ($people - 1) . '@example.org';
    my $at = index $bytes, $name;
    cmp_ok $at, '>', 4096, 'the second is found in the file';
    overwrite($at, 'K');
    ok $own->start, 'S11: a record is damaged: the server starts';
    lives_on('S11: the other is as before', $stay[0]);
    isnt $stay[1]->get($HOME)->code, 200, 'S11: the damaged one is gone';
    $own->stop;
}

# ---- httpd -t ---------------------------------------------------------------------
for my $case (
    ['a folder that is not there', 'shm:/nowhere/sessions(1m)', 'is no folder'],
    ['a folder', 'shm:' . work() . '(1m)', q(add a file's name)],
    ['a size of nothing', 'shm(0)', 'above zero'],
    ['too small', 'shm(4k)', 'too small'],
    ['too large', 'shm(9999g)', 'too large'],
    ['no file', 'shm:(1m)', q(a file's name)],
) {
    my ($what, $store, $words) = @$case;
    my ($status, $said) = site($store)->check;
    isnt $status, 0, "C1: $what is refused";
    like $said, qr/Auth0SessionStore:? .*\Q$words\E/, "C1: $what: and how to mend it";
}
{
    my ($status, $said) = site("shm:$file.t(1m)")->check;
    is $status, 0, 'httpd -t with a file' or diag $said;
    ok !-e "$file.t", 'makes none';
}

done_testing;
