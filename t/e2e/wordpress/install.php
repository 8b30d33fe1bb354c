<?php
// What the five minutes' installation does, from the command line.
define('WP_INSTALLING', true);
$_SERVER['HTTP_HOST'] = '127.0.0.1';
$_SERVER['SERVER_PROTOCOL'] = 'HTTP/1.1';
require getenv('WORDPRESS_ROOT') . '/wp-load.php';
require ABSPATH . 'wp-admin/includes/upgrade.php';
// There is no mail here.
function wp_new_blog_notification($title, $url, $user, $password) {}
wp_install('A blog', 'admin', 'admin@example.org', true, '', 'northlight');
update_option('permalink_structure', '/%postname%/');
update_option('comment_previously_approved', 0);
update_option('stylesheet', 'plain');
update_option('template', 'plain');
update_option('ping_sites', '');
flush_rewrite_rules(false);
