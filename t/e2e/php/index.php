<?php
// A front controller: every page of the site is this file.
$uri = $_SERVER['REQUEST_URI'];
file_put_contents($_SERVER['REQUEST_LOG'], "{$_SERVER['REQUEST_METHOD']} $uri\n", FILE_APPEND | LOCK_EX);

$path = parse_url($uri, PHP_URL_PATH);
if ($path === '/admin/') {
    echo "admin";
    exit;
}
if ($path === '/basket/') {
    session_start();
    $_SESSION['visits'] = ($_SESSION['visits'] ?? 0) + 1;
    echo "visit {$_SESSION['visits']}";
    exit;
}
?>
<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title><?= htmlspecialchars($path) ?></title></head>
<body>
<h1><?= htmlspecialchars($path) ?></h1>
<p>Rendered by PHP at <?= sprintf('%.6f', microtime(true)) ?>, worker <?= getmypid() ?>.</p>
</body>
</html>
