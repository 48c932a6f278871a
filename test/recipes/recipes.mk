# The recipes of docs/quotas.md.

TEST_PARTS += 'test/recipes/recipes.sh $(BUILD)'
