<?php
pause(3);
// Loaded only now: if the release is deleted during a request, the request fails here.
require __DIR__ . '/../late.php';
echo 'version=', VERSION, ";\n", late(), "\n";
