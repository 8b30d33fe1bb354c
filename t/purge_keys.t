# Several keys in one purge: repeated header fields, or a body; the answer says of each what became of it.

use lib 't/lib';
use Test::Mcache;
use Test::Mcache::Purge;
use Test::Nginx::Socket 'no_plan';

add_block_preprocessor(sub {
    my ($block) = @_;
    return if defined $block->config || defined $block->mcache;
    $block->set_value('config', <<'EOC');
        location / {
            mcache pages;
            mcache_key_prefix site-;
            mcache_key $request_uri;
            mcache_valid 1m;
            mcache_purge $is_purge;
            client_body_buffer_size 1k;
            proxy_pass http://origin;
        }
EOC
});

run_tests();

__DATA__

=== TEST 1: header fields
--- steps
> GET /a
< 200 MISS
> GET /b?c=d
< 200 MISS
> GET /purge
< 200 MISS
@ settled
> PURGE /purge
> Purge-Key: /a
> Purge-Key: /b?c=d
> Purge-Key: /none
< 200 BYPASS
< Content-Type: application/json
< Cache-Control: no-store
= {"results":[{"key":"/a","result":"purged"},{"key":"/b?c=d","result":"purged"},{"key":"/none","result":"not found"}]}
> GET /a
< 200 MISS
> GET /b?c=d
< 200 MISS
> GET /purge
< 200 HIT



=== TEST 2: a JSON array
--- steps
> GET /a
< 200 MISS
> GET /caf%C3%A9
< 200 MISS
> GET /blog/1
< 200 MISS
@ settled
> PURGE /\n["/a", "\/caf%C3%A9",\n "/blog/*"]
> Content-Type: application/json; charset=utf-8
< 200
= {"results":[{"key":"/a","result":"purged"},{"key":"/caf%C3%A9","result":"purged"},{"key":"/blog/*","result":"purged"}]}
> GET /a
< 200 MISS
> GET /caf%C3%A9
< 200 MISS
> GET /blog/1
< 200 MISS
> PURGE /\n[]
> Content-Type: application/json
< 200
= {"results":[]}



=== TEST 3: a text with a key a line
--- steps
> GET /a
< 200 MISS
> GET /b
< 200 MISS
@ settled
> PURGE /\n/a\n\n/b
> Content-Type: text/plain
< 200
= {"results":[{"key":"/a","result":"purged"},{"key":"/b","result":"purged"}]}
> GET /a
< 200 MISS
> GET /b
< 200 MISS



=== TEST 4: what does not begin with a slash is a key as mcache_key makes it
--- mcache
mcache_key_prefix site-;
mcache_key $host$request_uri;
mcache_valid 1m;
mcache_purge $is_purge;
add_header X-Mcache $mcache_status;
add_header X-Request-Uri $request_uri;
--- steps
> GET /a
< 200 MISS
> GET /b
< 200 MISS
> GET /c/d
< 200 MISS
@ settled
> PURGE /own
> Purge-Key: localhost/a
> Purge-Key: /b
> Purge-Key: localhost/c*
> Purge-Key: elsewhere/a
< 200
< X-Request-Uri: /own
= {"results":[{"key":"localhost/a","result":"purged"},{"key":"/b","result":"purged"},{"key":"localhost/c*","result":"purged"},{"key":"elsewhere/a","result":"not found"}]}
> GET /a
< 200 MISS
> GET /b
< 200 MISS
> GET /c/d
< 200 MISS
> PURGE /
> Purge-Key: *
< 200
= {"results":[{"key":"*","result":"purged"}]}



=== TEST 5: targets have their own $uri and arguments, and the request's own come back
--- mcache
mcache_key $uri-$arg_page;
mcache_valid 1m;
mcache_purge $is_purge;
add_header X-Mcache $mcache_status;
add_header X-Uri $uri$is_args$args;
--- steps
> GET /a%20b?page=2
< 200 MISS
@ settled
> PURGE /c?page=1
> Purge-Key: /a%20b?x=y&page=2
> Purge-Key: /a%20b
< 200
< X-Uri: /c?page=1
= {"results":[{"key":"/a%20b?x=y&page=2","result":"purged"},{"key":"/a%20b","result":"not found"}]}



