# SPDX-License-Identifier: Apache-2.0
# Configurations: what hosts take over from the main server and what is theirs
# alone, and what `httpd -t` warns of.
use strict;
use warnings;
use Apache::Test qw(-withtestmore);
use Pwless qw(tenant work);
use PwlessHttpd;

tenant(POST => '/reset');

my @tenant = ('Auth0Domain example.eu.auth0.com', 'Auth0ClientID AbC123',
    'Auth0ClientSecret env:PWLESS_TEST_SECRET');
my @guard = ('<Location "/members">', 'AuthType Auth0Passwordless', 'AuthName X',
    'Require valid-user', '</Location>');
$ENV{PWLESS_TEST_SECRET} = 'a-secret-of-the-test';

my $files = work() . "/config-hosts-$$";
mkdir $files or die "$files: $!";
open my $out, '>', "$files/keys" or die "$files/keys: $!";
print $out 'A' x 43, "=\n";
close $out or die "$files/keys: $!";
chmod 0600, "$files/keys";

# What `httpd -t` says of us, and whether it is content.
sub judge {
    my ($own) = @_;
    my ($status, $said) = $own->check;
    return ($status, join "\n", grep { /pwless:/ } split /\n/, $said);
}

# Auth0BaseURL of the main server is no other host's, whether there is a line
# of ours in that host or not.
{
    my %base;
    for my $case (['no line of ours', []], ['one in a section', [
        '<Location "/x">', 'Auth0SessionIdle 10m', '</Location>']],
        ['one of its own', ['Auth0SiteName "Rowing Club"']]) {
        my ($what, $lines) = @$case;
        my $own = PwlessHttpd->new(main => [@tenant, 'Auth0InsecureHTTP On',
            'Auth0BaseURL http://www.example.org', @guard], host => $lines);
        my ($status, $said) = judge($own);
        my ($conf, $number) = ($own->conf, $own->line_of('Auth0BaseURL http://www.example.org'));
        my $host = $own->line_of("<VirtualHost 127.0.0.1:$own->{port}>");
        is $status, 0, "C1: a host with $what beside an address outside: starts" or diag $said;
        like $said, qr/\Q$conf\E:$number: host localhost: Auth0BaseURL is of the main server alone, and the host at \Q$conf\E:$host goes by \Q@{[$own->url]}\E: put a line of its own into its <VirtualHost>/,
            "C1: $what: and says which address it goes by";
        ok $own->start, "C1: $what: it starts" or diag $own->said, $own->log_text;
        like $own->said, qr/Auth0BaseURL is of the main server alone/, "C1: $what: the start says it, too";
        my $nobody = Pwless->new($own->url);
        my $res = $nobody->get('/.auth0/login');
        my ($token) = $res->decoded_content =~ /name="?t"? value="?([^" >]+)/;
        is $res->code, 200, "C1: $what: the form is there";
        $res = $nobody->post('/.auth0/login', {t => $token, email => 'nobody'}, {Origin => $own->url});
        is $res->code, 422, "C1: $what: and taken from the host's own address";
        $res = $nobody->post('/.auth0/login', {t => $token, email => 'nobody'}, {Origin => 'http://www.example.org'});
        is $res->code, 403, "C1: $what: not from the main server's";
        like $own->log_text, qr{reason=origin-foreign ref=\S+: from http://www\.example\.org, expected \Q@{[$own->url]}\E},
            "C1: $what: the log names both";
        $own->stop;
    }
}

# A host whose name httpd makes up has an address that nobody knows.
for my $case (
    ['a host without a name', ['<VirtualHost 127.0.0.1:4711>', @tenant, @guard, '</VirtualHost>'], 1],
    ['a host for any address without a name', ['<VirtualHost *:4711>', @tenant, '</VirtualHost>'], 1],
    ['the only server without a name', [@tenant, @guard], 1],
    ['a host with an address', ['<VirtualHost *:4711>', @tenant, 'Auth0BaseURL https://www.example.org', '</VirtualHost>'], 0],
    ['a host with a name', ['<VirtualHost *:4711>', @tenant, 'ServerName www.example.org', '</VirtualHost>'], 0],
    ['a host with a name on a condition', ['<VirtualHost *:4711>', @tenant, '<IfModule core.c>', 'ServerName www.example.org', '</IfModule>', '</VirtualHost>'], 0],
    ['a frame without a name about a host with one', [@tenant, '<VirtualHost *:4711>', 'ServerName www.example.org', @guard, '</VirtualHost>'], 0],
    ['a name in the main server', ['ServerName www.example.org', '<VirtualHost *:4711>', @tenant, '</VirtualHost>'], 0],
    ['a name there, and a host of one address', ['ServerName www.example.org', '<VirtualHost 127.0.0.1:4711>', @tenant, '</VirtualHost>'], 1],
) {
    my ($what, $lines, $bad) = @$case;
    my $own = PwlessHttpd->new(main => $lines, no_name => 1);
    my ($status, $said) = judge($own);
    my ($conf, $number) = ($own->conf, $own->line_of($tenant[0]));
    is !!$status, !!$bad, "C2: $what: " . ($bad ? 'refused' : 'starts') or diag $said;
    like $said, $bad ? qr/\Q$conf\E:$number: host .*: Auth0BaseURL is missing, and there is no ServerName/
        : qr/^$/, "C2: $what: " . ($bad ? 'and why' : 'without a word');
}
{
    my $own = PwlessHttpd->new(no_name => 1, main => [@tenant,
        '<VirtualHost 127.0.0.1:4711>', '</VirtualHost>']);
    my ($status, $said) = judge($own);
    my ($conf, $number) = ($own->conf, $own->line_of('<VirtualHost 127.0.0.1:4711>'));
    is $status, 0, 'C2: a host that is there for something else may be without a name';
    like $said, qr/\Q$conf\E:$number: this host has neither ServerName nor Auth0BaseURL and goes by https:.*add ServerName/,
        'C2: with a warning';
}

