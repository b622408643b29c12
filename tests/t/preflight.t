# SPDX-License-Identifier: Apache-2.0
# auth0-check: what an operator is told of the tenant before anybody signs in.
use strict;
use warnings;
use JSON::PP ();
use Test::More;
use Pwless qw(tenant calls messages work);
use PwlessHttpd;

tenant(POST => '/reset');
my $tool = "$ENV{PWLESS_TOP}/tools/auth0-check";
my %conf;
open my $in, '<', work() . '/t/conf/defines.conf' or die "defines.conf: $!";
while (<$in>) { $conf{$1} = $2 if /^Define (\S+) (.*)$/ }
open $in, '<', $conf{SECRET_FILE} or die "$conf{SECRET_FILE}: $!";
chomp(my $secret = <$in>);

# auth0-check with a site of these lines: exit status and what it said.
sub ask {
    my ($site, @arguments) = @_;
    local $ENV{HTTPD} = $ENV{PWLESS_HTTPD};
    my $pid = open my $out, '-|';
    die "fork: $!" unless defined $pid;
    if (!$pid) {
        open STDERR, '>&', \*STDOUT or die "stderr: $!";
        exec $tool, @arguments, '-f', $site->conf or exit 127;
    }
    my $said = do { local $/; <$out> };
    close $out;
    unlike $said, qr/\Q$secret\E/, 'G6: the secret is not shown';
    return ($? >> 8 || $?, $said);
}

sub site { return PwlessHttpd->site(host => [@_]) }

sub client {
    my (%with) = @_;
    return tenant(POST => '/clients', {client_id => $conf{CLIENT_ID}, %with});
}

my $form = site();
my $callback = $form->url . '/.auth0/callback';

# ---- everything as it should be ----------------------------------------------------
client(callbacks => [$callback], trust_ip_header => JSON::PP::true());
tenant(DELETE => '/calls');
my ($status, $said) = ask($form);
is $status, 0, 'a tenant set up by the checklist: exit status 0' or diag $said;
like $said, qr/^http:\/\/localhost:\d+, tenant \Q$conf{TENANT}\E, application \Q$conf{CLIENT_ID}\E$/m,
    'host, tenant and application are named';
for my $topic (qw(reach clock issuer keys secret connection visitor callback)) {
    like $said, qr/^  ok    $topic\b/m, "$topic is good" or diag $said;
}
is scalar @{tenant(GET => '/messages')}, 0, 'nobody got mail';
is calls('/passwordless/start'), 2, 'two starts that cannot send';
is calls('/oauth/token'), 1, 'one exchange of a code that is none';
unlike $said, qr/FAIL|warn/, 'nothing to complain of';

($status, $said) = ask($form, '--send-to', 'ann@example.org');
is $status, 0, 'with an address to send to: exit status 0';
like $said, qr/^  ok    mail/m, 'it says that a code was sent';
is scalar @{messages('ann@example.org')}, 1, 'and it was, once';
unlike $said, qr/ann\@/, 'the address is not repeated';

# ---- what can be wrong, each with its cure ---------------------------------------------
sub case {
    my ($what, $break, $want_status, $want, $site) = @_;
    tenant(POST => '/reset');
    client(callbacks => [$callback], trust_ip_header => JSON::PP::true());
    $break->();
    my ($got, $text) = ask($site || $form);
    is $got, $want_status, "$what: exit status $want_status" or diag $text;
    like $text, $want, "$what: the line, and what to do" or diag $text;
    return $text;
}

case('another secret at the tenant', sub { client(client_secret => 'x' x 40) }, 1,
    qr/FAIL  secret .*access_denied.*\n .*Applications > Settings > Basic Information/);
case('the other word for it', sub {
    client(client_secret => 'x' x 40);
    tenant(POST => '/set', {wrong_secret => 'invalid_client'});
}, 1, qr/FAIL  secret .*invalid_client.*\n .*Basic Information/);
case('the grant is off', sub { client(grants => ['authorization_code']) }, 1,
    qr/FAIL  secret .*unauthorized_client.*\n .*Grant Types > Passwordless OTP/);
case('the connection is off', sub { tenant(POST => '/set', {connection_disabled => ['email']}) }, 1,
    qr/FAIL  secret .*Unknown realm.*\n .*Authentication > Passwordless.*\n.*FAIL  connection .*bad\.connection/);
