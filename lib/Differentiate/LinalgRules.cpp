//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The one differentiation rule of linalg, for generics and named ops alike.
//
// A structured op computes, at every point p of its iteration space, a scalar
// body f(x_1[A_1 p], x_2[A_2 p], ...), and puts it at y[O p]: as it is, added
// up over the points with the same O p, or as their maximum or minimum. Then
//
//     dx_i[A_i p] += dy[O p] * (df/dx_i)(x_1[A_1 p], ...)
//
// is a structured op over the same iteration space: its output map is A_i, and
// the dimensions that A_i lacks are reductions. Its body is taken from a draft
// that holds the forward body and a reverse sweep over it, and reads only the
// operands that it needs: the adjoint of a contraction is a contraction of two
// operands.
//
//===----------------------------------------------------------------------===//

#include "ReverseSweep.h"
#include "Rules.h"
#include "StructuredOp.h"
#include "pixelfly/IR/Pixelfly.h"
#include "pixelfly/IR/TensorBuilders.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace mlir::pixelfly;

//===----------------------------------------------------------------------===//
// Draft: the scalar adjoints of all operands in one body
//===----------------------------------------------------------------------===//

namespace {
/// A generic that reads everything an adjoint may need: adjoints of the
/// results, operands, results. Its body holds the forward body and the reverse
/// sweep, and yields nothing; it is erased in the end.
class Draft {
public:
  Draft(OpBuilder &builder, const StructuredOp &op,
        ArrayRef<Value> resultAdjoints);
  ~Draft() { generic.erase(); }

  /// Fills the body. Fails with a diagnostic at the scalar op without a rule.
  LogicalResult sweep(OpBuilder &builder, ArrayRef<Value> resultAdjoints,
                      ArrayRef<bool> needsAdjoint);

  /// The body value that is the scalar adjoint of the operand, null for zero.
  Value getAdjoint(unsigned operand) const { return adjoints[operand]; }
  /// Operands before this one may be the same elements; then their adjoint
  /// contains that of this one.
  bool isDuplicate(unsigned operand) const { return duplicates.test(operand); }

  Block &getBody() const { return *body; }
  ArrayRef<Value> getInputs() const { return inputs; }
  AffineMap getMap(unsigned input) const { return maps[input]; }
  /// Adds an input and returns its body argument.
  BlockArgument addInput(Value value, AffineMap map) {
    inputs.push_back(value);
    maps.push_back(map);
    return body->addArgument(getElementTypeOrSelf(value.getType()),
                             value.getLoc());
  }

private:
  const StructuredOp &op;
  linalg::GenericOp generic;
  Block *body;
  SmallVector<Value> inputs;
  SmallVector<AffineMap> maps;
  /// Body arguments; null where there is none.
  SmallVector<BlockArgument> resultAdjointArgs, operandArgs, resultArgs;
  llvm::SmallBitVector duplicates;
  SmallVector<Value> adjoints;
};
} // namespace

Draft::Draft(OpBuilder &builder, const StructuredOp &op,
             ArrayRef<Value> resultAdjoints)
    : op(op), duplicates(op->getNumOperands()) {
  Value init = op->getOperands().back();
  generic = linalg::GenericOp::create(builder, op.getLoc(), init.getType(),
                                      ValueRange{}, init, ArrayRef<AffineMap>{},
                                      ArrayRef<utils::IteratorType>{});
  body = &generic.getRegion().emplaceBlock();

  for (auto [i, adjoint] : llvm::enumerate(resultAdjoints))
    resultAdjointArgs.push_back(adjoint ? addInput(adjoint, op.getResultMap(i))
                                        : BlockArgument());
  for (unsigned i = 0, e = op->getNumOperands(); i < e; ++i) {
    BlockArgument argument;
    for (unsigned j = 0; j < i && op.isRead(i); ++j)
      if (op.isRead(j) && op->getOperand(j) == op->getOperand(i) &&
          op.getMap(j) == op.getMap(i)) {
        duplicates.set(i);
        argument = operandArgs[j];
        break;
      }
    operandArgs.push_back(argument ? argument
                                   : addInput(op->getOperand(i), op.getMap(i)));
  }
  for (Value result : op->getResults())
    resultArgs.push_back(addInput(result, op.getResultMap(resultArgs.size())));
}

