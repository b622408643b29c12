# SPDX-License-Identifier: Apache-2.0
# Auth0UnknownAddress: what is said of addresses that get no code. (That nothing is,
# by default, is L21 in form.t and json.t.)
use strict;
use warnings;
use JSON::PP ();
use Test::More;
use Pwless qw(tenant messages code_for sessions_set calls wrong_code);
use PwlessHttpd;

sub site {
    my ($mode, @more) = @_;
    my $own = PwlessHttpd->site(host => ["Auth0UnknownAddress $mode", @more]);
    $own->start or BAIL_OUT($own->said . $own->log_text);
    return $own;
}

sub new_tenant {
    my (%knobs) = @_;
    tenant(POST => '/reset');
    tenant(POST => '/set', {limits => undef, %knobs});
    return;
}

# Post an address: the browser, the answer, and the page it leads to.
sub ask {
    my ($own, $email) = @_;
    my $who = Pwless->new($own->url);
    my $res = $who->post('/.auth0/login',
        {email => $email, t => $who->open_login('/members/'), op => 'send'});
    my $next = $res->header('Location');
    return ($who, $res, $next ? $who->get($next) : $res, $next);
}

# What a page says, but for what is sealed, the address, and how long ago a code was sent.
sub says {
    my ($res, $email) = @_;
    my $text = $res->code . ' ' . ($res->header('Retry-After') || '') . "\n" . Pwless::without_random($res->content);
    $text =~ s/\Q$email\E|value="\d+"|data-pwless-(?:left|life)="\d{1,3}"/~/g;
    $text =~ s/The code works for .*?counts\.//sg;
    $text =~ s/(?:about )?\d+ (?:second|minute)s?(?: more| left)?|1 minute/~/g;
    return $text;
}

# A wrong code of this browser: what it is told.
sub guess {
    my ($who, $step2, $email, $nth) = @_;
    my $t = Pwless::token($who->get($step2));
    my $code = wrong_code(code_for($email) || '123456', $nth);
    my $res = $who->post($step2, {code => $code, t => $t, op => 'verify'});
    return says($res->header('Location') ? $who->get($res->header('Location')) : $res, $email);
}

sub refuse {
    my ($path) = @_;
    tenant(POST => '/fault', {path => $path, fault => 'status', status => 429, times => 1, headers => {'Retry-After' => '600'},
        json => {error => 'too_many_attempts', error_description => 'blocked'}});
    return;
}

# ---- hide: what the tenant says of addresses it knows alone ----------------------------
# Each walk answers what two browsers of one address are told; only the first address has
# an account.
my %walk = (
    'tries used up in another browser' => sub {
        my ($own, $email) = @_;
        my ($one, undef, undef, $first) = ask($own, $email);
        my ($two, undef, undef, $second) = ask($own, $email);
        return ((map { guess($one, $first, $email, $_) } 1, 2), map { guess($two, $second, $email, $_) } 3 .. 6);
    },
    'a code the tenant finds too old' => sub {
        my ($own, $email) = @_;
        tenant(POST => '/set', {code_life => 0});
        my ($who, undef, undef, $step2) = ask($own, $email);
        return map { guess($who, $step2, $email, $_) } 1 .. 4;
    },
    'a pause for the address, when a code is asked for' => sub {
        my ($own, $email) = @_;
        refuse('/passwordless/start') if $email =~ /^ann/;
        my ($who, undef, $page) = ask($own, $email);
        return says($page, $email);
    },
    'a pause for the address, when a code is checked' => sub {
        my ($own, $email) = @_;
        my ($who, undef, undef, $step2) = ask($own, $email);
        refuse('/oauth/token') if $email =~ /^ann/;
        return map { guess($who, $step2, $email, $_) } 1 .. 3;
    },
);
{
    my $own = site('hide');
    for my $how (sort keys %walk) {
        my @told;
        for my $email ('ann@example.org', 'eve@example.org') {
            new_tenant(signup_disabled => JSON::PP::true());
            tenant(POST => '/users', {email => 'ann@example.org'});
            push @told, [$walk{$how}->($own, $email)];
        }
        is_deeply $told[0], $told[1], "L21: hide: $how: a known address is told what an unknown one is";
        unlike $told[0][0], qr/ 0 tries|last try|paused/, "L21: hide: $how: and no more";
    }
}

