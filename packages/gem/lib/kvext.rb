# kv, a key-value store inside SQLite.
#
#   db = SQLite3::Database.new('app.db')
#   Kvext.load(db)
#   db.execute("SELECT kv_set('config', 'theme', 'dark')")
module Kvext
  # The path that load_extension takes; SQLite adds .so, .dylib or .dll to it.
  def self.loadable_path
    File.expand_path('kvext/kv', __dir__)
  end

  # For sqlite3's `extensions:`, and so for ActiveRecord's database.yml.
  def self.to_path
    loadable_path
  end

  # Loads kv on a connection of the gem sqlite3. Loading is switched off again after it.
  def self.load(database)
    database.enable_load_extension(true)
    database.load_extension(loadable_path)
  ensure
    database.enable_load_extension(false)
  end
end
