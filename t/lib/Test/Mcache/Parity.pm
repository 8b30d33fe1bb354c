package Test::Mcache::Parity;

# The same steps against proxy_cache and against mcache. A block has instead of `config`
#
#     --- parity          what stands in the location, with CACHE_valid and so on for proxy_cache_valid
#                         and mcache_valid, CACHE_no_store for proxy_no_cache, CACHE_ignore_headers for
#                         proxy_ignore_headers
#     --- steps           with /@/ where a path of the location begins
#
# The steps are taken once with /@/ as /proxy/, and once as /mcache/. X-Mcache is $upstream_cache_status
# or $mcache_status. The location does not say which: a step `@ settled` waits for stores of either.
#
# Or, to compare the answers of no cache, proxy_cache and mcache with each other (t/lib/testbed/alike.py):
#
#     --- alike           what stands in the location
#     --- asked           a line a request: URI, and behind | its headers and what is not compared:
#                         /@/t?body=x | Accept-Encoding: gzip | but none ETag
#
# Loaded behind Test::Mcache.

use strict;
use warnings;

require Test::Nginx::Socket;

sub location {
    my ($name, $text) = @_;
    if ($name eq 'none') {
        $text =~ s/^\s*CACHE_.*\n//mg;
    }
    elsif ($name eq 'proxy') {
        $text =~ s/\bCACHE_no_store\b/proxy_no_cache/g;
        $text =~ s/\bCACHE_ignore_headers\b/proxy_ignore_headers/g;
        $text =~ s/\bCACHE_/proxy_cache_/g;
        $text = "proxy_cache disk;\nproxy_cache_key \$uri;\n$text"
            . "add_header X-Mcache \$upstream_cache_status always;\n";
    }
    else {
        $text =~ s/\bCACHE_/mcache_/g;
        $text = "mcache pages;\nmcache_key \$uri;\n$text"
            . "add_header X-Mcache \$mcache_status always;\n";
    }
    my $content = $text =~ /\bproxy_pass / ? '' : "proxy_pass http://\$to\$request_uri;\n";
    return "location /$name/ {\n$text\n$content}\n";
}

sub asked {
    my ($line) = @_;
    my ($uri, @rest) = split /\s*\|\s*/, $line;
    my ($but) = map { /^but (.*)/ } @rest;
    my $query = 'uri=' . Test::Mcache::escape($uri)
        . '&headers=' . Test::Mcache::escape(join '|', grep { !/^but / } @rest)
        . '&but=' . Test::Mcache::escape($but // '');
    return "> GET /__/alike?$query\n= alike\n";
}

Test::Nginx::Socket::add_block_preprocessor(sub {
    my ($block) = @_;
    my $text = $block->parity // $block->alike;
    return if !defined $text;
    my @places = defined $block->alike ? qw(none proxy mcache) : qw(proxy mcache);
    $block->set_value('http_config', ($block->http_config // '') . <<'EOC');
        proxy_cache_path cache keys_zone=disk:1m;
        upstream dead { server 127.0.0.1:1; }
        map $arg_to $to { default origin; dead dead; }
EOC
    $block->set_value('config',
        ($block->config // '') . join '', map { location($_, $text) } @places);
    if (defined $block->alike) {
        my @lines = grep { /\S/ } split /\n/, $block->asked;
        $block->set_value('steps', join '', map { asked($_) } @lines);
        return;
    }
    my $steps = $block->steps;
    $block->set_value('steps', join "\n", map { $steps =~ s{/\@/}{/$_/}gr } qw(proxy mcache));
    return;
});

1;
