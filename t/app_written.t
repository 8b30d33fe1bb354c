# Pages that the application wrote: items without mcache's flags are bodies.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: the story: prefix, path and query as the key; the application writes, reads and deletes
--- mcache
mcache_key_prefix your-site-name-;
mcache_key $request_uri;
mcache_ignore ^/admin;
mcache_store off;
default_type text/html;
--- steps
@ set your-site-name-/photos/?page=2 <h1>Photos</h1>
> GET /photos/?page=2
< 200 HIT
< Content-Type: text/html
< Content-Length: 15
== <h1>Photos</h1>
@ delete your-site-name-/photos/?page=2
= deleted
> GET /photos/?page=2
< 200 MISS
= /photos/ 1



=== TEST 2: beside pages that mcache stores
--- mcache: mcache_key $uri; mcache_valid 1m;
--- steps
> GET /t
< 200 MISS
= /t 1
@ stored /t
@ set /t written
> GET /t
< 200 HIT
== written
@ delete /t
> GET /t
< 200 MISS
= /t 2



=== TEST 3: flags 16, a string of PHP's or of pymemcache's
--- mcache:
--- steps
@ set flagged http://localhost/t 16 text
> GET /t
< 200 HIT
== text



=== TEST 4: pickled, compressed and other values are not pages, and are left alone
--- mcache: mcache_valid 1m;
--- steps
@ set flagged http://localhost/pickled 1 (dp0.
@ set flagged http://localhost/number 2 42
@ set flagged http://localhost/compressed 8 xyz
@ set flagged http://localhost/gzipped 65536 xyz
> GET /pickled
< 200 MISS
= /pickled 1
> GET /number
< 200 MISS
= /number 1
> GET /compressed
< 200 MISS
= /compressed 1
> GET /gzipped
> Accept-Encoding: gzip
< 200 MISS
= /gzipped 1
@ settled
@ item http://localhost/pickled
< X-Flags: 1
== (dp0.
@ item http://localhost/number
< X-Flags: 2
== 42
@ item http://localhost/compressed
< X-Flags: 8
== xyz



=== TEST 5: an entry whose flags were lost is no page
--- mcache: mcache_valid 1m; add_header X-Mcache $mcache_status; add_header X-Reason $mcache_reason;
--- steps
@ set http://localhost/t MCE1 and more
> GET /t
< 200 MISS
< X-Reason: foreign-flags
= /t 1



=== TEST 6: an entry's flags on what is no entry
--- mcache: mcache_valid 1m; add_header X-Mcache $mcache_status; add_header X-Reason $mcache_reason;
--- steps
@ set flagged http://localhost/t 1835204864 no entry
> GET /t
< 200 MISS
= /t 1
@ status HIT /t



=== TEST 7: nginx's own memcached_pass reads what mcache_format raw stores
--- config
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_format raw;
        mcache_valid 1m;
        proxy_pass http://origin;
    }
    location ~ ^/direct(.*) {
        set $memcached_key $1;
        memcached_pass $TEST_NGINX_MEMCACHED;
    }
--- steps
> GET /t
< 200 MISS
@ stored /t
> GET /direct/t
< 200
= /t 1
