<?php
declare(strict_types=1);

/** What stands in the .env of the release: everything behind the first "=" is the value, as it is. */
function environment(): array
{
    $values = [];
    foreach (file(__DIR__ . '/../.env', FILE_IGNORE_NEW_LINES) as $line) {
        if (preg_match('/^([A-Z_]+)=(.*)$/', $line, $found)) {
            $values[$found[1]] = $found[2];
        }
    }
    return $values;
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
