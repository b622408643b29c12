# SPDX-License-Identifier: Apache-2.0
# L21: Auth0MinSendTime. A tenant that takes longer over addresses it knows tells nobody
# which they are; who waits is bounded, and nobody waits who has nothing to hide.
use strict;
use warnings;
use JSON::PP ();
use Test::More;
use Time::HiRes qw(time);
use Pwless qw(tenant code_for wrong_code crowd answers);
use PwlessHttpd;

# A handshake takes a second under valgrind.
my ($LEAST, $LONG) = $ENV{WRAPPER} ? (3, 10) : (0.7, 6);

sub new_tenant {
    my (%knobs) = @_;
    tenant(POST => '/reset');
    tenant(POST => '/set', {limits => undef, %knobs});
    return;
}

sub site {
    my (%with) = @_;
    my $own = PwlessHttpd->site(%with, host => [@{$with{host} || []},
        '<Location /status>', 'SetHandler auth0-status', 'Require all granted', '</Location>']);
    $own->start or BAIL_OUT($own->said . $own->log_text);
    return $own;
}

# How long it took, and what it answered.
sub timed {
    my ($do) = @_;
    my $began = time;
    my @answer = $do->();
    return (time - $began, @answer);
}

# Post an address: seconds, status, and where it leads to.
sub ask {
    my ($own, $email) = @_;
    my $who = Pwless->new($own->url);
    my $t = $who->open_login('/members/');
    my ($took, $res) = timed(sub { $who->post('/.auth0/login', {email => $email, t => $t, op => 'send'}) });
    return ($took, $res->code, $res->header('Location'), $who);
}

sub metric {
    my ($own, $series) = @_;
    my $said = Pwless->new($own->url)->get('/status?format=openmetrics')->content;
    return $said =~ /^\Q$series\E (\d+)/m ? $1 : -1;
}

sub exceeded { return metric($_[0], 'pwless_send_floor_exceeded_total') }

my %kind = (
    known             => sub { new_tenant(); return 'ann@example.org' },
    'not known'       => sub { new_tenant(signup_disabled => JSON::PP::true()); return 'eve@example.org' },
    blocked           => sub {
        new_tenant();
        tenant(POST => '/users', {email => 'bob@example.org', blocked => JSON::PP::true()});
        return 'bob@example.org';
    },
    'refused by an Action' => sub {
        new_tenant();
        tenant(POST => '/fault', {path => '/passwordless/start', fault => 'status', status => 403,
            json => {error => 'unauthorized', error_description => 'no'}});
        return 'cy@example.org';
    },
);

# ---- a code asked for ------------------------------------------------------------------
for my $mode (qw(hide open)) {
    my $own = site(host => ["Auth0UnknownAddress $mode", "Auth0MinSendTime ${\($LEAST * 1000)}ms"]);
    for my $kind (sort keys %kind) {
        my ($took, $status) = ask($own, $kind{$kind}->());
        is $status, 303, "L21: $mode, $kind: step 2";
        cmp_ok $took, '>=', $LEAST, "L21: $mode, $kind: not sooner than Auth0MinSendTime";
    }
    next if $mode eq 'open';
    is exceeded($own), 0, 'L21: none took longer';
    unlike $own->log_text, qr/longer than Auth0MinSendTime/, 'and the log says nothing';
    new_tenant(delay => $LEAST + 0.3);
    my ($took) = ask($own, 'ann@example.org');
    cmp_ok $took, '>=', $LEAST + 0.3, 'a tenant that takes longer is waited for';
    is exceeded($own), 1, 'and that is counted, so that operators can see it';
    like $own->log_text, qr/:warn\] .* pwless: the tenant took longer than Auth0MinSendTime.* more than \d+ms/,
        'and the log says what to do';
}

# ---- a code that is not right ----------------------------------------------------------
{
    my $own = site(host => ["Auth0MinSendTime ${\($LEAST * 1000)}ms", 'Auth0CodeLifetime 10m']);
    for my $kind ('known', 'not known') {
        my $email = $kind{$kind}->();
        my (undef, undef, $step2, $who) = ask($own, $email);
        my $t = Pwless::token($who->get($step2));
        my $code = wrong_code(code_for($email) || '123456');
        my ($took, $res) = timed(sub { $who->post($step2, {code => $code, t => $t, op => 'verify'}) });
        is $res->code, 303, "L21: $kind, a wrong code: step 2 again";
        cmp_ok $took, '>=', $LEAST, "L21: $kind, a wrong code: not sooner";
    }
    new_tenant();
    my $script = Pwless->new($own->url);
    my (undef, $page) = $script->json('login');
    my ($took, $res, $said) = timed(sub { $script->json('login', {email => 'ann@example.org', t => $page->{t}}) });
    is $res->code, 200, 'L21: the same for scripts';
    cmp_ok $took, '>=', $LEAST, 'L21: not sooner';
}