# What works, and hardly as it was meant: main lines, host lines, the line
# that is named, what is said of it.
for my $case (
    ['a pause longer than the life', [], ['Auth0SessionMax 30m', 'Auth0SessionIdle 2h'], 'Auth0SessionIdle 2h', qr/longer than Auth0SessionMax/],
    ['longer than the default', [], ['Auth0SessionIdle 9h'], 'Auth0SessionIdle 9h', qr/longer than Auth0SessionMax/],
    ['in a section, of a life outside', ['Auth0SessionMax 1h'], ['<Location "/x">', 'Auth0SessionIdle 61m', '</Location>'], 'Auth0SessionIdle 61m', qr/longer than Auth0SessionMax/],
    ['as long as the life', [], ['Auth0SessionIdle 8h'], undef],
    ['in another section than the short life', [], ['<Location "/y">', 'Auth0SessionMax 5m', '</Location>', '<Location "/x">', 'Auth0SessionIdle 10m', '</Location>'], undef],
    ['in a section of a life that another one makes long', [], ['<Location "/">', 'Auth0SessionMax 24h', '</Location>', '<Location "/x">', 'Auth0SessionIdle 12h', '</Location>'], undef],
    ['a code of 601 seconds', [], ['Auth0CodeLifetime 601'], 'Auth0CodeLifetime 601', qr/more than 10 minutes/],
    ['a code of 10 minutes', [], ['Auth0CodeLifetime 10m'], undef],
    ['a secret in the configuration', [], ['Auth0ClientSecret not-so-secret'], 'Auth0ClientSecret not-so-secret', qr/put it in a file/],
    ['an address beside a host with its own', ['Auth0BaseURL https://a.example'], ['Auth0BaseURL https://b.example'], undef],
) {
    my ($what, $main, $lines, $line, $word) = @$case;
    my $own = PwlessHttpd->new(main => $main,
        host => [@tenant, 'Auth0BaseURL https://www.example.org', @$lines]);
    my ($status, $said) = judge($own);
    my ($conf, $number) = ($own->conf, $line ? $own->line_of($line) : 0);
    is $status, 0, "C1: $what: starts" or diag $said;
    like $said, $line ? qr/\Q$conf\E:$number: .*$word/ : qr/^$/,
        "C1: $what: " . ($line ? 'with a word about it' : 'nothing to say');
    unlike $said, qr/not-so-secret/, 'G6: no secret in it';
}
# TLS ends in front, and nobody told us: each answer sends the browser to where
# it comes from.
for my $case (['https', 1], ['HTTPS, http', 1], ['httpsx', 0], ['http, https', 0], [undef, 0]) {
    my ($proto, $told) = @$case;
    my $what = 'X-Forwarded-Proto: ' . (defined $proto ? $proto : 'none');
    my $own = PwlessHttpd->new(main => ['MaxRequestWorkers 16'], host => [@tenant, @guard,
        "Auth0SealKey file:$files/keys", 'Auth0Languages en fr']);
    ok $own->start, "P1: $what: an https host on a plain port starts" or diag $own->said, $own->log_text;
    (my $https = $own->url) =~ s/^http/https/;
    like $own->log_text, qr/pwless: version \S+ ready, session table of \d+ KB/, 'C1: the start tells the version';
    like $own->log_text, qr{pwless: \Q$https\E: tenant example\.eu\.auth0\.com, a secret from the environment, Auth0SealKey, languages en fr$}m,
        'C1: and of each host its address, tenant, keys and languages';
    my $nobody = Pwless->new($own->url);
    my $first = int(time / 60);
    for my $path ('/members/', '/.auth0/login', '/members/') {
        my $res = $nobody->get($path, {'X-Forwarded-Proto' => $proto});
        like $res->code, qr/^30[23]$/, "P1: $what: $path is sent to https, whatever it says";
        like $res->header('Location'), qr{^\Q$https\E/\.auth0/login}, "P1: $what: of this host";
    }
    my $minutes = int(time / 60) - $first + 1;
    my @told = $own->log_text =~ /(\[auth0_pwless:info\].*came by plain http, \Q$https\E)/g;
    my @warned = $own->log_text =~ /(\[auth0_pwless:warn\].*X-Forwarded-Proto says https.*add "Auth0BaseURL \Q$https\E" to this host)/g;
    is scalar @told, $told ? 0 : 3, "P1: $what: the log has it";
    # Each child has a minute of its own; prefork has more of them than we ask times.
    my $most = $ENV{PWLESS_MPM} eq 'prefork' ? 3 : $minutes;
    ok $told ? @warned >= 1 && @warned <= $most : !@warned,
        "P1: $what: " . ($told ? 'with a warning, once a minute in a child' : 'without a warning')
        or diag scalar @warned;
    unlike $own->log_text, qr/a-secret-of-the-test/, 'G6: no secret in it';
    $own->stop;
}
done_testing;
