//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Parameters and optimizer state on the host, wherever the model runs: what is
// initialised, and what a checkpoint holds.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_RT_WEIGHTS_H
#define PIXELFLY_RT_WEIGHTS_H

#include <cstddef>

namespace pixelfly::rt {

class Weights {
public:
  virtual ~Weights() = default;

  virtual float *parameter(size_t index) const = 0;
  /// The state tensor `kind` (index into optimizer.state) of a parameter.
  virtual float *state(size_t kind, size_t parameter) const = 0;

  /// Brings the values of the last step here. No step may be under way.
  virtual void receive() = 0;
  /// Makes the values here those of the next step. No step may be under way.
  virtual void send() = 0;
};

} // namespace pixelfly::rt

#endif // PIXELFLY_RT_WEIGHTS_H
