<?php
// php mail.php app.db build/kv: the way that PDO has since PHP 8.4, and what it says before.

$file = $argv[1];
if (!class_exists('Pdo\Sqlite')) {
    $db = new PDO("sqlite:$file");
    $db->setAttribute(PDO::ATTR_ERRMODE, PDO::ERRMODE_EXCEPTION);
    try {
        $db->query("SELECT load_extension('$argv[2]')");
    } catch (PDOException $error) {
        echo $error->getMessage(), "\n";
    }
    exit;
}
$db = new Pdo\Sqlite("sqlite:$file");
$db->loadExtension("$argv[2].so");
echo $db->query("SELECT kv_set('mail', 'host', 'smtp.example.com')")->fetchColumn(), "\n";
