# `server name resolve;`: servers that are the addresses of a name, which come and go at run time. The name
# server is t/lib/testbed/names.py; its TTL is 0, so that nginx asks once a second.

use lib 't/lib';
use Test::Mcache memcached => ['same-port', 'same-port', 'same-port'];
use Test::Mcache::Purge;
use Test::Nginx::Socket 'no_plan';

($ENV{TEST_NGINX_PORT}) = $ENV{TEST_NGINX_MEMCACHED} =~ /:(\d+)$/;

add_block_preprocessor(sub {
    my ($block) = @_;
    my $name = $block->name_of_pool // 'two.test';
    $block->set_value('http_config', ($block->http_config // '') . <<"EOC");
    resolver \$TEST_NGINX_NAMES;
    resolver_timeout 1s;
    mcache_pool named {
        server $name:\$TEST_NGINX_PORT resolve fail_timeout=100ms;
        timeout 10s;
        connect_timeout 10s;
    }
EOC
    return if defined $block->config || defined $block->mcache;
    $block->set_value('config', ($block->status_page // '') . <<'EOC');
        location / {
            mcache named;
            mcache_key $uri;
            mcache_valid 1m;
            mcache_purge $is_purge;
            mcache_invalidate on;
            add_header X-Mcache $mcache_status always;
            add_header X-Server $mcache_server always;
            add_header X-Reason $mcache_reason always;
            proxy_pass http://origin;
        }
EOC
});

sub get { CORE::join('', map { "> GET $_[0]$_\n< 200 $_[1]\n" } 1 .. $_[2]) }
sub stored { CORE::join('', map { "\@ stored $_[0]$_\n" } 1 .. $_[1]) }

run_tests();

__DATA__

=== TEST 1: a name is resolved when nginx starts: it has the two servers that it has addresses of
--- steps eval
"\@ log came\n= 1\n"
. main::get('/page/', 'MISS', 20) . main::stored('/page/', 20) . main::get('/page/', 'HIT', 20)
. "\@ holders /page/ 20\n~ \\A1: [1-9]\\d*, 2: [1-9]\\d*\\n\\z\n"



=== TEST 2: an address more takes over some keys; the other servers keep the rest and their connections
--- steps eval
"\@ log came\n"
. main::get('/page/', 'MISS', 60) . main::stored('/page/', 60)
. "\@ where /page/ 60\n= 2 servers\n\@ note connections\n"
. "\@ load /load/ 20\n\@ name two.test 1 2 3\n\@ log : 127.0.0.13:\\d+ came\n\@ unload\n= no answer was wrong\n"
. "\@ moved /page/ 60\n~ \\A(?:[1-9]|[1-4]\\d) moved\\n\\z\n"
. "\@ connections 1\n= kept\n\@ connections 2\n= kept\n"



=== TEST 3: an address less: its keys go to the others, its connections are closed
--- name_of_pool: all.test
--- steps eval
"\@ log came\n"
. main::get('/page/', 'MISS', 60) . main::stored('/page/', 60)
. "\@ where /page/ 60\n= 3 servers\n\@ note connections\n"
. "\@ load /load/ 20\n\@ name all.test 1 3\n\@ log 127.0.0.12:\\d+ left\n\@ unload\n= no answer was wrong\n"
. "\@ moved /page/ 60\n~ \\A(?:[1-9]|[1-4]\\d) moved\\n\\z\n"
. "\@ connections 1\n= kept\n\@ connections 2\n= closed\n\@ connections 3\n= kept\n"



=== TEST 4: an address in the place of another, and back
--- name_of_pool: one.test
--- steps
@ log came
> GET /t
< 200 MISS
@ stored /t
@ name one.test 2
@ log 127.0.0.12:\d+ came, 127.0.0.11:\d+ left
> GET /t
< 200 MISS
< X-Server: 127.0.0.12:$TEST_NGINX_PORT
@ settled
> GET /t
< 200 HIT
= /t 2
@ name one.test 1
@ log 127.0.0.11:\d+ came, 127.0.0.12:\d+ left
> GET /t
< X-Server: 127.0.0.11:$TEST_NGINX_PORT



=== TEST 5: while the name server says nothing, or that there is no such name, the servers stay
--- steps
@ log came
> GET /t
< 200 MISS
@ stored /t
@ name two.test nxdomain
@ log "two.test" of pool "named" could not be resolved \(3: Host not found\)
> GET /t
< 200 HIT
@ name two.test silent
@ asked again
> GET /t
< 200 HIT
@ name two.test 1 2
@ log "two.test" of pool "named" is resolved again
> GET /t
< 200 HIT
--- no_error_log
left



=== TEST 6: a name that does not resolve when nginx starts: no server until it does
--- name_of_pool: none.test
--- steps
@ log "none.test" of pool "named" could not be resolved
> GET /t
< 200 DOWN
< X-Reason: down
> PURGE /t
< 502
~ "result":"failed","servers":\["none.test:\d+"\]
@ name none.test 1
@ log came
> GET /t
< 200 MISS
@ stored /t
> GET /t
< 200 HIT



=== TEST 7: a reload keeps the servers, whatever the name server says
--- steps
@ log came
> GET /t
< 200 MISS
@ stored /t
@ name two.test silent
@ reload
> GET /t
< 200 HIT



=== TEST 8: IPv6 addresses are servers only where there are no others
--- name_of_pool: six.test
--- steps
@ name six.test ::1 1
@ log came
@ name six.test ::1 ::2
@ log \[::1\]:\d+ came, \[::2\]:\d+ came, 127.0.0.11:\d+ left
--- no_error_log
[crit]



=== TEST 9: beside a server that has an address
--- http_config
    mcache_pool both {
        server $TEST_NGINX_MEMCACHED;
        server three.test:$TEST_NGINX_PORT resolve;
        timeout 10s;
        connect_timeout 10s;
    }
--- mcache: mcache both; mcache_key $uri; mcache_valid 1m;
--- steps eval
"\@ name three.test 3\n\@ log \"both\".*came\n"
. main::get('/page/', 'MISS', 20) . main::stored('/page/', 20)
. "\@ holders /page/ 20\n~ \\A1: [1-9]\\d*, 3: [1-9]\\d*\\n\\z\n"



=== TEST 10: a request that was sent to a server is answered, although the server leaves meanwhile
--- name_of_pool: one.test
--- steps
@ log came
> GET /t
< 200 MISS
@ stored /t
@ note connections
@ memcached stop 1
@ send one /t
@ name one.test 2
@ log left
@ memcached resume 1
@ end one
= 200 HIT /t 1
@ connections 1
= closed



=== TEST 11: a page that is being made when its key moves is stored nowhere, or where it is found
--- name_of_pool: one.test
--- steps
@ log came
@ begin one /t?gate=a
@ name one.test 2
@ log left
@ open a
@ end one
= 200 MISS /t 1
> GET /t
< 200 MISS
< X-Server: 127.0.0.12:$TEST_NGINX_PORT
@ settled
> GET /t
< 200 HIT
= /t 2



=== TEST 12: a purge takes a page away wherever a key had its place before
--- steps eval
my $pages = CORE::join '', map { "> GET /p/$_\n< 200 MISS\n\@ stored /p/$_\n" } 1 .. 12;
my $again = CORE::join '', map { "> GET /p/$_\n< 200\n" } 1 .. 12;
"\@ log came\n$pages\@ name two.test 3\n\@ log : 127.0.0.13:\\d+ came\n"
. "$again\@ settled\n\@ name two.test 1 2 3\n\@ log twice 127.0.0.11:\\d+ came\n"
. CORE::join('', map { "> PURGE /p/$_\n< 204\n" } 1 .. 12) . "\@ holders /p/ 12\n= none: 12\n"
. "> PURGE /p/1\n< 404\n"



=== TEST 13: so does an unsafe method
--- steps eval
my $pages = CORE::join '', map { "> GET /p/$_\n< 200 MISS\n\@ stored /p/$_\n" } 1 .. 6;
"\@ log came\n$pages\@ name two.test 1 2 3\n\@ log : 127.0.0.13:\\d+ came\n"
. CORE::join('', map { "> POST /p/$_\n< 200 BYPASS\n\@ gone /p/$_\n" } 1 .. 6)



=== TEST 14: a server that was away brings nothing back: neither what was purged meanwhile, nor anything else
--- name_of_pool: all.test
--- steps eval
my $pages = CORE::join '', map { "> GET /p/$_\n< 200 MISS\n\@ stored /p/$_\n" } 1 .. 24;
my $purge = CORE::join '', map { "\@ purged /p/$_\n~ \\A(?:204|404)\\n\\z\n" } 1 .. 6;
my $hits = CORE::join '', map { "> GET /p/$_\n< 200 HIT\n" } 1 .. 24;
"\@ log came\n$pages$hits\@ name all.test 1 2\n\@ log left\n${purge}> PURGE /p/1*\n< 204\n"
. "\@ holders /p/ 24\n~ 3: [1-9]\n"
. "\@ name all.test 1 2 3\n\@ log twice 127.0.0.13:\\d+ came\n"
. "\@ statuses /p/ 24\n~ \\A(?:HIT as on 1, )?(?:HIT as on 2, )?(?:MISS as on 1, )?(?:MISS as on 2, )?MISS as on 3\\n\\z\n"



=== TEST 15: a purge concerns the servers that there are: not those that have left
--- name_of_pool: all.test
--- steps
@ log came
@ memcached kill 2
@ memcached kill 3
> PURGE /*
< 502
@ name all.test 1
@ log left
> PURGE /*
< 204



=== TEST 16: nor does a server that was away bring the way to purged variants back
--- name_of_pool: all.test
--- steps eval
my $get = CORE::join '', map { "> GET /v/$_?h=Vary:Cookie\n< 200 MISS\n" } 1 .. 24;
my $hits = CORE::join '', map { "\@ status HIT /v/$_?h=Vary:Cookie\n" } 1 .. 24;
my $purge = CORE::join '', map { "\@ purged /v/$_\n~ \\A(?:204|404)\\n\\z\n" } 1 .. 24;
"\@ log came\n$get$hits\@ name all.test 1 2\n\@ log left\n$purge"
. "\@ name all.test 1 2 3\n\@ log twice 127.0.0.13:\\d+ came\n$get"



=== TEST 17: more addresses than a pool has room for: what is left out is said once, and the others work
--- name_of_pool: one.test
--- steps eval
"\@ log came\n\@ name one.test " . CORE::join(' ', map { "127.1.0.$_" } 1 .. 200) . "\n\@ log : 127.1.0.1:\\d+ came\n"
. "\@ name one.test 127.0.0.11 " . CORE::join(' ', map { "127.2.0.$_" } 1 .. 60) . "\n\@ log 127.2.0.1:\\d+ came\n"
. "\@ asked again\n\@ log 5 addresses of \"one.test\" are not used by pool \"named\"\n= 1\n"
. "\@ name one.test 1\n\@ log twice 127.2.0.1:\\d+ (?:came|left)\n> GET /t\n< 200 MISS\n\@ stored /t\n> GET /t\n< 200 HIT\n"



=== TEST 18: mcache_status forgets an address that has left
--- name_of_pool: all.test
--- status_page
        location = /status { mcache_status json; }
--- steps
@ log came
> GET /status
< 200
~ "127\.0\.0\.12:
@ name all.test 1 3
@ log 127.0.0.12:\d+ left
> GET /status
< 200
~ \A(?=.*"127\.0\.0\.11:)(?!.*"127\.0\.0\.12:)
