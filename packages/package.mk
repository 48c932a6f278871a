# What leaves this tree: installation, source archives, and builds for other systems.

VERSION := $(shell awk -F '"' '/^.define KV_VERSION/ { print $$2 }' ext/kv.h)
DIST = $(BUILD)/dist

# ---- installation ----

# A private directory, as Debian's modules for SQLite have it: a program names the extension by its path
# (pkg-config --variable=extension kv), and nothing links with it, so it is none of the linker's business.
PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
MANDIR ?= $(PREFIX)/share/man
MODULEDIR ?= $(LIBDIR)/sqlite3

##@ Install and pack it
install: all man ## library, header, kv.pc and man page, under DESTDIR and PREFIX (/usr/local)
	install -d '$(DESTDIR)$(MODULEDIR)' '$(DESTDIR)$(INCLUDEDIR)' '$(DESTDIR)$(LIBDIR)/pkgconfig' '$(DESTDIR)$(MANDIR)/man3'
	install -m 755 $(BUILD)/kv.so '$(DESTDIR)$(MODULEDIR)/kv.so'
	install -m 644 ext/kv.h '$(DESTDIR)$(INCLUDEDIR)/kv.h'
	install -m 644 $(BUILD)/kv.3 '$(DESTDIR)$(MANDIR)/man3/kv.3'
	printf '%s\n' 'includedir=$(INCLUDEDIR)' 'extension=$(MODULEDIR)/kv' '' 'Name: kv' \
	  'Description: a key-value store inside SQLite, as a loadable extension' 'Version: $(VERSION)' \
	  'Requires: sqlite3 >= 3.34' 'Cflags: -I"$${includedir}"' > '$(DESTDIR)$(LIBDIR)/pkgconfig/kv.pc'

uninstall: ## removes what `make install` put there, with the same DESTDIR and PREFIX
	rm -f '$(DESTDIR)$(MODULEDIR)/kv.so' '$(DESTDIR)$(INCLUDEDIR)/kv.h' '$(DESTDIR)$(LIBDIR)/pkgconfig/kv.pc' \
	  '$(DESTDIR)$(MANDIR)/man3/kv.3'
	-rmdir '$(DESTDIR)$(MODULEDIR)' 2>/dev/null

# Its paths are those of this very PREFIX, so it is made anew each time.
man: ## build/kv.3, out of the README: man -l build/kv.3
	@mkdir -p $(BUILD)
	awk -v version=$(VERSION) -v library='$(MODULEDIR)/kv' -f packages/man.awk README.md > $(BUILD)/kv.3

# ---- source archives ----

SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null || date +%s)
FILES = $(shell git ls-files 2>/dev/null || find . -type f ! -path './$(BUILD)/*')
HEADERS = $(wildcard ext/*.h ext/*/*.h)

dist: $(DIST)/kv.c ## the source as one archive, and as one file kv.c with its kv.h: build/dist
	cp ext/kv.h $(DIST)/kv.h
	printf '%s\n' $(sort $(wildcard $(FILES))) | tar --create --no-recursion --sort=name --owner=0 --group=0 \
	  --numeric-owner --mtime=@$(SOURCE_DATE_EPOCH) --transform='s,^\(\./\)*,kv-$(VERSION)/,' -T - | \
	  gzip -n9 > $(DIST)/kv-$(VERSION).tar.gz

$(DIST)/kv.c: packages/amalgamate.awk LICENSE $(SOURCES) $(HEADERS) $(BUILD)/kv_sql.h
	@mkdir -p $(@D)
	awk -f $< ext/extension.c $(SOURCES) $(HEADERS) $(BUILD)/kv_sql.h > $@

# ---- other systems ----

# Each with an SQLite built for it, from the amalgamation in a registry's package.
SQLITE_SOURCE = $(BUILD)/sqlite-source
OTHER_CFLAGS = -std=c11 -O2 -fvisibility=hidden $(WARNINGS) $(INCLUDES)

$(SQLITE_SOURCE)/sqlite3.c:
	@test/sqlite-source.sh 3.50.4 $(SQLITE_SOURCE)

WINDOWS_CC ?= x86_64-w64-mingw32-gcc

windows: windows-tools ## build/windows/kv.dll, with mingw-w64; installs what is missing
	@$(MAKE) --no-print-directory $(BUILD)/windows/kv.dll

windows-tools:
	@test/packages.sh windows

# isinf() and isnan() of mingw's <math.h> take a double for a float as they come to it.
$(BUILD)/windows/kv.dll: $(SOURCES) $(HEADERS) $(BUILD)/kv_sql.h $(SQLITE_SOURCE)/sqlite3.c
	@mkdir -p $(@D)
	$(WINDOWS_CC) $(OTHER_CFLAGS) -Wno-float-conversion -I$(SQLITE_SOURCE) -shared -static-libgcc -s \
	  -o $@ $(SOURCES)

##@ Test it for longer, or elsewhere
test-windows: windows ## the SQL scripts on kv.dll, under wine
	@test/packages.sh test-windows
	@$(MAKE) --no-print-directory $(BUILD)/windows/slt.exe
	@test/windows/test.sh $(BUILD)

$(BUILD)/windows/slt.exe: test/windows/slt.c $(SQLITE_SOURCE)/sqlite3.c
	@mkdir -p $(@D)
	$(WINDOWS_CC) -std=c11 -O1 -w -static -DSQLITE_ENABLE_FTS5 -I$(SQLITE_SOURCE) -o $@ $< \
	  $(SQLITE_SOURCE)/sqlite3.c

# By the book, and not tested: there was no Mac. Apple's own SQLite loads no extensions; others do.
##@ Install and pack it
macos: $(BUILD)/kv.dylib ## build/kv.dylib, on a Mac (not tested)

$(BUILD)/kv.dylib: $(SOURCES) $(HEADERS) $(BUILD)/kv_sql.h
	$(CC) $(OTHER_CFLAGS) $(CFLAGS) -dynamiclib -Wl,-exported_symbol,_sqlite3_kv_init -o $@ $(SOURCES)

##@ Test it for longer, or elsewhere
musl: ## the C tests and the SQL scripts with musl's C library
	@packages/system_test.sh musl $(BUILD) 'musl-gcc'

m32: ## the same as a 32-bit program
	@packages/system_test.sh m32 $(BUILD) 'gcc -m32'

# ---- tests ----

SYSTEM_PARTS += 'packages/package_test.sh $(BUILD)'

##@ Test it
test-package: all ## what is installed, removed, packed and unpacked
	@packages/package_test.sh $(BUILD)

.PHONY: install uninstall man dist windows windows-tools test-windows \
        macos musl m32 test-package
