# SPDX-License-Identifier: Apache-2.0
# What stands in the fields of the two forms, and bodies that are no form: what
# cannot be right never reaches the tenant, the rest reaches it tidied.
use strict;
use warnings;
use utf8;
use Encode qw(encode_utf8);
use Test::More;
use URI::Escape qw(uri_escape uri_escape_utf8);
use Pwless qw(tenant calls at_step2 sessions_set);

my $START = '/passwordless/start';
my $TOKEN = '/oauth/token';
binmode Test::More->builder->$_, ':utf8'
    for qw(output failure_output todo_output);

sub begin {
    tenant(POST => '/reset');
    tenant(POST => '/set', {limits => undef});
    return Pwless->new('site');
}

# L7 to L10: addresses on the wire. [what, bytes posted, email the tenant gets]
{
    my $ann = begin();
    my $long = join '.', map { $_ x 63 } qw(b c);
    $long = 'a' x 64 . "\@$long." . 'd' x (254 - 64 - 2 - length $long);
    my @addresses = (
        ['L7: a quote', 'a"b@example.org', undef],
        ['L7: a backslash', 'a\\b@example.org', undef],
        ['L7: markup', '</script>@example.org', undef],
        ['L7: a control byte', "a\x01b\@example.org", undef],
        ['L7: JSON', '{"a":1}@example.org', undef],
        ['L7: JSON that closes the string', 'a","connection":"sms@example.org', undef],
        ['L7: \u0000 as text', 'a\u0000@example.org', undef],
        ['L7: apostrophe and braces are allowed', "o'{b}\@example.org",
            "o'{b}\@example.org"],
        ['L7: 10 KB', 'a' x 10_000 . '@example.org', undef],
        ['L7: invalid UTF-8', "a\xff\@example.org", undef],
        ['L7: overlong UTF-8', "a\xc0\xaf\@example.org", undef],
        ['L7: 254 bytes', $long, $long],
        ['L7: 255 bytes', $long . 'd', undef],
        ['L8: full-width at-sign and dot', encode_utf8('ann＠example．org'),
            'ann@example.org'],
        ['L8: zero-width and direction marks',
            encode_utf8("\x{200b}a\x{200d}n\x{202e}n\@example.org\x{feff}"),
            'ann@example.org'],
        ['L8: white space around', encode_utf8(" \t ann\@example.org\x{3000}\r\n"),
            'ann@example.org'],
        ['L8: the domain in capitals', 'Ann@EXAMPLE.Org', 'Ann@example.org'],
        ['L8: mailto', 'mailto:ann@example.org', 'ann@example.org'],
        ['L8: name and address', 'Ann <ann@example.org>', 'ann@example.org'],
        ['L9: quoted local part', '"a@b"@example.org', undef],
        ['L9: comment', 'a(b)@example.org', undef],
        ['L9: address literal', 'a@[1.2.3.4]', undef],
        ['L9: source route', '@x.example,@y.example:a@example.org', undef],
        ['L9: two signs', 'a@evil.example@example.org', undef],
        ['L9: no domain', 'a@', undef],
        ['L9: no local part', '@example.org', undef],
        ['L9: no dot', 'a@localhost', undef],
        ['L9: an empty label', 'a@example..org', undef],
        ['L10: comma', 'a@example.org,b@example.org', undef],
        ['L10: semicolon', 'a@example.org;b@example.org', undef],
        ['L10: blank', 'a@example.org b@example.org', undef],
        ['L10: line break', "a\@example.org\nb\@example.org", undef],
        ['L10: CR, LF and a header', "a\@example.org\r\nBcc: b\@example.org", undef],
        ['L10: two in brackets', '<a@example.org><b@example.org>', undef],
        ['L10: empty', '', undef],
        ['L10: blanks only', '   ', undef],
    );
    for my $case (@addresses) {
        my ($what, $bytes, $email) = @$case;
        tenant(DELETE => '/calls');
        $ann = Pwless->new('site');
        my $res = $ann->post('/.auth0/login',
            'email=' . uri_escape($bytes) . '&t=' . $ann->open_login);
        my @calls = @{tenant(GET => "/calls?path=$START")};
        if (!defined $email) {
            is $res->code, 422, "$what: refused";
            is scalar @calls, 0, "$what: without a call";
            like $res->content, qr/aria-invalid="true"/, "$what: at the field";
            next;
        }
        is $res->code, 303, "$what: goes on";
        is scalar @calls, 1, "$what: one call";
        is $calls[0]{json}{email}, $email, "$what: the tenant sees $email";
        is scalar(() = $calls[0]{body} =~ /"email":/g), 1, "$what: once";
    }
    tenant(DELETE => '/calls');
    my $t = $ann->open_login;
    my @bodies = (
        ['L10: the field twice', "email=a\@example.org&email=b\@example.org&t=$t", 400],
        ['L10: twice the same', "email=a\@example.org&email=a\@example.org&t=$t", 400],
        ['L10: email[]', "email[]=a\@example.org&t=$t", 422],
        ['L10: another case', "Email=a\@example.org&t=$t", 422],
        ['L10: the token twice', "email=a\@example.org&t=$t&t=$t", 400],
        ['L7: a NUL in the address', "email=a\@example.org%00.evil&t=$t", 400],
        ['L25: a NUL in a name', "em%00ail=a\@example.org&t=$t&email=a\@b.example", 400],
        ['L25: bad percent', "email=a\@example.org%&t=$t", 400],
        ['L25: 33 fields', "email=a\@example.org&t=$t" . '&x=1' x 31, 400],
        ['L25: a name 10,000 times', 'x&' x 10_000 . "email=a\@b.example&t=$t", 413],
        ['L25: a field 5,000 times', 'a=&' x 5_000 . "t=$t", 400],
    );
    for my $case (@bodies) {
        my ($what, $body, $status) = @$case;
        is $ann->post('/.auth0/login', $body)->code, $status, "$what: $status";
    }
    is calls($START), 0, 'L10, L25: and no call';
    is $ann->post('/.auth0/login', "email=a\@example.org&t=$t" . '&x=1' x 30)->code,
        303, 'L25: 32 fields are read';
    is_deeply tenant(GET => '/errors'), [], 'L7: the stand-in had no trouble';
}

