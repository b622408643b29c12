# SPDX-License-Identifier: Apache-2.0
# The operator's view: who is signed in, and ending it, by the handler and from
# the command line.
use strict;
use warnings;
use JSON::PP;
use Test::More;
use Pwless qw(tenant work);
use PwlessHttpd;

my $HOME = '/members/';
my $LIST = '/admin/sessions';
my $CTL = "$ENV{PWLESS_TOP}/tools/auth0ctl";

tenant(POST => '/reset');
tenant(POST => '/set', {limits => undef});

my @admin = ('<Location "/admin/sessions">', 'SetHandler auth0-sessions',
    'Require local', '</Location>', '<Location "/admin/closed">',
    'SetHandler auth0-sessions', 'Require all denied', '</Location>');
my $port = PwlessHttpd::free_port();
my @other = ("Listen 127.0.0.1:$port", "<VirtualHost 127.0.0.1:$port>",
    "ServerName localhost:$port", 'Auth0InsecureHTTP On',
    "Include $ENV{PWLESS_WORK}/t/conf/defines.conf",
    "Include $ENV{PWLESS_WORK}/t/conf/tenant.conf", @admin, '</VirtualHost>');
my $own = PwlessHttpd->site(main => \@other, host => \@admin);
ok $own->start, 'a server with the handler' or diag $own->said, $own->log_text;
my $admin = Pwless->new($own->url);

sub somebody {
    my ($name) = @_;
    my $who = Pwless->new($own->url);
    $who->sign_in("$name\@example.org", $HOME);
    return $who;
}

sub list {
    my ($query) = @_;
    my $res = $admin->get("$LIST?format=json");
    return decode_json($res->content);
}

# The command's status and what it said.
sub ctl {
    my (@arguments) = @_;
    local $ENV{AUTH0CTL_URL} = $own->url . $LIST;
    open my $out, '-|', "sh '$CTL' " . join(' ', map { "'$_'" } @arguments) . ' 2>&1' or die $!;
    my $said = do { local $/; <$out> };
    close $out;
    return ($? >> 8, $said);
}

sub is_in { return $_[0]->get($HOME)->code == 200 }

is list()->{total}, 0, 'nobody is signed in';
my @ann = map { somebody('ann') } 1 .. 3;
my ($bob, $eve) = (somebody('bob'), somebody('eve'));

# ---- looking ---------------------------------------------------------------------
{
    my $list = list();
    is $list->{total}, 5, 'five sessions';
    is scalar @{$list->{sessions}}, 5, 'and five rows';
    my %users = map { $_->{user} => 1 } @{$list->{sessions}};
    is scalar keys %users, 3, 'of three users';
    my ($row) = @{$list->{sessions}};
    like $row->{ref}, qr/^[0-9a-f]{16}$/, 'with a reference';
    is $row->{network}, '127.0.0.0/24', 'the network it was signed in from';
    cmp_ok $row->{age}, '<', 60, 'and its age';

    my $res = $admin->get($LIST);
    like $res->header('Content-Type'), qr{^text/html}, 'a page for people';
    like $res->content, qr/5 sessions/, 'which says how many';
    like $res->header('Cache-Control'), qr/no-store/, 'and is not kept';
    my $all = $res->content . encode_json($list) . (ctl('list'))[1];
    unlike $all, qr/ann\@|bob\@|example\.org/, 'P1: no address in full';
    unlike $all, qr/\Q@{[$bob->cookie('session')]}\E/, 'S9: no session id';
    is $admin->request(HEAD => $LIST)->code, 200, 'HEAD';
    is $admin->request(PUT => $LIST, '')->code, 405, 'PUT is refused';
    is $admin->get('/admin/closed')->code, 403, 'its Require is obeyed';
    my ($env) = $bob->get('/members/')->content;
    unlike $env, qr/network/i, 'the network is no claim';
}

