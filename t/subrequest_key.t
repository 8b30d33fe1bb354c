# A subrequest has a key of its own by default: $request_uri is that of the page it is made for.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: auth_request: the page is the page
--- http_config
    map $http_x_user $verdict { alice 200; default 403; }
--- config
    mcache pages;
    mcache_valid 1m;
    location / {
        auth_request /auth;
        proxy_pass http://origin;
    }
    location = /auth {
        internal;
        proxy_pass http://origin/auth?status=$verdict;
    }
--- steps
> GET /t
> X-User: alice
< 200 MISS
= /t 1
@ settled
> GET /t
> X-User: alice
< 200 HIT
= /t 1
> GET /other
> X-User: alice
< 200
= /other 1



=== TEST 2: who is refused is refused after somebody else was let in
--- http_config
    map $http_x_user $verdict { alice 200; default 403; }
--- config
    mcache pages;
    mcache_valid 1m;
    location / {
        auth_request /auth;
        proxy_pass http://origin;
    }
    location = /auth {
        internal;
        proxy_pass http://origin/auth?status=$verdict;
    }
--- steps
> GET /t
> X-User: alice
< 200
@ settled
> GET /t
> X-User: alice
< 200
@ settled
> GET /t
> X-User: mallory
< 403
~ 403 Forbidden
> GET /t
< 403
~ 403 Forbidden



=== TEST 3: also where the verdict says that it is private
--- http_config
    map $http_x_user $verdict { alice 200; default 403; }
--- config
    mcache pages;
    mcache_valid 1m;
    location / {
        auth_request /auth;
        proxy_pass http://origin;
    }
    location = /auth {
        internal;
        proxy_pass http://origin/auth?h=Cache-Control:private&status=$verdict;
    }
--- steps
> GET /t
> X-User: alice
< 200 MISS
= /t 1
@ stored http://localhost/t
> GET /t
> X-User: mallory
< 403
~ 403 Forbidden
> GET /t
> X-User: alice
< 200 HIT
= /t 1



=== TEST 4: SSI: the part is the part, and the page the page
--- config
    mcache pages;
    mcache_valid 1m;
    location / {
        ssi on;
        ssi_types text/plain;
        proxy_pass http://origin;
    }
--- steps
> GET /page?body=(%3C!--%23+include+virtual=%22/part%22+--%3E)
< 200 MISS
~ \A\(/part 1\n\)\z
@ settled
> GET /page?body=(%3C!--%23+include+virtual=%22/part%22+--%3E)
< 200 HIT
~ \A\(/part \d+\n\)\z
> GET /part
< 200
~ \A/part \d+\n\z



=== TEST 5: SSI: parts that differ in their arguments
--- config
    mcache pages;
    mcache_valid 1m;
    location / {
        ssi on;
        ssi_types text/plain;
        proxy_pass http://origin;
    }
--- steps
> GET /page?body=(%3C!--%23+include+virtual=%22/part?body=one%22+--%3E,%3C!--%23+include+virtual=%22/part?body=two%22+--%3E)
< 200 MISS
== (one,two)
@ settled
> GET /page?body=(%3C!--%23+include+virtual=%22/part?body=one%22+--%3E,%3C!--%23+include+virtual=%22/part?body=two%22+--%3E)
< 200 HIT
== (one,two)



=== TEST 6: a key that is configured without $request_uri is left as it is
--- config
    location / {
        mcache off;
        ssi on;
        ssi_types text/plain;
        proxy_pass http://origin;
    }
    location = /part {
        mcache pages;
        mcache_key part:$uri;
        mcache_valid 1m;
        proxy_pass http://origin;
    }
--- steps
> GET /page?body=(%3C!--%23+include+virtual=%22/part?body=one%22+--%3E)
< 200
== (one)
@ stored part:/part
> GET /page?body=(%3C!--%23+include+virtual=%22/part?body=two%22+--%3E)
< 200
== (one)



=== TEST 7: a verdict whose body turns out too large to be stored
--- config
    mcache pages;
    mcache_valid 1m;
    location / {
        auth_request /auth;
        proxy_pass http://origin;
    }
    location = /auth {
        internal;
        mcache_key auth;
        mcache_max_size 1000;
        proxy_http_version 1.1;
        proxy_pass http://origin/auth?framing=chunked&size=50000;
    }
--- steps
> GET /t
< 200 MISS
= /t 1
@ stored http://localhost/t
> GET /t
< 200 HIT
= /t 1
