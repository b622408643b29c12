# SPDX-License-Identifier: Apache-2.0
# Codes by text message: numbers as people type them, one number for all of
# that, who is not sent any, and what the ID token must say.
use strict;
use warnings;
use JSON::PP ();
use Test::More;
use Pwless qw(tenant calls log_lines code_for messages);
use PwlessHosted qw(new_tenant sent walk user_at reasons);
use PwlessHttpd;

my $START = '/passwordless/start';
my $TOKEN = '/oauth/token';
my $HOME = '/htdocs/members/env.cgi';
my $NUMBER = '+32470123456';

# Post a number at step 1.
sub ask {
    my ($who, $number, $return_to, %more) = @_;
    return $who->post('/.auth0/login',
        {phone_number => $number, t => $who->open_login($return_to || $HOME), op => 'send', %more});
}

# From the number to the last answer.
sub sign_in {
    my ($who, $number, $as) = @_;
    my $step2 = ask($who, $number)->header('Location') or return;
    return $who->enter_code($step2, code_for($as || $number));
}

# ---- the whole way ---------------------------------------------------------------
new_tenant();
{
    my $ann = Pwless->new('sms');
    my $page = $ann->get("/.auth0/login?return_to=$HOME");
    my ($field) = $page->content =~ /(<input [^>]*name="phone_number"[^>]*>)/;
    for my $attribute (qw(type="tel" autocomplete="tel" inputmode="tel" enterkeyhint="send" dir="ltr")) {
        like $field, qr/ $attribute/, "L26: the field: $attribute";
    }
    like $page->content, qr/we will text you/, 'the form says how the code comes';
    like $page->content, qr/For another country, start with \+/, 'and which numbers need a country';
    unlike $page->content, qr/email/i, 'and nothing about mail';

    my $res = ask($ann, '0470 12 34 56');
    is $res->code, 303, 'a number is taken';
    my $step2 = $res->header('Location');
    unlike $step2, qr/470.?12/, 'L26: no number in the URL';
    my %asked = %{tenant(GET => "/calls?path=$START")->[0]{json}};
    is_deeply [sort keys %asked], [qw(client_id client_secret connection phone_number)],
        'the tenant is asked for no more than it knows';
    is_deeply [@asked{qw(connection phone_number)}], ['sms', $NUMBER], 'L12: for the number in E.164';
    my $code = code_for($NUMBER);
    like $code, qr/^\d{6}$/, 'a message is there';
    $page = $ann->get($step2);
    like $page->content, qr/Check your phone/, 'step 2 speaks of the phone';
    like $page->content, qr/\Q$NUMBER\E/, 'and names the number';
    unlike $page->content, qr/email/i, 'and nothing about mail';
    my $wrong = Pwless::wrong_code($code);
    $res = $ann->post($step2, {code => $wrong, t => Pwless::token($page), op => 'verify'});
    like $ann->get($res->header('Location'))->content, qr/not the code in the newest message/, 'a wrong code';
    log_lines();
    $res = $ann->enter_code($step2, $code);
    is $res->header('Location'), $HOME, 'the right one leads to the page that was wanted';
    is user_at($ann), $NUMBER, 'REMOTE_USER is the number';
    my %call = %{tenant(GET => "/calls?path=$TOKEN")->[-1]{json}};
    is_deeply [@call{qw(realm username scope)}], ['sms', $NUMBER, 'openid profile phone'], 'as the tenant wants it';
    my @told = log_lines();
    ok +(grep { /signed-in, \+32\*\*\*56/ } @told), 'G1: the log masks the number';
    ok !(grep { /470 ?12/ } @told), 'G1: and has it nowhere in full';
    like $ann->get('/.auth0/logout')->content, qr/signed in as .*\Q$NUMBER\E/, 'the sign-out says who one is';
    like $ann->get('/.auth0/login')->content, qr/signed in as .*\Q$NUMBER\E/, 'and so does the sign-in';
    is $ann->get($step2)->code, 303, 'step 2, once signed in, leads on';
}

# ---- spellings ---------------------------------------------------------------------
new_tenant();
{
    my $who = Pwless->new('sms');
    my $first = ask($who, '0470/12.34.56')->header('Location');
    for my $typed ('+32 470 12 34 56', '0032 470 123456', '+32 (0)470 12-34-56', "\x{ff0b}32470123456", 'tel:+32470123456') {
        my $res = ask($who, $typed);
        is $res->code, 303, 'L12: another spelling is the same number';
    }
    is calls($START), 1, 'L12: and one message was sent for all of them';
    is scalar @{messages($NUMBER)}, 1, 'L12: to that number';
}
{
    my $own = PwlessHttpd->site(host => ['Auth0Connection sms', 'Auth0PhoneCountry +32',
        'Auth0Throttle address=2/15m client=off site=4/1h']);
    ok $own->start, 'a server with limits' or diag $own->said, $own->log_text;
    tenant(DELETE => '/calls');
    my @got = map { ask(Pwless->new($own->url), $_)->code } '0470 12 34 56', '+32470123456', '0032470123456', '(0)470-123456';
    is "@got", '303 303 429 429', 'L12: spellings share the limit of a number';
    @got = map { ask(Pwless->new($own->url), "+8821600000$_")->code } 1 .. 5;
    is "@got", '303 303 429 429 429', 'L13: many numbers meet the limit of the site';
    is calls($START), 4, 'L13: the tenant heard of four';
    $own->stop;
}

