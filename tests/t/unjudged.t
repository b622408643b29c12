# SPDX-License-Identifier: Apache-2.0
# Requests of which nobody can say whose they are: in the middle of another one
# while the store does not answer, and after one that httpd could not read.
use strict;
use warnings;
use Test::More;
use Pwless qw(work);
use PwlessHttpd;

my $seal = work() . "/unjudged-$$.seal";
open my $out, '>', $seal or die "$seal: $!";
print $out 'QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY=', "\n";
close $out;
chmod 0600, $seal;
my $closed = PwlessHttpd::free_port(); # where no Redis listens

my @ours = ('AuthType Auth0Passwordless', 'AuthName A', 'Require valid-user');
my $own = PwlessHttpd->site(
    modules => [PwlessHttpd::basic_modules(), qw(autoindex rewrite auth0_pwless)],
    main => ["Auth0SessionStore redis://127.0.0.1:$closed", "Auth0SealKey file:$seal"],
    host => ['<Directory "${OWN}/htdocs/open/front">', 'DirectoryIndex /members/index.html index.html',
        '</Directory>', '<Directory "${OWN}/htdocs/list">', 'Options +Indexes',
        'DirectoryIndex disabled', 'IndexOptions FancyIndexing', 'Require all granted', '</Directory>',
        '<Directory "${OWN}/htdocs/list/closed">', @ours, '</Directory>',
        'RewriteEngine On', 'RewriteCond %{REQUEST_URI} ^/ahead/', 'RewriteCond %{LA-U:REMOTE_USER} =ann',
        'RewriteRule .* - [F]', '<Location "/ahead">', @ours, '</Location>',
        'ErrorDocument 400 /members/index.html']);

sub put {
    my ($path, $text) = @_;
    my $file = $own->dir . "/htdocs/$path";
    mkdir $file =~ s{/[^/]*$}{}r;
    open my $page, '>', $file or die "$file: $!";
    print $page $text;
    close $page or die $file;
    return;
}
put('open/front/index.html', "the open page\n");
put('list/file.txt', "a file\n");
put('list/closed/index.html', "a guarded page\n");
put('open/around.html', qq(before <!--#include virtual="/members/index.html" --> after\n));
put('ahead/index.html', "ahead\n");
chmod 0755, $own->dir;
ok $own->start, 'it starts' or diag $own->said, $own->log_text;
my $who = Pwless->new($own->url);

# Two requests on one connection: a 503 ends it, else both are answered. Answers what
# came for the first, whole, once it is seen that the rest is in its place.
sub first_of_two {
    my ($what, $status, $path, @headers) = @_;
    my $socket = $who->connection;
    print $socket map { "$_\r\n" } "GET $path HTTP/1.1", 'Host: localhost', 'Accept: text/html',
        @headers, '', 'GET /open/front/index.html HTTP/1.1', 'Host: localhost', 'Connection: close', '';
    my $all = do { local $/; <$socket> };
    my ($first, @others) = split m{(?=HTTP/1\.1 \d{3} )}, $all;
    like $first, qr/\AHTTP\S+ $status /, "$what: $status";
    is scalar @others, $status == 503 ? 0 : 1, "$what: one answer for each request";
    like $others[0], qr/\A\S+ 200 .*\r\n\r\nthe open page\n\z/s, "$what: the next is in its place" if @others;
    return $first;
}

my $COOKIE = 'Cookie: auth0-session=' . 'A' x 43;
first_of_two('the store does not answer', 503, '/members/index.html', $COOKIE);
for my $case (['a DirectoryIndex', '/open/front/', 200, qr/\r\n\r\nthe open page\n\z/],
    ['a listing', '/list/', 200, qr/file\.txt/],
    ['an included page', '/open/around.html', 200, qr/before .*an error occurred.* after/s],
    ['a look-ahead', '/ahead/index.html', 503, qr/<form|<html/]) {
    my ($what, $path, $status, $want) = @$case;
    my $answer = first_of_two("M12: $what", $status, $path, $COOKIE);
    like $answer, $want, "M12: $what: answers as it should";
    is scalar(() = $answer =~ /<html/gi), $status == 503 || $what eq 'a listing' ? 1 : 0,
        "M12: $what: with no page in the page";
    unlike $answer, qr/no-store|Retry-After/, "M12: $what: and nothing of ours" if $status == 200;
    unlike $answer, qr/a guarded page|page in members/, "M12: $what: nor of what is guarded";
}

# ---- a request that httpd could not read --------------------------------------------
# It goes to the ErrorDocument without the hook in which we look at requests.
my $before = length $own->log_text;
for my $bad ("GET / HTTP/1.1\r\nHost: localhost\r\nno header\r\n\r\n",
    "GET / HTTP/1.1\r\n\r\n") {
    my $res = $who->raw($bad);
    is $res->code, 400, 'M12: a request that cannot be read: 400';
    unlike $res->content, qr/page in members/, 'M12: its guarded ErrorDocument stays closed';
}
unlike substr($own->log_text, $before), qr/Auth0Domain/,
    'and the log does not ask for a setting that is there';
$own->let_go;
done_testing;
