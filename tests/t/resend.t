# SPDX-License-Identifier: Apache-2.0
# Another code: when one may be asked for, how often, and which one counts.
# The host `quick` has cool-downs of 1, 2 and 3 seconds, the host `brief` codes
# that live for 1 second and 15 of grace; the others the defaults.
use strict;
use warnings;
use JSON::PP qw(decode_json);
use Test::More;
use Time::HiRes qw(sleep time);
use URI::Escape qw(uri_escape);
use Pwless qw(tenant log_lines messages code_for calls);

tenant(POST => '/reset');
tenant(POST => '/set', {limits => undef});
my $START = '/passwordless/start';
my $TOKEN = '/oauth/token';

# A browser at step 2: (browser, URL of step 2, token of its form).
sub at_step2 {
    my ($host, $email) = @_;
    my $browser = Pwless->new($host);
    my $step2 = $browser->ask_code($email, '/htdocs/members/');
    return ($browser, $step2, Pwless::token($browser->get($step2)));
}

# Ask for another code. Answers the page that follows.
sub again {
    my ($browser, $step2, $t) = @_;
    my $res = $browser->post($step2, {t => $t, op => 'send'});
    is $res->code, 303, 'L18: asking again: 303';
    like $res->header('Location'), qr{^/\.auth0/code\?t=}, 'L18: to step 2';
    return $browser->get($res->header('Location'));
}

sub mails { return scalar @{messages($_[0])} }
sub calls_for {
    my ($path, $email) = @_;
    return scalar grep { ($_->{json}{email} || $_->{json}{username} || '') eq $email }
        @{tenant(GET => "/calls?path=$path")};
}

# Codes that will be too old when the rest of this file is done.
my ($old, $old_step2, $old_t) = at_step2('brief', 'old@example.org');
my ($tab, $tab_step2, $tab_t) = at_step2('brief', 'tab@example.org');
my $began = time;

# The default cool-down: 60 seconds.
{
    my ($ann, $step2, $t) = at_step2('site', 'ann@example.org');
    like $ann->get($step2)->content,
        qr/data-pwless-left="(?:60|59|58|57|56)"/, 'L18: step 2 says how long to wait';
    like $ann->get($step2)->content, qr/<button[^>]*value="send"/,
        'L18: the button is there from the start';
    my $page = again($ann, $step2, $t);
    is mails('ann@example.org'), 1, 'L18: a second click at once: one mail';
    is calls_for($START, 'ann@example.org'), 1, 'L18: and one call';
    unlike $page->content, qr/<title>Error: /, 'L18: it is no error';
    like $page->content, qr/You can ask for a new code in .*(?:second|minute)/,
        'L18: and names the time';
    for (1 .. 3) {
        $ann->get($step2);
        $ann->request('HEAD', $step2);
        $ann->get($step2, {'Sec-Purpose' => 'prefetch'});
        $ann->get("$step2&op=send");
    }
    is calls_for($START, 'ann@example.org'), 1, 'L18: reload, HEAD, prefetch, GET: no call';
    my @all = $ann->burst(map {
        ['POST', $step2, 'op=send&t=' . uri_escape($t)] } 1 .. 20);
    is scalar(grep { $_->code == 303 } @all), 20, 'L18: 20 clicks at once: all answered';
    is calls_for($START, 'ann@example.org'), 1, 'L18: by no call';
    # A second tab, the same address: the cool-down is the browser's.
    my $twin = $ann->ask_code('ann@example.org', '/');
    like $twin, qr{^/\.auth0/code\?t=}, 'L18: another tab goes to step 2';
    is mails('ann@example.org'), 1, 'L18: without killing the code on its way';
    my $res = $ann->enter_code($twin, code_for('ann@example.org'));
    is $res->code, 303, 'L18: which works in either tab';
    ok $ann->cookie('session'), 'L18: and signs in';
}

# Cool-downs of 1, 2, 3, 3 seconds; five codes in one sign-in.
{
    my ($bob, $step2, $t) = at_step2('quick', 'bob@example.org');
    my @codes = code_for('bob@example.org');
    my $sends = 1;
    for my $wait (1, 2, 3, 3) {
        my $asked = time;
        again($bob, $step2, $t);
        my $early = mails('bob@example.org');
        # A slow machine may take longer to ask than the cool-down is.
        is $early, $sends, "L18: too early after $sends: no mail"
            if time - $asked < $wait - 0.7;
        sleep $wait + 0.2;
        my $page = again($bob, $step2, $t);
        $sends++;
        is mails('bob@example.org'), $sends, "L18: after $wait s: mail $sends";
        push @codes, code_for('bob@example.org');
        like $page->content, qr/Codes from earlier emails no longer work/,
            'L18: the page says which one counts';
    }
    is calls_for($START, 'bob@example.org'), 5, 'L18: five sends, five calls';
    sleep 3.2;
    # From step 1, in this tab or another, it is asked for in vain as well.
    for my $from ('another tab', 'this tab') {
        log_lines();
        my $change = $bob->post($step2, {t => $t, op => 'change'})->header('Location');
        my $form = $from eq 'this tab' ? Pwless::token($bob->get($change)) : $bob->open_login('/');
        my $on = $bob->post('/.auth0/login', {email => 'bob@example.org', t => $form, op => 'send'});
        is $on->code, 303, "L18: from step 1 of $from it goes to step 2";
        is scalar(grep { /code-asked, reason=flow-limit/ } log_lines()), 1, "L18: $from: with a line in the log";
        my $page = $bob->get($on->header('Location'));
        is mails('bob@example.org'), 5, "L18: $from: without a sixth mail";
        is $page->code, 429, "L18: $from: 429";
        like $page->header('Retry-After') || '', qr/^1[789]\d$/, "L18: $from: until the last one is too old";
        like $page->content, qr/Too many codes were asked for\. You can ask again in .*(?:3|4) minutes/,
            "L18: $from: the page says so";
        like $page->content, qr/name="code"/, "L18: $from: and still takes the code";
        is $bob->get($on->header('Location'))->code, 200, "L18: $from: it is said once";
    }
    my $res = $bob->post($step2, {t => $t, op => 'send'});
    is mails('bob@example.org'), 5, 'L18: there is no sixth';
    is $res->code, 429, 'L18: 429';
    like $res->header('Retry-After'), qr/^1[789]\d$/,
        'L18: until the last one is too old (3 minutes and 15 seconds)';
    like $res->content, qr/Too many codes were asked for\. You can ask again in .*3 minutes|4 minutes/,
        'L18: the page says so';
    like $res->content, qr/name="code"/, 'L18: and still takes the code';
    SKIP: {
        skip 'two codes are the same', 2 if $codes[0] eq $codes[-1];
        $res = $bob->enter_code($step2, $codes[0]);
        is $bob->cookie('session'), undef, 'L18: the first code is dead';
        like $bob->get($res->header('Location'))->content, qr/2 tries left/,
            'L18: and costs a try';
    }
    $bob->enter_code($step2, $codes[-1]);
    ok $bob->cookie('session'), 'L18: the fifth still signs in';
}

