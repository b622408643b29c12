# SPDX-License-Identifier: Apache-2.0
# The way through the tenant's own pages, as a person's browser goes it.
package PwlessHosted;
use strict;
use warnings;
use Exporter qw(import);
use HTTP::Cookies ();
use LWP::UserAgent ();
use URI ();
use URI::Escape qw(uri_escape_utf8);
use Pwless qw(tenant code_for log_lines);

our @EXPORT_OK = qw(new_tenant sent walk hosted_in user_at sent_fields reasons);

my $CALLBACK = '/.auth0/callback';
my @HOSTS = qw(hosted hastened site club recent policy anew sms calls leaving);

# The hosts' addresses never change; asking for them once is enough.
my @callbacks;

sub callbacks {
    for my $host (@callbacks ? () : @HOSTS) {
        push @callbacks, Pwless->new($host)->base . $CALLBACK;
    }
    return [@callbacks];
}

# A tenant as at the start, that knows our callbacks.
sub new_tenant {
    my (%knobs) = @_;
    tenant(POST => '/reset');
    tenant(POST => '/set', {limits => undef, %knobs});
    tenant(POST => '/clients', {client_id => Pwless::tenant_json()->{client_id},
        callbacks => callbacks()});
    log_lines();
    return;
}

# A browser that was sent to /authorize: itself, the URL, its parameters.
sub sent {
    my (%with) = @_;
    my $who = $with{who} || Pwless->new($with{host} || 'hosted');
    my $target = exists $with{target} ? $with{target} : '/htdocs/members/env.cgi?x=1';
    my $res = $who->get('/.auth0/login?return_to=' . uri_escape_utf8($target), $with{headers});
    my $url = $res->header('Location');
    die $res->as_string unless $url;
    return ($who, $url, {URI->new($url)->query_form});
}

# Walk through the tenant's pages as a person does. Answers the callback's URL.
sub walk {
    my ($url, $email, $wrong_first, $ua) = @_;
    $ua ||= LWP::UserAgent->new(cookie_jar => HTTP::Cookies->new, requests_redirectable => [],
        ssl_opts => {SSL_ca_file => Pwless::tenant_json()->{ca_file}});
    my $res = $ua->get($url);
    for (1 .. 8) {
        my $next = $res->header('Location');
        if ($next) {
            $url = URI->new_abs($next, $url);
            return "$url" if $url->path eq $CALLBACK;
            $res = $ua->get($url);
            next;
        }
        my $page = $res->content;
        my ($state) = $page =~ /name="state" value="([^"]+)"/ or return;
        my %form = (state => $state, action => 'default');
        if ($page =~ /name="username"/) { $form{username} = $email }
        elsif ($page =~ /authenticator app/) { $form{code} = '000000' }
        else { $form{code} = code_for($email) }
        $res = $ua->post($url, \%form);
    }
    return;
}

# Sent, walked and back, all in order: the browser and the last answer.
sub hosted_in {
    my ($email, %with) = @_;
    my ($who, $url) = sent(%with);
    return ($who, $who->get(walk($url, $email)));
}

sub user_at {
    my ($who, $path) = @_;
    my $res = $who->get($path || '/htdocs/members/env.cgi');
    return $res->content =~ /^REMOTE_USER=(.*)$/m ? $1 : $res->code;
}

# What a recorded call carried, JSON or form.
sub sent_fields {
    my ($call) = @_;
    return %{$call->{json}} if ref $call->{json};
    return URI->new("?$call->{body}")->query_form;
}

sub reasons { return join ' ', map { /reason=(\S+)/ } log_lines() }

1;
