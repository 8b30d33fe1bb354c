# Range, on hits and on fills.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: ranges of a hit
--- mcache: mcache_valid 1m;
--- steps
> GET /t?body=0123456789
< 200 MISS
@ stored http://localhost/t?body=0123456789
> GET /t?body=0123456789
> Range: bytes=2-4
< 206 HIT
< Content-Range: bytes 2-4/10
< Content-Length: 3
== 234
> GET /t?body=0123456789
> Range: bytes=-3
< 206 HIT
< Content-Range: bytes 7-9/10
== 789
> GET /t?body=0123456789
> Range: bytes=8-
< 206 HIT
== 89
> GET /t?body=0123456789
> Range: bytes=20-
# Twice: nginx adds headers to the response and then to its own page for 416.
< 416
<~ X-Mcache: HIT
< Content-Range: bytes */10
> GET /t?body=0123456789
> Range: bytes=0-0,9-9
< 206 HIT
<~ Content-Type: multipart/byteranges; boundary=\w+
~ Content-Range: bytes 0-0/10\r\n\r\n0\r\n.*Content-Range: bytes 9-9/10\r\n\r\n9\r\n
> HEAD /t?body=0123456789
> Range: bytes=2-4
< 200 HIT
@ count /t
= 1



=== TEST 2: If-Range on a hit
--- mcache: mcache_valid 1m;
--- steps
> GET /t?body=0123456789&etag=one
< 200 MISS
@ stored http://localhost/t?body=0123456789&etag=one
> GET /t?body=0123456789&etag=one
> Range: bytes=2-4
> If-Range: "one"
< 206 HIT
== 234
> GET /t?body=0123456789&etag=one
> Range: bytes=2-4
> If-Range: "two"
< 200 HIT
== 0123456789



=== TEST 3: on a fill the backend is asked for the whole, which is stored
--- mcache: mcache_valid 1m;
--- steps
> GET /t?body=0123456789&range=1
> Range: bytes=2-4
< 206 MISS
< Content-Range: bytes 2-4/10
== 234
@ stored http://localhost/t?body=0123456789&range=1
> GET /t?body=0123456789&range=1
< 200 HIT
== 0123456789
@ count /t
= 1



=== TEST 4: a response that is not stored is ranged all the same
--- mcache:
--- steps
> GET /t?body=0123456789&h=Cache-Control:private
> Range: bytes=2-4
< 206 MISS
== 234
@ not stored http://localhost/t?body=0123456789&h=Cache-Control:private



=== TEST 5: a 206 that comes unasked is never stored
--- mcache: mcache_valid any 1m;
--- steps
> GET /t?status=206&h=Content-Range:bytes+0-1/10&body=01&h=Cache-Control:max-age=60
< 206 MISS
@ not stored http://localhost/t?status=206&h=Content-Range:bytes+0-1/10&body=01&h=Cache-Control:max-age=60



=== TEST 6: what the application wrote
--- mcache:
--- steps
@ set http://localhost/t 0123456789
> GET /t
> Range: bytes=2-4
< 206 HIT
== 234



=== TEST 7: max_ranges 0 turns them off
--- mcache: mcache_valid 1m; max_ranges 0;
--- steps
> GET /t?body=0123456789
< 200 MISS
@ stored http://localhost/t?body=0123456789
> GET /t?body=0123456789
> Range: bytes=2-4
< 200 HIT
== 0123456789



=== TEST 8: a static file that is filled by a range
--- config
    location / {
        mcache pages;
        mcache_valid 1m;
        root html;
    }
--- user_files
>>> t.txt
0123456789
--- steps
> GET /t.txt
> Range: bytes=2-4
< 206 MISS
== 234
@ stored http://localhost/t.txt
> GET /t.txt
< 200 HIT
= 0123456789



=== TEST 9: several ranges of a static file, on its fill and on its hit
--- config
    location / {
        mcache pages;
        mcache_valid 1m;
        root html;
    }
--- user_files
>>> t.txt
0123456789
--- steps
> GET /t.txt
> Range: bytes=0-1,5-6
< 206 MISS
<~ Content-Type: multipart/byteranges; boundary=\w+
@ stored http://localhost/t.txt
> GET /t.txt
> Range: bytes=0-1,5-6
< 206 HIT
<~ Content-Type: multipart/byteranges; boundary=\w+
