# SPDX-License-Identifier: Apache-2.0
# Who may post the two forms, what each post is worth in calls to the tenant,
# and what a visitor is told.
use strict;
use warnings;
use JSON::PP ();
use Test::More;
use Pwless qw(tenant messages code_for calls log_lines at_step2 sessions_set
    wrong_code);

my $START = '/passwordless/start';
my $TOKEN = '/oauth/token';
my $WINDOW = qr/Codes work only in the window that asked/;
my $FOREIGN = qr/did not come from this site/;

sub begin {
    tenant(POST => '/reset');
    tenant(POST => '/set', {limits => undef});
    return Pwless->new('site');
}

# L1: login CSRF. Mallory's own address and a code that is right.
{
    begin();
    my ($mallory, $step2, $t, $code) = at_step2('site', 'mallory@example.org');
    my $victim = Pwless->new('site');
    my $res = $victim->post('/.auth0/code', {t => $t, code => $code, op => 'verify'});
    is $res->code, 303, 'L1: another browser without our cookie is sent away';
    is $res->header('Location'), '/.auth0/login?check=1', 'L1: to step 1';
    is scalar sessions_set($res), 0, 'L1: without a session';
    $victim->open_login;
    $res = $victim->post('/.auth0/code', {t => $t, code => $code, op => 'verify'});
    is $res->code, 200, 'L1: and so is one with a cookie of its own';
    like $res->content, $WINDOW, 'L1: codes work only where they were asked for';
    $res = $victim->get($step2);
    like $res->content, $WINDOW, 'L1: nor does the link to step 2 work there';
    unlike $res->content, qr/mallory/, 'L1: or show an address';
    is calls($TOKEN), 0, 'L1: the tenant was not asked';
    is $victim->cookie('session'), undef, 'L1: there is no session';
    $res = $mallory->post('/.auth0/code', {t => $t, code => $code, op => 'verify'});
    is $res->code, 303, 'L1: where it was asked for, the code works';
    ok $mallory->cookie('session'), 'L1: and signs in';
}

# L2: posts from elsewhere, with a token that is good.
{
    my $ann = begin();
    my @foreign = (
        ['Origin of another site', {Origin => 'https://evil.example'}, 403],
        ['Origin null', {Origin => 'null'}, 403],
        ['Origin of our host and another port', {Origin => 'https://localhost:1'}, 403],
        ['Origin with our name in it',
            {Origin => $ann->base . '.evil.example'}, 403],
        ['Origin of our host on plain http',
            {Origin => $ann->base =~ s/^https/http/r}, 403],
        ['Sec-Fetch-Site: cross-site', {'Sec-Fetch-Site' => 'cross-site'}, 403],
        ['Sec-Fetch-Site: same-site', {'Sec-Fetch-Site' => 'same-site'}, 403],
        ['cross-site without Origin',
            {Origin => undef, 'Sec-Fetch-Site' => 'cross-site'}, 403],
        ['enctype text/plain', {'Content-Type' => 'text/plain'}, 415],
        ['enctype text/plain, no Origin',
            {Origin => undef, 'Content-Type' => 'text/plain'}, 415],
    );
    my $t = $ann->open_login;
    for my $case (@foreign) {
        my ($what, $headers, $status) = @$case;
        my $res = $ann->post('/.auth0/login',
            {email => 'ann@example.org', t => $t}, $headers);
        is $res->code, $status, "L2: step 1 refuses $what";
        is $res->header('Location'), undef, "L2: $what leads nowhere";
    }
    is calls($START), 0, 'L2: the tenant was not asked';
    for my $bad (undef, '', 'x', 'A' x 200) {
        my $res = $ann->post('/.auth0/login',
            {email => 'ann@example.org', defined $bad ? (t => $bad) : ()});
        is $res->code, 403, 'L2: our own Origin does not replace the token: '
            . (defined $bad ? '"' . substr($bad, 0, 3) . '"' : 'none');
        like $res->content, $FOREIGN, 'L2: the page says why';
    }
    is calls($START), 0, 'L2: the tenant was not asked either';
    my $res = $ann->post('/.auth0/login', {email => 'ann@example.org', t => $t},
        {Origin => undef, 'Sec-Fetch-Site' => undef, 'Sec-Fetch-Mode' => undef,
         'Sec-Fetch-Dest' => undef});
    is $res->code, 303, 'L2: an old browser sends neither header and gets on';
    is calls($START), 1, 'L2: with one call';
    my $step2 = $res->header('Location');
    my $code = code_for('ann@example.org');
    my $t2 = Pwless::token($ann->get($step2));
    for my $case (@foreign) {
        my ($what, $headers, $status) = @$case;
        is $ann->post($step2, {code => $code, t => $t2, op => 'verify'}, $headers)
            ->code, $status, "L2: step 2 refuses $what";
    }
    is $ann->post($step2, {code => $code, op => 'verify'})->code, 403,
        'L2: step 2 reads no token from the URL';
    is calls($TOKEN), 0, 'L2: no code was tried';
    $res = $ann->post($step2, {code => $code, t => $t2, op => 'verify'},
        {Origin => undef, 'Sec-Fetch-Site' => undef});
    is $res->code, 303, 'L2: the old browser signs in';
    is scalar sessions_set($res), 1, 'L2: with a session';
}

