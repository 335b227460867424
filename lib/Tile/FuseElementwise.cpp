//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Fusion decided by memory traffic. The rewriting itself is upstream's
// (linalg::fuseElementwiseOps); what is ours is which producer goes into which
// consumers.
//
//===----------------------------------------------------------------------===//

#include "pixelfly/IR/MemoryTraffic.h"
#include "pixelfly/IR/Pixelfly.h"
#include "pixelfly/Tile/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tensor/Transforms/Transforms.h"
#include "mlir/IR/Dominance.h"
#include "mlir/Transforms/CSE.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::pixelfly {
#define GEN_PASS_DEF_FUSEELEMENTWISE
#include "pixelfly/Tile/Passes.h.inc"
} // namespace mlir::pixelfly

using namespace mlir;
using namespace mlir::pixelfly;
using linalg::GenericOp;
using linalg::LinalgOp;

// Rough exchange rates of a core with wide vectors, in bytes of memory traffic
// (a few bytes a cycle): one cheap vector operation per element, and what
// starting a loop nest on several threads takes.
static constexpr double kBytesPerCheapOperation = 0.25;
static constexpr int64_t kBytesPerLoopNest = 4096;

namespace {

/// A producer and the uses it is to be computed in.
struct Fusion {
  GenericOp producer;
  SmallVector<OpOperand *> uses;
};

class Fuser {
public:
  explicit Fuser(func::FuncOp function)
      : rewriter(function.getContext()), function(function) {}

  /// Fuses until nothing more is gained. `fused` counts uses that became part
  /// of their consumer, `duplicated` the producers computed more than once.
  LogicalResult run();
  int64_t fused = 0, duplicated = 0;

private:
  std::optional<Fusion> decide(GenericOp producer);
  std::optional<Fusion> decideUnknownSize(GenericOp producer);
  LogicalResult apply(const Fusion &fusion);

  IRRewriter rewriter;
  func::FuncOp function;
};

} // namespace

/// Whether computing `producer` where `use` reads it is possible at all and
/// reads the same values there.
static bool isFusable(GenericOp producer, OpOperand &use) {
  Operation *consumer = use.getOwner();
  if (consumer->getBlock() != producer->getBlock() || isProduct(consumer) ||
      !linalg::areElementwiseOpsFusable(&use))
    return false;
  // Once a destination is overwritten its old value would have to be copied.
  for (Value input : producer.getDpsInputs())
    for (OpOperand &other : input.getUses()) {
      auto writer = dyn_cast<DestinationStyleOpInterface>(other.getOwner());
      if (writer && writer.isDpsInit(&other) &&
          !isa_and_present<tensor::EmptyOp>(input.getDefiningOp()) &&
          (writer->getBlock() != consumer->getBlock() ||
           !consumer->isBeforeInBlock(writer)))
        return false;
    }
  return true;
}

/// Bytes that `consumer` has to read in addition when it computes `producer`
/// itself.
static int64_t getAddedReads(GenericOp producer, Operation *consumer) {
  int64_t bytes = 0;
  llvm::SmallDenseSet<Value> seen;
  for (Value input : producer.getDpsInputs())
    if (seen.insert(input).second &&
        !llvm::is_contained(consumer->getOperands(), input))
      bytes += getBytes(input);
  return bytes;
}

/// Bytes that `op` reads.
static int64_t getReads(GenericOp op) {
  int64_t bytes = 0;
  SmallVector<Value> inputs = op.getDpsInputs();
  for (Value input : llvm::SmallDenseSet<Value>(inputs.begin(), inputs.end()))
    bytes += getBytes(input);
  return bytes;
}

/// Of a producer of dynamic shape: its only use, if each element is read once.
std::optional<Fusion> Fuser::decideUnknownSize(GenericOp producer) {
  if (!producer->hasOneUse())
    return std::nullopt;
  OpOperand &use = *producer->use_begin();
  auto consumer = dyn_cast<GenericOp>(use.getOwner());
  if (!consumer || !isFusable(producer, use) ||
      !consumer.getMatchingIndexingMap(&use).isPermutation())
    return std::nullopt;
  return Fusion{producer, {&use}};
}