# ---- open ----------------------------------------------------------------------------
{
    my $open = site('open');
    new_tenant();
    my ($who, $res, $page, $step2) = ask($open, 'ann@example.org');
    is $res->code, 303, 'open: step 2';
    like $page->content, qr/We have emailed a 6-digit code to <bdi[^>]*>ann\@example\.org</, 'open: says that a code was sent';
    unlike $page->content, qr/If <bdi/, 'open: without an if';
    is $who->enter_code($step2, code_for('ann@example.org'))->code, 303, 'open: it signs in';
    new_tenant(signup_disabled => JSON::PP::true());
    (undef, $res, $page) = ask($open, 'eve@example.org');
    is $res->code, 303, 'L21: open: an unknown address leads to step 2 all the same';
    like $page->content, qr/We have emailed/, 'L21: open: which says the same';
    is scalar @{messages('eve@example.org')}, 0, 'L21: open: though nothing was';
}

# ---- tell ----------------------------------------------------------------------------
{
    my $tell = site('tell', 'Auth0Help mailto:desk@example.org');
    new_tenant();
    my (undef, $res, $page) = ask($tell, 'ann@example.org');
    is $res->code, 303, 'tell: a known address: step 2';
    like $page->content, qr/If <bdi/, 'tell: as ever';
    new_tenant(signup_disabled => JSON::PP::true());
    (my $who, $res, $page) = ask($tell, 'eve@example.org');
    is $res->code, 200, 'tell: an unknown address: step 1';
    like $page->content, qr/<bdi[^>]*>eve\@example\.org<\/bdi> is not set up for <bdi>Rowing Club/, 'tell: which says so';
    like $page->content, qr/name="email"[^>]*value="eve\@example\.org"|value="eve\@example\.org"[^>]*name="email"/,
        'tell: with the address in the field';
    like $tell->log_text, qr/reason=tenant-closed/, 'tell: the log has the reason';
    unlike $tell->log_text, qr/eve\@example/, 'G1: tell: and no address';
    # It was never sent, so nothing keeps the visitor from trying again at once.
    tenant(POST => '/set', {signup_disabled => JSON::PP::false()});
    $res = $who->post('/.auth0/login', {email => 'eve@example.org', t => Pwless::token($page), op => 'send'});
    is $res->code, 303, 'tell: set up meanwhile: the next try goes through';
    is scalar @{messages('eve@example.org')}, 1, 'tell: with a code';
    tenant(POST => '/fault', {path => '/passwordless/start', fault => 'status', status => 429,
        json => {error => 'too_many_attempts', error_description => 'blocked'}});
    (undef, $res, $page) = ask($tell, 'bob@example.org');
    is $res->code, 429, 'tell: a blocked address: 429';
    like $page->content, qr/Sign-in is paused for this address/, 'tell: and why';
    tenant(DELETE => '/fault');
    new_tenant(signup_disabled => JSON::PP::true());
    $who = Pwless->new($tell->url);
    (undef, my $step) = $who->json('login');
    ($res, my $said) = $who->json('login', {email => 'eve@example.org', t => $step->{t}});
    is $res->code, 403, 'tell: a program gets 403';
    is $said->{reason}, 'tenant-closed', 'tell: and the reason';
    is $said->{next}, 'login', 'tell: and step 1 to go on with';
    is scalar sessions_set($res), 0, 'tell: nobody is signed in';
}

# ---- what is no mode -------------------------------------------------------------------
my ($status, $said) = PwlessHttpd->site(host => ['Auth0UnknownAddress maybe'])->check;
isnt $status, 0, 'C1: another word is refused';
like $said, qr/Auth0UnknownAddress: "maybe" is none of: hide, open, tell/, 'C1: with those there are';
done_testing;