# L3: tokens where they do not belong.
{
    my $ann = begin();
    my $t1 = $ann->open_login;
    my $bob = Pwless->new('site');
    $bob->open_login;
    my $res = $bob->post('/.auth0/login', {email => 'bob@example.org', t => $t1});
    is $res->code, 200, 'L3: step 1 with the token of another browser';
    like $res->content, $WINDOW, 'L3: says so';
    $res = Pwless->new('site')->post('/.auth0/login',
        {email => 'bob@example.org', t => $t1});
    is $res->code, 303, 'L3: the same without a cookie';
    is $res->header('Location'), '/.auth0/login?check=1', 'L3: looks for cookies';
    my $other = Pwless->new('other');
    my $foreign = $other->open_login;
    $res = $ann->post('/.auth0/login', {email => 'ann@example.org', t => $foreign});
    is $res->code, 403, 'L3: the token of another realm';
    $res = $ann->post('/.auth0/code', {code => '123456', t => $t1, op => 'verify'});
    is $res->code, 403, 'L3: the token of step 1 at step 2';
    is calls($START) + calls($TOKEN), 0, 'L3: the tenant was not asked';
    my $step2 = $ann->post('/.auth0/login', {email => 'ann@example.org', t => $t1})
        ->header('Location');
    my $t2 = Pwless::token($ann->get($step2));
    $res = $ann->post('/.auth0/login', {email => 'ann@example.org', t => $t2});
    is $res->code, 403, 'L3: the token of step 2 at step 1';
    $res = $ann->post('/.auth0/logout', {t => $t2});
    is $res->header('Location'), '/.auth0/logout', 'L3: at logout it ends nothing';
    my $cut = $t2 =~ s/.$//r;
    my $flipped = $t2 =~ s/^(.{40})(.)/$1 . ($2 eq 'A' ? 'B' : 'A')/er;
    for my $bad ($cut, $flipped, $t2 . 'A', $t2 . $t2) {
        is $ann->post($step2, {code => '123456', t => $bad, op => 'verify'})->code,
            403, 'L3: a token cut, changed or doubled';
    }
    is calls($START), 1, 'L3: one start in all';
    is calls($TOKEN), 0, 'L3: and no code tried';
}

