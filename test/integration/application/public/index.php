<?php
declare(strict_types=1);

// The application that tests deploy: one front controller for all pages.
require __DIR__ . '/../src/version.php';
require __DIR__ . '/../src/database.php';
require __DIR__ . '/../src/pause.php';

header('Content-Type: text/plain; charset=utf-8');
$pages = ['/' => 'home', '/slow' => 'slow', '/form' => 'form', '/classes' => 'classes', '/health' => 'health'];
$page = $pages[parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH)] ?? null;
if ($page === null) {
    http_response_code(404);
    exit('version=' . VERSION . ";\nnot found\n");
}
require __DIR__ . "/../src/pages/{$page}.php";
