# SPDX-License-Identifier: Apache-2.0
# H5: a folder whose index file, or a name whose variant, has sections of its own. What
# the application is told must not depend on how it was asked for.
use strict;
use warnings;
use Test::More;
use Pwless qw(tenant);
use PwlessHttpd;

tenant(POST => '/reset');
tenant(POST => '/set', {limits => undef});

my @guard = ('AuthType Auth0Passwordless', 'AuthName A', 'Require valid-user');
my @open = ('AuthType None', 'Require all granted');

# For each: what the folder says, what the file says, and some of what the file's
# application must and must not find.
my @cases = (
    [alike => [@guard], [], ['AUTH0_EMAIL', 'HTTP_X_AUTH0_EMAIL', 'REMOTE_USER'], ['AUTH0_ACCESS_TOKEN']],
    [fewer => [@guard], ['Auth0PassClaims env sub'], ['AUTH0_SUB', 'REMOTE_USER'],
        ['AUTH0_EMAIL', 'HTTP_X_AUTH0_EMAIL', 'HTTP_X_AUTH0_SUB']],
    [none => [@guard], ['Auth0PassClaims none'], ['REMOTE_USER'], ['AUTH0_SUB', 'HTTP_X_AUTH0_SUB']],
    [more => [@guard, 'Auth0PassClaims none'], ['Auth0PassClaims both'],
        ['AUTH0_SUB', 'HTTP_X_AUTH0_SUB', 'REMOTE_USER'], []],
    [closed => ['Require all granted'], [@guard], ['AUTH0_SUB', 'HTTP_X_AUTH0_SUB', 'REMOTE_USER'], []],
    [opened => [@guard, 'Auth0PassToken both'], [@open], [],
        ['AUTH0_SUB', 'HTTP_X_AUTH0_SUB', 'REMOTE_USER', 'AUTH_TYPE', 'AUTH0_ACCESS_TOKEN', 'HTTP_X_AUTH0_ACCESS_TOKEN']],
    [other => [@guard], ['Auth0RemoteUser sub'], ['REMOTE_USER', 'AUTH0_EMAIL'], []],
    [env => [@guard], ['Auth0PassToken env'], ['AUTH0_ACCESS_TOKEN'], ['HTTP_X_AUTH0_ACCESS_TOKEN']],
    [kept => [@guard, 'Auth0PassToken both'], ['Auth0PassToken none'], ['AUTH0_SUB'],
        ['AUTH0_ACCESS_TOKEN', 'HTTP_X_AUTH0_ACCESS_TOKEN']],
    [unborne => [@guard, 'Auth0PassToken bearer'], ['Auth0PassToken none'], ['AUTH0_SUB'], ['HTTP_AUTHORIZATION']],
    [borne => [@guard], ['Auth0PassToken bearer'], ['HTTP_AUTHORIZATION'], []],
    [lent => ['Require all granted'], ['AuthType Auth0Passwordless', 'AuthName A', 'Require all granted',
        'Auth0PassToken bearer'], [], ['HTTP_AUTHORIZATION', 'AUTH0_SUB']],
    [fallen => [@guard, 'Auth0PassToken bearer'], [@open], [], ['HTTP_AUTHORIZATION', 'AUTH0_SUB']],
);

my $own = PwlessHttpd->site(
    modules => [PwlessHttpd::basic_modules(), 'negotiation',
        ($ENV{PWLESS_MPM} eq 'prefork' ? 'cgi' : 'cgid'), 'auth0_pwless'],
    main => ['<IfModule mod_cgid.c>', 'ScriptSock ${OWN}/cgisock', '</IfModule>'],
    host => ['Auth0Audience https://api.example.org',
        '<Directory "${OWN}/htdocs">', 'Options +ExecCGI +MultiViews +Includes', 'MultiviewsMatch Handlers',
        'AddHandler cgi-script .cgi', 'CGIPassAuth On', 'DirectoryIndex env.cgi', '</Directory>',
        map {
            my ($name, $folder, $file) = @$_;
            ("<Directory \"\${OWN}/htdocs/$name\">", @$folder, '<Files "env.cgi">', @$file, '</Files>', '</Directory>')
        } @cases]);
for my $name (map { $_->[0] } @cases) {
    my $dir = $own->dir . "/htdocs/$name";
    mkdir $dir or die "$dir: $!";
    open my $out, '>', "$dir/env.cgi" or die "$dir: $!";
    print $out "#!/bin/sh\necho Content-Type: text/plain\necho\nenv\n";
    close $out or die;
    chmod 0755, "$dir/env.cgi", $dir, $own->dir;
    open $out, '>', $own->dir . "/htdocs/open/$name.html" or die;
    print $out "<!--#include virtual=\"/$name/\" -->\n";
    close $out or die;
}
$own->start or BAIL_OUT($own->said . $own->log_text);

# What the application was told, sorted, each as often as it stands there.
sub told {
    my ($who, $path, $headers) = @_;
    my $res = $who->get($path, $headers);
    is $res->code, 200, "H5: $path";
    return join "\n", sort grep { /^(?:REMOTE_USER|AUTH_TYPE|AUTH0_\w+|HTTP_X_AUTH0_\w+|HTTP_AUTHORIZATION)=/ }
        split /\n/, $res->content;
}

my $ann = Pwless->new($own->url);
is $ann->sign_in('ann@example.org', '/members/')->code, 303, 'signed in' or diag $own->log_text;
for my $case (@cases) {
    my ($name, undef, undef, $there, $not) = @$case;
    my $told = told($ann, "/$name/env.cgi");
    Pwless::remember(token => $_) for $told =~ /(?:TOKEN=|Bearer )(\S+)/g;
    like $told, qr/^$_=./m, "H5: $name: $_" for @$there;
    unlike $told, qr/^$_=/m, "H5: $name: no $_" for @$not;
    is told($ann, "/$name/"), $told, "H5: $name: the same by the folder";
    is told($ann, "/$name/env"), $told, "H5: $name: the same by MultiViews";
    is told($ann, "/open/$name.html"), $told, "H5: $name: the same in a page that includes the folder";
}

# ---- nobody signed in ---------------------------------------------------------------
my $bob = Pwless->new($own->url);
my %forged = ('X-Auth0-Email' => 'ann@example.org', 'X-Auth0-Sub' => 'email|x');
is $bob->get('/closed/', \%forged)->code, 401, 'H5: an open folder does not open the file';
is $bob->get('/opened/', \%forged)->code, 302, 'H5: nor the file the folder';
is told($bob, '/opened/env.cgi', \%forged), '', 'H5: who asks for the open file by name is nobody';

is told($bob, $_, {%forged, Authorization => 'Bearer forged'}), '',
    "H10: where the header is ours to write, nobody else's is passed on: $_" for '/lent/env.cgi', '/lent/', '/lent/env';

my @log = grep { /pwless|\[(?:crit|alert|emerg)\]/ && /:(?:error|crit|alert|emerg)\]/ } split /\n/, $own->log_text;
is_deeply \@log, [], 'H5: no error in the log';
$own->stop;
is_deeply tenant(GET => '/errors'), [], 'the stand-in had no trouble';
done_testing;
