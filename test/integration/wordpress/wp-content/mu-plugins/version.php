<?php
// Every page says which version of the code has made it.
function show_version(): void
{
    readfile(ABSPATH . 'version.txt');
}

add_action('wp_footer', 'show_version');
add_action('login_footer', 'show_version');
