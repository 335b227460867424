//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/IR/BufferizableOpInterfaceImpl.h"

#include "pixelfly/IR/DenseForm.h"
#include "pixelfly/IR/Pixelfly.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Bufferization/IR/DstBufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StructuredOpsUtils.h"

using namespace mlir;
using namespace mlir::bufferization;
using namespace mlir::pixelfly;

namespace {
/// Model of all products. `readsInit` tells an op that accumulates into its
/// init from one that overwrites it.
template <typename OpTy, bool readsInit>
struct ProductModel : public DstBufferizableOpInterfaceExternalModel<
                          ProductModel<OpTy, readsInit>, OpTy> {
  bool bufferizesToMemoryRead(Operation *op, OpOperand &operand,
                              const AnalysisState &) const {
    return readsInit || !cast<OpTy>(op).isDpsInit(&operand);
  }

  LogicalResult bufferize(Operation *op, RewriterBase &rewriter,
                          const BufferizationOptions &options,
                          BufferizationState &state) const {
    auto product = cast<OpTy>(op);
    if (product.hasPureBufferSemantics())
      return success();
    SmallVector<Value> buffers;
    for (Value operand : op->getOperands()) {
      FailureOr<Value> buffer = getBuffer(rewriter, operand, options, state);
      if (failed(buffer))
        return failure();
      buffers.push_back(*buffer);
    }
    OpBuilder::InsertionGuard guard(rewriter);
    rewriter.setInsertionPoint(op);
    Operation *onBuffers = clone(rewriter, op, TypeRange(), buffers);
    replaceOpWithBufferizedValues(rewriter, op,
                                  cast<OpTy>(onBuffers).getDpsInits());
    return success();
  }
};

/// Model of the conversions. They have no destination, so the result is a new
/// buffer, written by the linalg form of the conversion, which bufferizes on
/// its own.
template <typename OpTy, auto createLinalg>
struct ConversionModel : public BufferizableOpInterface::ExternalModel<
                             ConversionModel<OpTy, createLinalg>, OpTy> {
  bool bufferizesToAllocation(Operation *, Value) const { return true; }

  bool bufferizesToMemoryRead(Operation *, OpOperand &,
                              const AnalysisState &) const {
    return true;
  }
  bool bufferizesToMemoryWrite(Operation *, OpOperand &,
                               const AnalysisState &) const {
    return false;
  }
  AliasingValueList getAliasingValues(Operation *, OpOperand &,
                                      const AnalysisState &) const {
    return {};
  }

  LogicalResult bufferize(Operation *op, RewriterBase &rewriter,
                          const BufferizationOptions &,
                          BufferizationState &) const {
    rewriter.replaceOp(op,
                       createLinalg(rewriter, op->getLoc(), op->getOperand(0),
                                    cast<OpTy>(op).getPattern()));
    return success();
  }
};
} // namespace

void pixelfly::registerBufferizableOpInterfaceModels(
    DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, PixelflyDialect *) {
    MatmulOp::attachInterface<ProductModel<MatmulOp, true>>(*context);
    SddmmOp::attachInterface<ProductModel<SddmmOp, true>>(*context);
    LinearOp::attachInterface<ProductModel<LinearOp, false>>(*context);
    ButterflyMatmulOp::attachInterface<ProductModel<ButterflyMatmulOp, false>>(
        *context);
    context->loadDialect<arith::ArithDialect, linalg::LinalgDialect,
                         tensor::TensorDialect>();
    ToDenseOp::attachInterface<ConversionModel<ToDenseOp, createDense>>(
        *context);
    FromDenseOp::attachInterface<ConversionModel<FromDenseOp, createSampled>>(
        *context);
  });
}
