<?php
// php -d sqlite3.extension_dir=build writes.php app.db kv.so: what a rollback takes back.

$db = new SQLite3($argv[1]);
$db->enableExceptions(true);
$db->loadExtension($argv[2]);

function rolledBack($db, $sql)
{
    $db->exec('BEGIN IMMEDIATE');
    $db->exec($sql);
    $db->exec('ROLLBACK');
    return $db->querySingle("SELECT kv_getdel('t', 'k')") ?? 'nothing';
}

echo 'SELECT kv_set, after BEGIN: ', rolledBack($db, "SELECT kv_set('t', 'k', 'kept')"), "\n";
echo 'INSERT INTO kv_entries, after BEGIN: ',
    rolledBack($db, "INSERT INTO kv_entries(grp, key, value) VALUES ('t', 'k', 'kept')"), "\n";
echo 'INSERT INTO kv_call, after BEGIN: ',
    rolledBack($db, "INSERT INTO kv_call(name, a1, a2, a3) VALUES ('set', 't', 'k', 'kept')"), "\n";

// A SELECT runs to its first row when it is executed, and fetchArray() begins it anew: a call then runs twice.
$db->querySingle("SELECT kv_set('t', 'n', 0)");
$result = $db->query("SELECT kv_incr('t', 'n')");
$result->fetchArray();
$result->finalize();
echo 'kv_incr by query() and fetchArray(): ', $db->querySingle("SELECT kv_getdel('t', 'n')"), "\n";
$db->querySingle("SELECT kv_set('t', 'n', 0)");
$db->querySingle("SELECT kv_incr('t', 'n')");
echo 'kv_incr by querySingle(): ', $db->querySingle("SELECT kv_getdel('t', 'n')"), "\n";
