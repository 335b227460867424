//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BuildLinear.h"

#include "pixelfly/IR/TensorBuilders.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace mlir::pixelfly;

static RankedTensorType typeOf(Value value) {
  return cast<RankedTensorType>(value.getType());
}

/// Transposes so that dimension i of the result is dimension `order[i]`.
static Value transpose(OpBuilder &b, Location loc, Value value,
                       ArrayRef<int64_t> order) {
  if (isIdentityPermutation(order))
    return value;
  RankedTensorType type = typeOf(value);
  SmallVector<int64_t> shape = applyPermutation(type.getShape(), order);
  Value empty = tensor::EmptyOp::create(b, loc, shape, type.getElementType());
  return linalg::TransposeOp::create(b, loc, value, empty, order)->getResult(0);
}

/// Groups dimensions into two: the first `numLeading` and the others, of which
/// there is at least one.
static SmallVector<ReassociationIndices> twoGroups(int64_t rank,
                                                   int64_t numLeading) {
  SmallVector<ReassociationIndices> groups;
  if (numLeading > 0)
    groups.push_back(llvm::to_vector(llvm::seq<int64_t>(0, numLeading)));
  groups.push_back(llvm::to_vector(llvm::seq<int64_t>(numLeading, rank)));
  return groups;
}

/// One matrix of all dimensions: the leading ones are its rows, of which there
/// is one if there are no leading dimensions.
static Value toMatrix(OpBuilder &b, Location loc, Value value,
                      int64_t numLeading) {
  int64_t rank = typeOf(value).getRank();
  if (rank > 1 + (numLeading > 0))
    value = tensor::CollapseShapeOp::create(b, loc, value,
                                            twoGroups(rank, numLeading));
  if (numLeading > 0)
    return value;
  RankedTensorType type = typeOf(value);
  auto matrixType =
      RankedTensorType::get({1, type.getDimSize(0)}, type.getElementType());
  SmallVector<ReassociationIndices> group = {{0, 1}};
  return tensor::ExpandShapeOp::create(b, loc, matrixType, value, group);
}

/// The reverse: a tensor of the given shape whose leading dimensions are the
/// rows of the matrix.
static Value fromMatrix(OpBuilder &b, Location loc, Value value,
                        ArrayRef<int64_t> shape, int64_t numLeading) {
  Type element = typeOf(value).getElementType();
  if (numLeading == 0) {
    SmallVector<ReassociationIndices> group = {{0, 1}};
    value = tensor::CollapseShapeOp::create(b, loc, value, group);
  }
  int64_t rank = shape.size();
  if (rank == 1 + (numLeading > 0))
    return value;
  return tensor::ExpandShapeOp::create(b, loc,
                                       RankedTensorType::get(shape, element),
                                       value, twoGroups(rank, numLeading));
}

/// Zeros behind the last element of dimension `dim`, up to `extent` elements.
static Value padTo(OpBuilder &b, Location loc, Value value, int64_t dim,
                   int64_t extent) {
  RankedTensorType type = typeOf(value);
  if (type.getDimSize(dim) == extent)
    return value;
  SmallVector<int64_t> shape(type.getShape());
  SmallVector<OpFoldResult> low(type.getRank(), b.getIndexAttr(0)), high = low;
  high[dim] = b.getIndexAttr(extent - shape[dim]);
  shape[dim] = extent;
  Value zero =
      arith::ConstantOp::create(b, loc, b.getZeroAttr(type.getElementType()));
  return tensor::PadOp::create(
      b, loc, RankedTensorType::get(shape, type.getElementType()), value, low,
      high, zero);
}

/// The first `extent` columns of a matrix.
static Value cutTo(OpBuilder &b, Location loc, Value matrix, int64_t extent) {
  RankedTensorType type = typeOf(matrix);
  if (type.getDimSize(1) == extent)
    return matrix;
  SmallVector<OpFoldResult> offsets(2, b.getIndexAttr(0));
  SmallVector<OpFoldResult> strides(2, b.getIndexAttr(1));
  SmallVector<OpFoldResult> sizes = {b.getIndexAttr(type.getDimSize(0)),
                                     b.getIndexAttr(extent)};
  return tensor::ExtractSliceOp::create(b, loc, matrix, offsets, sizes,
                                        strides);
}

/// The weight's sparse form as the product reads the weight: converted, and
/// padded to the pattern.
static SparseWeight prepareWeight(OpBuilder &b, Location loc,
                                  const Product &product,
                                  const SparseWeight &weight, Type element) {
  auto convert = [&](Value value) {
    for (Type type : product.casts)
      value = createConverted(b, loc, value, type);
    return createConverted(b, loc, value, element);
  };
  SparseWeight prepared = weight;
  prepared.blocks = convert(weight.blocks);
  if (weight.u) {
    prepared.u = padTo(b, loc, convert(weight.u), 0, weight.pattern.getRows());
    prepared.v = padTo(b, loc, convert(weight.v), 0, weight.pattern.getCols());
    if (weight.gamma)
      prepared.gamma = convert(weight.gamma);
    if (weight.gateWeight) {
      prepared.gateWeight = padTo(b, loc, convert(weight.gateWeight), 0,
                                  weight.pattern.getCols());
      prepared.gateBias = convert(weight.gateBias);
    }
  }
  return prepared;
}

