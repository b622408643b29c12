# SPDX-License-Identifier: Apache-2.0
# A page that is made with the help of sub-requests, and a session in Redis that is
# idle by the limit of some of them: what they read anew serves the page itself.
use strict;
use warnings;
use Test::More;
use Time::HiRes qw(sleep);
use Pwless qw(tenant work);
use PwlessHttpd;
use PwlessRedis;

tenant(POST => '/reset');
tenant(POST => '/set', {limits => undef});

my $seal = work() . "/listing-$$.seal";
{
    open my $out, '>', $seal or die $seal;
    print $out 'QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY=' . "\n";
    close $out or die $seal;
    chmod 0600, $seal;
}

my $redis = PwlessRedis->new;
my @open  = map { "b$_" } 1 .. 8;

# mod_autoindex asks for each name of a folder, and leaves out what is refused.
my $own = PwlessHttpd->site(
    modules => [PwlessHttpd::basic_modules(), qw(autoindex auth0_pwless)],
    main    => ['Auth0SessionStore ' . $redis->url, "Auth0SealKey file:$seal"],
    host    => [
        '<Location "/list">', 'Options +Indexes', 'AuthType Auth0Passwordless', 'AuthName List',
        'Require valid-user', '</Location>',
        (map { ("<Location \"/list/$_\">", 'Auth0SessionIdle 4s', '</Location>') } qw(a1 a2)),
        (map { ("<Location \"/list/$_\">", 'Require auth0-email-domain example.org', '</Location>') } @open),
    ]);
mkdir $own->dir . '/htdocs/list' or die 'list';
for my $name (qw(a1 a2), @open) {
    mkdir $own->dir . "/htdocs/list/$name" or die $name;
}
ok $own->start, 'a folder whose listing asks for each name' or diag $own->said, $own->log_text;

my $ann = Pwless->new($own->url);
$ann->sign_in('ann@example.org', '/list/');

sub listed {
    my ($what, @want) = @_;
    my $res = $ann->get('/list/');
    is $res->code, 200, "$what: it is answered";
    is join(' ', $res->content =~ m{href="(\w+)/"}g), "@want", "$what: with these names";
    return;
}

listed('H5: fresh', qw(a1 a2), @open);
sleep 5.2;
# On one machine nothing keeps it fresh meanwhile: a1 and a2 stay idle.
my @heard = $redis->heard(sub { listed('H5: idle for some names', @open) });
is scalar(grep { /"GET"/ } @heard), 1, 'and Redis was asked for it once, for all of them';
listed('H5: and again', @open) for 1 .. 3;
is scalar(grep { /exit signal/ } split /\n/, $own->log_text), 0, 'no child died of it';
$own->stop;

done_testing;
