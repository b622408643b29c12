# SPDX-License-Identifier: Apache-2.0
# Back-Channel Logout with two machines and one Redis: the tenant tells one of
# them, and the session ends on both; a token counts once, wherever it comes.
use strict;
use warnings;
use JSON::PP qw(decode_json);
use Test::More;
use Time::HiRes qw(sleep time);
use Pwless qw(tenant code_for work);
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
my $public = 'http://site.test:8080';
my $origin = {Origin => $public};
my $redis = PwlessRedis->new;

sub machine {
    my $own = PwlessHttpd->site(
        main => ['Auth0SessionStore ' . $redis->url . '/2?prefix=site:&timeout=2s&grace=20s',
            "Auth0SealKey file:$seal"],
        host => ["Auth0BaseURL $public", '<Location "/status">', 'SetHandler auth0-status',
            'Require all granted', '</Location>']);
    $own->start or BAIL_OUT('no httpd: ' . $own->said . $own->log_text);
    return $own;
}

my ($one, $two) = (machine(), machine());

# Sign in on a machine, at the tenant's session $tenants. Answers the cookie.
sub sign_in {
    my ($own, $email, $tenants) = @_;
    tenant(POST => '/claims', $tenants ? {sid => $tenants} : {});
    my $browser = Pwless->new($own->url);
    my $page = $browser->get('/.auth0/login?return_to=/members/');
    my $res = $browser->post('/.auth0/login',
        {email => $email, t => Pwless::token($page), op => 'send'}, $origin);
    my $step2 = $res->header('Location');
    $page = $browser->get($step2);
    $browser->post($step2, {code => code_for($email), t => Pwless::token($page),
        op => 'verify'}, $origin);
    return $browser->cookie('session');
}

sub visit {
    my ($own, $sid) = @_;
    return Pwless->new($own->url)->get('/members/', {Cookie => "auth0-session=$sid"})->code;
}

# Is it over on this machine, within the time that another may take to learn it?
sub over {
    my ($own, $sid) = @_;
    my $until = time + 4;
    while (time < $until) {
        return 1 if visit($own, $sid) == 302;
        sleep 0.1;
    }
    return 0;
}

sub told {
    my ($own, %with) = @_;
    return tenant(POST => '/backchannel', {uri => $own->url . '/.auth0/backchannel-logout', %with});
}

my ($ann, $twin, $bob) = (sign_in($one, 'ann@example.org', 'S1'),
    sign_in($two, 'ann@example.org', 'S2'), sign_in($two, 'bob@example.org', 'S3'));
is visit($_, $ann), 200, 'ann is known on both machines' for $one, $two;
is visit($_, $twin), 200, 'from both her browsers' for $one, $two;

my $answer = told($two, sid => 'S1');
is $answer->{status}, 200, 'by sid, told to the second machine: 200';
ok over($two, $ann), 'the session is over there';
ok over($one, $ann), 'and where it was made';
is visit($_, $twin), 200, 'the other browser goes on' for $one, $two;

my $again = told($one, token => $answer->{logout_token});
is $again->{status}, 400, 'O20: the same token at the first machine: 400';
like $again->{body}, qr/logout-replay/, 'O20: and why';

is told($one, email => 'ann@example.org')->{status}, 200, 'by sub: 200';
ok over($_, $twin), 'all sessions of ann are over' for $one, $two;
is visit($_, $bob), 200, 'bob goes on' for $one, $two;

# A sign-in on the one, a token at the other.
is told($one, sid => 'S9', claims => {iat => time + 4, exp => time + 100})->{status}, 200,
    'a token before the sign-in it is about';
is sign_in($two, 'zoe@example.org', 'S9'), undef, 'O20: is known on the other machine';
like $two->log_text, qr/reason=logout-before/, 'O20: whose log says why';

my $status = decode_json(Pwless->new($one->url)->get('/status?format=json')->content);
is $status->{sessions}{ended}{backchannel}, 1, 'the status counts those that ended here';

$redis->{db} = 2;
my $held = Pwless::without_random($redis->dump_all);
like $held, qr/^site:s:~ = ~/m, 'S9: Redis holds sessions';
unlike $held, qr/S1|S9|email|example/i, 'S9: and no name of anybody';
$redis->kill('STOP');
$answer = told($two, sid => 'S3');
$redis->kill('CONT');
is $answer->{status}, 400, 'U9: Redis hangs: 400, and the tenant knows that nothing ended';
like $two->log_text, qr/backchannel-logout, reason=store-failed/, 'and the log knows why';
tenant(POST => '/claims', {});
is_deeply tenant(GET => '/errors'), [], 'the stand-in had no trouble';
done_testing;
