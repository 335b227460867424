//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MatchProduct.h"

#include "pixelfly/IR/StaticShape.h"
#include "pixelfly/IR/TensorBuilders.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/LinalgInterfaces.h"

using namespace mlir;
using namespace mlir::pixelfly;

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

bool mlir::pixelfly::isContraction(Operation *op) {
  auto product = dyn_cast_if_present<linalg::LinalgOp>(op);
  return product && linalg::isaContractionOpInterface(product) &&
         product.hasPureTensorSemantics();
}

/// Whether the body multiplies and adds, and at most widens its inputs: linalg
/// also calls it a contraction when a unary function lies in between.
static bool onlyMultipliesAndAdds(linalg::LinalgOp product) {
  for (Operation &op : product.getBlock()->without_terminator())
    if (!isa<arith::MulFOp, arith::AddFOp, arith::ExtFOp>(op))
      return false;
  return true;
}

/// Why the operation is no product, in terms of what the program's author can
/// do about it.
static std::string explainNoProduct(OpOperand &use) {
  Operation *op = use.getOwner();
  std::string name = "'" + op->getName().getStringRef().str() + "'";
  if (isa<func::CallOp>(op))
    return "its weight is passed to a function by " + name +
           "; inline the call first (--inline)";
  if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op))
    if (linalg::isaConvolutionOpInterface(linalgOp))
      return "its weight goes into " + name +
             ", a convolution, which is not a matrix product";
  return "its weight goes into " + name + ", which is not a matrix product";
}

/// The loop that each dimension of an operand runs over; nullopt if the map
/// does more than pick loops.
static std::optional<SmallVector<unsigned>> loopsOf(AffineMap map) {
  if (!map.isProjectedPermutation())
    return std::nullopt;
  SmallVector<unsigned> loops;
  for (AffineExpr expr : map.getResults())
    loops.push_back(cast<AffineDimExpr>(expr).getPosition());
  return loops;
}

static RankedTensorType typeOf(OpOperand *operand) {
  return cast<RankedTensorType>(operand->get().getType());
}

namespace {
/// What a loop of the product runs over, in the three operands.
struct Loop {
  int64_t extent = 1;
  bool isReduction = false;
  ArrayRef<Digit> weight; ///< empty: not a dimension of the weight's source
  int64_t inputDim = -1, resultDim = -1; ///< -1: none
};
} // namespace

/// Puts the dimensions first that are not yet in `order`, all of them unit
/// dimensions, and returns their number.
static int64_t prependUnitDims(SmallVectorImpl<int64_t> &order, int64_t rank) {
  SmallVector<int64_t> left;
  for (int64_t dim = 0; dim < rank; ++dim)
    if (!llvm::is_contained(order, dim))
      left.push_back(dim);
  order.insert(order.begin(), left.begin(), left.end());
  return left.size();
}

/// Sorts the loops into leading ones, rows and columns.
static std::string assignLoops(MutableArrayRef<Loop> loops,
                               ArrayRef<unsigned> resultLoops,
                               Product &product) {
  SmallVector<Loop *> rows, cols, leading;
  for (unsigned index : resultLoops) {
    Loop &loop = loops[index];
    if (!loop.weight.empty() && loop.inputDim >= 0)
      return "its product is batched over a dimension of the weight";
    if (!loop.weight.empty())
      rows.push_back(&loop);
    else if (loop.inputDim >= 0)
      leading.push_back(&loop);
    else if (loop.extent > 1)
      return "its product repeats the result over a dimension that neither "
             "input nor weight has";
  }
  for (Loop &loop : loops) {
    if (!loop.isReduction || loop.extent == 1)
      continue;
    if (loop.weight.empty() || loop.inputDim < 0)
      return "its product also sums over a dimension that only one factor has";
    cols.push_back(&loop);
  }
  if (rows.empty() || cols.empty())
    return "its weight is a vector to the product, not a matrix";

  auto bySource = [](Loop *a, Loop *b) {
    return a->weight.front().stride > b->weight.front().stride;
  };
  llvm::sort(rows, bySource);
  llvm::sort(cols, bySource);
  for (Loop *loop : leading) {
    product.inputOrder.push_back(loop->inputDim);
    product.resultOrder.push_back(loop->resultDim);
  }
  product.numInputLeading = product.numResultLeading = leading.size();
  for (Loop *loop : cols) {
    product.inputOrder.push_back(loop->inputDim);
    appendDigits(product.cols, loop->weight);
  }
  for (Loop *loop : rows) {
    product.resultOrder.push_back(loop->resultDim);
    appendDigits(product.rows, loop->weight);
  }
  product.numInputLeading +=
      prependUnitDims(product.inputOrder, typeOf(product.input).getRank());
  product.numResultLeading +=
      prependUnitDims(product.resultOrder, product.getResultType().getRank());
  return "";
}

