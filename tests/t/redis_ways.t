# SPDX-License-Identifier: Apache-2.0
# The other ways in, behind a balancer that sends each request to another of two
# machines: the tenant's own page, a mailed link, auth0.js.
use strict;
use warnings;
use HTTP::Cookies ();
use HTTP::Request ();
use JSON::PP qw(decode_json encode_json);
use LWP::UserAgent ();
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep);
use URI ();
use Pwless qw(tenant messages code_for calls work);
use PwlessBalanced;
use PwlessHosted qw(walk);

my $START = '/passwordless/start';
my $TOKEN = '/oauth/token';
my $HOME = '/members/';
my $OTP = 'http://auth0.com/oauth/grant-type/passwordless/otp';
my $public = $PwlessBalanced::public;
my ($one, $two);

# What a deed asks Redis about sign-ins (docs/operations.md, "Several machines").
sub cost {
    my ($deed) = @_;
    return scalar grep { /"TIME"|"site:[fnc]:/ } $PwlessBalanced::redis->heard($deed);
}

# ---- the tenant's own page -----------------------------------------------------------------
PwlessBalanced::new_tenant();
{
    ($one, $two) = PwlessBalanced::machines('Auth0Login hosted');
    my $redis = $PwlessBalanced::redis;
    my $who = PwlessBalanced->new($one, $two);
    my ($url, $res);
    is cost(sub { $url = $who->get("/.auth0/login?return_to=$HOME")->header('Location') }), 0,
        'hosted: the way there asks Redis nothing';
    my $back = walk($url, 'ann@example.org');
    is cost(sub { $res = $who->next_is($two)->get($back) }), 3, 'hosted: the way back three things';
    is $res->header('Location'), $HOME, 'hosted: sent by the one, back at the other';
    is $who->codes($HOME), '200 200', 'hosted: signed in on both';
    is calls($TOKEN), 1, 'hosted: one exchange';
    my %call = URI->new('?' . tenant(GET => "/calls?path=$TOKEN")->[0]{body})->query_form;
    my $verifier = $call{code_verifier};
    like $verifier, qr/^[\w.~-]{43}/, 'O5: with a verifier';
    my $all = $redis->dump_all;
    like $all, qr/^site:c:[\w-]{43} = [\w-]{22}$/m, 'S9: Redis has a random word for the state';
    unlike $all, qr/\Q$_\E/i, 'S9: and neither verifier nor address' for $verifier, '@example';
    $res = $who->next_is($one)->get($back);
    is $res->header('Location'), $HOME, 'O3: the callback again, on the other, leads on';
    $who->{ua}->cookie_jar->clear('localhost.local', '/', 'auth0-session');
    for my $on ($one, $two) {
        like $who->next_is($on)->get($back)->content, qr/This link was used before/,
            'O3: a state is used once, on both machines';
    }
    is calls($TOKEN), 1, 'O3: and exchanged once';
    is $who->cookie('session'), undef, 'O3: with one session';

    # The callback of one sign-in, twenty times at once on both machines.
    $who = PwlessBalanced->new($one, $two);
    $back = walk($who->get("/.auth0/login?return_to=$HOME")->header('Location'), 'bob@example.org');
    $back =~ s{^\Q$public\E}{};
    tenant(DELETE => '/calls');
    my $pid = fork // die "fork: $!";
    $who->{base} = ($pid ? $one : $two)->url;
    $who->burst(map { ['GET', $back] } 1 .. 10);
    POSIX::_exit(0) unless $pid;
    waitpid $pid, 0;
    is calls($TOKEN), 1, 'O3: twenty at once on two machines: one exchange';

    # Redis hangs: the state is not used up.
    $who = PwlessBalanced->new($one, $two);
    $back = walk($who->get("/.auth0/login?return_to=$HOME")->header('Location'), 'cat@example.org');
    $redis->kill('STOP');
    $res = $who->get($back);
    is $res->code, 503, 'U9: Redis hangs when the browser comes back: 503';
    $redis->kill('CONT');
    sleep 2.2;
    is $who->get($back)->header('Location'), $HOME, 'U9: a reload signs in';
    $_->let_go for $one, $two;
}

# ---- a mailed link ------------------------------------------------------------------------------
PwlessBalanced::new_tenant();
{
    ($one, $two) = PwlessBalanced::machines('Auth0Send link');
    my $link_for = sub {
        my $url = messages($_[0])->[0]{link};
        my %query = URI->new($url)->query_form;
        Pwless::remember(code => $query{verification_code});
        Pwless::remember(token => @query{qw(state nonce)});
        return $url;
    };
    my $press = sub {
        my $ua = LWP::UserAgent->new(cookie_jar => HTTP::Cookies->new, requests_redirectable => [],
            ssl_opts => {SSL_ca_file => Pwless::tenant_json()->{ca_file}});
        return $ua->get($_[0])->header('Location');
    };
    my $who = PwlessBalanced->new($one, $two);
    my $step2 = $who->ask_code('ann@example.org', $HOME);
    my $page = $who->get($step2);
    like $page->content, qr/Open it in this browser/, 'link: step 2 waits';
    my $res = $who->post($step2, {t => Pwless::token($page), op => 'continue'});
    like $res->header('Location'), qr{^/\.auth0/code\?t=}, 'link: not opened yet';
    my $back = $press->($link_for->('ann@example.org'));
    # The jar's owner opens it, at the other machine; the waiting page asks the first.
    is cost(sub { $res = $who->next_is($two)->get($back, {'Sec-Fetch-Site' => 'cross-site'}) }), 6,
        'link: opening it asks Redis six things';
    is $res->header('Location'), $HOME, 'link: opened at the other machine';
    is $who->next_is($one)->get($step2)->header('Location'), $HOME,
        'link: the page that waits notices, on the first';
    is $who->next_is($one)->post($step2, {t => Pwless::token($page), op => 'continue'})
        ->header('Location'), $HOME, 'link: so does its button';
    is $who->codes($HOME), '200 200', 'link: signed in on both';
    is $who->next_is($one)->get($back)->header('Location'), $HOME, 'O3: once more leads on';
    is calls($TOKEN), 1, 'O3: without an exchange';

    # Without the session cookie the waiting page knows by the record.
    $who->{ua}->cookie_jar->clear('localhost.local', '/', 'auth0-session');
    like $who->next_is($one)->get($step2)->content, qr/name="email"/,
        'link: a sign-in that was finished on the other machine is over on the first';

    # Opened where it was not asked for.
    my $asked = PwlessBalanced->new($one, $two);
    $step2 = $asked->ask_code('bob@example.org', $HOME);
    $back = $press->($link_for->('bob@example.org'));
    my $elsewhere = PwlessBalanced->new($two, $one)->get($back);
    unlike join("\n", $elsewhere->header('Set-Cookie')), qr/auth0-session=[^;]/,
        'O1: in another browser, on another machine: no session';
    is $asked->next_is($two)->get($back)->header('Location'), $HOME,
        'O1: and it is not used up by that';
    $_->let_go for $one, $two;
}

# ---- auth0.js in our page: here a script plays it ----------------------------------------------
PwlessBalanced::new_tenant();
{
    ($one, $two) = PwlessBalanced::machines('Auth0Login auth0js', 'Auth0Script ' . work() . '/auth0.js',
        'Auth0ClientID page');
    my $who = PwlessBalanced->new($one, $two);
    my %told = $who->get("/.auth0/login?return_to=$HOME")->content =~ / data-pwless-(\w+)="([^"]*)"/g;
    Pwless::remember(token => @told{qw(state nonce)});
    my $domain = Pwless::tenant_json()->{domain};
    my $ua = LWP::UserAgent->new(cookie_jar => HTTP::Cookies->new, requests_redirectable => [],
        ssl_opts => {SSL_ca_file => Pwless::tenant_json()->{ca_file}});
    my $ask = sub {
        my ($path, $json) = @_;
        my $res = $ua->request(HTTP::Request->new(POST => "https://$domain$path",
            ['Content-Type' => 'application/json', Origin => $public], encode_json($json)));
        return $res->is_success ? decode_json($res->content) : {};
    };
    $ask->($START, {client_id => 'page', connection => 'email', send => 'code',
        email => 'ann@example.org', authParams => {state => $told{state}, nonce => $told{nonce}}});
    my $ticket = $ask->('/co/authenticate', {client_id => 'page', username => 'ann@example.org',
        otp => code_for('ann@example.org'), realm => 'email', credential_type => $OTP});
    my $url = URI->new("https://$domain/authorize");
    $url->query_form(client_id => 'page', response_type => 'code', redirect_uri => $told{callback},
        scope => $told{scope}, state => $told{state}, nonce => $told{nonce}, realm => 'email',
        code_challenge => $told{challenge}, code_challenge_method => 'S256',
        login_ticket => $ticket->{login_ticket});
    my $back = $ua->get($url)->header('Location');
    my $res = $who->next_is($two)->get($back);
    is $res->header('Location'), $HOME, 'auth0.js: its page on the one, the callback on the other';
    is $who->codes($HOME), '200 200', 'auth0.js: signed in on both';
    $who->{ua}->cookie_jar->clear('localhost.local', '/', 'auth0-session');
    like $who->next_is($one)->get($back)->content, qr/This link was used before/,
        'O3: once, on both';
    is calls($TOKEN), 1, 'O3: with one exchange';
}

is_deeply tenant(GET => '/errors'), [], 'the stand-in had no trouble';
done_testing;
