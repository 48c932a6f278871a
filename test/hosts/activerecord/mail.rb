# ruby mail.rb app.db build/kv [writes]
require 'active_record'
require 'active_record/connection_adapters/sqlite3_adapter'

FILE, EXTENSION = ARGV

# In an initializer: on each connection of the pool, right after it is made.
module LoadKv
  def configure_connection
    super
    database = @raw_connection || @connection # it is called so until Rails 7.0
    database.enable_load_extension(true)
    database.load_extension(EXTENSION)
    database.enable_load_extension(false)
  end
end
ActiveRecord::ConnectionAdapters::SQLite3Adapter.prepend(LoadKv)
ActiveRecord::Base.establish_connection(adapter: 'sqlite3', database: FILE)

def value(sql)
  ActiveRecord::Base.connection.select_value(sql)
end

def mail
  ActiveRecord::Base.connection.raw_connection.create_function('changed', 5) do |call, type, group, key, _value, _at|
    puts "#{type} #{group}/#{key}"
    call.result = nil
  end
  value("SELECT kv_on_change('changed')")

  value("SELECT kv_set('mail', 'host', 'smtp.example.com')")
  value("SELECT kv_set('mail', 'port', 587)")
  puts value("SELECT kv_get('mail', 'host')")
  ActiveRecord::Base.connection.select_rows("SELECT key, value FROM kv_entries('mail')").each { |row| puts row.join('=') }
  puts value("SELECT kv_render('{{ .host }}:{{ .port }}', 'mail')")
  begin
    value("SELECT kv_require('mail', 'user')")
  rescue ActiveRecord::StatementInvalid => e
    puts e.message
  end
end

# What a rollback takes back, and what the query cache keeps from running.
def writes
  db = ActiveRecord::Base.connection
  insert = "INSERT INTO kv_entries(grp, key, value) VALUES ('t', 'k', 'kept')"
  [["SELECT kv_set", -> { value("SELECT kv_set('t', 'k', 'kept')") }],
   ['INSERT INTO kv_entries', -> { db.execute(insert) }],
   ['INSERT INTO kv_call', -> { db.insert("INSERT INTO kv_call(name, a1, a2, a3) VALUES ('set', 't', 'k', 'kept')") }]].each do |name, run|
    ActiveRecord::Base.transaction do
      run.call
      raise ActiveRecord::Rollback
    end
    puts "#{name}, in transaction: #{value("SELECT kv_getdel('t', 'k')") || 'nothing'}"
  end

  ActiveRecord::Base.cache do
    2.times { value("SELECT kv_incr('t', 'cached')") }
    ActiveRecord::Base.uncached { 2.times { value("SELECT kv_incr('t', 'uncached')") } }
    2.times { db.insert("INSERT INTO kv_call(name, a1, a2) VALUES ('incr', 't', 'called')") }
    puts "its answer: #{value('SELECT result FROM kv_call')}"
  end
  %w[cached uncached called].each { |key| puts "twice kv_incr, #{key}: #{value("SELECT kv_getdel('t', '#{key}')")}" }
end

ARGV[2] ? writes : mail
