# SPDX-License-Identifier: Apache-2.0
# Many at once, nobody at all, a store that is full, a restart in the middle.
use strict;
use warnings;
use JSON::PP ();
use Test::More;
use Pwless qw(tenant code_for calls work log_lines);
use PwlessHttpd;

my $people = 0;

sub new_tenant {
    tenant(POST => '/reset');
    tenant(POST => '/set', {limits => undef});
    return;
}

sub address { return sprintf 'load%d@example.org', $people++ }

# ---- whose page is it ---------------------------------------------------------
# Eight processes, each with three people on two connections; the page says who
# the server took them for.
new_tenant();
{
    my $page = work() . '/t/htdocs/members/who.shtml';
    open my $out, '>', $page or die "$page: $!";
    print $out "I am <!--#echo var=\"REMOTE_USER\" -->, <!--#echo var=\"AUTH0_SUB\" -->.\n";
    close $out;
    chmod 0644, $page;
    my ($processes, $each) = (8, 250);
    my @families;
    my %sub_of;
    for my $process (1 .. $processes) {
        for (1 .. 3) {
            my $who = Pwless->new('site');
            my $email = address();
            $who->sign_in($email, '/htdocs/members/who.shtml');
            my ($sub) = $who->get('/htdocs/members/who.shtml')->content =~ /I am \Q$email\E, (\S+)\./;
            push @{$families[$process]}, [$email, $who->cookie('session'), $sub];
        }
    }
    my %seen = map { $_->[2] || 'nobody' => 1 } map { @{$_ || []} } @families;
    is scalar keys %seen, 3 * $processes, 'S12: as many subjects as people';
    my @results;
    for my $process (1 .. $processes) {
        my $pid = open my $from, '-|';
        die "fork: $!" unless defined $pid;
        if ($pid) {
            push @results, $from;
            next;
        }
        my %count = (right => 0, wrong => 0);
        my @connections = map { Pwless->new('site') } 1 .. 2;
        for my $i (1 .. $each) {
            my ($email, $cookie, $sub) = @{$families[$process][$i % 3]};
            my $res = $connections[$i % 2]->get('/htdocs/members/who.shtml',
                {Cookie => "__Host-auth0-session=$cookie"});
            my $right = $res->code == 200 && $res->content eq "I am $email, $sub.\n";
            $count{$right ? 'right' : 'wrong'}++;
        }
        print "$count{right} $count{wrong}\n";
        close STDOUT;
        require POSIX;
        POSIX::_exit(0); # no END blocks: the tests are the parent's
    }
    my ($right, $wrong) = (0, 0);
    for my $from (@results) {
        my ($good, $bad) = split ' ', <$from> || '0 1';
        $right += $good;
        $wrong += $bad;
        close $from;
    }
    is $wrong, 0, 'S12: no answer was meant for somebody else';
    is $right, $processes * $each, "S12: all $right requests saw the user who sent them";
}

# ---- people without a session -----------------------------------------------------
# Kilobytes of all children, shared pages counted in part.
sub memory {
    my ($own) = @_;
    my $kb = 0;
    for my $pid ($own->children) {
        open my $in, '<', "/proc/$pid/smaps_rollup" or next;
        while (<$in>) { $kb += $1 if /^Pss_Anon:\s+(\d+)/ }
    }
    return $kb;
}

# The smallest store there can be.
sub smallest_store {
    my $own = PwlessHttpd->new(main => ['Auth0SessionStore shm(1k)']);
    my (undef, $said) = $own->check;
    my ($bytes) = $said =~ /takes (\d+) bytes to begin with/;
    return $bytes;
}

# Sign people in until the store is full. Answers who got in, and the last.
sub fill {
    my ($own) = @_;
    my @in;
    for (1 .. 2000) {
        my $who = Pwless->new($own->url);
        my $res = $who->sign_in(address(), '/members/');
        return (\@in, $who, $res) if $res->code != 303;
        push @in, $who;
    }
    return (\@in);
}

