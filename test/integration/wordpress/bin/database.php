<?php
// The migration of deploys: creates the database of a new site, or upgrades it to this version of WordPress.
PHP_SAPI === 'cli' || exit;

define('WP_INSTALLING', true);
require dirname(__DIR__) . '/wp-load.php';
require ABSPATH . 'wp-admin/includes/upgrade.php';

if (is_blog_installed()) {
    wp_upgrade();
} else {
    wp_install('Foobar', 'ada', 'ada@foobar.example', true, '', getenv('ADMIN_PASSWORD'));
    update_option('permalink_structure', '/%postname%/');
}
