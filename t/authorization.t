# Answers to requests with Authorization.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: not stored, unless the response allows it
--- mcache: mcache_valid 1m;
--- steps
> GET /plain
> Authorization: Basic eDp5
< 200 MISS
> GET /max-age?h=Cache-Control:max-age=60
> Authorization: Basic eDp5
< 200 MISS
> GET /public?h=Cache-Control:public
> Authorization: Basic eDp5
< 200 MISS
> GET /s-maxage?h=Cache-Control:s-maxage=60
> Authorization: Bearer abc
< 200 MISS
> GET /must-revalidate?h=Cache-Control:must-revalidate,max-age=60
> Authorization: Bearer abc
< 200 MISS
@ not stored http://localhost/plain
@ not stored http://localhost/max-age?h=Cache-Control:max-age=60
@ stored http://localhost/public?h=Cache-Control:public
@ stored http://localhost/s-maxage?h=Cache-Control:s-maxage=60
@ stored http://localhost/must-revalidate?h=Cache-Control:must-revalidate,max-age=60



=== TEST 2: the backend gets the header
--- mcache: mcache_valid 1m;
--- steps
> GET /t?echo=Authorization
> Authorization: Basic eDp5
< 200 MISS
= Authorization: Basic eDp5



=== TEST 3: a page that is stored is for everybody
--- mcache: mcache_valid 1m;
--- steps
> GET /t
< 200 MISS
@ stored http://localhost/t
> GET /t
> Authorization: Basic eDp5
< 200 HIT
= /t 1
