//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Verifiers of the operations. Every message opens with the label of the
// constraint in PixelflyOps.td that is violated.
//
//===----------------------------------------------------------------------===//

#include "pixelfly/IR/Pixelfly.h"

#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace mlir::pixelfly;

static std::string printShape(ArrayRef<int64_t> shape) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  llvm::interleave(
      shape, stream,
      [&](int64_t extent) {
        if (ShapedType::isDynamic(extent))
          stream << '?';
        else
          stream << extent;
      },
      "x");
  return text;
}

/// A known extent must be the expected one. `reason` says where the expected
/// one comes from.
static LogicalResult verifyExtent(Operation *op, StringRef label,
                                  StringRef what, int64_t extent,
                                  int64_t expected, const Twine &reason) {
  if (ShapedType::isDynamic(extent) || ShapedType::isDynamic(expected) ||
      extent == expected)
    return success();
  return op->emitOpError() << label << " " << what << " must be " << expected
                           << ", " << reason << ", but is " << extent;
}

static LogicalResult verifyShape(Operation *op, StringRef label, StringRef what,
                                 Type type, ArrayRef<int64_t> expected) {
  ArrayRef<int64_t> shape = cast<ShapedType>(type).getShape();
  if (succeeded(verifyCompatibleShape(shape, expected)))
    return success();
  return op->emitOpError() << label << " " << what << " must have shape "
                           << printShape(expected) << ", but has "
                           << printShape(shape);
}

/// A result has the one static shape that the pattern gives it.
static LogicalResult verifyResultShape(Operation *op, StringRef label,
                                       ArrayRef<int64_t> expected) {
  ArrayRef<int64_t> shape =
      cast<ShapedType>(op->getResult(0).getType()).getShape();
  if (shape == expected)
    return success();
  return op->emitOpError() << label << " result must have shape "
                           << printShape(expected) << ", but has "
                           << printShape(shape);
}

/// `type` is that of the blocks of the pattern.
static LogicalResult verifyBlocks(Operation *op, StringRef label,
                                  StringRef what, Type type,
                                  BlockPatternAttrInterface pattern) {
  return verifyShape(
      op, label, what, type,
      {pattern.getNumBlocks(), pattern.getBlock(), pattern.getBlock()});
}

static LogicalResult verifySameElementType(Operation *op, StringRef label,
                                           StringRef what, Value value,
                                           StringRef other, Type expected) {
  Type type = getElementTypeOrSelf(value.getType());
  if (type == expected)
    return success();
  return op->emitOpError() << label << " " << what << " must have the element "
                           << "type of the " << other << ", " << expected
                           << ", but has " << type;
}

/// All operands are tensors and there is one result of the init's type, or all
/// are memrefs and there is none.
static LogicalResult verifyDestination(Operation *op, StringRef label,
                                       Value init) {
  bool onTensors = isa<TensorType>(init.getType());
  for (OpOperand &operand : op->getOpOperands())
    if (isa<TensorType>(operand.get().getType()) != onTensors)
      return op->emitOpError()
             << label << " operands must be all tensors or all memrefs, but "
             << "operand " << operand.getOperandNumber() << " is "
             << operand.get().getType() << " and the init is "
             << init.getType();
  if (op->getNumResults() != (onTensors ? 1u : 0u))
    return op->emitOpError()
           << label << " must have " << (onTensors ? "one result" : "no result")
           << " on " << (onTensors ? "tensors" : "memrefs") << ", but has "
           << op->getNumResults();
  if (onTensors && op->getResult(0).getType() != init.getType())
    return op->emitOpError()
           << label << " result must have the type of the init, "
           << init.getType() << ", but has " << op->getResult(0).getType();
  return success();
}

static int64_t extent(Value value, unsigned dimension) {
  return cast<ShapedType>(value.getType()).getDimSize(dimension);
}

