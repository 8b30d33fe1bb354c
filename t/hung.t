# memcached hangs (SIGSTOP): the backend serves within the pool's timeouts.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: on a connection that is in use
--- http_config
    mcache_pool quick { server $TEST_NGINX_MEMCACHED fail_timeout=100ms; timeout 100ms; connect_timeout 100ms; }
--- mcache
mcache quick;
mcache_valid 1m;
add_header X-Mcache $mcache_status;
add_header X-Reason $mcache_reason;
--- steps
> GET /t
< 200 MISS
@ stored http://localhost/t
> GET /t
< 200 HIT
@ memcached stop
> GET /t
< 200 DOWN
< X-Reason: timeout
= /t 2
@ memcached resume
@ status HIT /t
> GET /t
< 200 HIT
= /t 1



=== TEST 2: while connecting
--- http_config
    mcache_pool quick { server $TEST_NGINX_MEMCACHED fail_timeout=100ms; timeout 5s; connect_timeout 100ms; }
--- mcache: mcache quick; mcache_valid 1m;
--- steps
@ memcached stop
> GET /t
< 200 DOWN
= /t 1
@ memcached resume
@ status MISS|HIT /t



=== TEST 3: a server that is out of use is not waited for
--- http_config
    mcache_pool quick { server $TEST_NGINX_MEMCACHED fail_timeout=1h; timeout 100ms; connect_timeout 100ms; }
--- mcache
mcache quick;
mcache_valid 1m;
add_header X-Mcache $mcache_status;
add_header X-Reason $mcache_reason;
add_header X-Time "[$mcache_lookup_time]";
--- steps
@ memcached stop
> GET /t
< 200 DOWN
< X-Reason: timeout
> GET /t
< 200 DOWN
< X-Reason: down
<~ X-Time: \[(0\.000|-)?\]
@ log \[error\].*mcache.*$TEST_NGINX_MEMCACHED
= 1



=== TEST 4: requests that were all waiting
--- http_config
    mcache_pool quick { server $TEST_NGINX_MEMCACHED fail_timeout=1h; timeout 300ms; connect_timeout 300ms; }
--- mcache: mcache quick; mcache_key $uri; mcache_valid 1m;
--- steps
@ memcached stop
@ parallel 20 /a?body=a /b?body=b /c?body=c
~ \A20 x /a\?body=a: 200 DOWN a\n20 x /b\?body=b: 200 DOWN b\n20 x /c\?body=c: 200 DOWN c\n\z



=== TEST 5: a store that hangs holds no client up
--- http_config
    mcache_pool patient { server $TEST_NGINX_MEMCACHED; timeout 10s; connect_timeout 10s; }
--- mcache: mcache patient; mcache_key $uri; mcache_valid 1m;
--- steps
@ begin r /t?gate=g&size=300000
@ begin s /u?gate=g
@ memcached stop
@ open g
@ end r
= 200 MISS (300000 bytes)
@ end s
= 200 MISS /u 1
@ memcached resume
@ holds /t /t 1
@ holds /u /u 1



=== TEST 6: memcached comes back before the timeout: a hit, only later
--- http_config
    mcache_pool patient { server $TEST_NGINX_MEMCACHED; timeout 10s; connect_timeout 10s; }
--- mcache: mcache patient; mcache_valid 1m;
--- steps
> GET /t
< 200 MISS
@ stored http://localhost/t
@ in flight 5 /t
~ \A5 x /t: 200 HIT /t 1\n