# ---- nothing to hide -------------------------------------------------------------------
# Auth0MinSendTime is so long here that whoever waits for it is found out.
{
    my $own = site(host => ['Auth0UnknownAddress tell', "Auth0MinSendTime ${LONG}s"]);
    my ($took, $status) = ask($own, $kind{'not known'}->());
    cmp_ok $took, '<', $LONG, 'tell: an address that is told is told at once';
    is exceeded($own), 0, 'and is not counted';
    $own->edit(qr/Auth0UnknownAddress tell/, 'Auth0UnknownAddress hide');
    ok $own->graceful, 'hide, now';
    new_tenant();
    tenant(POST => '/fault', {path => '/passwordless/start', fault => 'status', status => 503});
    ($took, $status) = ask($own, 'ann@example.org');
    is $status, 503, 'a tenant that is down';
    cmp_ok $took, '<', $LONG, 'is told at once';
    new_tenant();
    $own->edit(qr/Auth0MinSendTime \S+/, 'Auth0MinSendTime 100ms');
    ok $own->graceful, 'a code is sent';
    my (undef, undef, $step2, $who) = ask($own, 'ann@example.org');
    $own->edit(qr/Auth0MinSendTime \S+/, "Auth0MinSendTime ${LONG}s");
    ok $own->graceful, 'and asked for under the long time';
    ($took, my $res) = timed(sub { $who->enter_code($step2, code_for('ann@example.org')) });
    is $res->header('Location'), '/members/', 'the right code signs in';
    cmp_ok $took, '<', $LONG, 'at once';
}

# ---- the default -----------------------------------------------------------------------
{
    my $own = PwlessHttpd->new(host => ["Include $ENV{PWLESS_WORK}/t/conf/defines.conf",
        'Auth0Domain ${TENANT}', 'Auth0ClientID ${CLIENT_ID}', 'Auth0ClientSecret file:${SECRET_FILE}',
        'Auth0CAFile ${CA_FILE}', 'Auth0ConnectTimeout ${CONNECT_TIMEOUT}', 'Auth0InsecureHTTP On']);
    $own->start or BAIL_OUT($own->said . $own->log_text);
    my ($took, $status) = ask($own, $kind{'not known'}->());
    is $status, 303, 'L21: by default: step 2';
    cmp_ok $took, '>=', 1.2, 'L21: not sooner than 1.2 s';
}

# ---- so many, and no more --------------------------------------------------------------
# As many as three quarters of all workers wait; one more is told at once, and pages are served.
{
    my $prefork = $ENV{PWLESS_MPM} eq 'prefork';
    my ($workers, $wait) = $prefork ? (8, 6) : (16, 12);
    my $own = site(
        main => ["Auth0MaxCalls $wait", "MaxRequestWorkers $workers", $prefork
            ? ('StartServers 8', 'MinSpareServers 8', 'MaxSpareServers 8') : ()],
        host => ["Auth0MinSendTime ${LONG}s"]);
    new_tenant();
    my @from = crowd($own->url, $wait + 1);
    my ($took, $page) = timed(sub { Pwless->new($own->url)->get('/open/') });
    is $page->code, 200, 'L21, U15: a page is served meanwhile';
    cmp_ok $took, '<', $LONG, 'L21, U15: at once';
    my @answers = answers(@from);
    is join(' ', sort map { $_->[0] } @answers), join(' ', (303) x $wait, 503),
        "L21, U15: $wait wait, one more is told that all are busy";
    my ($busy) = grep { $_->[0] == 503 } @answers;
    cmp_ok $busy ? $busy->[1] : $LONG, '<', $LONG, 'L21, U15: at once';
    is scalar(grep { $_->[0] == 303 && $_->[1] < $LONG } @answers), 0, 'L21: nobody else is answered sooner';
    like $own->log_text, qr/reason=https-busy/, 'L21, U15: the log says why';
    is metric($own, 'pwless_provider_calls_total{call="start",result="busy"}'), 1, 'and it is counted';
}
done_testing;
