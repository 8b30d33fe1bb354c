# Identical keys that a turn of the event loop asks for share one lookup. Later ones do not join it: the
# page could have been purged since.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: hits
--- http_config
    mcache_pool patient { server $TEST_NGINX_MEMCACHED; timeout 10s; connect_timeout 10s; }
--- mcache: mcache patient; mcache_valid 1m;
--- steps
> GET /t
< 200 MISS
@ stored http://localhost/t
@ one turn 20 /t
~ \A20 x /t: 200 HIT /t 1\nlookups 1\n\z



=== TEST 2: misses
--- http_config
    mcache_pool patient { server $TEST_NGINX_MEMCACHED; timeout 10s; connect_timeout 10s; }
--- mcache: mcache patient; mcache_valid 1m;
--- steps
@ one turn 20 /t?body=page
~ \A20 x /t\?body=page: 200 MISS page\nlookups 1\n\z
@ stored http://localhost/t?body=page
> GET /t?body=page
< 200 HIT
== page



=== TEST 3: different keys do not
--- http_config
    mcache_pool patient { server $TEST_NGINX_MEMCACHED; timeout 10s; connect_timeout 10s; }
--- mcache: mcache patient; mcache_valid 1m;
--- steps
> GET /a
< 200 MISS
> GET /b
< 200 MISS
@ stored http://localhost/a
@ stored http://localhost/b
@ one turn 10 /a /b /none?body=none
~ \A10 x /a: 200 HIT /a 1\n10 x /b: 200 HIT /b 1\n10 x /none\?body=none: 200 MISS none\nlookups 3\n\z



=== TEST 4: one large value for many clients
--- http_config
    mcache_pool patient { server $TEST_NGINX_MEMCACHED; timeout 10s; connect_timeout 10s; }
--- mcache: mcache patient; mcache_valid 1m;
--- steps
> GET /t?size=900000
< 200 MISS
@ stored http://localhost/t?size=900000
@ one turn 20 /t?size=900000
~ \A20 x /t\?size=900000: 200 HIT \(900000 bytes\)\nlookups 1\n\z