# L4, L6: what the form does not ask for is not read.
{
    my $ann = begin();
    my %extra = (
        realm => 'sms', connection => 'sms', send => 'link', scope => 'admin',
        audience => 'https://evil.example', client_id => 'evil', username => 'x@y.zz',
        authParams => '{"scope":"admin"}', 'authParams[scope]' => 'admin',
        phone_number => '+15005550006', return_to => '//evil.example',
        redirect_uri => 'https://evil.example', language => 'xx',
    );
    my $res = $ann->post('/.auth0/login', {%extra, email => 'ann@example.org',
        t => $ann->open_login('/htdocs/members/')});
    is $res->code, 303, 'L6: other fields do no harm';
    my ($call) = @{tenant(GET => "/calls?path=$START")};
    is $call->{json}{connection}, 'email', 'L6: the connection is ours';
    is $call->{json}{send}, 'code', 'L6: a code is asked for';
    is $call->{json}{email}, 'ann@example.org', 'L6: for the address typed';
    is $call->{json}{client_id}, Pwless::tenant_json()->{client_id},
        'L6: by our client';
    ok !exists $call->{json}{phone_number}, 'L6: and no phone number';
    unlike $call->{body}, qr/evil|admin|link/, 'L6: nothing else goes along';
    my $step2 = $res->header('Location');
    my $t = Pwless::token($ann->get($step2));
    $res = $ann->post($step2, {%extra, email => 'eve@example.org', t => $t,
        code => code_for('ann@example.org'), op => 'verify'});
    is $res->code, 303, 'L4: step 2 with an address in the form';
    is $res->header('Location'), '/htdocs/members/',
        'L6: leads where step 1 was told';
    ($call) = @{tenant(GET => "/calls?path=$TOKEN")};
    is $call->{json}{username}, 'ann@example.org',
        'L4: the address of the transaction is used';
    is $call->{json}{realm}, 'email', 'L6: the realm is ours';
    unlike $call->{body}, qr/evil|admin|eve\@/, 'L6: nothing else goes along';
    like $ann->get('/htdocs/members/env.cgi')->content,
        qr/^REMOTE_USER=ann\@example\.org$/m, 'L4: and she is who is signed in';
}

# L5: somebody else's code.
{
    begin();
    my (undef, undef, undef, $ann_code) = at_step2('site', 'ann@example.org');
    my ($bob, $step2, $t, $bob_code) = at_step2('site', 'bob@example.org');
    SKIP: {
        skip 'both codes are the same', 3 if $ann_code eq $bob_code;
        my $res = $bob->post($step2, {code => $ann_code, t => $t, op => 'verify'});
        is $res->code, 303, 'L5: the code of another person goes to the tenant';
        like $bob->get($res->header('Location'))->content,
            qr/2 tries left/, 'L5: and costs a try of whoever typed it';
        is $bob->cookie('session'), undef, 'L5: nobody is signed in';
    }
    my %wrong = map { $_->{code} => $_->{wrong} } @{tenant(GET => '/codes')};
    is $wrong{$ann_code} || 0, 0, 'L5: and none of its owner';
    is $bob->post($step2, {code => $bob_code, t => $t, op => 'verify'})->code, 303,
        'L5: the right one still works';
    ok $bob->cookie('session'), 'L5: and signs in';
}

# L16: after success.
{
    begin();
    my ($ann, $step2, $t, $code) = at_step2('site', 'ann@example.org', '/htdocs/members/');
    my %form = (code => $code, t => $t, op => 'verify');
    my $first = $ann->post($step2, \%form);
    my ($sid) = sessions_set($first);
    my $again = $ann->post($step2, \%form);
    is $again->code, 303, 'L16: Back and the same post once more';
    is $again->header('Location'), '/htdocs/members/', 'L16: leads to the same page';
    is $ann->cookie('session'), $sid, 'L16: the session is the same';
    is $ann->get($step2)->header('Location'), '/htdocs/members/',
        'L16: Back to step 2 leads there as well';
    is calls($TOKEN), 1, 'L16: one call in all';
    my $bob = Pwless->new('site');
    my $res = $bob->post($step2, \%form);
    is scalar sessions_set($res), 0, 'L16: the same post of another browser';
    $bob->open_login;
    is scalar sessions_set($bob->post($step2, \%form)), 0,
        'L16: with a cookie of its own, neither';
    my $t_bob = Pwless::token($bob->get($bob->ask_code('ann@example.org')));
    $res = $bob->post('/.auth0/code', {code => $code, t => $t_bob, op => 'verify'});
    is scalar sessions_set($res), 0, 'L16: nor the used code in a sign-in of his own';
    is $ann->get('/htdocs/members/')->code, 200, 'L16: the session lives on';
}

