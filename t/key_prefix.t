# mcache_key_prefix is put before the key.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: the prefix of the story, your-site-name-/path?query
--- mcache
mcache_key_prefix your-site-name-;
mcache_key $request_uri;
mcache_valid 1m;
add_header X-Key $mcache_key;
add_header X-Mcache $mcache_status;
--- steps
> GET /t?x=1
< 200 MISS
< X-Key: your-site-name-/t?x=1
@ stored your-site-name-/t?x=1
> GET /t?x=1
< 200 HIT



=== TEST 2: before the default key
--- mcache: mcache_key_prefix site-; mcache_valid 1m;
--- steps
> GET /t
< 200 MISS
@ stored site-http://localhost/t



=== TEST 3: a prefix with variables
--- mcache: mcache_key_prefix $host:; mcache_key $uri; mcache_valid 1m;
--- steps
> GET /t
> Host: a.example
< 200 MISS
= /t 1
@ stored a.example:/t
> GET /t
> Host: b.example
< 200 MISS
= /t 2
@ stored b.example:/t
> GET /t
> Host: a.example
< 200 HIT
= /t 1



=== TEST 4: inherited, and taken back with an empty one
--- config
    mcache_key_prefix outer-;
    mcache_key $uri;
    mcache_valid 1m;
    location /a {
        mcache pages;
        proxy_pass http://origin;
    }
    location /b {
        mcache pages;
        mcache_key_prefix "";
        proxy_pass http://origin;
    }
--- steps
> GET /a
< 200 MISS
@ stored outer-/a
> GET /b
< 200 MISS
@ stored /b
