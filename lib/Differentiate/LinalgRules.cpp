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
// body f(x_1[A_1 p], x_2[A_2 p], ...), and puts it at y[O p]: as it is, added up
// over the points with the same O p, or as their maximum or minimum. Then
//
//     dx_i[A_i p] += dy[O p] * (df/dx_i)(x_1[A_1 p], ...)
//
// is a structured op over the same iteration space: its output map is A_i, and
// the dimensions that A_i lacks are reductions. Its body is the forward body
// and a reverse sweep over it; operands it turns out not to read are dropped, so
// that the adjoint of a contraction is a contraction of two operands.
//
//===----------------------------------------------------------------------===//

#include "ReverseSweep.h"
#include "Rules.h"
#include "pixelfly/IR/Pixelfly.h"
#include "pixelfly/IR/TensorBuilders.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace mlir::pixelfly;
using linalg::LinalgOp;

namespace {
/// How the results of a structured op come from the values its body yields.
enum class ResultForm {
  Value,    ///< every element is written by one point of the iteration space
  Sum,      ///< the init plus the yielded terms
  Extremum, ///< the maximum or minimum of the init and the terms
};

/// A structured op, taken apart for differentiation.
struct Structure {
  LinalgOp op;
  SmallVector<AffineMap> maps;
  SmallVector<ResultForm> forms;
  /// For extrema: the body value that competes with the accumulator.
  SmallVector<Value> terms;

  Value getYielded(unsigned result) {
    return op.getBlock()->getTerminator()->getOperand(result);
  }
  AffineMap getResultMap(unsigned result) {
    return maps[op.getNumDpsInputs() + result];
  }
  /// The body's argument for an operand, or null (linalg.map has none for its
  /// init in some forms).
  BlockArgument getBodyArgument(unsigned operand) {
    Block *body = op.getBlock();
    return operand < body->getNumArguments() ? body->getArgument(operand)
                                             : BlockArgument();
  }
};
} // namespace

/// Whether `value` is `accumulator` plus terms free of it. All sums in between
/// must have no other use.
static bool isSumOnto(Value value, BlockArgument accumulator) {
  while (value != accumulator) {
    Operation *def = value.getDefiningOp();
    if (!def || !value.hasOneUse())
      return false;
    if (auto sub = dyn_cast<arith::SubFOp>(def)) {
      value = sub.getLhs();
      continue;
    }
    auto add = dyn_cast<arith::AddFOp>(def);
    if (!add)
      return false;
    // Follow the side on which the accumulator is.
    value = add.getRhs() == accumulator || isSumOnto(add.getRhs(), accumulator)
                ? add.getRhs()
                : add.getLhs();
  }
  return true;
}

static FailureOr<Structure> analyze(LinalgOp op) {
  Structure structure{op, op.getIndexingMapsArray(), {}, {}};
  auto allPermutations = [&] {
    return llvm::all_of(llvm::seq<unsigned>(op.getNumDpsInits()),
                        [&](unsigned i) {
                          return structure.getResultMap(i).isPermutation();
                        });
  };
  // Each init element is then read and written by one point: an input.
  if (allPermutations()) {
    structure.forms.assign(op.getNumDpsInits(), ResultForm::Value);
    structure.terms.resize(op.getNumDpsInits());
    return structure;
  }
  for (unsigned i = 0, e = op.getNumDpsInits(); i < e; ++i) {
    Value yielded = structure.getYielded(i);
    BlockArgument accumulator =
        structure.getBodyArgument(op.getNumDpsInputs() + i);
    Value term;
    if (!isDifferentiable(yielded.getType())) {
      structure.forms.push_back(ResultForm::Value);
    } else if (accumulator && accumulator.hasOneUse() &&
               isSumOnto(yielded, accumulator)) {
      structure.forms.push_back(ResultForm::Sum);
    } else if (accumulator && accumulator.hasOneUse() && yielded.hasOneUse() &&
               isa_and_present<arith::MaximumFOp, arith::MaxNumFOp,
                               arith::MinimumFOp, arith::MinNumFOp>(
                   yielded.getDefiningOp()) &&
               llvm::is_contained(yielded.getDefiningOp()->getOperands(),
                                  accumulator)) {
      structure.forms.push_back(ResultForm::Extremum);
      Operation *extremum = yielded.getDefiningOp();
      term = extremum->getOperand(extremum->getOperand(0) == accumulator);
    } else if ((!accumulator || accumulator.use_empty()) &&
               structure.getResultMap(i).isPermutation()) {
      structure.forms.push_back(ResultForm::Value);
    } else {
      return op.emitOpError("has no differentiation rule for result ")
             << i << "; a reduction must be a sum, a maximum or a minimum";
    }
    structure.terms.push_back(term);
  }
  return structure;
}

