//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/CodeGen/CPU/EntryPoints.h"
#include "pixelfly/CodeGen/CPU/Passes.h"
#include "pixelfly/IR/Pixelfly.h"

#include "pixelfly-rt/abi.h"

#include "mlir/Conversion/LLVMCommon/MemRefBuilder.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

namespace mlir::pixelfly {
#define GEN_PASS_DEF_EMITENTRYPOINTS
#include "pixelfly/CodeGen/CPU/Passes.h.inc"
} // namespace mlir::pixelfly

using namespace mlir;
using namespace mlir::pixelfly;

namespace {

/// A line of symbols.def.
struct Symbol {
  StringRef symbol;
  StringRef function; ///< empty if it enters none
};

constexpr Symbol kSymbols[] = {
#define PF_SYMBOL(name, symbol, function) {#symbol, function},
#include "pixelfly-rt/symbols.def"
};

constexpr StringLiteral kEntryPointsAttrName = "pixelfly.entry_points";

struct EmitEntryPoints
    : public pixelfly::impl::EmitEntryPointsBase<EmitEntryPoints> {
  void runOnOperation() override;

private:
  LogicalResult emitEntryPoint(const Symbol &symbol, func::FuncOp function);
  void emitVersion(StringRef symbol);
};

} // namespace

//===----------------------------------------------------------------------===//
// The record in the module
//===----------------------------------------------------------------------===//

static StringRef stringifyRole(BufferRole role) {
  switch (role) {
  case BufferRole::Parameter:
    return "parameter";
  case BufferRole::OptimizerState:
    return "optimizer_state";
  case BufferRole::Input:
    return "input";
  case BufferRole::Output:
    return "output";
  }
  llvm_unreachable("covered switch");
}

/// Role and name of an argument as its attributes say, or nullopt.
static std::optional<EntryPointBuffer> describe(func::FuncOp function,
                                                unsigned index) {
  auto type = cast<MemRefType>(function.getArgument(index).getType());
  if (auto parameter =
          function.getArgAttrOfType<ParameterAttr>(index, kParameterAttrName))
    return EntryPointBuffer{BufferRole::Parameter,
                            parameter.getName().getValue().str(), type};
  const std::pair<StringRef, BufferRole> named[] = {
      {kOptimizerStateAttrName, BufferRole::OptimizerState},
      {kInputAttrName, BufferRole::Input},
      {kOutputAttrName, BufferRole::Output}};
  for (auto [attrName, role] : named)
    if (auto name = function.getArgAttrOfType<StringAttr>(index, attrName))
      return EntryPointBuffer{role, name.getValue().str(), type};
  return std::nullopt;
}

SmallVector<EntryPoint> pixelfly::describeEntryPoints(ModuleOp module) {
  SmallVector<EntryPoint> entryPoints;
  auto recorded = module->getAttrOfType<ArrayAttr>(kEntryPointsAttrName);
  if (!recorded)
    return entryPoints;
  for (auto record : recorded.getAsRange<DictionaryAttr>()) {
    EntryPoint &entry = entryPoints.emplace_back();
    entry.symbol = record.getAs<StringAttr>("symbol").getValue();
    entry.function = record.getAs<StringAttr>("function").getValue();
    entry.arenaBytes = record.getAs<IntegerAttr>("arena_bytes").getInt();
    for (auto buffer :
         record.getAs<ArrayAttr>("buffers").getAsRange<DictionaryAttr>()) {
      StringRef role = buffer.getAs<StringAttr>("role").getValue();
      for (BufferRole candidate :
           {BufferRole::Parameter, BufferRole::OptimizerState,
            BufferRole::Input, BufferRole::Output})
        if (stringifyRole(candidate) == role)
          entry.buffers.push_back(
              {candidate, buffer.getAs<StringAttr>("name").getValue().str(),
               cast<MemRefType>(buffer.getAs<TypeAttr>("type").getValue())});
    }
  }
  return entryPoints;
}

//===----------------------------------------------------------------------===//
// Emission
//===----------------------------------------------------------------------===//

/// Adds what the manifest says about `function` to the module attribute.
static LogicalResult record(const Symbol &symbol, func::FuncOp function,
                            unsigned numBuffers, int64_t arenaBytes) {
  Builder builder(function.getContext());
  SmallVector<Attribute> buffers;
  for (unsigned index = 0; index < numBuffers; ++index) {
    std::optional<EntryPointBuffer> buffer = describe(function, index);
    if (!buffer)
      return function.emitOpError("argument #")
             << index << " is neither a parameter (`" << kParameterAttrName
             << "`) nor optimizer state (`" << kOptimizerStateAttrName
             << "`) nor an input (`" << kInputAttrName << "`) nor an output (`"
             << kOutputAttrName << "`), so the runtime cannot know what to "
             << "pass for it";
    buffers.push_back(builder.getDictionaryAttr(
        {builder.getNamedAttr(
             "role", builder.getStringAttr(stringifyRole(buffer->role))),
         builder.getNamedAttr("name", builder.getStringAttr(buffer->name)),
         builder.getNamedAttr("type", TypeAttr::get(buffer->type))}));
  }
  auto entry = builder.getDictionaryAttr(
      {builder.getNamedAttr("symbol", builder.getStringAttr(symbol.symbol)),
       builder.getNamedAttr("function", builder.getStringAttr(symbol.function)),
       builder.getNamedAttr("arena_bytes",
                            builder.getI64IntegerAttr(arenaBytes)),
       builder.getNamedAttr("buffers", builder.getArrayAttr(buffers))});
  auto module = function->getParentOfType<ModuleOp>();
  SmallVector<Attribute> entries;
  if (auto recorded = module->getAttrOfType<ArrayAttr>(kEntryPointsAttrName))
    llvm::append_range(entries, recorded);
  entries.push_back(entry);
  module->setAttr(kEntryPointsAttrName, builder.getArrayAttr(entries));
  return success();
}

