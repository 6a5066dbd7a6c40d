<?php
pause(3);
// Only now: whoever deletes a release under a running request breaks it here.
require __DIR__ . '/../late.php';
echo 'version=', VERSION, ";\n", late(), "\n";
