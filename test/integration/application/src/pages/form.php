<?php
echo 'version=', VERSION, ";\n", file_get_contents('php://input');