/// Fills in everything but the bias.
static std::string matchFactors(OpOperand &use, const TensorView &view,
                                Product &product) {
  if (!isContraction(use.getOwner()))
    return explainNoProduct(use);
  auto op = cast<linalg::LinalgOp>(use.getOwner());
  OpOperand *init = op.getDpsInitOperand(0);
  if (use.getOperandNumber() >= 2 || op.getNumDpsInputs() != 2)
    return "its weight is not a factor of the product";
  OpOperand *input = op.getDpsInputOperand(1 - use.getOperandNumber());
  product.op = op;
  product.weight = &use;
  product.input = input;
  product.casts = view.casts;

  for (auto [operand, what] :
       {std::pair(input, "input"), std::pair(&use, "weight"),
        std::pair(init, "result")}) {
    std::string dynamic = explainDynamicShape(typeOf(operand));
    if (!dynamic.empty())
      return std::string("of its ") + what + " " + dynamic;
  }
  for (OpOperand *operand : {input, &use, init})
    if (!isa<FloatType>(typeOf(operand).getElementType()))
      return "its product is one of integers; only floats have a gradient";
  if (!onlyMultipliesAndAdds(op))
    return "its product does more than multiply and add; keep other functions "
           "and narrowing conversions out of its body";

  auto weightLoops = loopsOf(op.getMatchingIndexingMap(&use));
  auto inputLoops = loopsOf(op.getMatchingIndexingMap(input));
  auto resultLoops = loopsOf(op.getMatchingIndexingMap(init));
  if (!weightLoops || !inputLoops || !resultLoops)
    return "its product does not read a matrix";
  SmallVector<Loop> loops(op.getNumLoops());
  auto iterators = op.getIteratorTypesArray();
  for (auto [index, extent] : llvm::enumerate(op.getStaticLoopRanges())) {
    loops[index].extent = extent;
    loops[index].isReduction = linalg::isReductionIterator(iterators[index]);
  }
  for (auto [dim, loop] : llvm::enumerate(*inputLoops))
    loops[loop].inputDim = dim;
  for (auto [dim, loop] : llvm::enumerate(*resultLoops))
    loops[loop].resultDim = dim;
  for (auto [loop, digits] : llvm::zip_equal(*weightLoops, view.dims)) {
    bool repeats = llvm::any_of(digits, [](Digit d) { return d.stride == 0; });
    if (repeats && digits.size() > 1)
      return "its product reads a weight that is repeated within a dimension";
    if (!repeats)
      loops[loop].weight = digits;
  }
  return assignLoops(loops, *resultLoops, product);
}

//===----------------------------------------------------------------------===//
// Bias
//===----------------------------------------------------------------------===//

