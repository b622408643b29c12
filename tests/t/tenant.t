# SPDX-License-Identifier: Apache-2.0
# A tenant that refuses, fails, lies or says nothing: what the visitor sees, how
# soon, what the log says, and what goes out to the tenant.
use strict;
use warnings;
use JSON::PP ();
use Test::More;
use Time::HiRes qw(time);
use Pwless qw(tenant messages code_for calls log_lines work);
use PwlessHttpd;

my $START = '/passwordless/start';
my $TOKEN = '/oauth/token';
my $HOME = '/htdocs/members/env.cgi';
my $people = 0;
my $ann; # has a session from the beginning, and is to keep it

sub new_tenant {
    my (%knobs) = @_;
    tenant(POST => '/reset');
    tenant(POST => '/set', {limits => undef, %knobs});
    return;
}

sub address { return 'somebody' . $people++ . '@example.org' }

# A good call, so that the failures of a test do not add up to a tenant that is
# down (U16 is in outage.t).
sub well {
    my ($host) = @_;
    Pwless->new($host)->ask_code(address()) or die 'the tenant is down';
    tenant(DELETE => '/calls');
    return;
}

# Post an address: browser, answer, log lines, seconds. With `spoil`, called
# right before.
sub start {
    my ($host, $spoil, $headers) = @_;
    well($host) if $spoil;
    my $who = Pwless->new($host);
    my $t = $who->open_login($HOME);
    $spoil->() if $spoil;
    log_lines();
    my $began = time;
    my $res = $who->post('/.auth0/login', {email => address(), t => $t, op => 'send'}, $headers);
    return ($who, $res, [log_lines()], time - $began);
}

# The same for the code.
sub verify {
    my ($host, $spoil) = @_;
    my $who = Pwless->new($host);
    my $email = address();
    my $step2 = $who->ask_code($email, $HOME) or die 'no code';
    my $t = Pwless::token($who->get($step2));
    my $code = code_for($email);
    $spoil->() if $spoil;
    log_lines();
    my $began = time;
    my $res = $who->post($step2, {code => $code, t => $t, op => 'verify'});
    return ($who, $res, [log_lines()], time - $began);
}

my %call = ($START => \&start, $TOKEN => \&verify);

sub fault {
    my ($path, $fault, %more) = @_;
    return sub { tenant(POST => '/fault', {path => $path, fault => $fault, %more}) };
}

sub answer {
    my ($path, $status, $error, $text) = @_;
    return fault($path, 'status', status => $status,
        json => {error => $error, error_description => $text});
}

