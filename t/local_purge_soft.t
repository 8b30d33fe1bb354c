# t/purge_soft.t with the local tier.

$ENV{MCACHE_TEST_LOCAL} = '8m';
do './t/purge_soft.t';
die $@ if $@;
