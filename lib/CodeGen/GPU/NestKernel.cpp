//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NestKernel.h"

#include "pixelfly/IR/ZeroFill.h"

#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/Support/MathExtras.h"

#include <limits>
#include <numeric>

using namespace mlir;
using namespace mlir::pixelfly;
using llvm::divideCeil;

//===----------------------------------------------------------------------===//
// The host's side
//===----------------------------------------------------------------------===//

/// For every output the operation that combines it with a new term, or nothing
/// if some output is computed in another way.
static SmallVector<Operation *> findCombiners(linalg::LinalgOp op) {
  SmallVector<Operation *> combiners;
  Operation *yield = op.getBlock()->getTerminator();
  for (auto [index, argument] : llvm::enumerate(op.getRegionOutputArgs())) {
    Operation *combiner = yield->getOperand(index).getDefiningOp();
    if (!combiner || combiner->getBlock() != op.getBlock() ||
        !argument.hasOneUse() || *argument.user_begin() != combiner ||
        !linalg::getCombinerOpKind(combiner) ||
        !arith::getNeutralElement(combiner))
      return {};
    combiners.push_back(combiner);
  }
  return combiners;
}

static bool isFromOutside(linalg::LinalgOp op, Value value) {
  return !op->getRegion(0).isAncestor(value.getParentRegion());
}

/// Buffers from outside that the body reads, in the order of their first use;
/// failure if it reads anything else from outside but constants.
static FailureOr<SmallVector<Value>> findCaptured(linalg::LinalgOp op,
                                                  std::string &reason) {
  llvm::SetVector<Value> captured;
  WalkResult result = op.getBlock()->walk([&](Operation *inner) {
    for (Value operand : inner->getOperands()) {
      if (!isFromOutside(op, operand) || matchPattern(operand, m_Constant()))
        continue;
      auto buffer = dyn_cast<MemRefType>(operand.getType());
      if (!buffer) {
        reason = "reads a number that the host has computed";
        return WalkResult::interrupt();
      }
      if (!buffer.hasStaticShape() || !buffer.getLayout().isIdentity()) {
        reason = "looks up elements of a buffer that is not contiguous";
        return WalkResult::interrupt();
      }
      captured.insert(operand);
    }
    return WalkResult::advance();
  });
  if (result.wasInterrupted())
    return failure();
  return SmallVector<Value>(captured.getArrayRef());
}

FailureOr<NestProgram> NestProgram::read(OpBuilder &host, linalg::LinalgOp op,
                                         std::string &reason) {
  NestProgram program;
  program.op = op;
  FailureOr<SmallVector<Value>> captured = findCaptured(op, reason);
  if (failed(captured))
    return failure();
  program.captured = std::move(*captured);
  for (OpOperand *input : op.getDpsInputOperands())
    if (!isa<MemRefType>(input->get().getType()) &&
        !matchPattern(input->get(), m_Constant())) {
      reason = "reads a number that the host has computed";
      return failure();
    }
  FailureOr<StridedNest> nest = buildStridedNest(host, op, reason);
  if (failed(nest))
    return failure();
  program.nest = std::move(*nest);
  llvm::SmallBitVector readDims(program.nest.loopOfDim.size());
  op.getBlock()->walk(
      [&](linalg::IndexOp index) { readDims.set(index.getDim()); });
  program.nest.collapseLoops(readDims);
  if (program.nest.getNumLoops() == 0) {
    // A single element: a loop of one iteration.
    program.nest.sizes.push_back(1);
    program.nest.isReduction.push_back(false);
    for (StridedAccess *access : program.nest.getAccesses())
      access->strides.push_back(1);
  }
  program.combiners = findCombiners(op);
  for (OpOperand &output : op.getDpsInitsMutable()) {
    TypedAttr &initial = program.initialValues.emplace_back();
    if (!op.payloadUsesValueFromOperand(&output))
      continue;
    linalg::FillOp fill = findConstantFill(op, output.get());
    if (!fill)
      continue;
    Attribute value;
    matchPattern(fill.getInputs()[0], m_Constant(&value));
    if (cast<TypedAttr>(value).getType() != getElementTypeOrSelf(output.get()))
      continue;
    initial = cast<TypedAttr>(value);
    program.replacedFills.push_back(fill);
  }
  return program;
}

SmallVector<Value> NestProgram::operands() const {
  llvm::SetVector<Value> operands;
  for (const StridedAccess *access : nest.getAccesses())
    if (!access->isScalar())
      operands.insert(access->base);
  operands.insert(captured.begin(), captured.end());
  return operands.takeVector();
}

