# What the key is, and how it is made legal for memcached.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: by default scheme, host and the request's URI as the client wrote it
--- config
    location / {
        mcache pages;
        mcache_valid 1m;
        proxy_pass http://origin;
    }
--- steps
> GET /t?b=2&a=%41
< 200 MISS
@ stored http://localhost/t?b=2&a=%41
> GET /t?b=2&a=%41
< 200 HIT
> GET /t?b=2&a=A
< 200 MISS



=== TEST 2: the host is lower-cased and has no port
--- config
    location / {
        mcache pages;
        mcache_valid 1m;
        proxy_pass http://origin;
    }
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
--- config
    location / {
        mcache pages;
        mcache_key page:$uri:$cookie_language;
        mcache_valid 1m;
        proxy_pass http://origin;
    }
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



=== TEST 4: what memcached does not allow in a key is escaped, and the percent sign with it
--- config
    location / {
        mcache pages;
        mcache_key "k $uri";
        mcache_valid 1m;
        proxy_pass http://origin;
    }
--- steps
> GET /a%20b%25%0A%7Fc
< 200 MISS
@ stored k%20/a%20b%25%0A%7Fc
> GET /a%20b%25%0A%7Fc
< 200 HIT



=== TEST 5: bytes above 0x7F stay as they are
--- config
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_valid 1m;
        add_header X-Key $mcache_key;
        add_header X-Mcache $mcache_status;
        proxy_pass http://origin;
    }
--- steps
> GET /%C3%A4
< 200 MISS
<~ X-Key: /\xC3\xA4
@ settled
> GET /%C3%A4
< 200 HIT



=== TEST 6: keys that escaping makes alike do not share an entry
--- config
    location = /space {
        mcache pages;
        mcache_key "a b";
        mcache_valid 1m;
        proxy_pass http://origin;
    }
    location = /escaped {
        mcache pages;
        mcache_key "a%20b";
        mcache_valid 1m;
        proxy_pass http://origin;
    }
--- steps
> GET /space
< 200 MISS
= /space 1
@ stored a%20b
> GET /escaped
< 200 MISS
= /escaped 1



=== TEST 7: a key of 250 bytes is kept, a longer one becomes a digest that others can compute
--- config
    location / {
        mcache pages;
        mcache_key $arg_a$arg_a$arg_a$arg_a$arg_a$arg_b;
        mcache_valid 1m;
        add_header X-Key $mcache_key;
        add_header X-Mcache $mcache_status;
        proxy_pass http://origin;
    }
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
--- config
    location / {
        mcache pages;
        mcache_key $arg_k;
        mcache_valid 1m;
        proxy_pass http://origin;
    }
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
