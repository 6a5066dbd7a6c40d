<?php
declare(strict_types=1);

/**
 * What stands in the .env of the release, in quotes where it is not plain. A process that was started with another
 * value has that one: migrations are.
 */
function environment(): array
{
    $values = [];
    foreach (file(__DIR__ . '/../.env', FILE_IGNORE_NEW_LINES) as $line) {
        if (preg_match('/^([A-Z_]+)=(.+)$/', $line, $found)) {
            $values[$found[1]] = $found[2][0] === '"' ? stripcslashes(substr($found[2], 1, -1)) : $found[2];
        }
    }
    return array_merge($values, array_intersect_key(getenv(), $values));
}

function database(): PDO
{
    $environment = environment();
    return new PDO(
        "mysql:host={$environment['DB_HOST']};dbname={$environment['DB_NAME']};charset=utf8mb4",
        $environment['DB_USER'],
        $environment['DB_PASSWORD'],
    );
}

function greeting(): string
{
    return database()->query('SELECT text FROM notices ORDER BY id LIMIT 1')->fetchColumn();
}
