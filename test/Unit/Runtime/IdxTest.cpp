//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly-rt/Idx.h"
#include "Helpers.h"

#include <zlib.h>

using namespace pixelfly::rt;
using namespace pixelfly::rt::test;

/// The bytes of an IDX file with these sizes and `count` bytes of data.
static std::string idx(const std::vector<uint8_t> &sizes, size_t count) {
  std::string text = {0, 0, 8, char(sizes.size())};
  for (uint8_t size : sizes)
    text += {0, 0, 0, char(size)};
  for (size_t i = 0; i < count; ++i)
    text += char(i);
  return text;
}

static std::string readError(const std::string &contents) {
  TemporaryDirectory directory;
  write(directory / "file", contents);
  return errorOf([&] { readIdx(directory / "file"); });
}

TEST(Idx, ReadsPlainAndCompressed) {
  TemporaryDirectory directory;
  write(directory / "plain", idx({2, 3, 4}, 24));
  gzFile file = ::gzopen((directory / "packed").c_str(), "wb");
  std::string contents = idx({2, 3, 4}, 24);
  ::gzwrite(file, contents.data(), unsigned(contents.size()));
  ::gzclose(file);
  for (const char *name : {"plain", "packed"}) {
    IdxFile read = readIdx(directory / name);
    EXPECT_EQ(read.shape, (std::vector<uint32_t>{2, 3, 4}));
    ASSERT_EQ(read.data.size(), 24u);
    EXPECT_EQ(read.data[23], 23);
  }
}

TEST(Idx, RefusesWhatIsNotIdx) {
  EXPECT_CONTAINS(errorOf([] { readIdx("/nowhere/file"); }),
                  "cannot open the data file '/nowhere/file'");
  EXPECT_CONTAINS(readError(""), "too short for an IDX file");
  EXPECT_CONTAINS(readError("PNG and more"),
                  "not an IDX file: it starts with 0x504e4720");
  EXPECT_CONTAINS(readError(std::string("\0\0\x0d\x01\0\0\0\1data", 12)),
                  "IDX type 13");
  EXPECT_CONTAINS(readError(idx({1, 1, 1, 1, 1}, 1)), "5 dimensions");
  EXPECT_CONTAINS(readError(idx({2, 3, 4}, 24).substr(0, 10)),
                  "cut short inside the header");
}

TEST(Idx, ComparesTheDataWithTheHeader) {
  EXPECT_CONTAINS(readError(idx({2, 3, 4}, 23)),
                  "promises 24 bytes of data, it has 23");
  EXPECT_CONTAINS(readError(idx({2, 3, 4}, 25)), "longer than the 24 bytes");
  // 2^32 - 1 four times over: neither overflow nor an attempt to allocate it.
  std::string absurd = {0, 0, 8, 4};
  EXPECT_CONTAINS(readError(absurd + std::string(16, '\xff')), "absurd");
  std::string large = {0, 0, 8, 2};
  EXPECT_CONTAINS(readError(large + std::string(8, '\x7f')), "cut short");
}

TEST(Idx, FindsDamageInCompressedData) {
  TemporaryDirectory directory;
  std::string path = directory / "file";
  gzFile file = ::gzopen(path.c_str(), "wb");
  std::string contents = idx({200, 3, 4}, 2400);
  ::gzwrite(file, contents.data(), unsigned(contents.size()));
  ::gzclose(file);
  std::string packed = readFile(path);

  write(path, packed.substr(0, packed.size() / 2));
  EXPECT_CONTAINS(errorOf([&] { readIdx(path); }), "cut short");
  // In the checksum at the end, which is read only after the data.
  std::string damaged = packed;
  damaged[damaged.size() - 6] ^= 1;
  write(path, damaged);
  EXPECT_CONTAINS(errorOf([&] { readIdx(path); }), "damaged");
  write(path, packed.substr(0, packed.size() - 4));
  EXPECT_CONTAINS(errorOf([&] { readIdx(path); }), "cut short");
}
