# SPDX-License-Identifier: Apache-2.0
package Pwless;

# A browser for the live suite, and words for what a person does with it.
#
#   my $ann = Pwless->new('site');          a browser with no cookies
#   my $res = $ann->get('/htdocs/members'); HTTP::Response, no redirect followed
#   $ann->sign_in('ann@example.org');       the whole form flow
#
# With PWLESS_H2 set the browser speaks HTTP/2, by curl.
#
# tenant(...) speaks to the stand-in's control port (tests/tenant/README.md).

use strict;
use warnings;
use Apache::Test ();
use Apache::TestRequest ();
use HTTP::Cookies ();
use HTTP::Request ();
use HTTP::Response ();
use IO::Socket::INET ();
use IO::Socket::SSL ();
use JSON::PP qw(decode_json encode_json);
use LWP::UserAgent ();
use POSIX ();
use Time::HiRes ();
use URI::Escape qw(uri_escape_utf8);
use Exporter 'import';
our @EXPORT_OK = qw(tenant messages code_for log_lines work calls at_step2 sessions_set
    wrong_code crowd answers);

my $plain = LWP::UserAgent->new(timeout => 30);
my $ready = do {
    open my $in, '<', "$ENV{PWLESS_WORK}/tenant/tenant.json"
        or die "no tenant: $!";
    local $/;
    decode_json(<$in>);
};

sub work { return $ENV{PWLESS_WORK} }

# tenant(GET => '/calls'), tenant(POST => '/set', {mfa => JSON::PP::true})
sub tenant {
    my ($method, $path, $json) = @_;
    my $request = HTTP::Request->new($method, "$ready->{control}$path");
    if ($json) {
        $request->content_type('application/json');
        $request->content(encode_json($json));
    }
    my $res = $plain->request($request);
    die "$method $path: " . $res->as_string unless $res->is_success;
    return length $res->content ? decode_json($res->content) : undef;
}

sub tenant_json { return $ready }

# Mails to an address, newest first.
sub messages {
    my ($to) = @_;
    return tenant(GET => '/messages?to=' . uri_escape_utf8($to));
}

sub code_for {
    my ($to) = @_;
    my $mails = messages($to);
    remember(code => map { $_->{code} } @$mails);
    remember(address => $to);
    return @$mails ? $mails->[0]{code} : undef;
}

# How many calls the stand-in got, since the last reset.
sub calls {
    my ($path) = @_;
    return scalar @{tenant(GET => "/calls?path=$path")};
}

# What no log may hold goes to a file; zz_secrets.t looks for it. One line a
# value: kind, TAB, value.
sub remember {
    my ($kind, @values) = @_;
    open my $out, '>>', "$ENV{PWLESS_WORK}/used-secrets" or die "secrets: $!";
    print $out map { "$kind\t$_\n" } grep { defined && length } @values;
}

sub remember_answer {
    my ($res) = @_;
    remember(cookie => grep { length >= 20 }
        map { /^[^=]+=([^;]*)/ ? $1 : () } $res->header('Set-Cookie'));
    remember(token => $res->content =~ /name="t" value="([^"]+)"/g,
        $res->content =~ /"t": ?"([^"]+)"/g);
    remember(url_token => ($res->header('Location') || '') =~ /[?&]t=([^&]+)/);
    return;
}

# Lines the error log gained since the last call (or the given offset).
my $log_seen = 0;

sub log_lines {
    my ($from) = @_;
    open my $log, '<', "$ENV{PWLESS_WORK}/t/logs/error_log" or die "log: $!";
    seek $log, defined $from ? $from : $log_seen, 0;
    my @lines = <$log>;
    $log_seen = tell $log;
    return @lines;
}

