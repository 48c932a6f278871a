#!/bin/bash
# What docs/recipes.md says to move a Redis database, done:  test/transfer/redis_test.sh [BUILD]
#
# It starts a redis-server of its own, on a loopback port that the system says is free, fills it, runs the page's
# blocks word for word, and compares what each side answers. The server ends with the script.

cd "$(dirname "$0")/../.." || exit 1
root=$PWD
build=$(cd "${1:-build}" && pwd) || exit 1

if ! command -v redis-server >/dev/null || ! command -v redis-cli >/dev/null; then
  echo "SKIPPED: there is no redis-server here (Debian packages redis-server, redis-tools)"
  exit 0
fi

directory=$(mktemp -d)
server=
stop() {
  [ -z "$server" ] || { kill "$server" && wait "$server"; } 2>/dev/null
  rm -rf "$directory"
}
trap stop EXIT
ln -s "$build" "$directory/build"
cd "$directory" || exit 1

passed=0
failed=0
check() { # NAME EXPECTED GOT
  if [ "$2" = "$3" ]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    printf 'FAILED: %s\n  expected: %s\n  got:      %s\n' "$1" "$2" "$3"
  fi
}

# The page's commands say redis-cli and sqlite3; here they mean this server, and no settings of the user's.
port=
redis-cli() { command redis-cli -h 127.0.0.1 -p "$port" "$@"; }
sqlite3() { command sqlite3 -batch -init /dev/null "$@"; }

start_server() {
  for attempt in 1 2 3 4 5; do
    port=$((20000 + (RANDOM + attempt) % 12000))
    redis-server --bind 127.0.0.1 --port $port --save '' --appendonly no --daemonize no --dir "$directory" \
      >server.log 2>&1 &
    server=$!
    for _ in $(seq 50); do
      grep -q 'Ready to accept connections' server.log && return 0
      kill -0 $server 2>/dev/null || break
      sleep 0.1
    done
    kill $server 2>/dev/null
    wait $server
    server=
  done
  cat server.log
  return 1
}

# The block of a language that follows the line that marks the recipe.
block() {
  awk -v language="$1" '/^<!-- from Redis/ { on = 1 }
    on && $0 == "```" language { inside = 1; next }
    inside && /^```$/ { exit }
    inside' "$root/docs/recipes.md"
}

fill() {
  redis-cli >/dev/null <<'END'
SET plain "a value"
SET session:f3a91c "{\"user\": 42}" PX 3600000
SET a:b:c deep
SET :lead x
SET trail: y
SET empty ""
SET number 41
SET "quo\"te:back\\slash" "line\nbreak\ttab\x00zero"
SET binary "\xff\xfe\x00\xc3"
SET unicode:k "\xc3\xa9\xf0\x9f\x98\x80"
HSET user:1 name Ann age 41 "odd field" "\xff"
HSET user:2 name Bob
PEXPIRE user:2 7200000
HSET user:3 1 one 2 two
SET user:3:3 three
SET gone x PX 1
RPUSH list a b c
SADD set a b
ZADD zset 1 a
EVAL "for i = 1, 3000 do redis.call('SET', 'many:' .. i, i * i) end" 0
EVAL "redis.call('SET', 'large', string.rep('0123456789', 100000))" 0
END
  sleep 0.01
}

ask() { sqlite3 -cmd '.load build/kv' store.db "$1" 2>&1; }

start_server || { echo "0 passed, 1 failed"; exit 1; }
fill
block lua >redis.lua
check "the page has a Lua block" 1 "$(grep -c cjson.encode redis.lua)"
check "all keys are brought over" 3018 "$(eval "$(block sh)" 2>&1)"

check "a string without a colon" "a value" "$(ask "SELECT kv_get('redis', 'plain')")"
check "a string with one" '{"user": 42}' "$(ask "SELECT kv_get('session', 'f3a91c')")"
check "its time to live" 1 "$(ask "SELECT kv_ttl('session', 'f3a91c') BETWEEN 3500 AND 3600")"
check "the last colon divides" deep "$(ask "SELECT kv_get('a:b', 'c')")"
check "an empty group, and an empty key" "x|y" "$(ask "SELECT kv_get('', 'lead'), kv_get('trail', '')")"
check "an empty value" "0|text" "$(ask "SELECT length(kv_get('redis', 'empty')), typeof(kv_get('redis', 'empty'))")"
check "a number is text that counts" 42 "$(ask "SELECT kv_incr('redis', 'number')")"
check "bytes that want care in JSON" 6C696E650A627265616B09746162007A65726F \
  "$(ask "SELECT hex(kv_get('quo\"te', 'back\\slash'))")"
check "bytes that are no UTF-8" FFFE00C3 "$(ask "SELECT hex(kv_get('redis', 'binary'))")"
check "characters" "é😀" "$(ask "SELECT kv_get('unicode', 'k')")"
check "a hash is a group" "age|3431 name|416E6E odd field|FF" \
  "$(ask "SELECT key, hex(value) FROM kv_entries('user:1')" | paste -sd ' ')"
check "a hash's time to live is each field's" 1 "$(ask "SELECT kv_ttl('user:2', 'name') BETWEEN 7100 AND 7200")"
check "a hash and a string in one group" "1|one 2|two 3|three" \
  "$(ask "SELECT key, value FROM kv_entries('user:3')" | paste -sd ' ')"
check "what has expired is not there" 0 "$(ask "SELECT kv_exists('redis', 'gone')")"
check "3000 strings, in many pages" "3000|9004500500" "$(ask "SELECT count(*), sum(value) FROM kv_entries('many')")"
check "a string of a million bytes" "$(redis-cli --raw GET large | md5sum)" "$(ask "SELECT kv_get('redis', 'large')" | md5sum)"
check "lists and sets stay behind" 0 "$(ask "SELECT count(*) FROM kv_entries WHERE key IN ('list', 'set', 'zset')")"

redis-cli FLUSHALL >/dev/null
rm -f store.db
check "an empty Redis is no keys" 0 "$(eval "$(block sh)" 2>&1)"

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
