//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly-rt/Files.h"
#include "Helpers.h"

using namespace pixelfly::rt;
using namespace pixelfly::rt::test;

TEST(Files, AtomicWriteReplacesTheWholeFile) {
  TemporaryDirectory directory;
  std::string path = directory / "file";
  write(path, "a long old text");
  writeFileAtomically(path, "new");
  EXPECT_EQ(readFile(path), "new");
  EXPECT_FALSE(exists(path + ".incomplete"));
}

TEST(Files, FullDiskLeavesTheOldFile) {
  TemporaryDirectory directory;
  std::string path = directory / "file";
  write(path, "old");
  // Through a link, so that cleaning up removes the link and not the device.
  std::filesystem::create_symlink("/dev/full", path + ".incomplete");
  std::string error = errorOf([&] { writeFileAtomically(path, "new"); });
  EXPECT_CONTAINS(error, "No space left on device");
  EXPECT_CONTAINS(error, "free space on that file system");
  EXPECT_EQ(readFile(path), "old");
  EXPECT_TRUE(exists("/dev/full"));
}

TEST(Files, UnfinishedOutputIsRemoved) {
  TemporaryDirectory directory;
  {
    OutputFile file(directory / "file");
    file.write("text");
  }
  EXPECT_FALSE(exists(directory / "file"));
}

TEST(Files, NamesWhatItCannotOpen) {
  EXPECT_CONTAINS(errorOf([] { readFile("/nowhere/file"); }),
                  "cannot open '/nowhere/file': No such file");
  EXPECT_CONTAINS(errorOf([] { OutputFile file("/nowhere/file"); }),
                  "cannot create '/nowhere/file'");
  EXPECT_CONTAINS(errorOf([] { readFile("/"); }), "cannot read '/'");
}

TEST(Files, ChecksumContinues) {
  EXPECT_EQ(crc32Of("123456789", 9), 0xcbf43926u);
  EXPECT_EQ(crc32Of("6789", 4, crc32Of("12345", 5)), 0xcbf43926u);
}
