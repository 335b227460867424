//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/CodeGen/GPU/Passes.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "llvm/ADT/StringMap.h"

namespace mlir::pixelfly {
#define GEN_PASS_DEF_GPUREPLACELIBDEVICE
#include "pixelfly/CodeGen/GPU/Passes.h.inc"
} // namespace mlir::pixelfly

using namespace mlir;
using namespace mlir::pixelfly;

using IntrinsicBuilder = Value (*)(OpBuilder &, LLVM::CallOp);

template <typename Intrinsic>
static Value create(OpBuilder &builder, LLVM::CallOp call) {
  return Intrinsic::create(builder, call.getLoc(), call.getResult().getType(),
                           call.getArgOperands());
}

/// The functions that are an instruction, by their names for f64; those for f32
/// have an "f" at the end.
static IntrinsicBuilder findIntrinsic(StringRef name) {
  static const llvm::StringMap<IntrinsicBuilder> table = {
      {"__nv_sqrt", create<LLVM::SqrtOp>},
      {"__nv_fma", create<LLVM::FMAOp>},
      {"__nv_fabs", create<LLVM::FAbsOp>},
      {"__nv_floor", create<LLVM::FFloorOp>},
      {"__nv_ceil", create<LLVM::FCeilOp>},
      {"__nv_rint", create<LLVM::RintOp>},
      {"__nv_trunc", create<LLVM::FTruncOp>},
      {"__nv_copysign", create<LLVM::CopySignOp>},
  };
  auto found = table.find(name);
  if (found == table.end() && name.consume_back("f"))
    found = table.find(name);
  return found == table.end() ? nullptr : found->second;
}

namespace {
struct GPUReplaceLibdevice
    : public pixelfly::impl::GPUReplaceLibdeviceBase<GPUReplaceLibdevice> {
  using GPUReplaceLibdeviceBase::GPUReplaceLibdeviceBase;

  void runOnOperation() override {
    getOperation().walk([&](LLVM::CallOp call) {
      if (!call.getCallee() || call.getNumResults() != 1)
        return;
      IntrinsicBuilder intrinsic = findIntrinsic(*call.getCallee());
      if (!intrinsic)
        return;
      OpBuilder builder(call);
      call.getResult().replaceAllUsesWith(intrinsic(builder, call));
      call.erase();
      ++numReplaced;
    });
    // Declarations that nobody needs any more.
    for (auto function :
         llvm::make_early_inc_range(getOperation().getOps<LLVM::LLVMFuncOp>()))
      if (function.isExternal() && findIntrinsic(function.getName()) &&
          SymbolTable::symbolKnownUseEmpty(function, getOperation()))
        function.erase();
  }
};
} // namespace
