<?php
// What differs from machine to machine stands in .env, which the deploy writes beside this file.
$environment = [];
foreach (file(__DIR__ . '/.env', FILE_IGNORE_NEW_LINES) as $line) {
    [$name, $value] = explode('=', $line, 2);
    $quoted = str_starts_with($value, '"');
    // The migration of a deploy has other values in its environment.
    $environment[$name] = getenv($name) ?: ($quoted ? stripcslashes(substr($value, 1, -1)) : $value);
}

define('DB_HOST', $environment['DB_HOST']);
define('DB_NAME', $environment['DB_NAME']);
define('DB_USER', $environment['DB_USER']);
define('DB_PASSWORD', $environment['DB_PASSWORD']);
define('DB_CHARSET', 'utf8mb4');
define('DB_COLLATE', '');
$table_prefix = 'wp_';

define('WP_HOME', $environment['SITE_URL']);
define('WP_SITEURL', $environment['SITE_URL']);

// The code comes from git, by deploys.
define('DISALLOW_FILE_MODS', true);
define('AUTOMATIC_UPDATER_DISABLED', true);
// Whoever visits does not wait for what is to be done now and then: a timer does it.
define('DISABLE_WP_CRON', true);
define('WP_HTTP_BLOCK_EXTERNAL', true);

defined('ABSPATH') || define('ABSPATH', __DIR__ . '/');
require_once ABSPATH . 'wp-settings.php';
