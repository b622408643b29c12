# SPDX-License-Identifier: Apache-2.0
# G5: mod_status shows the request line of every request under way and of the last one
# of each worker, to whoever may read it: no form token and no code in it.
use strict;
use warnings;
use POSIX qw(WNOHANG);
use Test::More;
use Time::HiRes qw(sleep time);
use URI::Escape qw(uri_escape);
use Pwless qw(tenant code_for);
use PwlessHttpd;

tenant(POST => '/reset');
tenant(POST => '/set', {limits => undef});
my $own = PwlessHttpd->site(
    host => ['<Location "/server-status">', 'SetHandler server-status', 'Require all granted', '</Location>']);
$own->start or BAIL_OUT($own->said . $own->log_text);
my $admin = Pwless->new($own->url);

sub board { return $admin->get('/server-status')->content }

sub clean {
    my ($what, $board, @secrets) = @_;
    is index($board, uri_escape($_)), -1, "G5: $what: not a secret of it" for @secrets;
    unlike $board, qr{/\.auth0/\w+\?(?!-)}, "G5: $what: no query of ours";
    return;
}

# Ask in a process of its own, while the tenant takes its time; look meanwhile.
sub during {
    my ($what, $path, $shown, $ask, @secrets) = @_;
    tenant(POST => '/fault', {path => $path, fault => 'delay', seconds => 3, times => 1});
    my $pid = fork;
    die "fork: $!" unless defined $pid;
    if (!$pid) {
        $ask->();
        POSIX::_exit(0);
    }
    my ($seen, $boards) = (0, '');
    while (waitpid($pid, WNOHANG) == 0) {
        my $board = board();
        $boards .= $board;
        $seen ||= $board =~ $shown && waitpid($pid, WNOHANG) == 0;
        sleep 0.1;
    }
    ok $seen, "G5: $what: is shown while it is under way";
    clean("$what, under way", $boards, @secrets);
    tenant(DELETE => '/fault');
    clean("$what, afterwards", board(), @secrets);
    return;
}

my $ann = Pwless->new($own->url);
my $step2 = $ann->ask_code('ann@example.org', '/members/');
my ($in_url) = $step2 =~ /[?&]t=([^&]+)/;
my $t = Pwless::token($ann->get($step2));
clean('the code form', board(), $in_url, $t);
my $code = code_for('ann@example.org');
during('a code', '/oauth/token', qr{POST /\.auth0/code\?- HTTP},
    sub { $ann->post($step2, {code => $code, t => $t, op => 'verify'}) }, $in_url, $t, $code);

my $bob = Pwless->new($own->url);
my (undef, $first) = $bob->json('login');
$bob->get("/.auth0/login?t=$first->{t}");
clean('step 1', board(), $first->{t});

# A callback, whatever comes of it.
my $eve = Pwless->new($own->url);
$eve->get('/.auth0/callback?code=SECRETCODE1234&state=SECRETSTATE1234');
clean('a callback', board(), 'SECRETCODE1234', 'SECRETSTATE1234');

# What is not ours is shown as ever.
$eve->get('/open/?q=theirs');
like board(), qr{GET /open/\?q=theirs HTTP}, "the application's queries are its own affair";
$own->stop;
is_deeply tenant(GET => '/errors'), [], 'the stand-in had no trouble';
done_testing;