LogicalResult Draft::sweep(OpBuilder &builder, ArrayRef<Value> resultAdjoints,
                           ArrayRef<bool> needsAdjoint) {
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToEnd(body);
  IRMapping forward;
  for (unsigned i = 0, e = op->getNumOperands(); i < e; ++i)
    if (BlockArgument argument = op.getBodyArgument(i))
      forward.map(argument, operandArgs[i]);
  SmallVector<Operation *> ops;
  for (Operation &nested : op.getBody().without_terminator())
    ops.push_back(builder.clone(nested, forward));

  ReverseSweep sweep(builder, ops);
  for (unsigned i = 0, e = op->getNumOperands(); i < e; ++i)
    if (needsAdjoint[i] && op.isRead(i))
      sweep.activate(operandArgs[i]);
  for (unsigned i = 0, e = op->getNumResults(); i < e; ++i) {
    if (!resultAdjoints[i])
      continue;
    Value term = forward.lookupOrDefault(op.getTerm(i));
    Value adjoint = resultAdjointArgs[i];
    if (op.getForm(i) == ResultForm::Extremum) {
      // Only the terms that are the extremum have an influence.
      Value zero = createZerosLike(builder, op.getLoc(), adjoint);
      Value chosen = arith::CmpFOp::create(
          builder, op.getLoc(), arith::CmpFPredicate::OEQ, term, resultArgs[i]);
      adjoint =
          arith::SelectOp::create(builder, op.getLoc(), chosen, adjoint, zero);
    }
    sweep.seed(term, adjoint);
  }
  if (failed(sweep.run()))
    return failure();
  for (BlockArgument argument : operandArgs)
    adjoints.push_back(sweep.getAdjoint(argument));

  // Read a result rather than compute a function of the math dialect again.
  for (unsigned i = 0, e = op->getNumResults(); i < e; ++i) {
    Value value = forward.lookupOrDefault(op.getTerm(i));
    Operation *def = value.getDefiningOp();
    if (op.getForm(i) == ResultForm::Value && def && def->getBlock() == body &&
        isa<math::MathDialect>(def->getDialect()))
      value.replaceAllUsesWith(resultArgs[i]);
  }
  return success();
}

//===----------------------------------------------------------------------===//
// The op that computes one operand's adjoint
//===----------------------------------------------------------------------===//

namespace {
/// Where the adjoint of an operand goes.
struct Target {
  Value operand;
  /// The operand's map without the unit dimensions that it reads at 0.
  AffineMap map;
  /// The sizes of the other dimensions.
  SmallVector<OpFoldResult> sizes;
  bool hasUnitDims = false;

  /// Whether several points of the iteration space go to one element.
  bool reduces() const { return map.getNumResults() < map.getNumDims(); }
};

/// An adjoint that holds one body value for every point of the iteration space.
struct Materialized {
  Value adjoint;
  AffineMap map;
};
} // namespace

static FailureOr<Target> getTarget(OpBuilder &builder, const StructuredOp &op,
                                   unsigned operand) {
  Target target{op->getOperand(operand), {}, {}, false};
  AffineMap map = op.getMap(operand);
  auto type = dyn_cast<RankedTensorType>(target.operand.getType());
  SmallVector<OpFoldResult> sizes;
  if (type)
    sizes = tensor::getMixedSizes(builder, op.getLoc(), target.operand);
  SmallVector<AffineExpr> results;
  for (auto [dim, expr] : llvm::enumerate(map.getResults())) {
    auto constant = dyn_cast<AffineConstantExpr>(expr);
    if (constant && constant.getValue() == 0 && type.getDimSize(dim) == 1) {
      target.hasUnitDims = true;
      continue;
    }
    if (!isa<AffineDimExpr>(expr) || llvm::is_contained(results, expr))
      return op->emitOpError("has no differentiation rule for operand ")
             << operand << ": its indexing map " << AffineMapAttr::get(map)
             << " is not a projected permutation";
    results.push_back(expr);
    target.sizes.push_back(sizes[dim]);
  }
  target.map = AffineMap::get(map.getNumDims(), 0, results, map.getContext());
  return target;
}

/// The ops of the draft's body that `value` needs, in order, and the inputs
/// that they read.
static void getSlice(const Draft &draft, Value value,
                     SmallVectorImpl<Operation *> &ops,
                     SmallVectorImpl<unsigned> &inputs) {
  llvm::SmallDenseSet<Value> needed{value};
  for (Operation &op : llvm::reverse(draft.getBody())) {
    if (llvm::none_of(op.getResults(),
                      [&](Value result) { return needed.contains(result); }))
      continue;
    ops.push_back(&op);
    op.walk([&](Operation *nested) {
      needed.insert(nested->operand_begin(), nested->operand_end());
    });
  }
  std::reverse(ops.begin(), ops.end());
  for (BlockArgument argument : draft.getBody().getArguments())
    if (needed.contains(argument))
      inputs.push_back(argument.getArgNumber());
}

