<?php
/*
 * Plugin Name: mcache purge
 * Description: Takes pages that have changed out of memcached, from where nginx's mcache serves them.
 *
 * A must-use plugin: copy it to wp-content/mu-plugins/. nginx.conf next to this file goes with it.
 * wp-config.php may say, before it includes wp-settings.php (these are the defaults):
 *
 *     define('MCACHE_SERVERS', '127.0.0.1:11211');  // all of mcache_pool, with commas; or unix:/path
 *     define('MCACHE_SITE', 'blog-');               // mcache_key_prefix
 *     define('MCACHE_WIPE_ON_PUBLISH', false);      // true where each page lists the latest posts
 *
 * Every page is sent with the tags of what it shows: post-12 for each post, "lists" for the home
 * page, archives and feeds. nginx stores them with the page (mcache_tags). A change of a post or of
 * its comments purges its tag and "lists". What each page shows (menus, widgets, the theme, names
 * of categories and authors) wipes the site.
 */

defined('ABSPATH') || exit;

defined('MCACHE_SERVERS') || define('MCACHE_SERVERS', '127.0.0.1:11211');
defined('MCACHE_SITE') || define('MCACHE_SITE', 'blog-');
defined('MCACHE_WIPE_ON_PUBLISH') || define('MCACHE_WIPE_ON_PUBLISH', false);

const MCACHE_LOG = '%00purges';
const MCACHE_WIPE = 'under ';
const MCACHE_SECONDS = 1;

/* ---- the tags of a page ---- */

function mcache_tags_of_page() {
    global $wp_query;
    $tags = is_singular() ? [] : ['lists'];
    foreach ($wp_query->posts ?? [] as $post) {
        $tags[] = 'post-' . (is_object($post) ? $post->ID : $post);
    }
    if (!headers_sent()) {
        header('Cache-Tag: ' . implode(',', $tags));
    }
}

// Before redirect_canonical(), so that a redirect has the tags of the post that it leads to.
add_action('template_redirect', 'mcache_tags_of_page', 0);

/* ---- what has changed ---- */

// At once, and again at the end of the request: the block editor writes categories and custom
// fields after the post, and somebody may have asked for the page in between.
function mcache_purge(array $lines) {
    static $all = [];
    if (!$all) {
        add_action('shutdown', function () use (&$all) { mcache_append(array_keys($all)); }, 0);
    }
    $new = array_diff_key(array_flip($lines), $all);
    $all += $new;
    mcache_append(array_keys($new));
}

function mcache_purge_post($id) {
    mcache_purge(MCACHE_WIPE_ON_PUBLISH ? [MCACHE_WIPE] : ["tag post-$id", 'tag lists']);
}

function mcache_wipe() {
    mcache_purge([MCACHE_WIPE]);
}

add_action('transition_post_status', function ($new, $old, $post) {
    if ($new !== 'publish' && $old !== 'publish') {
        return;  // drafts and revisions
    }
    if (is_post_type_viewable($post->post_type)) {
        mcache_purge_post($post->ID);
    } else {
        mcache_wipe();  // a menu, a template, a reusable block: it may be anywhere
    }
}, 10, 3);

// Also a new number of comments, a thumbnail, and what plugins do.
add_action('clean_post_cache', function ($id, $post) {
    if ($post->post_status === 'publish' && is_post_type_viewable($post->post_type)) {
        mcache_purge_post($id);
    }
}, 10, 2);

add_action('before_delete_post', 'mcache_purge_post');

function mcache_purge_comment($comment) {
    $comment = get_comment($comment);
    if ($comment) {
        mcache_purge_post($comment->comment_post_ID);
    }
}

foreach (['comment_post', 'edit_comment', 'delete_comment'] as $hook) {
    add_action($hook, 'mcache_purge_comment');
}
add_action('transition_comment_status', function ($new, $old, $comment) {
    mcache_purge_comment($comment);
}, 10, 3);

