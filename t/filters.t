# A hit passes through nginx's filters as a proxied response does, and what is stored is what the origin sent.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: gzip
--- mcache
mcache_valid 1m;
gzip on;
gzip_min_length 1;
gzip_types text/plain;
gzip_proxied any;
--- steps
> GET /t?size=1000
> Accept-Encoding: gzip
< 200 MISS
< Content-Encoding: gzip
@ stored http://localhost/t?size=1000
> GET /t?size=1000
< 200 HIT
< ! Content-Encoding
< Content-Length: 1000
~ \A(/t 1 ){200}\z
> GET /t?size=1000
> Accept-Encoding: gzip
< 200 HIT
< Content-Encoding: gzip
~ \A\x1f\x8b
@ count /t
= 1



=== TEST 2: gunzip, of a page that is stored compressed
--- mcache: mcache_valid 1m; gunzip on;
--- steps
> GET /t?gzip=1
> Accept-Encoding: gzip
< 200 MISS
< Content-Encoding: gzip
@ stored http://localhost/t?gzip=1
> GET /t?gzip=1
< 200 HIT
< ! Content-Encoding
= /t 1
> GET /t?gzip=1
> Accept-Encoding: gzip
< 200 HIT
< Content-Encoding: gzip



=== TEST 3: SSI, whose subrequests are hits
--- config
    location / {
        mcache pages;
        mcache_valid 1m;
        ssi on;
        proxy_pass http://origin;
    }
    location /part {
        mcache pages;
        mcache_key part:$uri;
        mcache_valid 1m;
        proxy_pass http://origin;
    }
--- steps
> GET /t?h=Content-Type:text/html&body=[<!--%23include+virtual="/part/a"-->][<!--%23include+virtual="/part/b"-->]
< 200 MISS
~ \A\[/part/a 1\n\]\[/part/b 1\n\]\z
@ stored part:/part/a
@ stored part:/part/b
@ stored http://localhost/t?h=Content-Type:text/html&body=[<!--%23include+virtual="/part/a"-->][<!--%23include+virtual="/part/b"-->]
> GET /t?h=Content-Type:text/html&body=[<!--%23include+virtual="/part/a"-->][<!--%23include+virtual="/part/b"-->]
< 200 HIT
~ \A\[/part/a 1\n\]\[/part/b 1\n\]\z
@ delete part:/part/a
> GET /t?h=Content-Type:text/html&body=[<!--%23include+virtual="/part/a"-->][<!--%23include+virtual="/part/b"-->]
< 200 HIT
~ \A\[/part/a 2\n\]\[/part/b 1\n\]\z



=== TEST 4: the same page many times over, and an include of the page's own location
--- mcache
mcache_key $uri;
mcache_valid 1m;
ssi on;
ssi_types text/plain;
--- steps
@ set /page <!--# include virtual="/a" --><!--# include virtual="/b" --><!--# include virtual="/a" -->
> GET /page
< 200 HIT
~ \A/a \d\n/b 1\n/a \d\n\z
@ stored /a
@ stored /b
> GET /page
< 200 HIT
~ \A/a (\d)\n/b 1\n/a \1\n\z



=== TEST 5: sub_filter
--- mcache: mcache_valid 1m; sub_filter t T; sub_filter_types *;
--- steps
> GET /t
< 200 MISS
= /T 1
@ holds http://localhost/t /t 1
> GET /t
< 200 HIT
= /T 1



=== TEST 6: add_header and expires
--- mcache
mcache_valid 1m;
add_header X-Mcache $mcache_status;
add_header X-Own 1;
expires 1h;
--- steps
> GET /t
< 200 MISS
< X-Own: 1
< Cache-Control: max-age=3600
@ stored http://localhost/t
> GET /t
< 200 HIT
< X-Own: 1
< Cache-Control: max-age=3600
<!~ X-Own: .*\r\n(.*\r\n)*X-Own: .*
<!~ X-Mcache: .*\r\n(.*\r\n)*X-Mcache: .*



=== TEST 7: addition
--- config
    location / {
        mcache pages;
        mcache_valid 1m;
        add_before_body /before;
        add_after_body /after;
        addition_types *;
        proxy_pass http://origin;
    }
    location /before { return 200 "before\n"; }
    location /after { proxy_pass http://origin; }
--- steps
> GET /t
< 200 MISS
~ \Abefore\n/t 1\n/after 1\n\z
@ holds http://localhost/t /t 1
> GET /t
< 200 HIT
~ \Abefore\n/t 1\n/after 2\n\z



=== TEST 8: charset
--- mcache: mcache_valid 1m; charset utf-8;
--- steps
> GET /t
< 200 MISS
< Content-Type: text/plain; charset=utf-8
@ stored http://localhost/t
> GET /t
< 200 HIT
< Content-Type: text/plain; charset=utf-8



=== TEST 9: limit_rate and a large hit to a slow client
--- mcache: mcache_valid 1m; limit_rate 400k;
--- steps
> GET /a/long/path/of/a/page?size=200000
< 200 MISS
@ stored http://localhost/a/long/path/of/a/page?size=200000
> GET /a/long/path/of/a/page?size=200000
< 200 HIT
< Content-Length: 200000
~ \A(/a/long/path/of/a/page 1 ){8000}\z



=== TEST 10: a charset that the content handler names beside the type
--- config
    location / {
        mcache pages;
        mcache_valid 1m;
        autoindex on;
        autoindex_format xml;
    }
--- user_files
>>> list/file

--- steps
> GET /list/
< 200 MISS
< Content-Type: text/xml; charset=utf-8
@ stored http://localhost/list/
> GET /list/
< 200 HIT
< Content-Type: text/xml; charset=utf-8