//===----------------------------------------------------------------------===//
// The adjoint of one operand
//===----------------------------------------------------------------------===//

namespace {
/// Builds the op that computes the adjoint of one operand.
class OperandAdjoint {
public:
  OperandAdjoint(OpBuilder &builder, Structure &structure,
                 ArrayRef<Value> resultAdjoints, unsigned operand)
      : builder(builder), structure(structure), op(structure.op),
        resultAdjoints(resultAdjoints), operand(operand),
        loc(structure.op.getLoc()) {}

  /// The adjoint, null for zero. `operands` are all operands that read the same
  /// elements as this one; their adjoints are contained in the result.
  FailureOr<Value> build(ArrayRef<unsigned> operands);

private:
  void addInput(Value value, AffineMap map);
  /// Creates a generic that reads everything that might be needed; `body` is
  /// then its block, with one argument per entry of `inputs`.
  LogicalResult createDraft();
  /// Clones the forward body and sweeps back over it.
  FailureOr<Value> fillBody(ArrayRef<unsigned> operands);
  /// Reads a result instead of computing it a second time with a function of
  /// the math dialect.
  void reuseResults(IRMapping &forward);
  /// The generic that reads only what the draft's body uses.
  Value createFinal(Value yielded);
  /// Makes sure that operands give the extent of every loop.
  void coverLoops(SmallVectorImpl<unsigned> &used);

  OpBuilder &builder;
  Structure &structure;
  LinalgOp op;
  ArrayRef<Value> resultAdjoints;
  unsigned operand;
  Location loc;

  SmallVector<Value> inputs;
  SmallVector<AffineMap> inputMaps;
  /// Position in `inputs` of the adjoint of each result, and of the result.
  SmallVector<unsigned> adjointInput, resultInput;
  /// The operand's map without the unit dimensions it reads at 0.
  AffineMap outputMap;
  /// Those unit dimensions of the operand.
  SmallVector<int64_t> unitDims;
  linalg::GenericOp draft;
  Block *body = nullptr;
};
} // namespace

void OperandAdjoint::addInput(Value value, AffineMap map) {
  inputs.push_back(value);
  inputMaps.push_back(map);
}

LogicalResult OperandAdjoint::createDraft() {
  AffineMap map = structure.maps[operand];
  Value value = op->getOperand(operand);
  SmallVector<AffineExpr> results;
  llvm::SmallDenseSet<AffineExpr> seen;
  for (auto [dim, expr] : llvm::enumerate(map.getResults())) {
    auto constant = dyn_cast<AffineConstantExpr>(expr);
    if (constant && constant.getValue() == 0 &&
        cast<ShapedType>(value.getType()).getDimSize(dim) == 1) {
      unitDims.push_back(dim);
      continue;
    }
    if (!isa<AffineDimExpr>(expr) || !seen.insert(expr).second)
      return op.emitOpError("has no differentiation rule for operand ")
             << operand << ": its indexing map " << AffineMapAttr::get(map)
             << " is not a projected permutation";
    results.push_back(expr);
  }
  outputMap = AffineMap::get(map.getNumDims(), 0, results, map.getContext());

  for (auto [i, value] : llvm::enumerate(op->getOperands()))
    addInput(value, structure.maps[i]);
  for (unsigned i = 0, e = op->getNumResults(); i < e; ++i) {
    adjointInput.push_back(inputs.size());
    if (resultAdjoints[i])
      addInput(resultAdjoints[i], structure.getResultMap(i));
    resultInput.push_back(inputs.size());
    addInput(op->getResult(i), structure.getResultMap(i));
  }

  // Only a scaffold: its output shape and iterators are not looked at.
  SmallVector<AffineMap> maps(inputMaps);
  maps.push_back(structure.getResultMap(0));
  SmallVector<utils::IteratorType> iterators(
      map.getNumDims(), utils::IteratorType::parallel);
  draft = linalg::GenericOp::create(builder, loc,
                                    op.getDpsInits()[0].getType(), inputs,
                                    op.getDpsInits()[0], maps, iterators);
  SmallVector<Type> types;
  for (Value input : inputs)
    types.push_back(getElementTypeOrSelf(input.getType()));
  SmallVector<Location> locs(types.size(), loc);
  OpBuilder::InsertionGuard guard(builder);
  body = builder.createBlock(&draft.getRegion(), {}, types, locs);
  return success();
}

