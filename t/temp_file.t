# A response that nginx put into a temporary file on its way is stored all the same.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: a client slower than the backend
--- config
    location / {
        mcache pages;
        mcache_valid 1m;
        proxy_buffer_size 4k;
        proxy_buffers 2 4k;
        proxy_busy_buffers_size 4k;
        proxy_temp_file_write_size 8k;
        limit_rate 400k;
        proxy_pass http://origin;
    }
    location /fast/ {
        mcache pages;
        mcache_key http://localhost/a/page/of/some/length?size=200000;
        proxy_pass http://origin;
    }
--- steps
> GET /a/page/of/some/length?size=200000
< 200 MISS
~ \A(/a/page/of/some/length 1 ){8000}\z
@ log buffered to a temporary file
@ stored http://localhost/a/page/of/some/length?size=200000
> GET /fast/
< 200 HIT
< Content-Length: 200000
~ \A(/a/page/of/some/length 1 ){8000}\z
@ count /a/page/of/some/length
= 1



=== TEST 2: of unknown length
--- config
    location / {
        mcache pages;
        mcache_valid 1m;
        proxy_http_version 1.1;
        proxy_buffer_size 4k;
        proxy_buffers 2 4k;
        proxy_busy_buffers_size 4k;
        proxy_temp_file_write_size 8k;
        limit_rate 400k;
        proxy_pass http://origin;
    }
    location /fast/ {
        mcache pages;
        mcache_key http://localhost/a/page/of/some/length?size=200000&framing=chunked;
        proxy_pass http://origin;
    }
--- steps
> GET /a/page/of/some/length?size=200000&framing=chunked
< 200 MISS
~ \A(/a/page/of/some/length 1 ){8000}\z
@ log buffered to a temporary file
@ stored http://localhost/a/page/of/some/length?size=200000&framing=chunked
> GET /fast/
< 200 HIT
< Content-Length: 200000
~ \A(/a/page/of/some/length 1 ){8000}\z
