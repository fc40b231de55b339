# LEAP: lecture recordings in, published lessons out. This file only delegates.

SHELL = /bin/bash
PREFIX ?= /usr/local
PG_CONFIG ?= /usr/lib/postgresql/15/bin/pg_config
JOBS ?= $(shell nproc)
parallel = $(if $(filter -j% --jobserver%,$(MAKEFLAGS)),,-j$(JOBS))
here = docker/local

# A file's name may hold whatever make and the shell find meaning in: it reaches the script as
# the text it is, and no child's environment or make, where `$` would be expanded.
ifdef FILE
unexport FILE
MAKEOVERRIDES =
endif
define newline


endef
file = $$'$(subst $(newline),\n,$(subst ',\',$(subst \,\\,$(value FILE))))'

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 14

all: ## build the extension and the programs
	$(MAKE) $(parallel) -C extension PG_CONFIG=$(PG_CONFIG)
	$(MAKE) $(parallel) -C worker PG_CONFIG=$(PG_CONFIG)

demo: ## everything from nothing: packages, build, database, worker, a published lesson (FILE=lecture.mp4 for yours)
	@$(here)/demo.sh $(if $(value FILE),$(file))

up: ## start what `make demo` made
	@$(here)/cluster.sh start
	@$(here)/worker.sh start
	@$(here)/serve.sh start
	@echo "LEAP is up: database and worker run; make status tells more"
	@$(here)/welcome.sh

down: ## stop what `make demo` or `make up` started
	@$(here)/serve.sh stop
	@$(here)/worker.sh stop
	@$(here)/cluster.sh stop

status: ## what of it is running
	@$(here)/cluster.sh status
	@$(here)/worker.sh status
	@$(here)/serve.sh status

psql: ## a prompt in the database, as its superuser
	@$(here)/psql.sh

packages: ## install the packages for building, checks and lint: Debian's, Node's for tests, promtool
	@$(here)/packages.sh $(here)/packages $(here)/packages-check
	@tests/node/install
	@tests/prometheus/install

check: all ## all tests: unit, SQL, isolation, processes
	@tests/run

check-long: all ## the tests that take long
	@tests/run --long

fuzz: all ## libFuzzer over every parser, whole files over leap-media (SECONDS=60 each, TARGETS=)
	@tests/fuzz/run $(or $(SECONDS),60) $(TARGETS)

chaos: all ## a storm of kills, crashes and people, then figures (SECONDS=600 RECORDINGS=400 SEED=7)
	@LEAP_CHAOS_SECONDS=$(SECONDS) LEAP_CHAOS_RECORDINGS=$(RECORDINGS) LEAP_CHAOS_SEED=$(SEED) \
	TEST_SECONDS=$$(( 600 + 3 * $(or $(SECONDS),120) )) tests/run tests/tap/long/910_chaos.pl

lint: all ## formatting, static analysis, layers, generated documents
	@tests/lint/run

format: ## let clang-format rewrite the C sources
	@tests/lint/format --write

docs: all ## generate docs/pipeline.md, configuration.md, sql.md, routes.md
	@tests/lint/documents --write

bench: all ## measurements beside other queues and tools (ITEMS=, ROUNDS=, PEERS_RESCUE=1; docs/benchmarks.md)
	@$(here)/packages.sh $(here)/packages-check $(here)/packages-bench
	@tests/bench/run

install: all ## install into PREFIX and PostgreSQL's folders (PREFIX, DESTDIR, PG_CONFIG)
	$(MAKE) -C extension install PG_CONFIG=$(PG_CONFIG) DESTDIR=$(DESTDIR)
	$(MAKE) -C worker install PG_CONFIG=$(PG_CONFIG) PREFIX=$(PREFIX) DESTDIR=$(DESTDIR)
	install -d $(DESTDIR)$(PREFIX)/share/leap
	rm -rf $(DESTDIR)$(PREFIX)/share/leap/sql
	cp -R sql $(DESTDIR)$(PREFIX)/share/leap/sql

clean: ## remove what was built
	rm -rf build extension/*.o extension/*.so extension/*.bc extension/leap--*.sql

distclean: ## remove the demo's database and files as well; refuses while it runs
	@$(here)/remove.sh
	@$(MAKE) -s clean

.PHONY: help all demo up down status psql packages check check-long fuzz chaos lint format docs bench \
	install clean distclean
