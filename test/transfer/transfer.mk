# The way from Redis of docs/recipes.md, on a redis-server of its own.

##@ Test it for longer, or elsewhere
test-redis: all ## the move from Redis of docs/recipes.md, with a real redis-server; skipped where there is none
	@test/transfer/redis_test.sh $(BUILD)

.PHONY: test-redis
