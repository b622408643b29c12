# SPDX-License-Identifier: Apache-2.0
package PwlessRedis;

# A Redis of a test's own, on loopback, and words to ask it directly.
#
#   my $redis = PwlessRedis->new(config => ['--requirepass', 'x']);
#   $redis->url;  $redis->ask('KEYS', '*');  $redis->kill('STOP');
#   $redis->start;  $redis->stop;
#
# It keeps nothing on disk. Whoever loses the object ends the server.

use strict;
use warnings;
use IO::Socket::INET;
use Time::HiRes qw(sleep);
use PwlessHttpd;

my $count = 0;

sub new {
    my ($class, %with) = @_;
    my $dir = "$ENV{PWLESS_WORK}/redis-$$-" . ++$count;
    mkdir $dir or die "$dir: $!";
    my $self = bless {dir => $dir, port => $with{port} || PwlessHttpd::free_port(), owner => $$,
        config => $with{config} || [], password => $with{password}}, $class;
    $self->start;
    return $self;
}

sub port { return $_[0]{port} }
sub url  { return "redis://127.0.0.1:$_[0]{port}" }
sub pid  { return $_[0]{pid} }

sub start {
    my ($self) = @_;
    my $pid = fork;
    die "fork: $!" unless defined $pid;
    if (!$pid) {
        open STDOUT, '>>', "$self->{dir}/log" or die "log: $!";
        open STDERR, '>&', \*STDOUT or die "log: $!";
        # One binary, which goes by the name it is called. Debian's redis-tools
        # has it, and starts no service as the package redis-server does.
        exec {'redis-check-rdb'} 'redis-server', '--port', $self->{port}, '--bind', '127.0.0.1',
            '--save', '', '--appendonly', 'no', '--dir', $self->{dir},
            @{$self->{config}} or exec 'false';
    }
    $self->{pid} = $pid;
    for (1 .. 200) {
        return 1 if IO::Socket::INET->new("127.0.0.1:$self->{port}");
        sleep 0.05;
    }
    die "redis-server does not come up: $self->{dir}/log";
}

sub kill { ## no critic
    my ($self, $signal) = @_;
    return CORE::kill($signal, $self->{pid});
}

# End it at once: what it held is gone.
sub stop {
    my ($self) = @_;
    return unless $self->{pid} && $self->{owner} == $$;
    CORE::kill('KILL', $self->{pid});
    waitpid $self->{pid}, 0;
    delete $self->{pid};
    return;
}

# One command; answers what came back: a string, undef for nil, or a list.
sub ask {
    my ($self, @words) = @_;
    my $to = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$self->{port}", Timeout => 5)
        or die "no redis: $!";
    for my $command ($self->{password} ? ['AUTH', $self->{password}] : (),
        $self->{db} ? ['SELECT', $self->{db}] : (), \@words) {
        print $to '*' . @$command . "\r\n", map { '$' . length($_) . "\r\n$_\r\n" } @$command;
        $to->flush;
        $self->{answer} = read_answer($to);
    }
    return $self->{answer};
}

sub read_answer {
    my ($from) = @_;
    my $line = <$from>;
    die 'redis closed' unless defined $line;
    my ($kind, $rest) = $line =~ /^(.)(.*)\r\n$/;
    die "redis: $rest" if $kind eq '-';
    return $rest if $kind eq '+' || $kind eq ':';
    return if $rest < 0;
    return [map { scalar read_answer($from) } 1 .. $rest] if $kind eq '*';
    read $from, my $text, $rest + 2;
    return substr $text, 0, $rest;
}

# The commands that somebody sends while $deed runs, as MONITOR shows them; not
# those of scripts.
sub heard {
    my ($self, $deed) = @_;
    my $to = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$self->{port}", Timeout => 5)
        or die "no redis: $!";
    print $to "MONITOR\r\n";
    $to->flush;
    my @heard = scalar <$to>;
    $deed->();
    $self->ask('ECHO', 'enough');
    push @heard, scalar <$to> until $heard[-1] =~ /"ECHO" "enough"/;
    return grep { !/ lua\] / } @heard[1 .. $#heard - 1];
}

# Every key and every value, as one text.
sub dump_all {
    my ($self) = @_;
    my $all = '';
    for my $key (@{$self->ask('KEYS', '*')}) {
        my $type = $self->ask('TYPE', $key);
        my $value = $type eq 'string' ? $self->ask('GET', $key)
            : $type eq 'zset' ? $self->ask('ZRANGE', $key, 0, -1, 'WITHSCORES')
            : $type eq 'stream' ? $self->ask('XRANGE', $key, '-', '+') : die "type $type";
        $all .= "$key = " . flat($value) . "\n";
    }
    return $all;
}

sub flat {
    my ($value) = @_;
    return ref $value ? '[' . join(', ', map { flat($_) } @$value) . ']' : $value;
}

sub DESTROY {
    my ($self) = @_;
    local ($?, $!, $@);
    $self->stop;
    return;
}

1;
