" Vim syntax file: what mcache adds to nginx.conf. vim's own syntax/nginx.vim is read before it.
" Made by scripts/reference from src/module/directives.json; do not edit.
" To use it: cp -r conf-examples/vim/after ~/.vim/

syn keyword ngxDirectiveThirdParty mcache mcache_key mcache_key_prefix mcache_ignore mcache_methods
syn keyword ngxDirectiveThirdParty mcache_bypass mcache_honor_request_cache_control
syn keyword ngxDirectiveThirdParty mcache_convert_head mcache_max_range_offset mcache_store
syn keyword ngxDirectiveThirdParty mcache_no_store mcache_valid mcache_ignore_headers
syn keyword ngxDirectiveThirdParty mcache_targeted_cache_control mcache_heuristic mcache_max_size
syn keyword ngxDirectiveThirdParty mcache_local mcache_min_uses mcache_format mcache_invalidate
syn keyword ngxDirectiveThirdParty mcache_keep_stale mcache_use_stale mcache_background_update
syn keyword ngxDirectiveThirdParty mcache_revalidate mcache_early_refresh mcache_lock
syn keyword ngxDirectiveThirdParty mcache_lock_timeout mcache_lock_age mcache_lock_waiters
syn keyword ngxDirectiveThirdParty mcache_cache_status mcache_purge mcache_purge_soft
syn keyword ngxDirectiveThirdParty mcache_purge_tags mcache_tags mcache_purge_log mcache_status

" Words like timeout and hash mean something else outside the block.
syn region ngxMcachePool matchgroup=ngxMcachePoolName start=+^\s*mcache_pool\ze\s+ end=+}+ keepend
    \ contains=ngxMcachePoolLine,ngxUpstreamServerOptions,ngxComment,ngxString,ngxBoolean,ngxInteger,ngxIPaddr
syn keyword ngxMcachePoolLine server distribution hash connections connect_timeout timeout contained
syn keyword ngxMcachePoolLine auth_file tls tls_trusted_certificate tls_verify tls_name contained
syn keyword ngxMcachePoolLine tls_certificate tls_certificate_key max_item_size contained
syn keyword ngxMcachePoolLine large_buffers replicas on_failure store_buffers queue contained

syn match ngxMcacheVariable '\${\?\(mcache_status\|mcache_reason\|mcache_key\|mcache_age\|mcache_ttl\|mcache_server\|mcache_lookup_time\|mcache_local\|mcache_backend\)\>}\?' containedin=ngxString

hi def link ngxMcachePoolName Statement
hi def link ngxMcachePoolLine Function
hi def link ngxMcacheVariable Identifier
