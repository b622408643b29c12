# SPDX-License-Identifier: Apache-2.0
# U16: a tenant that stops answering. After some failures nobody waits for it, and
# nothing has to be done when it is back.
use strict;
use warnings;
use JSON::PP ();
use Test::More;
use Time::HiRes qw(sleep time);
use Pwless qw(tenant code_for calls);
use PwlessHttpd;

tenant(POST => '/reset');
tenant(POST => '/set', {limits => undef});
my $START = '/passwordless/start';
my $TOKEN = '/oauth/token';
my $own = PwlessHttpd->site(host => ['Auth0Timeout 1s', 'Auth0ConnectTimeout 1s',
    '<Location "/status">', 'SetHandler auth0-status', 'Require all granted', '</Location>']);
$own->start or BAIL_OUT($own->said . $own->log_text);
my $people = 0;

# Somebody asks for a code: the answer, and seconds.
sub ask {
    my $who = Pwless->new($own->url);
    my $t = $who->open_login('/members/');
    my $began = time;
    my $res = $who->post('/.auth0/login',
        {email => 'u' . $people++ . '@example.org', t => $t, op => 'send'});
    return ($res, time - $began);
}

sub down { return tenant(POST => '/fault', {path => $_[0], fault => 'hang', seconds => 4}) }

# ---- who is signed in, and who is half way -------------------------------------
my $ann = Pwless->new($own->url);
$ann->sign_in('ann@example.org', '/members/');
is $ann->get('/members/')->code, 200, 'Ann is signed in';
my ($bob, $step2, $t, $code) = Pwless::at_step2($own->url, 'bob@example.org', '/members/');

# ---- it hangs ---------------------------------------------------------------------
down($START);
for my $nth (1 .. 5) {
    my ($res, $took) = ask();
    is $res->code, 504, "U16: failure $nth: 504";
    cmp_ok $took, '<', 2.5, "U16: failure $nth: after Auth0Timeout";
}
like $own->log_text, qr/pwless: tenant-down, localhost:\d+ has not answered for 5 calls;.* reason=https-timeout/,
    'U16: the log says that it is down';
tenant(DELETE => '/calls');
{
    my ($quick, $waited) = (0, 0);
    for (1 .. 12) {
        my ($res, $took) = ask();
        if ($took < 0.5) {
            $quick++;
            is $res->code, 503, 'U16: refused at once';
            ok $res->header('Retry-After'), 'U16: with a time to try again';
        } else {
            $waited++;
        }
    }
    cmp_ok $quick, '>=', 9, 'U16: nearly nobody waits';
    is calls($START), $waited, 'U16: and who did not wait asked nobody';
}
like $own->log_text, qr/reason=https-down/, 'U16: the reason is in the log';
my $res = $bob->post($step2, {code => $code, t => $t, op => 'verify'});
is $res->code, 503, 'U16: a right code meanwhile: 503';
is $ann->get('/members/')->code, 200, 'U16: who is signed in notices nothing';
is +() = $own->log_text =~ /tenant-down/g, 1, 'U16: that it is down is said once';

# ---- it is back ---------------------------------------------------------------------
tenant(DELETE => '/fault');
{
    my $until = time + 6;
    my $answer;
    do {
        sleep 0.3;
        ($answer) = ask();
    } until $answer->code == 303 || time > $until;
    is $answer->code, 303, 'U16: it is back, and nobody did anything';
}
is +(ask())[0]->code, 303, 'U16: for everybody';
like $own->log_text, qr/pwless: tenant-back/, 'U16: the log says so';
$res = $bob->enter_code($step2, $code);
is $res->code, 303, 'U16: the code that could not be checked is still good';
like $res->header('Location'), qr{^/members/}, 'U16: and signs in';
{
    my $told = JSON::PP::decode_json($ann->get('/status?format=json')->content)->{provider}{calls}{start};
    is $told->{timeout} > 4 && $told->{down} > 8, 1, 'U16: the status tells both'
        or diag JSON::PP::encode_json($told);
}

# ---- what does not count ----------------------------------------------------------
tenant(POST => '/fault', {path => $START, fault => 'status', status => 500});
is +(ask())[0]->code, 503, "U16: a 500 may be about one visitor: $_" for 1 .. 7;
tenant(DELETE => '/fault');
is +(ask())[0]->code, 303, 'U16: so seven of them open nothing';
is +() = $own->log_text =~ /tenant-down/g, 1, 'U16: and none was told to be one';
done_testing;
