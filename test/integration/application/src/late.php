<?php
declare(strict_types=1);

function late(): string
{
    return 'better late than never';
}