/// Adds inputs, read or not, until the extent of every loop is known.
static void coverLoops(const Draft &draft, AffineMap outputMap,
                       SmallVectorImpl<unsigned> &inputs) {
  llvm::SmallBitVector covered(outputMap.getNumDims());
  auto cover = [&](AffineMap map) {
    unsigned before = covered.count();
    for (AffineExpr expr : map.getResults())
      if (auto dim = dyn_cast<AffineDimExpr>(expr))
        covered.set(dim.getPosition());
    return covered.count() > before;
  };
  cover(outputMap);
  for (unsigned i : inputs)
    cover(draft.getMap(i));
  for (unsigned i = 0, e = draft.getInputs().size(); i < e && !covered.all();
       ++i)
    if (cover(draft.getMap(i)))
      inputs.push_back(i);
}

/// Emits the op that puts `value`, a value of the draft's body, at the places
/// of `target`, adding up what meets there. The result lacks the target's unit
/// dimensions.
static Value emitAdjointOp(OpBuilder &builder, Location loc, const Draft &draft,
                           const Target &target, Value value) {
  SmallVector<Operation *> slice;
  SmallVector<unsigned> used;
  // Sum before a conversion to a narrower type, not after it.
  Type elementType = value.getType();
  auto truncation = value.getDefiningOp<arith::TruncFOp>();
  if (truncation && target.reduces())
    value = truncation.getIn();
  getSlice(draft, value, slice, used);
  coverLoops(draft, target.map, used);

  Value destination =
      tensor::EmptyOp::create(builder, loc, target.sizes, value.getType());
  // Without reductions, write the output in order.
  AffineMap reorder = builder.getMultiDimIdentityMap(target.map.getNumDims());
  if (target.reduces())
    destination = createZerosLike(builder, loc, destination);
  else
    reorder = inversePermutation(target.map);

  SmallVector<Value> inputs;
  SmallVector<AffineMap> maps;
  for (unsigned i : used) {
    inputs.push_back(draft.getInputs()[i]);
    maps.push_back(draft.getMap(i).compose(reorder));
  }
  maps.push_back(target.map.compose(reorder));
  SmallVector<utils::IteratorType> iterators(target.map.getNumDims(),
                                             utils::IteratorType::reduction);
  for (AffineExpr expr : maps.back().getResults())
    iterators[cast<AffineDimExpr>(expr).getPosition()] =
        utils::IteratorType::parallel;

  auto generic = linalg::GenericOp::create(
      builder, loc, destination.getType(), inputs, destination, maps, iterators,
      [&](OpBuilder &nested, Location loc, ValueRange args) {
        IRMapping mapping;
        for (auto [position, i] : llvm::enumerate(used))
          mapping.map(draft.getBody().getArgument(i), args[position]);
        for (Operation *op : slice) {
          Operation *clone = nested.clone(*op, mapping);
          if (auto index = dyn_cast<linalg::IndexOp>(clone))
            index.setDim(reorder.getDimPosition(index.getDim()));
        }
        Value scalar = mapping.lookupOrDefault(value);
        if (target.reduces())
          scalar = arith::AddFOp::create(nested, loc, args.back(), scalar);
        linalg::YieldOp::create(nested, loc, scalar);
      });
  return createConverted(builder, loc, generic.getResult(0), elementType);
}

/// The adjoint of an operand in the operand's own type.
static Value emitOperandAdjoint(OpBuilder &builder, Location loc, Draft &draft,
                                const Target &target, Value value,
                                llvm::DenseMap<Value, Materialized> &known) {
  Value adjoint;
  if (auto argument = dyn_cast<BlockArgument>(value);
      argument && argument.getOwner() == &draft.getBody() &&
      draft.getMap(argument.getArgNumber()) == target.map) {
    // Passed on as it is.
    adjoint = draft.getInputs()[argument.getArgNumber()];
  } else {
    // Sum up another operand's adjoint rather than compute it a second time.
    auto it = known.find(value);
    if (it != known.end() && !value.getDefiningOp<arith::TruncFOp>())
      value = draft.addInput(it->second.adjoint, it->second.map);
    adjoint = emitAdjointOp(builder, loc, draft, target, value);
    if (!target.reduces())
      known.try_emplace(value, Materialized{adjoint, target.map});
  }

  auto type = dyn_cast<RankedTensorType>(target.operand.getType());
  if (!type)
    return tensor::ExtractOp::create(builder, loc, adjoint, ValueRange{});
  if (!target.hasUnitDims)
    return adjoint;
  std::optional<SmallVector<ReassociationIndices>> reassociation =
      getReassociationIndicesForReshape(cast<ShapedType>(adjoint.getType()),
                                        type);
  assert(reassociation && "adding unit dimensions is a reshape");
  return tensor::ExpandShapeOp::create(
      builder, loc, type, adjoint, *reassociation,
      tensor::getMixedSizes(builder, loc, target.operand));
}

