<?php
// php -d sqlite3.extension_dir=build mail.php app.db kv.so
// PHP loads extensions from that folder only, which php.ini names in production.

$db = new SQLite3($argv[1]);
$db->enableExceptions(true);
$db->loadExtension($argv[2]);

$db->createFunction('changed', function ($type, $group, $key, $value, $at) {
    echo "$type $group/$key\n";
}, 5);
$db->querySingle("SELECT kv_on_change('changed')");

$set = $db->prepare("SELECT kv_set('mail', :key, :value)");
foreach (['host' => 'smtp.example.com', 'port' => 587] as $key => $value) {
    $set->bindValue(':key', $key);
    $set->bindValue(':value', $value);
    $set->execute()->finalize();
}
echo $db->querySingle("SELECT kv_get('mail', 'host')"), "\n";
$entries = $db->query("SELECT key, value FROM kv_entries('mail')");
while ($entry = $entries->fetchArray(SQLITE3_ASSOC)) {
    echo "{$entry['key']}={$entry['value']}\n";
}
$entries->finalize();
echo $db->querySingle("SELECT kv_render('{{ .host }}:{{ .port }}', 'mail')"), "\n";
try {
    $db->querySingle("SELECT kv_require('mail', 'user')");
} catch (Exception $error) {
    echo $error->getMessage(), "\n";
}
$db->close();
