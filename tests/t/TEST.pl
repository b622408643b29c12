# SPDX-License-Identifier: Apache-2.0
# Starts and stops the httpd of the live suite. Apache::Test listens on every
# address and refuses root; both are put right here.
use strict;
use warnings;

package PwlessRun;
use parent 'Apache::TestRun';
sub check_runtime_user { return 1 }

package main;
{
    no warnings 'redefine';
    my $template = \&Apache::TestConfig::httpd_conf_template;
    *Apache::TestConfig::httpd_conf_template = sub {
        my $in = $template->(@_);
        my $text = do { local $/; <$in> };
        $text =~ s/0\.0\.0\.0/127.0.0.1/g;
        open my $out, '<', \$text or die "cannot read the template: $!";
        return $out;
    };
    my $vhost = \&Apache::TestConfig::parse_vhost;
    *Apache::TestConfig::parse_vhost = sub {
        my $made = $vhost->(@_);
        $made->{out_string} =~ s/0\.0\.0\.0/127.0.0.1/ if $made;
        return $made;
    };
}
PwlessRun->new->run(@ARGV);