/// Which uses of the result of `producer`, if any, should compute it
/// themselves.
std::optional<Fusion> Fuser::decide(GenericOp producer) {
  if (producer->getNumResults() != 1 || producer->use_empty() ||
      producer.getNumParallelLoops() != producer.getNumLoops() ||
      producer.payloadUsesValueFromOperand(producer.getDpsInitOperand(0)))
    return std::nullopt;
  std::optional<int64_t> elements = getIterations(producer);
  if (!elements)
    return decideUnknownSize(producer);
  ScalarWork work = getScalarWork(producer);
  int64_t stored = getBytes(producer->getResult(0));

  // Uses, by consumer: an operation that reads the value twice loads it once.
  llvm::MapVector<Operation *, SmallVector<OpOperand *>> consumers;
  for (OpOperand &use : producer->getUses())
    consumers[use.getOwner()].push_back(&use);

  // All consumers, which makes the producer and its result disappear ...
  Fusion all{producer, {}}, some{producer, {}};
  bool canDisappear = true;
  double gain = kBytesPerLoopNest + getReads(producer) + stored +
                kBytesPerCheapOperation * double(work.cheap * *elements);
  for (auto &[consumer, uses] : consumers) {
    bool fusable = llvm::all_of(
        uses, [&](OpOperand *use) { return isFusable(producer, *use); });
    std::optional<int64_t> iterations =
        fusable ? getIterations(cast<LinalgOp>(consumer)) : std::nullopt;
    if (!iterations ||
        (work.expensive && (*iterations > *elements || consumers.size() > 1))) {
      canDisappear = false;
      continue;
    }
    double consumerGain =
        double(stored - getAddedReads(producer, consumer)) -
        kBytesPerCheapOperation * double(work.cheap * *iterations);
    gain += consumerGain;
    llvm::append_range(all.uses, uses);
    // ... or those that have what it reads at hand.
    if (consumerGain > 0 && !work.expensive)
      llvm::append_range(some.uses, uses);
  }
  if (canDisappear && gain > 0)
    return all;
  if (!some.uses.empty())
    return some;
  return std::nullopt;
}

LogicalResult Fuser::apply(const Fusion &fusion) {
  GenericOp producer = fusion.producer;
  llvm::SetVector<Operation *> consumers;
  for (OpOperand *use : fusion.uses)
    consumers.insert(use->getOwner());
  duplicated += consumers.size() > 1 ||
                !llvm::hasNItems(producer->getUses(), fusion.uses.size());

  for (Operation *consumer : consumers) {
    // Each consumer gets a producer of its own, for upstream's fusion keeps the
    // result of a producer that has other uses. Operand numbers shift with
    // every fusion, so look for the next use each time.
    auto findUse = [&]() -> OpOperand * {
      for (OpOperand &operand : consumer->getOpOperands())
        if (operand.get() == producer->getResult(0))
          return &operand;
      return nullptr;
    };
    while (OpOperand *use = findUse()) {
      rewriter.setInsertionPoint(consumer);
      Operation *copy = rewriter.clone(*producer);
      rewriter.modifyOpInPlace(consumer, [&] { use->set(copy->getResult(0)); });
      FailureOr<linalg::ElementwiseOpFusionResult> result =
          linalg::fuseElementwiseOps(rewriter, use);
      if (failed(result))
        return consumer->emitOpError("could not be fused with its producer");
      for (auto [from, to] : result->replacements)
        rewriter.replaceAllUsesWith(from, to);
      rewriter.eraseOp(consumer);
      rewriter.eraseOp(copy);
      consumer = result->fusedOp;
      ++fused;
    }
  }
  if (producer->use_empty())
    rewriter.eraseOp(producer);
  return success();
}

/// Merges operands that are read in the same way and equal computations in
/// bodies, so that the next decision counts each of them once.
static LogicalResult cleanUp(RewriterBase &rewriter, func::FuncOp function) {
  RewritePatternSet patterns(function.getContext());
  // Fills and constants of one value become scalars of the body. (Of upstream's
  // patterns only the fusion itself asks the control function.)
  linalg::populateElementwiseOpsFusionPatterns(
      patterns, [](OpOperand *) { return false; });
  affine::AffineApplyOp::getCanonicalizationPatterns(patterns,
                                                     function.getContext());
  if (failed(applyPatternsGreedily(function, std::move(patterns))))
    return function.emitError(
        "operands of fused operations could not be simplified in a bounded "
        "number of steps");
  DominanceInfo dominance(function);
  eliminateCommonSubExpressions(rewriter, dominance, function);
  return success();
}

