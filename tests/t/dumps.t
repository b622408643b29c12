# SPDX-License-Identifier: Apache-2.0
# What a dump shows: of the configuration, of a process's arguments and
# environment, of a child's memory. Codes, tokens, the client secret and keys
# must be in none of them.
#
# A core is written by gdb's gcore, which leaves out what the kernel would leave
# out (MADV_DONTDUMP). Values that are looked for are long, so that nothing is
# found by chance: codes here have twelve digits.
use strict;
use warnings;
use JSON::PP ();
use MIME::Base64 qw(encode_base64);
use Test::More;
use Pwless qw(tenant code_for work);
use PwlessHosted qw(walk);
use PwlessHttpd;
use PwlessRedis;

my $ADDRESS = 'dumped.ann@hidden.example';

tenant(POST => '/reset');
tenant(POST => '/set', {limits => undef, code_length => 12, rotation => JSON::PP::true});

my %looked_for;

sub look_for {
    my ($what, @values) = @_;
    $looked_for{$_} = $what for grep { defined && length >= 12 } @values;
    return;
}

# Which of the values are in the text, by what they are.
sub found_in {
    my ($text) = @_;
    my %found;
    $found{$looked_for{$_}}++ for grep { index($text, $_) >= 0 } keys %looked_for;
    return join ' ', map { "$_($found{$_})" } sort keys %found;
}

sub slurp {
    my ($path) = @_;
    open my $in, '<:raw', $path or return '';
    local $/;
    my $text = <$in>;
    return defined $text ? $text : '';
}

# A core is large: piece by piece, each with the end of the one before. Answers
# what was found, how many JWTs, and whether our configuration is in it.
sub look_through {
    my ($path) = @_;
    open my $in, '<:raw', $path or die "$path: $!";
    my ($signed, $ours, $text, %found) = (0, 0, '');
    while (read $in, $text, 1 << 22, length $text) {
        $found{$_} = 1 for split / /, found_in($text);
        $signed++ while $text =~ /eyJ[\w-]{20,}\.eyJ[\w-]{40,}\.[\w-]{86,}/g;
        $ours ||= index($text, 'Auth0ClientSecret') >= 0;
        $text = substr $text, -8192 if length $text > 8192;
    }
    return (join(' ', sort keys %found), $signed, $ours);
}

# ---- a site whose secrets come from a file and from a program -----------------
my $key = join '', map { chr(33 + int rand 90) } 1 .. 32;
my $secret = Pwless::tenant_json()->{client_secret};
# In threads mod_cgi would leave the record of its process to a pool's end, and what
# guards pools under a sanitizer has given it back by then.
my $cgi = $ENV{PWLESS_MPM} eq 'prefork' ? 'cgi' : 'cgid';
my $own = PwlessHttpd->site(
    main => ['LogLevel info auth0_pwless:trace8', '<IfModule !mod_cgid.c>',
        "LoadModule ${cgi}_module $ENV{PWLESS_MODULES}/mod_$cgi.so", '</IfModule>',
        '<IfModule mod_cgid.c>', 'ScriptSock ${OWN}/cgisock', '</IfModule>'],
    host => ['Auth0CodeLength 12', 'Auth0Scope "openid profile email offline_access"',
        'Auth0Audience https://api.example.org', 'Auth0SealKey file:${OWN}/seal.key',
        'Auth0ClientSecret exec:${OWN}/secret.sh', '<Location "/members">', 'Auth0PassToken env',
        '</Location>', '<Directory "${OWN}/htdocs">', 'Options +ExecCGI',
        'AddHandler cgi-script .cgi', '</Directory>', '<Location "/info">', 'SetHandler server-info',
        'Require all granted', '</Location>']);
my $dir = $own->dir;

sub spit {
    my ($path, $mode, $text) = @_;
    open my $out, '>', $path or die "$path: $!";
    print $out $text;
    close $out;
    chmod $mode, $path;
    return;
}

spit("$dir/seal.key", 0600, encode_base64($key));
spit("$dir/seen", 0666, '');
# What a program sees of the process that starts it is what it was given. A
# sanitizer's run time is for httpd alone; ThreadSanitizer's crashes a shell.
my $shell = '/usr/bin/env -S -u LD_PRELOAD /bin/sh';
my $tell = <<"SH";
tr '\\0' '\\n' </proc/\$\$/environ >>$dir/seen
tr '\\0' '\\n' </proc/\$\$/cmdline >>$dir/seen
tr '\\0' '\\n' </proc/\$PPID/cmdline >>$dir/seen
SH
spit("$dir/secret.sh", 0700, "#!$shell\n${tell}cat " . work() . "/auth0.secret\n");
spit("$dir/htdocs/$_/env.cgi", 0755,
    "#!$shell\n${tell}printf 'Content-Type: text/plain\\n\\n'; tr '\\0' '\\n' </proc/\$\$/environ\n")
    for qw(open members);
ok $own->start, 'G6: a site' or diag $own->said, $own->log_text;

