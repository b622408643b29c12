# SPDX-License-Identifier: Apache-2.0
# What the module sends agrees with what was recorded at the real service:
# method, path, content type, the set of fields and their types, and the values
# that are constants of the protocol.
#
# One difference is allowed: the recordings are of an application without a
# secret, ours has one and sends it as client_secret.
use strict;
use warnings;
use HTTP::Cookies ();
use JSON::PP qw(decode_json);
use LWP::UserAgent ();
use Test::More;
use URI ();
use Pwless qw(tenant code_for);
use PwlessHttpd;

my $folder = "$ENV{PWLESS_TOP}/../shared/recordings";
plan skip_all => 'no recordings beside this checkout' unless -d $folder;

# The request of a recording. The files are machine-written, one key a line.
sub recorded {
    my ($name) = @_;
    open my $in, '<', "$folder/$name.yaml" or die "$name: $!";
    my $text = do { local $/; <$in> };
    ($text) = split /\n      response:\n/, $text;
    my %got = map { $_ => $text =~ /^        \Q$_\E: ?(.*)$/m ? $1 : '' } qw(method url body);
    if ($got{body} =~ /^'(.*)'$/s) { ($got{body} = $1) =~ s/''/'/g }
    elsif ($got{body} =~ /^"/) { $got{body} = JSON::PP->new->allow_nonref->decode($got{body}) }
    ($got{type}) = $text =~ /^            Content-Type:\n                - (.*)$/m;
    $got{path} = URI->new($got{url})->path;
    $got{fields} = fields($got{type}, $got{body});
    return \%got;
}

sub fields {
    my ($type, $body) = @_;
    return $type =~ /json/ ? decode_json($body) : {URI->new("?$body")->query_form};
}

sub type_of {
    my ($value) = @_;
    return ref $value if ref $value;
    return JSON::PP->new->allow_nonref->encode($value) =~ /^"/ ? 'string' : 'number';
}

sub agree {
    my ($what, $name, $path, @constants) = @_;
    my $want = recorded($name);
    my ($sent) = @{tenant(GET => "/calls?path=$path")};
    ok $sent, "$what: was sent" or return;
    is $sent->{method}, $want->{method}, "$what: method as recorded in $name";
    is $sent->{path}, $want->{path}, "$what: path";
    is $sent->{headers}{'content-type'}, $want->{type}, "$what: content type";
    my $ours = fields($sent->{headers}{'content-type'}, $sent->{body});
    is delete $ours->{client_secret}, Pwless::tenant_json()->{client_secret}, "$what: and our secret";
    is join(' ', sort keys %$ours), join(' ', sort keys %{$want->{fields}}), "$what: the same fields";
    for my $key (sort keys %{$want->{fields}}) {
        is type_of($ours->{$key}), type_of($want->{fields}{$key}), "$what: $key has the same type";
    }
    for my $key (@constants) {
        is $ours->{$key}, $want->{fields}{$key}, "$what: $key has the same value";
    }
    return;
}

tenant(POST => '/reset');
my $own = PwlessHttpd->site(host => ['Auth0Audience https://api.example.com']);
tenant(POST => '/set', {limits => undef});
ok $own->start, 'a site that asks for an audience' or diag $own->log_text;
my $ann = Pwless->new($own->url);
$ann->sign_in('ann@example.org', '/members/');
is $ann->get('/members/')->code, 200, 'signs somebody in';
agree('asking for a code', 'TestSendEmail', '/passwordless/start', qw(connection send));
agree('exchanging it', 'TestLoginWithEmail', '/oauth/token', qw(grant_type realm));
$own->let_go;

# The callback's exchange.
tenant(DELETE => '/calls');
my $bob = Pwless->new('hosted');
tenant(POST => '/clients', {client_id => Pwless::tenant_json()->{client_id},
    callbacks => [$bob->base . '/.auth0/callback']});
my $url = URI->new($bob->get('/.auth0/login')->header('Location'));
my $ua = LWP::UserAgent->new(cookie_jar => HTTP::Cookies->new, requests_redirectable => ['GET'],
    ssl_opts => {SSL_ca_file => Pwless::tenant_json()->{ca_file}});
$url->query_form($url->query_form, login_hint => 'bob@example.org');
my $page = $ua->get($url);
my ($state) = $page->content =~ /name="state" value="([^"]+)"/;
my $back = $ua->post($page->request->uri, {state => $state, action => 'default',
    code => code_for('bob@example.org')})->header('Location');
like $back, qr/callback\?code=/, 'the tenant sends back';
is $bob->get($back)->code, 303, 'to the callback';
agree('exchanging the callback\'s code', 'TestLoginWithAuthCodeWithPKCE-Should_support_setting_a_redirect_uri',
    '/oauth/token', qw(grant_type));

is_deeply tenant(GET => '/errors'), [], 'the stand-in had no trouble';
done_testing;
