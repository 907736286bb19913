# The door for who has only git and make; everything else is in meson.build.
BUILD = build

# gcc does not find its own parts in an environment without any PATH.
PATH ?= /usr/local/bin:/usr/bin:/bin
export PATH

all: configured
	ninja -C $(BUILD)

# What to run first: the main job on real input, each step with its control.
demo: all
	@if [ -x scripts/demo ]; then scripts/demo $(BUILD); \
	else echo "make demo: scripts/demo is not there yet" >&2; exit 3; fi

test: configured
	tests/run --build $(BUILD) $(TEST_FLAGS)

# Beside the peers, which have to be here for that: the table, and then how
# costs grow. `bench/run --help` says more; BENCH_FLAGS="--quick" looks in passing.
bench:
	scripts/bootstrap --test
	bench/run $(BENCH_FLAGS)

bench-growth:
	scripts/bootstrap --test
	bench/run --growth $(BENCH_FLAGS)

# Instruction counts against the baseline in the tree.
bench-check:
	scripts/bootstrap --test
	bench/run --check

# Looks for new inputs for SECONDS a target; `make test` replays the old ones.
SECONDS = 60
fuzz:
	scripts/bootstrap --test
	tests/fuzz/run --seconds $(SECONDS)

# make install [PREFIX=/somewhere] [DESTDIR=/root/of/a/package]
# Into this very system, programs find a new library only after ldconfig.
install: all
	@[ -z "$(PREFIX)" ] || meson configure $(BUILD) --prefix "$(PREFIX)"
	meson install -C $(BUILD)
	@[ -n "$(DESTDIR)" ] || [ "$$(id -u)" != 0 ] || /sbin/ldconfig

clean:
	rm -rf $(BUILD) build-*

configured: bootstrapped
	@[ -f $(BUILD)/build.ninja ] || meson setup $(BUILD)

bootstrapped:
	@scripts/bootstrap

.PHONY: all demo test bench bench-growth bench-check fuzz install clean configured \
	bootstrapped