LogicalResult EmitEntryPoints::emitEntryPoint(const Symbol &symbol,
                                              func::FuncOp function) {
  if (function.getNumResults() != 0)
    return function.emitOpError("still returns results; an entry point writes "
                                "into its arguments "
                                "(--pixelfly-results-to-arguments)");
  for (auto [index, type] : llvm::enumerate(function.getArgumentTypes())) {
    auto memref = dyn_cast<MemRefType>(type);
    if (!memref || !memref.hasStaticShape() || !memref.getLayout().isIdentity())
      return function.emitOpError("argument #")
             << index << " of type " << type
             << " is not a contiguous buffer of static shape";
  }
  int64_t arenaBytes = 0;
  if (auto bytes = function->getAttrOfType<IntegerAttr>(kArenaBytesAttrName))
    arenaBytes = bytes.getInt();
  unsigned numBuffers = function.getNumArguments() - (arenaBytes > 0 ? 1 : 0);
  if (failed(record(symbol, function, numBuffers, arenaBytes)))
    return failure();

  Location loc = function.getLoc();
  MLIRContext *context = function.getContext();
  OpBuilder builder(context);
  builder.setInsertionPointAfter(function);
  Type pointer = LLVM::LLVMPointerType::get(context);
  auto entry = LLVM::LLVMFuncOp::create(
      builder, loc, symbol.symbol,
      LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(context),
                                  {pointer, pointer}));
  builder.setInsertionPointToStart(entry.addEntryBlock(builder));
  Value buffers = entry.getArgument(0), arena = entry.getArgument(1);

  LLVMTypeConverter typeConverter(context);
  auto wrap = [&](Value memory, Type type) -> Value {
    Value descriptor = MemRefDescriptor::fromStaticShape(
        builder, loc, typeConverter, cast<MemRefType>(type), memory);
    return UnrealizedConversionCastOp::create(builder, loc, type, descriptor)
        .getResult(0);
  };
  SmallVector<Value> arguments;
  for (unsigned index = 0; index < numBuffers; ++index) {
    Value slot = LLVM::GEPOp::create(
        builder, loc, pointer, pointer, buffers,
        ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(index)});
    Value memory = LLVM::LoadOp::create(builder, loc, pointer, slot);
    arguments.push_back(wrap(memory, function.getArgumentTypes()[index]));
  }
  if (arenaBytes > 0)
    arguments.push_back(wrap(arena, function.getArgumentTypes().back()));
  func::CallOp::create(builder, loc, function, arguments);
  LLVM::ReturnOp::create(builder, loc, ValueRange{});

  function.setPrivate();
  function->setAttr(
      "llvm.linkage",
      LLVM::LinkageAttr::get(context, LLVM::linkage::Linkage::Internal));
  return success();
}

void EmitEntryPoints::emitVersion(StringRef symbol) {
  ModuleOp module = getOperation();
  OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
  Type i32 = builder.getI32Type();
  auto function = LLVM::LLVMFuncOp::create(
      builder, module.getLoc(), symbol, LLVM::LLVMFunctionType::get(i32, {}));
  builder.setInsertionPointToStart(function.addEntryBlock(builder));
  Value version = LLVM::ConstantOp::create(
      builder, module.getLoc(), builder.getI32IntegerAttr(PF_ABI_VERSION));
  LLVM::ReturnOp::create(builder, module.getLoc(), version);
}

void EmitEntryPoints::runOnOperation() {
  ModuleOp module = getOperation();
  bool found = false;
  for (const Symbol &symbol : kSymbols) {
    if (symbol.function.empty())
      continue;
    auto function = module.lookupSymbol<func::FuncOp>(symbol.function);
    if (!function || function.isExternal())
      continue;
    found = true;
    if (failed(emitEntryPoint(symbol, function)))
      return signalPassFailure();
  }
  if (!found) {
    InFlightDiagnostic diagnostic =
        module.emitError("has no function that an artifact can enter; it needs "
                         "at least one of:");
    for (const Symbol &symbol : kSymbols)
      if (!symbol.function.empty())
        diagnostic << " @" << symbol.function;
    return signalPassFailure();
  }
  for (const Symbol &symbol : kSymbols)
    if (symbol.function.empty())
      emitVersion(symbol.symbol);
}