# ---- sign-ins: right and wrong codes, by pages, as JSON, at the tenant's page --
my $ann = Pwless->new($own->url);
my $step2 = $ann->ask_code($ADDRESS, '/members/');
my $code = code_for($ADDRESS);
is length $code, 12, 'G9: codes are long here';
my $wrong = Pwless::wrong_code($code);
look_for(code => $code); # a wrong one is on the page that says so
$ann->enter_code($step2, $wrong);
is $ann->enter_code($step2, $code)->code, 303, 'G9: a code was used';
is $ann->get('/members/')->code, 200, 'G9: and its session';
my $bob = Pwless->new($own->url);
my (undef, $form) = $bob->json('login');
(undef, $form) = $bob->json('login', {email => "bob.$ADDRESS", t => $form->{t}, op => 'send'});
my $other = code_for("bob.$ADDRESS");
look_for(code => $other);
my ($res) = $bob->json('code', {code => $other, t => $form->{t}, op => 'verify'});
is $res->code, 200, 'G9: another one as JSON';
look_for(secret => $secret);
look_for('seal key' => $key, encode_base64($key, ''));
my $page = $ann->get('/open/env.cgi');
is $page->code, 200, 'G6: a CGI program ran';
like $page->content, qr/^GATEWAY_INTERFACE=/m, 'G6: and told its environment';

# ---- the configuration ---------------------------------------------------------
my (undef, $dump) = $own->run('-t', '-D', 'DUMP_CONFIG', '-D', 'DUMP_VHOSTS', '-D', 'DUMP_RUN_CFG');
like $dump, qr/Auth0ClientSecret exec:/, 'G6: -D DUMP_CONFIG shows the directive';
is found_in($dump), '', 'G6: and no secret';
my $info = $ann->get('/info');
is $info->code, 200, 'G6: mod_info answers';
like $info->content, qr/Auth0ClientSecret/, 'G6: and shows the directive';
is found_in($info->content), '', 'G6: and no secret';

# ---- other programs --------------------------------------------------------------
is found_in($page->content), '', 'G6: the environment of a CGI program holds no secret';
my $seen = slurp("$dir/seen");
like $seen, qr/secret\.sh/, 'G6: the program of exec: ran';
is found_in($seen), '', 'G6: arguments and environment of programs hold none';
for my $pid ($own->pid, $own->children) {
    is found_in(slurp("/proc/$pid/cmdline") . slurp("/proc/$pid/environ")), '',
        "G6: nor do those of process $pid";
}

# ---- cores -------------------------------------------------------------------------
my %cores;
my ($gcore) = grep { -x } map { "$_/gcore" } split /:/, $ENV{PATH};
if ($gcore && !$ENV{WRAPPER}) {
    for my $pid ($own->children, $own->pid) {
        qx($gcore -o $dir/core $pid 2>&1);
        $cores{$pid} = $pid == $own->pid ? 'the parent' : 'a child' if -s "$dir/core.$pid";
    }
}
# The table of sessions, where claims are in clear, is in no core at all.
for my $pid ($own->children) {
    my ($large, $hidden) = (0, 0);
    for my $map (split /^(?=[0-9a-f]+-[0-9a-f]+ )/m, slurp("/proc/$pid/smaps")) {
        next unless $map =~ /^\S+ rw-s .*^Size: +(\d+) kB/ms && $1 >= 1024;
        $large++;
        $hidden++ if $map =~ /^VmFlags:.* dd\b/m;
    }
    cmp_ok $large, '>=', 2, "G6: $large large shared mappings";
    is $hidden, $large, 'G6: all are kept out of cores (MADV_DONTDUMP)';
}
# Only now do we ask for the tokens: what passes them on has them in memory.
my ($access) = $ann->get('/members/env.cgi')->content =~ /^AUTH0_ACCESS_TOKEN=(.+)$/m;
ok $access, 'G9: there was an access token';
look_for('access token' => $access);
$_->sign_out for $ann, $bob;
my @refresh = map { /[?&]?token=([^&]+)/ ? $1 : () } map { $_->{body} }
    @{tenant(GET => '/calls?path=/oauth/revoke')};
is scalar @refresh, 2, 'G9: and refresh tokens';
look_for('refresh token' => @refresh);
SKIP: {
    skip 'G9: a sanitizer keeps memory of its own, terabytes by address', 1 if $ENV{WRAPPER};
    skip 'G9: no gcore here (package gdb)', 1 unless $gcore;
    skip 'G9: gcore may not look into our processes here', 1 unless %cores;
    for my $pid (sort keys %cores) {
        my ($found, $signed, $ours) = look_through("$dir/core.$pid");
        ok $ours, "G9: a core of $cores{$pid}";
        is $found, '', "G9: a core of $cores{$pid} holds no secret";
        is $signed, 0, 'G9: and no signed token';
        unlink "$dir/core.$pid" unless $ENV{PWLESS_KEEP_CORES};
    }
}

# ---- with Redis, whose records the same key seals -------------------------------------
SKIP: {
    skip 'G9: no cores here', 1 unless %cores;
    my $redis = PwlessRedis->new;
    my $fleet = PwlessHttpd->site(
        main => ['Auth0SessionStore ' . $redis->url, "Auth0SealKey file:$dir/seal.key"],
        host => ['Auth0CodeLength 12']);
    ok $fleet->start, 'G9: a site with Redis' or diag $fleet->said, $fleet->log_text;
    my $cat = Pwless->new($fleet->url);
    $cat->sign_in("cat.$ADDRESS", '/members/');
    is $cat->get('/members/')->code, 200, 'G9: and a session';
    for my $pid ($fleet->children, $fleet->pid) {
        my $who = $pid == $fleet->pid ? 'the parent' : 'a child';
        qx($gcore -o $dir/core $pid 2>&1);
        my ($found, undef, $ours) = look_through("$dir/core.$pid");
        ok $ours, "G9: with Redis: a core of $who";
        is $found, '', "G9: with Redis: a core of $who holds no secret";
        unlink "$dir/core.$pid" unless $ENV{PWLESS_KEEP_CORES};
    }
}
unlike $own->log_text, qr/exit signal/, 'no process was ended by a signal';
is_deeply tenant(GET => '/errors'), [], 'the stand-in had no trouble';
done_testing;
