# What the key is, and how it is made legal for memcached.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: by default scheme, host and the request's URI as the client wrote it
--- mcache: mcache_valid 1m;
--- steps
> GET /t?b=2&a=%41
< 200 MISS
@ stored http://localhost/t?b=2&a=%41
> GET /t?b=2&a=%41
< 200 HIT
> GET /t?b=2&a=A
< 200 MISS



=== TEST 2: the host is lower-cased and has no port
--- mcache: mcache_valid 1m;
--- steps
> GET /t
> Host: LocalHost:8080
< 200 MISS
@ stored http://localhost/t
> GET /t
> Host: localhost
< 200 HIT
> GET /t
> Host: other
< 200 MISS



=== TEST 3: a key of one's own
--- mcache: mcache_key page:$uri:$cookie_language; mcache_valid 1m;
--- steps
> GET /t?x=1
> Cookie: language=de
< 200 MISS
= /t 1
@ stored page:/t:de
> GET /t?x=2
> Cookie: language=de
< 200 HIT
= /t 1
> GET /t?x=1
> Cookie: language=en
< 200 MISS
= /t 2



=== TEST 4: what memcached does not allow in a key makes a digest of it
--- mcache: mcache_key "k $uri"; mcache_valid 1m;
--- steps eval
my $digest = 'sha256-' . Digest::SHA::sha256_hex("k /a b%\n\x7fc");
qq{
> GET /a%20b%25%0A%7Fc
< 200 MISS
\@ stored $digest
> GET /a%20b%25%0A%7Fc
< 200 HIT
}



=== TEST 5: bytes above 0x7F stay as they are
--- mcache
mcache_key $uri;
mcache_valid 1m;
add_header X-Key $mcache_key;
add_header X-Mcache $mcache_status;
--- steps
> GET /%C3%A4
< 200 MISS
<~ X-Key: /\xC3\xA4
@ settled
> GET /%C3%A4
< 200 HIT



=== TEST 6: two keys never share an item, whatever they hold
--- config
    mcache pages;
    mcache_valid 1m;
    mcache_format raw;
    location / {
        mcache_key $uri;
        proxy_pass http://origin;
    }
    location /k {
        mcache_key $arg_k;
        proxy_pass http://origin;
    }
--- steps eval
my $long = 'z' x 300;
my $digest = 'sha256-' . Digest::SHA::sha256_hex($long);
qq{
> GET /a%20b?body=space
< 200 MISS
\@ settled
> GET /a%2520b?body=escaped
< 200 MISS
== escaped
\@ stored /a%20b
> GET /a%20b
< 200 HIT
== space
> GET /a%2520b
< 200 HIT
== escaped
> GET /k?k=$long&body=long
< 200 MISS
\@ stored $digest
> GET /k?k=$digest&body=digest
< 200 MISS
== digest
\@ settled
> GET /k?k=$long
< 200 HIT
== long
> GET /k?k=$digest
< 200 HIT
== digest
}



=== TEST 7: a key of 250 bytes is kept, a longer one becomes a digest that others can compute
--- mcache
mcache_key $arg_a$arg_a$arg_a$arg_a$arg_a$arg_b;
mcache_valid 1m;
add_header X-Key $mcache_key;
add_header X-Mcache $mcache_status;
--- steps eval
my $fifty = 'x' x 50;
my $digest = 'sha256-' . Digest::SHA::sha256_hex('x' x 250 . 'y');
qq{
> GET /t?a=$fifty
< 200 MISS
< X-Key: @{[ 'x' x 250 ]}
\@ stored @{[ 'x' x 250 ]}
> GET /t?a=$fifty
< 200 HIT
> GET /t?a=$fifty&b=y
< 200 MISS
< X-Key: $digest
\@ stored $digest
> GET /t?a=$fifty&b=y
< 200 HIT
}



=== TEST 8: an empty key is not looked up
--- mcache: mcache_key $arg_k; mcache_valid 1m;
--- steps
> GET /t
< 200 BYPASS
= /t 1
> GET /t
< 200 BYPASS
= /t 2
> GET /t?k=one
< 200 MISS
@ stored one
> GET /t?k=one
< 200 HIT
