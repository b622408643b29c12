# SPDX-License-Identifier: Apache-2.0
# Configurations: `httpd -t` refuses what could not work, naming file, line,
# directive and cure, and lets pass what does.
use strict;
use warnings;
use Apache::Test qw(-withtestmore);
use Fcntl qw(S_IMODE);
use Pwless qw(tenant log_lines work);
use PwlessHttpd;

tenant(POST => '/reset');

my $files = work() . "/config-$$";
mkdir $files or die "$files: $!";

sub file {
    my ($name, $text, $mode) = @_;
    open my $out, '>', "$files/$name" or die "$files/$name: $!";
    print $out $text;
    close $out or die "$files/$name: $!";
    chmod defined $mode ? $mode : 0600, "$files/$name";
    return "$files/$name";
}

my $canary = 'canary-secret-of-the-configuration-test';
my $key = 'A' x 43 . '=';
my $auth0js = 't.passwordlessLogin=f;u(r,"/co/authenticate")';
my $secret = file(secret => "$canary\n");
my @tenant = ('Auth0Domain example.eu.auth0.com', 'Auth0ClientID AbC123',
    "Auth0ClientSecret file:$secret", 'Auth0BaseURL https://www.example.org');

# A private key, made once for each name.
sub keyfile {
    my ($name, $mode, @options) = @_;
    my $path = "$files/$name.pem";
    system(qw(openssl genpkey -quiet -algorithm RSA), @options, '-out', $path) == 0
        or die "openssl: $path" unless -e $path;
    chmod $mode || 0600, $path;
    return $path;
}

# A host's lines: the four of the tenant, but for those given anew. "-NAME"
# only takes one away.
sub host {
    my (@lines) = @_;
    my %given = map { /^-?(\w+)/ ? ($1 => 1) : () } @lines;
    return [(grep { !$given{(split)[0]} } @tenant), grep { !/^-/ } @lines];
}

