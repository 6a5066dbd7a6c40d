<?php
// Tells a deploy whether OPcache of the shared pool has space for another release.
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
    // A new release is not yet loaded completely, so the largest one is the best estimate.
    'largest' => max([0, ...array_values($releases)]),
]);