/// Follows the operand up through what transposes, reshapes or broadcasts to a
/// vector, without conversions. `view` becomes what the operand is of it.
static OpOperand *traceVector(OpOperand *operand, TensorView &view) {
  SmallVector<Operation *> path;
  OpOperand *source = operand;
  while (Operation *op = source->get().getDefiningOp()) {
    OpOperand *next = rearrangedOperand(op);
    if (!next || getElementTypeOrSelf(next->get()) !=
                     getElementTypeOrSelf(op->getResult(0)))
      break;
    path.push_back(op);
    source = next;
  }
  auto type = dyn_cast<RankedTensorType>(source->get().getType());
  if (!type || !type.hasStaticShape())
    return nullptr;
  view = TensorView::identity(type);
  for (Operation *op : llvm::reverse(path)) {
    std::optional<TensorView> next = view.through(op);
    if (!next)
      return nullptr;
    view = std::move(*next);
  }
  return source;
}

/// Whether `addend`, given for each dimension of `result`, holds one element
/// for each row of the product whose result `result` views, in row order.
static bool isOnePerRow(Product &product, const TensorView &result,
                        ArrayRef<Digits> addend) {
  TensorView own = TensorView::identity(product.getResultType());
  Digits rows;
  for (int64_t dim :
       ArrayRef(product.resultOrder).drop_front(product.numResultLeading))
    appendDigits(rows, own.dims[dim]);

  // What the vector's elements are added to, most significant first.
  struct Pair {
    ArrayRef<Digit> result, addend;
  };
  SmallVector<Pair> pairs;
  for (auto [of, from] : llvm::zip_equal(result.dims, addend)) {
    if (from.empty() || (from.size() == 1 && from[0].stride == 0))
      continue; // The same for all of this dimension.
    if (numValues(of) != numValues(from))
      return false;
    pairs.push_back({of, from});
  }
  llvm::sort(pairs, [](const Pair &a, const Pair &b) {
    return a.addend.front().stride > b.addend.front().stride;
  });
  Digits added, vector;
  for (Pair pair : pairs) {
    appendDigits(added, pair.result);
    appendDigits(vector, pair.addend);
  }
  return added == rows && vector.size() == 1 && vector.front().stride == 1 &&
         vector.front().extent == numValues(rows);
}

/// The operand with one element per row of the product's result, which
/// `addend` is a view of; null if it is no such thing. `map` says which element
/// of the addend is added where in the view `result`.
static OpOperand *matchVector(Product &product, const TensorView &result,
                              OpOperand *addend, AffineMap map) {
  if (getElementTypeOrSelf(addend->get()) !=
      product.getResultType().getElementType())
    return nullptr;
  TensorView view;
  OpOperand *vector = traceVector(addend, view);
  // Of the sum of two products neither is the bias of the other.
  if (!vector || isContraction(vector->get().getDefiningOp()))
    return nullptr;
  SmallVector<Digits> perLoop(map.getNumDims());
  for (auto [expr, digits] : llvm::zip_equal(map.getResults(), view.dims)) {
    if (auto loop = dyn_cast<AffineDimExpr>(expr))
      perLoop[loop.getPosition()] = digits;
    else if (!digits.empty())
      return nullptr;
  }
  return isOnePerRow(product, result, perLoop) ? vector : nullptr;
}

/// The operands and maps of an elementwise sum of two tensors.
struct Addition {
  OpOperand *operands[2];
  AffineMap maps[2];
};

static std::optional<Addition> matchAddition(Operation *op) {
  if (isa<arith::AddFOp>(op)) {
    auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
    if (!type)
      return std::nullopt;
    AffineMap map =
        AffineMap::getMultiDimIdentityMap(type.getRank(), op->getContext());
    return Addition{{&op->getOpOperand(0), &op->getOpOperand(1)}, {map, map}};
  }
  auto add = dyn_cast<linalg::LinalgOp>(op);
  if (!add || !add.hasPureTensorSemantics() || op->getNumResults() != 1 ||
      add.getNumParallelLoops() != add.getNumLoops() ||
      !add.getMatchingIndexingMap(add.getDpsInitOperand(0)).isIdentity())
    return std::nullopt;
  // yield(a + b) of two block arguments.
  Block *body = add.getBlock();
  auto sum =
      body->getTerminator()->getOperand(0).getDefiningOp<arith::AddFOp>();
  if (!sum || !llvm::hasSingleElement(body->without_terminator()))
    return std::nullopt;
  Addition addition;
  for (unsigned i : {0, 1}) {
    auto argument = dyn_cast<BlockArgument>(sum->getOperand(i));
    if (!argument)
      return std::nullopt;
    addition.operands[i] = add.getMatchingOpOperand(argument);
    addition.maps[i] = add.getMatchingIndexingMap(addition.operands[i]);
  }
  return addition;
}

