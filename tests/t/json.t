# SPDX-License-Identifier: Apache-2.0
# The sign-in in JSON, for pages that draw their own forms: what goes in, by the same
# rules as the forms have, told by status, `reason` and `next`.
use strict;
use warnings;
use utf8;
use JSON::PP qw(encode_json);
use Test::More;
use Time::HiRes qw(sleep);
use URI::Escape qw(uri_escape);
use Pwless qw(tenant code_for calls sessions_set);
use PwlessJson;

my $START = '/passwordless/start';
my $TOKEN = '/oauth/token';
my $HOME = '/htdocs/members/';
binmode Test::More->builder->$_, ':utf8'
    for qw(output failure_output todo_output);

# ---- the whole way ----------------------------------------------------------------
{
    my $ann = begin();
    my ($res, $first) = $ann->json('login?return_to=' . uri_escape("$HOME?a=1"));
    is $res->code, 200, 'GET login: 200';
    is $res->content_type, 'application/json', 'GET login: JSON';
    is_deeply [sort keys %$first], [qw(code_length connection has_code next t)],
        'GET login: what step 1 needs';
    is_deeply [@$first{qw(next connection code_length)}], ['login', 'email', 6],
        'GET login: as configured';
    ok $ann->cookie('pending'), 'GET login: the cookie that binds to the browser';
    ($res, my $step) = $ann->json('login', {email => ' Ann@EXAMPLE.org ', t => $first->{t}});
    is $res->code, 200, 'POST login: 200';
    is $res->content_type, 'application/json', 'POST login: JSON';
    is $res->header('Location'), undef, 'POST login: no redirect';
    is_deeply [sort keys %$step], [qw(address code_expires_in code_length connection
        detail next resend_after t tries_left)], 'POST login: what step 2 needs';
    is_deeply [@$step{qw(next address code_length tries_left connection)}],
        ['code', 'Ann@example.org', 6, 3, 'email'], 'POST login: with the address as it was read';
    ok $step->{code_expires_in} >= 177 && $step->{code_expires_in} <= 180,
        'POST login: how long the code works';
    ok $step->{resend_after} >= 57 && $step->{resend_after} <= 60,
        'POST login: when another may be asked for';
    is $step->{detail}, 'If Ann@example.org can sign in to Rowing Club, a 6-digit code is '
        . 'on its way there.', 'L21: POST login: and no word more';
    is calls($START), 1, 'POST login: one call';
    my $code = code_for('Ann@example.org');
    ($res, my $done) = $ann->json('code', {code => substr($code, 0, 3) . '-' . substr($code, 3),
        t => $step->{t}});
    is $res->code, 200, 'POST code: 200';
    is_deeply $done, {signed_in => JSON::PP::true, return_to => "$HOME?a=1"},
        'POST code: signed in, and where to';
    is scalar sessions_set($res), 1, 'POST code: with a session';
    is $ann->get($HOME)->code, 200, 'POST code: that lets her in';
    ($res, $done) = $ann->json('login?return_to=%2Fx');
    is_deeply $done, {signed_in => JSON::PP::true, return_to => '/x'},
        'GET login of somebody signed in says so';
    ($res, my $session) = $ann->json('session');
    ok $session->{t}, 'GET session: the token that ends it';
    ($res, $done) = $ann->json('logout', {t => $session->{t}});
    is $res->code, 200, 'POST logout: 200';
    is_deeply $done, {signed_in => JSON::PP::false, return_to => '/.auth0/logout'},
        'POST logout: signed out';
    is $ann->cookie('session') || '', '', 'POST logout: the cookie is gone';
    is $ann->get($HOME)->code, 302, 'POST logout: and so is the session';
    ($res, $done) = $ann->json('logout', {t => $session->{t}});
    is $done->{signed_in}, JSON::PP::false, 'POST logout again: the same answer';
    is calls($TOKEN), 1, 'one code tried in all';
}

# ---- where it leads ----------------------------------------------------------------
{
    begin();
    my ($ann, $step) = at_code('site', 'ann@example.org', {return_to => "$HOME?b=2#part"});
    my (undef, $done) = $ann->json('code', {code => code_for('ann@example.org'), t => $step->{t}});
    is $done->{return_to}, "$HOME?b=2#part", 'R1: a target named with the address';
    for my $bad ('//evil.example', 'https://evil.example/', '/\\evil.example', "/\t/evil.example",
        '/.auth0/logout', 'members', '', '/' . 'x' x 2048) {
        my ($bob, $to) = at_code('site', 'bob@example.org', {return_to => $bad});
        is $to->{next}, 'code', 'R2: a bad target is left out: ' . substr $bad, 0, 20;
        (undef, $done) = $bob->json('code', {code => code_for('bob@example.org'), t => $to->{t}});
        is $done->{return_to}, '/', 'R2: and the sign-in ends at the front page';
    }
}

