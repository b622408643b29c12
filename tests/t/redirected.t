# SPDX-License-Identifier: Apache-2.0
# Where an internal redirect leads to a place that the same sections guard, httpd asks
# nobody about the user again; unless mod_lua is loaded, as in identity.t. The
# application is told all the same who is there.
use strict;
use warnings;
use Test::More;
use Pwless qw(tenant);
use PwlessHttpd;

my @tenant = ("Include $ENV{PWLESS_WORK}/t/conf/defines.conf",
    "Include $ENV{PWLESS_WORK}/t/conf/tenant.conf", 'Auth0InsecureHTTP On');
my @guard = ('AuthType Auth0Passwordless', 'AuthName Members', 'Auth0PassToken both', 'Require valid-user');
my $files = '<Directory "${OWN}/htdocs">';

sub site {
    my ($section, @more) = @_;
    my $own = PwlessHttpd->new(
        modules => [PwlessHttpd::basic_modules(), qw(rewrite actions),
            ($ENV{PWLESS_MPM} eq 'prefork' ? 'cgi' : 'cgid'), 'auth0_pwless'],
        main => ['<IfModule mod_cgid.c>', 'ScriptSock ${OWN}/cgisock', '</IfModule>'],
        host => [@tenant, $files, 'Options +ExecCGI', 'AddHandler cgi-script .cgi', '</Directory>',
            "<$section>", @guard, "</@{[$section =~ /(\w+)/]}>",
            '<Directory "${OWN}/htdocs/members">', 'RewriteEngine On',
            'RewriteRule "^page/" "env.cgi"', '</Directory>',
            'ErrorDocument 404 /members/env.cgi', 'Action shown /members/env.cgi',
            'AddHandler shown .act', @more]);
    my %text = ('members/no.html' => "guarded\n",
        'members/around.html' => '<!--#include virtual="/members/page/1" -->', 'members/env.cgi' => "#!/bin/sh\necho Content-Type: text/plain\necho\nenv\n",
        'members/x.act' => 'x', 'open/no.html' => "not for you\n");
    for my $name (keys %text) {
        my $path = $own->dir . "/htdocs/$name";
        open my $out, '>', $path or die "$path: $!";
        print $out $text{$name};
        close $out or die $path;
        chmod 0755, $path;
    }
    $own->start or BAIL_OUT($own->said . $own->log_text);
    return $own;
}

sub env { return map { /^(\w+)=(.*)$/ ? ($1 => $2) : () } split /\n/, $_[0]->content }

tenant(POST => '/reset');
tenant(POST => '/set', {limits => undef});
my %forged = ('X-Auth0-Email' => 'mallory@evil.example', 'X-Auth0-Sub' => 'mallory');
for my $section ('Location "/members"', 'Directory "${OWN}/htdocs/members"') {
    my ($name) = $section =~ /(\w+)/;
    my $own = site($section);
    my ($nobody, $ann) = map { Pwless->new($own->url) } 1, 2;
    $ann->sign_in('ann@example.org', '/members/');
    my %plain = env($ann->get('/members/env.cgi', \%forged));
    ok $plain{AUTH0_ACCESS_TOKEN}, "$name: a token is passed";
    for my $case (['a front controller', '/members/page/1'], ['included', '/members/around.html'],
        ['an Action', '/members/x.act'],
        ['an ErrorDocument', '/members/no-such']) {
        my ($what, $path) = @$case;
        my $res = $ann->get($path, \%forged);
        my %env = env($res);
        for my $told ('REMOTE_USER', 'AUTH_TYPE', map { ($_, "HTTP_X_$_") } qw(AUTH0_EMAIL AUTH0_SUB AUTH0_ACCESS_TOKEN)) {
            my $want = $told =~ /^HTTP_X_(.*)/ ? $plain{$1} : $plain{$told};
            is $env{$told}, $want, "H5: $name, $what: $told";
        }
        unlike $res->content, qr/mallory/, "H5: $name, $what: nothing forged";
        $res = $nobody->get($path, \%forged);
        unlike $res->content, qr/mallory|REMOTE_USER=|AUTH0_/, "H5: $name, $what: nobody is nobody";
    }
}

# ---- where Require says no ------------------------------------------------------------
{
    my $own = site('Location "/members"', '<Location "/members/few">', 'Require user nobody',
        'ErrorDocument 403 /open/no.html', '</Location>', '<Location "/members/fewer">',
        'Require user nobody', 'ErrorDocument 403 /members/fewer/no.html', '</Location>',
        'AliasMatch "^/members/fewer/(.*)" "${OWN}/htdocs/members/$1"');
    my $ann = Pwless->new($own->url);
    $ann->sign_in('ann@example.org', '/members/');
    my $res = $ann->get('/members/few/');
    is $res->code, 403, 'M12: signed in, and refused';
    is $res->content, "not for you\n", 'M12: the ErrorDocument is that of the location';
    $res = $ann->get('/members/fewer/');
    is $res->code, 403, 'M12: where the same rule refuses the document';
    like $res->content, qr/ann\@example\.org/, 'M12: it is our own page';
}
done_testing;