/// Fills in the bias if `use`, of the product's result seen as `result`, is an
/// input of a generic whose body first adds the bias to it and then computes
/// with the sum, such as an activation.
static void matchBiasInBody(Product &product, const TensorView &result,
                            OpOperand &use) {
  auto generic = dyn_cast<linalg::GenericOp>(use.getOwner());
  if (!generic || !generic.hasPureTensorSemantics() ||
      !generic.isDpsInput(&use) ||
      !generic.getMatchingIndexingMap(&use).isIdentity())
    return;
  BlockArgument term = generic.getMatchingBlockArgument(&use);
  // Where something else reads the term too, it needs it without the bias.
  auto sum = term.hasOneUse() ? dyn_cast<arith::AddFOp>(*term.user_begin())
                              : arith::AddFOp();
  if (!sum)
    return;
  auto other = dyn_cast<BlockArgument>(sum.getLhs() == term ? sum.getRhs()
                                                            : sum.getLhs());
  if (!other || other.getOwner() != generic.getBody() ||
      !generic.isDpsInput(generic.getMatchingOpOperand(other)))
    return;
  OpOperand *addend = generic.getMatchingOpOperand(other);
  product.bias = matchVector(product, result, addend,
                             generic.getMatchingIndexingMap(addend));
  if (!product.bias)
    return;
  product.biasAdd = generic;
  product.biasedTerm = term;
}

/// Fills in the bias if it is what the product adds to, or if the only use of
/// the result, rearranged or not, is the addition of one element to each row,
/// by an operation of its own or as the first step of a generic.
static void matchBias(Product &product) {
  OpOperand *init = product.op.getDpsInitOperand(0);
  TensorView result = TensorView::identity(product.getResultType());
  if (!isZeros(init->get())) {
    AffineMap map = AffineMap::getMultiDimIdentityMap(result.dims.size(),
                                                      product.op->getContext());
    product.bias = matchVector(product, result, init, map);
    product.addsToBias = product.bias != nullptr;
    return;
  }

  Value value = product.op->getResult(0);
  SmallVector<Operation *> rearranged;
  while (value.hasOneUse()) {
    OpOperand &use = *value.use_begin();
    Operation *user = use.getOwner();
    if (user->getBlock() != product.op->getBlock())
      return;
    if (std::optional<Addition> addition = matchAddition(user)) {
      unsigned other = addition->operands[0] == &use ? 1 : 0;
      if (addition->operands[1 - other] != &use ||
          !addition->maps[1 - other].isIdentity() ||
          user->getResult(0).getType() != value.getType())
        return;
      product.bias = matchVector(product, result, addition->operands[other],
                                 addition->maps[other]);
      if (product.bias) {
        product.biasAdd = user;
        product.rearranged = std::move(rearranged);
      }
      return;
    }
    std::optional<TensorView> next;
    if (rearrangedOperand(user) == &use)
      next = result.through(user);
    if (!next || !next->casts.empty()) {
      matchBiasInBody(product, result, use);
      if (product.bias)
        product.rearranged = std::move(rearranged);
      return;
    }
    rearranged.push_back(user);
    result = std::move(*next);
    value = user->getResult(0);
  }
}

std::string mlir::pixelfly::matchProduct(OpOperand &use, const TensorView &view,
                                         Product &product) {
  std::string whyNot = matchFactors(use, view, product);
  if (whyNot.empty())
    matchBias(product);
  return whyNot;
}
