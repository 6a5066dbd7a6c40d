<?php
pause(0.015);
echo 'version=', VERSION, ";\n", greeting(), "\n";