# ---- what may end sessions ---------------------------------------------------------
for my $case (
    ['a page of another site', {Origin => 'https://evil.example', 'Sec-Fetch-Site' => 'cross-site'}, {op => 'end-all'}],
    ['a sandboxed frame', {Origin => 'null'}, {op => 'end-all'}],
    ['another site, no Origin', {Origin => undef, 'Sec-Fetch-Site' => 'cross-site'}, {op => 'end-all'}],
    ['no order', {}, {}],
    ['an unknown order', {}, {op => 'end-everything'}],
    ['no reference', {}, {op => 'end'}],
    ['no user', {}, {op => 'end-user'}],
    ['an empty user', {}, {op => 'end-user', user => ''}],
    ['all, but of somebody', {}, {op => 'end-all', user => 'ann@example.org'}],
) {
    my ($what, $headers, $form) = @$case;
    my $res = $admin->post($LIST, $form, $headers);
    cmp_ok $res->code, '>=', 400, "L4: $what ends nothing: " . $res->code;
    is list()->{total}, 5, "L4: $what: all are there";
}
$admin->get("$LIST?op=end-all");
is list()->{total}, 5, 'S5: GET ends nothing';

# ---- ending ------------------------------------------------------------------------------
{
    my ($row) = grep { $_->{user} =~ /^b/ } @{list()->{sessions}};
    my ($status, $said) = ctl('end', $row->{ref});
    is "$status $said", "0 1\n", 'one session is ended by its reference';
    ok !is_in($bob), 'S18: its next request is refused';
    ok is_in($eve), 'others go on';
    ($status, $said) = ctl('end', $row->{ref});
    is "$status $said", "0 0\n", 'a second time there is none';

    ok is_in($_), 'S18: Ann is busy' for @ann;
    my $res = $admin->post($LIST, {op => 'end-user', user => 'ANN@example.org'});
    is $res->code, 303, 'a form leads back to the list';
    ok !is_in($_), 'S18: all of Ann\'s sessions are over' for @ann;
    ok is_in($eve), 'others go on';
    ok !is_in($_), 'S4: and stay over' for @ann;
}
{
    my @more = map { somebody($_) } qw(ann bob bob);
    my ($status, $said) = ctl('list', 'bob@example.org');
    is scalar(my @lines = split /\n/, $said), 2, 'a list of one user';
    like $said, qr/^[0-9a-f]{16}\tb\S+\t\d+\t\d+\t127\.0\.0\.0\/24$/m, 'in columns';
    ($status, $said) = ctl('-j', 'end-user', 'nobody@example.org');
    is_deeply decode_json($said), {ended => 0}, 'nobody has none';
    ($status, $said) = ctl('end-all');
    is "$status $said", "0 4\n", 'all sessions of the host';
    ok !is_in($_), 'and all are over' for @more, $eve;
    is list()->{total}, 0, 'none is left';
    like $own->log_text, qr/sessions-ended/, 'the log tells';
}

# ---- what is said of mistakes ------------------------------------------------------------
{
    my $zoe = somebody('zoe');
    is list()->{total}, 1, 'somebody is signed in';
    my ($status, $said) = ctl('-u', "http://localhost:$port$LIST", 'end-all');
    is "$status $said", "0 0\n", 'S7: another host sees none of it';
    ok is_in($zoe), 'S7: and ends none';
    ($status, $said) = ctl('-u', $own->url . '/nowhere', 'list');
    isnt $status, 0, 'a wrong URL is an error';
    like $said, qr/404/, 'that says so';
    ($status, $said) = ctl('-u', $own->url . '/admin/closed', 'end-all');
    isnt $status, 0, 'so is being refused';
    like $said, qr/see its Require/, 'and what to do';
    is list()->{total}, 1, 'and nothing is ended';
    ($status, $said) = ctl('frobnicate');
    is $status, 2, 'an unknown command';
    like $said, qr/usage/, 'shows the known ones';
}

done_testing;