# L14: the paste table. [what, text with %s for the code, calls]
{
    begin();
    my ($ann, $step2, $t, $code) = at_step2('site', 'ann@example.org');
    my @garbage = (
        ['nothing', '', 'Enter the code from the email'],
        ['blanks', "  \t ", 'Enter the code from the email'],
        ['one digit', '1', 'You entered 1'],
        ['five digits', '12345', 'The code has 6 digits. You entered 5'],
        ['seven digits', '1234567', 'You entered 7'],
        ['twenty digits', '1' x 20, 'You entered 20'],
        ['letters', 'abcdef', 'made of digits only'],
        ['a letter among digits', '12a456', 'made of digits only'],
        ['two codes', 'codes 123456 and 654321', 'made of digits only'],
        ['a sign', '+123456', 'made of digits only'],
        ['4 KB', '1' x 4096, 'made of digits only'],
        ['4 KB of letters', 'x' x 4096, 'made of digits only'],
        ['JSON', '12345","realm":"sms', 'made of digits only'],
        ['a backslash', '12345\\6', 'made of digits only'],
        ['invalid UTF-8', "12\xff3456", 'made of digits only', 1],
        ['markup', '<b>1</b>', 'made of digits only'],
    );
    for my $case (@garbage) {
        my ($what, $text, $says, $bytes) = @$case;
        my $body = 'code=' . ($bytes ? uri_escape($text) : uri_escape_utf8($text))
            . "&t=$t&op=verify";
        my $res = $ann->post($step2, $body);
        is $res->code, 422, "L14: $what is refused";
        like $res->content, qr/\Q$says\E/, "L14: $what: the page says why";
        unlike $res->content, qr/tr(?:y|ies) left/, "L14: $what costs no try";
    }
    is $ann->post($step2, "t=$t&op=verify&code=%00123456")->code, 400,
        'L14: a NUL is not read at all';
    is $ann->post($step2, "t=$t&op=verify&code=1&code=$code")->code, 400,
        'L14: nor is a field that comes twice';
    is calls($TOKEN), 0, 'L14: none of it reached the tenant';
    my @good = (
        ['as it is', '314159'],
        ['in two groups', '314 159'],
        ['with a hyphen', '314-159'],
        ['with an en dash', "314\x{2013}159"],
        ['blank before, line break after', " 314159\n"],
        ['each digit apart', '3 1 4 1 5 9'],
        ['full-width digits', join '', map { chr 0xff10 + $_ } split //, '314159'],
        ['Arabic-Indic digits', join '', map { chr 0x660 + $_ } split //, '314159'],
        ['in its sentence', 'Your code is 314159'],
        ['with JSON after it', '314159","realm":"sms'],
    );
    for my $case (@good) {
        my ($what, $text) = @$case;
        begin();
        tenant(POST => '/set', {fixed_code => '314159'});
        my ($ben, $his, $token) = at_step2('site', 'ben@example.org');
        my $res = $ben->post($his, {code => $text, t => $token, op => 'verify'});
        is $res->code, 303, "L14: $what: goes on";
        my @calls = @{tenant(GET => "/calls?path=$TOKEN")};
        is scalar @calls, 1, "L14: $what: one call";
        is $calls[0]{json}{otp}, '314159', "L14: $what: with the digits alone";
        is $calls[0]{json}{realm}, 'email', "L14: $what: and our realm";
        is scalar sessions_set($res), 1, "L14: $what: signs in";
    }
    tenant(POST => '/set', {fixed_code => '000042'});
    my ($cy, $hers, $token) = at_step2('site', 'cy@example.org');
    $cy->post($hers, {code => '000042', t => $token, op => 'verify'});
    ok $cy->cookie('session'), 'L14: leading zeros are kept';
    my $calls = tenant(GET => "/calls?path=$TOKEN");
    is $calls->[-1]{json}{otp}, '000042', 'L14: on the wire, too';
}

# L24, D1 to D6: bodies that are no form.
{
    begin();
    my $ann = Pwless->new('plain');
    my $t = uri_escape($ann->open_login);
    my $good = "email=ann\@example.org&t=$t";
    my $pending = $ann->cookie('pending');
    my $port = Apache::Test::config()->{vhosts}{plain}{port};
    my $raw = sub {
        my ($headers, $body) = @_;
        return $ann->raw("POST /.auth0/login HTTP/1.1\r\nHost: localhost:$port\r\n"
            . "Accept: text/html\r\nOrigin: http://localhost:$port\r\n"
            . "Cookie: auth0-pending=$pending\r\nConnection: close\r\n"
            . join('', map { "$_\r\n" } @$headers) . "\r\n$body");
    };
    my $form = 'Content-Type: application/x-www-form-urlencoded';
    my $length = 'Content-Length: ' . length $good;
    my $mime = "--x\r\nContent-Disposition: form-data; name=\"email\"\r\n\r\n"
        . "ann\@example.org\r\n--x--\r\n";
    my @bodies = (
        ['no type', [$length], $good, 415],
        ['text/plain', [$length, 'Content-Type: text/plain'], $good, 415],
        ['a longer type', [$length, "${form}x"], $good, 415],
        ['multipart', ['Content-Length: ' . length $mime,
            'Content-Type: multipart/form-data; boundary=x'], $mime, 415],
        ['gzip', [$length, $form, 'Content-Encoding: gzip'], $good, 415],
        ['an empty body', ['Content-Length: 0', $form], '', 403],
        ['no length at all', [$form], '', 403],
        ['16,385 bytes', ['Content-Length: 16385', $form],
            $good . '&x=' . 'y' x (16_385 - 3 - length $good), 413],
        ['a length too small', ['Content-Length: 5', $form], $good, 403],
        ['a negative length', ['Content-Length: -1', $form], $good, 400],
        ['two lengths', [$length, 'Content-Length: 3', $form], $good, 400],
        ['a length that is no number', ['Content-Length: 0x10', $form], $good, 400],
        ['chunks that are none', ['Transfer-Encoding: chunked', $form], "zz\r\n$good", 400],
        ['chunks and gzip', ['Transfer-Encoding: gzip, chunked', $form],
            "3\r\n\x1f\x8b\x08\r\n0\r\n\r\n", 403],
        ['only separators', ['Content-Length: 7', $form], '&=&=&&=', 403],
    );
    for my $case (@bodies) {
        my ($what, $headers, $body, $status) = @$case;
        is $raw->($headers, $body)->code, $status, "L24, D1, D4: $what: $status";
    }
    my $big = 10 * 1024 * 1024;
    my $res = $raw->(["Content-Length: $big", $form], 'x=' . 'y' x ($big - 2));
    is $res->code, 413, 'L24: 10 MB: 413';
    my $chunk = sprintf "%x\r\n%s\r\n", 1_000_000, 'y' x 1_000_000;
    $res = $raw->(['Transfer-Encoding: chunked', $form], $chunk x 10 . "0\r\n\r\n");
    is $res->code, 413, 'L24: 10 MB in chunks: 413';
    {
        my $socket = $ann->connection;
        print $socket "POST /.auth0/login HTTP/1.1\r\nHost: localhost\r\n$form\r\n"
            . "Content-Length: 1000\r\nAccept: text/html\r\n\r\nemail=a";
        shutdown $socket, 1;
        my $answer = do { local $/; <$socket> } || '';
        ok $answer eq '' || $answer =~ m{^HTTP/1\.1 4(?:00|08) },
            'L24, D5: a body that ends early is not taken for a whole one';
    }
    is calls($START), 0, 'L24: the tenant was not asked';
    is $raw->(['Content-Length: ' . (1 + length $good), $form, 'Expect: 100-continue'],
        "$good&")->code, 303, 'L24: Expect: 100-continue is served';
    is $raw->(["$form; charset=UTF-8", $length], $good)->code, 303,
        'L24: a charset in the type does no harm';
    my $chunked = join '', map { sprintf "%x\r\n%s\r\n", length $_, $_ }
        $good =~ /(.{1,7})/gs;
    is $raw->(['Transfer-Encoding: chunked', $form], "${chunked}0\r\n\r\n")->code, 303,
        'L24: nor do small chunks';
    is calls($START), 1, 'L24: three posts of one form, one call';
    $res = $raw->(['Content-Length: 16384', $form],
        $good . '&x=' . 'y' x (16_384 - 3 - length $good));
    is $res->code, 303, 'L24: 16,384 bytes are read';
}
is_deeply tenant(GET => '/errors'), [], 'the stand-in had no trouble';
done_testing;
