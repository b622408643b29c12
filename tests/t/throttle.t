# SPDX-License-Identifier: Apache-2.0
# How many codes are sent: to an address, for a client's network, for a host.
use strict;
use warnings;
use Test::More;
use Pwless qw(tenant calls log_lines work);
use PwlessHttpd;

my $START = '/passwordless/start';
my $HOME = '/members/';
tenant(POST => '/reset');
tenant(POST => '/set', {limits => undef});

sub site {
    my (@throttle) = @_;
    my $own = PwlessHttpd->site(host => ["Auth0Throttle @throttle", 'Auth0ResendInterval 1s',
        'RemoteIPHeader X-Forwarded-For', 'RemoteIPInternalProxy 127.0.0.1']);
    ok $own->start, "a server with @throttle" or diag $own->said, $own->log_text;
    tenant(DELETE => '/calls');
    return $own;
}

# A browser of its own asks for a code, from an address of its own if wanted.
sub ask {
    my ($own, $email, $from) = @_;
    my $who = Pwless->new($own->url);
    my $headers = $from ? {'X-Forwarded-For' => $from} : {};
    my $t = Pwless::token($who->get("/.auth0/login?return_to=$HOME", $headers));
    return $who->post('/.auth0/login', {email => $email, t => $t, op => 'send'}, $headers);
}

sub refused {
    my ($what, $res, $reason, $wait) = @_;
    is $res->code, 429, "L19: $what: 429";
    my $seconds = $res->header('Retry-After');
    cmp_ok $seconds, '>', $wait * 0.9, "L19: $what: Retry-After $seconds is not too short";
    cmp_ok $seconds, '<=', $wait + 1, "L19: $what: nor too long";
    like $res->content, qr/minute|second|hour/, "L19: $what: the page names the wait";
    return;
}

# ---- one recipient --------------------------------------------------------------
{
    my $own = site('address=3/15m', 'client=off', 'site=off');
    my $ann = Pwless->new($own->url);
    $ann->sign_in('ann@example.org', $HOME);
    tenant(DELETE => '/calls');
    is ask($own, 'bob@example.org', "192.0.2.$_")->code, 303, "code $_ for one address" for 1 .. 3;
    refused('a fourth', ask($own, 'bob@example.org', '192.0.2.4'), 'throttle-address', 300);
    refused('spelt otherwise', ask($own, $_, '192.0.2.5'), 'throttle-address', 300)
        for 'BOB@example.org', 'bob+news@EXAMPLE.org', 'b.o.b@example.org';
    is calls($START), 3, 'L19: the tenant was asked three times';
    like $own->log_text, qr/reason=throttle-address/, 'the log tells';
    is ask($own, 'eve@example.org')->code, 303, 'another address is another matter';
    is $ann->get($HOME)->code, 200, 'L19: who is signed in is not concerned';

    # A stranger asks and asks: her own network has a bucket of its own.
    ask($own, 'ann@example.org', '198.51.100.7') for 1 .. 4;
    is ask($own, 'ann@example.org', '198.51.100.7')->code, 429, 'a stranger is stopped';
    is ask($own, 'ann@example.org')->code, 303,
        'L19: whoever signed in from here before gets a code all the same';
}

# ---- one client ---------------------------------------------------------------------
{
    my $own = site('address=off', 'client=4/1h', 'site=off');
    is ask($own, "person$_\@example.org", '192.0.2.9')->code, 303, "address $_" for 1 .. 4;
    refused('a fifth address', ask($own, 'person5@example.org', '192.0.2.9'), 'throttle-client', 900);
    is ask($own, 'person6@example.org', '192.0.2.10')->code, 303, 'another client is another matter';
    is ask($own, "person$_\@example.org", "2001:db8:1:2::$_")->code, 303, "one /64, client $_" for 1 .. 4;
    refused('the same /64', ask($own, 'person9@example.org', '2001:db8:1:2:ffff::9'),
        'throttle-client', 900);
    is ask($own, 'person9@example.org', '2001:db8:1:3::9')->code, 303, 'another /64 is another';
}

# ---- who the client is ---------------------------------------------------------------
{
    my $own = PwlessHttpd->site(host => ['Auth0Throttle address=off client=2/1h site=off']);
    ok $own->start, 'a server that believes no proxy';
    my @codes = map { ask($own, "someone$_\@example.org", "203.0.113.$_")->code } 1 .. 5;
    is "@codes", '303 303 429 429 429', 'L23: X-Forwarded-For of its own invention: one bucket';
}

# ---- all in all -------------------------------------------------------------------------
{
    my $own = site('address=off', 'client=off', 'site=6/1h');
    tenant(DELETE => '/calls');
    my @browsers = map {
        my $who = Pwless->new($own->url);
        [$who, Pwless::token($who->get('/.auth0/login'))]
    } 1 .. 12;
    my @codes = map {
        my ($who, $t) = @{$browsers[$_]};
        $who->post('/.auth0/login', {email => "crowd$_\@example.org", t => $t, op => 'send'},
            {'X-Forwarded-For' => "192.0.2.$_"})->code
    } 0 .. 11;
    is scalar(grep { $_ == 303 } @codes), 6, 'L19: six for the whole site';
    is calls($START), 6, 'L19: and six calls';
    refused('one more', ask($own, 'late@example.org', '192.0.2.99'), 'throttle-site', 600);
    ok $own->graceful, 'a graceful restart';
    refused('after it', ask($own, 'late@example.org', '192.0.2.99'), 'throttle-site', 600);
}

# ---- what was taken is put back ------------------------------------------------------------
{
    my $own = site('address=9/1h', 'client=2/1h', 'site=3/1h');
    ask($own, 'one@example.org', '192.0.2.1') for 1 .. 5; # two are sent
    is ask($own, 'two@example.org', '192.0.2.2')->code, 303,
        'what a client was refused does not count for the site';
    is ask($own, 'three@example.org', '192.0.2.3')->code, 429, 'what was sent does';
}

# ---- another code on step 2 -----------------------------------------------------------------
{
    my $own = site('address=1/1h', 'client=off', 'site=off');
    my $who = Pwless->new($own->url);
    my $step2 = $who->ask_code('patient@example.org', $HOME);
    my $t = Pwless::token($who->get($step2));
    sleep 2;
    my $res = $who->post($step2, {t => $t, op => 'send'});
    refused('another from step 2', $res, 'throttle-address', 3600);
    is calls($START), 1, 'and was not sent';
    is $who->enter_code($step2, Pwless::code_for('patient@example.org'))->code, 303,
        'the code of the first mail is good still';
    is $who->get($HOME)->code, 200, 'and signs in';
}

# ---- the directive ---------------------------------------------------------------------------
for my $case (['address=5', 'COUNT/TIME'], ['recipient=5/1h', 'names no limit'],
    ['site=0/1h', 'COUNT/TIME'], ['client=5/9d', 'at most 7d']) {
    my ($arg, $words) = @$case;
    my ($status, $said) = PwlessHttpd->site(host => ["Auth0Throttle $arg"])->check;
    isnt $status, 0, "C1: Auth0Throttle $arg is refused";
    like $said, qr/Auth0Throttle: .*\Q$words\E/, "C1: $arg: and how to mend it";
}

done_testing;