# What stands in a host and is refused: row, what, line, directive, cure.
my @broken = (
    ['C2', 'a domain with a scheme', 'Auth0Domain https://example.eu.auth0.com', qr/leave out the scheme/],
    ['C2', 'a domain with a path', 'Auth0Domain example.eu.auth0.com/', qr/leave out what comes after the host/],
    ['C2', 'a domain with a user', 'Auth0Domain me@example.eu.auth0.com', qr/leave out user/],
    ['C2', 'a domain with a port that is none', 'Auth0Domain example.eu.auth0.com:70000', qr/1 to 65535/],
    ['C1', 'an empty domain', 'Auth0Domain ""', qr/takes one argument, Tenant or custom domain/],
    ['C1', 'a domain without a name', 'Auth0Domain', qr/takes one argument/],
    ['C1', 'two domains on a line', 'Auth0Domain a.example b.example', qr/takes one argument/],
    ['C1', 'a domain with an underscore', 'Auth0Domain a_b.example', qr/letters, digits, hyphens/],
    ['C1', 'an empty client id', 'Auth0ClientID ""', qr/takes one argument, Client ID/],
    ['C1', 'a client id with a blank', 'Auth0ClientID "a b"', qr/no blanks/],
    ['C1', 'a client id of 257 characters', 'Auth0ClientID ' . 'a' x 257, qr/at most 256/],
    ['C1', 'something else to send', 'Auth0Send both', qr/none of: code, link/],
    ['C1', 'an unknown way in', 'Auth0Login popup', qr/none of: form, hosted, auth0js, lock/],
    ['C1', 'a logout that is neither', 'Auth0Logout global', qr/none of: local, tenant/],
    ['C1', 'the hash of a script that is none', 'Auth0Script auth0.js sha384-abc', qr/openssl dgst -sha384/],
    ['C1', 'the hash of a script in another kind', 'Auth0Script auth0.js sha256-' . 'A' x 64, qr/no hash of a file/],
    ['C1', 'a script elsewhere without its hash', 'Auth0Script https://cdn.example/lock.js', qr/needs its hash beside it/],
    ['C1', 'alg none', 'Auth0IDTokenAlg none', qr/none of: RS256, PS256, HS256/],
    ['C1', 'an alg nobody asked for', 'Auth0IDTokenAlg ES256', qr/none of: RS256/],
    ['C1', 'a time with two units', 'Auth0SessionMax 1h30m', qr/one of ms, s, m and h/],
    ['C1', 'a time in words', 'Auth0SessionIdle 8hours', qr/one of ms, s, m and h/],
    ['C1', 'a skew with junk behind', 'Auth0ClockSkew 300x', qr/try 30s/],
    ['C1', 'a negative skew', 'Auth0ClockSkew -1', qr/time above zero/],
    ['C1', 'a skew of zero', 'Auth0ClockSkew 0', qr/time above zero/],
    ['C1', 'a timeout that overflows', 'Auth0Timeout 99999999999999999999', qr/up to a year/],
    ['C1', 'an empty timeout', 'Auth0Timeout ""', qr/takes one argument/],
    ['C1', 'a life in words', 'Auth0SessionMax forever', qr/try 30s, 15m or 8h/],
    ['C1', 'an idle time of zero', 'Auth0SessionIdle 0', qr/time above zero/],
    ['C1', 'a life of two years', 'Auth0SessionMax 17600h', qr/up to a year/],
    ['C1', 'a path without slashes', 'Auth0Path auth0', qr/begins and ends with "\/"/],
    ['C1', 'the root as our path', 'Auth0Path /', qr/with a name between/],
    ['C1', 'a path with two slashes', 'Auth0Path /a//b/', qr/no two slashes/],
    ['C1', 'a path that climbs', 'Auth0Path /a/../b/', qr/are no names/],
    ['C2', 'a base URL without a scheme', 'Auth0BaseURL www.example.org', qr/begins with https/],
    ['C2', 'a base URL with a path', 'Auth0BaseURL https://www.example.org/app', qr/what comes after the host/],
    ['C2', 'a base URL of another kind', 'Auth0BaseURL ftp://www.example.org', qr/begins with https/],
    ['C1', 'a code of three digits', 'Auth0CodeLength 3', qr/4 to 12/],
    ['C1', 'a code of 13 digits', 'Auth0CodeLength 13', qr/4 to 12/],
    ['C1', 'a code length with junk', 'Auth0CodeLength 6x', qr/whole number/],
    ['C1', 'four waits', 'Auth0ResendInterval 1 2 3 4', qr/one to three/],
    ['C1', 'no wait at all', 'Auth0ResendInterval', qr/one to three|takes/],
    ['C1', 'a wait of zero', 'Auth0ResendInterval 60 0', qr/time above zero/],
    ['C1', 'a least time of zero', 'Auth0MinSendTime 0', qr/time above zero/],
    ['C1', 'a least time of eleven seconds', 'Auth0MinSendTime 11s', qr/more than ten seconds/],
    ['C1', 'a store in a host', 'Auth0SessionStore shm(4m)', qr/outside of <VirtualHost>/],
    ['C1', 'calls at once in a host', 'Auth0MaxCalls 4', qr/outside of <VirtualHost>/],
    ['C1', 'a flag that is neither', 'Auth0InsecureHTTP maybe', qr/On or Off/],
    ['C1', 'a flag that is neither', 'Auth0ForwardClientIP 1', qr/On or Off/],
    ['C1', 'a logo by script', 'Auth0Logo javascript:alert(1)', qr/try \/css/],
    ['C1', 'a logo from another scheme', 'Auth0Logo http://example.org/x.png', qr/neither a path/],
    ['C1', 'a stylesheet of another host in disguise', 'Auth0Stylesheet //evil.example/x', qr/neither a path/],
    ['C1', 'a logo by mail', 'Auth0Logo mailto:x@example.org', qr/neither a path.*https: URL/],
    ['C1', 'a stylesheet by mail', 'Auth0Stylesheet mailto:x@example.org', qr/neither a path.*https: URL/],
    ['C1', 'an unknown theme', 'Auth0Theme purple', qr/auto, light, dark/],
    ['C1', 'a help page that is a word', 'Auth0Help desk', qr/mailto:/],
    ['C1', 'an empty name', 'Auth0SiteName ""', qr/takes one argument/],
    ['C1', 'a country by its name', 'Auth0PhoneCountry BE', qr/try \+32/],
    ['C1', 'a country of four digits', 'Auth0PhoneCountry +3247', qr/try \+32/],
    ['C1', 'a country without a plus', 'Auth0PhoneCountry 0032', qr/try \+32/],
    ['L13', 'numbers that begin with none', 'Auth0PhonePrefix 0470', qr/try \+32 or/],
    ['L13', 'numbers that begin with a blank', 'Auth0PhonePrefix "+32 470"', qr/try \+32 or/],
    ['R15', 'a parameter that is ours', 'Auth0AuthorizeParam client_id x', qr/Auth0ClientID/],
    ['R15', 'a parameter that replaces all', 'Auth0AuthorizeParam request_uri urn:x', qr/take the place/],
    ['C1', 'a parameter without a value', 'Auth0AuthorizeParam organization', qr/takes two arguments/],
    ['C1', 'a parameter with an empty value', 'Auth0AuthorizeParam organization ""', qr/takes two arguments/],
    ['C1', 'a parameter with a name that is none', 'Auth0AuthorizeParam a&b x', qr/not the name of a parameter/],
    ['C1', 'prompt=none', 'Auth0AuthorizeParam prompt none', qr/takes login, consent/],
    ['O17', 'max_age of 0', 'Auth0AuthorizeParam max_age 0', qr/prompt login/],
    ['C1', 'an empty scope', 'Auth0Scope ""', qr/takes one argument/],
    ['C1', 'a CA file that is not there', "Auth0CAFile $files/no-such.pem", qr/not a file httpd can see/],
    ['C1', 'a CA file that is a folder', "Auth0CAFile $files", qr/not a file httpd can see/],
    ['C1', 'claims passed nowhere known', 'Auth0PassClaims cookies', qr/env, headers, both, none/],
    ['C1', 'claims passed without a word', 'Auth0PassClaims', qr/takes env|takes/],
    ['C1', 'a key that is not there', "Auth0ClientKey $files/no-such.pem", qr/not a file httpd can see/],
    ['C1', 'a claim name of 129 characters', 'Auth0PassClaims env ' . 'a' x 129, qr/name of a claim/],
    ['C1', 'an unknown way of refusing', 'Auth0Unauthenticated maybe', qr/auto, login, 401, pass/],
    ['C1', 'an expression that is none', 'Auth0Unauthenticated pass "%{REQUEST_URI ="', qr/not an expression/],
    ['C1', 'a remote user that is empty', 'Auth0RemoteUser ""', qr/takes one argument/],
);
for my $case (@broken) {
    my ($row, $what, $line, $cure) = @$case;
    my ($directive) = $line =~ /^(\w+)/;
    my $own = PwlessHttpd->new(host => host($line));
    my ($status, $said) = $own->check;
    my ($conf, $number) = ($own->conf, $own->line_of($line));
    isnt $status, 0, "$row: $what is refused";
    like $said, qr/line $number of \Q$conf\E:\n\Q$directive\E\b/,
        "$row: $what: file, line and directive are named";
    like $said, $cure, "$row: $what: and the cure";
}

