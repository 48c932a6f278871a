# The README's way from Redis, on a redis-server of its own.

##@ Test it for longer, or elsewhere
test-redis: all ## the README's move from Redis, with a real redis-server; skipped where there is none
	@test/transfer/redis_test.sh $(BUILD)

.PHONY: test-redis