LogicalResult MatmulOp::verify() {
  BlockPatternAttrInterface pattern = getPattern();
  int64_t inColumns = getTransposed() ? pattern.getRows() : pattern.getCols();
  int64_t outColumns = getTransposed() ? pattern.getCols() : pattern.getRows();
  StringRef inSide = getTransposed() ? "the rows of the pattern (transposed)"
                                     : "the columns of the pattern";
  StringRef outSide = getTransposed()
                          ? "the columns of the pattern (transposed)"
                          : "the rows of the pattern";
  if (failed(verifyBlocks(*this, "(C1)", "blocks", getBlocks().getType(),
                          pattern)) ||
      failed(verifyExtent(*this, "(C2)", "input columns", extent(getInput(), 1),
                          inColumns, inSide)) ||
      failed(verifyExtent(*this, "(C3)", "init columns", extent(getInit(), 1),
                          outColumns, outSide)) ||
      failed(verifyExtent(*this, "(C4)", "init rows", extent(getInit(), 0),
                          extent(getInput(), 0), "the rows of the input")) ||
      failed(verifySameElementType(*this, "(C5)", "blocks", getBlocks(),
                                   "input",
                                   getElementTypeOrSelf(getInput().getType()))))
    return failure();
  return verifyDestination(*this, "(C6)", getInit());
}

LogicalResult SddmmOp::verify() {
  BlockPatternAttrInterface pattern = getPattern();
  if (failed(
          verifyBlocks(*this, "(C1)", "init", getInit().getType(), pattern)) ||
      failed(verifyExtent(*this, "(C2)", "lhs columns", extent(getLhs(), 1),
                          pattern.getRows(), "the rows of the pattern")) ||
      failed(verifyExtent(*this, "(C3)", "rhs columns", extent(getRhs(), 1),
                          pattern.getCols(), "the columns of the pattern")) ||
      failed(verifyExtent(*this, "(C4)", "rhs rows", extent(getRhs(), 0),
                          extent(getLhs(), 0), "the rows of the lhs")) ||
      failed(verifySameElementType(*this, "(C5)", "rhs", getRhs(), "lhs",
                                   getElementTypeOrSelf(getLhs().getType()))))
    return failure();
  return verifyDestination(*this, "(C6)", getInit());
}

/// Constraint C4 of a layer: which operands come together.
static LogicalResult verifyMix(LinearOp op) {
  bool hasLowRank = op.getU() && op.getV();
  bool hasGate = op.getGateWeight() && op.getGateBias();
  bool hasPart = op.getU() || op.getV() || op.getGamma() ||
                 op.getGateWeight() || op.getGateBias();
  if (hasLowRank
          ? (op.getGamma() ? !op.getGateWeight() && !op.getGateBias() : hasGate)
          : !hasPart)
    return success();
  InFlightDiagnostic diagnostic =
      op.emitOpError("(C4) a low-rank term needs u, v and either gamma or "
                     "gate_weight and gate_bias; without it none of them may "
                     "be present, but present are ");
  SmallVector<StringRef> present;
  for (auto [name, value] : {std::pair<StringRef, Value>("u", op.getU()),
                             {"v", op.getV()},
                             {"gamma", op.getGamma()},
                             {"gate_weight", op.getGateWeight()},
                             {"gate_bias", op.getGateBias()}})
    if (value)
      present.push_back(name);
  return diagnostic << llvm::join(present, ", ");
}

