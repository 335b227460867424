//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// IDX, the file format of MNIST and its successors: two zero bytes, a type, the
// number of dimensions, the dimensions as big-endian 32-bit numbers, the data.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_RT_IDX_H
#define PIXELFLY_RT_IDX_H

#include <cstdint>
#include <string>
#include <vector>

namespace pixelfly::rt {

/// An array of bytes (IDX type 0x08, the only one the data sets use).
struct IdxFile {
  std::vector<uint32_t> shape;
  std::vector<uint8_t> data;
};

/// Reads a file, gzip or plain. Throws Error with the path when it is missing,
/// of another format or element type, cut short, damaged, or too long.
IdxFile readIdx(const std::string &path);

} // namespace pixelfly::rt

#endif // PIXELFLY_RT_IDX_H
