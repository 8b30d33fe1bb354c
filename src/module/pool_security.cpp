#include "module/pool_security.h"

#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <string>

#include "module/refusal.h"

namespace mcache::module {

namespace {

using request::Pool;

// memcached reads lines of at most 255 bytes (authfile.h).
constexpr std::size_t kMaxAuth = 255;

char* read_flag(ngx_conf_t* cf, bool& flag) {
    const std::string_view value = word(cf, 1);
    if (value != "on" && value != "off") {
        return refuse(cf, quoted(value) + " must be \"on\" or \"off\"");
    }
    flag = value == "on";
    return NGX_CONF_OK;
}

char* read_text(ngx_conf_t* cf, std::string& text, std::string_view what) {
    if (word(cf, 1).empty()) {
        return refuse(cf, "it must be " + std::string(what));
    }
    text = word(cf, 1);
    return NGX_CONF_OK;
}

// memcached takes what it is sent apart at the spaces.
bool is_token(std::string_view text) {
    return std::none_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte <= 0x20 || byte == 0x7f;
    });
}

// "user:password" as "user password"; empty, with a reason, where it is none.
std::string as_sent(const std::string& line, std::string& why) {
    const std::size_t colon = line.find(':');
    if (colon == 0 || colon == std::string::npos || colon + 1 == line.size()) {
        why = "its first line must be user:password";
        return {};
    }
    if (line.size() > kMaxAuth) {
        why = "its first line must not be longer than 255 bytes";
        return {};
    }
    const std::string_view user = std::string_view(line).substr(0, colon);
    const std::string_view password = std::string_view(line).substr(colon + 1);
    if (!is_token(user) || !is_token(password)) {
        why = "its user and password must not hold spaces or control characters";
        return {};
    }
    return std::string(user) + " " + std::string(password);
}

}  // namespace

char* read_auth_file(ngx_conf_t* cf, Pool& pool) {
    ngx_str_t name = static_cast<ngx_str_t*>(cf->args->elts)[1];
    if (name.len == 0 || ngx_conf_full_name(cf->cycle, &name, 1) != NGX_OK) {
        return refuse(cf, "it must be a file in the format of memcached's -Y: user:password");
    }
    const std::string path(ngx::view(name));
    struct stat info {};
    std::ifstream file(path);
    std::string line;
    if (!file || stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) {
        return refuse(cf, quoted(path) + " cannot be read");
    }
    std::getline(file, line);
    if (line.ends_with('\r')) {
        line.pop_back();
    }
    std::string why;
    pool.options.auth = as_sent(line, why);
    if (!why.empty()) {
        return refuse(cf, quoted(path) + ": " + why + ", as memcached's -Y takes it");
    }
    if ((info.st_mode & S_IROTH) != 0) {
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "\"auth_file\": \"%s\" is readable by all users of this machine",
                           path.c_str());
    }
    return NGX_CONF_OK;
}

char* read_tls(ngx_conf_t* cf, Pool& pool) {
    return read_flag(cf, pool.options.tls.on);
}

char* read_tls_verify(ngx_conf_t* cf, Pool& pool) {
    return read_flag(cf, pool.options.tls.verify);
}

char* read_tls_trusted_certificate(ngx_conf_t* cf, Pool& pool) {
    return read_text(cf, pool.options.tls.trusted_certificate, "a file of certificates in PEM");
}

char* read_tls_name(ngx_conf_t* cf, Pool& pool) {
    return read_text(cf, pool.options.tls.name, "a name that the server's certificate is for");
}

char* read_tls_certificate(ngx_conf_t* cf, Pool& pool) {
    return read_text(cf, pool.options.tls.certificate, "a file with a certificate in PEM");
}

char* read_tls_certificate_key(ngx_conf_t* cf, Pool& pool) {
    return read_text(cf, pool.options.tls.certificate_key, "a file with a key in PEM");
}

char* finish_tls(ngx_conf_t* cf, net::PoolOptions& options) {
    net::TlsOptions& tls = options.tls;
    if (!tls.on) {
        const bool asked = !tls.verify || !tls.name.empty() || !tls.trusted_certificate.empty() ||
                           !tls.certificate.empty() || !tls.certificate_key.empty();
        return asked ? refuse(cf, "mcache_pool " + quoted(options.name) +
                                      " has tls_ lines but no \"tls on;\"")
                     : NGX_CONF_OK;
    }
    if (!net::has_tls()) {
        return refuse(cf, "\"tls on;\" requires nginx with OpenSSL");
    }
    if (tls.certificate.empty() != tls.certificate_key.empty()) {
        return refuse(cf, "mcache_pool " + quoted(options.name) +
                              " needs tls_certificate and tls_certificate_key, or neither");
    }
    if (tls.verify && tls.trusted_certificate.empty()) {
        return refuse(cf, "mcache_pool " + quoted(options.name) +
                              " needs \"tls_trusted_certificate file;\", or \"tls_verify off;\" if "
                              "its servers need not be authenticated");
    }
    for (const net::ServerOptions& server : options.servers) {
        if (tls.verify && server.is_unix && tls.name.empty()) {
            return refuse(
                cf, quoted(server.name) +
                        " has no name to verify the certificate against: add \"tls_name name;\"");
        }
    }
    const char* wrong = net::make_tls_context(cf, tls);
    return wrong == nullptr ? NGX_CONF_OK
                            : refuse(cf, quoted(wrong) + " of mcache_pool " + quoted(options.name) +
                                             " must be a file in PEM that nginx can read");
}

}  // namespace mcache::module
