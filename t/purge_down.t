# A purge that did not reach every server that it concerns says so, and which.

use lib 't/lib';
use Test::Mcache memcached => ['tcp', 'tcp', 'tcp'];
use Test::Mcache::Purge;
use Test::Nginx::Socket 'no_plan';

add_block_preprocessor(sub {
    my ($block) = @_;
    $block->set_value('http_config', ($block->http_config // '') . <<'EOC');
    mcache_pool three {
        server $TEST_NGINX_MEMCACHED fail_timeout=100ms;
        server $TEST_NGINX_MEMCACHED_2 fail_timeout=100ms;
        server $TEST_NGINX_MEMCACHED_3 fail_timeout=100ms;
        timeout 300ms;
    }
    mcache_pool dead { server 127.0.0.1:1; }
EOC
    return if defined $block->config || defined $block->mcache;
    $block->set_value('config', <<'EOC');
        location / {
            mcache three;
            mcache_key $uri;
            mcache_valid 1m;
            mcache_tags $upstream_http_cache_tag;
            mcache_purge $is_purge;
            mcache_purge_tags $http_cache_tag;
            add_header X-Mcache $mcache_status;
            add_header X-Reason $mcache_reason;
            proxy_pass http://origin;
        }
EOC
});

run_tests();

__DATA__

=== TEST 1: no server at all
--- mcache
mcache dead;
mcache_key $uri;
mcache_purge $is_purge;
mcache_purge_tags $http_cache_tag;
--- steps
> PURGE /t
< 502 BYPASS
< Content-Type: application/json
< Cache-Control: no-store
= {"results":[{"key":"/t","result":"failed","servers":["127.0.0.1:1"]}]}
> PURGE /t*
< 502
= {"results":[{"key":"/t*","result":"failed","servers":["127.0.0.1:1"]}]}
> PURGE /
> Cache-Tag: a b
< 502
= {"results":[{"tag":"a","result":"failed","servers":["127.0.0.1:1"]},{"tag":"b","result":"failed","servers":["127.0.0.1:1"]}]}
> PURGE /
> Purge-Key: /a
> Purge-Key: /b
< 502
= {"results":[{"key":"/a","result":"failed","servers":["127.0.0.1:1"]},{"key":"/b","result":"failed","servers":["127.0.0.1:1"]}]}



=== TEST 2: pages on three servers, one purge
--- steps eval
my @pages = map { "/page/$_" } 1 .. 30;
my $fill = CORE::join '', map { "> GET $_?h=Cache-Tag:a\n< 200\n" } @pages;
my $hits = CORE::join '', map { "> GET $_\n< 200 HIT\n" } @pages;
my $misses = CORE::join '', map { "> GET $_?h=Cache-Tag:a\n< 200 MISS\n" } @pages;
my $stored = CORE::join '', map { "\@ stored $_\n" } @pages;
"$fill$stored$hits> PURGE /page/*\n< 204\n$misses\@ settled\n"
. CORE::join('', map { "\@ status HIT $_\n" } @pages)
. "> PURGE /\n> Cache-Tag: a\n< 204\n$misses"



=== TEST 3: one of three dead: the pages on it are another matter than the log
--- steps eval
my $two = $ENV{TEST_NGINX_MEMCACHED_2};
"\@ memcached kill 2\n"
. "> PURGE /page/*\n< 502\n= {\"results\":[{\"key\":\"/page/*\",\"result\":\"failed\",\"servers\":[\"$two\"]}]}\n"
. "> PURGE /\n> Cache-Tag: a\n< 502\n= {\"results\":[{\"tag\":\"a\",\"result\":\"failed\",\"servers\":[\"$two\"]}]}\n"
. CORE::join('', map { "\@ purged /page/$_\n~ \\A(?:404|502 2)\\n\\z\n" } 1 .. 20)
. "\@ memcached start 2\n\@ purge until 204 /page/*\n"



=== TEST 4: one that hangs is waited for as long as `timeout` says
--- steps eval
my $three = $ENV{TEST_NGINX_MEMCACHED_3};
"> PURGE /*\n< 204\n\@ memcached stop 3\n"
. "> PURGE /*\n< 502\n= {\"results\":[{\"key\":\"/*\",\"result\":\"failed\",\"servers\":[\"$three\"]}]}\n"
. "\@ memcached resume 3\n\@ purge until 204 /*\n"



=== TEST 5: the log's server hangs: as when the page's does
--- mcache
mcache_key $uri;
mcache_valid 1m;
mcache_purge $is_purge;
add_header X-Mcache $mcache_status;
add_header X-Reason $mcache_reason;
--- steps
> GET /t
< 200 MISS
@ stored /t
> GET /t
< 200 HIT
@ memcached stop
> GET /t
< 200 DOWN
< X-Reason: timeout
= /t 2
@ memcached resume



=== TEST 6: one of the servers loses its log alone
--- steps eval
my @pages = map { "/page/$_" } 1 .. 30;
my $fill = CORE::join '', map { "> GET $_\n< 200\n" } @pages;
my $stored = CORE::join '', map { "\@ stored $_\n" } @pages;
my $hits = CORE::join '', map { "> GET $_\n< 200 HIT\n" } @pages;
"$fill$stored$hits\@ memcached flush 2\n\@ statuses /page/ 30\n"
. "~ HIT as on 1.*HIT as on 3\n"
. "> PURGE /page/*\n< 204\n" . CORE::join('', map { "> GET $_\n< 200 MISS\n" } @pages)