LogicalResult Fuser::run() {
  bool changed = true;
  while (changed) {
    changed = false;
    SmallVector<Block *> blocks;
    function.walk([&](Block *block) {
      if (!isa<LinalgOp>(block->getParentOp()))
        blocks.push_back(block);
    });
    for (Block *block : blocks)
      // Producers first, so that a chain collapses into its last consumer.
      for (Operation *op = &block->front(); op;) {
        Operation *next = op->getNextNode();
        if (auto producer = dyn_cast<GenericOp>(op))
          if (std::optional<Fusion> fusion = decide(producer)) {
            // The next operation may be a consumer that is replaced.
            Operation *previous = op->getPrevNode();
            bool disappears =
                llvm::hasNItems(op->getUses(), fusion->uses.size());
            if (failed(apply(*fusion)))
              return failure();
            changed = true;
            if (!disappears)
              next = op->getNextNode();
            else
              next = previous ? previous->getNextNode() : &block->front();
          }
        op = next;
      }
    if (changed && failed(cleanUp(rewriter, function)))
      return failure();
  }
  return success();
}

/// Named elementwise operations and reductions become generics, the form that
/// fusion knows.
static LogicalResult generalize(func::FuncOp function) {
  IRRewriter rewriter(function.getContext());
  SmallVector<LinalgOp> named;
  function.walk([&](LinalgOp op) {
    if (op.hasPureTensorSemantics() && !isProduct(op) &&
        !isa<GenericOp, linalg::FillOp>(op.getOperation()))
      named.push_back(op);
  });
  for (LinalgOp op : named) {
    rewriter.setInsertionPoint(op);
    bool recomputed = op->hasAttr(kRecomputedAttrName);
    FailureOr<GenericOp> generic = linalg::generalizeNamedOp(rewriter, op);
    // What has no generic form stays as it is, which is only less fast.
    if (succeeded(generic) && recomputed)
      (*generic)->setAttr(kRecomputedAttrName, rewriter.getUnitAttr());
  }
  return success();
}

/// Moves reshapes through elementwise operations and reductions, up to products
/// or arguments, so that they do not stand between a producer and its consumer.
/// Products keep their shapes.
static LogicalResult moveReshapes(func::FuncOp function) {
  MLIRContext *context = function.getContext();
  RewritePatternSet patterns(context);
  linalg::populateFoldReshapeOpsByExpansionPatterns(
      patterns, [](OpOperand *operand) {
        Operation *op = operand->getOwner();
        if (!isa<LinalgOp>(op))
          op = operand->get().getDefiningOp();
        return op && isa<LinalgOp>(op) && !isProduct(op);
      });
  linalg::FillOp::getCanonicalizationPatterns(patterns, context);
  tensor::CollapseShapeOp::getCanonicalizationPatterns(patterns, context);
  tensor::ExpandShapeOp::getCanonicalizationPatterns(patterns, context);
  tensor::EmptyOp::getCanonicalizationPatterns(patterns, context);
  tensor::populateFoldTensorEmptyPatterns(patterns);
  if (failed(applyPatternsGreedily(function, std::move(patterns))))
    return function.emitError("reshapes could not be moved out of the way of "
                              "fusion in a bounded number of steps");
  return success();
}

namespace {
struct FuseElementwise
    : public pixelfly::impl::FuseElementwiseBase<FuseElementwise> {
  using FuseElementwiseBase::FuseElementwiseBase;

  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isExternal())
      return;
    bytesBefore += getElementwiseTraffic(function);
    IRRewriter rewriter(&getContext());
    Fuser fuser(function);
    if (failed(generalize(function)) || failed(moveReshapes(function)) ||
        failed(cleanUp(rewriter, function)) || failed(fuser.run()))
      return signalPassFailure();
    numFused += fuser.fused;
    numDuplicated += fuser.duplicated;
    bytesAfter += getElementwiseTraffic(function);
  }
};
} // namespace
