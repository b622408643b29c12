# SPDX-License-Identifier: Apache-2.0
# Access tokens for the application: passed on only where the configuration
# says so, refreshed by one request while the others wait, ended with the
# session; and a session that ends when the tenant no longer renews them.
use strict;
use warnings;
use IO::Socket::INET;
use MIME::Base64 qw(decode_base64url);
use JSON::PP qw(decode_json);
use Test::More;
use Time::HiRes qw(sleep time);
use Pwless qw(tenant code_for calls work);
use PwlessHttpd;
use PwlessRedis;

my $OFFLINE = 'Auth0Scope "openid profile email offline_access"';
my $API = 'Auth0Audience https://api.example.org';

sub new_tenant {
    my (%knobs) = @_;
    tenant(POST => '/reset');
    tenant(POST => '/set', {limits => undef, rotation => JSON::PP::true, %knobs});
    return;
}

# ---- an application behind the site ---------------------------------------------
# Answers the header lines it got, as they came.
my $backend = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 64) or die "backend: $!";
my $back = 'http://127.0.0.1:' . $backend->sockport;
my $backend_pid = fork;
die "fork: $!" unless defined $backend_pid;
if (!$backend_pid) {
    local $SIG{PIPE} = 'IGNORE';
    while (my $client = $backend->accept) {
        my $got = '';
        while (defined(my $line = <$client>)) {
            last if $line =~ /^\r?\n/;
            $got .= $line;
        }
        print $client "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n$got";
        close $client;
    }
    require POSIX;
    POSIX::_exit(0);
}
close $backend;

sub guarded {
    my ($path, @lines) = @_;
    return (qq(<Location "$path">), 'AuthType Auth0Passwordless', 'AuthName A',
        'Require valid-user', @lines, '</Location>');
}

