# A proxy that closes the connection on `version`.

use lib 't/lib';
use Test::Mcache server => 'mute';
use Test::Mcache::Expiry;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: nobody notices
--- mcache: mcache_key $uri; mcache_valid 1m;
--- steps
@ set /w written
> GET /w
< 200 HIT
== written
> GET /t
< 200 MISS
@ stored /t
> GET /t
< 200 HIT
= /t 1
@ log \[notice\].*mcache: memcached \S+ says version "": classic text protocol
= 1
@ log \[notice\].*mcache: memcached
= 1
@ unknown mute
= version:1



=== TEST 2: many at once, at the first connection
--- mcache: mcache_key $uri; mcache_valid 1m; mcache_lock on;
--- steps
@ set /a written
@ parallel 10 /a /t?delay=100
~ \A10 x /a: 200 HIT written\n9 x /t\?delay=100: 200 HIT /t 1\n1 x /t\?delay=100: 200 MISS /t 1\n\z



=== TEST 3: a purge during a fill, and of a stale page
--- mcache: mcache_key $uri;
--- steps
@ race
= 24 of 24 cells



=== TEST 4: memcached behind it goes away and comes back
--- http_config
    mcache_pool quick { server $TEST_NGINX_MEMCACHED fail_timeout=50ms; }
--- mcache: mcache quick; mcache_key $uri; mcache_valid 1m;
--- steps
> GET /t
< 200 MISS
@ memcached kill
> GET /t
< 200 DOWN
@ memcached start
@ status MISS|HIT /t
