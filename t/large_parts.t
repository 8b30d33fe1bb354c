# Bodies that do not fit into one item lie in parts: stored while the origin sends, served as they
# come from memcached.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: 10 MB, of known length
--- config
    location / {
        mcache pages;
        mcache_max_size 64m;
        mcache_valid 1m;
        proxy_pass http://origin;
    }
--- steps
> GET /t?size=10000000
< 200 MISS
< Content-Length: 10000000
@ stored http://localhost/t?size=10000000
> GET /t?size=10000000
< 200 HIT
< Content-Length: 10000000
~ \A(/t 1 )+\S*\z
@ count /t
= 1



=== TEST 2: and of unknown length
--- config
    location / {
        mcache pages;
        mcache_max_size 64m;
        mcache_valid 1m;
        proxy_http_version 1.1;
        proxy_pass http://origin;
    }
--- steps
> GET /t?size=10000000&framing=chunked
< 200 MISS
@ stored http://localhost/t?size=10000000&framing=chunked
> GET /t?size=10000000&framing=chunked
< 200 HIT
< Content-Length: 10000000
~ \A(/t 1 )+\S*\z
@ count /t
= 1