# A site with every way to pass a token on, each under its name.
sub app {
    my (%with) = @_;
    my $own = PwlessHttpd->site(
        main => ['LogLevel info auth0_pwless:trace8',
            (map { "LoadModule ${_}_module $ENV{PWLESS_MODULES}/mod_$_.so" } qw(proxy proxy_http)),
            '<IfModule mpm_event_module>', 'ThreadLimit 64', 'ThreadsPerChild 64',
            'ServerLimit 2', 'MaxRequestWorkers 128', '</IfModule>', @{$with{main} || []}],
        host => [@{$with{host} || [$OFFLINE, $API]},
            (map { ("ProxyPass \"/back-$_\" \"$back/\"", guarded("/back-$_", "Auth0PassToken $_")) }
                @{$with{ways} || [qw(none env headers both bearer)]}),
            $with{ways} ? () : (map { guarded("/$_", "Auth0PassToken $_") } qw(env both bearer)),
            guarded('/plain'), '<Location "/status">', 'SetHandler auth0-status',
            'Require all granted', '</Location>']);
    for my $place (qw(env both bearer plain)) {
        mkdir "$own->{dir}/htdocs/$place";
        open my $page, '>', "$own->{dir}/htdocs/$place/index.html" or die "$place: $!";
        print $page "<!--#printenv -->\n";
        close $page;
    }
    open my $page, '>', "$own->{dir}/htdocs/both/nested.html" or die "nested: $!";
    print $page qq(outer <!--#echo var="AUTH0_ACCESS_TOKEN" --> inner\n),
        qq(<!--#include virtual="/back-none" -->\n);
    close $page;
    $own->start or BAIL_OUT('no httpd: ' . $own->said . $own->log_text);
    return $own;
}

my $people = 0;

sub visitor {
    my ($own, $email) = @_;
    my $who = Pwless->new($own->url);
    $who->{email} = $email || 'token' . $people++ . '@example.org';
    my $res = $who->sign_in($who->{email}, '/members/');
    is $res->code, 303, "signed in, $who->{email}" or diag $own->log_text;
    return $who;
}

my %seen_tokens;

# The token in a page of variables or an answer of the application.
sub env_token    { return remembered($_[0]->content =~ /^AUTH0_ACCESS_TOKEN=(\S+)/m) }
sub header_token { return remembered($_[0]->content =~ /^X-Auth0-Access-Token: (\S+)\r?$/m) }
sub bearer_token { return remembered($_[0]->content =~ /^Authorization: Bearer (\S+)\r?$/m) }

sub remembered {
    my ($token) = @_;
    return unless defined $token;
    $seen_tokens{$token} = 1;
    Pwless::remember(token => $token);
    return $token;
}

sub refreshes {
    return scalar grep { $_->{body} =~ /grant_type=refresh_token/ }
        @{tenant(GET => '/calls?path=/oauth/token')};
}

sub is_guest { return $_[0]->code == 302 && $_[0]->header('Location') =~ /login/ }

# ---- without the directive nothing is there ------------------------------------
new_tenant();
{
    my $own = PwlessHttpd->site(host => [$API]);
    open my $page, '>', "$own->{dir}/htdocs/members/index.html" or die $!;
    print $page "<!--#printenv -->\n";
    close $page;
    $own->start or BAIL_OUT($own->said . $own->log_text);
    my $who = visitor($own);
    my $res = $who->get('/members/');
    like $res->content, qr/^AUTH0_EMAIL=/m, 'without the directive: signed in';
    unlike $res->content, qr/ACCESS_TOKEN/, 'and no token anywhere';
    is $who->sign_out->code, 303, 'signed out';
    is calls('/oauth/revoke'), 0, 'and nothing was revoked: there was nothing';
    my ($status, $said) = PwlessHttpd->site(host => ['Auth0PassToken cookie'])->check;
    like $said, qr/Auth0PassToken.*cookie.*(?:none|env)/s, 'another value is refused with those there are';
    isnt $status, 0, 'by httpd -t';
}

# ---- passed on, each way ----------------------------------------------------------
my $own = app();
{
    my $who = visitor($own);
    my $evil = {'X-Auth0-Access-Token' => 'evil', 'X_Auth0_Access_Token' => 'evil',
        'AUTH0-ACCESS-TOKEN' => 'evil', 'Authorization' => 'Bearer own'};
    my $env = env_token($who->get('/env/'));
    like $env, qr/^eyJ/, 'env: the access token is in the environment';
    my $claims = decode_json(decode_base64url((split /\./, $env)[1]));
    is_deeply $claims->{aud}[0], 'https://api.example.org', 'and it is for the API';
    my $res = $who->get('/env/', $evil);
    unlike $res->content, qr/^HTTP_X_AUTH0_ACCESS_TOKEN=/m, 'H1: env: no header';
    unlike $res->content, qr/evil/, 'H1: what the client calls so is gone';
    $res = $who->get('/both/');
    is env_token($res), $env, 'both: the variable';
    like $res->content, qr/^HTTP_X_AUTH0_ACCESS_TOKEN=\Q$env\E$/m, 'both: and the header';

    is header_token($who->get('/back-headers', $evil)), $env, 'headers: the application gets it';
    is header_token($who->get('/back-both', $evil)), $env, 'both: likewise';
    $res = $who->get('/back-headers', $evil);
    unlike $res->content, qr/evil/, 'H1: and nothing of the client under that name';
    like $res->content, qr/^Authorization: Bearer own\r?$/m, "headers: the client's own Authorization stays";
    $res = $who->get('/back-bearer', $evil);
    is bearer_token($res), $env, 'bearer: as Authorization';
    unlike $res->content, qr/own|evil/, "bearer: in place of the client's";
    unlike $res->content, qr/Access-Token/i, 'bearer: and in no other header';
    $res = $who->get('/back-bearer', {Connection => 'close, Authorization'});
    is bearer_token($res), $env, 'H6: Connection does not have it dropped';
    for my $way (qw(none env)) {
        $res = $who->get("/back-$way", $evil);
        unlike $res->content, qr/eyJ\w+\.|evil|Access-Token/i, "H1: $way: the application gets none";
        like $res->content, qr/^X-Auth0-Email:/m, "$way: but who it is";
    }
    unlike $who->get('/plain/')->content, qr/ACCESS_TOKEN/, 'D8: a location without the directive: none';
    $res = $who->get('/both/nested.html');
    like $res->content, qr/outer eyJ\S+ inner/, 'a page that includes another has it';
    my ($inner) = $res->content =~ /inner\n(.*)/s;
    like $inner, qr/^X-Auth0-Email:/m, 'what it includes from an application knows who it is for';
    unlike $inner, qr/eyJ\w+\./, 'D8: and has no token where none is passed';
    is refreshes(), 0, 'nothing was due';
}

# ---- due: one refreshes -------------------------------------------------------------
new_tenant(access_token_life => 5);
{
    my $who = visitor($own);
    my $first = env_token($who->get('/env/'));
    is env_token($who->get('/env/')), $first, 'a fresh token is kept';
    sleep 4.2; # four fifths of its life are over
    my $second = env_token($who->get('/env/'));
    isnt $second, $first, 'before its end it is refreshed';
    is refreshes(), 1, 'by one call';
    is env_token($who->get('/env/')), $second, 'and the new one is kept';
    is refreshes(), 1, 'without another';
    sleep 5.2;
    my $third = env_token($who->get('/env/'));
    ok $third && $third ne $second, 'one that is over is refreshed, too: the new refresh token works';
    is refreshes(), 2, 'by one call';
}

# ---- fifty at once ----------------------------------------------------------------------
new_tenant(access_token_life => 4);
{
    my $who = visitor($own);
    my $old = env_token($who->get('/env/'));
    for my $round (1, 2) {
        # The new one lives longer than fifty may take on a busy machine.
        sleep($round == 1 ? 4.3 : 10.3);
        tenant(POST => '/set', {access_token_life => $round == 1 ? 10 : 3600});
        tenant(POST => '/fault', {path => '/oauth/token', fault => 'delay', seconds => 0.5, times => 1});
        my @all = $who->burst(map { ['GET', '/env/'] } 1 .. 50);
        tenant(DELETE => '/fault');
        is scalar(grep { $_->code == 200 } @all), 50, "L15: fifty at once, round $round: all are served";
        my %tokens = map { (env_token($_) // 'none') => 1 } @all;
        is scalar(keys %tokens), 1, 'L15: with one token';
        ok !$tokens{$old} && !$tokens{none}, 'L15: the new one';
        is refreshes(), $round, 'L15: for which the tenant was asked once';
        ($old) = keys %tokens;
    }
    is $who->get('/members/')->code, 200, 'and the family of tokens lives';
}

# ---- rights withdrawn --------------------------------------------------------------------
for my $case (
    ['the user is deleted', sub { tenant(DELETE => "/users?email=$_[0]{email}") }],
    ['the user is blocked', sub { tenant(POST => '/users', {email => $_[0]{email}, blocked => JSON::PP::true}) }],
    ['the tenant revoked the tokens', sub { tenant(POST => '/set', {refresh_idle => 0});
        tenant(POST => '/set', {clock_offset => 2_600_000}) }],
) {
    my ($what, $do) = @$case;
    new_tenant(access_token_life => 3);
    my $who = visitor($own);
    is $who->get('/plain/')->code, 200, "S14: $what: signed in until then";
    $do->($who);
    is $who->get('/plain/')->code, 200, 'S14: and until the next refresh';
    sleep 3.1;
    my $before = length $own->log_text;
    my $res = $who->get('/plain/');
    ok is_guest($res), 'S14: which ends the session' or diag $res->as_string;
    like +($res->header('Set-Cookie') || ''), qr/auth0-session=;/, 'S14: and takes the cookie back';
    like substr($own->log_text, $before), qr/refresh, reason=tokens-withdrawn/, 'S14: the log says why';
    ok is_guest($who->get('/plain/')), 'S14: it is over';
    is refreshes(), 1, 'S14: after one call';
}

# ---- the ID token of a refresh -------------------------------------------------------------
for my $case (['sub-other' => 'jwt-sub'], ['iss-other' => 'jwt-iss'], ['aud-other' => 'jwt-aud'],
    ['alg-none' => 'jwt-alg'], ['flipped-bit' => 'jwt-bad-signature'], ['exp-past' => 'jwt-exp']) {
    my ($name, $word) = @$case;
    new_tenant(access_token_life => 2);
    my $who = visitor($own);
    tenant(POST => '/mutate', {target => 'id_token', name => $name, grant => 'refresh_token'});
    sleep 2.1;
    my $before = length $own->log_text;
    ok is_guest($who->get('/env/')), "J20: $name at a refresh ends the session";
    like substr($own->log_text, $before), qr/refresh, reason=\Q$word\E /, "J20: $word";
    is calls('/oauth/revoke'), 1, 'J20: and the tokens are given back';
}

# ---- a tenant that does not answer ------------------------------------------------------------
for my $fault ({fault => 'status', status => 503}, {fault => 'close'},
    {fault => 'rate-limited', retry_after => 2}, {fault => 'status', status => 400, json => {error => 'invalid_request'}},
    {fault => 'html-502'}) {
    new_tenant(access_token_life => 10);
    my $who = visitor($own);
    my $first = env_token($who->get('/env/'));
    tenant(POST => '/fault', {path => '/oauth/token', %$fault,
        $fault->{fault} eq 'close' ? (run => JSON::PP::false) : ()});
    my $what = "U6: $fault->{fault} " . ($fault->{status} || '');
    sleep 8.2;
    is env_token($who->get('/env/')), $first, "$what: the old token is passed on while it is good";
    is env_token($who->get('/env/')), $first, "$what: by every request";
    is refreshes(), 1, "$what: one call, then a pause";
    sleep 2;
    my $began = time;
    my $res = $who->get('/env/');
    is $res->code, 200, "$what: the session goes on";
    is env_token($res), undef, "$what: without a token, when that is over";
    is bearer_token($who->get('/back-bearer', {Authorization => 'Bearer own'})), undef,
        "$what: nor is the client's own taken for it";
    cmp_ok time - $began, '<', 1.5, "$what: and at once";
    cmp_ok refreshes(), '<=', 2, "$what: the tenant is left alone";
    next unless $fault->{retry_after};
    tenant(DELETE => '/fault');
    sleep 2.2;
    my $new = env_token($who->get('/env/'));
    ok $new && $new ne $first, "$what: when the tenant's own time is over there is a new one";
}

# ---- logout -----------------------------------------------------------------------------------
new_tenant(access_token_life => 3);
{
    my $who = visitor($own);
    is $who->sign_out->code, 303, 'signing out';
    my ($call) = @{tenant(GET => '/calls?path=/oauth/revoke')};
    is $call && $call->{status}, 200, 'revokes the refresh token';
    ok is_guest($who->get('/env/')), 'and ends the session';

    $who = visitor($own);
    tenant(POST => '/fault', {path => '/oauth/revoke', fault => 'status', status => 503});
    my $before = length $own->log_text;
    is $who->sign_out->code, 303, 'signing out while the tenant is down';
    ok is_guest($who->get('/env/')), 'ends the session all the same';
    like substr($own->log_text, $before), qr/revoke, reason=tenant-failed/, 'and the log says what is left to do';
    tenant(DELETE => '/fault');

    # Signed out in the middle of a refresh: what is over stays over.
    $who = visitor($own);
    my $page = $who->get('/.auth0/logout');
    sleep 3.1;
    tenant(POST => '/fault', {path => '/oauth/token', fault => 'delay', seconds => 1.5, times => 1});
    my $pid = fork;
    die "fork: $!" unless defined $pid;
    if (!$pid) { # with a connection of its own
        my $res = Pwless->new($own->url)->get('/env/', {Cookie => 'auth0-session=' . $who->cookie('session')});
        require POSIX;
        POSIX::_exit(is_guest($res) ? 0 : 1);
    }
    sleep 0.5;
    is $who->post('/.auth0/logout', {t => Pwless::token($page)})->code, 303, 'S6: signing out during a refresh';
    waitpid $pid, 0;
    is $?, 0, 'S6: the refreshing request finds the session over';
    ok is_guest($who->get('/env/')), 'S6: and does not bring it back';
    tenant(DELETE => '/fault');
    my %live = map { ($_->{body} =~ /token=([^&]+)/)[0] => 1 } @{tenant(GET => '/calls?path=/oauth/revoke')};
    ok scalar(keys %live) >= 2, 'S6: the new refresh token is revoked as the old one was';
}

# ---- limits ---------------------------------------------------------------------------------------
new_tenant();
{
    tenant(POST => '/fault', {path => '/oauth/token', fault => 'edit-json', set => {access_token => 'x' x 4097}});
    my $who = Pwless->new($own->url);
    my $before = length $own->log_text;
    my $res = $who->sign_in('large@example.org');
    isnt $res->code, 303, 'S10: tokens that do not fit: no sign-in';
    like substr($own->log_text, $before), qr/reason=tokens-too-big .*Auth0Audience/, 'S10: the log says what to do';
    tenant(DELETE => '/fault');
    tenant(POST => '/fault', {path => '/oauth/token', fault => 'edit-json', set => {access_token => "a b"}});
    $res = Pwless->new($own->url)->sign_in('split@example.org');
    isnt $res->code, 303, 'H9: a token that would break a header: no sign-in';
    tenant(DELETE => '/fault');
    tenant(POST => '/fault', {path => '/oauth/token', fault => 'edit-json', set => {access_token => 'x' x 3900}});
    $who = visitor($own, 'fits@example.org');
    is length env_token($who->get('/env/')), 3900, 'S10: a large one that fits is passed on whole';
    tenant(DELETE => '/fault');
}

# ---- no refresh token -------------------------------------------------------------------------------
new_tenant(access_token_life => 2);
{
    my $simple = app(host => []);
    my $who = visitor($simple);
    my $token = env_token($who->get('/env/'));
    ok $token && $token !~ /^eyJ/, 'without an audience: the tenant\'s opaque token';
    sleep 2.1;
    my $res = $who->get('/env/');
    is $res->code, 200, 'without offline_access: the session outlives the token';
    is env_token($res), undef, 'which is passed on no longer';
    is refreshes(), 0, 'and nobody is asked';
    $simple->let_go;
}

# ---- two machines ---------------------------------------------------------------------------------------
{
    my $redis = PwlessRedis->new;
    my $seal = work() . "/refresh-$$.seal";
    open my $out, '>', $seal or die "$seal: $!";
    print $out "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY=\n";
    close $out;
    chmod 0600, $seal;
    my ($one, $two) = map {
        app(main => ['Auth0SessionStore ' . $redis->url . '/2?prefix=site:', "Auth0SealKey file:$seal"],
            host => [$OFFLINE, $API, 'Auth0BaseURL http://site.test:8080'])
    } 1, 2;
    new_tenant(access_token_life => 4);
    my $origin = {Origin => 'http://site.test:8080'};
    my $who = Pwless->new($one->url);
    my $page = $who->get('/.auth0/login?return_to=/env/');
    my $step2 = $who->post('/.auth0/login', {email => 'two@example.org', t => Pwless::token($page),
        op => 'send'}, $origin)->header('Location');
    $page = $who->get($step2);
    $who->post($step2, {code => code_for('two@example.org'), t => Pwless::token($page),
        op => 'verify'}, $origin);
    my $cookie = {Cookie => 'auth0-session=' . $who->cookie('session')};
    my @browsers = map { Pwless->new($_->url) } $one, $two;
    my $old = env_token($browsers[0]->get('/env/', $cookie));
    is env_token($browsers[1]->get('/env/', $cookie)), $old, 'two machines pass the same token on';
    for my $round (1, 2) {
        sleep($round == 1 ? 4.3 : 10.3);
        tenant(POST => '/set', {access_token_life => $round == 1 ? 10 : 3600});
        tenant(POST => '/fault', {path => '/oauth/token', fault => 'delay', seconds => 0.4, times => 1});
        my @pids;
        for my $n (0, 1) {
            my $pid = fork;
            die "fork: $!" unless defined $pid;
            if (!$pid) {
                my @all = $browsers[$n]->burst(map { ['GET', '/env/', undef, $cookie] } 1 .. 25);
                my %tokens = map { (env_token($_) // 'none ' . $_->code) => 1 } @all;
                open my $answer, '>', work() . "/refresh-$$.tokens" or die $!;
                print $answer map { "$_\n" } keys %tokens;
                close $answer;
                require POSIX;
                POSIX::_exit(0);
            }
            push @pids, $pid;
        }
        my %tokens;
        for my $pid (@pids) {
            waitpid $pid, 0;
            open my $answer, '<', work() . "/refresh-$pid.tokens" or die $!;
            chomp(my @lines = <$answer>);
            $tokens{$_}++ for @lines;
        }
        tenant(DELETE => '/fault');
        is scalar(keys %tokens), 1, "S13: fifty at once on two machines, round $round: one token"
            or diag join "\n", keys %tokens;
        ok !$tokens{$old}, 'S13: the new one';
        is refreshes(), $round, 'S13: for one call';
        ($old) = keys %tokens;
        remembered($old);
    }
    my $all = $redis->dump_all;
    $redis->{db} = 2;
    $all .= $redis->dump_all;
    unlike $all, qr/\Q$_\E/, 'S9: Redis holds no token that can be read' for $old, 'v1.';
    for my $n (0, 1) {
        unlike +($one, $two)[$n]->log_text, qr/eyJ\w+\.|reason=(?!ok)/, 'and nothing went wrong';
    }
    $_->let_go for $one, $two;
}

# ---- what was counted ------------------------------------------------------------------------------------------
{
    my $counted = decode_json(Pwless->new($own->url)->get('/status?format=json')->content);
    my $calls = $counted->{provider}{calls};
    cmp_ok $calls->{refresh}{ok}, '>=', 10, 'G8: refreshes are counted';
    is $calls->{refresh}{refused}, 3, 'G8: those the tenant refused, too';
    is $counted->{sessions}{ended}{withdrawn}, 9, 'G8: and the sessions that ended by it';
    cmp_ok $calls->{revoke}{failed}, '>=', 1, 'G8: and revocations that failed';
    cmp_ok $calls->{revoke}{ok}, '>=', 1, 'G8: and did not';
}

# ---- secrets --------------------------------------------------------------------------------------------------
{
    my $log = $own->log_text;
    cmp_ok scalar(keys %seen_tokens), '>', 10, 'G1: tokens were seen';
    is scalar(grep { index($log, $_) >= 0 } keys %seen_tokens), 0, 'G1: none of them in a log';
    unlike $log, qr/eyJ[\w-]{10}|v1\.[\w-]{20}|Bearer/, 'G1: nor any other, nor a refresh token';
}
is_deeply tenant(GET => '/errors'), [], 'the stand-in is well';

$own->stop;
kill 'TERM', $backend_pid;
waitpid $backend_pid, 0;
tenant(POST => '/reset');
done_testing;
