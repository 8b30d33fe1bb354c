# mcache_local with a server that speaks the classic text protocol alone: it sends the value along
# with all that it says, so there is no local tier.

use lib 't/lib';
use Test::Mcache server => 'classic';
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: each hit's value comes from memcached
--- config
    add_header X-Local $mcache_local always;
    location / {
        mcache pages;
        mcache_valid 1m;
        mcache_local 8m;
        proxy_pass http://origin;
    }
--- steps
> GET /t
< 200 MISS
@ stored http://localhost/t
@ local 4 /t
= 0 of 1
> GET /t
< 200 HIT
<!~ X-Local:.*
= /t 1
