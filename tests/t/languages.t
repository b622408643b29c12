# SPDX-License-Identifier: Apache-2.0
# Languages: which one a page, a problem and the e-mail are in, files of
# messages, and what of both is refused.
use strict;
use warnings;
use utf8;
use Encode qw(decode_utf8 encode_utf8);
use JSON::PP ();
use Test::More;
use Pwless qw(tenant messages work calls);
use PwlessHttpd;

my $builder = Test::More->builder;
binmode $builder->$_, ':utf8' for qw(output failure_output todo_output);

tenant(POST => '/reset');
my $HOME = '/htdocs/members/env.cgi';
my $START = '/passwordless/start';

# The sign-in page of a host for a browser that asks for these languages.
sub page_for {
    my ($who, $accept, %more) = @_;
    return $who->get("/.auth0/login?return_to=$HOME", {'Accept-Language' => $accept, %more});
}

sub html { return decode_utf8($_[0]->content) }

# ---- pages ---------------------------------------------------------------------
my $ann = Pwless->new('tongues');
for my $row (
    ['de', 'de', 'ltr', 'Anmelden'],
    ['de-AT, en;q=0.9', 'de', 'ltr', 'Anmelden'],
    ['es-MX', 'es', 'ltr', 'Iniciar sesión'],
    ['it', 'it', 'ltr', 'Accedi'],
    ['nl-BE', 'nl', 'ltr', 'Aanmelden'],
    ['pt', 'pt-BR', 'ltr', 'Entrar'],
    ['pl', 'pl', 'ltr', 'Logowanie'],
    ['ja', 'ja', 'ltr', 'サインイン'],
    ['ar-EG', 'ar', 'rtl', 'تسجيل الدخول'],
    ['en', 'en', 'ltr', 'Sign in'],
    ['sv, en;q=0.1', 'en', 'ltr', 'Sign in'],
    ['sv', 'fr', 'ltr', 'Connexion'],
    [undef, 'fr', 'ltr', 'Connexion'],
    ['de;q=NaN', 'fr', 'ltr', 'Connexion'],
    ['de;q=0', 'fr', 'ltr', 'Connexion'],
    ["de\t,<script>alert(1)</script>", 'de', 'ltr', 'Anmelden'],
    ['"><script>, *', 'fr', 'ltr', 'Connexion'],
    [join(', ', ('sv') x 19, 'de'), 'de', 'ltr', 'Anmelden'],
    [join(', ', ('sv') x 20, 'de'), 'fr', 'ltr', 'Connexion'],
) {
    my ($accept, $tag, $dir, $title) = @$row;
    my $res = page_for($ann, $accept);
    my $asked = defined $accept ? length $accept > 40 ? substr($accept, 0, 40) . '...' : $accept : 'nothing';
    is $res->code, 200, "X12: $asked: a page";
    like html($res), qr/<html lang="$tag" dir="$dir">/, "X12: $asked: it says its language";
    like html($res), qr/<h1>\Q$title\E</, "X12: $asked: and speaks it";
    is $res->header('Content-Language'), $tag, "X12: $asked: and so does its header";
    like $res->header('Vary'), qr/\bAccept-Language\b/, "X12: $asked: caches are told";
    unlike html($res), qr/<script>/, "X12: $asked: nothing of the header is in the page";
}
is page_for($ann, 'de', 'X-Test-Prefer' => 'pl')->header('Content-Language'), 'pl',
    'prefer-language goes before Accept-Language';
is page_for($ann, 'de', 'X-Test-Prefer' => 'sv')->header('Content-Language'), 'de', 'unless it is not offered';
is page_for(Pwless->new('site'), 'de')->header('Content-Language'), 'en',
    'without Auth0Languages all is English';

# ---- problems, and the answer of the gate ---------------------------------------------
{
    my ($res, $said) = Pwless->new('tongues')->json('login', {email => 'nobody', t => 'x'}, {'Accept-Language' => 'de'});
    is $said->{title}, 'Neu anfangen', 'problem+json: the title';
    like $said->{detail}, qr/^Dieses Formular ist zu alt/, 'problem+json: the detail';
    is $res->header('Content-Language'), 'de', 'problem+json: the header';
    is $said->{reason}, 'token-forged', 'problem+json: words for programs stay as they are';
    $res = Pwless->new('tongues')->get($HOME, {'Accept' => 'application/json', 'Accept-Language' => 'ja',
        'Sec-Fetch-Mode' => 'cors', 'Sec-Fetch-Dest' => 'empty'});
    is $res->code, 401, 'a guarded URL, asked by a program';
    is $res->header('Content-Language'), 'ja', '401: the header';
    is JSON::PP::decode_json($res->content)->{title}, 'サインインが要ります', '401: the title';
    $res = Pwless->new('tongues')->get($HOME, {'Accept' => 'text/plain', 'Accept-Language' => 'es',
        'Sec-Fetch-Mode' => 'cors', 'Sec-Fetch-Dest' => 'empty'});
    is decode_utf8($res->content), "Hace falta iniciar sesión\n", '401 in one line of text';
}

