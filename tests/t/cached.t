# SPDX-License-Identifier: Apache-2.0
# Behind mod_cache: what one person got is never another's.
use strict;
use warnings;
use Apache::Test ();
use Test::More;
use Pwless qw(tenant work);
use PwlessHttpd;

tenant(POST => '/reset');
tenant(POST => '/set', {limits => undef});

my $back = 'http://127.0.0.1:' . Apache::Test::config()->{vhosts}{backend}{port};

my @gone; # on their way out: nobody waits for each

# Everything that may be stored is, for ten minutes.
sub cached {
    my (%with) = @_;
    my $own = PwlessHttpd->site(
        modules => [PwlessHttpd::basic_modules(), qw(proxy proxy_http cache), @{$with{modules}},
            'auth0_pwless'],
        main => ['LogLevel cache:debug'],
        host => ["CacheEnable $with{store} /", 'CacheIgnoreNoLastMod On', 'CacheDefaultExpire 600',
            'CacheHeader On', @{$with{lines}},
            "ProxyPass /app $back/app",
            '<Location "/app">', 'AuthType Auth0Passwordless', 'AuthName App',
            'Require valid-user', '</Location>',
            '<Location "/pass">', 'AuthType Auth0Passwordless', 'AuthName Pass',
            'Auth0Unauthenticated pass', 'Require valid-user', '</Location>',
            'Alias /pass ' . work() . '/t/htdocs/open']);
    mkdir $own->dir . '/cache';
    chmod 0777, $own->dir . '/cache'; # its children write there
    for my $place (qw(open members)) {
        open my $out, '>', $own->dir . "/htdocs/$place/page.txt" or die $place;
        print $out "page in $place\n";
    }
    ok $own->start, 'it starts' or diag $own->said, $own->log_text;
    return $own;
}

for my $case (
    ['before anybody is asked', {store => 'disk', modules => ['cache_disk'],
        lines => ['CacheRoot ${OWN}/cache', 'CacheQuickHandler On']}],
    ['after everybody was asked', {store => 'socache', modules => [qw(socache_shmcb cache_socache)],
        lines => ['CacheSocache shmcb', 'CacheQuickHandler Off']}],
) {
    my ($what, $with) = @$case;
    my $own = cached(%$with);
    my ($nobody, $ann, $bob) = map { Pwless->new($own->url) } 1 .. 3;
    $nobody->get('/open/page.txt') for 1, 2;
    like $nobody->get('/open/page.txt')->header('X-Cache'), qr/^(?:HIT|REVALIDATE)/,
        "M16: $what: a page that is everybody's is stored";
    $ann->sign_in('ann@example.org', '/members/');
    $bob->sign_in('bob@example.org', '/members/');
    for my $path ('/members/index.html', '/app/x') {
        like $ann->get($path)->content, qr/ann\@example/, "M16: $what: $path knows ann" for 1, 2;
        my $res = $bob->get($path);
        like $res->content, qr/bob\@example/, "M16: $what: $path knows bob";
        unlike $res->content, qr/ann\@example/, "M16: $what: and shows him nothing of hers";
        is $nobody->get($path)->code, 302, "M16: $what: $path lets nobody in";
        unlike $ann->get($path)->header('X-Cache') || '', qr/^HIT/, "M16: $what: $path is not stored";
    }
    $nobody->get('/pass/index.html') for 1, 2;
    unlike $ann->get('/pass/index.html')->header('X-Cache') || '', qr/^HIT/,
        "M16: $what: nor is a page that may name its visitor";
    for my $page ('/.auth0/login?return_to=/members/', '/.auth0/logout', '/.auth0/session') {
        $nobody->get($page);
        unlike $nobody->get($page)->header('X-Cache') || '', qr/^HIT/, "M16: $what: nor is $page";
    }
    $own->let_go;
    push @gone, $own;
}
done_testing;