# The exchange names the address as the code was asked for, byte for byte.
{
    my ($eva, $step2) = at_step2('site', 'eva@example.org');
    my $twin = $eva->ask_code('Eva@EXAMPLE.org', '/');
    is mails('Eva@example.org'), 1, 'L12: another spelling is another address';
    $eva->enter_code($twin, code_for('Eva@example.org'));
    ok $eva->cookie('session'), 'L12: its code works where it was asked for';
}

# After three misses a new code gives three tries.
{
    my ($cat, $step2, $t) = at_step2('quick', 'cat@example.org');
    my $code = code_for('cat@example.org');
    for my $nth (1 .. 3) {
        $cat->post($step2, {t => $t, op => 'verify',
            code => sprintf('%06d', ($code + $nth) % 1_000_000)});
    }
    like $cat->get($step2)->content, qr/last try for this code/, 'L17: three misses';
    sleep 1.2;
    my $page = again($cat, $step2, $t);
    is mails('cat@example.org'), 2, 'L17: a new code is sent';
    like $page->content, qr/name="code"/, 'L17: the field is back';
    unlike $page->content, qr/last try|tr(?:y|ies) left/, 'L17: the tries are, too';
    $cat->enter_code($step2, sprintf '%06d', (code_for('cat@example.org') + 1) % 1_000_000);
    like $cat->get($step2)->content, qr/name="code"/, 'L17: a miss';
    $cat->enter_code($step2, code_for('cat@example.org'));
    ok $cat->cookie('session'), 'L17: the new code signs in';
}

# Sending that fails: nothing is counted, and the visitor may try at once.
{
    tenant(POST => '/fault', {path => $START, fault => 'status', status => 500, times => 1});
    my $dan = Pwless->new('site');
    my %form = (email => 'dan@example.org', t => $dan->open_login);
    my $res = $dan->post('/.auth0/login', \%form);
    is $res->code, 503, 'U9: the tenant fails: 503';
    ok $res->header('Retry-After'), 'U9: with Retry-After';
    unlike Pwless::without_random($res->content), qr/500|Internal/, 'X8: and none of its words';
    is mails('dan@example.org'), 0, 'U9: no mail';
    tenant(DELETE => '/fault');
    tenant(POST => '/fault', {path => $START, fault => 'rate-limited', times => 1,
        retry_after => 40, json => {error => 'too_many_requests'}});
    $res = $dan->post('/.auth0/login', {%form, t => $dan->open_login,
        email => 'dora@example.org'});
    is $res->code, 429, 'U8: the tenant\'s limit: 429';
    like $res->header('Retry-After'), qr/^(?:3\d|40)$/, 'U8: with its Retry-After';
    like $res->content, qr/Many people are signing in/, 'U8: and a word of comfort';
    tenant(DELETE => '/fault');
}

# Too old by our own clock.
{
    my $wait = $began + 17 - time;
    sleep $wait if $wait > 0;
    my $page = $old->get($old_step2);
    like $page->content, qr/too old/, 'L3: a code past its life: the page says so';
    my $res = $old->post($old_step2,
        {t => $old_t, op => 'verify', code => code_for('old@example.org')});
    is $res->code, 303, 'L3: a post of it leads back';
    is calls_for($TOKEN, 'old@example.org'), 0, 'L3: without a call';
    is $old->cookie('session'), undef, 'L3: without a session';
    $page = $old->get($res->header('Location'));
    like $page->content, qr/That code is too old: it worked for/, 'L3: and says why';
    like $page->content, qr/pwless-primary" name="op" value="send"/,
        'L3: a new code is the way on';

    # Another tab asked for a newer one.
    my $newer = $tab->ask_code('tab@example.org', '/htdocs/members/?new');
    is mails('tab@example.org'), 2, 'L18: the old one is dead, another tab asks anew';
    like $tab->get($tab_step2)->content, qr/A newer code was asked for in another tab/,
        'L18: the first tab says so';
    $tab->enter_code($newer, code_for('tab@example.org'));
    ok $tab->cookie('session'), 'L18: the newer code signs in';
    is $tab->get($tab_step2)->header('Location'), '/htdocs/members/',
        'L18: and the first tab goes on as well';
}
is_deeply tenant(GET => '/errors'), [], 'the stand-in had no trouble';
done_testing;
