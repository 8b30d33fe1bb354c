# A response that is not complete is never stored.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

# Test::Nginx says so of each response that is cut off, and here they all are.
$SIG{__WARN__} = sub { warn @_ if "@_" !~ /response body truncated/ };

run_tests();

__DATA__

=== TEST 1: short of its Content-Length
--- mcache: mcache_valid 1m;
--- steps
> GET /t?cut=short&size=1000 HTTP/1.0
< 200 MISS
@ not stored http://localhost/t?cut=short&size=1000
> GET /large?cut=short&size=200000 HTTP/1.0
< 200 MISS
@ not stored http://localhost/large?cut=short&size=200000



=== TEST 2: short of its Content-Length, without buffering
--- mcache: mcache_valid 1m; proxy_buffering off;
--- steps
> GET /t?cut=short&size=1000 HTTP/1.0
< 200 MISS
@ not stored http://localhost/t?cut=short&size=1000



=== TEST 3: no last chunk
--- mcache: mcache_valid 1m; proxy_http_version 1.1;
--- steps
> GET /t?cut=chunk&size=1000 HTTP/1.0
< 200 MISS
@ not stored http://localhost/t?cut=chunk&size=1000



=== TEST 4: no last chunk, without buffering
--- mcache: mcache_valid 1m; proxy_http_version 1.1; proxy_buffering off;
--- steps
> GET /t?cut=chunk&size=1000 HTTP/1.0
< 200 MISS
@ not stored http://localhost/t?cut=chunk&size=1000



=== TEST 5: a chunk size that is none
--- config
    location / {
        mcache pages;
        mcache_valid 1m;
        proxy_http_version 1.1;
        proxy_pass http://origin;
    }
    location /unbuffered {
        mcache pages;
        mcache_valid 1m;
        proxy_http_version 1.1;
        proxy_buffering off;
        proxy_pass http://origin;
    }
--- steps
> GET /t?cut=badchunk&size=100000 HTTP/1.0
< 200 MISS
@ not stored http://localhost/t?cut=badchunk&size=100000
> GET /unbuffered?cut=badchunk&size=100000 HTTP/1.0
< 200 MISS
@ not stored http://localhost/unbuffered?cut=badchunk&size=100000



=== TEST 6: the backend resets the connection
--- config
    location / {
        mcache pages;
        mcache_valid 1m;
        proxy_pass http://origin;
    }
    location /unbuffered {
        mcache pages;
        mcache_valid 1m;
        proxy_buffering off;
        proxy_pass http://origin;
    }
--- steps
> GET /t?cut=reset&size=1000 HTTP/1.0
< 200 MISS
@ not stored http://localhost/t?cut=reset&size=1000
> GET /close?cut=reset&size=1000&framing=close HTTP/1.0
< 200 MISS
@ not stored http://localhost/close?cut=reset&size=1000&framing=close
> GET /unbuffered?cut=reset&size=1000&framing=close HTTP/1.0
< 200 MISS
@ not stored http://localhost/unbuffered?cut=reset&size=1000&framing=close



=== TEST 7: the backend falls silent
--- config
    location / {
        mcache pages;
        mcache_valid 1m;
        proxy_read_timeout 100ms;
        proxy_pass http://origin;
    }
    location /unbuffered {
        mcache pages;
        mcache_valid 1m;
        proxy_read_timeout 100ms;
        proxy_buffering off;
        proxy_pass http://origin;
    }
--- steps
> GET /t?pause=1000&size=1000 HTTP/1.0
< 200 MISS
@ not stored http://localhost/t?pause=1000&size=1000
> GET /close?pause=1000&size=1000&framing=close HTTP/1.0
< 200 MISS
@ not stored http://localhost/close?pause=1000&size=1000&framing=close
> GET /unbuffered?pause=1000&size=1000&framing=close HTTP/1.0
< 200 MISS
@ not stored http://localhost/unbuffered?pause=1000&size=1000&framing=close



=== TEST 8: in the middle of the header
--- mcache: mcache_valid any 1m;
--- steps
> GET /t?cut=header
< 502 MISS
@ not stored http://localhost/t?cut=header



=== TEST 9: FastCGI, SCGI and uwsgi
--- config
    mcache_valid 1m;
    location /fastcgi {
        mcache pages;
        fastcgi_param REQUEST_METHOD $request_method;
        fastcgi_param REQUEST_URI $request_uri;
        fastcgi_pass 127.0.0.1:$TEST_NGINX_FASTCGI_PORT;
    }
    location /scgi {
        mcache pages;
        scgi_param REQUEST_METHOD $request_method;
        scgi_param REQUEST_URI $request_uri;
        scgi_pass 127.0.0.1:$TEST_NGINX_SCGI_PORT;
    }
    location /uwsgi {
        mcache pages;
        uwsgi_param REQUEST_METHOD $request_method;
        uwsgi_param REQUEST_URI $request_uri;
        uwsgi_pass 127.0.0.1:$TEST_NGINX_UWSGI_PORT;
    }
--- steps
> GET /fastcgi?cut=short&size=1000 HTTP/1.0
< 200 MISS
@ not stored http://localhost/fastcgi?cut=short&size=1000
> GET /fastcgi/reset?cut=reset&size=1000&framing=close HTTP/1.0
< 200 MISS
@ not stored http://localhost/fastcgi/reset?cut=reset&size=1000&framing=close
> GET /scgi?cut=short&size=1000 HTTP/1.0
< 200 MISS
@ not stored http://localhost/scgi?cut=short&size=1000
> GET /uwsgi?cut=short&size=1000 HTTP/1.0
< 200 MISS
@ not stored http://localhost/uwsgi?cut=short&size=1000



=== TEST 10: an older entry survives what was not complete
--- mcache: mcache_key $uri; mcache_bypass $arg_fresh; mcache_valid 1m;
--- steps
> GET /t?size=1000
< 200 MISS
@ stored /t
> GET /t?fresh=1&cut=short&size=1000 HTTP/1.0
< 200 BYPASS
@ settled
> GET /t
< 200 HIT
< Content-Length: 1000
~ \A/t 1 /t 1 



=== TEST 11: a response that goes on for longer than its Content-Length
--- mcache: mcache_valid 1m;
--- steps
> GET /t?framing=close&h=Content-Length:4
< 200 MISS
@ settled
> GET /t?framing=close&h=Content-Length:4
~ \A/t [12]\n?\z