# A failure as everybody should meet it.
sub failed {
    my ($what, $status, $reason, $who, $res, $log, $took) = @_;
    my @refused = grep { /reason=/ } @$log;
    like $res->code, qr/^(?:$status)$/, "$what: status " . $res->code;
    like $res->header('Retry-After') || '', qr/^[1-9]\d{0,3}$/, "$what: Retry-After";
    is scalar @refused, 1, "$what: one log line";
    like "@refused", qr/reason=(?:$reason)\b/, "$what: $reason";
    my ($ref) = "@refused" =~ m{ref=([\w+/-]+)};
    like $res->content, qr/\Q@{[$ref || 'no reference']}\E/, "$what: its reference is on the page";
    cmp_ok $took, '<', 3.5, "$what: within the deadline";
    is $who->cookie('session'), undef, "$what: no session";
    # Sealed text may spell anything by chance.
    (my $page = $res->content) =~ s/(?:\bt=|name="t" value=")[\w-]+//g;
    unlike $page, qr/curl|\Q@{[Pwless::tenant_json()->{domain}]}\E|openssl|alert\(1\)/i, "X8: $what: nothing of the machinery";
    is $ann->get($HOME)->code, 200, "$what: a session goes on";
    return;
}

new_tenant();
$ann = Pwless->new('impatient');
$ann->sign_in('ann@example.org');
is $ann->get($HOME)->code, 200, 'somebody is signed in';
my $markup = '<script>alert(1)</script>';

# ---- every answer of auth0-api.md 1.5 -------------------------------------------
my $config = qr/not set up correctly/;
my @starts = (
    [400, 'bad.client_id', 'Missing required property: client_id', 502, $config, 'tenant-config', qr/Auth0ClientID/],
    [400, 'bad.tenant', 'error in tenant - tenant validation failed: invalid_tenant', 502, $config, 'tenant-config', qr/Auth0Domain/],
    [400, 'bad.connection', 'Missing required property: connection', 502, $config, 'tenant-config', qr/Auth0Connection/],
    [400, 'bad.connection', 'Connection does not exist', 502, $config, 'tenant-config', qr/Auth0Connection/],
    [400, 'bad.connection', 'Connection is disabled', 502, $config, 'tenant-config', qr/Auth0Connection/],
    [400, 'bad.connection', 'Invalid connection strategy. It must either be a passwordless connection', 502, $config, 'tenant-config', qr/Auth0Connection/],
    [400, 'bad.connection', 'Public signup is disabled', 303, undef, 'tenant-closed', undef],
    [400, 'bad.send', 'error in send - No enum match for: X', 502, $config, 'tenant-config', qr/our request/],
    [400, 'bad.authParams', 'error in authParams - invalid type: string (expected object)', 502, $config, 'tenant-config', qr/our request/],
    [400, 'bad.request', 'the following properties are not allowed: X', 502, $config, 'tenant-config', qr/our request/],
    [400, 'bad.email', 'Missing required property: email', 422, qr/Enter an address with an @/, 'address-format', undef],
    [400, 'bad.email', 'error in email - email format validation failed: X', 422, qr/Enter an address with an @/, 'address-format', undef],
    [400, 'sms_provider_error', 'no such number (Code: 21211)', 422, qr/Enter an address with an @/, 'address-format', undef],
    [400, 'sms_provider_error', 'not there (Code: 21408)', 502, $config, 'tenant-config', qr/SMS provider/],
    [400, 'sms_provider_error', 'Unexpected response while calling the SMS gateway: 500', 503, qr/could not send/, 'tenant-mail', qr/SMS provider/],
    [400, 'server_error', 'server_error', 502, $config, 'tenant-config', undef],
    [400, 'invalid_captcha', 'x', 303, 'hosted', 'tenant-step', qr/Bot Detection/],
    [400, 'requires_verification', 'x', 303, 'hosted', 'tenant-step', qr/Bot Detection/],
    [401, 'requires_verification', 'x', 303, 'hosted', 'tenant-step', qr/Bot Detection/],
    [403, 'requires_verification', 'x', 303, 'hosted', 'tenant-step', qr/Bot Detection/],
    [400, 'extensibility_error', "go away $markup", 403, qr/was refused/, 'tenant-denied', undef],
    [401, 'access_denied', 'Unauthorized', 502, $config, 'tenant-config', qr/Auth0ClientSecret/],
    [401, 'invalid_client', 'Client authentication failed', 502, $config, 'tenant-config', qr/Auth0ClientSecret/],
    [403, 'unauthorized_client', 'Client authentication is required', 502, $config, 'tenant-config', qr/Client Secret \(Post\)/],
    [403, 'unauthorized', 'user is blocked', 303, undef, 'tenant-closed', undef],
    [429, 'too_many_requests', 'Rate limit exceeded.', 429, qr/Many people/, 'tenant-rate-limit', qr/Trust Token Endpoint/],
    [429, 'too_many_attempts', 'Your account has been blocked', 303, undef, 'tenant-closed', undef],
    [429, 'something_else', 'x', 429, qr/Many people/, 'tenant-rate-limit', undef],
    [500, 'server_error', 'x', 503, qr/not working right now/, 'tenant-failed', undef],
    [503, 'temporarily_unavailable', 'x', 503, qr/not working right now/, 'tenant-failed', undef],
    [400, 'a_new_code', $markup, 502, $config, 'tenant-config', undef],
    [404, 'not_found', $markup, 502, $config, 'tenant-config', qr/Auth0Domain/],
    [409, 'conflict', $markup, 502, $config, 'tenant-config', undef],
    [418, $markup, $markup, 502, $config, 'tenant-config', undef],
);
# Why the tenant says no is for the log: only of addresses it knows does it say so much.
my $WRONG = qr/That is not the code in the newest email\. 2 tries left/;
my @tokens = (
    [403, 'invalid_grant', 'Wrong email or verification code.', 303, $WRONG, 'tenant-wrong-code', undef],
    [400, 'invalid_grant', 'Wrong email or verification code.', 303, $WRONG, 'tenant-wrong-code', undef],
    [403, 'invalid_grant', 'words nobody has seen before', 303, $WRONG, 'tenant-wrong-code', undef],
    [403, 'invalid_grant', 'The verification code has expired. Please try to login again.', 303, $WRONG, 'tenant-expired-code', undef],
    [403, 'invalid_grant', "You've reached the maximum number of attempts. Please try to login again.", 303, $WRONG, 'tenant-spent-code', undef],
    [429, 'too_many_attempts', 'Your account has been blocked after multiple consecutive login attempts.', 303, $WRONG, 'tenant-blocked', undef],
    [429, 'too_many_requests', 'Rate limit exceeded.', 429, qr/Many people/, 'tenant-rate-limit', undef],
    [403, 'mfa_required', 'Multifactor authentication required', 303, 'hosted', 'tenant-step', undef],
    [401, 'mfa_required', 'Multifactor authentication required', 303, 'hosted', 'tenant-step', undef],
    [403, 'unauthorized_client', "Grant type 'http://auth0.com/oauth/grant-type/passwordless/otp' not allowed for the client.", 502, $config, 'tenant-config', qr/Grant Types > Passwordless OTP/],
    [403, 'unauthorized_client', 'invalid client', 502, $config, 'tenant-config', undef],
    [401, 'access_denied', 'Unauthorized', 502, $config, 'tenant-config', qr/Auth0ClientSecret/],
    [401, 'invalid_client', 'Client authentication failed', 502, $config, 'tenant-config', qr/Auth0ClientSecret/],
    [403, 'access_denied', "No entry $markup", 403, qr/was refused/, 'tenant-denied', undef],
    [403, 'access_denied', 'Service not found: https://api.example.com/', 502, $config, 'tenant-config', qr/Auth0Audience/],
    [403, 'unauthorized', 'user is blocked', 303, $WRONG, 'tenant-denied', undef],
    [401, 'unauthorized', 'user is blocked', 303, $WRONG, 'tenant-denied', undef],
    [400, 'invalid_request', 'Missing required parameter: username', 502, $config, 'tenant-config', qr/our request/],
    [400, 'unsupported_grant_type', 'x', 502, $config, 'tenant-config', qr/our request/],
    [403, 'requires_verification', 'x', 303, 'hosted', 'tenant-step', qr/Bot Detection/],
    [404, 'endpoint_disabled', 'x', 502, $config, 'tenant-config', qr/Auth0Domain/],
    [405, 'method_not_allowed', 'x', 502, $config, 'tenant-config', qr/Auth0Domain/],
    [500, 'server_error', 'x', 503, qr/not working right now/, 'tenant-failed', undef],
    [501, 'server_error', 'x', 503, qr/not working right now/, 'tenant-failed', undef],
    [503, 'temporarily_unavailable', 'x', 503, qr/not working right now/, 'tenant-failed', undef],
    [400, 'a_new_code', $markup, 502, $config, 'tenant-config', undef],
    [409, 'conflict', $markup, 502, $config, 'tenant-config', undef],
);
for my $group ([$START, \@starts], [$TOKEN, \@tokens]) {
    my ($path, $rows) = @$group;
    for my $row (@$rows) {
        my ($status, $error, $text, $want, $says, $reason, $hint) = @$row;
        my $what = "U9: $path, $status " . ($error =~ /^[\w.]+$/ ? $error : 'markup')
            . ' "' . substr($text, 0, 30) . '"';
        my ($who, $res, $log) = $call{$path}->('impatient', answer($path, $status, $error, $text));
        tenant(DELETE => '/fault');
        is $res->code, $want, "$what: status $want";
        if (($says || '') eq 'hosted') {
            like $res->header('Location'), qr{^https://[^/]+/authorize\?.*&login_hint=},
                "$what: on to the tenant's own page";
        } else {
            $res = $who->get($res->header('Location')) if $res->code == 303;
            like $res->content, $says || qr/name="code"/, "$what: the page";
        }
        like join('', grep { /reason=/ } @$log), qr/reason=\Q$reason\E\b/, "$what: $reason";
        like "@$log", $hint, "U10: $what: the log says which switch" if $hint;
        unlike $res->content, qr/alert\(1\)/, "X6: $what: not the tenant's words";
        is $who->cookie('session'), undef, "$what: no session";
        ok $res->header('Retry-After'), "$what: Retry-After" if $want >= 500 || $want == 429;
    }
}
is $ann->get($HOME)->code, 200, 'U9: a session goes on through it all';

# What the tenant says about waiting.
my $in_a_while = time + 100;
for my $case (
    ['seconds', {retry_after => '7'}, 7, 7], ['a date', {retry_after => http_date($in_a_while)}, 60, 101],
    ['a negative number', {retry_after => '-5'}, 1, 3600], ['ten years', {retry_after => '315360000'}, 3600, 3600],
    ['garbage', {retry_after => 'soon'}, 1, 3600], ['zero', {retry_after => '0'}, 1, 3600],
    ['reset as an epoch', {reset => int $in_a_while}, 60, 101], ['reset as seconds', {reset => 30}, 30, 30],
    ['a reset that passed', {reset => 1000000000}, 1, 3600], ['no header', {}, 1, 3600],
) {
    my ($what, $args, $least, $most) = @$case;
    for my $path ($START, $TOKEN) {
        my ($who, $res) = $call{$path}->('impatient', fault($path, 'rate-limited', %$args));
        tenant(DELETE => '/fault');
        is $res->code, 429, "U8: $path, $what: 429";
        my $wait = $res->header('Retry-After') || '';
        like $wait, qr/^\d+$/, "U8: $path, $what: Retry-After is a number";
        cmp_ok $wait || 0, '>=', $least, "U8: $path, $what: $wait is at least $least";
        cmp_ok $wait || 0, '<=', $most, "U8: $path, $what: $wait is at most $most";
    }
}

sub http_date {
    my @t = gmtime $_[0];
    return sprintf '%s, %02d %s %d %02d:%02d:%02d GMT',
        qw(Sun Mon Tue Wed Thu Fri Sat)[$t[6]], $t[3],
        qw(Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec)[$t[4]], $t[5] + 1900, @t[2, 1, 0];
}

# ---- answers that are none --------------------------------------------------------
my $none = '502|503|504';
my @spoilt = (
    ['U2', 'close'], ['U2', 'reset'], ['U2', 'hang', seconds => 5],
    ['U2', 'close-mid-headers'], ['U2', 'reset-mid-headers'], ['U3', 'hang-mid-headers', seconds => 5],
    ['U3', 'drip-headers'], ['U6', 'huge-headers'], ['U6', 'many-headers'], ['U6', 'html-502'],
    ['U3', 'raw', text => "nonsense\r\n\r\n"], ['U6', 'raw', text => "HTTP/1.1 999 \r\n\r\n"],
    ['U5', 'redirect', status => 302, location => '/userinfo'],
);
my @spoilt_bodies = (
    ['U2', 'close-mid-body'], ['U2', 'reset-mid-body'], ['U3', 'hang-mid-body', seconds => 5],
    ['U3', 'drip-body'], ['U3', 'truncated-close'], ['U3', 'length-too-long', by => 10, seconds => 5],
    ['U3', 'length-too-short', by => 10], ['U3', 'bad-chunk'], ['U6', 'huge-body'],
    ['U6', 'endless-body'], ['U3', 'endless-body', bytes_per_second => 10], ['U6', 'gzip-bomb'],
    ['U6', 'truncated-json'], ['U6', 'empty-body'], ['U6', 'array'], ['U6', 'bom'], ['U6', 'utf-16'],
    ['U6', 'not-utf-8'], ['U6', 'trailing-garbage'], ['U6', 'duplicate-keys'], ['U6', 'deep-json'],
    ['U6', 'many-numbers'],
    ['U7', 'edit-json', remove => ['id_token']], ['U7', 'edit-json', remove => ['token_type']],
    ['U7', 'edit-json', set => {token_type => 'mac'}], ['U7', 'edit-json', set => {expires_in => '3600'}],
    ['U7', 'edit-json', set => {expires_in => -1}], ['U7', 'edit-json', set => {expires_in => 1e300}],
    ['U7', 'edit-json', set => {expires_in => 1.5}], ['U7', 'edit-json', set => {id_token => ['x']}],
);
for my $case ((map { [$START, $_] } @spoilt), (map { [$TOKEN, $_] } @spoilt, @spoilt_bodies)) {
    my ($path, $spoil) = @$case;
    my ($row, $name, %args) = @$spoil;
    my $what = "$row: $path, $name" . (%args ? ' ' . JSON::PP->new->canonical->encode(\%args) : '');
    tenant(DELETE => '/calls');
    failed($what, $none, 'https-[a-z-]+|tenant-nonsense|tenant-failed',
        $call{$path}->('impatient', fault($path, $name, %args)));
    is calls($path), 1, "$what: asked once, not again";
    tenant(DELETE => '/fault');
}
for my $case (
    ['U7: no expires_in', remove => ['expires_in']],
    ['U7: fields nobody knows', set => {extra => {deep => [1, 2, {x => 'y'}]}, refresh_token => 'x'}],
    ['U7: bearer in another case', set => {token_type => 'bEaReR'}],
) {
    my ($what, %edit) = @$case;
    my ($who, $res) = verify('impatient', fault($TOKEN, 'edit-json', %edit));
    tenant(DELETE => '/fault');
    is $res->code, 303, "$what is fine";
    is $who->get($HOME)->code, 200, "$what: signed in";
}

# A redirect is not followed, wherever it leads.
for my $status (301, 302, 303, 307, 308) {
    for my $to ('https://' . Pwless::tenant_json()->{domain} . '/userinfo', '//evil.example/',
        'http://' . Pwless::tenant_json()->{domain} . '/userinfo', 'file:///etc/passwd', $START) {
        tenant(DELETE => '/calls');
        failed("U5: $status to $to", 502, 'https-redirect',
            start('impatient', fault($START, 'redirect', status => $status, location => $to)));
        is scalar @{tenant(GET => '/calls')}, 1, "U5: $status: the secret went out once";
        tenant(DELETE => '/fault');
    }
}

# Two answers on one connection: the second is nobody's.
{
    my ($who, $res) = verify('impatient', fault($TOKEN, 'two-answers', times => 1,
        json => {id_token => 'x', token_type => 'Bearer'}));
    tenant(DELETE => '/fault');
    ($who, $res) = verify('impatient');
    is $res->code, 303, 'U18: a second answer on the connection is not taken for the next';
    is $who->get($HOME)->code, 200, 'U18: who comes next signs in';
}

# The answer to a start is lost, the mail is not.
{
    my $who = Pwless->new('impatient');
    my ($t, $email) = ($who->open_login($HOME), address());
    tenant(DELETE => '/calls');
    fault($START, 'close-mid-headers', times => 1)->();
    my $res = $who->post('/.auth0/login', {email => $email, t => $t, op => 'send'});
    like $res->code, qr/^(?:303|50[234])$/, 'U17: an answer that was lost: ' . $res->code;
    $res = $who->post('/.auth0/login', {email => $email, t => $t, op => 'send'});
    is $res->code, 303, 'U17: the same form once more leads to the code';
    is calls($START), 1, 'U17: without a second mail';
    $res = $who->enter_code($res->header('Location'), code_for($email));
    is $who->get($HOME)->code, 200, 'U17: and the code of the first is good';
}

# ---- TLS ------------------------------------------------------------------------------
for my $name ('expired', 'self-signed', 'wrong-host', 'wrong-ca', 'tls1.0', 'weak-cipher',
    'handshake-silence', 'reset', 'close') {
    tenant(DELETE => '/calls');
    my @got = start('impatient', sub {
        tenant(POST => '/tls', {fault => $name});
        # It closes what is open; a connection not closed yet would still serve.
        for (1 .. 50) {
            last unless tenant(GET => '/stats')->{open_connections};
            select undef, undef, undef, 0.1;
        }
    });
    tenant(POST => '/tls', {fault => undef});
    failed("U4: TLS $name", $name =~ /silence|reset|close/ ? $none : 502,
        $name =~ /silence|reset|close/ ? 'https-[a-z]+' : 'https-tls', @got);
    is calls($START), 0, "U4: TLS $name: nothing was sent";
}
is +(verify('impatient'))[1]->code, 303, 'U4: and afterwards all is well';
tenant(POST => '/hang-up');
is +(verify('impatient'))[1]->code, 303, 'U11: connections the tenant closed are made anew';

# ---- no tenant at all -------------------------------------------------------------------
for my $case (
    ['U1: a name that is none', 'https-resolve', 'Auth0Domain no-such-tenant.invalid'],
    ['U2: nobody listens', 'https-connect', 'Auth0Domain localhost:1'],
    ['U12: an outbound proxy that is down', 'https-[a-z]+', 'Auth0Proxy http://127.0.0.1:1'],
) {
    my ($what, $reason, $line) = @$case;
    my $own = PwlessHttpd->site(host => ['Auth0ConnectTimeout 1s', 'Auth0Timeout 2s', $line,
        'Auth0ClientSecret file:' . work() . '/auth0.secret']);
    ok $own->start, "$what: the server starts all the same" or diag $own->said, $own->log_text;
    my $who = Pwless->new($own->url);
    my $t = $who->open_login('/members/');
    ok $t, "$what: and step 1 is shown";
    my ($from, $began) = (length $own->log_text, time);
    my $res = $who->post('/.auth0/login', {email => address(), t => $t, op => 'send'});
    failed($what, $none, $reason, $who, $res, [split /^/, substr $own->log_text, $from], time - $began);
    $own->let_go;
}

# ---- what goes out ------------------------------------------------------------------------
new_tenant();
my %forged = map { $_ => '6.6.6.6' } qw(auth0-forwarded-for Auth0-Forwarded-For X-Forwarded-For
    X-Real-IP CF-Connecting-IP True-Client-IP Client-IP);
$forged{Forwarded} = 'for=6.6.6.6';
$forged{'Accept-Language'} = 'xx;q=NaN, ../../etc, de-DE;q=0.9';
{
    my ($who) = start('site', undef, \%forged);
    for my $sent (@{tenant(GET => '/calls')}) {
        my %header = %{$sent->{headers}};
        is $header{'auth0-forwarded-for'}, '127.0.0.1', 'U13, P1: the connection\'s address, whatever a client says';
        my @twice = grep { lc $_->[0] eq 'auth0-forwarded-for' } @{$sent->{header_list}};
        is scalar @twice, 1, 'U13: once';
        unlike JSON::PP::encode_json($sent), qr{6\.6\.6\.6|/etc}, 'U14: nothing a client sent as a header goes out';
        like $header{'x-request-language'}, qr/^en\b/, 'X12: the language is from our list';
        ok !exists $header{cookie}, 'U14: no cookie of anybody';
    }
}
for my $case (
    ['a visitor behind it', '198.51.100.7', '198.51.100.7'],
    ['a visitor who lies about being behind another', '6.6.6.6, 198.51.100.7', '198.51.100.7'],
    ['an IPv6 visitor', '2001:db8::7', '2001:db8::7'],
    ['an IPv4 visitor as IPv6', '::ffff:198.51.100.8', '198.51.100.8'],
    ['nobody said', undef, '127.0.0.1'],
    ['a word', 'unknown', '127.0.0.1'],
    ['an address that is none', '999.1.1.1', '127.0.0.1'],
) {
    my ($what, $value, $want) = @$case;
    tenant(DELETE => '/calls');
    my ($who, $res) = start('proxied', undef, {'X-Forwarded-For' => $value, 'auth0-forwarded-for' => '6.6.6.6'});
    my $sent = tenant(GET => "/calls?path=$START")->[0];
    is $sent->{headers}{'auth0-forwarded-for'}, $want, "U13, P2: behind a proxy we believe: $what";
}
{
    my $email = address();
    my $who = Pwless->new('proxied');
    my $step2 = $who->ask_code($email, $HOME);
    my $t = Pwless::token($who->get($step2));
    tenant(DELETE => '/calls');
    $who->post($step2, {code => code_for($email), t => $t, op => 'verify'}, {'X-Forwarded-For' => '198.51.100.9'});
    is tenant(GET => "/calls?path=$TOKEN")->[0]{headers}{'auth0-forwarded-for'}, '198.51.100.9',
        'U13: the exchange carries it as well';
}
{
    # Off, and with proxies in the environment that nobody configured.
    local %ENV = (%ENV, map { $_ => 'http://127.0.0.1:1' }
        qw(http_proxy https_proxy HTTPS_PROXY all_proxy ALL_PROXY));
    my $own = PwlessHttpd->site(host => ['Auth0ForwardClientIP Off']);
    ok $own->start, 'U12: an environment with proxies' or diag $own->log_text;
    my $who = Pwless->new($own->url);
    tenant(DELETE => '/calls');
    $who->sign_in(address(), '/members/');
    is $who->get('/members/')->code, 200, 'U12: they are ignored';
    is scalar(grep { exists $_->{headers}{'auth0-forwarded-for'} } @{tenant(GET => '/calls')}), 0,
        'U13: Auth0ForwardClientIP Off sends no address';
    $own->let_go;
}

# ---- handshakes ------------------------------------------------------------------------------
new_tenant();
{
    open my $in, '<', work() . '/t/logs/httpd.pid' or die "pid: $!";
    my ($pid) = <$in> =~ /(\d+)/;
    open my $list, '<', "/proc/$pid/task/$pid/children" or die "children: $!";
    my @children = split ' ', <$list> || '';
    verify('site') for 1 .. 3;
    my $before = tenant(GET => '/stats');
    my $good = 0;
    $good += (verify('site'))[1]->code == 303 for 1 .. 100;
    my $after = tenant(GET => '/stats');
    is $good, 100, 'U11: a hundred sign-ins one after another';
    my $made = $after->{tls_handshakes} - $before->{tls_handshakes};
    cmp_ok $made, '<=', 3 * @children, "U11: took $made handshakes, of " . @children . ' children';
}

is_deeply tenant(GET => '/errors'), [], 'the stand-in had no trouble';
done_testing;