Attribute NestProgram::key(StringRef form) const {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << form << '\n';
  // Of a copy that stands alone, values from outside print as unknown ...
  Operation *copy = op->clone();
  copy->print(os, OpPrintingFlags().printGenericOpForm());
  copy->erase();
  // ... and follow here, in the order of their uses.
  SmallVector<Value> passed = operands();
  auto describe = [&](Value value) {
    Attribute constant;
    if (matchPattern(value, m_Constant(&constant)))
      os << constant << '\n';
    else
      os << llvm::find(passed, value) - passed.begin() << '\n';
  };
  for (const StridedAccess *access : nest.getAccesses())
    describe(access->base);
  op.getBlock()->walk([&](Operation *inner) {
    for (Value operand : inner->getOperands())
      if (isFromOutside(op, operand))
        describe(operand);
  });
  for (TypedAttr initial : initialValues)
    os << Attribute(initial) << '\n';
  return StringAttr::get(op.getContext(), text);
}

std::string NestProgram::name(StringRef form) const {
  std::string text = form.str();
  for (auto [index, size] : llvm::enumerate(nest.sizes))
    text += (index ? "x" : "_") + std::to_string(size);
  return text;
}

//===----------------------------------------------------------------------===//
// Vectors
//===----------------------------------------------------------------------===//

/// What a thread loads or stores at once.
static constexpr int64_t kVectorBytes = 16;

/// The element at which the flat buffer of an access starts in its memory,
/// which begins at a multiple of any vector.
static int64_t bufferOffset(const StridedAccess &access) {
  auto [strides, offset] =
      cast<MemRefType>(access.base.getType()).getStridesAndOffset();
  return offset;
}

/// Whether every group of `width` neighbours along `loop` is a vector at a
/// multiple of its size.
static bool isVector(const StridedAccess &access, unsigned loop,
                     int64_t width) {
  if (access.isScalar() || access.strides[loop] != 1)
    return false;
  int64_t offset = bufferOffset(access);
  if (ShapedType::isDynamic(offset) || (offset + access.offset) % width != 0)
    return false;
  for (auto [other, stride] : llvm::enumerate(access.strides))
    if (other != loop && stride % width != 0)
      return false;
  return true;
}

int64_t pixelfly::chooseVectorWidth(const StridedNest &nest, unsigned loop) {
  int64_t bytes = 0;
  for (const StridedAccess *access : nest.getAccesses())
    if (!access->isScalar() && access->strides[loop] == 1)
      bytes = std::max<int64_t>(
          bytes,
          divideCeil(access->getElementType().isIndex()
                         ? 64
                         : access->getElementType().getIntOrFloatBitWidth(),
                     8));
  if (bytes == 0)
    return 1;
  for (int64_t width = kVectorBytes / bytes; width > 1; width /= 2)
    if (nest.sizes[loop] % width == 0 &&
        llvm::all_of(nest.getAccesses(), [&](const StridedAccess *access) {
          return access->isScalar() || access->strides[loop] != 1 ||
                 (isVector(*access, loop, width) &&
                  VectorType::isValidElementType(access->getElementType()));
        }))
      return width;
  return 1;
}

llvm::MaybeAlign pixelfly::vectorAlignment(VectorType type) {
  return llvm::Align(divideCeil(
      type.getNumElements() * type.getElementType().getIntOrFloatBitWidth(),
      8));
}

//===----------------------------------------------------------------------===//
// The device's side
//===----------------------------------------------------------------------===//

SmallVector<Value> pixelfly::delinearize(DeviceBuilder &b, Value linear,
                                         ArrayRef<int64_t> sizes) {
  int64_t points = std::accumulate(sizes.begin(), sizes.end(), int64_t(1),
                                   std::multiplies<int64_t>());
  bool narrow = points <= std::numeric_limits<int32_t>::max();
  Type wordType = narrow ? Type(b.getI32Type()) : Type(b.getIndexType());
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantOp::create(b, b.getIntegerAttr(wordType, value));
  };
  auto widen = [&](Value value) {
    return narrow
               ? b.createOrFold<arith::IndexCastUIOp>(b.getIndexType(), value)
               : value;
  };
  SmallVector<Value> coordinates(sizes.size());
  Value rest;
  auto getRest = [&]() {
    if (!rest)
      rest = narrow ? b.createOrFold<arith::IndexCastUIOp>(wordType, linear)
                    : linear;
    return rest;
  };
  // The first coordinate is what is left: no remainder.
  for (size_t place = sizes.size(); place-- > 0;) {
    if (sizes[place] == 1) {
      coordinates[place] = b.index(0);
      continue;
    }
    bool last = llvm::all_of(sizes.take_front(place),
                             [](int64_t size) { return size == 1; });
    if (last) {
      coordinates[place] = rest ? widen(rest) : linear;
      continue;
    }
    Value size = constant(sizes[place]);
    coordinates[place] = widen(b.createOrFold<arith::RemUIOp>(getRest(), size));
    rest = b.createOrFold<arith::DivUIOp>(getRest(), size);
  }
  return coordinates;
}

