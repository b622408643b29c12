# SPDX-License-Identifier: Apache-2.0
# The last of the suite: what all tests before it used, and what one more
# sign-in with its failures uses, must stand in no log. The module logs at
# trace8 here.
use strict;
use warnings;
use JSON::PP ();
use Test::More;
use URI::Escape qw(uri_escape uri_unescape);
use Pwless qw(tenant messages code_for calls work);

tenant(POST => '/reset');
tenant(POST => '/set', {limits => undef});

# Ways in, ways not in, ways out.
my $ann = Pwless->new('site');
my $step2 = $ann->ask_code('secret.ann@hidden.example', '/htdocs/members/');
my $t = Pwless::token($ann->get($step2));
my $code = code_for('secret.ann@hidden.example');
my $wrong = sprintf '%06d', ($code + 7) % 1_000_000;
Pwless::remember(code => $wrong);
$ann->post($step2, {code => $wrong, t => $t, op => 'verify'});
$ann->post($step2, {code => 'x', t => $t, op => 'verify'});
$ann->post($step2, {code => $code, t => $t, op => 'verify'},
    {Origin => 'https://evil.example'});
$ann->post($step2, {code => $code, t => $t . 'x', op => 'verify'});
for my $fault (qw(close reset html-502 truncated-json redirect hang-mid-headers)) {
    my $bob = Pwless->new('site');
    tenant(POST => '/fault', {path => '/passwordless/start', fault => $fault, times => 1,
        $fault eq 'redirect' ? (status => 302, location => 'https://evil.example/') : (),
        $fault =~ /^hang/ ? (seconds => 1) : ()});
    $bob->ask_code("secret.$fault\@hidden.example");
    tenant(DELETE => '/fault');
    my $cat = Pwless->new('site');
    my $to = $cat->ask_code("secret.cat.$fault\@hidden.example") or next;
    tenant(POST => '/fault', {path => '/oauth/token', fault => $fault, times => 1,
        $fault eq 'redirect' ? (status => 302, location => 'https://evil.example/') : (),
        $fault =~ /^hang/ ? (seconds => 1) : ()});
    $cat->enter_code($to, code_for("secret.cat.$fault\@hidden.example"));
    tenant(DELETE => '/fault');
}
for my $mutation (qw(wrong-key alg-none)) {
    my %names = map { $_ => 1 } map { ref $_ ? $_->{name} : $_ }
        map { ref $_ eq 'ARRAY' ? @$_ : ref $_ eq 'HASH' ? values %$_ : $_ }
        values %{tenant(GET => '/mutations')};
    next unless $names{$mutation};
    tenant(POST => '/mutate', {target => 'id_token', name => $mutation, times => 1});
    my $dan = Pwless->new('site');
    $dan->sign_in("secret.$mutation\@hidden.example");
    tenant(DELETE => '/mutate');
}
tenant(POST => '/claims', {email => 'secret.other@hidden.example'});
my $eve = Pwless->new('site');
$eve->sign_in('secret.eve@hidden.example');
tenant(POST => '/claims', {});
tenant(POST => '/set', {mfa => JSON::PP::true});
my $fay = Pwless->new('site');
$fay->sign_in('secret.fay@hidden.example');
tenant(POST => '/set', {mfa => []});
Pwless->new('site')->get('/.auth0/callback?code=SECRETCODE1234&state=SECRETSTATE1234');
Pwless::remember(code_of_callback => 'SECRETCODE1234', 'SECRETSTATE1234');
my $hosted = Pwless->new('hosted')->get('/.auth0/login?return_to=/htdocs/members/');
my $res = $ann->post($step2, {code => $code, t => $t, op => 'verify'});
is $res->code, 303, 'G1: signed in at last';
is $ann->get('/htdocs/members/env.cgi')->code, 200, 'G1: and was let in';
is $ann->get('/htdocs/members/', {Cookie => '__Host-auth0-session=SECRETFORGEDSECRETFORGEDSECRETFORGED1234567'})
    ->code, 302, 'G1: a forged cookie is not';
Pwless::remember(cookie => 'SECRETFORGEDSECRETFORGEDSECRETFORGED1234567');
$ann->sign_out;

# Values used: [kind, value].
my %values;
open my $used, '<', work() . '/used-secrets' or die "used-secrets: $!";
while (<$used>) {
    chomp;
    my ($kind, $value) = split /\t/, $_, 2;
    $values{$kind}{$value} = 1 if defined $value;
}
# What the module said to the tenant.
for my $call (@{tenant(GET => '/calls')}) {
    my $json = ref $call->{json} eq 'HASH' ? $call->{json} : {};
    $values{verifier}{$json->{code_verifier}} = 1 if $json->{code_verifier};
    $values{code}{$json->{otp}} = 1 if ($json->{otp} || '') =~ /^\d{6,}$/;
}
$values{secret}{Pwless::tenant_json()->{client_secret}} = 1;
ok keys %{$values{$_}} > 1, "G1: there are values of kind $_ to look for"
    for qw(code cookie token address url_token);

