# SPDX-License-Identifier: Apache-2.0
# The main job: somebody without a session signs in with a code by mail.
use strict;
use warnings;
use Apache::Test qw(-withtestmore);
use Pwless qw(tenant messages code_for);

plan tests => 14;
tenant(POST => '/reset');

my $ann = Pwless->new('site');
my $res = $ann->get('/htdocs/members/env.cgi?x=1');
is $res->code, 302, 'a guarded page sends a visitor to the sign-in page';
is $res->header('Location'),
    '/.auth0/login?return_to=%2Fhtdocs%2Fmembers%2Fenv.cgi%3Fx%3D1',
    'with the page they wanted';
$res = $ann->get($res->header('Location'));
is $res->code, 200, 'the sign-in page is there';
like $res->content, qr/name="email"/, 'and asks for an address';
my $t = Pwless::token($res);
$res = $ann->post('/.auth0/login', {email => 'ann@example.org', t => $t});
is $res->code, 303, 'a posted address leads on';
like $res->header('Location'), qr{^/\.auth0/code\?t=}, 'to step 2';
my $step2 = $res->header('Location');
is scalar @{messages('ann@example.org')}, 1, 'one mail was sent';
$res = $ann->get($step2);
is $res->code, 200, 'step 2 is there';
like $res->content, qr/name="code"/, 'and asks for the code';
$res = $ann->post($step2,
    {code => code_for('ann@example.org'), t => Pwless::token($res), op => 'verify'});
is $res->code, 303, 'the code from the mail signs in';
is $res->header('Location'), '/htdocs/members/env.cgi?x=1',
    'and leads to the page they wanted';
$res = $ann->get('/htdocs/members/env.cgi?x=1');
is $res->code, 200, 'which is open now';
like $res->content, qr/^REMOTE_USER=ann\@example\.org$/m, 'and knows who is there';
is_deeply tenant(GET => '/errors'), [], 'the stand-in had no trouble';
