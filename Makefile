# The two commands of the front door. Both take a fresh Debian 12 machine to the
# end: they install what is missing, configure, build and run.
BUILD := build/release
CMAKE_FLAGS ?=

.PHONY: train check build deps clean

train: build
	tools/train-fashion-mnist.sh $(BUILD)

check: build
	cmake --build $(BUILD) --target check-pixelfly

build: deps
	cmake --preset release $(CMAKE_FLAGS)
	cmake --build $(BUILD)

deps:
	tools/install-deps.sh

clean:
	rm -rf build
