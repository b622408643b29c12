# SPDX-License-Identifier: Apache-2.0
package PwlessHttpd;

# An httpd of a test's own, beside the one all tests share: for configurations
# that must not start, stores that must be full, restarts in the middle.
#
#   my $own = PwlessHttpd->new(main => [lines], host => [lines]);
#   my $own = PwlessHttpd->site(lines);     guards /members, with the stand-in's tenant
#   my ($status, $said) = $own->check;      httpd -t
#   $own->start; $own->url; $own->graceful; $own->restart; $own->stop; $own->let_go;
#
# `main` are lines of the main server, `host` those of one plain <VirtualHost>.
# Both may be absent; ${OWN} in them is the server's folder. `modules` names modules to load, in their order, with
# auth0_pwless among them; without it, a few usual ones and ours last. Everything is written to a folder of its own, which stays
# for whoever wants to look; a server still up when the object goes is stopped.

use strict;
use warnings;
use IO::Socket::INET;

my $count = 0;
# Twentieths of a second for what httpd is told to do; a sanitizer takes longer.
my $PATIENCE = $ENV{WRAPPER} ? 2400 : 200;
my @basic = qw(authn_core authz_core authz_user authz_host unixd dir mime alias
    env setenvif headers remoteip status info include ssl);

sub new {
    my ($class, %with) = @_;
    my $dir = "$ENV{PWLESS_WORK}/own-$$-" . ++$count;
    mkdir $dir or die "$dir: $!";
    for my $place ('htdocs', 'htdocs/members', 'htdocs/open') {
        mkdir "$dir/$place" or die "$dir/$place: $!";
        open my $page, '>', "$dir/$place/index.html" or die "$dir/$place: $!";
        print $page "page in $place, <!--#echo var=\"REMOTE_USER\" -->\n";
    }
    my $self = bless {dir => $dir, port => free_port()}, $class;
    $self->write_conf(%with);
    return $self;
}

# A plain-http site with the stand-in for its tenant; `main` as for new().
sub site {
    my ($class, %with) = @_;
    my @host = ("Include $ENV{PWLESS_WORK}/t/conf/defines.conf",
        "Include $ENV{PWLESS_WORK}/t/conf/tenant.conf", 'Auth0InsecureHTTP On',
        @{$with{host} || []},
        '<Location "/members">', 'AuthType Auth0Passwordless', 'AuthName Members',
        'Require valid-user', '</Location>', '<Location "/open">',
        'Require all granted', '</Location>');
    return $class->new(%with, host => \@host);
}

# Of the suite's own stretch of ports (tests/live.sh), which the system gives to no
# client; none twice in a row.
my $ports = 0;

sub free_port {
    for (1 .. 192) {
        my $port = $ENV{PWLESS_PORTS} + ($$ + $ports++) % 192;
        return $port if IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $port,
            Listen => 1, ReuseAddr => 1);
    }
    die "no free port: $!";
}

sub basic_modules { return @basic }

my $built_in;

sub modules {
    $built_in ||= qx($ENV{PWLESS_HTTPD} -l);
    return map {
        my $file = $_ eq 'auth0_pwless' ? "$ENV{PWLESS_TREE}/.libs/mod_$_.so"
            : "$ENV{PWLESS_MODULES}/mod_$_.so";
        $built_in =~ /\bmod_$_\.c/ || !-e $file ? () : "LoadModule ${_}_module $file"
    } @_;
}

sub write_conf {
    my ($self, %with) = @_;
    my $dir = $self->{dir};
    my $mpm = $with{mpm} || $ENV{PWLESS_MPM};
    my @order = $with{modules} ? @{$with{modules}}
        : (@basic, exists $with{module} && !$with{module} ? () : 'auth0_pwless');
    unshift @order, 'http2' if $ENV{PWLESS_H2} && !grep { $_ eq 'http2' } @order;
    my @host = $with{host}
        ? ("<VirtualHost 127.0.0.1:$self->{port}>",
           "ServerName localhost:$self->{port}", @{$with{host}}, '</VirtualHost>')
        : ();
    open my $out, '>', $self->conf or die $self->conf . ": $!";
    print $out map { "$_\n" }
        "ServerRoot $dir", "Define OWN $dir", modules("mpm_$mpm", @order),
        "Listen 127.0.0.1:$self->{port}",
        ($with{no_name} ? () : "ServerName localhost:$self->{port}"),
        "PidFile $dir/httpd.pid", "ErrorLog $dir/error_log",
        "DocumentRoot $dir/htdocs",
        "<Directory $dir/htdocs>", 'Options +Includes',
        'AddOutputFilter INCLUDES .html', '</Directory>', 'User nobody', 'Group nogroup',
        "DefaultRuntimeDir $dir", 'TypesConfig /dev/null', 'LogLevel info',
        # All the children there will be, unless very many requests come at once.
        ($mpm eq 'prefork' ? ('StartServers 8', 'MinSpareServers 1')
            : ('StartServers 2', 'ServerLimit 2', 'ThreadLimit 16',
               'ThreadsPerChild 16', 'MaxRequestWorkers 32')),
        ($ENV{PWLESS_H2} ? ('<IfModule http2_module>', 'Protocols h2c http/1.1', 'H2Direct On',
            '</IfModule>') : ()),
        @{$with{main} || []}, @host;
    close $out or die $self->conf . ": $!";
    return;
}

