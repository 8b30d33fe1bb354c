# shellcheck shell=bash
# What every script of this project needs of a bare Debian 12: packages, the built module, free
# ports, and waiting for a server. Sourced, never run. Functions that fail leave through die().
#
#   root                      the project's top folder
#   say TEXT...               a line of progress
#   die TEXT...               a line on stderr, then exit 1
#   as_root COMMAND...        runs it as root: directly, or with sudo
#   quietly NAME COMMAND...   runs it with its output in a log that is shown only on failure
#   need_packages PKG...      Debian packages that must be installed
#   apt_of SUITE DIR COMMAND...
#                             apt-get with the lists of that suite of Debian's, kept in DIR
#   need_test_nginx           Test::Nginx (Debian's package, only in sid, all architectures)
#   build_packages            prints the packages that building the module needs
#   build_module [DIR]        DIR/ngx_http_mcache_module.so; DIR is $root/build where not given
#   build_all [DIR]           the unit tests and what else CMakeLists.txt makes, too
#   free_port                 prints a TCP port of 127.0.0.1 that nobody listens on
#   wait_for_port HOST PORT [SECONDS]
#   wait_for_http URL [SECONDS]

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

say() {
    printf '%s\n' "$*"
}

die() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1; then
        sudo "$@"
    else
        die "'$*' needs root, and there is no sudo"
    fi
}

quietly() {
    local name=$1 log
    shift
    log=$(mktemp "${TMPDIR:-/tmp}/mcache-log.XXXXXX")
    if "$@" >"$log" 2>&1 </dev/null; then
        rm -f "$log"
        return 0
    fi
    printf '%s failed; its output:\n' "$name" >&2
    cat "$log" >&2
    rm -f "$log"
    return 1
}

mcache_missing_packages() {
    local package
    for package in "$@"; do
        if [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" != installed ]; then
            printf '%s\n' "$package"
        fi
    done
}

mcache_apt_get() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
        -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@"
}

# Debian starts nginx and memcached as soon as they are installed. The scripts run servers of their
# own, so while they install, invoke-rc.d is told not to start any (status 101), unless the machine
# has a policy of its own.
mcache_install() {
    local policy=/usr/sbin/policy-rc.d mark='# mcache: no services while packages are installed'
    local status=0 ours=no
    if [ ! -e "$policy" ] || grep -qxF "$mark" "$policy" 2>/dev/null; then
        ours=yes
        printf '#!/bin/sh\n%s\nexit 101\n' "$mark" | as_root tee "$policy" >/dev/null
        as_root chmod 755 "$policy"
    fi
    mcache_apt_get install --no-install-recommends "$@" || status=$?
    if [ "$ours" = yes ]; then
        as_root rm -f "$policy"
    fi
    return "$status"
}

# The package lists may be absent or older than the archive: update once, and try again.
mcache_install_or_update() {
    mcache_install "$@" && return 0
    mcache_apt_get update || true
    mcache_install "$@"
}

need_packages() {
    local -a missing
    mapfile -t missing < <(mcache_missing_packages "$@")
    [ "${#missing[@]}" -eq 0 ] && return 0
    say "installing ${missing[*]}"
    quietly "apt-get install ${missing[*]}" mcache_install_or_update "${missing[@]}" ||
        die "cannot install ${missing[*]}"
}

# apt-get with the lists of one of Debian's suites alone, in a folder of their own: the system's stay as
# they are, and no other package is ever taken from there. `update` comes first.
apt_of() {
    local suite=$1 folder=$2 keyring=/usr/share/keyrings/debian-archive-keyring.gpg kind
    shift 2
    mkdir -p "$folder/lists/partial" "$folder/cache/archives/partial"
    for kind in deb deb-src; do
        printf '%s [signed-by=%s] http://deb.debian.org/debian %s main\n' "$kind" "$keyring" "$suite"
    done >"$folder/$suite.list"
    # A mirror may be older than its lists are valid for; what they say is signed all the same.
    apt-get -q -y -o "Dir::Etc::SourceList=$folder/$suite.list" -o Dir::Etc::SourceParts=/dev/null \
        -o "Dir::State::Lists=$folder/lists" -o "Dir::Cache=$folder/cache" \
        -o APT::Sandbox::User=root -o Acquire::Languages=none \
        -o Acquire::Check-Valid-Until=false "$@"
}

# Debian packages Test::Nginx from its next release on. It is Perl only and installs on Debian 12,
# whose own archive has all that it depends on.
mcache_fetch_test_nginx() {
    mkdir -p "$1/deb" && apt_of sid "$1" update && cd "$1/deb" &&
        apt_of sid "$1" download libtest-nginx-perl
}

need_test_nginx() {
    local work status=0
    need_packages perl
    [ -z "$(mcache_missing_packages libtest-nginx-perl)" ] && return 0
    need_packages ca-certificates debian-archive-keyring
    say "installing libtest-nginx-perl"
    work=$(mktemp -d "${TMPDIR:-/tmp}/mcache-sid.XXXXXX")
    {
        (quietly "fetching libtest-nginx-perl from Debian sid" mcache_fetch_test_nginx "$work") &&
            quietly "installing libtest-nginx-perl" \
                mcache_install_or_update "$work"/deb/libtest-nginx-perl_*_all.deb
    } || status=1
    rm -rf "$work"
    [ "$status" -eq 0 ] || die "cannot install libtest-nginx-perl"
}

build_packages() {
    printf '%s\n' g++ cmake ninja-build pkg-config \
        nginx nginx-dev libpcre2-dev libmemcached-dev libssl-dev catch2
}

mcache_build() {
    cmake -G Ninja -S "$root" -B "$1" ${MCACHE_WERROR:+-DMCACHE_WERROR="$MCACHE_WERROR"} && ninja -C "$1" "$2"
}

build_module() {
    mcache_build_target "${1:-$root/build}" ngx_http_mcache_module.so
}

build_all() {
    mcache_build_target "${1:-$root/build}" all
}

mcache_build_target() {
    local build=$1
    # shellcheck disable=SC2046 # a package name is one word
    need_packages $(build_packages)
    say "building in $build; takes a minute or more"
    quietly "the build" mcache_build "$build" "$2" || die "the module does not build"
    [ -f "$build/ngx_http_mcache_module.so" ] ||
        die "the build left no $build/ngx_http_mcache_module.so"
}

free_port() {
    need_packages python3 >&2
    python3 -c 'import socket
with socket.socket() as s:
    s.bind(("127.0.0.1", 0))
    print(s.getsockname()[1])'
}

wait_for_port() {
    local host=$1 port=$2 deadline=$((SECONDS + ${3:-15}))
    until (: <"/dev/tcp/$host/$port") 2>/dev/null; do
        if [ "$SECONDS" -ge "$deadline" ]; then
            printf 'nothing listens on %s:%s\n' "$host" "$port" >&2
            return 1
        fi
        sleep 0.05
    done
}

# Any answer below 500 will do: the server is up.
wait_for_http() {
    local url=$1 deadline=$((SECONDS + ${2:-15})) code
    need_packages curl >&2
    while :; do
        code=$(curl -s -o /dev/null -m 5 -w '%{http_code}' "$url" || true)
        case $code in
            [1-4][0-9][0-9]) return 0 ;;
        esac
        if [ "$SECONDS" -ge "$deadline" ]; then
            printf 'no answer from %s (last status %s)\n' "$url" "$code" >&2
            return 1
        fi
        sleep 0.05
    done
}
