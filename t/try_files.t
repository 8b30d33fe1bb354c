# Static files and try_files.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: a static file is stored, and served when the file has changed
--- config
    location / {
        mcache pages;
        mcache_valid 1m;
        root html;
    }
    location /dav/ {
        alias html/;
        dav_methods PUT DELETE;
    }
--- user_files
>>> t.txt 202001010000.00
first
--- steps
> GET /t.txt
< 200 MISS
< Last-Modified: Wed, 01 Jan 2020 00:00:00 GMT
<~ ETag: "[0-9a-f]+-6"
= first
@ stored http://localhost/t.txt
> PUT /dav/t.txt\nsecond
< 204
> GET /t.txt
< 200 HIT
< Last-Modified: Wed, 01 Jan 2020 00:00:00 GMT
<~ ETag: "[0-9a-f]+-6"
< Content-Length: 6
= first
> DELETE /dav/t.txt
< 204
> GET /t.txt
< 200 HIT
= first



=== TEST 2: a large file, sent with sendfile and without
--- config
    mcache_valid 1m;
    location /on/ {
        mcache pages;
        sendfile on;
        alias html/;
    }
    location /off/ {
        mcache pages;
        sendfile off;
        output_buffers 2 8k;
        alias html/;
    }
--- user_files eval
[[ 't.txt', CORE::join('', map { sprintf "%09d\n", $_ } 1 .. 30000) ]]
--- steps
> GET /on/t.txt
< 200 MISS
~ \A000000001\n.*\n000030000\n\z
@ stored http://localhost/on/t.txt
> GET /on/t.txt
< 200 HIT
< Content-Length: 300000
~ \A(\d{9}\n){30000}\z
~ \A000000001\n.*\n000015000\n000015001\n.*\n000030000\n\z
> GET /off/t.txt
< 200 MISS
@ stored http://localhost/off/t.txt
> GET /off/t.txt
< 200 HIT
< Content-Length: 300000
~ \A(\d{9}\n){30000}\z
~ \A000000001\n.*\n000015000\n000015001\n.*\n000030000\n\z



=== TEST 3: try_files to a named location: stored under the key of the first one
--- config
    location / {
        mcache pages;
        mcache_key first:$uri;
        mcache_valid 1m;
        root html;
        try_files $uri @app;
    }
    location @app {
        proxy_pass http://origin;
    }
--- user_files
>>> file.txt
static
--- steps
> GET /t
< 200 MISS
= /t 1
@ stored first:/t
> GET /t
< 200 HIT
= /t 1
> GET /file.txt
< 200 MISS
= static
@ stored first:/file.txt
> GET /file.txt
< 200 HIT
= static



=== TEST 4: a hit skips try_files, so that a file that appears later does not matter
--- config
    location / {
        mcache pages;
        root html;
        try_files $uri =404;
    }
--- user_files
>>> t
static
--- steps
@ set http://localhost/t written
> GET /t
< 200 HIT
== written
@ set http://localhost/none written
> GET /none
< 200 HIT
== written
> GET /nothing
< 404 MISS



=== TEST 5: try_files to a front controller: the key is still that of the request
--- config
    location / {
        mcache pages;
        mcache_valid 1m;
        root html;
        try_files $uri /front?q=$uri;
    }
    location /front {
        proxy_pass http://origin;
    }
--- steps
> GET /a
< 200 MISS
= /front 1
@ stored http://localhost/a
> GET /b
< 200 MISS
= /front 2
@ stored http://localhost/b
> GET /a
< 200 HIT
= /front 1
> GET /b
< 200 HIT
= /front 2



=== TEST 6: a named location that says mcache off is not stored
--- config
    location / {
        mcache pages;
        mcache_valid 1m;
        root html;
        try_files $uri @app;
    }
    location @app {
        mcache off;
        proxy_pass http://origin;
    }
--- steps
> GET /t
= /t 1
@ not stored http://localhost/t
> GET /t
= /t 2



=== TEST 7: the index of a folder
--- config
    location / {
        mcache pages;
        mcache_valid 1m;
        root html;
        index t.txt;
    }
--- user_files
>>> folder/t.txt
index
--- steps
> GET /folder/
< 200 MISS
= index
@ stored http://localhost/folder/
> GET /folder/
< 200 HIT
= index



=== TEST 8: files of no bytes, and none at all
--- config
    location / {
        mcache pages;
        mcache_valid any 1m;
        root html;
    }
--- user_files eval
[[ 'empty.txt', '' ]]
--- steps
> GET /empty.txt
< 200 MISS
=
@ stored http://localhost/empty.txt
> GET /empty.txt
< 200 HIT
< Content-Length: 0
=
> GET /none.txt
< 404 MISS
