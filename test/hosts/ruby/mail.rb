# ruby mail.rb app.db build/kv
require 'sqlite3'

file, extension = ARGV
db = SQLite3::Database.new(file)
db.enable_load_extension(true)
db.load_extension(extension)

db.create_function('changed', 5) do |call, type, group, key, _value, _at|
  puts "#{type} #{group}/#{key}"
  call.result = nil
end
db.execute("SELECT kv_on_change('changed')")

db.execute("SELECT kv_set('mail', 'host', ?)", ['smtp.example.com'])
db.execute("SELECT kv_set('mail', 'port', ?)", [587])
puts db.get_first_value("SELECT kv_get('mail', 'host')")
db.execute("SELECT key, value FROM kv_entries('mail')") { |key, value| puts "#{key}=#{value}" }
puts db.get_first_value("SELECT kv_render('{{ .host }}:{{ .port }}', 'mail')")
begin
  db.execute("SELECT kv_require('mail', 'user')")
rescue SQLite3::Exception => e
  puts e.message
end
db.close
