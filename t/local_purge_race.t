# t/purge_race.t with the local tier.

$ENV{MCACHE_TEST_LOCAL} = '8m';
do './t/purge_race.t';
die $@ if $@;