=== TEST 6: tags and keys together
--- mcache
mcache_key $uri;
mcache_valid 1m;
mcache_tags $upstream_http_cache_tag;
mcache_purge $is_purge;
mcache_purge_tags $http_cache_tag;
--- steps
> GET /a?h=Cache-Tag:x
< 200 MISS
> GET /b
< 200 MISS
@ settled
> PURGE /
> Purge-Key: /b
> Cache-Tag: x y
< 200
= {"results":[{"key":"/b","result":"purged"},{"tag":"x","result":"purged"},{"tag":"y","result":"purged"}]}
> GET /a
< 200 MISS
> GET /b
< 200 MISS



=== TEST 7: what is refused
--- steps eval
my $keys = CORE::join ',', map { "\"/$_\"" } 1 .. 1001;
my $lines = CORE::join '\n', map { "/$_" } 1 .. 1001;
my $array = 'the body must be a JSON array of at most 1000 strings';
"\@ set site-/ written\n"
. "> PURGE /\\n[\"/a\"\n> Content-Type: application/json\n< 400\n= {\"error\":\"$array\"}\n"
. "> PURGE /\\n[$keys]\n> Content-Type: application/json\n< 400\n= {\"error\":\"$array\"}\n"
. "> PURGE /\\n$lines\n> Content-Type: text/plain\n< 400\n= {\"error\":\"more than 1000 keys\"}\n"
. "> PURGE /\\n[\"/a\"]\n> Content-Type: application/x-www-form-urlencoded\n< 415\n"
. "> PURGE /\\n[\"/a\"]\n< 415\n"
. "> PURGE /\\n[\"\"]\n> Content-Type: application/json\n< 400\n= {\"error\":\"an empty key\"}\n"
. "> PURGE /\\n[\"/a\\\\n*\"]\n> Content-Type: application/json\n< 400\n"
. "\@ lies site-/ body\n"



=== TEST 8: a thousand keys, in a body that does not fit into the buffer
--- steps eval
my $keys = CORE::join ',', map { "\"/page/$_\"" } 1 .. 1000;
CORE::join('', map { "> GET /page/$_\n< 200 MISS\n" } 1, 500, 1000) . "\@ settled\n"
. "> PURGE /\\n[$keys]\n> Content-Type: application/json\n< 200\n"
. '~ "/page/1","result":"purged"' . "\n" . '~ "/page/2","result":"not found"' . "\n"
. '~ "/page/500","result":"purged"' . "\n" . '~ "/page/1000","result":"purged"' . "\n"
. CORE::join('', map { "> GET /page/$_\n< 200 MISS\n" } 1, 500, 1000)



=== TEST 9: chunked, and larger than may be
--- config
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_valid 1m;
        mcache_purge $is_purge;
        client_max_body_size 4m;
        proxy_pass http://origin;
    }
    location /small {
        mcache pages;
        mcache_key $uri;
        mcache_purge $is_purge;
        client_max_body_size 10;
        proxy_pass http://origin;
    }
--- steps eval
my $url = "http://127.0.0.1:$ENV{TEST_NGINX_SERVER_PORT}";
"\@ set /a written\n"
. "\@ curl -s -X PURGE -H Content-Type:text/plain -H Transfer-Encoding:chunked -d /a $url/\n"
. "= {\"results\":[{\"key\":\"/a\",\"result\":\"purged\"}]}\n"
. "> PURGE /small\\n[\"/a\", \"/b\"]\n> Content-Type: application/json\n< 413\n"
. "> PURGE /\\n" . ('x' x 1048577) . "\n> Content-Type: text/plain\n< 413\n"



=== TEST 10: a list that comes slowly
--- mcache: mcache_key $uri; mcache_valid 1m; mcache_purge $is_purge;
--- raw_request eval
["PURGE / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: 6\r\n\r\n",
 "/a\n", "/b\n"]
--- raw_request_middle_delay: 0.05
--- error_code: 200
--- response_body
{"results":[{"key":"/a","result":"not found"},{"key":"/b","result":"not found"}]}



=== TEST 11: a name that is not UTF-8 comes back as legal JSON
--- steps eval
"> PURGE /\n> Purge-Key: /caf\xe9\"\n< 200\n= {\"results\":[{\"key\":\"/caf\\u00e9\\\"\",\"result\":\"not found\"}]}\n"
