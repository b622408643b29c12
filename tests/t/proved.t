# SPDX-License-Identifier: Apache-2.0
# Hosts whose Auth0AuthorizeParam asks for what only the tenant's page can have
# proved: a code is no way around it, in no form.
use strict;
use warnings;
use JSON::PP ();
use Test::More;
use URI ();
use URI::Escape qw(uri_escape);
use Pwless qw(tenant calls code_for log_lines sessions_set);
use PwlessHosted qw(new_tenant walk user_at reasons);
use PwlessHttpd;
use PwlessJson;

my $START = '/passwordless/start';
my $TOKEN = '/oauth/token';
my $HOME = '/htdocs/members/env.cgi';
my %FORM = ('Accept' => 'text/html', 'Sec-Fetch-Mode' => 'navigate');
my $authorize = qr{^https://\Q@{[Pwless::tenant_json()->{domain}]}\E/authorize\?};

sub asked { return {URI->new($_[0])->query_form} }

sub nothing_came_of_it {
    my ($what, $who, @answers) = @_;
    is scalar(map { sessions_set($_) } @answers), 0, "O18: $what: no session";
    is user_at($who), 302, "O18: $what: nobody is signed in";
    is calls($START) + calls($TOKEN), 0, "O18: $what: no call to the tenant";
    return;
}

# ---- the hosts' forms and JSON lead to the tenant ------------------------------------
my %proof = (club => 'organization', policy => 'acr_values', recent => 'max_age', anew => 'prompt');
new_tenant();
for my $host (sort keys %proof) {
    my $name = $proof{$host};
    my $eve = Pwless->new($host);
    my ($first, $step) = $eve->json('login?return_to=' . uri_escape($HOME));
    is $first->code, 200, "O18: $name: GET login of a program: 200";
    is_deeply [sort keys %$step], ['next', 'url'], "O18: $name: where to go, and no token";
    is $step->{next}, 'hosted', "O18: $name: the tenant";
    like $step->{url}, $authorize, "O18: $name: its page";
    ok asked($step->{url})->{$name}, "O18: $name: is asked for there";

    log_lines();
    my ($posted, $told) = $eve->json('login', {email => 'eve@example.org', t => 'x', return_to => $HOME});
    $told = refused("$name: POST login", $posted, 403, 'tenant-step', 'hosted');
    like $told->{url}, $authorize, "O18: $name: POST login: the tenant's page";
    is asked($told->{url})->{login_hint}, 'eve@example.org', "O18: $name: POST login: with the address";
    like join("\n", log_lines()), qr/hosted, reason=tenant-step .*no code proves Auth0AuthorizeParam $name\b/,
        "O18: $name: the log names the line";
    my ($coded) = $eve->json('code', {code => '123456', t => 'x'});
    refused("$name: POST code", $coded, 403, 'tenant-step', 'hosted');
    my ($again) = $eve->json('code', {op => 'send', t => 'x'});
    refused("$name: POST code, op=send", $again, 403, 'tenant-step', 'hosted');
    my ($where, $there) = $eve->json('code?t=x');
    is $there->{next}, 'hosted', "O18: $name: GET code of a program";

    my @forms = ($eve->post('/.auth0/login', {email => 'eve@example.org', op => 'send', t => 'x'}, \%FORM),
        $eve->post('/.auth0/code', {code => '123456', op => 'verify', t => 'x'}, \%FORM));
    for my $res (@forms) {
        is $res->code, 303, "O18: $name: a form: 303";
        like $res->header('Location'), $authorize, "O18: $name: a form: to the tenant";
    }
    is $eve->get('/.auth0/code?t=x')->code, 303, "O18: $name: GET code: there, too";
    my ($foreign) = $eve->json('login', {email => 'eve@example.org'}, {Origin => 'https://evil.example'});
    refused("$name: another site", $foreign, 403, 'origin-foreign');
    nothing_came_of_it($name, $eve, $first, $posted, $coded, $again, $where, @forms);
}

# ---- and that way works ---------------------------------------------------------------
{
    my $ann = Pwless->new('club');
    my (undef, $told) = $ann->json('login', {email => 'ann@example.org', return_to => "$HOME?x=1"});
    is $ann->get(walk($told->{url}, 'ann@example.org'))->header('Location'), "$HOME?x=1",
        'O18: POST login: back to the page that was wanted';
    is user_at($ann), 'ann@example.org', 'O18: signed in';
    like $ann->get('/.auth0/code?t=x')->header('Location'), qr{^/\.auth0/login$},
        'O18: GET code with a session: not to the tenant again';
    my $eve = Pwless->new('club');
    (undef, $told) = $eve->json('login', {email => 'ann@example.org'});
    (my $url = $told->{url}) =~ s/&login_hint=[^&]+//;
    log_lines();
    is $eve->get(walk($url, 'eve@example.org'))->code, 403, 'L22: another address comes back than was posted';
    is reasons(), 'jwt-email', 'L22: the log tells';
    is user_at($eve), 302, 'L22: nobody is signed in';
}

# ---- without such a line programs have codes, whoever draws the form for browsers -------
{
    my (undef, $step) = Pwless->new('hosted')->json('login');
    is $step->{next}, 'login', 'Auth0Login hosted alone: a program may ask for a code';
}

# ---- a code of before the configuration was read again ----------------------------------
{
    new_tenant();
    my $own = PwlessHttpd->site(main => ['KeepAlive Off']);
    $own->start or BAIL_OUT($own->said . $own->log_text);
    my ($ann, $bob) = map { Pwless->new($own->url) } 1, 2;
    my ($step2, $json);
    $step2 = $ann->ask_code('ann@example.org', '/members/');
    my ($t, $code) = (Pwless::token($ann->get($step2)), code_for('ann@example.org'));
    my (undef, $first) = $bob->json('login');
    (undef, $json) = $bob->json('login', {email => 'bob@example.org', t => $first->{t}});
    is $json->{next}, 'code', 'a code is on its way';
    $own->edit(qr/^Auth0InsecureHTTP On$/m,
        "Auth0InsecureHTTP On\nAuth0Login hosted\nAuth0AuthorizeParam organization Rowing-Club");
    ok $own->graceful, 'the configuration asks for an organization now';
    tenant(DELETE => '/calls');
    my $res = $ann->post($step2, {code => $code, t => $t, op => 'verify'});
    is $res->code, 303, 'O18: a code of before: 303';
    like $res->header('Location'), $authorize, 'O18: a code of before: to the tenant';
    is asked($res->header('Location'))->{login_hint}, 'ann@example.org', 'O18: as the same address';
    my ($refused) = $bob->json('code', {code => code_for('bob@example.org'), t => $json->{t}});
    refused('a code of before in JSON', $refused, 403, 'tenant-step', 'hosted');
    my ($sent) = $bob->json('code', {op => 'send', t => $json->{t}});
    refused('another one', $sent, 403, 'tenant-step', 'hosted');
    is scalar(map { sessions_set($_) } $res, $refused, $sent), 0, 'O18: no session';
    is calls($START) + calls($TOKEN), 0, 'O18: no call to the tenant';
    is $_->get('/members/')->code, 302, 'O18: nobody is signed in' for $ann, $bob;
    $own->stop;
}

is_deeply tenant(GET => '/errors'), [], 'the stand-in had no trouble';
done_testing;
