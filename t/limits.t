# What a worker keeps for pages, requests and commands that wait is bounded; what is beyond goes to the backend.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

# `pool`: the lines of a pool of the block's own; `location`: what else stands in the location.
add_block_preprocessor(sub {
    my ($block) = @_;
    my $pool = $block->pool;
    $block->set_value('http_config',
        "mcache_pool narrow { server \$TEST_NGINX_MEMCACHED; $pool }\n"
      . "log_format reason 'said \$uri \$mcache_reason.';\n") if defined $pool;
    my $name     = defined $pool ? 'narrow' : 'pages';
    my $location = $block->location // '';
    $block->set_value('config', <<"EOC");
        add_header X-Reason \$mcache_reason always;
        location / {
            mcache $name;
            mcache_key \$uri;
            mcache_valid 1m;
            $location
            proxy_pass http://origin;
        }
EOC
});

run_tests();

__DATA__

=== TEST 1: what waits to be stored has so much memory, and what does not fit is not stored
--- pool: timeout 10s; connect_timeout 10s; store_buffers 64k;
--- steps
@ begin r /t?gate=g&size=50000
@ begin s /u?gate=h&size=50000
@ memcached stop
@ open g
@ end r
= 200 MISS (50000 bytes)
@ open h
@ end s
= 200 MISS (50000 bytes)
@ memcached resume
@ holds /t /t 1
> GET /u
< 200 MISS
= /u 2
@ holds /u /u 2



=== TEST 2: commands beyond the queue are not sent, and their requests go to the backend
--- pool: timeout 60s; connect_timeout 60s; queue 16;
--- steps
> GET /known
< 200 MISS
@ stored /known
@ memcached stop
@ send each 16
> GET /17
< 200 DOWN
< X-Reason: busy
= /17 1
> GET /known
< 200 DOWN
< X-Reason: busy
= /known 2
@ memcached resume
@ end 1
= 200 MISS /1 1
@ end 16
= 200 MISS /16 1
@ stored /1
@ stored /16
@ not stored /17
> GET /known
< 200 HIT
= /known 1
--- no_error_log
[error]



=== TEST 3: with mcache_lock, those who come too late ask the backend one by one, and share what it says
--- pool: timeout 60s; connect_timeout 60s; queue 16;
--- location
        mcache_lock on;
        mcache_lock_timeout 30s;
--- steps
> GET /known
< 200 MISS
@ stored /known
@ memcached stop
@ send each 16
@ begin first /t?gate=g
@ send second /t
@ send third /t
@ open g
@ end first
= 200 DOWN /t 1
@ end second
= 200 DOWN /t 2
@ end third
= 200 HIT /t 2
@ memcached resume
@ end 16
= 200 MISS /16 1



=== TEST 4: a purge is sent all the same
--- pool: timeout 60s; connect_timeout 60s; queue 16;
--- location
        mcache_purge $arg_purge;
        mcache_tags $upstream_http_tags;
        mcache_purge_tags $arg_tag;
--- steps
> GET /page
< 200 MISS
@ stored /page
> GET /tagged?h=Tags:a
< 200 MISS
@ stored /tagged
> GET /tagged
< 200 HIT
@ memcached stop
@ send each 16
> GET /17
< 200 DOWN
@ send purge /page?purge=1
@ send tag /any?purge=1&tag=a
@ memcached resume
@ end purge
~ ^204
@ end tag
~ ^204
> GET /page
< 200 MISS
= /page 2
> GET /tagged
< 200 MISS
= /tagged 2



=== TEST 5: so many requests wait for another's page, and no more
--- location
        mcache_lock on;
        mcache_lock_timeout 60s;
        mcache_lock_age 60s;
        mcache_lock_waiters 2;
--- steps
@ begin winner /t?gate=g
@ send first /t
@ send second /t
> GET /t
< 200 MISS
< X-Reason: busy
= /t 2
@ not stored /t
@ open g
@ end winner
= 200 MISS /t 1
@ end first
= 200 HIT /t 1
@ end second
= 200 HIT /t 1
@ stored /t
# Their places are free again.
@ delete /t
@ begin winner /t?gate=h
@ send first /t
@ send second /t
> GET /t
< 200 MISS
< X-Reason: busy
= /t 4
@ open h
@ end winner
= 200 MISS /t 3
@ end first
= 200 HIT /t 3
@ end second
= 200 HIT /t 3



=== TEST 6: also while no memcached answers
--- location
        mcache_lock on;
        mcache_lock_timeout 60s;
        mcache_lock_waiters 1;
--- steps
@ memcached kill
> GET /other
< 200 DOWN
@ begin first /t?gate=g
@ send second /t
> GET /t
< 200 DOWN
< X-Reason: busy
= /t 2
@ open g
@ end first
= 200 DOWN /t 1
@ end second
= 200 DOWN /t 3



=== TEST 7: pages that are still coming have that memory, too: one that finds no room passes by
--- pool: timeout 10s; connect_timeout 10s; store_buffers 128k;
--- location: access_log logs/error.log reason;
--- steps
@ slow a /a?size=50000&halfway=g
@ slow b /b?size=50000&halfway=h
> GET /c?size=50000
< 200 MISS
@ log said /c busy.
= 1
@ not stored /c
@ open g
@ go on a
= 200 MISS 50000 bytes, of fill 1
@ stored /a
> GET /c?size=50000
< 200 MISS
@ stored /c
@ open h
@ go on b
= 200 MISS 50000 bytes, of fill 1
@ stored /b



=== TEST 8: of a page in parts it is the part that is being filled
--- pool: timeout 10s; connect_timeout 10s; store_buffers 900k;
--- location: mcache_max_size 64m; access_log logs/error.log reason;
--- steps
@ slow a /a?size=800000&halfway=g
> GET /b?size=800000
< 200 MISS
@ log said /b busy.
= 1
@ not stored /b
@ open g
@ go on a
= 200 MISS 800000 bytes, of fill 1
@ stored /a
@ whole /b?size=800000
= 200 MISS 800000 bytes, of fill 2
@ stored /b