# L17: tries, in words.
{
    begin();
    my ($ann, $step2, $t, $code) = at_step2('site', 'ann@example.org');
    my @words = (qr/That is not the code in the newest email\. 2 tries left/,
        qr/That is not the code in the newest email\. 1 try left/,
        qr/That was the last try for this code/);
    for my $nth (1 .. 3) {
        my $res = $ann->post($step2,
            {code => wrong_code($code, $nth), t => $t, op => 'verify'});
        is $res->code, 303, "L17: wrong code $nth leads back";
        like $res->header('Location'), qr{^/\.auth0/code\?t=}, 'L17: to step 2';
        my $page = $ann->get($res->header('Location'));
        is $page->code, 200, 'L17: which is there';
        like $page->content, $words[$nth - 1], "L17: and counts: $nth";
        like $page->content, qr{<title>Error: }, 'L17: with an error title';
        if ($nth < 3) {
            my $typed = wrong_code($code, $nth);
            like $page->content, qr/value="$typed"/, 'L17: the code stays to compare';
            unlike $ann->get($step2)->content, qr/value="$typed"/,
                'L17: once; a reload forgets it';
        } else {
            unlike $page->content, qr/name="code"/, 'L17: the field is gone';
            like $page->content, qr/value="send"/, 'L17: a new code is offered';
        }
    }
    is calls($TOKEN), 3, 'L17: three calls';
    my $res = $ann->post($step2, {code => $code, t => $t, op => 'verify'});
    is $res->code, 303, 'L17: a fourth try';
    is calls($TOKEN), 3, 'L17: calls nobody';
    is scalar sessions_set($res), 0, 'L17: and signs nobody in';
    like $ann->get($res->header('Location'))->content, $words[2], 'L17: and is told so';
    is scalar @{messages('ann@example.org')}, 1, 'L17: one mail in all';
}