# The same in the main server, and outside of any host.
my @main = (
    ['a store smaller than its own bookkeeping', 'Auth0SessionStore shm(1k)', qr/too small or too large: it takes \d+ bytes/],
    ['a store without shm', 'Auth0SessionStore 32m', qr/try shm\(32m\)/],
    ['an empty store', 'Auth0SessionStore shm()', qr/a number/],
    ['a negative store', 'Auth0SessionStore shm(-1)', qr/a number/],
    ['a store larger than memory can be', 'Auth0SessionStore shm(99999999999g)', qr/more than this machine/],
    ['a store nobody knows', 'Auth0SessionStore files(/tmp)', qr/try shm\(32m\)/],
    ['no call at once', 'Auth0MaxCalls 0', qr/1 to 10000/],
    ['more calls than can be', 'Auth0MaxCalls 10001', qr/1 to 10000/],
    ['calls in words', 'Auth0MaxCalls many', qr/whole number/],
);
for my $case (@main) {
    my ($what, $line, $cure) = @$case;
    my ($directive) = $line =~ /^(\w+)/;
    my $own = PwlessHttpd->new(main => [$line], host => host());
    my ($status, $said) = $own->check;
    my ($conf, $number) = ($own->conf, $own->line_of($line));
    isnt $status, 0, "C1: $what is refused";
    like $said, qr/line $number of \Q$conf\E:\n\Q$directive\E\b/,
        "C1: $what: file, line and directive are named";
    like $said, $cure, "C1: $what: and the cure";
}