FailureOr<Value> OperandAdjoint::fillBody(ArrayRef<unsigned> operands) {
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToEnd(body);
  IRMapping forward;
  for (unsigned i = 0, e = op->getNumOperands(); i < e; ++i)
    if (BlockArgument argument = structure.getBodyArgument(i))
      forward.map(argument, body->getArgument(i));
  SmallVector<Operation *> ops;
  for (Operation &nested : op.getBlock()->without_terminator())
    ops.push_back(builder.clone(nested, forward));

  ReverseSweep sweep(builder, ops);
  for (unsigned i : operands)
    sweep.activate(body->getArgument(i));
  for (unsigned i = 0, e = op->getNumResults(); i < e; ++i) {
    if (!resultAdjoints[i])
      continue;
    Value adjoint = body->getArgument(adjointInput[i]);
    Value target = structure.getYielded(i);
    if (structure.forms[i] == ResultForm::Extremum) {
      // Only the terms that are the extremum have an influence.
      target = structure.terms[i];
      Value zero = createZerosLike(builder, loc, adjoint);
      Value chosen = arith::CmpFOp::create(
          builder, loc, arith::CmpFPredicate::OEQ,
          forward.lookupOrDefault(target),
          body->getArgument(resultInput[i]));
      adjoint =
          arith::SelectOp::create(builder, loc, chosen, adjoint, zero);
    }
    sweep.seed(forward.lookupOrDefault(target), adjoint);
  }
  if (failed(sweep.run()))
    return failure();

  Value sum;
  for (unsigned i : operands)
    if (Value adjoint = sweep.getAdjoint(body->getArgument(i)))
      sum = sum ? createSum(builder, loc, sum, adjoint) : adjoint;
  if (!sum)
    return Value();
  linalg::YieldOp::create(builder, loc, sum);
  auto eraseDead = [&] {
    for (Operation &nested :
         llvm::make_early_inc_range(llvm::reverse(*body)))
      if (isOpTriviallyDead(&nested))
        nested.erase();
  };
  eraseDead();
  reuseResults(forward);
  eraseDead();
  return body->getTerminator()->getOperand(0);
}

void OperandAdjoint::reuseResults(IRMapping &forward) {
  for (unsigned i = 0, e = op->getNumResults(); i < e; ++i) {
    Value yielded = structure.getYielded(i);
    Operation *def = yielded.getDefiningOp();
    if (structure.forms[i] != ResultForm::Value || !def ||
        def->getBlock() != op.getBlock() ||
        !isa<math::MathDialect>(def->getDialect()))
      continue;
    // The clone may have been erased as dead: look for it in the body.
    for (Operation &nested : *body)
      for (OpOperand &use : nested.getOpOperands())
        if (use.get() == forward.lookupOrDefault(yielded))
          use.set(body->getArgument(resultInput[i]));
  }
}