my $bytes = smallest_store();
ok $bytes, "S10: the smallest store is named: $bytes bytes";
new_tenant();
{
    my $own = PwlessHttpd->site(main => ["Auth0SessionStore shm($bytes)"]);
    ok $own->start, 'D11: it is enough to start with' or diag $own->said, $own->log_text;
    my $nobody = Pwless->new($own->url);
    my @ways = (['/members/'], ['/.auth0/login'], ['/.auth0/login?return_to=%2Fmembers%2F'], ['/.auth0/session'],
        ['/members/', {Cookie => 'auth0-session=' . 'A' x 43}], ['/.auth0/callback?code=x&state=y'],
        ['/.auth0/logout'], ['/members/', {'Sec-Fetch-Mode' => 'cors', Accept => 'application/json'}]);
    my $visit = sub {
        my ($times) = @_;
        for my $i (1 .. $times) {
            $nobody->{ua}->cookie_jar->clear if $i % 2;
            $nobody->get(@{$ways[$i % @ways]});
        }
    };
    $visit->(1000);
    my $before = memory($own);
    $visit->(3000);
    my $grown = memory($own) - $before;
    cmp_ok $before, '>', 0, 'D11: memory can be measured';
  SKIP: {
        # It keeps what was freed, to catch who uses it again.
        skip 'D11: AddressSanitizer grows by itself', 1 if $ENV{WRAPPER};
        cmp_ok $grown, '<', 1024, "D11: 3,000 anonymous requests: memory grew by $grown KB";
    }

    # The same number of people fit in as into a store nobody visited.
    my ($in, $who, $res) = fill($own);
    my $fresh = PwlessHttpd->site(main => ["Auth0SessionStore shm($bytes)"]);
    $fresh->start or die $fresh->log_text;
    my ($other) = fill($fresh);
    $fresh->let_go;
    diag scalar(@$in) . ' and ' . scalar(@$other) . ' sessions fit';
    cmp_ok scalar @$in, '>=', 0.7 * @$other, 'D11: and no session slot is taken by them';

    # Full.
    ok $res, 'S10: a store gets full' or last;
    is $res->code, 503, 'D10: then new sign-ins get 503';
    like $res->header('Retry-After') || '', qr/^[1-9]\d*$/, 'D10: with Retry-After';
    like $res->content, qr/cannot sign in more people right now/, 'D10: and a page that says so';
    like $own->log_text, qr/\[auth0_pwless:error\].*reason=store-full ref=([\w+\/-]+)/, 'D10: the log says store-full';
    my ($ref) = $own->log_text =~ /reason=store-full ref=([\w+\/-]+)/;
    like $res->content, qr/\Q$ref\E/, 'D10: under the reference of the page';
    is $who->cookie('session'), undef, 'D10: no session';
    $visit->(200);
    my $live = grep { $_->get('/members/')->code == 200 } @$in;
    is $live, scalar @$in, "D10: all $live live sessions stay";
    my %whose = map { ($_->get('/members/')->content =~ /, (load\d+)\@/ ? $1 : 'nobody') => 1 } @$in;
    is scalar keys %whose, scalar @$in, 'S10: each with its own user';
    # Room again.
    $_->sign_out for @$in[0 .. $#$in / 2];
    my $late = Pwless->new($own->url);
    is $late->sign_in(address(), '/members/')->code, 303, 'D10: when some sign out, others can sign in';
    $own->let_go;
}

# ---- a restart in the middle -----------------------------------------------------------
new_tenant();
{
    my $own = PwlessHttpd->site(main => ['Auth0SessionStore shm(4m)']);
    ok $own->start, 'S17: a server' or diag $own->said, $own->log_text;
    my ($ann, $bob, $cat) = map { Pwless->new($own->url) } 1 .. 3;
    $ann->sign_in('ann@example.org', '/members/');
    my $step2 = $bob->ask_code('bob@example.org', '/members/');
    my $t = $cat->open_login('/members/');
    my %old = map { $_ => 1 } $own->children;
    for my $round (1 .. 3) {
        ok $own->graceful, "S17: graceful restart $round";
        is $ann->get('/members/')->code, 200, 'S17: a session lives on';
    }
    ok +(grep { !$old{$_} } $own->children), 'S17: by other children than before';
    is $bob->enter_code($step2, code_for('bob@example.org'))->code, 303,
        'S17: a sign-in in progress can be finished';
    like $bob->get('/members/')->content, qr/, bob\@example\.org/, 'S17: and is';
    my $res = $cat->post('/.auth0/login', {email => 'cat@example.org', t => $t, op => 'send'});
    is $res->code, 303, 'S17: so can one that had only the first form';
    is $cat->enter_code($res->header('Location'), code_for('cat@example.org'))->code, 303, 'S17: to the end';
    # Wrong tries are remembered across it.
    my $eve = Pwless->new($own->url);
    my $way = $eve->ask_code('eve@example.org', '/members/');
    my $wrong = code_for('eve@example.org') eq '000000' ? '111111' : '000000';
    $eve->enter_code($way, $wrong++) for 1 .. 2;
    $own->graceful;
    $eve->enter_code($way, $wrong);
    tenant(DELETE => '/calls');
    $eve->enter_code($way, code_for('eve@example.org'));
    is calls('/oauth/token'), 0, 'L17: three tries are three tries, restart or not';
    $own->let_go;
}

# Children that die do not take sessions along.
new_tenant();
{
    my $own = PwlessHttpd->site(main => ['Auth0SessionStore shm(4m)']);
    $own->start or die $own->log_text;
    my $ann = Pwless->new($own->url);
    $ann->sign_in('ann@example.org', '/members/');
    for my $round (1 .. 3) {
        kill 'KILL', $own->children;
        my $code = 0;
        for (1 .. 60) {
            $code = Pwless->new($own->url)->get('/members/',
                {Cookie => 'auth0-session=' . $ann->cookie('session')})->code;
            last if $code == 200;
            select undef, undef, undef, 0.1;
        }
        is $code, 200, "S16: children killed, round $round: the session lives on";
    }
    is +Pwless->new($own->url)->sign_in('bob@example.org', '/members/')->code, 303,
        'S16: and people can sign in';
    $own->let_go;
}

is_deeply tenant(GET => '/errors'), [], 'the stand-in had no trouble';
done_testing;
