# t/vary_variants.t with the local tier.

$ENV{MCACHE_TEST_LOCAL} = '8m';
do './t/vary_variants.t';
die $@ if $@;
