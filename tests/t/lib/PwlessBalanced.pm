# SPDX-License-Identifier: Apache-2.0
package PwlessBalanced;

# Two machines of one site with a Redis of the test's own, and browsers behind
# a balancer that sends each request to the other machine.
#
#   my ($one, $two) = PwlessBalanced::machines('Auth0Login hosted');
#   my $who = PwlessBalanced->new($one, $two)->next_is($two);
#   $who->get('/.auth0/login');  # at $two; the next request goes to $one

use strict;
use warnings;
our @ISA = ('Pwless');
use Pwless qw(tenant work);
use PwlessHttpd;
use PwlessRedis;
use Test::More;

our $public = 'http://site.test:8080';
our $redis;

# A tenant that knows nobody, and both clients of the tests that use this.
sub new_tenant {
    tenant(POST => '/reset');
    tenant(POST => '/set', {limits => undef});
    tenant(POST => '/clients', {client_id => Pwless::tenant_json()->{client_id},
        callbacks => ["$public/.auth0/callback"]});
    tenant(POST => '/clients', {client_id => 'page', kind => 'spa', auth_method => 'none',
        cross_origin => JSON::PP::true, web_origins => [$public],
        callbacks => ["$public/.auth0/callback"]});
    return;
}

sub seal_file {
    my $seal = work() . "/redis-$$.seal";
    return $seal if -e $seal;
    open my $out, '>', $seal or die "$seal: $!";
    print $out 'QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY=' . "\n";
    close $out;
    chmod 0600, $seal;
    return $seal;
}

sub machines {
    my (@host) = @_;
    if (!$redis) {
        $redis = PwlessRedis->new;
        $redis->{db} = 2;
    }
    return map {
        my $own = PwlessHttpd->site(
            main => ['Auth0SessionStore ' . $redis->url . '/2?prefix=site:&timeout=1s&grace=60s',
                'Auth0SealKey file:' . seal_file(), 'Auth0MaxCalls 16'],
            host => ["Auth0BaseURL $public", 'Auth0ResendInterval 1s', @host]);
        $own->start or BAIL_OUT('no httpd: ' . $own->said . $own->log_text);
        $own
    } 1, 2;
}

sub new {
    my ($class, @machines) = @_;
    my $self = Pwless->new($machines[0]->url);
    $self->{machines} = [@machines];
    return bless $self, $class;
}

# Where the next request goes.
sub next_is {
    my ($self, $machine) = @_;
    push @{$self->{machines}}, shift @{$self->{machines}} until $self->{machines}[0] == $machine;
    return $self;
}

sub request {
    my ($self, $method, $path, $body, $headers) = @_;
    push @{$self->{machines}}, my $machine = shift @{$self->{machines}};
    $self->{base} = $machine->url;
    $path =~ s{^\Q$public\E}{};
    return $self->SUPER::request($method, $path, $body,
        {($method eq 'POST' ? (Origin => $public) : ()), %{$headers || {}}});
}

# What a guarded page says on both machines.
sub codes {
    my ($self, $path) = @_;
    return join ' ', map { $self->get($path)->code } 1 .. 2;
}

1;
