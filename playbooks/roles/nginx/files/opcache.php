<?php
// Answers to deploys on the internal site: is there room for another release in the one pool?
declare(strict_types=1);

$status = opcache_get_status(true);
if ($status === false) {
    http_response_code(503);
    exit;
}
$releases = [];
foreach ($status['scripts'] ?? [] as $script) {
    if (preg_match('~/releases/[^/]+/~', $script['full_path'], $found)) {
        $releases[$found[0]] = ($releases[$found[0]] ?? 0) + $script['memory_consumption'];
    }
}
header('Content-Type: application/json');
echo json_encode([
    'free' => $status['memory_usage']['free_memory'],
    'full' => $status['cache_full'],
    // One that visitors have used for long is loaded as a whole, a new one is not yet.
    'largest' => max([0, ...array_values($releases)]),
]);
