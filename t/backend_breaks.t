# A backend that breaks off, at each point of its response and in each way: nothing of it is stored, the
# next request gets a whole page, nobody waits in vain, and an older page stays. The points and ways are
# in t/lib/testbed/breaking.py, and are tried at once.

use lib 't/lib';
# Room for all pages: one that memcached drops meanwhile breaks off as well.
use Test::Mcache memcached_options => ['-m', '512'];
use Test::Nginx::Socket 'no_plan';

my $steps = CORE::join '', map { "\@ break off $_\n= right\n" }
    qw(miss large brief expired stale revalidate background bypass);

# proxy_read_timeout takes no variable.
my $locations = CORE::join '', map { <<"EOC" }
    location ~ ^/$_->[0](?<page>$_->[1]) {
        mcache pages;
        mcache_key \$page;
        $_->[2]
        rewrite ^ \$page break;
        proxy_pass http://origin;
    }
EOC
    ['patient', '/brief/.*', 'proxy_read_timeout 60s; mcache_lock_timeout 100ms;'],
    ['quick',   '/stale/.*', 'proxy_read_timeout 500ms; mcache_use_stale error timeout invalid_header;'],
    ['patient', '/stale/.*', 'proxy_read_timeout 60s; mcache_use_stale error timeout invalid_header;'],
    ['quick',   '/revalidate/.*', 'proxy_read_timeout 500ms; mcache_revalidate on;'],
    ['patient', '/revalidate/.*', 'proxy_read_timeout 60s; mcache_revalidate on;'],
    ['quick',   '/.*', 'proxy_read_timeout 500ms;'],
    ['patient', '/.*', 'proxy_read_timeout 60s;'];

Test::Base::spec_string(<<"EOB");
=== all points, ways and situations
--- config
    mcache_lock on;
    mcache_lock_timeout 60s;
    mcache_lock_age 60s;
    mcache_max_size 8m;
    mcache_bypass \$arg_fresh;
    mcache_background_update on;
    add_header X-Reason \$mcache_reason always;
    proxy_http_version 1.1;
$locations
--- timeout: 120
--- steps
$steps
\@ breaks
~ ^117 breaks, \\d+ answers\$
--- no_error_log
[alert]
EOB
run_tests();
