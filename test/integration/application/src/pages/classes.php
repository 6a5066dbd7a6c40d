<?php
$count = 0;
foreach (glob(__DIR__ . '/../classes/*.php') as $file) {
    require $file;
    $class = basename($file, '.php');
    $count += (new $class())->count();
}
echo 'version=', VERSION, ";\n{$count} classes\n";
