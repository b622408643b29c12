# SPDX-License-Identifier: Apache-2.0
# U15: a tenant that takes its time, and more people than Auth0MaxCalls. Who is one
# too many is told at once, and pages are served meanwhile. With prefork, whose children
# do one thing at a time, the number is for all of them together.
use strict;
use warnings;
use Test::More;
use Time::HiRes qw(sleep time);
use Pwless qw(tenant crowd answers);
use PwlessHttpd;

my ($CALLS, $PEOPLE, $SECONDS) = (2, 12, 3);
my $prefork = $ENV{PWLESS_MPM} eq 'prefork';
tenant(POST => '/reset');
tenant(POST => '/set', {limits => undef});
my $own = PwlessHttpd->site(
    main => ["Auth0MaxCalls $CALLS", $prefork
        ? ('MaxRequestWorkers 24', 'StartServers 24', 'MaxSpareServers 24') : 'MaxRequestWorkers 16'],
    host => ['Auth0ConnectTimeout 2s', 'Auth0Timeout 5s', 'Auth0Throttle address=off client=off site=off']);
$own->start or BAIL_OUT($own->said . $own->log_text);
my $ann = Pwless->new($own->url);
$ann->sign_in('ann@example.org', '/members/');
my $late = 0;

sub fetch_quickly {
    my ($what) = @_;
    my $slowest = 0;
    for my $page ('/members/', '/open/') {
        for (1 .. 5) {
            my $began = time;
            my $res = $ann->get($page);
            is $res->code, 200, "U15: $what: $page is served" if $_ == 1;
            $slowest = time - $began if time - $began > $slowest;
        }
    }
    cmp_ok $slowest, '<', 1, "U15: $what: and nobody waits for it";
    return;
}

# ---- more than may be -----------------------------------------------------------------
tenant(POST => '/set', {delay => $SECONDS});
my @from = crowd($own->url, $PEOPLE);
sleep 0.5;
fetch_quickly('while they wait');
my @answers = answers(@from);
my @in = grep { $_->[0] == 303 } @answers;
my @busy = grep { $_->[0] == 503 } @answers;
is @in + @busy, $PEOPLE, 'U15: everybody is answered';
is scalar @in, $CALLS, "U15: $CALLS calls are made, of all children together" if $prefork || $own->children == 1;
is +(grep { $_->[1] < $SECONDS } @in), 0, 'U15: they take as long as the tenant does';
is +(grep { $_->[1] > 1.5 } @busy), 0, 'U15: the others are told at once';
like $own->log_text, qr/reason=https-busy/, 'U15: the log says why';

# ---- and afterwards -------------------------------------------------------------------
@answers = answers(crowd($own->url, $PEOPLE));
cmp_ok +(grep { $_->[0] == 303 } @answers), '>=', $CALLS, 'U15: every place is free again';

# ---- children that die with a place ---------------------------------------------------
@from = crowd($own->url, $PEOPLE);
sleep 0.5;
kill 'KILL', $own->children;
close $_ for @from;
tenant(POST => '/set', {delay => 0});
my $res;
for (1 .. 80) {
    my $who = Pwless->new($own->url);
    $res = eval { $who->ask_code('late' . $late++ . '@example.org', '/members/') };
    last if $res;
    sleep 0.1;
}
ok $res, 'S16, U15: killed, their places are free after Auth0Timeout at the latest';
done_testing;
