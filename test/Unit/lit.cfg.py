# A suite of its own, because its tests lie in the build tree: the gtest programs
# of each folder, under names that end in Tests.
import os

import lit.formats

config.name = "pixelfly-unit"
config.test_format = lit.formats.GoogleTest(".", "Tests")
config.test_source_root = os.path.join(config.pixelfly_obj_root, "test", "Unit")
config.test_exec_root = config.test_source_root
config.excludes = ["CMakeFiles"]

# libMLIR is not instrumented: it would not take back the poison that our inlined
# copies of its allocators leave.
config.environment.setdefault("ASAN_OPTIONS", "allow_user_poisoning=0")
