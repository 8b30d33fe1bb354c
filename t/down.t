# memcached is not there.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: refused: the backend serves, the status says so, the log has one line
--- mcache: mcache_valid 1m; add_header X-Mcache $mcache_status; add_header X-Reason $mcache_reason;
--- steps
@ memcached kill
> GET /t
< 200 DOWN
< X-Reason: down
= /t 1
> GET /t
< 200 DOWN
= /t 2
> GET /other
< 200 DOWN
= /other 1
@ log mcache.*$TEST_NGINX_MEMCACHED
= 1



=== TEST 2: killed while in use
--- mcache: mcache_valid 1m;
--- steps
> GET /t
< 200 MISS
@ stored http://localhost/t
> GET /t
< 200 HIT
@ memcached kill
> GET /t
< 200 DOWN
= /t 2
> GET /t
< 200 DOWN
= /t 3
@ log \[error\].*mcache.*$TEST_NGINX_MEMCACHED
= 1



=== TEST 3: the client's conditions reach the backend
--- mcache: mcache_valid 1m;
--- steps
@ memcached kill
> GET /t?echo=If-None-Match
> If-None-Match: "x"
< 200 DOWN
= If-None-Match: "x"
> HEAD /t
< 200 DOWN
=



=== TEST 4: many requests at once
--- mcache: mcache_key $uri; mcache_valid 1m;
--- steps
@ memcached kill
@ parallel 25 /a?body=a /b?body=b
~ \A25 x /a\?body=a: 200 DOWN a\n25 x /b\?body=b: 200 DOWN b\n\z
@ log \[error\].*mcache.*$TEST_NGINX_MEMCACHED
= 1



=== TEST 5: a unix socket that does not exist
--- http_config
    mcache_pool none { server unix:/nonexistent/memcached.sock; }
--- mcache: mcache none; mcache_valid 1m;
--- steps
> GET /t
< 200 DOWN
= /t 1
@ log mcache.*unix:/nonexistent/memcached.sock
= 1



=== TEST 6: what does not need memcached is not affected
--- mcache: mcache_ignore ^/admin; mcache_valid 1m;
--- steps
@ memcached kill
> GET /admin
< 200 BYPASS
> POST /t\nbody
< 200 BYPASS



=== TEST 7: SSI subrequests
--- mcache: mcache_valid 1m; ssi on; ssi_types text/plain;
--- steps
@ memcached kill
> GET /page?body=<!--%23include+virtual="/a"--><!--%23include+virtual="/b"-->
< 200 DOWN
~ \A/a 1\n/b 1\n\z
