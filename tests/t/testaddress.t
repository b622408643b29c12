# SPDX-License-Identifier: Apache-2.0
# Auth0TestAddress: an address for monitoring that looks like any other, is sent
# nothing, and signs nobody in.
use strict;
use warnings;
use JSON::PP ();
use Test::More;
use Pwless qw(tenant messages calls sessions_set);
use PwlessHosted ();
use PwlessHttpd;

my $HOME = '/members/';
tenant(POST => '/reset');
tenant(POST => '/set', {limits => undef, signup_disabled => JSON::PP::true()});

sub site {
    my (@lines) = @_;
    my $own = PwlessHttpd->site(host => [
        'Auth0Throttle address=off client=off site=off', 'Auth0ResendInterval 1s', @lines]);
    $own->start or BAIL_OUT($own->said . $own->log_text);
    tenant(DELETE => '/calls');
    return $own;
}

# What differs between any two answers, taken out.
sub plain {
    my ($res, $address) = @_;
    my $text = join "\n", $res->code, (map { "$_: " . ($res->header($_) // '-') }
        sort $res->header_field_names), $res->content;
    $text =~ s/\Q$address\E/ADDRESS/gi;
    $text =~ s/(?<=[\x22=])[A-Za-z0-9_-]{40,}/SEALED/g;
    $text =~ s/^(?:Date|Client-[\w-]+|Content-Length|ETag|Last-Modified): .*$//mg;
    $text =~ s/auth0-pending=[^;]+/auth0-pending=SEALED/g;
    return $text;
}

# The whole of a sign-in that leads nowhere: all answers.
sub walk {
    my ($own, $address) = @_;
    my $who = Pwless->new($own->url);
    my @answers = $who->get("/.auth0/login?return_to=$HOME");
    push @answers, $who->post('/.auth0/login',
        {email => $address, t => Pwless::token($answers[0]), op => 'send'});
    my $step2 = $answers[-1]->header('Location');
    for my $code ('135790', '246801', '112233', '445566') {
        my $page = $who->get($step2);
        push @answers, $page;
        push @answers, $who->post($step2, {code => $code, t => Pwless::token($page), op => 'verify'});
        $step2 = $answers[-1]->header('Location') // $step2;
    }
    push @answers, $who->get($step2), $who->get($HOME);
    return @answers;
}

my $own = site('Auth0TestAddress Watch@Example.org');

# ---- L29: at every start -------------------------------------------------------------
my $loud = qr/\[auth0_pwless:warn\].*pwless: Auth0TestAddress is W\*\*\*\@e\*\*\*\.org for localhost: .*nobody in/i;
is scalar(() = $own->log_text =~ /$loud/g), 1, 'L29: a warning at the start names directive and masked address';
unlike $own->log_text, qr/watch\@example\.org/i, 'G6: and not the whole of it';
$own->graceful;
is scalar(() = $own->log_text =~ /$loud/g), 2, 'L29: and at each restart';
{
    my $none = site();
    unlike $none->log_text, qr/Auth0TestAddress/, 'L29: none without it';
}

# ---- it looks like any other ------------------------------------------------------------
my @unknown = walk($own, 'nobody@example.org');
cmp_ok calls('/passwordless/start'), '==', 1, 'an address like any other: the tenant is asked';
tenant(DELETE => '/calls');
my @test = walk($own, 'watch@example.org');
is calls($_), 0, "the test address: no call to $_" for '/passwordless/start', '/oauth/token';
is scalar @{messages('watch@example.org')}, 0, 'and no mail';
is scalar @test, scalar @unknown, 'as many answers';
for my $nth (0 .. $#test) {
    is plain($test[$nth], 'watch@example.org'), plain($unknown[$nth], 'nobody@example.org'),
        "L21: answer $nth: the same bytes but for the address";
}
is scalar(grep { sessions_set($_) } @test), 0, 'no code is right';
is $test[-1]->code, 302, 'and nobody is signed in';
unlike $own->log_text, qr/watch\@example\.org/i, 'G6: no log line has the address';
{
    tenant(DELETE => '/calls');
    my $who = Pwless->new($own->url);
    my (undef, $step) = $who->json('login');
    (my $res, $step) = $who->json('login', {email => 'watch@example.org', t => $step->{t}});
    is $res->code, 200, 'in JSON: asked for';
    ($res, $step) = $who->json('code', {t => $step->{t}, code => '135790'});
    is $res->code . ' ' . $step->{reason}, '403 flow-wrong', 'in JSON: a wrong code';
    is calls('/passwordless/start') + calls('/oauth/token'), 0, 'in JSON: no call';
    is $who->ask_code('watch+1@example.org', $HOME) && calls('/passwordless/start'), 1,
        'another spelling is another address to the tenant, and to us';
}

# ---- with a link, and at the tenant's own page --------------------------------------------
{
    my $link = site('Auth0Send link', 'Auth0TestAddress watch@example.org');
    my $who = Pwless->new($link->url);
    ok $who->ask_code('watch@example.org', $HOME), 'a link is asked for';
    is calls('/passwordless/start'), 0, 'and not sent';
}
for my $case (['ann@example.org'],
    ['+32470123456', {email => 'ann@example.org', email_verified => JSON::PP::true()}, 'Auth0Connection sms']) {
    my ($address, $claims, @lines) = @$case;
    my $hosted = site('Auth0Login hosted', "Auth0TestAddress $address", @lines);
    tenant(POST => '/reset');
    tenant(POST => '/claims', $claims // {});
    tenant(POST => '/set', {limits => undef});
    tenant(POST => '/clients', {client_id => Pwless::tenant_json()->{client_id},
        callbacks => [$hosted->url . '/.auth0/callback']});
    my ($who, $url) = PwlessHosted::sent(who => Pwless->new($hosted->url), target => $HOME);
    my $res = $who->get(PwlessHosted::walk($url, $address));
    is scalar sessions_set($res), 0, "where somebody proves to be $address: no session";
    like $hosted->log_text, qr/reason=jwt-email.*Auth0TestAddress/, 'and the log says why';
}

# ---- it is counted like any other -----------------------------------------------------------
{
    my $few = PwlessHttpd->site(host => ['Auth0Throttle address=2/15m client=off site=off wrong=3/7d',
        'Auth0ResendInterval 1s', 'Auth0TestAddress watch@example.org']);
    ok $few->start, 'a server with limits';
    my @codes = map { my $who = Pwless->new($few->url);
        $who->post('/.auth0/login', {email => 'watch@example.org', t => $who->open_login($HOME)})->code } 1 .. 3;
    is "@codes", '303 303 429', 'L19: its limit is that of any other';
}

# ---- what httpd -t says ---------------------------------------------------------------------
for my $case (['nobody', [], qr/"nobody" is neither an e-mail address nor a telephone number/],
    ['+3215555000', [], qr/is a telephone number, and Auth0Connection is for e-mail/],
    ['watch@example.org', ['Auth0Connection sms'], qr/is an e-mail address, and Auth0Connection is sms/]) {
    my ($arg, $more, $says) = @$case;
    my ($status, $said) = PwlessHttpd->site(host => ["Auth0TestAddress $arg", @$more])->check;
    isnt $status, 0, "C1: Auth0TestAddress $arg with (@$more) is refused";
    like $said, qr/Auth0TestAddress:? .*$says/, 'C1: with the cure';
}
is +(PwlessHttpd->site(host => ['Auth0Connection sms', 'Auth0TestAddress +3215555000'])->check)[0], 0,
    'C1: a number with sms is taken';
is +(PwlessHttpd->site(host => ['Auth0TestAddress +watch@example.org'])->check)[0], 0,
    'C1: an address may begin with a plus sign';

done_testing;