void OperandAdjoint::coverLoops(SmallVectorImpl<unsigned> &used) {
  llvm::SmallBitVector covered(outputMap.getNumDims());
  auto cover = [&](AffineMap map) {
    bool covers = false;
    for (AffineExpr expr : map.getResults())
      if (auto dim = dyn_cast<AffineDimExpr>(expr)) {
        covers |= !covered.test(dim.getPosition());
        covered.set(dim.getPosition());
      }
    return covers;
  };
  cover(outputMap);
  for (unsigned i : used)
    cover(inputMaps[i]);
  for (unsigned i = 0, e = inputs.size(); i < e && !covered.all(); ++i)
    if (cover(inputMaps[i]))
      used.push_back(i);
}

Value OperandAdjoint::createFinal(Value yielded) {
  Value target = op->getOperand(operand);
  unsigned numLoops = outputMap.getNumDims();
  bool reduces = outputMap.getNumResults() < numLoops;

  // A result's adjoint passed on as it is.
  if (auto argument = dyn_cast<BlockArgument>(yielded);
      argument && argument.getOwner() == body && !reduces && unitDims.empty() &&
      inputMaps[argument.getArgNumber()] == outputMap)
    return inputs[argument.getArgNumber()];

  SmallVector<unsigned> used;
  for (unsigned i = 0, e = inputs.size(); i < e; ++i)
    if (!body->getArgument(i).use_empty())
      used.push_back(i);
  coverLoops(used);

  // Sum in the wide type when the forward body converted from a narrow one.
  Type elementType = getElementTypeOrSelf(target.getType());
  auto narrowing = yielded.getDefiningOp<arith::TruncFOp>();
  if (!reduces || !narrowing || narrowing->getBlock() != body)
    narrowing = nullptr;
  Type sumType = narrowing ? narrowing.getIn().getType() : elementType;

  SmallVector<OpFoldResult> extents;
  if (isa<RankedTensorType>(target.getType()))
    for (auto [dim, extent] :
         llvm::enumerate(tensor::getMixedSizes(builder, loc, target)))
      if (!llvm::is_contained(unitDims, int64_t(dim)))
        extents.push_back(extent);
  Value destination = tensor::EmptyOp::create(builder, loc, extents, sumType);
  if (reduces) {
    Value zero = arith::ConstantOp::create(builder, loc,
                                           builder.getZeroAttr(sumType));
    destination =
        linalg::FillOp::create(builder, loc, zero, destination).getResult(0);
  }

  // Without reductions the output is written in order.
  AffineMap reorder = builder.getMultiDimIdentityMap(numLoops);
  if (!reduces)
    reorder = inversePermutation(outputMap);
  SmallVector<Value> finalInputs;
  SmallVector<AffineMap> finalMaps;
  for (unsigned i : used) {
    finalInputs.push_back(inputs[i]);
    finalMaps.push_back(inputMaps[i].compose(reorder));
  }
  finalMaps.push_back(outputMap.compose(reorder));
  SmallVector<utils::IteratorType> iterators(numLoops,
                                             utils::IteratorType::reduction);
  for (AffineExpr expr : finalMaps.back().getResults())
    iterators[cast<AffineDimExpr>(expr).getPosition()] =
        utils::IteratorType::parallel;

  auto result = linalg::GenericOp::create(
      builder, loc, destination.getType(), finalInputs, destination, finalMaps,
      iterators, [&](OpBuilder &nested, Location loc, ValueRange args) {
        IRMapping mapping;
        for (auto [position, i] : llvm::enumerate(used))
          mapping.map(body->getArgument(i), args[position]);
        for (Operation &draftOp : body->without_terminator()) {
          if (&draftOp == narrowing)
            continue;
          Operation *clone = nested.clone(draftOp, mapping);
          if (auto index = dyn_cast<linalg::IndexOp>(clone))
            index.setDim(
                reorder.getDimPosition(unsigned(index.getDim())));
        }
        Value value = mapping.lookupOrDefault(
            narrowing ? narrowing.getIn() : yielded);
        if (reduces)
          value = arith::AddFOp::create(nested, loc, args.back(), value);
        linalg::YieldOp::create(nested, loc, value);
      });
  Value adjoint = result.getResult(0);

  if (narrowing) {
    Value narrow = createEmptyLike(builder, loc, adjoint, elementType);
    int64_t rank = extents.size();
    SmallVector<AffineMap> identities(2, builder.getMultiDimIdentityMap(rank));
    SmallVector<utils::IteratorType> parallel(rank,
                                              utils::IteratorType::parallel);
    auto convert = linalg::GenericOp::create(
        builder, loc, narrow.getType(), adjoint, narrow, identities, parallel,
        [&](OpBuilder &nested, Location loc, ValueRange args) {
          Value value =
              arith::TruncFOp::create(nested, loc, elementType, args[0]);
          linalg::YieldOp::create(nested, loc, value);
        });
    adjoint = convert.getResult(0);
  }
  auto targetType = dyn_cast<RankedTensorType>(target.getType());
  if (!targetType)
    return tensor::ExtractOp::create(builder, loc, adjoint, ValueRange{});
  if (unitDims.empty())
    return adjoint;
  std::optional<SmallVector<ReassociationIndices>> reassociation =
      getReassociationIndicesForReshape(
          cast<ShapedType>(adjoint.getType()), targetType);
  assert(reassociation && "adding unit dimensions is a reshape");
  return tensor::ExpandShapeOp::create(
      builder, loc, targetType, adjoint, *reassociation,
      tensor::getMixedSizes(builder, loc, target));
}

