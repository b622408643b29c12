# SPDX-License-Identifier: Apache-2.0
# What programs inherit that httpd starts in a child of ours: no connection with our
# secrets on it. With mpm_prefork mod_cgi forks the process that calls the tenant.
use strict;
use warnings;
use Test::More;
use Pwless qw(tenant);
use PwlessHttpd;
use PwlessRedis;

# The pool guard of tests/sanitize frees what mod_cgi knows of its program before
# APR has looked whether that ended; and no sanitizer sees a descriptor.
plan skip_all => 'not under a sanitizer' if $ENV{WRAPPER};

tenant(POST => '/reset');
tenant(POST => '/set', {limits => undef});

my $seal = Pwless::work() . "/descriptors-$$.seal";
{
    open my $out, '>', $seal or die $seal;
    print $out 'QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY=' . "\n";
    close $out or die $seal;
    chmod 0600, $seal;
}
my $redis = PwlessRedis->new;
my $own = PwlessHttpd->site(
    mpm     => 'prefork',
    modules => [PwlessHttpd::basic_modules(), qw(cgi auth0_pwless)],
    main    => ['Auth0SessionStore ' . $redis->url, "Auth0SealKey file:$seal", 'KeepAlive Off',
        'StartServers 1', 'MinSpareServers 1', 'MaxSpareServers 1', 'ServerLimit 1', 'MaxRequestWorkers 1'],
    host    => ['<Directory "${OWN}/htdocs/open">', 'Options +ExecCGI', 'AddHandler cgi-script .cgi', '</Directory>']);
my $cgi = $own->dir . '/htdocs/open/sockets.cgi';
{
    open my $out, '>', $cgi or die $cgi;
    print $out <<'CGI';
#!/usr/bin/perl
print "Content-Type: text/plain\n\nsockets:\n";
readlink =~ /^(socket:.*)/ and print "$1\n" for glob "/proc/self/fd/*";
CGI
    close $out or die $cgi;
    chmod 0755, $cgi;
}
ok $own->start, 'one child that does everything' or diag $own->said, $own->log_text;

# The sockets of the child that are connected to a port of this machine.
sub connected_to {
    my ($port) = @_;
    my %inode;
    open my $in, '<', '/proc/net/tcp' or die 'no /proc/net/tcp';
    while (my $line = <$in>) {
        my (undef, undef, $peer, $state, @more) = split ' ', $line;
        $inode{"socket:[$more[5]]"} = 1 if $state eq '01' && hex((split /:/, $peer)[1]) == $port;
    }
    my ($child) = $own->children;
    return grep { $inode{$_} } map { readlink || '' } glob "/proc/$child/fd/*";
}

my $ann = Pwless->new($own->url);
$ann->sign_in('ann@example.org', '/members/');
my ($tenant) = Pwless::tenant_json()->{domain} =~ /:(\d+)$/;
my $seen = $ann->get('/open/sockets.cgi')->content;
like $seen, qr/^sockets:/, 'a program that lists its descriptors';
for my $case (['the tenant', $tenant], ['Redis', $redis->port]) {
    my ($what, $port) = @$case;
    my @kept = connected_to($port);
    ok scalar @kept, "the child keeps a connection to $what";
    is scalar(grep { $seen =~ /^\Q$_\E$/m } @kept), 0, "G6: the program does not get it ($what)";
}
$own->stop;

done_testing;
