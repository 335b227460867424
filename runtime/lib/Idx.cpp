//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly-rt/Idx.h"
#include "pixelfly-rt/Error.h"

#include <algorithm>
#include <cerrno>
#include <memory>
#include <zlib.h>

using namespace pixelfly::rt;

namespace {
struct CloseGzip {
  void operator()(gzFile file) const { ::gzclose(file); }
};

/// Reads a gzip or plain file and explains what is wrong with it.
class Reader {
public:
  explicit Reader(const std::string &path) : path(path) {
    errno = 0;
    file.reset(::gzopen(path.c_str(), "rb"));
    if (!file)
      throw systemError("cannot open the data file '" + path + "'", errno);
    ::gzbuffer(file.get(), 1 << 17);
  }

  /// Appends up to `size` bytes; fewer at the end of the file.
  size_t read(std::vector<uint8_t> &into, size_t size) {
    // In pieces: the header may promise more than the file or the memory has.
    size_t before = into.size();
    while (into.size() - before < size) {
      size_t old = into.size();
      size_t piece = std::min<size_t>(size - (old - before), 1 << 20);
      into.resize(old + piece);
      int count = ::gzread(file.get(), into.data() + old, unsigned(piece));
      into.resize(old + std::max(count, 0));
      int error = Z_OK;
      const char *text = ::gzerror(file.get(), &error);
      if (error == Z_BUF_ERROR)
        fail("the compressed data is cut short");
      if (error == Z_ERRNO)
        throw systemError("cannot read the data file '" + path + "'", errno);
      if (count < 0 || error < 0)
        fail(std::string("the compressed data is damaged (") + text + ")");
      if (count == 0)
        break;
    }
    return into.size() - before;
  }

  [[noreturn]] void fail(const std::string &message) const {
    throw Error("data file '" + path + "': " + message,
                "download the data set again");
  }

private:
  const std::string &path;
  std::unique_ptr<gzFile_s, CloseGzip> file;
};
} // namespace

IdxFile pixelfly::rt::readIdx(const std::string &path) {
  Reader reader(path);
  std::vector<uint8_t> header;
  if (reader.read(header, 4) < 4)
    reader.fail("it is too short for an IDX file");
  if (header[0] != 0 || header[1] != 0) {
    char magic[16];
    std::snprintf(magic, sizeof(magic), "%02x%02x%02x%02x", header[0],
                  header[1], header[2], header[3]);
    reader.fail("not an IDX file: it starts with 0x" + std::string(magic) +
                ", expected 0x000008xx");
  }
  if (header[2] != 0x08)
    reader.fail("its elements have IDX type " + std::to_string(header[2]) +
                ", only unsigned bytes (type 8) are supported");
  size_t rank = header[3];
  if (rank < 1 || rank > 4)
    reader.fail("it has " + std::to_string(rank) +
                " dimensions, expected 1 (labels), 3 or 4 (images)");

  IdxFile result;
  std::vector<uint8_t> sizes;
  if (reader.read(sizes, 4 * rank) < 4 * rank)
    reader.fail("it is cut short inside the header");
  uint64_t total = 1;
  for (size_t i = 0; i < rank; ++i) {
    const uint8_t *size = &sizes[4 * i];
    result.shape.push_back(uint32_t(size[0]) << 24 | uint32_t(size[1]) << 16 |
                           uint32_t(size[2]) << 8 | uint32_t(size[3]));
    if (__builtin_mul_overflow(total, uint64_t(result.shape.back()), &total))
      reader.fail("the sizes in its header are absurd");
  }
  if (size_t count = reader.read(result.data, total); count < total)
    reader.fail("it is cut short: its header promises " +
                std::to_string(total) + " bytes of data, it has " +
                std::to_string(count));
  // Reading on also checks the gzip trailer.
  std::vector<uint8_t> rest;
  if (reader.read(rest, 1) != 0)
    reader.fail("it is longer than the " + std::to_string(total) +
                " bytes of data that its header promises");
  return result;
}