sub dir  { return $_[0]{dir} }
sub conf { return "$_[0]{dir}/httpd.conf" }
sub url  { return "http://localhost:$_[0]{port}" }

# The line of httpd.conf that reads so, counted from 1.
sub line_of {
    my ($self, $text) = @_;
    open my $in, '<', $self->conf or die $self->conf . ": $!";
    while (my $line = <$in>) {
        chomp $line;
        return $. if $line eq $text;
    }
    return;
}

# httpd with `@arguments`: its exit status and everything it said.
sub run {
    my ($self, @arguments) = @_;
    my $pid = open my $out, '-|';
    die "fork: $!" unless defined $pid;
    if (!$pid) {
        open STDERR, '>&', \*STDOUT or die "stderr: $!";
        exec $ENV{PWLESS_HTTPD}, '-f', $self->conf, @arguments or exit 127;
    }
    my $said = do { local $/; <$out> };
    close $out;
    return ($? >> 8 || $?, defined $said ? $said : '');
}

sub check { return $_[0]->run('-t') }

sub log_text {
    my ($self) = @_;
    open my $in, '<', "$self->{dir}/error_log" or return '';
    local $/;
    my $text = <$in>;
    return defined $text ? $text : '';
}

sub pid {
    my ($self) = @_;
    open my $in, '<', "$self->{dir}/httpd.pid" or return;
    my ($pid) = <$in> =~ /(\d+)/;
    return $pid;
}

sub children {
    my ($self) = @_;
    my $pid = $self->pid or return;
    open my $in, '<', "/proc/$pid/task/$pid/children" or return;
    return split ' ', <$in> || '';
}

# Answers whether it came up.
sub start {
    my ($self) = @_;
    my $before = length $self->log_text;
    my ($status, $said) = $self->run('-k', 'start');
    $self->{said} = $said;
    return if $status;
    for (1 .. $PATIENCE) {
        return 1 if $self->pid && IO::Socket::INET->new("127.0.0.1:$self->{port}");
        return if substr($self->log_text, $before) =~ /Configuration Failed/;
        select undef, undef, undef, 0.05;
    }
    return;
}

sub said { return $_[0]{said} }

# Write other text where the configuration has $from; it is read at the next restart.
sub edit {
    my ($self, $from, $to) = @_;
    open my $in, '<', $self->conf or die $self->conf . ": $!";
    my $text = do { local $/; <$in> };
    $text =~ s/$from/$to/ or die "no $from in " . $self->conf;
    open my $out, '>', $self->conf or die $self->conf . ": $!";
    print $out $text;
    close $out or die $self->conf . ": $!";
    return;
}

# Answers whether it is at work again with the configuration read anew, and the children
# of before are gone: each may take one more request, or close a kept connection under a
# POST. New ones are made when the word is out that it is at work; old ones are all made
# when it starts (write_conf), so that the signal finds none in the making.
sub graceful {
    my ($self) = @_;
    my %old;
    $self->{looked} = 0;
    $self->come_back(USR1 => sub { $old{$_} = 1 for @_ }) or return;
    # Nobody looked while it read: one made at the last moment gets time to end.
    select undef, undef, undef, 1 if !$self->{looked};
    for (1 .. $PATIENCE) {
        return 1 unless grep { kill 0, $_ } keys %old;
        select undef, undef, undef, 0.05;
    }
    return;
}

# Ends the children of before first.
sub restart {
    return $_[0]->come_back(HUP => sub { });
}

# Answers whether it is at work again, with the configuration read anew. Until then
# $seen gets its children, again and again.
sub come_back {
    my ($self, $signal, $seen) = @_;
    my ($status, $said) = $self->check;
    $self->{said} = $said;
    return if $status;
    my $before = length $self->log_text;
    $seen->($self->children);
    kill $signal, $self->pid;
    for (1 .. 25 * $PATIENCE) {
        my $reads = substr($self->log_text, $before) =~ /raceful restart/;
        my @children = $self->children;
        return 1 if substr($self->log_text, $before) =~ /resuming normal operations/;
        $seen->(@children);
        $self->{looked} ||= $reads;
        select undef, undef, undef, 0.002;
    }
    return;
}

sub stop {
    my ($self) = @_;
    my $pid = $self->pid or return;
    kill 'TERM', $pid;
    for (1 .. $PATIENCE) {
        return 1 unless kill 0, $pid;
        select undef, undef, undef, 0.05;
    }
    kill 'KILL', $pid;
    return;
}

# Tell it to stop and do not wait; whoever loses the object waits.
sub let_go {
    my ($self) = @_;
    my $pid = $self->pid or return;
    return kill 'TERM', $pid;
}

sub DESTROY {
    my ($self) = @_;
    local ($?, $!, $@);
    $self->stop if $self->{dir};
    return;
}

1;