# ---- a whole sign-in, and its e-mail ---------------------------------------------------
for my $row (
    ['fr-CA, fr;q=0.9', 'fr-CA', 'more than the page, as the visitor asked'],
    ['FR-ca-x-private', 'fr-CA', 'no more than a region'],
    ['pt-PT', 'pt-BR', 'the language of the page'],
    ['sv', 'fr', 'the first, where none suits'],
) {
    my ($accept, $told, $what) = @$row;
    my %asks = ('Accept-Language' => $accept);
    my $who = Pwless->new('tongues');
    tenant(POST => '/reset');
    my $page = page_for($who, $accept);
    my $sent = $who->post('/.auth0/login', {email => 'ann@example.org', t => Pwless::token($page), op => 'send'}, \%asks);
    my $call = tenant(GET => "/calls?path=$START")->[0];
    my %header = map { lc $_->[0] => $_->[1] } ref $call->{headers} eq 'ARRAY' ? @{$call->{headers}}
        : map { [$_, $call->{headers}{$_}] } keys %{$call->{headers}};
    is $header{'x-request-language'}, $told, "X12: $accept: the tenant is told $what";
    is messages('ann@example.org')->[0]{request_language}, $told, "X12: $accept: and the e-mail is in it";
    $page = $who->get($sent->header('Location'), \%asks);
    unlike html($page), qr/\bThe code\b|\bSend a\b/, "$accept: step 2 has no English";
    like html($page), qr/name="code"[^>]* dir="ltr"|dir="ltr"[^>]* name="code"/, "$accept: codes run from left to right";
}
{
    my %asks = ('Accept-Language' => 'pl');
    my $who = Pwless->new('tongues');
    my $page = page_for($who, 'pl');
    my $sent = $who->post('/.auth0/login', {email => 'bea@example.org', t => Pwless::token($page), op => 'send'}, \%asks);
    my $step2 = $sent->header('Location');
    my $wrong = Pwless::wrong_code(Pwless::code_for('bea@example.org'));
    $page = $who->get($step2, \%asks);
    my $res = $who->post($step2, {code => $wrong, t => Pwless::token($page), op => 'verify'}, \%asks);
    like html($who->get($res->header('Location'), \%asks)), qr/Zostały 2 próby z tym kodem/, 'two tries are few in Polish';
}

# ---- files of messages -----------------------------------------------------------------
my $files = work() . "/messages-$$";
mkdir $files or die "$files: $!";

sub file {
    my ($name, $text) = @_;
    open my $out, '>:raw', "$files/$name" or die "$files/$name: $!";
    print $out encode_utf8($text);
    close $out or die "$files/$name: $!";
    return "$files/$name";
}

my $swedish = file('sv.json', '{"login.title": "Logga in", "login.lead": "Skriv din adress & vänta."}');
my $english = file('en.json', '{"login.title": "Come in", "address.empty": "Which address?"}');
{
    my $own = PwlessHttpd->site(host => ['Auth0Languages en sv de', "Auth0Messages sv $swedish", "Auth0Messages EN $english"]);
    my ($status, $said) = $own->check;
    is $status, 0, 'files of messages are taken';
    like $said, qr/httpd\.conf:\d+: Auth0Messages sv \Q$swedish\E lacks \d+ texts \(error, summary\.fix, .*\.\.\.\), which stay English/,
        'what a new language lacks is told, with file and line';
    unlike $said, qr/Auth0Messages en/, 'a language that is built in lacks nothing';
    $own->start;
    my $who = Pwless->new($own->url);
    my $page = page_for($who, 'sv-FI');
    my $html = html($page);
    like $html, qr/<html lang="sv" dir="ltr">/, 'a language of a file alone';
    like $html, qr/<h1>Logga in</, 'its text';
    like $html, qr/Skriv din adress &amp; vänta\./, 'escaped like any other';
    like $html, qr{<label [^>]*><span lang="en" dir="ltr">Email address</span>}, 'what it lacks is English, and says so';
    is $page->header('Content-Language'), 'sv', 'its header';
    like html(page_for($who, 'en-GB')), qr/<h1>Come in</, 'a text in the place of a built-in one';
    like html(page_for($who, 'en')), qr/Email me a code/, 'the others stay';
    like html(page_for($who, 'de')), qr/<h1>Anmelden</, 'other languages stay';
    $own->stop;
}
{
    my $own = PwlessHttpd->site(host => ["Auth0Messages de " . file('de.json', '{}')]);
    my ($status, $said) = $own->check;
    is $status, 0, 'a file of a language that is not offered is taken';
    like $said, qr/nobody will see: add de to Auth0Languages/, 'with a warning';
}
{
    my $own = PwlessHttpd->site(
        main => ['Auth0Languages de sv', "Auth0Messages sv $swedish", 'Auth0Messages de ' . file('de1.json', '{"login.title": "Aussen"}')],
        host => ['Auth0Messages de ' . file('de2.json', '{"login.title": "Innen"}')]);
    $own->start;
    my $who = Pwless->new($own->url);
    like html(page_for($who, 'de')), qr/<h1>Innen</, 'a host has its own file of a language';
    like html(page_for($who, 'sv')), qr/<h1>Logga in</, 'and takes over the others';
    $own->stop;
}