# ---- L2: who may post ----------------------------------------------------------------
{
    my $ann = begin();
    my (undef, $first) = $ann->json('login');
    my %form = (email => 'ann@example.org', t => $first->{t});
    for my $case (
        ['Origin of another site', {Origin => 'https://evil.example'}],
        ['Origin null', {Origin => 'null'}],
        ['Sec-Fetch-Site: cross-site', {'Sec-Fetch-Site' => 'cross-site'}],
        ['Sec-Fetch-Site: same-site, no Origin', {Origin => undef, 'Sec-Fetch-Site' => 'same-site'}]) {
        my ($what, $headers) = @$case;
        for my $name ('login', 'code') {
            my ($res) = $ann->json($name, \%form, $headers);
            refused("L2: $name, $what", $res, 403, 'origin-foreign');
        }
    }
    for my $type ('text/plain', 'text/plain; application/json', 'application/jsonp',
        'application/x-json', 'application/problem+json', undef) {
        my ($res) = $ann->json('login', \%form, {'Content-Type' => $type});
        is $res->code, 415, 'L2: JSON that calls itself ' . ($type || 'nothing') . ': 415';
    }
    my ($res) = $ann->json('login', encode_json(\%form),
        {'Content-Type' => 'application/x-www-form-urlencoded'});
    is $res->code, 403, 'L2: JSON as a form is a form without a token';
    ($res) = $ann->json('login', \%form, {'Content-Encoding' => 'gzip'});
    refused('L24: compressed JSON', $res, 415, 'form-type');
    for my $bad (undef, '', 'x', 'A' x 200) {
        ($res) = $ann->json('login', {email => 'ann@example.org', defined $bad ? (t => $bad) : ()});
        refused('L2: no good token', $res, 403,
            length($bad || '') ? 'token-forged' : 'token-missing');
    }
    is calls($START), 0, 'L2: the tenant was not asked';
    ($res, my $step) = $ann->json('login', \%form, {Origin => undef, 'Sec-Fetch-Site' => undef,
        'Content-Type' => 'Application/JSON; charset=UTF-8', Accept => 'image/png'});
    is $res->code, 200, 'L2: a charset is tolerated, and who sends JSON gets JSON';
    is $step->{next}, 'code', 'L2: and gets on';
}

# ---- L3: tokens where they do not belong -----------------------------------------------
{
    my $ann = begin();
    my (undef, $first) = $ann->json('login?return_to=' . uri_escape($HOME));
    my $bob = Pwless->new('site');
    my ($res, $json) = $bob->json('login', {email => 'bob@example.org', t => $first->{t}});
    my $told = refused('L3: no cookie', $res, 403, 'pending-missing', 'login');
    ok $bob->cookie('pending'), 'L3: no cookie: one is set';
    is $told->{address}, undef, 'L3: no cookie: no address is told';
    ($res) = $bob->json('login', {email => 'bob@example.org', t => $first->{t}});
    $told = refused('L3: the token of another browser', $res, 403, 'token-browser', 'login');
    ($res, my $step) = $bob->json('login', {email => 'bob@example.org', t => $told->{t}});
    is $res->code, 200, 'L3: the next t gets on';
    (undef, my $done) = $bob->json('code', {code => code_for('bob@example.org'), t => $step->{t}});
    is $done->{return_to}, $HOME, 'L3: to where the first was to lead';
    (undef, my $hers) = $ann->json('login', {email => 'ann@example.org', t => $first->{t}});
    my $code = code_for('ann@example.org');
    my $eve = Pwless->new('site');
    for my $cookie ('without a cookie', 'with a cookie of its own') {
        ($res) = $eve->json('code', {code => $code, t => $hers->{t}});
        $told = refused("L1: another browser $cookie", $res, 403,
            $cookie =~ /^without/ ? 'pending-missing' : 'token-browser', 'login');
        is $told->{address}, undef, "L1: $cookie: no address is told";
    }
    ($res) = $ann->json('code', {code => $code, t => $first->{t}});
    refused('L3: the token of step 1 at step 2', $res, 403, 'token-step');
    ($res) = $ann->json('login', {email => 'ann@example.org', t => $hers->{t}});
    refused('L3: the token of step 2 at step 1', $res, 403, 'token-step');
    (undef, my $other) = Pwless->new('other')->json('login');
    ($res) = $ann->json('login', {email => 'ann@example.org', t => $other->{t}});
    refused('L3: the token of another realm', $res, 403, 'token-forged');
    is calls($TOKEN), 1, "L3: nobody else's code was tried";
    is calls($START), 2, 'L3: and no other mail sent';
}
{
    my ($ann, $step) = at_code('hastened', 'late@example.org', {return_to => $HOME});
    is $step->{next}, 'code', 'Auth0Login hosted: a program draws its own forms all the same';
    sleep 3.1;
    my ($res) = $ann->json('code', {code => code_for('late@example.org'), t => $step->{t}});
    my $told = refused('L3: a token too old', $res, 403, 'token-expired', 'login');
    is $told->{address}, 'late@example.org', 'L3: too old: the address is kept';
    like $told->{detail}, qr/took longer than/, 'L3: too old: it says so';
    (undef, $step) = $ann->json('login', {email => 'late@example.org', t => $told->{t}});
    (undef, my $done) = $ann->json('code', {code => code_for('late@example.org'), t => $step->{t}});
    is $done->{return_to}, $HOME, 'L3: too old: and the target, too';
}

