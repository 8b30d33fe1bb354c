# Vary: each variant is found by the requests that select it, and by no other.

use lib 't/lib';
use Test::Mcache;
use Test::Mcache::Expiry;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: two variants and the request without the field
--- mcache: mcache_key $uri; mcache_valid 1m;
--- steps
> GET /t?h=Vary:X-Kind&echo=X-Kind
> X-Kind: one
< 200 MISS
@ settled
> GET /t?h=Vary:X-Kind&echo=X-Kind
> X-Kind: two
< 200 MISS
@ settled
> GET /t?h=Vary:X-Kind&echo=X-Kind
< 200 MISS
@ settled
> GET /t
> X-Kind: one
< 200 HIT
< Vary: X-Kind
= X-Kind: one
> GET /t
> X-Kind: two
< 200 HIT
= X-Kind: two
> GET /t
< 200 HIT
= X-Kind: -
@ count /t
= 3



=== TEST 2: an empty field is not an absent one, and case counts in values
--- mcache: mcache_key $uri; mcache_valid 1m;
--- steps
> GET /t?h=Vary:x-kInD
> X-Kind: one
< 200 MISS
= /t 1
@ settled
> GET /t?h=Vary:X-Kind
> x-kind: ONE
< 200 MISS
= /t 2
@ settled
> GET /t
> X-KIND: one
< 200 HIT
= /t 1
> GET /t
> X-Kind:    one   
< 200 HIT
= /t 1



=== TEST 3: another way to write a value selects another variant, but for blanks at commas
--- mcache: mcache_key $uri; mcache_valid 1m;
--- steps
> GET /t?h=Vary:Accept-Encoding
> Accept-Encoding: gzip, br
< 200 MISS
= /t 1
@ settled
> GET /t?h=Vary:Accept-Encoding
> Accept-Encoding: gzip ,br
< 200 HIT
= /t 1
> GET /t?h=Vary:Accept-Encoding
> Accept-Encoding: br, gzip
< 200 MISS
= /t 2
> GET /t?h=Vary:Accept-Encoding
> Accept-Encoding: gzip, BR
< 200 MISS
= /t 3
> GET /t?h=Vary:Accept-Encoding
> Accept-Encoding: gzip, br;q=1
< 200 MISS
= /t 4
> GET /t?h=Vary:Accept-Encoding
> Accept-Encoding: gzip, br,
< 200 MISS
= /t 5
> GET /t?h=Vary:Accept-Encoding
> Accept-Encoding: gzip  br
< 200 MISS
= /t 6
> GET /l?h=Vary:Accept-Language
> Accept-Language: fr, en
< 200 MISS
= /l 1
@ settled
> GET /l?h=Vary:Accept-Language
> Accept-Language: en, fr
< 200 MISS
= /l 2
> GET /l?h=Vary:Accept-Language
> Accept-Language: FR, en
< 200 MISS
= /l 3
> GET /a?h=Vary:Accept
> Accept: text/html, a/b
< 200 MISS
= /a 1
@ settled
> GET /a?h=Vary:Accept
> Accept: a/b, text/html
< 200 MISS
= /a 2
> GET /a?h=Vary:Accept
> Accept: text/html,a/b
< 200 MISS
= /a 3
> GET /u?h=Vary:User-Agent
> User-Agent: a (b; c)
< 200 MISS
= /u 1
@ settled
> GET /u?h=Vary:User-Agent
> User-Agent: a (b;  c)
< 200 MISS
= /u 2
> GET /u?h=Vary:User-Agent
> User-Agent: a (b;	c)
< 200 MISS
= /u 3
> GET /u?h=Vary:User-Agent
> User-Agent: a (b; c)
< 200 HIT
= /u 1



=== TEST 4: a star in any position and line
--- mcache: mcache_valid 1m; add_header X-Mcache $mcache_status; add_header X-Reason $mcache_reason;
--- steps
> GET /a?h=Vary:*
< 200 MISS
< X-Reason: vary-star
> GET /b?h=Vary:Cookie,*
< 200 MISS
< X-Reason: vary-star
> GET /c?h=Vary:Cookie&h=Vary:X-One,+*,X-Two
< 200 MISS
< X-Reason: vary-star
@ settled
> GET /a?h=Vary:*
< 200 MISS
= /a 2
> GET /b?h=Vary:Cookie,*
< 200 MISS
= /b 2
> GET /c?h=Vary:Cookie&h=Vary:X-One,+*,X-Two
< 200 MISS
= /c 2



=== TEST 5: several lines are one list
--- mcache: mcache_key $uri; mcache_valid 1m;
--- steps
> GET /t?h=Vary:X-One&h=Vary:X-Two
> X-One: 1
> X-Two: 2
< 200 MISS
@ settled
> GET /t
> X-Two: 2
> X-One: 1
< 200 HIT
= /t 1
> GET /t?h=Vary:X-One&h=Vary:X-Two
> X-One: 1
> X-Two: 3
< 200 MISS
= /t 2
> GET /t?h=Vary:X-One&h=Vary:X-Two
> X-One: 3
> X-Two: 2
< 200 MISS
= /t 3



=== TEST 6: values of two fields are not run together
--- mcache: mcache_key $uri; mcache_valid 1m;
--- steps
> GET /t?h=Vary:X-One,X-Two
> X-One: ab
> X-Two: c
< 200 MISS
@ settled
> GET /t?h=Vary:X-One,X-Two
> X-One: a
> X-Two: bc
< 200 MISS
= /t 2
@ settled
> GET /t?h=Vary:X-One,X-Two
> X-One: ab x-two:c
< 200 MISS
= /t 3



