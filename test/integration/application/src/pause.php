<?php
declare(strict_types=1);

/** Waits. A reload of PHP-FPM interrupts a sleep with a signal, so this sleeps again until the time is over. */
function pause(float $seconds): void
{
    $end = microtime(true) + $seconds;
    while (($left = $end - microtime(true)) > 0) {
        usleep((int) ceil($left * 1e6));
    }
}
