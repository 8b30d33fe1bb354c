# Large pages in a memcached that has no room for them all, under requests, purges and losses at
# random: every byte that a client gets is right.

use lib 't/lib';
use Test::Mcache memcached_options => ['-m', '24'];
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: each body is one fill's, and whole or broken off
--- mcache: mcache_max_size 64m; mcache_valid 1m; mcache_lock on;
--- timeout: 240
--- steps
@ storm 300 /a?size=5000000 /b?size=1048576 /c?size=3000000 /d?size=7000001 /e?size=2097152 /f?size=4000000 /g?size=900000 /h?size=6000000
= each body was right, or broken off
--- no_error_log
[alert]
[crit]
