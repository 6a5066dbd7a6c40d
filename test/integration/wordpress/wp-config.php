<?php
// Settings that differ between machines are in .env, which the deploy writes alongside this file.
$environment = [];
foreach (file(__DIR__ . '/.env', FILE_IGNORE_NEW_LINES) as $line) {
    [$name, $value] = explode('=', $line, 2);
    $quoted = str_starts_with($value, '"');
    // The environment of a deploy's migration overrides them.
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

// Deploys bring the code from git.
define('DISALLOW_FILE_MODS', true);
define('AUTOMATIC_UPDATER_DISABLED', true);
// A timer runs the cron tasks, so that visitors do not wait for them.
define('DISABLE_WP_CRON', true);
define('WP_HTTP_BLOCK_EXTERNAL', true);

defined('ABSPATH') || define('ABSPATH', __DIR__ . '/');
require_once ABSPATH . 'wp-settings.php';
