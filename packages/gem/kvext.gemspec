# packages/gem/build.sh gives the version, the platform and the library.
Gem::Specification.new do |gem|
  gem.name = 'kvext'
  gem.version = ENV.fetch('KVEXT_VERSION')
  gem.platform = ENV.fetch('KVEXT_PLATFORM')
  gem.summary = 'A key-value store inside SQLite, as a loadable extension with the library inside'
  gem.description = 'Groups, expiry, counters, namespaces, quotas, change events, and Go templates, in any SQLite database.'
  gem.authors = ['The kv authors']
  gem.homepage = 'https://example.org/kv/kv'
  gem.license = 'MIT'
  gem.files = Dir['lib/**/*'] + ['LICENSE', 'README.md']
  gem.required_ruby_version = '>= 2.7'
  gem.metadata = { 'rubygems_mfa_required' => 'true' }
end