# L20: the tenant asks for more.
{
    begin();
    my ($ann, $step2, $t, $code) = at_step2('site', 'ann@example.org', '/htdocs/members/');
    tenant(POST => '/set', {mfa => JSON::PP::true});
    my $res = $ann->post($step2, {code => $code, t => $t, op => 'verify'});
    is $res->code, 303, 'L20: a second factor is asked for: it goes on';
    is scalar sessions_set($res), 0, 'L20: no session';
    my $domain = Pwless::tenant_json()->{domain};
    like $res->header('Location'), qr{^https://\Q$domain\E/authorize\?.*login_hint=ann},
        'L20: on the page of the tenant';
    unlike $res->as_string, qr/mfa_token|mfa_required/, 'L20: the tenant\'s words stay inside';
    is $ann->cookie('session'), undef, 'L20: nobody is signed in';
    is scalar(grep { /mfa_token/ } log_lines(0)), 0, 'L20: the token is not logged';
    tenant(POST => '/set', {mfa => []});
}

# L21: known, unknown, blocked: nothing to tell them apart.
{
    # Sealed values, addresses and times out; what is left must be equal.
    my $plain = sub {
        my ($res, $email) = @_;
        my $text = join "\n", $res->code,
            map { my $name = $_; map { "$name: $_" } $res->header($name) }
            grep { !/^(?:date|client-|keep-alive|x-died)/i }
            sort $res->header_field_names;
        $text .= "\n\n" . $res->content;
        $text =~ s/\Q$email\E/ADDRESS/g;
        $text =~ s/([?&]t=)([A-Za-z0-9_%-]+)/$1 . 'x' x length $2/ge;
        $text =~ s/(name="t" value=")([^"]+)/$1 . 'x' x length $2/ge;
        $text =~ s/(auth0-\w+=)([A-Za-z0-9_-]+)/$1 . 'x' x length $2/ge;
        # Seconds have two or three digits.
        $text =~ s/^(Content-Length: )\d+/$1N/m if $text =~ s/(data-pwless-(?:left|life)=")\d+/$1N/g;
        $text =~ s/(pwless-time">)[^<]+/$1TIME/g;
        $text =~ s/value="\d{6}"/value="CODE"/g;
        return $text;
    };
    my $walk = sub {
        my ($email) = @_;
        my $browser = Pwless->new('site');
        my $t = $browser->open_login;
        my @steps = $browser->post('/.auth0/login', {email => $email, t => $t});
        my $step2 = $steps[0]->header('Location');
        return @steps unless $step2;
        push @steps, $browser->get($step2);
        my $t2 = Pwless::token($steps[1]);
        for my $code ('111111', '222222', '333333', '444444') {
            push @steps, $browser->post($step2, {code => $code, t => $t2, op => 'verify'});
            push @steps, $browser->get($steps[-1]->header('Location'))
                if $steps[-1]->header('Location');
        }
        push @steps, $browser->post($step2, {t => $t2, op => 'send'});
        push @steps, $browser->get($step2);
        return map { $plain->($_, $email) } @steps;
    };
    begin();
    tenant(POST => '/set', {fixed_code => '999999'});
    my @known = $walk->('known@example.org');
    is scalar @known, 12, 'L21: twelve answers to compare';
    my @others = (
        ['an unknown address', 'other@example.org', sub { }],
        ['an unknown address where sign-ups are closed', 'close@example.org',
            sub { tenant(POST => '/set', {signup_disabled => JSON::PP::true}) }],
        ['a blocked account', 'block@example.org',
            sub { tenant(POST => '/users',
                {email => 'block@example.org', blocked => JSON::PP::true}) }],
        ['an account known to the tenant', 'inner@example.org',
            sub { tenant(POST => '/users', {email => 'inner@example.org'}) }],
    );
    for my $case (@others) {
        my ($who, $email, $prepare) = @$case;
        begin();
        tenant(POST => '/set', {fixed_code => '999999'});
        $prepare->();
        my @answers = $walk->($email);
        is scalar @answers, scalar @known, "L21: $who gets as many answers";
        for my $n (0 .. $#known) {
            is $answers[$n], $known[$n], "L21: $who: answer " . ($n + 1) . ' is the same';
        }
    }
    # Blocked between the mail and the code.
    begin();
    my ($ann, $step2, $t, $code) = at_step2('site', 'ann@example.org');
    tenant(POST => '/users', {email => 'ann@example.org', blocked => JSON::PP::true});
    my $res = $ann->post($step2, {code => $code, t => $t, op => 'verify'});
    is $res->code, 303, 'L21: blocked meanwhile: the right code leads back';
    like $ann->get($res->header('Location'))->content,
        qr/not the code in the newest email|last try for this code/,
        'L21: and looks like a wrong one';
    is scalar sessions_set($res), 0, 'L21: nobody is signed in';
}

# L22: whose mailbox was it?
{
    my @claims = (
        ['another address', {email => 'eve@example.org'}],
        ['email_verified false', {email_verified => JSON::PP::false}],
        ['email_verified "false"', {email_verified => 'false'}],
        ['email_verified "true", a string', {email_verified => 'true'}],
        ['email_verified null', {email_verified => undef}],
        ['email a list', {email => ['ann@example.org']}],
    );
    for my $case (@claims) {
        my ($what, $claims) = @$case;
        begin();
        tenant(POST => '/claims', $claims);
        my ($ann, $step2, $t, $code) = at_step2('site', 'ann@example.org');
        my $res = $ann->post($step2, {code => $code, t => $t, op => 'verify'});
        tenant(POST => '/claims', {});
        ok $res->code == 403 || $res->code == 502, "L22: $what: refused (" . $res->code . ')';
        is scalar sessions_set($res), 0, "L22: $what: no session";
        is $ann->get('/htdocs/members/')->code, 302, "L22: $what: nobody is in";
    }
    for my $gone ('email_verified', 'email') {
        begin();
        tenant(POST => '/mutate', {target => 'id_token', name => 'claims',
            args => {remove => [$gone]}});
        my ($ann, $step2, $t, $code) = at_step2('site', 'ann@example.org');
        my $res = $ann->post($step2, {code => $code, t => $t, op => 'verify'});
        tenant(DELETE => '/mutate');
        is scalar sessions_set($res), 0, "L22: no $gone: no session";
    }
}
is_deeply tenant(GET => '/errors'), [], 'the stand-in had no trouble';
done_testing;
