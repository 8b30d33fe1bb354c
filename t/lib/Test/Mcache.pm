package Test::Mcache;

# What a Test::Nginx suite of mcache starts from:
#
#     use lib 't/lib';
#     use Test::Mcache;                                # or: use Test::Mcache memcached => ['unix'];
#                                                      # or: use Test::Mcache server => 'classic';
#     use Test::Nginx::Socket 'no_plan';
#
# With `server` as classic or plain (t/lib/testbed/foreign.py) $TEST_NGINX_MEMCACHED and
# $TEST_NGINX_LIAR are an old or foreign server in front of the first memcached.
#
# It picks a server root and a port, loads the module, starts the servers of t/lib/testbed, empties them
# before each block, and puts into each block's configuration the pool `pages`, the header X-Mcache
# with $mcache_status, and the locations that the steps need.
#
# A block tells what happens in a section of its own, which becomes Test::Nginx's request, more_headers,
# error_code, response_headers, raw_response_headers_like and response_body_like:
#
#     --- steps
#     > GET /t?h=Vary:Cookie          a request; a body may follow after \n
#     > If-None-Match: "x"            with this header
#     < 200 MISS                      its status, and X-Mcache (any where it is left out)
#     < ETag: "x"                     this response header, exactly; `! Name`: absent
#     <~ Date: \w+                    the response header matches this, <!~ does not
#     = /t 1                          the body is this line, or these; `=` alone: the body is empty
#     == /t 1                         the same without a line end
#     ~ ^/t \d                        the body matches this
#     @ stored http://localhost/t     a step, step_stored() somewhere in t/lib/testbed; what it answers
#     = 1                             may be checked too
#
# What most blocks configure is one location in front of the testbed's origin. A section says what is set in it:
#
#     --- mcache: mcache_key $uri; mcache_valid 1m;
#
# stands for `location / { mcache pages; ...; proxy_pass http://origin; }`. One that has a line `mcache NAME;`
# uses that pool in place of `pages`. Other locations are written in `config`, beside it.
#
# A store is detached from its request: a test that needs it in memcached waits with `@ stored KEY`, one
# that needs it not there proves that with `@ not stored KEY`.
#
# Another section of its own: `bare` (nothing is put into the configuration).
#
# Environment: MCACHE_MODULE, the module where it is not build/ngx_http_mcache_module.so, or `built-in`
# where TEST_NGINX_BINARY has it built in;
# MCACHE_TEST_SERVER, `server` where a suite does not say; MCACHE_TEST_LOCAL, a size of mcache_local for
# all locations that do not say one;
# MCACHE_TEST_KEEP, the server root of a suite that failed is left; MCACHE_TEST_LOGS, a folder for a
# log of each suite, over all its blocks and to the end of the last one; and Test::Nginx's own, such as
# TEST_NGINX_BINARY and TEST_NGINX_LOG_LEVEL.

use strict;
use warnings;

use File::Path qw(remove_tree);
use File::Temp qw(tempdir);
use IO::Socket::INET;
use Test::Mcache::Module;
use Test::More ();

our ($Directory, $TestbedPid, $TestbedIn, $MainPid);

# The parameters of each step, as the testbed says them: in the order in which a test gives them; the last
# takes the rest of the line.
my %STEPS;

