<?php
// What reaches WordPress, a line each.
if (getenv('REQUEST_LOG') && PHP_SAPI !== 'cli') {
    file_put_contents(getenv('REQUEST_LOG'), "{$_SERVER['REQUEST_METHOD']} {$_SERVER['REQUEST_URI']}\n",
                      FILE_APPEND | LOCK_EX);
}
