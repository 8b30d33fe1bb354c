# shellcheck shell=bash
# memcached of another Debian release, unpacked in a folder. Sourced after setup.sh, never run.
#
#   memcached_of SUITE DIR    DIR/bin/memcached, run with the libraries that were made for it

memcached_of() {
    local suite=$1 top=$2
    [ -x "$top/bin/memcached" ] && return 0
    mkdir -p "$top/bin"
    # With no package installed, all that it needs is fetched with it.
    : >"$top/status"
    apt_of "$suite" "$top/apt" update &&
        apt_of "$suite" "$top/apt" -o "Dir::State::status=$top/status" \
            install --download-only --no-install-recommends memcached || return 1
    local package
    for package in "$top"/apt/cache/archives/*.deb; do
        dpkg-deb -x "$package" "$top/root" || return 1
    done
    local loader libraries
    loader=$(find "$top/root" -name 'ld-linux-*.so.*' | head -n 1)
    libraries=$(find "$top/root" -name 'lib*.so.*' -printf '%h\n' | sort -u | paste -sd :)
    [ -n "$loader" ] || return 1
    cat >"$top/memcached" <<END
#!/bin/sh
exec $loader --library-path $libraries $top/root/usr/bin/memcached "\$@"
END
    chmod +x "$top/memcached" && mv "$top/memcached" "$top/bin/memcached"
}
