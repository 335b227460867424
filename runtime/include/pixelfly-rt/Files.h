//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Files on disk: reading whole ones, and writing them so that a reader sees
// either the old or the new contents, also after a crash. Every function throws
// Error with the path and the reason.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_RT_FILES_H
#define PIXELFLY_RT_FILES_H

#include <cstdint>
#include <string>
#include <string_view>

namespace pixelfly::rt {

bool exists(const std::string &path);

std::string readFile(const std::string &path);

/// Creates a file that writes go to in order; close() makes them durable. What
/// is not closed is removed by the destructor.
class OutputFile {
public:
  explicit OutputFile(std::string path);
  OutputFile(const OutputFile &) = delete;
  OutputFile &operator=(const OutputFile &) = delete;
  ~OutputFile();

  void write(const void *data, size_t size);
  void write(std::string_view text) { write(text.data(), text.size()); }
  /// Flushes to the device (fsync) and closes.
  void close();

  int64_t getSize() const { return size; }
  /// CRC-32 of everything written.
  uint32_t getChecksum() const { return checksum; }

private:
  std::string path;
  int descriptor;
  int64_t size = 0;
  uint32_t checksum = 0;
};

/// Writes through a temporary file beside `path` and renames it.
void writeFileAtomically(const std::string &path, std::string_view contents);

/// Makes renames and new entries in `directory` durable.
void syncDirectory(const std::string &directory);

/// CRC-32 of `size` bytes, continuing from `checksum`.
uint32_t crc32Of(const void *data, size_t size, uint32_t checksum = 0);

} // namespace pixelfly::rt

#endif // PIXELFLY_RT_FILES_H
