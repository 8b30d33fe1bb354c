# Ranges of a body that lies in parts: only the parts that they need are read. Every answer is also
# compared with what the same request gets where the page is one item.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value('http_config', ($block->http_config // '') . <<'EOC');
    mcache_pool small { server $TEST_NGINX_MEMCACHED; timeout 10s; connect_timeout 10s; max_item_size 16k; }
    mcache_max_size 64m;
    mcache_valid 1m;
    proxy_http_version 1.1;
EOC
    $block->set_value('config', ($block->config // '') . <<'EOC');
    location /t {
        mcache small;
        proxy_pass http://origin;
    }
EOC
});

# A range, and what becomes of 300000 bytes; parts are of 8192.
my @matrix = (
    ['bytes=0-0',             '206 HIT bytes 0-0/300000, of fill 1'],
    ['bytes=0-8191',          '206 HIT bytes 0-8191/300000, of fill 1'],
    ['bytes=8191-8192',       '206 HIT bytes 8191-8192/300000, of fill 1'],
    ['bytes=8192-',           '206 HIT bytes 8192-299999/300000, of fill 1'],
    ['bytes=100000-200000',   '206 HIT bytes 100000-200000/300000, of fill 1'],
    ['bytes=299999-',         '206 HIT bytes 299999-299999/300000, of fill 1'],
    ['bytes=-1',              '206 HIT bytes 299999-299999/300000, of fill 1'],
    ['bytes=-8192',           '206 HIT bytes 291808-299999/300000, of fill 1'],
    ['bytes=-300000',         '206 HIT bytes 0-299999/300000, of fill 1'],
    ['bytes=-400000',         '206 HIT bytes 0-299999/300000, of fill 1'],
    ['bytes=0-',              '206 HIT bytes 0-299999/300000, of fill 1'],
    ['bytes=250000-400000',   '206 HIT bytes 250000-299999/300000, of fill 1'],
    ['bytes=0-0,100000-100000', '200 HIT 300000 bytes, of fill 1'],
    ['lines=1-2',             '200 HIT 300000 bytes, of fill 1'],
);

for my $case (@matrix) {
    my ($range, $answer) = @$case;
    $main::Matrix .= "\@ whole /t?size=300000&etag=x Range:$range\n= $answer\n";
}
add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value('steps', $block->steps =~ s/\$MATRIX\n/$main::Matrix/r);
});

run_tests();

__DATA__

=== TEST 1: the matrix
--- steps
@ whole /t?size=300000&etag=x
= 200 MISS 300000 bytes, of fill 1
@ stored http://localhost/t?size=300000&etag=x
$MATRIX



=== TEST 2: beyond the end, and no range at all
--- steps
> GET /t?size=300000
< 200 MISS
@ stored http://localhost/t?size=300000
> GET /t?size=300000
> Range: bytes=300000-
< 416
< Content-Range: bytes */300000
> GET /t?size=300000
> Range: bytes=5-4
< 416
> GET /t?size=300000
> Range: bytes=-0
< 416



=== TEST 3: only the parts that are needed are read
--- steps
> GET /t?size=300000
< 200 MISS
@ stored http://localhost/t?size=300000
@ drop part 0
= dropped
@ drop part 14
= dropped
@ whole /t?size=300000 Range:bytes=8192-100000
= 206 HIT bytes 8192-100000/300000, of fill 1
@ whole /t?size=300000 Range:bytes=122880-
= 206 HIT bytes 122880-299999/300000, of fill 1
@ whole /t?size=300000 Range:bytes=114688-114688
= 206 MISS bytes 114688-114688/300000, of fill 2



=== TEST 4: If-Range
--- steps
> GET /t?size=300000&etag=x&lm=Thu,%2001%20Jan%202015%2000:00:00%20GMT
< 200 MISS
@ stored http://localhost/t?size=300000&etag=x&lm=Thu,%2001%20Jan%202015%2000:00:00%20GMT
@ drop part 0
= dropped
@ whole /t?size=300000&etag=x&lm=Thu,%2001%20Jan%202015%2000:00:00%20GMT Range:bytes=100000-100001;If-Range:"x"
= 206 HIT bytes 100000-100001/300000, of fill 1
> GET /t?size=300000&etag=x&lm=Thu,%2001%20Jan%202015%2000:00:00%20GMT
> Range: bytes=100000-100001
> If-Range: Thu, 01 Jan 2015 00:00:00 GMT
< 206 HIT
< Content-Range: bytes 100000-100001/300000
@ whole /t?size=300000&etag=x&lm=Thu,%2001%20Jan%202015%2000:00:00%20GMT Range:bytes=100000-100001;If-Range:"y"
= 200 MISS 300000 bytes, of fill 2



=== TEST 5: a condition that holds comes before the range
--- steps
> GET /t?size=300000&etag=x
< 200 MISS
@ stored http://localhost/t?size=300000&etag=x
> GET /t?size=300000&etag=x
> Range: bytes=100000-100001
> If-None-Match: "x"
< 304 HIT
> HEAD /t?size=300000&etag=x
> Range: bytes=100000-100001
< 200 HIT
< Content-Length: 300000



=== TEST 6: a filter that changes the body takes the range away
--- config
    location /s {
        mcache small;
        sub_filter_types text/plain;
        sub_filter " 1 " " 2 ";
        sub_filter_once off;
        proxy_pass http://origin;
    }
--- steps
> GET /s?size=300000
< 200 MISS
@ stored http://localhost/s?size=300000
> GET /s?size=300000
> Range: bytes=100000-100001
< 200 HIT
~ \A(/s 2 )+\S*\z



=== TEST 7: and all of the page has to be there, as the worker knows from what it has sent
--- config
    location /s {
        mcache small;
        sub_filter_types text/plain;
        sub_filter " 1 " " 2 ";
        proxy_pass http://origin;
    }
--- steps
> GET /s?size=300000
< 200 MISS
@ stored http://localhost/s?size=300000
@ drop part 0
= dropped
> GET /s?size=300000
> Range: bytes=100000-100001
< 200 MISS
@ settled
> GET /s?size=300000
> Range: bytes=100000-100001
< 200 HIT
