//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// safetensors files: eight bytes of header length, a JSON header with name,
// type, shape and place of each tensor, then the data. Other tools (PyTorch,
// JAX, numpy) read and write them.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_RT_SAFETENSORS_H
#define PIXELFLY_RT_SAFETENSORS_H

#include <cstdint>
#include <string>
#include <vector>

namespace pixelfly::rt {

class OutputFile;

/// An f32 tensor and the memory that it is written from or read into.
struct TensorView {
  std::string name;
  std::vector<int64_t> shape;
  float *data = nullptr;

  int64_t bytes() const;
};

/// Writes `tensors` in order.
void writeSafetensors(OutputFile &file, const std::vector<TensorView> &tensors);

/// Copies exactly the tensors asked for out of `contents`, the contents of
/// `file`. Checks the whole file before the first byte is copied; throws Error
/// if it is damaged or holds other tensors than these.
void readSafetensors(const std::string &contents, const std::string &file,
                     const std::vector<TensorView> &tensors);

} // namespace pixelfly::rt

#endif // PIXELFLY_RT_SAFETENSORS_H
