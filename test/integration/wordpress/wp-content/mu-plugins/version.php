<?php
// Every page shows the version of its code.
function show_version(): void
{
    readfile(ABSPATH . 'version.txt');
}

add_action('wp_footer', 'show_version');
add_action('login_footer', 'show_version');
