# SPDX-License-Identifier: Apache-2.0
# A form token is good for one browser and one address: for nothing else will the record
# of a sign-in be used, and to nobody else is the address told that lies sealed in it.
use strict;
use warnings;
use Test::More;
use Pwless qw(tenant calls code_for sessions_set);
use PwlessHttpd;

my ($V, $W, $HOME) = ('victim@example.org', 'walter@example.org', '/members/');
my $LIFE = 6; # seconds: requests must be done in it, under a sanitizer too

sub site {
    my ($throttle, @more) = @_;
    my $own = PwlessHttpd->site(host => ["Auth0Throttle $throttle", @more]);
    $own->start or BAIL_OUT($own->said . $own->log_text);
    tenant(POST => '/reset');
    tenant(POST => '/set', {limits => undef});
    return $own;
}

# ---- one transaction, two addresses ----------------------------------------------------
# A form that is refused for one address and sent for another leaves two tokens that name
# one record.
{
    my $own = site('client=1/3s address=off site=off');
    my $eve = Pwless->new($own->url);
    my (undef, $first) = $eve->json('login');
    ok(Pwless->new($own->url)->ask_code('junk@example.org'), 'the limit of a network is used up');
    my ($res, $hers) = $eve->json('login', {email => $V, t => $first->{t}});
    is $res->code, 429, 'so nothing is sent to one address';
    ok $hers->{t}, 'and there is a form to go on with';
    sleep $res->header('Retry-After') + 1;
    ($res, my $step) = $eve->json('login', {email => $W, t => $first->{t}});
    is $res->code, 200, 'later a code is sent to another, with the same form';
    sleep 4;
    my $vera = Pwless->new($own->url);
    my $step2 = $vera->ask_code($V, $HOME);
    tenant(DELETE => '/calls');

    ($res, my $told) = $eve->json('login', {op => 'code', t => $hers->{t}});
    isnt $told->{next}, 'code', 'L3: the token of the first address leads to no step 2';
    $res = $eve->post('/.auth0/login', {op => 'code', t => $hers->{t}});
    unlike $res->header('Location') || '', qr{/code\?}, 'L3: in a form neither';
    $res = $eve->get('/.auth0/login?t=' . $hers->{t});
    unlike $res->content, qr/value="code"/, 'L3: nor does the page offer one';
    is calls('/oauth/token'), 0, 'L5: no code of hers is tried';
    is $vera->enter_code($step2, code_for($V))->header('Location'), $HOME, 'she signs in';
    ($res) = $eve->json('code', {code => code_for($W), t => $step->{t}});
    is scalar sessions_set($res), 1, 'and so does who was sent the other';
}

{
    my $own = site('address=off client=off site=off');
    tenant(POST => '/fault', {path => '/passwordless/start', fault => 'status', status => 429, times => 1,
        headers => {'Retry-After' => '3'}, json => {error => 'too_many_requests', error_description => 'x'}});
    my $eve = Pwless->new($own->url);
    (undef, my $first) = $eve->json('login');
    my ($res) = $eve->json('login', {email => $W, t => $first->{t}});
    is $res->code, 429, 'the tenant asks for a pause';
    ($res, my $hers) = $eve->json('login', {email => $V, t => $first->{t}});
    is $hers->{next}, 'code', 'another address waits for it at step 2';
    sleep 4;
    ($res) = $eve->json('login', {email => $W, t => $first->{t}});
    is $res->code, 200, 'then a code is sent to the first';
    my $vera = Pwless->new($own->url);
    my $step2 = $vera->ask_code($V, $HOME);
    tenant(DELETE => '/calls');
    ($res, my $told) = $eve->json('code', {code => code_for($V), t => $hers->{t}});
    is scalar sessions_set($res), 0, "L3: another's code signs nobody in";
    is $told->{next}, 'login', 'L3: the sign-in begins anew';
    is calls('/oauth/token'), 0, 'L5: no try of hers is used';
    $res = $eve->get('/.auth0/code?t=' . $hers->{t});
    unlike $res->content, qr/name="code"/, 'L3: the page has no field for it';
    is $vera->enter_code($step2, code_for($V))->header('Location'), $HOME, 'it signs her in';
}

# ---- whoever finds the URL of a step 2 ---------------------------------------------------
{
    my $own = site('client=off address=off site=off', "Auth0SignInTimeout ${LIFE}s", "Auth0CodeLifetime ${LIFE}s");
    my $vera = Pwless->new($own->url);
    my $step2 = $vera->ask_code($V, $HOME);
    my ($t) = $step2 =~ /[?&]t=([^&]+)/;
    my $found = sub {
        my ($when) = @_;
        for my $cookie ('without a cookie', 'with a cookie of its own') {
            my $eve = Pwless->new($own->url);
            $eve->open_login if $cookie =~ /^with a/;
            for my $url ("/.auth0/login?t=$t", $step2) {
                my $res = $eve->get($url);
                $res = $eve->get($res->header('Location')) if $res->header('Location');
                my $name = "L3, G6: $when, another browser $cookie: " . ($url =~ m{/(\w+)\?})[0];
                is $res->code < 500, 1, "$name: " . $res->code;
                unlike $res->content, qr/\Q$V\E/, "$name: no address is told";
            }
            my (undef, $told) = $eve->json("login?t=$t");
            is $told->{address}, undef, "L3, G6: $when, another browser $cookie: nor in JSON";
        }
        my $res = $vera->post($step2, {op => 'change', t => $t});
        $res = $vera->get($res->header('Location')) if $res->header('Location');
        like $res->content, qr/value="\Q$V\E"/, "$when: her own browser keeps it in the field";
    };
    $found->('at once');
    sleep $LIFE + 1;
    $found->('when it has expired');
}
done_testing;
