# memcached that answers nonsense: the backend serves, nothing wrong is ever served, and when memcached
# has come to its senses it is used again.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

my $pool = <<'EOC';
    mcache_pool liar {
        server $TEST_NGINX_LIAR fail_timeout=50ms;
        connect_timeout 200ms;
        timeout 200ms;
    }
EOC

my $config = <<'EOC';
    location / {
        mcache liar;
        mcache_key $uri;
        mcache_valid 1m;
        proxy_pass http://origin;
    }
EOC

# Every one of them is told of a page that is there, and of one that is not.
my @lies = (
    'no-value-end', 'shorter',      'longer',        'huge',          'negative',
    'opaque',       'other-entry',  'corrupt',       'cut-entry',     'flags',
    'garbage',      'html',         'endless-line',  'server-error',  'error',
    'close-instead', 'close-within', 'silent',
);

my @blocks = map { <<"EOB" } @lies;
=== $_
--- http_config
$pool
--- config
$config
--- steps
> GET /first
< 200 MISS
\@ stored /first
> GET /t
< 200 MISS
= /t 1
\@ stored /t
> GET /first
< 200 HIT
= /first 1
> GET /t
< 200 HIT
= /t 1
\@ lie $_
> GET /t
< 200
<~ X-Mcache: (MISS|DOWN|EXPIRED)
= /t 2
> GET /other
< 200
<~ X-Mcache: (MISS|DOWN)
= /other 1
> GET /t
< 200
<~ X-Mcache: (MISS|DOWN|EXPIRED)
= /t 3
\@ lie truth
\@ status HIT /t
> GET /t
< 200 HIT
~ \\A/t \\d+\\n\\z
> GET /first
<~ X-Mcache: (HIT|MISS)
~ \\A/first \\d+\\n\\z

EOB

# Those that are true of the page, in a disagreeable way.
push @blocks, map { <<"EOB" } 'close-after', 'trickle';
=== $_
--- http_config
$pool
    mcache_pool patient { server \$TEST_NGINX_LIAR fail_timeout=50ms; timeout 10s; connect_timeout 10s; }
--- config
    location / {
        mcache patient;
        mcache_valid 1m;
        proxy_pass http://origin;
    }
--- steps
> GET /t
< 200 MISS
\@ stored http://localhost/t
\@ lie $_
> GET /t
< 200 HIT
= /t 1
# A step of the testbed, so that the end of a connection has come to nginx before the next request.
\@ count /t
= 1
> GET /t
< 200 HIT
= /t 1
> GET /other
<~ X-Mcache: (MISS|DOWN)
= /other 1
\@ lie truth
> GET /t
< 200 HIT
= /t 1

EOB

push @blocks, <<"EOB";
=== refuse-store
--- http_config
$pool
--- config
$config
--- steps
\@ lie refuse-store
> GET /t
< 200 MISS
= /t 1
> GET /large?size=500000
< 200 MISS
\@ lie truth
> GET /other
<~ X-Mcache: (MISS|DOWN)
\@ status HIT /other

=== a liar from the first connection on
--- http_config
$pool
--- config
$config
--- steps
\@ lie garbage
> GET /t
< 200 DOWN
= /t 1
> GET /t
< 200 DOWN
= /t 2
\@ lie truth
\@ status HIT /t

=== the log has one line for each time that memcached goes out of use, not one for each request
--- http_config
    mcache_pool liar { server \$TEST_NGINX_LIAR fail_timeout=1h; }
--- config
$config
--- steps
> GET /t
< 200 MISS
\@ stored /t
\@ lie garbage
> GET /t
< 200 DOWN
\@ parallel 20 /a?body=a
= 20 x /a?body=a: 200 DOWN a
\@ log \\[error\\].*mcache
= 1

=== many requests at once
--- http_config
$pool
--- config
$config
--- steps
> GET /a?body=a
< 200 MISS
> GET /b?body=b
< 200 MISS
\@ stored /a
\@ stored /b
\@ lie garbage
\@ parallel 20 /a?body=a /b?body=b /c?body=c
~ \\A(\\d+ x /a\\?body=a: 200 (DOWN|MISS) a\\n)+(\\d+ x /b\\?body=b: 200 (DOWN|MISS) b\\n)+(\\d+ x /c\\?body=c: 200 (DOWN|MISS) c\\n)+\\z
EOB

Test::Base::spec_string(CORE::join '', @blocks);
run_tests();
