//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What an optimizer tells the train step: which state it keeps per parameter
// and the IR that updates one parameter and its state in place.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_LIB_DIFFERENTIATE_UPDATERULE_H
#define PIXELFLY_LIB_DIFFERENTIATE_UPDATERULE_H

#include "pixelfly/Differentiate/Passes.h"

#include "mlir/IR/Builders.h"

#include <memory>

namespace mlir::pixelfly {

/// Scalars of one step, computed once and read by every update. All are of type
/// f32 and defined outside of any loop.
struct StepScalars {
  /// The learning rate of this step.
  Value learningRate;
  /// Number of this step, counted from 1.
  Value step;
  /// What every gradient is multiplied with (clipping); null means one.
  Value gradientScale;
};

/// An optimizer. Call `emitScalars` once, then `emitUpdate` for each parameter;
/// all updates must be dominated by the point of the first call.
class UpdateRule {
public:
  virtual ~UpdateRule() = default;

  /// Names of the state tensors that go with each parameter, each of the
  /// parameter's type and zero before the first step.
  virtual llvm::ArrayRef<llvm::StringRef> getStateNames() const = 0;

  /// Emits what the updates share, so that no update recomputes it per element.
  virtual void emitScalars(OpBuilder &builder, Location loc,
                           const StepScalars &scalars) = 0;

  /// Emits one linalg.generic with `parameter` and `state` as destinations and
  /// returns its results: the new parameter, then the new state. `decay` says
  /// whether weight decay applies to this parameter.
  virtual ValueRange emitUpdate(OpBuilder &builder, Location loc,
                                Value gradient, Value parameter,
                                ValueRange state, bool decay) = 0;
};

std::unique_ptr<UpdateRule> createAdamW(const BuildTrainStepOptions &options);
std::unique_ptr<UpdateRule> createSGD(const BuildTrainStepOptions &options);

} // namespace mlir::pixelfly

#endif // PIXELFLY_LIB_DIFFERENTIATE_UPDATERULE_H