LogicalResult LinearOp::verify() {
  BlockPatternAttrInterface pattern = getPattern();
  if (failed(verifyBlocks(*this, "(C1)", "blocks", getBlocks().getType(),
                          pattern)) ||
      failed(verifyExtent(*this, "(C2)", "input columns", extent(getInput(), 1),
                          pattern.getCols(), "the columns of the pattern")) ||
      failed(verifyShape(*this, "(C3)", "init", getInit().getType(),
                         {extent(getInput(), 0), pattern.getRows()})))
    return failure();
  if (failed(verifyMix(*this)))
    return failure();
  if (getU() &&
      (failed(verifyExtent(*this, "(C5)", "u rows", extent(getU(), 0),
                           pattern.getRows(), "the rows of the pattern")) ||
       failed(verifyExtent(*this, "(C5)", "v rows", extent(getV(), 0),
                           pattern.getCols(), "the columns of the pattern")) ||
       failed(verifyExtent(*this, "(C5)", "v columns", extent(getV(), 1),
                           extent(getU(), 1), "the rank that u has"))))
    return failure();
  if (getBias() &&
      failed(verifyExtent(*this, "(C6)", "bias elements", extent(getBias(), 0),
                          pattern.getRows(), "the rows of the pattern")))
    return failure();
  if (getGateWeight() &&
      failed(verifyExtent(*this, "(C9)", "gate_weight elements",
                          extent(getGateWeight(), 0), pattern.getCols(),
                          "the columns of the pattern")))
    return failure();
  Type element = getElementTypeOrSelf(getInput().getType());
  for (auto [name, value] : {std::pair<StringRef, Value>("blocks", getBlocks()),
                             {"u", getU()},
                             {"v", getV()},
                             {"gamma", getGamma()},
                             {"bias", getBias()},
                             {"gate_weight", getGateWeight()},
                             {"gate_bias", getGateBias()},
                             {"init", getInit()}})
    if (value && failed(verifySameElementType(*this, "(C7)", name, value,
                                              "input", element)))
      return failure();
  return verifyDestination(*this, "(C8)", getInit());
}

LogicalResult ButterflyMatmulOp::verify() {
  auto pattern = dyn_cast<FlatButterflyAttr>(getPattern());
  if (!pattern || pattern.getRows() != pattern.getCols() ||
      pattern.getFactors() == 0)
    return emitOpError("(C1) pattern must be a square #pixelfly.flat_butterfly "
                       "with at least one factor, but is ")
           << getPattern();
  if (int64_t(getFactors().size()) != pattern.getFactors())
    return emitOpError("(C2) must have the ")
           << pattern.getFactors() << " factors of the pattern, but has "
           << getFactors().size();
  for (auto [index, factor] : llvm::enumerate(getFactors()))
    if (failed(verifyBlocks(*this, "(C3)", "factor " + std::to_string(index),
                            factor.getType(), getFactorPattern(index))))
      return failure();
  if (failed(verifyExtent(*this, "(C4)", "input columns", extent(getInput(), 1),
                          pattern.getCols(), "the columns of the pattern")) ||
      failed(verifyShape(*this, "(C5)", "init", getInit().getType(),
                         {extent(getInput(), 0), pattern.getRows()})))
    return failure();
  Type element = getElementTypeOrSelf(getInput().getType());
  for (OpOperand &operand : getOperation()->getOpOperands())
    if (failed(verifySameElementType(
            *this, "(C6)",
            "operand " + std::to_string(operand.getOperandNumber()),
            operand.get(), "input", element)))
      return failure();
  return verifyDestination(*this, "(C7)", getInit());
}

LogicalResult ToDenseOp::verify() {
  BlockPatternAttrInterface pattern = getPattern();
  if (failed(verifyBlocks(*this, "(C1)", "blocks", getBlocks().getType(),
                          pattern)) ||
      failed(verifyResultShape(*this, "(C2)",
                               {pattern.getRows(), pattern.getCols()})))
    return failure();
  return verifySameElementType(*this, "(C2)", "result", getResult(), "blocks",
                               getBlocks().getType().getElementType());
}

LogicalResult FromDenseOp::verify() {
  BlockPatternAttrInterface pattern = getPattern();
  if (failed(verifyShape(*this, "(C1)", "operand", getDense().getType(),
                         {pattern.getRows(), pattern.getCols()})) ||
      failed(verifyResultShape(
          *this, "(C2)",
          {pattern.getNumBlocks(), pattern.getBlock(), pattern.getBlock()})))
    return failure();
  return verifySameElementType(*this, "(C2)", "result", getResult(), "operand",
                               getDense().getType().getElementType());
}
