<?php
declare(strict_types=1);

[$root] = explode('/releases/', __DIR__);
$config = json_decode(file_get_contents("{$root}/shared/config.json"), flags: JSON_THROW_ON_ERROR);
$database = $config->database;
$connection = new PDO(
    "mysql:host={$database->host};dbname={$database->name};charset=utf8mb4",
    $database->user,
    $database->password,
);
$greeting = $connection->query('SELECT text FROM greetings ORDER BY id LIMIT 1')->fetchColumn();
$title = htmlspecialchars($_SERVER['HTTP_HOST'] ?? '');
?>
<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title><?= $title ?></title>
<link rel="stylesheet" href="/style.css">
<h1><?= htmlspecialchars($greeting) ?></h1>
<p><?= $title ?> is served by Nginx, PHP-FPM and a database.</p>
</html>