sub new {
    my ($class, $host) = @_;
    my $base = $host;
    if ($host !~ m{^https?://}) { # else an httpd of the test's own
        my $vhost = Apache::Test::config()->{vhosts}{$host}
            or die "no host $host in extra.conf.in";
        my $scheme = $host =~ /^(?:plain|backend|bare)$/ ? 'http' : 'https';
        $base = "$scheme://localhost:$vhost->{port}";
    }
    my $ua = LWP::UserAgent->new(
        cookie_jar            => HTTP::Cookies->new,
        requests_redirectable => [],
        timeout               => 60,
        agent                 => 'Mozilla/5.0 (live suite)',
        keep_alive            => 2,
        ssl_opts => {SSL_ca_file => $ready->{ca_file}, verify_hostname => 1},
    );
    return bless {
        ua   => $ua,
        base => $base,
        host => $host,
    }, $class;
}

sub base { return $_[0]{base} }

sub cookie {
    my ($self, $name) = @_;
    my $value;
    $self->{ua}->cookie_jar->scan(
        sub { $value = $_[2] if $_[1] =~ /(?:__Host-)?auth0-\Q$name\E$/ });
    return $value;
}

# Send a request as a browser does. $headers override; undef removes one.
sub request {
    my ($self, $method, $path, $body, $headers) = @_;
    my $url = $path =~ m{^https?://} ? $path : $self->{base} . $path;
    my %all = (
        'Accept' => 'text/html,application/xhtml+xml,*/*;q=0.8',
        'Sec-Fetch-Mode' => 'navigate',
        'Sec-Fetch-Dest' => 'document',
        'Sec-Fetch-Site' => 'same-origin',
        (defined $body && $method eq 'POST'
            ? ('Origin' => $self->{base},
               'Content-Type' => 'application/x-www-form-urlencoded')
            : ()),
        %{$headers || {}},
    );
    my $request = HTTP::Request->new($method, $url);
    for my $name (keys %all) {
        $request->header($name => $all{$name}) if defined $all{$name};
    }
    $request->content($body) if defined $body;
    # httpd closes a connection that was idle for five seconds, and would do so under a
    # request sent right then.
    my $kept = $self->{ua}->conn_cache;
    $kept->drop if $kept && time - ($self->{answered} || 0) > 3;
    my $res = $ENV{PWLESS_H2} ? $self->by_curl($request) : $self->{ua}->request($request);
    $self->{answered} = time;
    remember_answer($res);
    return $res;
}

# The same by HTTP/2, which LWP does not speak.
sub by_curl {
    my ($self, $request) = @_;
    my $jar = $self->{ua}->cookie_jar;
    $jar->add_cookie_header($request) if $jar;
    my ($method, $body) = ($request->method, $request->content);
    my @headers;
    $request->headers->scan(sub { push @headers, "$_[0]: $_[1]" });
    # What curl would send by itself and the request does not have.
    push @headers, map { "$_:" } grep { !defined $request->header($_) }
        qw(Accept Content-Type Expect);
    my @curl = ('curl', '--silent', '--include', '--max-time', 60, '--path-as-is', '--globoff',
        $self->{base} =~ /^https/ ? '--http2' : '--http2-prior-knowledge',
        '--cacert', $ready->{ca_file}, '--user-agent', $self->{ua}->agent,
        $method eq 'HEAD' ? '--head' : ('--request', $method), map { ('--header', $_) } @headers);
    my $file = "$ENV{PWLESS_WORK}/body-$$";
    if (length $body) {
        open my $out, '>:raw', $file or die "$file: $!";
        print $out $body;
        close $out;
        push @curl, '--data-binary', "\@$file";
    }
    open my $from, '-|:raw', @curl, $request->uri->as_string or die "curl: $!";
    my $answer = do { local $/; <$from> };
    close $from;
    $answer = '' unless defined $answer;
    $answer =~ s/^HTTP\S+ 1\d\d .*?\r\n\r\n//s;
    my $res = length $answer ? HTTP::Response->parse($answer) : HTTP::Response->new(500, 'no answer');
    die "not HTTP/2: $answer" if $res->code != 500 && $res->protocol ne 'HTTP/2';
    $res->request($request);
    $jar->extract_cookies($res) if $jar;
    return $res;
}

# Many requests at one moment: each of @requests is [METHOD, PATH, BODY,
# HEADERS], sent with this browser's cookies on a connection of its own. All
# are held back by their last byte until the last one is ready. Answers a list
# of HTTP::Response, in the same order; the cookie jar learns nothing.
sub burst {
    my ($self, @requests) = @_;
    my @sockets;
    my ($port) = $self->{base} =~ /:(\d+)$/;
    for my $wanted (@requests) {
        my ($method, $path, $body, $headers) = @$wanted;
        my %all = (
            'Host' => "localhost:$port", 'Connection' => 'close',
            'Accept' => 'text/html', 'Sec-Fetch-Mode' => 'navigate',
            'Sec-Fetch-Dest' => 'document', 'Sec-Fetch-Site' => 'same-origin',
            ($method eq 'POST' ? ('Origin' => $self->{base},
                'Content-Type' => 'application/x-www-form-urlencoded') : ()),
            %{$headers || {}});
        my $request = HTTP::Request->new($method, "$self->{base}$path", [%all]);
        $self->{ua}->cookie_jar->add_cookie_header($request);
        $request->header('Content-Length' => length $body) if defined $body;
        my $text = "$method $path HTTP/1.1\r\n"
            . $request->headers->as_string("\r\n") . "\r\n"
            . (defined $body ? $body : '');
        my $socket = $self->connection;
        print $socket substr $text, 0, -1;
        push @sockets, [$socket, substr($text, -1), $request];
    }
    { local $| = 1; print { $_->[0] } $_->[1] for @sockets; }
    return map {
        my ($socket, undef, $request) = @$_;
        my $answer = do { local $/; <$socket> };
        my $res = HTTP::Response->parse(defined $answer ? $answer : '');
        $res->request($request);
        remember_answer($res);
        $res;
    } @sockets;
}

# A connection to this browser's host, for what a library would not send.
sub connection {
    my ($self) = @_;
    my ($scheme, $port) = $self->{base} =~ m{^(\w+)://localhost:(\d+)$};
    my @where = (PeerHost => '127.0.0.1', PeerPort => $port, Timeout => 30);
    my $socket = $scheme eq 'http'
        ? IO::Socket::INET->new(@where)
        : IO::Socket::SSL->new(@where, SSL_hostname => 'localhost',
            SSL_verifycn_name => 'localhost', SSL_ca_file => $ready->{ca_file});
    die "no connection to $self->{host}: $!" unless $socket;
    $socket->autoflush(1);
    return $socket;
}

# Send bytes as they are and read the answer.
sub raw {
    my ($self, $bytes) = @_;
    my $socket = $self->connection;
    local $SIG{PIPE} = 'IGNORE'; # refused before all was sent
    print $socket $bytes;
    my $answer = do { local $/; <$socket> };
    $answer = '' unless defined $answer;
    $answer =~ s/^HTTP\S+ 100 .*?\r\n\r\n//s;
    my $res = HTTP::Response->parse($answer);
    remember_answer($res);
    return $res;
}

sub get {
    my ($self, $path, $headers) = @_;
    return $self->request('GET', $path, undef, $headers);
}

sub post {
    my ($self, $path, $form, $headers) = @_;
    my $body = ref $form
        ? join '&', map { "$_=" . uri_escape_utf8($form->{$_}) }
            grep { defined $form->{$_} } sort keys %$form
        : $form;
    return $self->request('POST', $path, $body, $headers);
}

# As a page's script asks: GET without a body, POST with JSON (a hash, or text
# as it stands). Answers the response and what its JSON says.
sub json {
    my ($self, $name, $body, $headers) = @_;
    my $text = ref $body ? encode_json($body) : $body;
    my $res = $self->request(defined $body ? 'POST' : 'GET', "/.auth0/$name", $text, {
        'Accept' => defined $body ? '*/*' : 'application/json',
        'Sec-Fetch-Mode' => 'cors', 'Sec-Fetch-Dest' => 'empty',
        (defined $body ? ('Content-Type' => 'application/json') : ()),
        %{$headers || {}}});
    my $type = $res->content_type || '';
    return ($res, $type =~ m{^application/(?:problem\+)?json$}
        ? decode_json($res->content) : {});
}

# The token of a page's first form.
sub token {
    my ($res) = @_;
    return $res->content =~ /name="t" value="([^"]+)"/ ? $1 : undef;
}

# A text without what is sealed or random in it, which may spell any short word by
# chance: runs of 20 characters or more of base64url.
sub without_random {
    my ($text) = @_;
    $text =~ s/[A-Za-z0-9_-]{20,}/~/g;
    return $text;
}

# GET the sign-in page. Answers its token.
sub open_login {
    my ($self, $return_to) = @_;
    my $res = $self->get('/.auth0/login'
        . (defined $return_to ? '?return_to=' . uri_escape_utf8($return_to) : ''));
    return token($res);
}

# Ask for a code: answers the URL of step 2.
sub ask_code {
    my ($self, $email, $return_to) = @_;
    my $res = $self->post('/.auth0/login',
        {email => $email, t => $self->open_login($return_to), op => 'send'});
    $self->{asked} = $res; # for whoever wonders why there is no step 2
    return $res->header('Location');
}

# Post a code at step 2: answers the response.
sub enter_code {
    my ($self, $step2, $code) = @_;
    my $page = $self->get($step2);
    return $self->post($step2,
        {code => $code, t => token($page), op => 'verify'});
}

# A new browser at step 2: (browser, URL of step 2, token of its form, code).
sub at_step2 {
    my ($host, $email, $return_to) = @_;
    my $browser = Pwless->new($host);
    my $step2 = $browser->ask_code($email, $return_to);
    my $t = token($browser->get($step2));
    return ($browser, $step2, $t, code_for($email));
}

# Another code of as many digits than the right one.
sub wrong_code {
    my ($code, $nth) = @_;
    my $digits = length $code;
    return sprintf "%0${digits}d", ($code + ($nth || 1)) % 10**$digits;
}

# So many processes post an address of their own at once. Answers pipes to read from;
# answers() has of each [status, seconds], when it is done.
my $people = 0;

sub crowd {
    my ($base, $size) = @_;
    my @from;
    for (1 .. $size) {
        my $email = 'u' . $people++ . '@example.org';
        my $who = Pwless->new($base);
        my $t = $who->open_login('/members/');
        $who->{ua}->conn_cache(undef); # a kept connection would keep a child
        my $pid = open my $pipe, '-|';
        die "fork: $!" unless defined $pid;
        if ($pid) {
            push @from, $pipe;
            next;
        }
        my $began = Time::HiRes::time();
        my $res = $who->post('/.auth0/login', {email => $email, t => $t, op => 'send'});
        print $res->code, ' ', Time::HiRes::time() - $began, "\n";
        close STDOUT;
        POSIX::_exit(0);
    }
    return @from;
}

sub answers { return map { [split ' ', readline($_) || '0 0'] } @_ }

# Values that responses set the session cookie to.
sub sessions_set {
    return map { /^(?:__Host-)?auth0-session=([^;]+)/ ? $1 : () }
        map { $_->header('Set-Cookie') } @_;
}

# The whole flow. Answers the last response, a 303 to $return_to.
sub sign_in {
    my ($self, $email, $return_to) = @_;
    my $step2 = $self->ask_code($email, $return_to)
        or die "no code could be asked for";
    return $self->enter_code($step2, code_for($email));
}

sub sign_out {
    my ($self) = @_;
    my $page = $self->get('/.auth0/logout');
    return $self->post('/.auth0/logout', {t => token($page)});
}

1;
