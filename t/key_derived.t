# What mcache keeps beside pages (locks, use counts, purge logs, what a page includes) lies where no
# request's page can lie, whatever bytes its URL or its body holds.

use lib 't/lib';
use Test::Mcache;
use Test::Mcache::Expiry;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: a URL that spells another page's lock does not take it
--- config
    location / {
        mcache pages;
        mcache_key $request_uri;
        mcache_lock on;
        mcache_lock_timeout 60s;
        mcache_purge_log off;
        proxy_pass http://origin;
    }
    location /decoded/ {
        mcache pages;
        mcache_key $uri;
        mcache_lock on;
        mcache_lock_timeout 60s;
        mcache_purge_log off;
        proxy_pass http://origin;
    }
--- steps
> GET /hot?h=Cache-Control:max-age=1&x
< 200 MISS
> GET /hot?h=Cache-Control:max-age=1&x%00lock
< 200 MISS
> GET /decoded/hot?h=Cache-Control:max-age=1
< 200 MISS
> GET /decoded/hot%2500lock?h=Cache-Control:max-age=600
< 200 MISS
@ settled
@ status EXPIRED /hot?h=Cache-Control:max-age=1&x
@ count /hot
= 3
@ status EXPIRED /decoded/hot?h=Cache-Control:max-age=1
@ count /decoded/hot
= 2



=== TEST 2: a URL that spells another page's use count is a page of its own
--- config
    location / {
        mcache pages;
        mcache_valid 1m;
        mcache_key $request_uri;
        mcache_min_uses 2;
        add_header X-Mcache $mcache_status;
        add_header X-Reason $mcache_reason;
        proxy_pass http://origin;
    }
    location /t {
        mcache pages;
        mcache_format raw;
        mcache_valid 1m;
        mcache_key $request_uri;
        mcache_min_uses 3;
        add_header X-Mcache $mcache_status;
        add_header X-Reason $mcache_reason;
        proxy_pass http://origin;
    }
--- steps
> GET /a?b%00uses
< 200 MISS
> GET /a?b%00uses
< 200 MISS
@ settled
> GET /a?b%00uses
< 200 HIT
> GET /a?b
< 200 MISS
< X-Reason: min-uses
> GET /a?b
< 200 MISS
< X-Reason: miss
> GET /t?x
< 200 MISS
> GET /t?x
< 200 MISS
> GET /t?x%00uses
< 200 MISS
= /t 3



=== TEST 3: a URL that spells the purge log is a page, and the log a log
--- config
    location / {
        mcache pages;
        mcache_valid 1m;
        mcache_key $arg_k;
        mcache_tags $arg_tag;
        proxy_pass http://origin;
    }
    location = /purge {
        mcache pages;
        mcache_purge_tags $arg_tag;
        mcache_purge_log on;
        proxy_pass http://origin;
    }
--- steps
> GET /t?k=page&tag=a
< 200 MISS
@ settled
> GET /t?k=%00purges
< 200 MISS
= /t 2
@ settled
@ item %00purges
~ \Amcache-purges
> GET /t?k=%00purges
< 200 HIT
= /t 2
> GET /t?k=page&tag=a
< 200 HIT
> GET /purge?tag=a
< 204
> GET /t?k=page&tag=a
< 200 MISS
> GET /t?k=%00purges
< 200 HIT
= /t 2



=== TEST 4: no page stands where a page includes something
--- config
    mcache pages;
    mcache_valid 1m;
    mcache_format raw;
    default_type text/plain;
    location /page {
        ssi on;
        ssi_types text/plain;
        proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/inner;
    }
    location /inner {
        mcache off;
        if ($args ~ part) {
            return 200 "by a stranger";
        }
        return 200 '(<!--# include virtual="/part" -->)';
    }
    location /part {
        proxy_pass http://origin;
    }
--- steps
> GET /page?x%00/part?
< 200 MISS
== by a stranger
> GET /page?x%00/part?%005.0
< 200 MISS
== by a stranger
@ settled
> GET /page?x
< 200 MISS
~ \A\(/part 1\n\)\z
@ settled
> GET /page?x
< 200 HIT
~ \A\(/part 1\n\)\z