case('the connection is not for this application', sub { client(connections => ['sms']) }, 1,
    qr/FAIL  connection .*bad\.connection/);
case('the visitor\'s address is not trusted', sub { client(trust_ip_header => JSON::PP::false()) }, 0,
    qr/warn  visitor .*two visitors count as one.*\n .*Trust Token Endpoint IP Header/);
case('no rate limit headers', sub { tenant(POST => '/set', {rate_limit_headers => JSON::PP::false()}) }, 0,
    qr/\?     visitor .*does not say/);
case('the callback is not registered', sub { client(callbacks => []) }, 0,
    qr/warn  callback .*\n .*Allowed Callback URLs: \Q$callback\E/);
case('... and refused with 403', sub {
    client(callbacks => []);
    tenant(POST => '/set', {callback_mismatch_status => 403});
}, 0, qr/warn  callback /);
case('the clock is five minutes off', sub { tenant(POST => '/set', {clock_offset => 300}) }, 1,
    qr/FAIL  clock .*(?:29\d|30\d) s behind.*\n .*NTP/);
case('PS256 is asked for, RS256 given', sub { }, 1,
    qr/FAIL  keys .*for RS256, not for PS256.*\n .*Auth0IDTokenAlg/, site('Auth0IDTokenAlg PS256'));
case('too many calls', sub {
    tenant(POST => '/fault', {path => '/passwordless/start', fault => 'rate-limited', times => 5});
}, 0, qr/\?     connection .*tenant-rate-limit/);
{
    my $hosted = site('Auth0Login hosted');
    case('hosted without a registered callback', sub { client(callbacks => []) }, 1,
        qr/FAIL  callback .*not registered/, $hosted);
}

# ---- signing out of the tenant -----------------------------------------------------------
{
    my $leaving = site('Auth0Logout tenant');
    my $out = $leaving->url . '/.auth0/logout';
    case('our signed-out page is registered', sub { client(logout_urls => [$out]) }, 0, qr/ok    logout .*registered\n/, $leaving);
    case('our signed-out page is not', sub { }, 0,
        qr/warn  logout .*error page.*\n .*Allowed Logout URLs: \Q$out\E/, $leaving);
    unlike +(ask($form))[1], qr/ logout /, 'with Auth0Logout local nobody asks';
}

# ---- a tenant that is not there ---------------------------------------------------------
for my $gone (
    ['a closed port', 'localhost:' . PwlessHttpd->free_port, qr/FAIL  reach .*https-connect.*\n .*firewall/],
    ['no such name', 'no-such-tenant.invalid', qr/FAIL  reach .*https-resolve.*\n .*typing mistake/],
) {
    my ($what, $domain, $want) = @$gone;
    tenant(DELETE => '/calls');
    my ($got, $text) = ask(site("Auth0Domain $domain", 'Auth0ConnectTimeout 2s'));
    is $got, 1, "$what: exit status 1";
    like $text, $want, "$what: the line, and what to do" or diag $text;
    unlike $text, qr/secret/, "$what: nothing more is asked";
}
{
    my ($got, $text) = ask(site('Auth0CAFile /etc/ssl/certs/ca-certificates.crt'));
    is $got, 1, 'a CA that is not trusted: exit status 1';
    like $text, qr/FAIL  reach .*https-tls.*\n .*Auth0CAFile/, 'and what to do';
}

# ---- what is not asked --------------------------------------------------------------------
tenant(DELETE => '/calls');
is +($form->check)[0], 0, 'httpd -t alone is content';
is scalar @{tenant(GET => '/calls')}, 0, 'C2: and asks nobody anything';
($status, $said) = ask($form, '--host', 'elsewhere.example.org');
is $status, 1, 'a host that is not there: exit status 1';
like $said, qr/no host elsewhere\.example\.org has an Auth0Domain/, 'and says so';
($status, $said) = ask(site('Auth0ClientSecret file:/nonexistent/secret'));
is $status, 1, 'a configuration that httpd refuses: exit status 1';
like $said, qr/Auth0ClientSecret.*\/nonexistent\/secret/, 'with httpd\'s own words';
is_deeply tenant(GET => '/errors'), [], 'the stand-in had no trouble';
done_testing;