# ---- httpd -t ----------------------------------------------------------------------------
system('mkfifo', "$files/fifo") == 0 or die 'mkfifo';
symlink $english, "$files/link.json" or die "link: $!";
for my $row (
    ['C1', 'no language', 'Auth0Languages', qr/takes language tags|takes/],
    ['C1', 'a language that is no tag', 'Auth0Languages en de_DE', qr/"de_DE" is no language tag/],
    ['C1', 'a language twice', 'Auth0Languages en de EN', qr/"EN" is named twice/],
    ['C1', 'a 33rd language', 'Auth0Languages ' . join(' ', map { "en-a$_" } 1 .. 33), qr/"en-a33" is one too many: 32/],
    ['C1', 'a tag of 36 characters', 'Auth0Languages en-aaaaaaaa-bbbbbbbb-cccccccc-dddddd', undef],
    ['C1', 'messages without a file', 'Auth0Messages de', qr/takes two arguments/],
    ['C1', 'messages of no language', "Auth0Messages German $english", qr/"German" is no language tag/],
    ['X7', 'a file that is not there', "Auth0Messages de $files/none.json", qr/none\.json" cannot be read \(No such file/],
    ['X7', 'a folder', "Auth0Messages de $files", qr/is no file/],
    ['X7', 'a FIFO', "Auth0Messages de $files/fifo", qr/is no file/],
    ['X7', 'a symbolic link', "Auth0Messages de $files/link.json", qr/is a symbolic link/],
    ['X7', 'a file of 256 KB and a byte', 'Auth0Messages de ' . file('big.json', '{}' . ' ' x 262143), qr/is larger than 262144 bytes/],
    ['X7', 'an unknown key', 'Auth0Messages en ' . file('key.json', '{"login.titel": "x"}'), qr/key\.json" "login\.titel": there is no such text/],
    ['X7', 'an unknown placeholder', 'Auth0Messages en ' . file('slot.json', '{"out": "{site} {user}"}'), qr/"out": only the placeholders of the English text/],
    ['X7', 'a missing placeholder', 'Auth0Messages en ' . file('lack.json', '{"out": "Bye"}'), qr/"out": \{site\} is missing/],
    ['X7', 'a missing plural', 'Auth0Messages pl ' . file('plural.json', '{"code.wrong_one": "{k}"}'), qr/code\.wrong_few is missing \(pl has: one, few, many\)/],
    ['X7', 'markup', 'Auth0Messages en ' . file('html.json', '{"login.title": "<b>x</b>"}'), qr/"login\.title": texts are plain/],
    ['X7', 'JSON too deep', 'Auth0Messages en ' . file('deep.json', '[' x 40), qr/nested too deep/],
    ['X7', 'no JSON', 'Auth0Messages en ' . file('no.json', "{\n\"out\" 1}"), qr/is not JSON: line 2/],
) {
    my ($catalogue, $what, $line, $cure) = @$row;
    my ($directive) = $line =~ /^(\w+)/;
    my $own = PwlessHttpd->site(host => [$line]);
    my ($status, $said) = $own->check;
    $said = decode_utf8($said);
    my ($conf, $number) = ($own->conf, $own->line_of($line));
    isnt $status, 0, "$catalogue: $what is refused";
    next if !defined $cure;
    like $said, qr/line $number of \Q$conf\E:\n\Q$directive\E\b/, "$catalogue: $what: file, line and directive";
    like $said, $cure, "$catalogue: $what: and what is wrong";
}
{
    my $own = PwlessHttpd->site(host => ["Auth0Messages en $english", "Auth0Messages EN $english"]);
    my ($status, $said) = $own->check;
    isnt $status, 0, 'C1: two files of one language are refused';
    like $said, qr/"EN" has a file already/, 'C1: two files: and why';
    $own = PwlessHttpd->site(host => ['Auth0Languages en tlh']);
    ($status, $said) = $own->check;
    isnt $status, 0, 'C1: a language that is not built in is refused';
    like $said, qr/httpd\.conf:\d+: .*Auth0Languages names tlh, which is not built in.*Auth0Messages tlh FILE/, 'C1: and the cure';
}
done_testing;
