# The fault matrix: whatever memcached does, or the network to it, each client gets the page, the next ones
# do not wait, memory and log stay small, and memcached is used again when it has come to its senses. One
# step a fault; what it looks at is in t/lib/testbed/faults.py.

use lib 't/lib';
use Test::Mcache namespace => 1, memcached_options => ['-M', '-m', '16', '-c', '64', '-o', 'slab_automove=0'];
use Test::Nginx::Socket 'no_plan';

my %faults = (
    direct => ['refused', 'stopped', 'stopped-cold', 'killed', 'restarted', 'full', 'crowded', 'evicting'],
    lied   => [
        'slow',   'drip',   'silent',  'halved',      'close-instead', 'close-within', 'close-after',
        'longer', 'shorter', 'huge',   'opaque',      'other-entry',   'swapped',      'extra',
        'corrupt', 'garbage', 'endless-line', 'server-error', 'error', 'refuse-store',
    ],
    classic => [
        'silent', 'halved',  'close-within', 'longer', 'shorter', 'opaque', 'other-entry', 'swapped',
        'extra',  'garbage', 'endless-line', 'server-error',
    ],
    far  => ['latency', 'loss', 'partition', 'one-way'],
    wire => ['partition', 'one-way'],
);
my @cells = map { my $where = $_; map { "$where $_" } @{ $faults{$where} } } sort keys %faults;
my $steps = CORE::join '', map { "\@ cell $_\n= right\n" } @cells;

my $times = 'timeout 300ms; connect_timeout 300ms';
Test::Base::spec_string(<<"EOB");
=== @{[scalar @cells]} faults
--- http_config
    mcache_pool direct { server \$TEST_NGINX_MEMCACHED fail_timeout=1s; $times; }
    mcache_pool lied { server \$TEST_NGINX_LIAR fail_timeout=1s; $times; }
    mcache_pool classic { server \$TEST_NGINX_CLASSIC_LIAR fail_timeout=1s; $times; }
    mcache_pool far { server \$TEST_NGINX_NETWORK fail_timeout=1s; $times; }
    mcache_pool wire { server \$TEST_NGINX_WIRE fail_timeout=1s; $times; }
--- config
    mcache_key \$uri;
    mcache_valid 5m;
    mcache_max_size 4m;
    mcache_lock on;
    mcache_lock_timeout 300ms;
    mcache_lock_age 1s;
    add_header X-Time \$mcache_lookup_time always;
    proxy_http_version 1.1;
    location /direct { mcache direct; proxy_pass http://origin; }
    location /lied { mcache lied; proxy_pass http://origin; }
    location /classic { mcache classic; proxy_pass http://origin; }
    location /far { mcache far; proxy_pass http://origin; }
    location /wire { mcache wire; proxy_pass http://origin; }
    location /late { add_header X-Late \$upstream_response_time always; proxy_read_timeout 300ms; proxy_pass http://origin; }
--- timeout: 120
--- steps
$steps
\@ cells
~ ^@{[scalar @cells]} faults, \\d+ answers, a (?:network namespace|proxy)\$
EOB
run_tests();