# ---- what is no number, and where none goes ------------------------------------------
new_tenant();
{
    my $who = Pwless->new('sms');
    log_lines();
    for my $case (['', qr/Enter your mobile number/, 'address-empty'],
        ['ann@example.org', qr/Enter a number with \+/, 'address-format'],
        ['0470', qr/Enter a number with \+/, 'address-format'],
        ['+32470123456,1', qr/Enter a number with \+/, 'address-format'],
        ['+3247012345678901', qr/That number is too long/, 'address-long'],
        ['+44 7700 900123', qr/cannot send codes to numbers of that kind/, 'phone-prefix'],
        ['0031 20 1234567', qr/cannot send codes to numbers of that kind/, 'phone-prefix']) {
        my ($typed, $sentence, $reason) = @$case;
        my $res = ask($who, $typed);
        is $res->code, 422, "L13: '$typed': the form again";
        like $res->content, $sentence, "L13: '$typed': with what to do";
        like $res->content, qr/aria-invalid="true"/, "L13: '$typed': at the field";
        is reasons(), $reason, "L13: '$typed': $reason";
    }
    is calls($START), 0, 'L13: the tenant heard of none';
    is ask($who, '+31 6 12345678')->code, 303, 'L13: the other prefix is good';
    my $other = Pwless->new('texts');
    like $other->get('/.auth0/login')->content, qr/Start with \+ and the country code/, 'no country: the form says so';
    is ask($other, '0470123456')->code, 422, 'no country: a number needs one';
    is ask($other, '+44 7700 900123')->code, 303, 'no prefixes: all numbers are good';
    is $who->post('/.auth0/login', {email => 'ann@example.org', t => $who->open_login, op => 'send'})->code, 422,
        'an address is no number';
    my $site = Pwless->new('site');
    is ask($site, $NUMBER)->code, 422, 'and a number no address';
    like $who->get('/.auth0/login?login_hint=0470123456')->content, qr/name="phone_number"[^>]* value="\Q$NUMBER\E"/,
        'O19: a hint is a number here';
    unlike $who->get('/.auth0/login?login_hint=ann%40example.org')->content, qr/ann\@/, 'O19: and no address';
}

# ---- what the provider says --------------------------------------------------------------
for my $case (['No such number (Code: 21211)', 422, qr/Enter a number with \+/],
    ['Not there (Code: 21408)', 502, qr/not set up correctly/],
    ['Timeout while calling the SMS gateway: 30', 503, qr/could not send the message/]) {
    my ($text, $status, $sentence) = @$case;
    new_tenant(sms_error => $text);
    my $res = ask(Pwless->new('texts'), '+447700900123');
    is $res->code, $status, "U9: $text: $status";
    like $res->content, $sentence, "U9: $text: the page";
}
{
    # Auth0 waits half a minute for the gateway, and so do we.
    new_tenant();
    tenant(POST => '/fault', {path => $START, fault => 'delay', seconds => 12, times => 1});
    my $began = time;
    my $res = ask(Pwless->new('texts'), '+447700900124');
    is $res->code, 303, 'U3: a gateway that takes twelve seconds is waited for';
    cmp_ok time - $began, '>=', 11, 'U3: as long as it took';
    tenant(DELETE => '/fault');
}

# ---- what the ID token must say ------------------------------------------------------------
new_tenant();
{
    my $n = 10;
    for my $case (['no number', {remove => ['phone_number']}, 'jwt-email'],
        ['another number', {set => {phone_number => '+32470123457'}}, 'jwt-email'],
        ['a number spelt otherwise', {set => {phone_number => '0470123456'}}, 'jwt-email'],
        ['not verified', {set => {phone_verified => JSON::PP::false()}}, 'jwt-email-unverified'],
        ['verified in words', {set => {phone_verified => 'true'}}, 'jwt-email-unverified'],
        ['nobody says verified', {remove => ['phone_verified']}, 'jwt-email-unverified']) {
        my ($what, $args, $reason) = @$case;
        my $who = Pwless->new('texts');
        my $number = '+4477009001' . ++$n;
        my $step2 = ask($who, $number)->header('Location');
        tenant(POST => '/mutate', {target => 'id_token', name => 'claims', args => $args});
        log_lines();
        my $res = $who->enter_code($step2, code_for($number));
        tenant(DELETE => '/mutate');
        is $res->code, 403, "L22: $what: refused";
        is reasons(), $reason, "L22: $what: $reason";
        is user_at($who), 302, "L22: $what: nobody is signed in";
    }
    tenant(POST => '/mutate', {target => 'id_token', name => 'claims',
        args => {remove => ['phone_verified'], set => {phone_number_verified => JSON::PP::true()}}});
    my $who = Pwless->new('texts');
    sign_in($who, '+447700900150');
    tenant(DELETE => '/mutate');
    is user_at($who), '+447700900150', "verified by OpenID Connect's own name for it";
}

# ---- on the tenant's own page ----------------------------------------------------------------
new_tenant();
{
    my ($who, $url, $asked) = sent(host => 'calls');
    is $asked->{connection}, 'sms', 'hosted: the connection is asked for';
    is $asked->{scope}, 'openid profile phone', 'hosted: and the number';
    is $who->get(walk($url, $NUMBER))->code, 303, 'hosted: back from it';
    is user_at($who), $NUMBER, 'hosted: signed in by number';

    tenant(POST => '/set', {mfa => JSON::PP::true()});
    my $ann = Pwless->new('sms');
    my $res = sign_in($ann, '+32470123457');
    my $way = $res->header('Location');
    like $way, qr{/authorize\?.*login_hint=%2B32470123457}, 'L20: a second factor: on to the tenant with the number';
    is $ann->get(walk($way, '+32470123457'))->header('Location'), $HOME, 'L20: and back';
    is user_at($ann), '+32470123457', 'L20: signed in';
}

is_deeply tenant(GET => '/errors'), [], 'the stand-in had no trouble';
done_testing;
