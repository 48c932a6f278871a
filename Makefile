# kv: build, demo, test. `make help` lists the targets.

CC ?= cc
CFLAGS ?= -O2 -g
WARNINGS = -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror
HARDENING = -fstack-protector-strong -D_FORTIFY_SOURCE=2
KV_CFLAGS = -std=c11 -D_POSIX_C_SOURCE=200809L -fPIC -fvisibility=hidden -pthread $(WARNINGS) \
            $(HARDENING) -Iext -I$(BUILD) $(CFLAGS)
KV_LDFLAGS = -shared -pthread -Wl,-z,relro,-z,now -Wl,-z,defs $(LDFLAGS)

BUILD = build
SOURCES = $(wildcard ext/*.c)
HEADERS = $(wildcard ext/*.h) $(BUILD)/kv_sql.h
SQL = $(wildcard sql/*.sql)
OBJECTS = $(SOURCES:ext/%.c=$(BUILD)/%.o)

all: $(BUILD)/kv.so

$(BUILD)/kv.so: $(OBJECTS)
	$(CC) -o $@ $(OBJECTS) $(KV_LDFLAGS)

$(BUILD)/%.o: ext/%.c $(HEADERS)
	@mkdir -p $(@D)
	$(CC) $(KV_CFLAGS) -c -o $@ $<

$(BUILD)/kv_sql.h: sql/embed.awk $(SQL)
	@mkdir -p $(@D)
	awk -f sql/embed.awk $(SQL) > $@

clean:
	rm -rf $(BUILD)

.PHONY: all clean
