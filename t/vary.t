# Vary: a page is never served to a request that it was not selected for.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: by a header of the request
--- mcache: mcache_valid 1m;
--- steps
> GET /t?h=Vary:X-Kind&echo=X-Kind
> X-Kind: one
<~ X-Mcache: (MISS|BYPASS)
= X-Kind: one
@ settled
> GET /t?h=Vary:X-Kind&echo=X-Kind
> X-Kind: two
= X-Kind: two
> GET /t?h=Vary:X-Kind&echo=X-Kind
= X-Kind: -
> GET /t?h=Vary:X-Kind&echo=X-Kind
> X-Kind: one
= X-Kind: one



=== TEST 2: a star is never stored, wherever it stands
--- mcache: mcache_valid 1m;
--- steps
> GET /a?h=Vary:*
< 200 MISS
> GET /b?h=Vary:Cookie,+*
< 200 MISS
> GET /c?h=Vary:Cookie&h=Vary:*
< 200 MISS
@ not stored http://localhost/a?h=Vary:*
@ not stored http://localhost/b?h=Vary:Cookie,+*
@ not stored http://localhost/c?h=Vary:Cookie&h=Vary:*
