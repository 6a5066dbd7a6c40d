<?php
header('Content-Type: application/json');
greeting();
echo json_encode(['status' => 'ok', 'version' => VERSION, 'database' => 'ok']), "\n";