/// Erases the op if nothing uses it, and what it alone kept alive.
static void eraseDead(Operation *op) {
  llvm::SmallSetVector<Operation *, 8> worklist;
  worklist.insert(op);
  while (!worklist.empty()) {
    Operation *candidate = worklist.pop_back_val();
    if (!isOpTriviallyDead(candidate))
      continue;
    for (Value operand : candidate->getOperands())
      if (Operation *producer = operand.getDefiningOp())
        worklist.insert(producer);
    candidate->erase();
  }
}

void mlir::pixelfly::replaceProduct(const Product &product,
                                    const SparseWeight &weight) {
  linalg::LinalgOp op = product.op;
  // The bias may be computed between the product and its addition.
  OpBuilder b(product.biasAdd ? product.biasAdd : op.getOperation());
  Location loc = op.getLoc();
  RankedTensorType resultType = typeOf(op->getResult(0));
  Type element = resultType.getElementType();
  int64_t rows = numValues(product.rows);
  BlockPatternAttrInterface pattern = weight.pattern;

  Value input = createConverted(b, loc, product.input->get(), element);
  input = transpose(b, loc, input, product.inputOrder);
  input = toMatrix(b, loc, input, product.numInputLeading);
  input = padTo(b, loc, input, 1, pattern.getCols());
  SparseWeight prepared = prepareWeight(b, loc, product, weight, element);
  Value bias;
  if (product.bias) {
    bias = product.bias->get();
    int64_t rank = typeOf(bias).getRank();
    if (rank > 1)
      bias = tensor::CollapseShapeOp::create(b, loc, bias, twoGroups(rank, 0));
    bias = padTo(b, loc, bias, 0, pattern.getRows());
  }

  int64_t numRows = typeOf(input).getDimSize(0);
  Value init = tensor::EmptyOp::create(
      b, loc, ArrayRef<int64_t>{numRows, pattern.getRows()}, element);
  auto linear =
      LinearOp::create(b, loc, init.getType(), input, prepared.blocks,
                       prepared.u, prepared.v, prepared.gamma, bias,
                       prepared.gateWeight, prepared.gateBias, init, pattern);
  Value result = cutTo(b, loc, linear.getResult().front(), rows);
  result =
      fromMatrix(b, loc, result,
                 applyPermutation(resultType.getShape(), product.resultOrder),
                 product.numResultLeading);
  result =
      transpose(b, loc, result, invertPermutationVector(product.resultOrder));
  Value added = op.getDpsInitOperand(0)->get();
  if (!product.addsToBias && !isZeros(added))
    result = createSum(b, loc, result, added);

  // What rearranges the result for the addition of the bias follows it.
  for (Operation *rearranged : product.rearranged)
    rearranged->moveBefore(product.biasAdd);
  op->getResult(0).replaceAllUsesWith(result);
  if (BlockArgument term = product.biasedTerm) {
    // The body gets the sum. `dropUnusedInputs` drops the bias.
    auto sum = cast<arith::AddFOp>(*term.user_begin());
    sum.getResult().replaceAllUsesWith(term);
    sum.erase();
  } else if (product.biasAdd) {
    Value biased = product.rearranged.empty()
                       ? result
                       : product.rearranged.back()->getResult(0);
    product.biasAdd->getResult(0).replaceAllUsesWith(biased);
    eraseDead(product.biasAdd);
  }
  eraseDead(op);
}

void mlir::pixelfly::dropUnusedInputs(const Product &product) {
  if (!product.biasedTerm)
    return;
  auto generic = cast<linalg::GenericOp>(product.biasAdd);
  SmallVector<AffineMap> maps = generic.getIndexingMapsArray();
  for (int64_t i = generic.getNumDpsInputs() - 1; i >= 0; --i) {
    BlockArgument argument = generic.getBody()->getArgument(i);
    // The product's result gives the loops their extents.
    if (!argument.use_empty() || argument == product.biasedTerm)
      continue;
    Operation *producer = generic.getDpsInputOperand(i)->get().getDefiningOp();
    generic.getInputsMutable().erase(i);
    generic.getBody()->eraseArgument(i);
    maps.erase(maps.begin() + i);
    if (producer)
      eraseDead(producer);
  }
  generic.setIndexingMapsAttr(
      Builder(generic.getContext()).getAffineMapArrayAttr(maps));
}
