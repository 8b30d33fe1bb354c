# shellcheck shell=bash
# nginx from Debian's source package. Sourced after setup.sh, never run.
#
#   source_packages           prints the packages that fetching and building it needs
#   nginx_source DIR          DIR/nginx: the patched source of the nginx that is installed; of the same
#                             Debian release's where the archive has that version no more
#   nginx_build DIR CC_OPT LD_OPT [FLAG...]
#                             DIR/nginx built in place, DIR/bin/nginx a link to it. Its modules and paths
#                             are those of the nginx that is installed, without what that loads at run time

source_packages() {
    printf '%s\n' nginx dpkg-dev make gcc libpcre2-dev libssl-dev zlib1g-dev debian-archive-keyring
}

nginx_source() {
    local top=$1 version suite
    [ -d "$top/nginx" ] && return 0
    version=$(dpkg-query -W -f '${source:Version}' nginx)
    suite=$(. /etc/os-release && printf '%s' "$VERSION_CODENAME")
    mkdir -p "$top/package"
    (
        cd "$top/package" && apt_of "$suite" "$top/apt" update &&
            { apt_of "$suite" "$top/apt" source --download-only "nginx=$version" ||
                apt_of "$suite" "$top/apt" source --download-only nginx; } &&
            dpkg-source --no-check -x ./*.dsc "$top/unpacked"
    ) && mv "$top/unpacked" "$top/nginx"
}

mcache_nginx_flags() {
    local line argument
    local -a installed=()
    line=$(nginx -V 2>&1 | sed -n 's/^configure arguments: //p')
    eval "installed=($line)" # they are printed as a shell takes them
    for argument in "${installed[@]}"; do
        case $argument in
            *=dynamic | --with-cc-opt=* | --with-ld-opt=* | --add-*) ;;
            *) printf '%s\n' "$argument" ;;
        esac
    done
}

nginx_build() {
    local folder=$1 cc_opt=$2 ld_opt=$3
    shift 3
    local -a flags
    mapfile -t flags < <(mcache_nginx_flags)
    (
        cd "$folder/nginx" &&
            ./configure "${flags[@]}" "--with-cc-opt=$cc_opt" "--with-ld-opt=$ld_opt" "$@" &&
            make -j "${MCACHE_JOBS:-$(nproc)}" -f objs/Makefile binary
    ) && mkdir -p "$folder/bin" && ln -sfn ../nginx/objs/nginx "$folder/bin/nginx"
}
