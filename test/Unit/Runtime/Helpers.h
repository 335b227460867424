//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What several tests of the runtime need: a directory of their own, the
// manifest of test/Train, and the text of an expected Error.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_TEST_UNIT_RUNTIME_HELPERS_H
#define PIXELFLY_TEST_UNIT_RUNTIME_HELPERS_H

#include "pixelfly-rt/Error.h"
#include "pixelfly-rt/Files.h"

#include "gtest/gtest.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace pixelfly::rt::test {

/// A directory that is removed at the end.
class TemporaryDirectory {
public:
  TemporaryDirectory() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "pixelfly-XXXXXX").string();
    path = ::mkdtemp(pattern.data());
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path); }

  std::string operator/(const std::string &name) const {
    return path + "/" + name;
  }

  std::string path;
};

inline std::string logisticManifest() { return readFile(LOGISTIC_MANIFEST); }

inline void write(const std::string &path, const std::string &contents) {
  std::ofstream(path, std::ios::binary) << contents;
}

/// Message and advice of the Error that `function` throws; "" if it throws
/// none.
template <typename Function> std::string errorOf(Function &&function) {
  try {
    function();
  } catch (const Error &error) {
    return std::string(error.what()) + " | " + error.getAdvice();
  }
  return "";
}

/// `text` with the first `from` replaced, which must be there.
inline std::string replaced(std::string text, const std::string &from,
                            const std::string &to) {
  size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

} // namespace pixelfly::rt::test

#define EXPECT_CONTAINS(text, part)                                            \
  EXPECT_NE(std::string(text).find(part), std::string::npos)                   \
      << "text: " << (text) << "\npart: " << (part)

#endif // PIXELFLY_TEST_UNIT_RUNTIME_HELPERS_H
