<?php
declare(strict_types=1);

/** Returns the settings of the release's .env; the environment of the process overrides them. */
function environment(): array
{
    $values = [];
    foreach (file(__DIR__ . '/../.env', FILE_IGNORE_NEW_LINES) as $line) {
        if (preg_match('/^([A-Z_]+)=(.*)$/', $line, $found)) {
            $values[$found[1]] = unquoted($found[2]);
        }
    }
    return [...$values, ...array_intersect_key(getenv(), $values)];
}

function unquoted(string $value): string
{
    return str_starts_with($value, '"') ? preg_replace('/\\\\(.)/', '$1', substr($value, 1, -1)) : $value;
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