NestKernel::NestKernel(DeviceBuilder &b, const NestProgram &program,
                       ValueRange arguments)
    : b(b), program(program) {
  for (auto [operand, argument] : llvm::zip(program.operands(), arguments))
    buffers[operand] = argument;
}

Value NestKernel::address(const StridedAccess &access, ValueRange positions) {
  Value sum = b.index(access.offset);
  for (auto [stride, position] : llvm::zip_equal(access.strides, positions))
    if (stride != 0)
      sum = b.add(b.mul(position, stride), sum);
  return sum;
}

Value NestKernel::load(const StridedAccess &access, ValueRange positions) {
  Attribute constant;
  if (access.isScalar() && matchPattern(access.base, m_Constant(&constant)))
    return arith::ConstantOp::create(b, cast<TypedAttr>(constant));
  return memref::LoadOp::create(b, buffer(access), address(access, positions));
}

void NestKernel::store(const StridedAccess &access, ValueRange positions,
                       Value value) {
  memref::StoreOp::create(b, value, buffer(access), address(access, positions));
}

SmallVector<Value>
NestKernel::loadGroup(const StridedAccess &access, unsigned loop,
                      ArrayRef<SmallVector<Value>> positions) {
  int64_t width = positions.size();
  if (access.isScalar() || access.strides[loop] == 0)
    return SmallVector<Value>(width, load(access, positions[0]));
  SmallVector<Value> values;
  if (width == 1 || access.strides[loop] != 1) {
    for (ArrayRef<Value> place : positions)
      values.push_back(load(access, place));
    return values;
  }
  auto type = VectorType::get({width}, access.getElementType());
  Value vector = vector::LoadOp::create(
      b, type, buffer(access), address(access, positions[0]),
      /*nontemporal=*/false, vectorAlignment(type));
  for (int64_t i = 0; i < width; ++i)
    values.push_back(vector::ExtractOp::create(b, vector, i));
  return values;
}

SmallVector<Value> NestKernel::evaluate(ValueRange positions, ValueRange inputs,
                                        ValueRange outputs) {
  linalg::LinalgOp op = program.op;
  IRMapping mapping;
  mapping.map(op.getRegionInputArgs(), inputs);
  mapping.map(op.getRegionOutputArgs(), outputs);
  for (Value captured : program.captured)
    mapping.map(captured, buffers.lookup(captured));
  // Constants from outside are repeated.
  op.getBlock()->walk([&](Operation *inner) {
    for (Value operand : inner->getOperands())
      if (isFromOutside(op, operand) && !mapping.contains(operand))
        mapping.map(operand, b.clone(*operand.getDefiningOp())->getResult(0));
  });
  for (Operation &inner : op.getBlock()->without_terminator()) {
    if (auto index = dyn_cast<linalg::IndexOp>(inner)) {
      std::optional<unsigned> loop =
          program.nest.loopOfDim[static_cast<unsigned>(index.getDim())];
      mapping.map(index.getResult(),
                  loop ? Value(positions[*loop]) : b.index(0));
      continue;
    }
    b.clone(inner, mapping);
  }
  SmallVector<Value> results;
  for (Value value : op.getBlock()->getTerminator()->getOperands())
    results.push_back(mapping.lookup(value));
  return results;
}

Value NestKernel::combine(unsigned index, Value a, Value value) {
  Operation *combiner = program.combiners[index];
  Value accumulator = program.op.getRegionOutputArgs()[index];
  IRMapping mapping;
  for (Value operand : combiner->getOperands())
    mapping.map(operand, operand == accumulator ? a : value);
  return b.clone(*combiner, mapping)->getResult(0);
}

Value NestKernel::neutral(unsigned index) {
  return arith::ConstantOp::create(
      b, *arith::getNeutralElement(program.combiners[index]));
}

Value NestKernel::initialValue(unsigned index, ValueRange positions) {
  if (TypedAttr value = program.initialValues[index])
    return arith::ConstantOp::create(b, value);
  return load(program.nest.outputs[index], positions);
}