# What only shows when several lines are seen together: host is a list, the
# message names file and line of the directive, or of the host's first one when
# it is not there.
my @together = (
    ['C2', 'no secret', ['-Auth0ClientSecret'], 'Auth0ClientSecret', qr/add "Auth0ClientSecret file:/],
    ['C2', 'no client id', ['-Auth0ClientID'], 'Auth0ClientID', qr/Applications page/],
    ['C2', 'no domain', ['-Auth0Domain'], 'Auth0Domain', qr/try: Auth0Domain example/],
    ['C2', 'an http base URL', ['Auth0BaseURL http://www.example.org'], 'Auth0BaseURL', qr/use https, or "Auth0InsecureHTTP On"/],
    ['C1', 'links by text message', ['Auth0Connection sms', 'Auth0Send link'], 'Auth0Send', qr/link is for e-mail, and Auth0Connection is sms/],
    ['C1', "links and the tenant's own page", ['Auth0Login hosted', 'Auth0Send link'], 'Auth0Send', qr/link goes with Auth0Login form only/],
    ['C1', 'a code that outlives its sign-in', ['Auth0CodeLifetime 20m'], 'Auth0CodeLifetime', qr/set Auth0SignInTimeout/],
    ['C1', 'a sign-in that ends before the code', ['Auth0SignInTimeout 2m'], 'Auth0SignInTimeout', qr/shorter than Auth0CodeLifetime/],
    ['C1', 'a connect timeout above the timeout', ['Auth0ConnectTimeout 20s'], 'Auth0ConnectTimeout', qr/longer than Auth0Timeout/],
    ['C1', 'a timeout below the connect timeout', ['Auth0Timeout 1s'], 'Auth0Timeout', qr/shorter than Auth0ConnectTimeout/],
    ['O17', 'max_age where codes are typed here', ['Auth0AuthorizeParam max_age 60'], 'Auth0AuthorizeParam', qr/max_age holds .* add "Auth0Login hosted"/],
    ['O17', 'prompt=login there', ['Auth0Login form', 'Auth0AuthorizeParam prompt login'], 'Auth0AuthorizeParam', qr/prompt holds .* add "Auth0Login hosted"/],
    ['O18', 'acr_values there', ['Auth0AuthorizeParam acr_values urn:x'], 'Auth0AuthorizeParam', qr/acr_values holds .* add "Auth0Login hosted"/],
    ['C1', 'an organization there', ['Auth0AuthorizeParam organization org_1'], 'Auth0AuthorizeParam', qr/organization holds .* add "Auth0Login hosted"/],
    ['G6', 'a secret that is not there', ["Auth0ClientSecret file:$files/none"], 'Auth0ClientSecret', qr/cannot read \Q$files\E\/none/],
    ['G6', 'a path for a secret', ["Auth0ClientSecret $secret"], 'Auth0ClientSecret', qr/put file: in front of it/],
    ['G6', 'a prefix in capitals', ["Auth0ClientSecret File:$secret"], 'Auth0ClientSecret', qr/in lower case/],
    ['C1', 'a scope without an ID token', ['Auth0Login hosted', 'Auth0Scope "profile email openidx"'], 'Auth0Scope', qr/lacks openid.* add it/],
    ['C1', 'a scope without the address', ['Auth0Scope "openid profile"'], 'Auth0Scope', qr/lacks email.* add it/],
    ['C1', "a scope without the number, at the tenant's page", ['Auth0Connection sms', 'Auth0Login hosted', 'Auth0Scope openid'], 'Auth0Scope', qr/lacks phone.* add it/],
    ['C1', 'a scope without the number', ['Auth0Connection sms', 'Auth0Scope "openid email"'], 'Auth0Scope', qr/lacks phone.* add it/],
    ['G6', 'a key beside a secret', ['Auth0ClientKey ' . keyfile('good')], 'Auth0ClientKey', qr/stands beside Auth0ClientSecret/],
    ['G6', 'a world-readable key', ['-Auth0ClientSecret', 'Auth0ClientKey ' . keyfile('open', 0604)], 'Auth0ClientKey', qr/chmod o-rwx/],
    ['G6', 'an encrypted key', ['-Auth0ClientSecret', 'Auth0ClientKey ' . keyfile('locked', 0600, qw(-aes128 -pass pass:word))], 'Auth0ClientKey', qr/is encrypted.*openssl pkey/],
    ['G6', 'a key that is too short', ['-Auth0ClientSecret', 'Auth0ClientKey ' . keyfile('short', 0600, qw(-pkeyopt rsa_keygen_bits:1024))], 'Auth0ClientKey', qr/1024 bits; the tenant takes 2048 to 4096/],
    ['G6', 'a secret for a key', ['-Auth0ClientSecret', "Auth0ClientKey $secret"], 'Auth0ClientKey', qr/holds no private key.*openssl genpkey/],
    ['C1', 'HS256 without a secret', ['-Auth0ClientSecret', 'Auth0ClientKey ' . keyfile('good'), 'Auth0IDTokenAlg HS256'], 'Auth0IDTokenAlg', qr/use RS256/],
    ['G6', 'a world-readable secret', ['Auth0ClientSecret file:' . file(open => "x\n", 0604)], 'Auth0ClientSecret', qr/chmod o-rwx/],
    ['G6', 'a world-writable secret', ['Auth0ClientSecret file:' . file(wopen => "x\n", 0602)], 'Auth0ClientSecret', qr/chmod o-rwx/],
    ['G6', 'an empty secret', ['Auth0ClientSecret file:' . file(empty => '')], 'Auth0ClientSecret', qr/is empty/],
    ['G6', 'a secret of two lines', ['Auth0ClientSecret file:' . file(two => "a\nb\n")], 'Auth0ClientSecret', qr/one line/],
    ['G6', 'a secret of 4097 bytes', ['Auth0ClientSecret file:' . file(long => 'x' x 4097)], 'Auth0ClientSecret', qr/4096/],
    ['G6', 'a folder for a secret', ["Auth0ClientSecret file:$files"], 'Auth0ClientSecret', qr/not a regular file/],
    ['G6', 'an environment without the secret', ['Auth0ClientSecret env:PWLESS_NO_SUCH'], 'Auth0ClientSecret', qr/no environment variable PWLESS_NO_SUCH/],
    ['G6', 'a program that is not there', ["Auth0ClientSecret exec:$files/none"], 'Auth0ClientSecret', qr/\Q$files\E\/none/],
    ['G6', 'a program nobody may run', ['Auth0ClientSecret exec:' . file(prog => "#!/bin/sh\n", 0600)], 'Auth0ClientSecret', qr/prog/],
    ['C3', 'a seal key in the configuration', ["Auth0SealKey $key"], 'Auth0SealKey', qr/openssl rand -base64 32/],
    ['C3', 'a short seal key', ['Auth0SealKey file:' . file(short => "AAAA\n")], 'Auth0SealKey', qr/openssl rand -base64 32/],
    ['C3', 'three seal keys', ['Auth0SealKey file:' . file(three => "$key\n" x 3)], 'Auth0SealKey', qr/one or two lines/],
    ['C3', 'a seal key that is not there', ["Auth0SealKey file:$files/none"], 'Auth0SealKey', qr/cannot read/],
    ['C3', 'a seal key anybody may read', ['Auth0SealKey file:' . file(seen => "$key\n", 0644)], 'Auth0SealKey', qr/chmod o-rwx/],
    ['C2', 'auth0.js without its file', ['Auth0Login auth0js'], 'Auth0Script', qr/npm pack auth0-js/],
    ['C2', 'auth0.js that is not there', ['Auth0Login auth0js', "Auth0Script $files/none.js"], 'Auth0Script', qr/none.js" cannot be read .*npm pack auth0-js/],
    ['C2', 'a folder for auth0.js', ['Auth0Login auth0js', "Auth0Script $files"], 'Auth0Script', qr/is no file: take/],
    ['C2', 'an empty auth0.js', ['Auth0Login auth0js', 'Auth0Script ' . file('empty.js' => '')], 'Auth0Script', qr/is empty: take/],
    ['C2', 'another script', ['Auth0Login auth0js', 'Auth0Script ' . file('jquery.js' => 'alert(1)')], 'Auth0Script', qr/is not auth0.js: take/],
    ['C2', 'auth0.js as a module', ['Auth0Login auth0js', 'Auth0Script ' . file('esm.js' => "$auth0js export{a}")], 'Auth0Script', qr/as a module/],
    ['C2', 'Lock for auth0.js', ['Auth0Login auth0js', 'Auth0Script ' . file('lock.js' => "$auth0js Auth0LockPasswordless")], 'Auth0Script', qr/is Lock, not/],
    ['C2', 'auth0.js of 4 MB and a byte', ['Auth0Login auth0js', 'Auth0Script ' . file('large.js' => $auth0js . ' ' x (4194305 - length $auth0js))], 'Auth0Script', qr/larger than 4 MB/],
    ['C2', 'auth0.js of another hash', ['Auth0Login auth0js', 'Auth0Script ' . file('auth0.js' => $auth0js) . ' sha384-' . 'A' x 64], 'Auth0Script', qr/not the file of that hash, its own is sha384-/],
    ['C2', 'auth0.js from elsewhere', ['Auth0Login auth0js', 'Auth0Script https://cdn.example/auth0.js sha384-' . 'A' x 64], 'Auth0Script', qr/names a URL, and auth0.js is served from here/],
    ['C2', 'Lock without its file', ['Auth0Login lock'], 'Auth0Script', qr/docs\/ways-in.md/],
    ['C2', 'lib/ of Lock', ['Auth0Login lock', 'Auth0Script ' . file('lib.js' => 'exports.Auth0LockPasswordless=require("x")')], 'Auth0Script', qr/part of Lock that loads the others/],
    ['C2', 'auth0.js for Lock', ['Auth0Login lock', 'Auth0Script ' . file('noauth0.js' => $auth0js)], 'Auth0Script', qr/is not Lock: take/],
    ['C2', 'HS256 with a secret too short to sign with', ['Auth0IDTokenAlg HS256', 'Auth0ClientSecret file:' . file(tiny => "abc\n")], 'Auth0IDTokenAlg', qr/16 bytes/],
);
for my $case (@together) {
    my ($row, $what, $lines, $directive, $cure) = @$case;
    my $host = host(@$lines);
    my $own = PwlessHttpd->new(host => $host);
    my ($status, $said) = $own->check;
    my ($line) = ((grep { /^$directive / } @$host), $host->[0]);
    my ($conf, $number) = ($own->conf, $own->line_of($line));
    isnt $status, 0, "$row: $what is refused";
    like $said, qr/\Q$conf\E:$number: host localhost: $directive\b/,
        "$row: $what: file, line, host and directive are named";
    like $said, $cure, "$row: $what: and the cure";
    unlike $said, qr/\Q$canary\E|\Q$key\E/, "G6: $what: no secret in the message";
}

# Parameters of /authorize: each once, and not too many. A host may set anew
# what the server around it has.
for my $case (['the same parameter twice', [], ['Auth0AuthorizeParam ext-x a', 'Auth0AuthorizeParam EXT-X b'], qr/"EXT-X" was set before/],
    ['17 parameters', [], [map { "Auth0AuthorizeParam ext-$_ x" } 1 .. 17], qr/"ext-17" is one too many/],
    ['16 parameters', [], [map { "Auth0AuthorizeParam ext-$_ x" } 1 .. 16], undef],
    ['one that the main server has, too', ['Auth0AuthorizeParam ext-x a'], ['Auth0AuthorizeParam ext-x b'], undef],
    ["the main server's, which ours cannot keep", ['Auth0AuthorizeParam max_age 60'], [], qr/max_age holds/],
    ["the main server's, which hosted can", ['Auth0AuthorizeParam max_age 60'], ['Auth0Login hosted'], undef]) {
    my ($what, $main, $lines, $cure) = @$case;
    my ($status, $said) = PwlessHttpd->new(main => $main, host => [@{host()}, @$lines])->check;
    if ($cure) {
        isnt $status, 0, "R15: $what: refused";
        like $said, $cure, "R15: $what: and why";
    } else {
        is $status, 0, "R15: $what: good" or diag $said;
    }
}

# Directives where they mean nothing, and rules that could not be judged.
my @placed = map { [@$_, undef] } (
    ['C1', 'a tenant for a location', 'Auth0Domain a.example', qr/not allowed (?:here|in <)/],
    ['C1', 'a secret for a location', 'Auth0ClientSecret env:HOME', qr/not allowed (?:here|in <)/],
    ['C1', 'a path for a location', 'Auth0Path /x/', qr/not allowed (?:here|in <)/],
    ['C1', 'a base URL for a location', 'Auth0BaseURL https://a.example', qr/not allowed (?:here|in <)/],
    ['C4', 'a claim without a value', 'Require auth0-claim department', qr/try: Require auth0-claim/],
    ['C4', 'a regex that is none', 'Require auth0-claim department ~ "(["', qr/regular expression/],
    ['C4', 'two regexes', 'Require auth0-claim department ~ a b', qr/one regular expression/],
    ['C4', 'no domain to come from', 'Require auth0-email-domain', qr/try: Require auth0-email-domain/],
    ['C4', 'a domain with an @', 'Require auth0-email-domain @example.org', qr/whole domains/],
    ['C4', 'a domain with a star', 'Require auth0-email-domain *.example.org', qr/whole domains/],
    ['M11', 'a provider nobody has', 'Require auth0-mail-domain example.org', qr/[Uu]nknown Authz provider/],
);
for my $case (@placed) {
    my ($row, $what, $line, $cure) = @$case;
    my $own = PwlessHttpd->new(host => [@{host()}, '<Location "/x">',
        'AuthType Auth0Passwordless', 'AuthName X', 'Require valid-user', $line,
        '</Location>']);
    my ($status, $said) = $own->check;
    my ($conf, $number) = ($own->conf, $own->line_of($line));
    isnt $status, 0, "$row: $what is refused";
    like $said, qr/line $number of \Q$conf\E:/, "$row: $what: file and line are named";
    like $said, $cure, "$row: $what: and what is wrong";
}

my @guard = ('<Location "/members">', 'AuthType Auth0Passwordless', 'AuthName "Members"',
    'Require valid-user', '</Location>');
for my $case (['in a host', [], \@guard], ['in the main server', \@guard, undef]) {
    my ($where, $main, $host) = @$case;
    my $own = PwlessHttpd->new(main => $main, host => $host);
    my ($status, $said) = $own->check;
    my $number = $own->line_of('AuthType Auth0Passwordless');
    isnt $status, 0, "C2: AuthType without Auth0Domain $where is refused";
    like $said, qr/\Q@{[$own->conf]}\E:$number: AuthType Auth0Passwordless/,
        "C2: $where: file, line and directive are named";
    like $said, qr/add Auth0Domain, Auth0ClientID and Auth0ClientSecret/,
        "C2: $where: and the cure";
}
{
    my $own = PwlessHttpd->new(main => \@tenant,
        host => ['Auth0Domain other.eu.auth0.com', 'Auth0BaseURL https://b.example']);
    my ($status, $said) = $own->check;
    isnt $status, 0, 'C1: a host of another tenant does not take the outer secret along';
    my ($conf, $number) = ($own->conf, $own->line_of('Auth0Domain other.eu.auth0.com'));
    like $said, qr/\Q$conf\E:$number: .*Auth0ClientSecret is missing/,
        'C1: and says so, naming a line of that host';
}
{
    my $own = PwlessHttpd->new(main => ['Auth0SealKey file:none', 'Auth0SealKey file:last', @tenant], host => \@guard);
    my ($status, $said) = $own->check;
    my ($conf, $number) = ($own->conf, $own->line_of('Auth0SealKey file:last'));
    isnt $status, 0, 'C1: what a host takes over is judged';
    my $lines = () = $said =~ /\Q$conf\E:$number: host localhost: Auth0SealKey cannot read/g;
    is $lines, 2, 'C1: and named where the main server says it last, for both';
}

# Sections with our AuthType and no Require: httpd would ask nobody to sign in.
# Row: what, the main server's lines, the host's, verdict.
my @bare = ('<Location "/members">', 'AuthType Auth0Passwordless', 'AuthName X', '</Location>');
sub with { my ($section, @lines) = @_; my ($word) = $section =~ /^<(\w+)/; return ($section, @lines, "</$word>") }
my $user = 'Require valid-user';
for my $case (
    ['nothing else', [], [@bare], 'error'],
    ['quotes about it', [], [with('<Location "/members">', 'AuthType "auth0passwordless"')], 'error'],
    ['a folder open to all', [with('<Directory "/srv">', 'Require all granted')], [@bare], 'error'],
    ['rules that ask no user', [], [with('<Location "/">', 'Require ip 10.0.0.0/8', 'Require local',
        '<RequireAll>', 'Require all granted', 'Require not host example.com', '</RequireAll>', 'Require method GET', 'Require env x', 'Require ssl')], 'error', @bare],
    ['a rule for another path', [], [@bare, with('<Location "/member">', $user)], 'error'],
    ['a rule in another host', [], [@bare], 'error', undef, with('<Location "/">', $user)],
    ['a folder and another folder', [], [with('<Directory "/srv/a">', 'AuthType Auth0Passwordless'),
        with('<Directory "/srv/b/">', $user, 'AllowOverride All')], 'error'],
    ['a pattern', [], [with('<LocationMatch "^/m">', 'AuthType Auth0Passwordless')], 'error'],
    ['no .htaccess', [with('<Directory "/srv">', 'AllowOverride FileInfo Options', 'AllowOverrideList Redirect')], [@bare], 'error'],
    ['a rule by pattern', [], [@bare, with('<LocationMatch "^/m">', $user)], 'warning'],
    ['a rule by the old pattern', [], [@bare, with('<Location ~ "^/m">', $user)], 'warning'],
    ['a rule for a folder', [with('<Directory "/srv">', $user)], [@bare], 'warning'],
    ['a rule with wild cards', [], [with('<Directory "/srv/a">', 'AuthType Auth0Passwordless'),
        with('<Directory "/srv/*/c">', $user)], 'warning'],
    ['a rule on a condition', [], [@bare, with('<If "-n req(\'X\')">', $user)], 'warning'],
    ['.htaccess with all', [with('<Directory "/srv">', 'AllowOverride All')], [@bare], 'warning'],
    ['.htaccess with rules', [with('<Directory "/srv">', 'AllowOverride None', 'AllowOverrideList Require')], [@bare], 'warning'],
    ['.htaccess of its own', [], [with('<Directory "/srv">', 'AuthType Auth0Passwordless', 'AllowOverride AuthConfig')], 'warning'],
    ['a rule below', [], [with('<Location "/">', 'AuthType Auth0Passwordless'), with('<Location "/members/">', $user)], ''],
    ['a rule above', [with('<Location "/">', 'Require user ann@example.org')], [@bare], ''],
    ['a rule for the same path', [], [@bare, with('<Location "/members/">', '<RequireAll>', 'Require all granted', 'Require not user eve@example.org', '</RequireAll>')], ''],
    ['a rule in a container', [], [with('<Location "/x">', 'AuthType Auth0Passwordless', '<RequireAny>', $user, '</RequireAny>')], ''],
    ['a rule for a method', [], [with('<Location "/x">', 'AuthType Auth0Passwordless', '<LimitExcept GET>', $user, '</LimitExcept>')], ''],
    ['files in a folder with a rule', [], [with('<Directory "/srv">', $user, '<Files "x">', 'AuthType Auth0Passwordless', '</Files>')], ''],
    ['a place that somebody opened', [], [with('<Location "/x">', 'AuthType Auth0Passwordless', 'Require all granted')], ''],
    ['the main server guarded by a host', [@tenant, @bare], [with('<Location "/members">', $user)], ''],
) {
    my ($what, $main, $lines, $verdict, @more) = @$case;
    my $other = @more && !defined $more[0] ? do { shift @more; my @in = splice @more;
        ['<VirtualHost *>', 'ServerName b.example', @in, '</VirtualHost>'] } : [];
    my $own = PwlessHttpd->new(main => [@$main, @$other], host => host(@$lines, @more));
    my ($status, $said) = $own->check;
    my ($line) = grep { /^AuthType/ } @$main, @$lines, @more;
    my ($conf, $number) = ($own->conf, $own->line_of($line));
    my ($why) = $said =~ /pwless: \Q$conf\E:$number: AuthType Auth0Passwordless stands in <.*> without a Require, (.*) httpd asks nobody to sign in there: add "Require valid-user"/;
    $why = '' unless defined $why;
    like $why, $verdict eq 'error' ? qr/and no other section brings one: so/
        : $verdict eq 'warning' ? qr/and unless another section or a \.htaccess file brings one,/ : qr/^$/,
        "C2, M11: AuthType without Require, $what: " . ($verdict || 'nothing to say') or diag $said;
    is !!$status, $verdict eq 'error', "C2: $what: " . ($verdict eq 'error' ? 'refused' : 'starts');
}

# The operator's page, which whoever gets there can sign everybody out with.
my $page = 'SetHandler auth0-sessions';
for my $case (
    ['nothing else', [], [with('<Location "/ops">', $page)], 1],
    ['an empty host around it', [], [$page], 1],
    ['a folder open to all', [with('<Location "/">', 'Require all granted')], [with('<Location "/ops">', $page)], 1],
    ['a rule for what is below', [], [with('<Location "/ops">', $page), with('<Location "/ops/x">', 'Require ip 192.0.2.1')], 1],
    ['a rule for a folder', [], [with('<Location "/ops">', $page), with('<Directory "/">', 'Require all denied')], 1],
    ['a rule of its own', [], [with('<Location "/ops">', $page, 'Require ip 192.0.2.1')], 0],
    ['a rule in a container', [], [with('<Location "/ops">', $page, '<RequireAny>', 'Require local', '</RequireAny>')], 0],
    ['a rule above', [], [with('<Location "/ops/">', 'Require ip 192.0.2.1'), with('<Location "/ops/sessions">', $page)], 0],
    ['a rule above in the main server', [with('<Location "/">', 'Require user ann')], [with('<Location "/ops">', $page)], 0],
    ['somebody opened it', [], [with('<Location "/ops">', $page, 'Require all granted')], 0],
    ['another handler', [], [with('<Location "/ops">', 'SetHandler auth0-status')], 0],
) {
    my ($what, $main, $lines, $warned) = @$case;
    my $own = PwlessHttpd->new(main => $main, host => host(@$lines));
    my ($status, $said) = $own->check;
    my ($conf, $number) = ($own->conf, $warned ? $own->line_of($page) : 0);
    is $status, 0, "G7: the page of sessions, $what: starts";
    is !!($said =~ /pwless: (\S+):(\d+): SetHandler auth0-sessions stands without a Require.*add one beside it/), !!$warned,
        "G7: $what: " . ($warned ? 'a warning' : 'nothing to say') or diag $said;
    is "$1:$2", "$conf:$number", "G7: $what: file and line are named" if $warned && $said =~ /(\S+):(\d+): SetHandler/;
}

{
    my $own = PwlessHttpd->new(host => host(with('<Location "/ops">', 'SetHandler Auth0-Sessions')));
    like +($own->check)[1], qr/SetHandler auth0-sessions stands without a Require/,
        'G7: the page of sessions, in the letter case httpd does not look at';
}

# And what works.
$ENV{PWLESS_TEST_SECRET} = $canary;
my $exec = file(exec => "#!/bin/sh\necho $canary\n", 0700);
my $longest = file(longest => 'x' x 4096);
my $strong = file(strong => 'x' x 16);
my $keys = file(keys => "$key\n" . 'B' x 42 . "A=\n");
my @good = (
    ['the four settings', host(@guard)],
    ['C7: the module without any of its directives', []],
    ['G6: a secret from the environment', host('Auth0ClientSecret env:PWLESS_TEST_SECRET')],
    ['G6: a secret from a program', host("Auth0ClientSecret \"exec:$exec a b\"")],
    ['G6: a secret as text', host("Auth0ClientSecret $canary")],
    ['G6: a secret of 4096 bytes', host("Auth0ClientSecret file:$longest")],
    ['HS256 with a secret of 16 bytes', host('Auth0IDTokenAlg HS256', "Auth0ClientSecret file:$strong")],
    ['PS256', host('Auth0IDTokenAlg ps256')],
    ['C3: two seal keys', host("Auth0SealKey file:$keys")],
    ['C2: plain http for development', host('-Auth0BaseURL', 'Auth0InsecureHTTP On')],
    ['C2: plain http behind a proxy that ends TLS', host('Auth0BaseURL https://www.example.org:8443')],
    ['a domain with a port', host('Auth0Domain localhost:4711')],
    ['C1: a client id of 256 characters', host('Auth0ClientID ' . 'a' x 256)],
    ['C1: the longest and the shortest code', host('Auth0CodeLength 12')],
    ['C1: times in every unit', host('Auth0SessionMax 8h', 'Auth0SessionIdle 15m',
        'Auth0ClockSkew 30s', 'Auth0ConnectTimeout 500ms', 'Auth0SignInTimeout 900')],
    ['C1: no address in a scope for the tenant to ask for', host('Auth0Login hosted', 'Auth0Scope openid')],
    ['C1: a scope with the number', host('Auth0Connection sms', 'Auth0Scope "openid phone"')],
    ['C1: the longest least time, and none', host('Auth0MinSendTime 10s', 'Auth0MinSendTime Off')],
    ['C1: one wait', host('Auth0ResendInterval 30')],
    ['C1: everything else at once', host('Auth0Connection email', 'Auth0Login hosted',
        'Auth0Scope "openid email"', 'Auth0Audience https://api.example.com/',
        'Auth0Path /sign-in/', 'Auth0ForwardClientIP Off', 'Auth0SiteName "Rowing Club"',
        'Auth0Logo /logo.png', 'Auth0Stylesheet https://cdn.example.org/x.css',
        'Auth0Theme dark', 'Auth0Help mailto:help@example.org', 'Auth0CodeLifetime 5m',
        'Auth0Proxy http://127.0.0.1:3128', 'Auth0RemoteUser sub', 'Auth0PassClaims env email',
        'Auth0Unauthenticated pass "%{REQUEST_URI} =~ m#^/open#"')],
    ['C4: every rule', host('<Location "/x">', 'AuthType Auth0Passwordless', 'AuthName X',
        '<RequireAny>', 'Require user ann@example.org', 'Require auth0-claim a b "c d"',
        'Require auth0-claim a ~ "^x y$"', 'Require auth0-email-domain example.org a.example',
        'Require expr "%{AUTH0_CLAIM:a} == \'b\'"', '</RequireAny>', '</Location>')],
);
for my $case (@good) {
    my ($what, $host) = @$case;
    my $own = PwlessHttpd->new(host => $host);
    my ($status, $said) = $own->check;
    is $status, 0, "$what is fine" or diag $said;
}
{
    my $own = PwlessHttpd->new(main => ['Auth0SessionStore shm(8m)', 'Auth0MaxCalls 3', @tenant, @guard],
        host => ['Auth0BaseURL https://b.example', @guard]);
    is +($own->check)[0], 0, 'C1: a host takes over what the main server says';
}
for my $mpm (qw(event worker prefork)) {
    SKIP: {
        skip "C2: no $mpm here", 1 unless -e "$ENV{PWLESS_MODULES}/mod_mpm_$mpm.so";
        my $own = PwlessHttpd->new(mpm => $mpm, host => host(@guard));
        is +($own->check)[0], 0, "C2: mpm_$mpm is fine";
    }
}

# Secrets stay out of what shows the configuration.
{
    my $own = PwlessHttpd->new(host => host(@guard));
    my ($status, $said) = $own->run('-t', '-D', 'DUMP_CONFIG');
    is $status, 0, 'G6: the configuration can be dumped';
    like $said, qr/Auth0ClientSecret file:/, 'G6: and shows where the secret is';
    unlike $said, qr/\Q$canary\E/, 'G6: not what it is';
}

# In .htaccess, what belongs to the server is an error, the rest works.
{
    my $dir = work() . "/t/htdocs/htaccess-$$";
    mkdir $dir or die "$dir: $!";
    chmod 0755, $dir;
    my $write = sub {
        open my $out, '>', "$dir/.htaccess" or die "$dir/.htaccess: $!";
        print $out @_;
        close $out;
        chmod 0644, "$dir/.htaccess";
    };
    open my $page, '>', "$dir/index.html" or die $!;
    print $page "page\n";
    close $page;
    my $nobody = Pwless->new('site');
    my $url = "/htdocs/htaccess-$$/";
    for my $line ('Auth0Domain evil.example', 'Auth0ClientSecret x', 'Auth0BaseURL https://evil.example',
        'Auth0Path /x/', 'Auth0SessionStore shm(1m)', 'Auth0InsecureHTTP On', 'Auth0SealKey x') {
        log_lines();
        $write->("$line\n");
        is $nobody->get($url)->code, 500, "C1: .htaccess may not say $line";
        ok +(grep { /\.htaccess: \w+ not allowed here/ } log_lines()),
            'C1: the log names file and directive';
    }
    $write->("AuthType Auth0Passwordless\nAuthName X\nRequire valid-user\nAuth0Unauthenticated 401\n");
    is $nobody->get($url)->code, 401, 'C1: .htaccess may guard a folder';
    $write->("AuthType Auth0Passwordles\nAuthName X\nRequire valid-user\n");
    is $nobody->get($url)->code, 500, 'M11: a mistyped AuthType closes it';
    $write->("AuthType Auth0Passwordless\nAuthName X\nRequire valid-user\nAuth0SessionMax 0\n");
    is $nobody->get($url)->code, 500, 'C1: a bad value there closes it';
    $write->("AuthType Auth0Passwordless\nAuthName X\nRequire auth0-claim a ~ \"([\"\n");
    is $nobody->get($url)->code, 500, 'C4: and so does a rule that cannot be judged';
}

# M11, on a server that runs: mistakes about AuthType close, never open.
{
    my $own = PwlessHttpd->site(host => [
        with('<Location "/unset">', $user),
        with('<Location "/unknown">', 'AuthType Auth0Passwordless2', 'AuthName X', $user),
        with('<Location "/none">', 'AuthType None', 'AuthName X', $user)],
        main => [map { "Alias /$_ " . work() . '/t/htdocs/open' } qw(unset unknown none open2)]);
    ok $own->start, 'M11: it starts' or diag $own->said, $own->log_text;
    my $nobody = Pwless->new($own->url);
    is $nobody->get("/$_/index.html")->code, 500, "M11: Require with AuthType $_ is closed"
        for qw(unset unknown none);
    is $nobody->get('/open2/index.html')->code, 200, 'M11: while what nothing guards is open';
}

# A server that runs: what it warns of, what it leaves about.
sub shared_maps {
    my ($pid) = @_;
    open my $in, '<', "/proc/$pid/maps" or return -1;
    return scalar grep { / rw-s / } <$in>;
}
{
    my %before = map { $_ => 1 } glob '/dev/shm/* /tmp/*auth0* /tmp/*pwless*';
    my $own = PwlessHttpd->new(host => host('-Auth0BaseURL', 'Auth0InsecureHTTP On', @guard));
    ok $own->start, 'C2: it starts on plain http' or diag $own->said, $own->log_text;
    like $own->log_text, qr/Auth0InsecureHTTP is On for localhost.*development only/,
        'C2: and warns of it';
    my $mine = join '|', grep { $_ } $own->pid || 'none', $own->children;
    my @left = grep { !$before{$_} } glob '/dev/shm/* /tmp/*auth0* /tmp/*pwless*';
    is "@left", '', 'C6: no file of ours in a folder that all may write to';
    unlike scalar qx(ipcs -mp), qr/\b(?:$mine)\b/, 'C6: no System V segment others could open';
    my @loose = grep { -f && S_IMODE((stat _)[2]) & 0022 } glob $own->dir . '/*';
    is "@loose", '', 'C6: no file that others may write';
    unlike $own->log_text, qr/\Q$canary\E/, 'G6: the log holds no secret';
    $own->stop;
}
{
    my $without = PwlessHttpd->new(module => 0, host => []);
    my $unused = PwlessHttpd->new(host => []);
    my $ua = LWP::UserAgent->new;
    my %seen;
    for my $own ($without, $unused) {
        ok $own->start, 'C7: it starts' or diag $own->said, $own->log_text;
        my $res = $ua->get($own->url . '/no-such', 'X-Auth0-Email' => 'kept@example.org');
        $seen{$own} = join ' ', $res->code, sort grep { !/^(?:client|date)/i } $res->header_field_names;
        $seen{"maps$own"} = shared_maps($own->pid);
    }
    is $seen{$unused}, $seen{$without}, 'C7: loaded and unused, it adds no header';
    is $seen{"maps$unused"}, $seen{"maps$without"}, 'C7: and no shared memory';
    unlike $unused->log_text, qr/pwless/, 'C7: and no line in the log';
}
done_testing;
