# SPDX-License-Identifier: Apache-2.0
# What a graceful restart with another configuration does to those who are
# signed in, or about to; expressions of .htaccess; one copy of each library.
use strict;
use warnings;
use Test::More;
use Pwless qw(tenant code_for work);
use PwlessHttpd;

my $HOME = '/members/';
tenant(POST => '/reset');
tenant(POST => '/set', {limits => undef});

my @keys = map {
    my $file = work() . "/seal-$$-$_";
    open my $out, '>', $file or die $file;
    print $out qx(head -c 32 /dev/urandom | base64);
    close $out or die $file;
    chmod 0600, $file;
    $file;
} 1, 2;

my $own = PwlessHttpd->site(main => ['Auth0SessionStore shm(1m)', 'KeepAlive Off'], host => [
    'Auth0ClientID ${CLIENT_ID}', "Auth0SealKey file:$keys[0]", 'Auth0SessionMax 8h',
    'Auth0Path /.auth0/',
    '<Directory "${OWN}/htdocs/open">', 'AllowOverride AuthConfig', '</Directory>']);
ok $own->start, 'it starts' or diag $own->said, $own->log_text;

# Change one line of the configuration, and read it again.
sub change {
    my ($from, $to) = @_;
    $own->edit(qr/^\Q$from\E$/m, $to);
    ok $own->graceful, "C5: $to" or diag $own->said, $own->log_text;
    return;
}

sub get {
    my ($who, $path) = @_;
    my $res = $who->get($path);
    # A kept connection may be one of a child that went.
    return $res->header('Client-Warning') ? $who->get($path) : $res;
}

my $ann = Pwless->new($own->url);
$ann->sign_in('ann@example.org', $HOME);
is get($ann, $HOME)->code, 200, 'ann is signed in';

# A sign-in that waits for its code.
sub waiting {
    my $who = Pwless->new($own->url);
    return ($who, $who->ask_code('bob@example.org', $HOME));
}

my ($bob, $step2) = waiting();
change("Auth0SealKey file:$keys[0]", "Auth0SealKey file:$keys[1]");
is get($ann, $HOME)->code, 200, 'C5: another seal key: who is signed in stays so';
get($bob, $step2);
$bob->enter_code($step2, code_for('bob@example.org'));
is get($bob, $HOME)->code, 302, 'C5: a sign-in sealed with the old key begins anew';

# What the parent holds after a first restart, it holds after ten.
sub held {
    my $pid = $own->pid;
    my @files = glob "/proc/$pid/fd/*";
    open my $maps, '<', "/proc/$pid/maps" or die "maps: $!";
    return scalar(@files) . ' files, ' . scalar(grep { / rw-s / } <$maps>) . ' shared mappings';
}
my $held = held();

($bob, $step2) = waiting();
open my $both, '>', "$keys[0].both" or die 'both';
print $both map { open my $in, '<', $_ or die; <$in> } @keys;
close $both or die 'both';
chmod 0600, "$keys[0].both";
change("Auth0SealKey file:$keys[1]", "Auth0SealKey file:$keys[0].both");
get($bob, $step2);
is $bob->enter_code($step2, code_for('bob@example.org'))->code, 303,
    'C5: unless the old one is kept as the second';
is get($bob, $HOME)->code, 200, 'C5: and signs in';

change('Auth0SessionMax 8h', 'Auth0SessionMax 1s');
sleep 2;
like get($ann, $HOME)->header('Location') || '', qr/why=max/, 'C5: a shorter limit holds at once';
change('Auth0SessionMax 1s', 'Auth0SessionMax 9h');
is get($ann, $HOME)->code, 200, 'C5: and a longer one';

change('Auth0Path /.auth0/', 'Auth0Path /sign/');
is get($ann, $HOME)->code, 200, 'C5: other URLs: who is signed in stays so';
is get(Pwless->new($own->url), '/sign/login')->code, 200, 'C5: the sign-in page moves';
is get(Pwless->new($own->url), '/.auth0/login')->code, 404, 'C5: from where it was';
change('Auth0Path /sign/', 'Auth0Path /.auth0/');

change('Auth0ClientID ${CLIENT_ID}', 'Auth0ClientID another');
is get($ann, $HOME)->code, 302, 'C5: another client: sessions of the old one are no good';
change('Auth0ClientID another', 'Auth0ClientID ${CLIENT_ID}');
is get($ann, $HOME)->code, 200, 'C5: they are again when it comes back';

# ---- expressions of those who may only write .htaccess ------------------------------
my $htaccess = $own->dir . '/htdocs/open/.htaccess';
sub says {
    my ($line) = @_;
    open my $out, '>', $htaccess or die $htaccess;
    print $out "AuthType Auth0Passwordless\nAuthName X\nRequire valid-user\n$line\n";
    close $out or die $htaccess;
    return get(Pwless->new($own->url), '/open/page.html')->code;
}
change('Require all granted', 'AuthMerging And'); # what <Location "/open"> had
is says('Auth0Unauthenticated pass "%{REQUEST_URI} =~ m#^/open#"'), 404,
    'C9: an expression about the request is good in .htaccess';
is says("Auth0Unauthenticated pass \"file('$keys[1]') =~ /x/\""), 500,
    'C9: one that reads files is not';
unlink $htaccess;

is held(), $held, 'D17: no file or mapping is added by restarts';

# ---- libraries -----------------------------------------------------------------
SKIP: {
    skip 'C8: the sanitizer\'s run time has copies of its own', 2 if $ENV{WRAPPER};
    my ($child) = $own->children;
    open my $maps, '<', "/proc/$child/maps" or die "maps: $!";
    my %loaded = map { m{/(lib(?:crypto|curl)[^/]*\.so[^/]*)$} ? ($1 => 1) : () } map { s/\s+$//r } <$maps>;
    is scalar(grep { /^libcrypto/ } keys %loaded), 1, 'C8: one libcrypto beside mod_ssl';
    is scalar(grep { /^libcurl/ } keys %loaded), 1, 'C8: one libcurl';
}
my @all = ($own->pid, $own->children);
ok $own->stop, 'it stops';
is scalar(grep { kill 0, $_ } @all), 0, 'D17: nothing runs on';
my $mine = join '|', @all;
unlike scalar qx(ipcs -mp; ipcs -sp 2>&1), qr/\b(?:$mine)\b/, 'D17: and nothing shared stays behind';
done_testing;