foreach (['edited_term', 'delete_term', 'profile_update', 'deleted_user', 'switch_theme',
          'customize_save_after', 'wp_update_nav_menu', 'wp_delete_nav_menu', 'activated_plugin',
          'deactivated_plugin', 'upgrader_process_complete'] as $hook) {
    add_action($hook, 'mcache_wipe', 10, 0);
}
add_action('updated_option', function ($name) {
    $shown = '/^(blogname|blogdescription|home|siteurl|permalink_structure|show_on_front|page_on_front'
           . '|page_for_posts|posts_per_page|posts_per_rss|date_format|time_format|timezone_string'
           . '|gmt_offset|WPLANG|sidebars_widgets|sticky_posts|widget_.*|theme_mods_.*)$/';
    if (preg_match($shown, $name)) {
        mcache_wipe();
    }
});

/* ---- the log in memcached ---- */

function mcache_log_key() {
    $site = preg_replace_callback('/[\x00-\x20\x7f%]/', fn($byte) => sprintf('%%%02X', ord($byte[0])), MCACHE_SITE);
    $fits = strlen($site . MCACHE_LOG) <= 250;
    return ($fits ? $site : 'sha256-' . hash('sha256', MCACHE_SITE)) . MCACHE_LOG;
}

// Appends lines to the log of each server. What cannot be reached is written to PHP's log: its pages
// may be old until their time is up.
function mcache_append(array $lines) {
    $text = implode('', array_map(fn($line) => "$line\n", $lines));
    foreach ($text === '' ? [] : explode(',', MCACHE_SERVERS) as $server) {
        $error = class_exists('Memcached') ? mcache_append_by_extension(trim($server), $text)
                                           : mcache_append_by_socket(trim($server), $text);
        if ($error !== null) {
            error_log("mcache-purge: memcached $server not purged: $error");
        }
    }
}

// Both return null or what went wrong. "Not stored" means that there is no log: nginx begins a new
// one, and takes no page that is older. But memcached says the same when it has no room for the
// longer log, and then the old one must not stay: so it is deleted.

function mcache_append_by_extension($server, $text) {
    $memcached = new Memcached();
    $memcached->setOptions([
        Memcached::OPT_COMPRESSION => false,  // what is compressed cannot be appended to
        Memcached::OPT_CONNECT_TIMEOUT => MCACHE_SECONDS * 1000,
        Memcached::OPT_POLL_TIMEOUT => MCACHE_SECONDS * 1000,
        Memcached::OPT_SEND_TIMEOUT => MCACHE_SECONDS * 1000000,
        Memcached::OPT_RECV_TIMEOUT => MCACHE_SECONDS * 1000000,
    ]);
    if (strncmp($server, 'unix:', 5) === 0) {
        $memcached->addServer(substr($server, 5), 0);
    } else {
        [$host, $port] = mcache_host_and_port($server);
        $memcached->addServer($host, $port);
    }
    if ($memcached->append(mcache_log_key(), $text)) {
        return null;
    }
    if ($memcached->getResultCode() === Memcached::RES_NOTSTORED) {
        $memcached->delete(mcache_log_key());
    }
    $done = [Memcached::RES_SUCCESS, Memcached::RES_NOTFOUND];
    return in_array($memcached->getResultCode(), $done, true) ? null : $memcached->getResultMessage();
}

function mcache_append_by_socket($server, $text) {
    $address = strncmp($server, 'unix:', 5) === 0
        ? 'unix://' . substr($server, 5)
        : 'tcp://' . implode(':', mcache_host_and_port($server));
    $connection = @stream_socket_client($address, $number, $error, MCACHE_SECONDS);
    if (!$connection) {
        return $error;
    }
    stream_set_timeout($connection, MCACHE_SECONDS);
    $key = mcache_log_key();
    fwrite($connection, "append $key 0 0 " . strlen($text) . "\r\n$text\r\n");
    $reply = rtrim((string) fgets($connection));
    if ($reply === 'NOT_STORED') {
        fwrite($connection, "delete $key\r\n");
        $reply = rtrim((string) fgets($connection));
    }
    fclose($connection);
    $done = ['STORED', 'DELETED', 'NOT_FOUND'];
    return in_array($reply, $done, true) ? null : ($reply === '' ? 'no reply' : $reply);
}

function mcache_host_and_port($server) {
    return preg_match('/^(.*):(\d+)$/', $server, $parts) ? [$parts[1], (int) $parts[2]]
                                                         : [$server, 11211];
}