# Lines of all logs, without what looks like a code and is none (times, ports,
# process and thread ids, lengths), and without what httpd itself writes there
# by its own rules: the name of the user in %u and in messages of
# mod_authz_core, and in request lines (and mod_cache's keys) `t` of step 2 and `code` and `state` of
# the callback, which open nothing without the cookie of the browser they are
# for, and nothing twice.
my (%lines, $servers);
for my $path (glob(work() . '/t/logs/*'), glob(work() . '/own-*/*_log'), glob(work() . '/redis-*/log')) {
    next unless -f $path && -r $path;
    my ($name) = $path =~ m{([^/]+)$};
    # Those of the servers that tests had for themselves, as one.
    $name = "$name of its own" and $servers++ if $path !~ m{/t/logs/};
    open my $log, '<', $path or die "$path: $!";
    while (<$log>) {
        my $line = $_;
        s/^\[[^]]*\] \[\S+\] \[pid \d+(?::tid \d+)?\] (?:\[client \S+\] )?//;
        s/^\S+ \S+ .+? \[[^]]*\] ("(?:[^"\\]|\\.)*").*/$1/
            and s/([?&](?:t|code|state)=)[^&\s"]*/$1/g;
        s/([?&](?:t|code|state)=)[^&\s"]*/$1/g if $line =~ /^\[[^]]*\] \[cache:/;
        s/^AH01631: user \S+: authorization failure/AH01631/
            if $line =~ /^\[[^]]*\] \[authz_core:/;
        push @{$lines{$name}}, $_;
    }
}
ok $lines{error_log} && @{$lines{error_log}} > 20, 'G1: there is an error log to look through';
SKIP: {
    skip 'G1: this file was run alone', 1 unless glob work() . '/own-*';
    cmp_ok $servers, '>', 0, "G1: and $servers logs of servers that tests had for themselves";
}
ok $lines{access_log} && @{$lines{access_log}} > 10, 'G1: and an access log';

# Everything but codes and addresses is long enough to be found anywhere.
sub hits {
    my ($wanted, $log) = @_;
    my @found;
    for my $line (@{$lines{$log}}) {
        my $plain = uri_unescape($line);
        # Words of the line that could be one of the values.
        for my $word ($plain =~ /([A-Za-z0-9_.+\@-]{6,})/g) {
            push @found, "$word: $line" if $wanted->{$word};
        }
    }
    return @found;
}
for my $log (sort keys %lines) {
    for my $kind (sort keys %values) {
        my @found = hits($values{$kind}, $log);
        is scalar @found, 0, "G1: $log holds no $kind";
        diag($found[0]) if @found;
    }
    my $text = join '', @{$lines{$log}};
    my ($secret) = keys %{$values{secret}};
    is index($text, $secret), -1, "G1: $log holds no client secret anywhere";
    unlike $text, qr/eyJ[A-Za-z0-9_-]{10}/, "G1: $log holds no JWT";
    unlike $text, qr/-----BEGIN/, "G1: $log holds no key";
    unlike $text, qr/(?:authorization|cookie): /i, "G2: $log holds no header";
    unlike $text, qr/"(?:access_token|id_token|client_secret|otp|code_verifier|mfa_token)"/,
        "G2: $log holds no body of a call";
    unlike $text, qr/[\x00-\x08\x0b-\x1f\x7f-\xff]/, "G4: $log holds no byte that is no text";
}
# Addresses: masked ones only, known or not.
my @full = grep { /\@/ } map { /([^\s"'<>,;=]+(?:\@|%40)[^\s"'<>,;&]+)/g } @{$lines{error_log}};
@full = grep { !/^[a-z0-9]?\*\*\*\@[a-z0-9]?\*\*\*(?:\.[a-z0-9-]+)?[.,:]?$/i } @full;
is_deeply \@full, [], 'G1: each address in the error log is masked';

# What httpd itself shows of the configuration and the module's state.
for my $path ('/server-info', '/server-status') {
    my $page = $ann->get($path);
    next unless $page->code == 200;
    is index($page->content, (keys %{$values{secret}})[0]), -1, "M18: $path shows no secret";
}
is_deeply tenant(GET => '/errors'), [], 'the stand-in had no trouble';
done_testing;