=== TEST 7: a field on several lines of the request
--- mcache: mcache_key $uri; mcache_valid 1m;
--- steps
> GET /t?h=Vary:X-Kind
> X-Kind: a
> X-Kind: b
< 200 MISS
@ settled
> GET /t
> X-Kind: a
> X-Kind: b
< 200 HIT
= /t 1
> GET /t?h=Vary:X-Kind
> X-Kind: a, b
< 200 MISS
= /t 2
> GET /t?h=Vary:X-Kind
> X-Kind: b
> X-Kind: a
< 200 MISS
= /t 3



=== TEST 8: deleting a page's key removes all its variants
--- mcache: mcache_key $uri; mcache_valid 1m;
--- steps
> GET /t?h=Vary:X-Kind
> X-Kind: one
< 200 MISS
@ settled
> GET /t?h=Vary:X-Kind
> X-Kind: two
< 200 MISS
= /t 2
@ settled
> GET /t
> X-Kind: one
< 200 HIT
@ delete /t
= deleted
> GET /t?h=Vary:X-Kind
> X-Kind: one
< 200 MISS
= /t 3
@ settled
> GET /t?h=Vary:X-Kind
> X-Kind: two
< 200 MISS
= /t 4
@ settled
> GET /t
> X-Kind: one
< 200 HIT
= /t 3



=== TEST 9: the page begins to vary by more
--- mcache: mcache_key $uri; mcache_valid 1m;
--- steps
> GET /t?h=Vary:X-One
> X-One: 1
< 200 MISS
@ settled
> GET /t?h=Vary:X-One,X-Two
> X-One: 2
> X-Two: 2
< 200 MISS
= /t 2
@ settled
> GET /t
> X-One: 2
> X-Two: 2
< 200 HIT
= /t 2
> GET /t?h=Vary:X-One,X-Two
> X-One: 2
> X-Two: 3
< 200 MISS
= /t 3



=== TEST 10: a page without Vary begins to vary, and ends to
--- mcache: mcache_key $uri;
--- steps
> GET /t?h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/t
> GET /t?h=X-Accel-Expires:60&h=Vary:X-Kind
> X-Kind: one
< 200 EXPIRED
= /t 2
@ settled
> GET /t
> X-Kind: one
< 200 HIT
= /t 2
> GET /t?h=X-Accel-Expires:60
> X-Kind: two
< 200 MISS
= /t 3
@ settled
> GET /t
> X-Kind: two
< 200 HIT
= /t 3
> GET /t
> X-Kind: one
< 200 HIT
= /t 3
@ asked cmd_get /t
= 1



=== TEST 11: a worker that has never seen the index
--- mcache: mcache_key $uri; mcache_valid 1m;
--- steps
> GET /t?h=Vary:X-Kind
> X-Kind: one
< 200 MISS
@ settled
@ reload
@ quit worker
> GET /t
> X-Kind: one
< 200 HIT
= /t 1
> GET /t?h=Vary:X-Kind
> X-Kind: two
< 200 MISS
= /t 2



=== TEST 12: mcache_ignore_headers Vary: one page for all
--- mcache: mcache_key $uri; mcache_valid 1m; mcache_ignore_headers Vary;
--- steps
> GET /t?h=Vary:X-Kind
> X-Kind: one
< 200 MISS
@ stored /t
> GET /t
> X-Kind: two
< 200 HIT
< Vary: X-Kind
= /t 1
> GET /star?h=Vary:*
< 200 MISS
@ stored /star
> GET /star
< 200 HIT



=== TEST 13: a long list, long names and long values
--- config
    large_client_header_buffers 4 16k;
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_valid 1m;
        proxy_pass http://origin;
    }
--- steps
> GET /t?h=Vary:a1,a2,a3,a4,a5,a6,a7,a8,a9,a10,a11,a12,a13,a14,a15,a16,A-Name-That-Goes-On-And-On-And-On-For-Quite-A-While
> a1: 1
> A-Name-That-Goes-On-And-On-And-On-For-Quite-A-While: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
< 200 MISS
@ settled
> GET /t
> a1: 1
> A-Name-That-Goes-On-And-On-And-On-For-Quite-A-While: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
< 200 HIT
= /t 1



=== TEST 14: HEAD, conditions and ranges on a variant
--- mcache: mcache_key $uri; mcache_valid 1m;
--- steps
> GET /t?h=Vary:X-Kind&etag=a
> X-Kind: one
< 200 MISS
@ settled
> HEAD /t
> X-Kind: one
< 200 HIT
< Content-Length: 5
=
> GET /t
> X-Kind: one
> If-None-Match: "a"
< 304 HIT
=
> GET /t
> X-Kind: one
> Range: bytes=3-3
< 206 HIT
== 1



=== TEST 15: Vary in a response of mcache_format raw is not stored
--- mcache
mcache_key $uri;
mcache_format raw;
mcache_valid 1m;
add_header X-Mcache $mcache_status;
add_header X-Reason $mcache_reason;
--- steps
> GET /t?h=Vary:X-Kind
< 200 MISS
< X-Reason: raw-format
@ not stored /t



=== TEST 16: why it was a miss
--- mcache: mcache_key $uri; mcache_valid 1m; mcache_cache_status on;
--- steps
> GET /t?h=Vary:X-Kind
> X-Kind: one
< 200 MISS
<~ Cache-Status: .*fwd=uri-miss.*
@ settled
> GET /t?h=Vary:X-Kind
> X-Kind: two
< 200 MISS
<~ Cache-Status: .*fwd=vary-miss.*