FailureOr<Value> OperandAdjoint::build(ArrayRef<unsigned> operands) {
  if (failed(createDraft()))
    return failure();
  FailureOr<Value> yielded = fillBody(operands);
  if (failed(yielded))
    return failure();
  Value adjoint;
  if (*yielded)
    adjoint = createFinal(*yielded);
  draft.erase();
  return adjoint;
}

//===----------------------------------------------------------------------===//
// The adjoints of all operands
//===----------------------------------------------------------------------===//

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

static LogicalResult emitLinalgAdjoint(LinalgOp op, OpBuilder &builder,
                                       ArrayRef<Value> resultAdjoints,
                                       ArrayRef<bool> needsAdjoint,
                                       SmallVectorImpl<Value> &operandAdjoints) {
  FailureOr<Structure> structure = analyze(op);
  if (failed(structure))
    return failure();
  unsigned numOperands = op->getNumOperands();
  operandAdjoints.assign(numOperands, Value());
  llvm::SmallBitVector done(numOperands);
  for (unsigned i = 0; i < numOperands; ++i) {
    if (!needsAdjoint[i] || done.test(i))
      continue;
    bool isInit = i >= unsigned(op.getNumDpsInputs());
    unsigned result = i - op.getNumDpsInputs();
    if (isInit && structure->forms[result] == ResultForm::Sum) {
      operandAdjoints[i] = resultAdjoints[result];
      continue;
    }
    if (isInit && structure->forms[result] == ResultForm::Extremum) {
      if (resultAdjoints[result])
        operandAdjoints[i] = emitExtremumInitAdjoint(
            builder, op.getLoc(), op->getOperand(i), op->getResult(result),
            resultAdjoints[result]);
      continue;
    }
    // One op for all operands that are the same elements, as in x * x.
    SmallVector<unsigned> same;
    for (unsigned j = i; j < numOperands; ++j)
      if (op->getOperand(j) == op->getOperand(i) &&
          structure->maps[j] == structure->maps[i] &&
          structure->getBodyArgument(j) &&
          (j < unsigned(op.getNumDpsInputs()) ||
           structure->forms[j - op.getNumDpsInputs()] == ResultForm::Value)) {
        same.push_back(j);
        done.set(j);
      }
    if (same.empty())
      continue;
    FailureOr<Value> adjoint =
        OperandAdjoint(builder, *structure, resultAdjoints, i).build(same);
    if (failed(adjoint))
      return failure();
    operandAdjoints[i] = *adjoint;
  }
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
    return emitLinalgAdjoint(cast<LinalgOp>(op), builder, resultAdjoints,
                             needsAdjoint, operandAdjoints);
  }
};

template <typename... Ops>
struct Attach {
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