/// The adjoint of the init of an extremum: it has an influence where it is the
/// extremum itself.
static Value emitExtremumInitAdjoint(OpBuilder &builder, Location loc,
                                     Value init, Value result, Value adjoint) {
  int64_t rank = cast<RankedTensorType>(init.getType()).getRank();
  Value empty = createEmptyLike(builder, loc, init);
  SmallVector<AffineMap> maps(4, builder.getMultiDimIdentityMap(rank));
  SmallVector<utils::IteratorType> iterators(rank,
                                             utils::IteratorType::parallel);
  auto select = linalg::GenericOp::create(
      builder, loc, init.getType(), ValueRange{adjoint, init, result}, empty,
      maps, iterators, [](OpBuilder &nested, Location loc, ValueRange args) {
        Value zero = createZerosLike(nested, loc, args[0]);
        Value chosen = arith::CmpFOp::create(
            nested, loc, arith::CmpFPredicate::OEQ, args[1], args[2]);
        Value value =
            arith::SelectOp::create(nested, loc, chosen, args[0], zero);
        linalg::YieldOp::create(nested, loc, value);
      });
  return select.getResult(0);
}

//===----------------------------------------------------------------------===//
// The rule
//===----------------------------------------------------------------------===//

static LogicalResult
emitLinalgAdjoint(Operation *operation, OpBuilder &builder,
                  ArrayRef<Value> resultAdjoints, ArrayRef<bool> needsAdjoint,
                  SmallVectorImpl<Value> &operandAdjoints) {
  FailureOr<StructuredOp> op =
      StructuredOp::analyze(cast<linalg::LinalgOp>(operation), resultAdjoints);
  if (failed(op))
    return failure();
  Location loc = op->getLoc();
  unsigned numOperands = operation->getNumOperands();
  operandAdjoints.assign(numOperands, Value());

  Draft draft(builder, *op, resultAdjoints);
  if (failed(draft.sweep(builder, resultAdjoints, needsAdjoint)))
    return failure();

  SmallVector<std::optional<Target>> targets(numOperands);
  for (unsigned i = 0; i < numOperands; ++i) {
    if (!needsAdjoint[i])
      continue;
    if (std::optional<unsigned> result = op->getResultOfInit(i);
        result && resultAdjoints[*result]) {
      if (op->getForm(*result) == ResultForm::Sum)
        operandAdjoints[i] = resultAdjoints[*result];
      if (op->getForm(*result) == ResultForm::Extremum)
        operandAdjoints[i] = emitExtremumInitAdjoint(
            builder, loc, operation->getOperand(i),
            operation->getResult(*result), resultAdjoints[*result]);
    }
    if (!op->isRead(i) || draft.isDuplicate(i) || !draft.getAdjoint(i))
      continue;
    FailureOr<Target> target = getTarget(builder, *op, i);
    if (failed(target))
      return failure();
    targets[i] = *target;
  }

  // Those that reduce come last: they may sum up one of the others.
  llvm::DenseMap<Value, Materialized> known;
  for (bool reduces : {false, true})
    for (unsigned i = 0; i < numOperands; ++i)
      if (targets[i] && targets[i]->reduces() == reduces)
        operandAdjoints[i] = emitOperandAdjoint(
            builder, loc, draft, *targets[i], draft.getAdjoint(i), known);
  return success();
}

//===----------------------------------------------------------------------===//
// Registration
//===----------------------------------------------------------------------===//

namespace {
template <typename OpTy>
struct LinalgModel
    : public DifferentiableOpInterface::ExternalModel<LinalgModel<OpTy>, OpTy> {
  LogicalResult emitAdjoint(Operation *op, OpBuilder &builder,
                            ArrayRef<Value> resultAdjoints,
                            ArrayRef<bool> needsAdjoint,
                            SmallVectorImpl<Value> &operandAdjoints) const {
    return emitLinalgAdjoint(op, builder, resultAdjoints, needsAdjoint,
                             operandAdjoints);
  }
};

template <typename... Ops> struct Attach {
  static void run(MLIRContext *context) {
    (Ops::template attachInterface<LinalgModel<Ops>>(*context), ...);
  }
};
} // namespace

void pixelfly::registerLinalgRules(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, linalg::LinalgDialect *) {
    Attach<
#define GET_OP_LIST
#include "mlir/Dialect/Linalg/IR/LinalgStructuredOps.cpp.inc"
        >::run(context);
  });
}
