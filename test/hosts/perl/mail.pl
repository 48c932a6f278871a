# perl mail.pl app.db build/kv
use strict;
use warnings;

use DBI qw(:sql_types);

my ($file, $extension) = @ARGV;
my $db = DBI->connect("dbi:SQLite:$file", '', '', { RaiseError => 1, PrintError => 0 });
$db->sqlite_enable_load_extension(1);
$db->selectrow_array('SELECT load_extension(?)', undef, $extension);

$db->sqlite_create_function('changed', 5, sub {
  my ($type, $group, $key, $value, $at) = @_;
  print "$type $group/$key\n";
  return undef;
});
$db->selectrow_array(q{SELECT kv_on_change('changed')});

# A number is bound as text unless its type is named.
my $set = $db->prepare('SELECT kv_set(?, ?, ?)');
$set->execute('mail', 'host', 'smtp.example.com');
$set->fetchall_arrayref;
$set->bind_param(3, 587, SQL_INTEGER);
$set->execute('mail', 'port', 587);
$set->fetchall_arrayref;

print scalar $db->selectrow_array(q{SELECT kv_get('mail', 'host')}), "\n";
for my $entry (@{ $db->selectall_arrayref(q{SELECT key, value FROM kv_entries('mail')}) }) {
  print join('=', @$entry), "\n";
}
print scalar $db->selectrow_array(q{SELECT kv_render('{{ .host }}:{{ .port }}', 'mail')}), "\n";
eval { $db->selectrow_array(q{SELECT kv_require('mail', 'user')}) };
print $@;
$db->disconnect;
