# What nginx itself picks by Accept-Encoding (gzip_static) is stored once for each, and has the same
# Vary on a hit as on a fill.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

use IO::Compress::Gzip qw(gzip);

add_block_preprocessor(sub {
    my ($block) = @_;
    gzip \'hello', \my $gz;
    $block->set_value('user_files', [['t.html' => 'hello'], ['t.html.gz' => $gz]]);
});

run_tests();

__DATA__

=== TEST 1: the compressed file first
--- config
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_valid 1m;
        gzip_static on;
    }
--- steps
> GET /t.html
> Accept-Encoding: gzip
< 200 MISS
< Content-Encoding: gzip
< ! Vary
@ settled
> GET /t.html
< 200 MISS
< ! Content-Encoding
== hello
@ settled
> GET /t.html
> Accept-Encoding: gzip
< 200 HIT
< Content-Encoding: gzip
< ! Vary
> GET /t.html
< 200 HIT
< ! Content-Encoding
== hello



=== TEST 2: with gzip_vary, the plain file first
--- config
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_valid 1m;
        gzip_static on;
        gzip_vary on;
    }
--- steps
> GET /t.html
< 200 MISS
< ! Content-Encoding
< Vary: Accept-Encoding
@ settled
> GET /t.html
> Accept-Encoding: gzip
< 200 MISS
< Content-Encoding: gzip
< Vary: Accept-Encoding
@ settled
> GET /t.html
< 200 HIT
< ! Content-Encoding
< Vary: Accept-Encoding
== hello
> GET /t.html
> Accept-Encoding: gzip
< 200 HIT
< Content-Encoding: gzip
< Vary: Accept-Encoding
> HEAD /t.html
> Accept-Encoding: gzip
< 200 HIT
< Content-Encoding: gzip
< Vary: Accept-Encoding



=== TEST 3: the raw format cannot keep them apart
--- config
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_valid 1m;
        mcache_format raw;
        gzip_static on;
        gzip_vary on;
    }
--- steps
> GET /t.html
< 200 MISS
== hello
> GET /t.html
> Accept-Encoding: gzip
< 200 MISS
< Content-Encoding: gzip
@ not stored /t.html



=== TEST 4: what nginx makes compressed, and says nothing of why
--- config
    location /t {
        mcache pages;
        mcache_key $uri;
        mcache_valid 1m;
        gzip_static always;
        rewrite ^ /t.html break;
    }
--- steps
> GET /t
> Accept-Encoding: gzip
< 200 MISS
< Content-Encoding: gzip
@ settled
> GET /t
< 200 MISS
@ settled
> GET /t
> Accept-Encoding: gzip
< 200 HIT
< Content-Encoding: gzip



=== TEST 5: plain files of those to whom nginx sends nothing compressed are not for others
--- config
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_valid 1m;
        gzip_static on;
        gzip_vary on;
    }
--- steps
@ raw GET /t.html HTTP/1.0\r\nAccept-Encoding: gzip\r\n\r\n
= 200 MISS hello
> GET /t.html
> Accept-Encoding: gzip
> Via: 1.1 a
< 200 MISS
== hello
@ settled
> GET /t.html
> Accept-Encoding: gzip
< 200 MISS
< Content-Encoding: gzip
@ settled
> GET /t.html
> Accept-Encoding: gzip
< 200 HIT
< Content-Encoding: gzip



=== TEST 6: nothing compressed is put into another page
--- config
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_valid 1m;
        gzip_static on;
        gzip_vary on;
    }
    location /outer {
        ssi on;
        ssi_types *;
        proxy_pass http://origin;
    }
--- steps
> GET /t.html
> Accept-Encoding: gzip
< 200 MISS
@ settled
> GET /outer?body=<!--#include+virtual="/t.html"+-->
> Accept-Encoding: gzip
< 200
== hello
> GET /t.html
> Accept-Encoding: gzip
< 200 HIT
< Content-Encoding: gzip