sub import {
    my ($class, %options) = @_;
    $MainPid = $$;
    prepare_environment();
    $ENV{MCACHE_TEST_SERVER} = $options{server} if defined $options{server};
    start_testbed(%options);
    if (my $server = uc($ENV{MCACHE_TEST_SERVER} // '')) {
        $ENV{TEST_NGINX_MEMCACHED} = $ENV{"TEST_NGINX_$server"};
        $ENV{TEST_NGINX_LIAR}      = $ENV{"TEST_NGINX_${server}_LIAR"};
    }
    require Test::Nginx::Socket;
    end_this_suite_alone();
    Test::Nginx::Util::master_on();
    Test::Nginx::Util::log_level($ENV{TEST_NGINX_LOG_LEVEL} || 'info');
    Test::Nginx::Util::worker_connections(512);
    Test::Nginx::Util::timeout(20);
    Test::Nginx::Util::no_long_string();
    Test::Nginx::Util::no_root_location();
    Test::Nginx::Util::add_block_preprocessor(\&prepare_block);
    Test::Nginx::Socket::add_response_body_check(\&name_failed_request);
}

# Where nginx does not start, Test::Nginx ends the whole run of prove. Here it ends its suite.
sub end_this_suite_alone {
    no warnings 'redefine';
    *Test::More::BAIL_OUT = sub { die "@_\n" };
    return;
}

# Ports outside the range of outgoing connections: nobody takes one while nginx restarts.
sub free_port {
    for (1 .. 1000) {
        my $port = 10000 + int(rand(22000));
        my $socket = IO::Socket::INET->new(
            LocalAddr => '0.0.0.0', LocalPort => $port, Proto => 'tcp', Listen => 1);
        return $port if $socket;
    }
    die "no free port\n";
}

sub prepare_environment {
    srand($$ ^ time);
    $Directory = tempdir('mcache-test.XXXXXX', TMPDIR => 1);
    chmod 0755, $Directory;
    my ($root) = __FILE__ =~ m{^(.*?)/?t/lib/Test/Mcache\.pm$};
    $root = '.' if !defined $root || $root eq '';
    require Cwd;
    $root = Cwd::abs_path($root);
    my $module = Test::Mcache::Module::module($root);
    $ENV{TEST_NGINX_DIRECTORY} = $Directory;  # where the testbed's certificates and users are
    $ENV{TEST_NGINX_LOAD_MODULES} = join ' ', grep { defined } $ENV{TEST_NGINX_LOAD_MODULES}, $module;
    $ENV{TEST_NGINX_SERVROOT}     = "$Directory/servroot";
    $ENV{TEST_NGINX_SERVER_PORT}  = free_port();
    $ENV{TEST_NGINX_HTTP2_PORT}   = free_port();
    $ENV{TEST_NGINX_SLEEP}      ||= 0.005;
    $ENV{TEST_NGINX_BINARY}     ||= '/usr/sbin/nginx';
    $ENV{MCACHE_ROOT} = $root;
}

sub start_testbed {
    my (%options) = @_;
    my $servroot = $ENV{TEST_NGINX_SERVROOT};
    my @command  = (
        'python3', "$ENV{MCACHE_ROOT}/t/lib/testbed",
        '--nginx-port', $ENV{TEST_NGINX_SERVER_PORT},
        '--error-log',  "$servroot/logs/error.log",
        '--pid-file',   "$servroot/logs/nginx.pid",
        '--directory',  $Directory,
        '--memcached',  @{ $options{memcached} || ['tcp'] },
        (map { "--memcached-option=$_" } @{ $options{memcached_options} || [] }),
        ('--namespace') x !!$options{namespace},
    );
    pipe(my $in_read,  $TestbedIn)    or die "pipe: $!";
    pipe(my $out_read, my $out_write) or die "pipe: $!";
    $TestbedPid = fork() // die "fork: $!";
    if (!$TestbedPid) {
        $ENV{PYTHONDONTWRITEBYTECODE} = 1;
        open STDIN,  '<&', $in_read   or die "stdin: $!";
        open STDOUT, '>&', $out_write or die "stdout: $!";
        exec @command or die "python3: $!";
    }
    close $in_read;
    close $out_write;
    while (my $line = <$out_read>) {
        return if $line eq "ready\n";
        if (my ($step, $parameters) = $line =~ /^step (\S+)(.*)$/) {
            $STEPS{ $step =~ s/-/ /gr } = [split ' ', $parameters];
            next;
        }
        my ($name, $address) = $line =~ /^(\w+) (\S+)$/ or die "testbed: $line";
        $ENV{ 'TEST_NGINX_' . uc $name } = $address;
    }
    die "the testbed did not start\n";
}

# An answer of the testbed itself, without nginx between.
sub testbed {
    my ($path) = @_;
    my $socket = IO::Socket::INET->new(
        PeerAddr => '127.0.0.1', PeerPort => $ENV{TEST_NGINX_ORIGIN_PORT}, Timeout => 20)
        or die "the testbed is gone: $!\n";
    print $socket "GET /__/$path HTTP/1.1\r\nHost: testbed\r\nConnection: close\r\n\r\n";
    my $answer = do { local $/; <$socket> };
    die "the testbed answered $path: $answer" if $answer !~ m{^HTTP/1.1 200 };
    return;
}

sub escape {
    my ($text) = @_;
    $text =~ s/([^A-Za-z0-9_.~-])/sprintf '%%%02X', ord $1/ge;
    return $text;
}

sub step_request {
    my ($line) = @_;
    for my $name (sort { length $b <=> length $a } keys %STEPS) {
        my ($rest) = $line =~ /^\Q$name\E(?: (.*))?$/ or next;
        my @names = @{ $STEPS{$name} };
        my @values = split ' ', $rest // '', scalar(@names) || 1;
        my $path = $name =~ s/ /-/gr;
        my @query = map { "$names[$_]=" . escape($values[$_]) } grep { defined $values[$_] } 0 .. $#names;
        return "GET /__/$path?" . join('&', @query);
    }
    die "no step is called '$line'\n";
}

sub parse_steps {
    my ($text) = @_;
    my @steps;
    my $previous = '';
    for my $line (split /\n/, $text) {
        next if $line =~ /^\s*(?:#.*)?$/;
        my ($mark, $rest) = $line =~ /^(<!~|<~|==|[><=~\@])(?: ?(.*))?$/
            or die "not a line of a step: '$line'\n";
        if ($mark eq '@') {
            push @steps, { request => step_request($rest), status => 200, helper => 1 };
        }
        elsif ($mark eq '>' && $previous ne '>') {
            push @steps, { request => $rest =~ s/\\n/\n/gr };
        }
        elsif ($mark eq '>') {
            die "not a header of a request: '$rest'\n" if $rest !~ /^[^\s:]+:/;
            $steps[-1]{more_headers} .= "$rest\n";
        }
        elsif ($mark eq '<' && $rest =~ /^(\d{3})(?: (\S+))?$/) {
            $steps[-1]{status} = $1;
            $steps[-1]{headers} .= "X-Mcache: $2\n" if defined $2;
        }
        elsif ($mark eq '<') {
            $steps[-1]{headers} .= "$rest\n";
        }
        elsif ($mark eq '<~') {
            $steps[-1]{raw_like} .= "(?=.*^(?-s:$rest)\\r\$)";
        }
        elsif ($mark eq '<!~') {
            $steps[-1]{raw_like} .= "(?!.*^(?-s:$rest)\\r\$)";
        }
        elsif ($mark eq '=') {
            $steps[-1]{body} //= '';
            $steps[-1]{body} .= "$rest\n" if length $rest;
        }
        elsif ($mark eq '==') {
            $steps[-1]{body} .= $rest;
        }
        elsif ($mark eq '~') {
            $steps[-1]{body_like} .= "(?=.*$rest)";
        }
        $previous = $mark;
    }
    return @steps;
}

sub body_pattern {
    my ($step) = @_;
    return '\A' . quotemeta($step->{body}) . '\z' if defined $step->{body};
    return '(?ms)\A' . $step->{body_like} if defined $step->{body_like};
    return '';
}

sub set_steps {
    my ($block) = @_;
    my $text = $block->steps =~ s/\$(TEST_NGINX_[A-Z0-9_]+)/$ENV{$1} \/\/ die "no $1\n"/egr;
    my @steps = parse_steps($text);
    $block->set_value('request',          [map { $_->{request} } @steps]);
    $block->set_value('more_headers',     [map { $_->{more_headers} // '' } @steps]);
    $block->set_value('error_code',       [map { $_->{status} // 200 } @steps]);
    $block->set_value('response_headers', [map { $_->{headers} // '' } @steps]);
    if (grep { defined $_->{raw_like} } @steps) {
        $block->set_value('raw_response_headers_like',
            [map { '(?ms)\A' . ($_->{raw_like} // '') } @steps]);
    }
    $block->set_value('response_body_like', [map { body_pattern($_) } @steps]);
    return;
}

# Test::Nginx does not say to which of a block's requests a failure belongs.
{
    my $failed = 0;

    sub name_failed_request {
        my ($block, $content, $index) = @_;
        my $now = grep { !$_ } Test::More->builder->summary;
        if ($now > $failed) {
            my $request = $block->pipelined_requests // $block->request;
            $request = $request->[$index] if ref $request;
            Test::More::diag("   in step ", $index + 1, ": $request");
        }
        $failed = $now;
        return;
    }
}

sub location_of {
    my ($lines) = @_;
    my $pool = $lines =~ /^\s*mcache \w+;/m ? '' : "mcache pages;\n";
    return "location / {\n$pool$lines\nproxy_pass http://origin;\n}\n";
}

sub prepare_block {
    my ($block) = @_;
    testbed('reset');
    set_steps($block) if defined $block->steps;
    if (defined $block->mcache) {
        $block->set_value('config', location_of($block->mcache) . ($block->config // ''));
    }
    if (!defined $block->no_error_log && !defined $block->must_die) {
        $block->set_value('no_error_log', '[alert]');
    }
    return if defined $block->bare;

    my $logs = $ENV{MCACHE_TEST_LOGS};
    if (defined $logs && !defined $block->must_die) {
        my ($suite) = $0 =~ m{([^/]+)\.t$};
        $block->set_value('main_config',
            ($block->main_config // '') . "\nerror_log $logs/$suite.log notice;\n");
    }
    $block->set_value('http_config', <<'EOC' . ($block->http_config // ''));
    mcache_pool pages { server $TEST_NGINX_MEMCACHED; timeout 10s; connect_timeout 10s; }
    upstream origin { server 127.0.0.1:$TEST_NGINX_ORIGIN_PORT; }
EOC
    if (my $size = $ENV{MCACHE_TEST_LOCAL}) {
        $block->set_value('http_config', $block->http_config . "mcache_local $size;\n");
    }
    $block->set_value('config', <<'EOC' . ($block->config // ''));
        add_header X-Mcache $mcache_status always;
        location ^~ /__/ {
            mcache off;
            proxy_pass http://127.0.0.1:$TEST_NGINX_ORIGIN_PORT;
            proxy_read_timeout 10m;  # the step's own deadline counts, or the block's timeout
        }
        location = /__nginx { mcache off; stub_status; }
        location ^~ /__fence/ {
            mcache pages;
            mcache_key fence:$request_uri;
            mcache_key_prefix "";
            mcache_store on;
            mcache_format entry;
            mcache_bypass "";
            mcache_no_store "";
            mcache_max_size 1m;
            mcache_valid 1m;
            proxy_pass http://127.0.0.1:$TEST_NGINX_ORIGIN_PORT;
        }
EOC
    return;
}

END {
    if (defined $MainPid && $$ == $MainPid) {
        local $?;
        if ($TestbedPid) {
            close $TestbedIn;
            waitpid $TestbedPid, 0;
        }
        my $passing = Test::More->builder->is_passing;
        if ($passing || !$ENV{MCACHE_TEST_KEEP}) {
            remove_tree($Directory) if defined $Directory && $Directory =~ /mcache-test\./;
        }
        else {
            Test::More::diag("the server root is left in $Directory");
        }
    }
}

1;