# ---- bodies ----------------------------------------------------------------------------
{
    my $ann = begin();
    my (undef, $first) = $ann->json('login');
    my $t = $first->{t};
    my @bodies = (
        ['nothing', '', 400, 'form-malformed'],
        ['no JSON', 'email=ann@example.org', 400, 'form-malformed'],
        ['a list', '["email"]', 400, 'form-malformed'],
        ['cut off', qq({"email":"ann\@example.org","t":"$t"), 400, 'form-malformed'],
        ['two objects', qq({"email":"ann\@example.org","t":"$t"}{}), 400, 'form-malformed'],
        ['J11: the address twice', qq({"email":"a\@b.zz","email":"ann\@example.org","t":"$t"}),
            400, 'form-malformed'],
        ['J11: another name twice', qq({"email":"ann\@example.org","t":"$t","x":{"a":1,"a":2}}),
            400, 'form-malformed'],
        ['L10: a list of addresses', qq({"email":["a\@b.zz","ann\@example.org"],"t":"$t"}),
            400, 'form-malformed'],
        ['the address as an object', qq({"email":{"a":1},"t":"$t"}), 400, 'form-malformed'],
        ['the token as a number', '{"email":"ann@example.org","t":1}', 400, 'form-malformed'],
        ['return_to as a list', qq({"email":"ann\@example.org","t":"$t","return_to":["/"]}),
            400, 'form-malformed'],
        ['op as null', qq({"email":"ann\@example.org","t":"$t","op":null}), 400, 'form-malformed'],
        ['L25: a NUL', qq({"email":"ann\@example.org\\u0000.evil","t":"$t"}), 400, 'form-malformed'],
        ['L7: not UTF-8', qq({"email":"a\xff\@example.org","t":"$t"}), 400, 'form-malformed'],
        ['33 brackets', qq({"email":"ann\@example.org","t":"$t","x":) . '[' x 32 . ']' x 32 . '}',
            400, 'form-malformed'],
        ['a million brackets', '[' x 16_000, 400, 'form-malformed'],
        ['33 names', '{' . join(',', map { qq("f$_":1) } 1 .. 33) . '}', 400, 'form-too-many'],
        ['16,385 bytes', '{"x":"' . 'y' x (16_385 - 8) . '"}', 413, 'form-too-large'],
        ['10 MB', '{"x":"' . 'y' x 10_000_000 . '"}', 413, 'form-too-large'],
    );
    for my $case (@bodies) {
        my ($what, $body, $status, $reason) = @$case;
        utf8::downgrade($body);
        my ($res) = $ann->json('login', $body);
        refused("L24: $what", $res, $status, $reason);
    }
    is calls($START), 0, 'L24: the tenant was not asked';
    my $good = qq({"email":"ann\@example.org","t":"$t","x":"");
    my ($res) = $ann->json('login', substr($good, 0, -1) . 'y' x (16_384 - 1 - length $good) . '"}');
    is $res->code, 200, 'L24: 16,384 bytes are read';
    (undef, $first) = $ann->json('login');
    ($res) = $ann->json('login', qq({"email":"b\@example.org","t":"$first->{t}","x":)
        . '[' x 31 . ']' x 31 . '}');
    is $res->code, 200, 'L24: and 32 brackets';
}

# ---- L6: what the form does not ask for ----------------------------------------------------
{
    my $ann = begin();
    my (undef, $first) = $ann->json('login');
    my %extra = (realm => 'sms', connection => 'sms', send => 'link', client_id => 'evil',
        authParams => {scope => 'admin', list => [1, undef]}, audience => 'https://evil.example',
        username => 'eve@example.org', phone_number => '+15005550006', language => 7,
        redirect_uri => undef);
    my ($res, $step) = $ann->json('login', {%extra, email => 'ann@example.org', t => $first->{t}});
    is $res->code, 200, 'L6: other members do no harm, of whatever type';
    my ($call) = @{tenant(GET => "/calls?path=$START")};
    is_deeply [@{$call->{json}}{qw(connection send email client_id)}],
        ['email', 'code', 'ann@example.org', Pwless::tenant_json()->{client_id}],
        'L6: connection, kind, address and client are ours';
    unlike $call->{body}, qr/evil|admin|link|eve@|15005550006/, 'L6: nothing else goes along';
    ($res) = $ann->json('code', {%extra, email => 'eve@example.org', return_to => '//evil.example',
        t => $step->{t}, code => code_for('ann@example.org')});
    is $res->code, 200, 'L4: an address posted with the code';
    ($call) = @{tenant(GET => "/calls?path=$TOKEN")};
    is $call->{json}{username}, 'ann@example.org', 'L4: is not the one that counts';
    unlike $call->{body}, qr/evil|admin|eve\@/, 'L6: nothing else goes along here';
}

# ---- L7: addresses ------------------------------------------------------------------------
{
    begin();
    for my $case (['a quote', 'a"b@example.org'], ['markup', '</script>@example.org'],
        ['JSON', '{"a":1}@example.org'], ['a backslash', 'a\\b@example.org'],
        ['no domain', 'ann@'], ['a control byte', "a\x01b\@example.org"],
        ['L10: two', 'a@example.org,b@example.org']) {
        my ($what, $typed) = @$case;
        my $ann = Pwless->new('site');
        my (undef, $first) = $ann->json('login');
        my ($res) = $ann->json('login', {email => $typed, t => $first->{t}});
        my $told = refused("L7: $what", $res, 422, 'address-format', 'login');
        is $told->{address}, $typed, "L7: $what: what was typed comes back whole";
        unlike $res->content, qr/<\/script/, "X1: $what: and escaped";
        is calls($START), 0, "L7: $what: no call";
    }
    my $ann = Pwless->new('site');
    my (undef, $step) = $ann->json('login');
    for my $case (['', 'address-empty'], [undef, 'address-empty'],
        ['a' x 260 . '@example.org', 'address-long'], ['a' x 10_000, 'address-long']) {
        my ($typed, $reason) = @$case;
        my ($res) = $ann->json('login', {t => $step->{t}, defined $typed ? (email => $typed) : ()});
        $step = refused('L7: ' . length($typed || '') . ' bytes', $res, 422, $reason, 'login');
    }
    my ($res) = $ann->json('login', {email => 'ann＠example．org', t => $step->{t}});
    is $res->code, 200, 'L8: the t of a refusal gets on';
    is calls($START), 1, 'L8: with one call';
    my ($call) = @{tenant(GET => "/calls?path=$START")};
    is $call->{json}{email}, 'ann@example.org', 'L8: for the address tidied';
}

# ---- L14: codes that cannot be right --------------------------------------------------------
{
    begin();
    my ($ann, $step) = at_code('site', 'ann@example.org');
    for my $case (['nothing', '', 'otp-empty'], ['no code', undef, 'otp-empty'],
        ['five digits', '12345', 'otp-length'], ['letters', 'abcdef', 'otp-chars'],
        ['two codes', '123456 654321', 'otp-length'], ['JSON', '"},{"', 'otp-chars'],
        ['4 KB', '1' x 4096, 'otp-chars']) {
        my ($what, $typed, $reason) = @$case;
        my ($res) = $ann->json('code', {t => $step->{t}, defined $typed ? (code => $typed) : ()});
        $step = refused("L14: $what", $res, 422, $reason, 'code');
        is $step->{tries_left}, 3, "L14: $what: no try is used";
    }
    like $step->{detail}, qr/digits only/, 'L14: in words';
    my ($res) = $ann->json('code', qq({"t":"$step->{t}","code":123456}));
    refused('L14: a number', $res, 400, 'form-malformed');
    is calls($TOKEN), 0, 'L14: without a call';
    my $code = code_for('ann@example.org');
    ($res) = $ann->json('code', {t => $step->{t}, op => 'verify',
        code => join ' ', map { chr(0x660 + $_) } split //, $code});
    is $res->code, 200, 'L14: digits of another script, with blanks';
    begin();
    tenant(POST => '/set', {fixed_code => '000042'});
    ($ann, $step) = at_code('site', 'zero@example.org');
    ($res) = $ann->json('code', {t => $step->{t}, code => '000042'});
    is $res->code, 200, 'L14: leading zeros are kept';
}

done_testing;
