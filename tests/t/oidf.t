# SPDX-License-Identifier: Apache-2.0
# The OpenID Foundation's tests of relying parties, by their names, against the
# stand-in. The code flow is the one there is; names that are about something we
# do not offer are listed at the end, and that it is not there is what is tested.
use strict;
use warnings;
use JSON::PP ();
use Test::More;
use Pwless qw(tenant calls);
use PwlessHttpd;
use PwlessHosted qw(new_tenant sent walk hosted_in user_at);

my $TOKEN = '/oauth/token';

# Sign in by the tenant's page while its ID tokens are so: browser, last answer.
sub with_token {
    my ($mutation, %args) = @_;
    tenant(POST => '/mutate', {target => 'id_token', name => $mutation, times => 1,
        %args ? (args => \%args) : ()}) if $mutation;
    my @signed_in = hosted_in('ann@example.org');
    tenant(DELETE => '/mutate');
    return @signed_in;
}

sub accepted {
    my ($name, $ann, $res, $user) = @_;
    is $res->code, 303, "oidcc-client-test$name: signed in";
    is user_at($ann), ($user || 'ann@example.org'), "oidcc-client-test$name: and let in";
    return;
}

sub refused {
    my ($name, $ann, $res) = @_;
    is $res->code, 502, "oidcc-client-test$name: refused";
    is user_at($ann), 302, "oidcc-client-test$name: no session";
    return;
}

# ---- accepted ----------------------------------------------------------------------
new_tenant();
accepted('', with_token(''));
{
    my ($call) = grep { $_->{path} eq $TOKEN } @{tenant(GET => '/calls')};
    like $call->{body}, qr/client_secret=/, 'oidcc-client-test-client-secret-basic: not offered, it goes by POST';
    is $call->{headers}{authorization}, undef, 'oidcc-client-test-client-secret-basic: and by nothing else';
}
new_tenant();
accepted('-idtoken-sig-rs256', with_token(''));
new_tenant();
{
    my (undef, undef, $asked) = sent();
    like $asked->{nonce}, qr/^[\w-]{22,}$/, 'oidcc-client-test-nonce-unless-code-flow: a nonce is sent in the code flow, too';
    is $asked->{response_type}, 'code', 'oidcc-client-test-invalid-chash, -missing-chash: response types with a code hash are never asked for';
}
new_tenant();
accepted('-missing-athash', with_token(''));
new_tenant();
my @in = with_token('');
accepted('-scope-userinfo-claims', @in);
like $in[0]->get('/htdocs/members/env.cgi')->content, qr/^AUTH0_EMAIL=ann\@example\.org$/m,
    'oidcc-client-test-scope-userinfo-claims: the application has them';
is calls('/userinfo'), 0, 'oidcc-client-test-userinfo-bearer-header, -userinfo-bearer-body, -userinfo-invalid-sub, -userinfo-signed: userinfo is not asked';

# ---- keys ----------------------------------------------------------------------------
{
    # A server of its own, which knows no keys yet.
    my $own = PwlessHttpd->site(host => ['Auth0Login hosted']);
    $own->start or BAIL_OUT($own->said . $own->log_text);
    new_tenant();
    tenant(POST => '/clients', {client_id => Pwless::tenant_json()->{client_id},
        callbacks => [$own->url . '/.auth0/callback']});
    tenant(POST => '/mutate', {target => 'jwks', name => 'only-current'});
    tenant(POST => '/mutate', {target => 'id_token', name => 'kid-missing', times => 1});
    my ($eve, $res) = hosted_in('eve@example.org', who => Pwless->new($own->url), target => '/members/');
    tenant(DELETE => '/mutate');
    is $res->code, 303, 'oidcc-client-test-kid-absent-single-jwks: signed in';
    is $eve->get('/members/')->code, 200, 'oidcc-client-test-kid-absent-single-jwks: and let in';
    is calls('/.well-known/jwks.json'), 1, 'oidcc-client-test-kid-absent-single-jwks: by the one key there is';
}
new_tenant();
accepted('-kid-absent-multiple-jwks', with_token('kid-missing'));
new_tenant();
hosted_in('ann@example.org'); # the keys are known now
tenant(POST => '/rotate');
accepted('-signing-key-rotation', hosted_in('bob@example.org'), 'bob@example.org');
new_tenant();
accepted('-signing-key-rotation-just-before-signing', with_token('rotate-first'));

# ---- refused -------------------------------------------------------------------------
for my $row (
    ['-idtoken-sig-none', 'alg-none'],
    ['-invalid-sig-rs256', 'flipped-bit'],
    ['-invalid-sig-es256', 'es256'],
    ['-invalid-sig-hs256', 'hs256-client-secret'],
    ['-invalid-iss', 'iss-other'],
    ['-missing-aud', 'aud-missing'],
    ['-invalid-aud', 'aud-other'],
    ['-missing-iat', 'iat-missing'],
    ['-missing-sub', 'sub-missing'],
    ['-nonce-invalid', 'nonce-other'],
    ['-invalid-athash', 'at-hash-wrong'],
) {
    my ($name, $mutation) = @$row;
    new_tenant();
    refused($name, with_token($mutation));
}

# ---- claims of others -------------------------------------------------------------------
new_tenant();
tenant(POST => '/claims', {_claim_names => {address => 'src1'},
    _claim_sources => {src1 => {endpoint => 'https://' . Pwless::tenant_json()->{domain} . '/userinfo',
        access_token => 'x'}}});
accepted('-distributed-claims', with_token(''));
is calls('/userinfo'), 0, 'oidcc-client-test-distributed-claims, -aggregated-claims: nothing is fetched for them';

# ---- what is not offered -----------------------------------------------------------------
new_tenant();
{
    my ($who, $url) = sent();
    my $back = walk($url, 'ann@example.org');
    my ($query) = $back =~ /\?(.*)/;
    my $res = $who->request('POST', '/.auth0/callback', $query,
        {'Content-Type' => 'application/x-www-form-urlencoded'});
    is $res->code, 405, 'oidcc-client-test-form-post-error: an answer by POST is refused';
    is calls($TOKEN), 0, 'oidcc-client-test-form-post-error: and not exchanged';
    is $who->get('/.auth0/login?iss=https%3A%2F%2Fevil.example%2F&target_link_uri=https%3A%2F%2Fevil.example%2F')
        ->header('Location') =~ m{^https://\Q@{[Pwless::tenant_json()->{domain}]}\E/authorize\?}, 1,
        'oidcc-client-test-3rd-party-init-login: whoever asks, the way leads to our tenant';
}
is calls('/.well-known/openid-configuration'), 0,
    'oidcc-client-test-discovery-openid-config, -discovery-jwks-uri-keys, -discovery-issuer-mismatch: the issuer comes from Auth0Domain';
is_deeply tenant(GET => '/errors'), [], 'the stand-in had no trouble';
done_testing;
