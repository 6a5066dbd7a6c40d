<?php
// Answers to deploys on the internal site: is there room for another release in the one pool?
declare(strict_types=1);

$status = opcache_get_status(true);
if ($status === false) {
    http_response_code(503);
    exit;
}
$release = $_GET['release'] ?? '';
$own = array_filter(
    $status['scripts'] ?? [],
    fn (array $script): bool => str_starts_with($script['full_path'], $release . '/'),
);
header('Content-Type: application/json');
echo json_encode([
    'free' => $status['memory_usage']['free_memory'],
    'full' => $status['cache_full'],
    'release' => array_sum(array_column($own, 'memory_consumption')),
]);
