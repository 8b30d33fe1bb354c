# One compressed copy for all: nginx's gunzip decompresses it for a client that does not accept it.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: a response that came compressed, with Vary ignored
--- mcache
mcache_key $uri;
mcache_valid 1m;
mcache_ignore_headers Vary;
gunzip on;
--- steps
> GET /t?gzip=1&h=Vary:Accept-Encoding&body=hello
> Accept-Encoding: gzip
< 200 MISS
< Content-Encoding: gzip
@ stored /t
> GET /t
> Accept-Encoding: gzip
< 200 HIT
< Content-Encoding: gzip
> GET /t
< 200 HIT
< ! Content-Encoding
== hello
> GET /t
> Accept-Encoding: br
< 200 HIT
< ! Content-Encoding
== hello
> HEAD /t
< 200 HIT
=
@ curl -s --compressed http://localhost:$TEST_NGINX_SERVER_PORT/t
~ \Ahello\z
@ count /t
= 1



=== TEST 2: filled by a client that does not accept it
--- mcache
mcache_key $uri;
mcache_valid 1m;
mcache_ignore_headers Vary;
gunzip on;
proxy_set_header Accept-Encoding gzip;
--- steps
> GET /t?gzip=1&h=Vary:Accept-Encoding&body=hello
< 200 MISS
< ! Content-Encoding
== hello
@ stored /t
> GET /t
> Accept-Encoding: gzip
< 200 HIT
< Content-Encoding: gzip
> GET /t
< 200 HIT
== hello



=== TEST 3: a strong ETag becomes weak where it is decompressed
--- mcache
mcache_key $uri;
mcache_valid 1m;
mcache_ignore_headers Vary;
gunzip on;
--- steps
> GET /t?gzip=1&body=hello&etag=a
> Accept-Encoding: gzip
< 200 MISS
@ stored /t
> GET /t
< 200 HIT
< ETag: W/"a"
== hello
> GET /t
> If-None-Match: "a"
> Accept-Encoding: gzip
< 304 HIT



=== TEST 4: without it each encoding is a variant
--- mcache: mcache_key $uri; mcache_valid 1m;
--- steps
> GET /t?gzip=1&h=Vary:Accept-Encoding&body=hello
> Accept-Encoding: gzip
< 200 MISS
@ settled
> GET /t?h=Vary:Accept-Encoding&body=hello
< 200 MISS
== hello
@ settled
> GET /t
> Accept-Encoding: gzip
< 200 HIT
< Content-Encoding: gzip
> GET /t
< 200 HIT
< ! Content-Encoding
== hello



=== TEST 5: a bomb is stored as it came, and unpacked as far as its client reads
--- mcache: mcache_key $uri; mcache_valid 1m; gunzip on;
--- steps
@ bomb t
= right
