# SPDX-License-Identifier: Apache-2.0
# Private Key JWT in place of the client secret: every call that authenticates
# does so by an assertion of its own, and no secret is sent.
use strict;
use warnings;
use JSON::PP qw(decode_json);
use MIME::Base64 qw(decode_base64url);
use Test::More;
use Pwless qw(tenant code_for calls work);
use PwlessHosted qw(sent_fields walk);
use PwlessHttpd;

my $ID = 'keyed';
my $TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
my $files = work() . "/clientkey-$$";
mkdir $files or die "$files: $!";

sub openssl {
    my (@arguments) = @_;
    system('openssl', @arguments) == 0 or die "openssl @arguments";
    return;
}

sub slurp {
    my ($path) = @_;
    open my $in, '<', $path or die "$path: $!";
    local $/;
    return <$in>;
}

sub new_key {
    my ($name) = @_;
    openssl('genpkey', '-quiet', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048',
        '-out', "$files/$name.pem");
    chmod 0600, "$files/$name.pem";
    openssl('pkey', '-in', "$files/$name.pem", '-pubout', '-out', "$files/$name.pub");
    return "$files/$name.pem";
}

my $key = new_key('ours');
my $other = new_key('other');

sub site {
    my (@lines) = @_;
    return PwlessHttpd->new(main => ['LogLevel info auth0_pwless:trace8'],
        host => ["Include $ENV{PWLESS_WORK}/t/conf/defines.conf",
        'Auth0Domain ${TENANT}', "Auth0ClientID $ID", 'Auth0CAFile ${CA_FILE}',
        'Auth0Throttle address=off client=off site=off', 'Auth0InsecureHTTP On', @lines,
        '<Location "/members">', 'AuthType Auth0Passwordless', 'AuthName Members',
        'Require valid-user', '</Location>']);
}

sub new_tenant {
    my ($own, $public, %with) = @_;
    tenant(POST => '/reset');
    tenant(POST => '/set', {limits => undef, %with});
    tenant(POST => '/clients', {client_id => $ID, auth_method => 'private_key_jwt',
        public_key => slurp("$files/$public.pub"), callbacks => [$own->url . '/.auth0/callback']});
    return;
}

# What the calls to a path proved who we are with. None of it may be in a log.
my %seen;
sub proofs {
    my ($path) = @_;
    my @claims;
    for my $call (@{tenant(GET => "/calls?path=$path")}) {
        my %sent = sent_fields($call);
        Pwless::remember(token => $sent{client_assertion});
        is $sent{client_secret}, undef, "$path: no secret is sent";
        is $sent{client_assertion_type}, $TYPE, "$path: the type of what is";
        my ($head, $payload) = map { decode_json(decode_base64url($_)) }
            (split /\./, $sent{client_assertion})[0, 1];
        is_deeply $head, {alg => 'RS256', typ => 'JWT'}, "$path: RS256";
        is $payload->{exp} - $payload->{iat}, 60, "$path: good for a minute";
        ok !$seen{$payload->{jti}}++, "$path: its id was never used before";
        push @claims, $payload;
    }
    return @claims;
}

sub no_leak {
    my ($own) = @_;
    my $log = $own->log_text;
    unlike $log, qr/eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9/, 'no assertion is in the log';
    unlike $log, qr/PRIVATE KEY/, 'nor the key';
    return;
}

# ---- start, both grants, refresh, revoke ---------------------------------------
{
    my $own = site("Auth0ClientKey $key", 'Auth0Scope "openid profile email offline_access"');
    new_tenant($own, 'ours', access_token_life => 1);
    ok $own->start, 'httpd starts with a key in place of the secret' or diag $own->log_text;
    my $ann = Pwless->new($own->url);
    is $ann->sign_in('ann@example.org', '/members/')->code, 303, 'a sign-in by code';
    like $ann->get('/members/')->content, qr/ann\@example\.org/, 'is who it should be';
    my ($start) = proofs('/passwordless/start');
    is $start->{iss}, $ID, 'issuer';
    is $start->{sub}, $ID, 'subject';
    is $start->{aud}, 'https://' . Pwless::tenant_json()->{domain} . '/', 'audience, with its slash';
    sleep 2;
    $ann->get('/members/');
    $ann->sign_out;
    my @grants = map { {sent_fields($_)}->{grant_type} } @{tenant(GET => '/calls?path=/oauth/token')};
    is "@grants[0, 1]", 'http://auth0.com/oauth/grant-type/passwordless/otp refresh_token',
        'the code and a refresh';
    ok proofs('/oauth/token') >= 2, 'each with an assertion';
    is scalar proofs('/oauth/revoke'), 1, 'and revoking';
    is tenant(GET => '/calls?path=/oauth/revoke')->[0]{status}, 200, 'which the tenant takes';
    is_deeply tenant(GET => '/errors'), [], 'the tenant has no complaint';
    no_leak($own);
    $own->stop;
}
{
    my $own = site("Auth0ClientKey $key", 'Auth0Login hosted');
    new_tenant($own, 'ours');
    ok $own->start, 'with the page of the tenant' or diag $own->log_text;
    my $ann = Pwless->new($own->url);
    my $url = $ann->get('/.auth0/login?return_to=%2Fmembers%2F')->header('Location');
    is $ann->get(walk($url, 'ann@example.org'))->header('Location'), '/members/', 'a sign-in there';
    is scalar proofs('/oauth/token'), 1, 'the exchange of its code';
    no_leak($own);
    $own->stop;
}

# ---- auth0-check, and a key the tenant does not know -----------------------------
sub preflight {
    my ($own) = @_;
    local $ENV{HTTPD} = $ENV{PWLESS_HTTPD};
    open my $out, '-|', "$ENV{PWLESS_TOP}/tools/auth0-check", '-f', $own->conf or die "auth0-check: $!";
    my $said = do { local $/; <$out> };
    close $out;
    return ($? >> 8, $said);
}
{
    my $own = site("Auth0ClientKey $key");
    new_tenant($own, 'ours', limits => {});
    my ($status, $said) = preflight($own);
    is $status, 0, 'auth0-check: a tenant that knows the key' or diag $said;
    like $said, qr/ok    secret      the key is accepted/, 'auth0-check: says so';
    like $said, qr/warn  visitor .*\n +with|warn  visitor.*\n.*for the client secret only/,
        'auth0-check: the address of visitors is not trusted with a key';
    new_tenant($own, 'other');
    ($status, $said) = preflight($own);
    isnt $status, 0, 'auth0-check: one that knows another';
    like $said, qr/FAIL  secret .*\n.*with Auth0ClientKey: it is not Private Key JWT/,
        'auth0-check: where to look';
    ok $own->start, 'httpd starts' or diag $own->log_text;
    my $res = Pwless->new($own->url)->post('/.auth0/login', '');
    my $ann = Pwless->new($own->url);
    $res = $ann->post('/.auth0/login', {email => 'ann@example.org', t => $ann->open_login, op => 'send'});
    is $res->code, 502, 'a visitor is told that sign-in is not set up';
    like $own->log_text, qr/reason=tenant-config.*Auth0ClientKey/, 'the log says what to look at';
    no_leak($own);
    $own->stop;
}

done_testing;
