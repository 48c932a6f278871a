# The recipes of docs/feed.md.

SYSTEM_PARTS += 'test/recipes/feed_recipes.sh $(BUILD)'

##@ Test it for longer, or elsewhere
test-live: all ## the page of docs/feed.md in Chromium, which changes when another process writes
	@test/recipes/feed_recipes.sh $(BUILD) --browser

.PHONY: test-live
