//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Host.h"

#include "Emulator/TensorMap.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/ExecutionEngine/Orc/ExecutionUtils.h"
#include "llvm/ExecutionEngine/Orc/ThreadSafeModule.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlir::pixelfly;
using namespace mlir::pixelfly::emulator;

//===----------------------------------------------------------------------===//
// Lowering
//===----------------------------------------------------------------------===//

FailureOr<OwningOpRef<ModuleOp>> emulator::lowerToEmulation(ModuleOp module) {
  WalkResult lowered = module.walk([](Operation *op) {
    if (op->getName().getDialectNamespace() != "pixelfly")
      return WalkResult::advance();
    op->emitError("has not been lowered to a kernel");
    return WalkResult::interrupt();
  });
  if (lowered.wasInterrupted())
    return failure();
  auto run = [&](StringRef pipeline) {
    PassManager manager(module->getName());
    if (failed(parsePassPipeline(pipeline, manager)))
      return failure();
    return manager.run(module);
  };
  bool hasKernels = false;
  module.walk([&](gpu::GPUFuncOp) { hasKernels = true; });
  if (hasKernels &&
      failed(run("gpu.module(convert-linalg-to-loops,lower-affine,"
                 "convert-nvgpu-to-nvvm,convert-vector-to-scf,"
                 "expand-strided-metadata,lower-affine,convert-scf-to-cf,"
                 "convert-gpu-to-nvvm,convert-vector-to-llvm,"
                 "convert-index-to-llvm,convert-arith-to-llvm,"
                 "reconcile-unrealized-casts)")))
    return failure();
  // Kernels lowered before may take bare pointers: one argument for each
  // operand.
  bool barePointers = false;
  SymbolTableCollection symbols;
  module.walk([&](gpu::LaunchFuncOp launch) {
    auto kernel = symbols.lookupNearestSymbolFrom<LLVM::LLVMFuncOp>(
        launch, launch.getKernelAttr());
    auto operands = launch.getKernelOperands();
    barePointers |=
        kernel && kernel.getNumArguments() == operands.size() &&
        llvm::any_of(operands.getTypes(), llvm::IsaPred<MemRefType>);
  });
  OwningOpRef<ModuleOp> kernels = ModuleOp::create(module.getLoc());
  for (auto gpuModule : module.getOps<gpu::GPUModuleOp>())
    kernels->push_back(gpuModule->clone());
  bool hasHostCode = false;
  for (Operation &op : *module.getBody())
    if (!isa<gpu::GPUModuleOp, LLVM::LLVMFuncOp, LLVM::GlobalOp>(op))
      hasHostCode = true;
  if (!hasHostCode)
    return kernels;
  std::string toLLVM = barePointers
                           ? "gpu-to-llvm{use-bare-pointers-for-kernels=1}"
                           : "gpu-to-llvm";
  if (failed(run(
          "convert-linalg-to-loops,func.func(gpu-async-region),"
          "convert-nvgpu-to-nvvm,lower-affine,"
          "convert-vector-to-scf,expand-strided-metadata,lower-affine,"
          "convert-scf-to-cf,convert-math-to-llvm,convert-math-to-libm," +
          toLLVM +
          ",convert-vector-to-llvm,convert-index-to-llvm,"
          "finalize-memref-to-llvm,convert-func-to-llvm,convert-cf-to-llvm,"
          "convert-arith-to-llvm,reconcile-unrealized-casts")))
    return failure();
  return kernels;
}

//===----------------------------------------------------------------------===//
// What the host's code calls
//===----------------------------------------------------------------------===//

/// The running program's emulator; calls from compiled code come without one.
static Emulator *current = nullptr;
static bool hostFailed = false;

bool emulator::takeHostFailure() { return std::exchange(hostFailed, false); }

extern "C" {
static void emulateLaunch(void *kernel, int64_t gridX, int64_t gridY,
                          int64_t gridZ, int64_t blockX, int64_t blockY,
                          int64_t blockZ, int64_t shared, void **parameters) {
  if (current->mustStop())
    return;
  auto function = cast<LLVM::LLVMFuncOp>(static_cast<Operation *>(kernel));
  Dim3 grid = {uint32_t(gridX), uint32_t(gridY), uint32_t(gridZ)};
  Dim3 block = {uint32_t(blockX), uint32_t(blockY), uint32_t(blockZ)};
  if (failed(current->launch(function, grid, block, shared, parameters)))
    hostFailed = true;
}

static void *createHandle() { return &current; }
static void ignoreHandle(void *) {}
static void ignoreHandles(void *, void *) {}

static void *allocateMemory(uint64_t size, void *, bool) {
  static unsigned number = 0;
  return current->getMemory().allocate(size, "allocation " +
                                                 std::to_string(number++));
}

static void freeMemory(void *pointer, void *) {
  current->getMemory().free(static_cast<char *>(pointer));
}

/// Buffers of the host's code are memory that kernels may use.
static void *allocateForHost(uint64_t size) {
  return allocateMemory(size, nullptr, false);
}
static void freeForHost(void *pointer) { freeMemory(pointer, nullptr); }

static void copyMemory(void *to, void *from, uint64_t size, void *) {
  std::memmove(to, from, size);
  current->getMemory().markInitialized(static_cast<char *>(to), size);
}

static void fillMemory32(void *to, uint32_t value, uint64_t count, void *) {
  std::fill_n(static_cast<uint32_t *>(to), count, value);
  current->getMemory().markInitialized(static_cast<char *>(to), 4 * count);
}

static void fillMemory16(void *to, uint16_t value, uint64_t count, void *) {
  std::fill_n(static_cast<uint16_t *>(to), count, value);
  current->getMemory().markInitialized(static_cast<char *>(to), 2 * count);
}

static void registerMemory(void *pointer, uint64_t size) {
  current->getMemory().adopt(static_cast<char *>(pointer), size,
                             "registered host memory");
}

namespace {
struct Descriptor {
  char *allocated, *aligned;
  int64_t offset;
  int64_t sizesAndStrides[];
};
} // namespace

static void registerMemRef(int64_t rank, Descriptor *descriptor,
                           int64_t elementSize) {
  int64_t size = elementSize;
  for (int64_t i = 0; i < rank; ++i)
    size *= descriptor->sizesAndStrides[i];
  registerMemory(descriptor->aligned + descriptor->offset * elementSize, size);
}

static void unregisterMemRef(int64_t, Descriptor *descriptor,
                             int64_t elementSize) {
  current->getMemory().free(descriptor->aligned +
                            descriptor->offset * elementSize);
}

/// The arguments are those of the upstream wrapper: numbers of the driver's
/// enums and the box from the outermost dimension on. The result is device
/// memory.
static void *encodeTensorMap(int64_t rank, Descriptor *descriptor, int32_t type,
                             int32_t, int32_t swizzle, int32_t, int32_t,
                             const int64_t *box) {
  // By CUtensorMapDataType: u8 u16 u32 s32 u64 s64 f16 f32 f64 bf16 f32 tf32
  // tf32.
  static constexpr uint32_t sizes[] = {1, 2, 4, 4, 8, 8, 2, 4, 8, 2, 4, 4, 4};
  GlobalMemory &memory = current->getMemory();
  char *place = memory.allocate(128, "tensor map");
  auto *map = new (place) TensorMap();
  map->rank = rank;
  map->elementSize = sizes[type];
  map->swizzle = static_cast<TensorMapSwizzle>(swizzle);
  map->base = reinterpret_cast<uint64_t>(descriptor->aligned) +
              descriptor->offset * map->elementSize;
  std::string problem;
  for (int64_t i = 0; i < rank; ++i) {
    int64_t from = rank - 1 - i;
    map->sizes[i] = descriptor->sizesAndStrides[from];
    map->strides[i] =
        descriptor->sizesAndStrides[rank + from] * map->elementSize;
    map->box[i] = box[from];
    if (box[from] < 1 || box[from] > 256)
      problem = "a box of more than 256 elements in a dimension";
    if (i && map->strides[i] % 16)
      problem = "a stride that is not a multiple of 16 bytes";
  }
  if (map->base % 16)
    problem = "a base that is not a multiple of 16";
  if (map->strides[0] != map->elementSize)
    problem = "an innermost dimension that is not contiguous";
  uint32_t inner = map->box[0] * map->elementSize;
  if (inner % 16 || (swizzle && inner > 16u << swizzle))
    problem = "an innermost box dimension of " + std::to_string(inner) +
              " bytes, which the swizzle does not take";
  if (!problem.empty()) {
    llvm::errs() << "error: a tensor map with " << problem << '\n';
    hostFailed = true;
  }
  memory.markInitialized(place, 128);
  return place;
}
} // extern "C"

static llvm::orc::SymbolMap runtimeSymbols(llvm::orc::LLJIT &jit) {
  std::pair<const char *, void *> table[] = {
      {"pixelflyEmulateLaunch", reinterpret_cast<void *>(emulateLaunch)},
      {"mgpuStreamCreate", reinterpret_cast<void *>(createHandle)},
      {"mgpuStreamDestroy", reinterpret_cast<void *>(ignoreHandle)},
      {"mgpuStreamSynchronize", reinterpret_cast<void *>(ignoreHandle)},
      {"mgpuStreamWaitEvent", reinterpret_cast<void *>(ignoreHandles)},
      {"mgpuEventCreate", reinterpret_cast<void *>(createHandle)},
      {"mgpuEventDestroy", reinterpret_cast<void *>(ignoreHandle)},
      {"mgpuEventSynchronize", reinterpret_cast<void *>(ignoreHandle)},
      {"mgpuEventRecord", reinterpret_cast<void *>(ignoreHandles)},
      {"mgpuMemAlloc", reinterpret_cast<void *>(allocateMemory)},
      {"mgpuMemFree", reinterpret_cast<void *>(freeMemory)},
      {"malloc", reinterpret_cast<void *>(allocateForHost)},
      {"free", reinterpret_cast<void *>(freeForHost)},
      {"mgpuMemcpy", reinterpret_cast<void *>(copyMemory)},
      {"mgpuMemset32", reinterpret_cast<void *>(fillMemory32)},
      {"mgpuMemset16", reinterpret_cast<void *>(fillMemory16)},
      {"mgpuMemHostRegister", reinterpret_cast<void *>(registerMemory)},
      {"mgpuMemHostRegisterMemRef", reinterpret_cast<void *>(registerMemRef)},
      {"mgpuTensorMapEncodeTiledMemref",
       reinterpret_cast<void *>(encodeTensorMap)},
      {"mgpuMemHostUnregisterMemRef",
       reinterpret_cast<void *>(unregisterMemRef)},
  };
  llvm::orc::SymbolMap symbols;
  for (auto [name, address] : table)
    symbols[jit.mangleAndIntern(name)] = {
        llvm::orc::ExecutorAddr::fromPtr(address),
        llvm::JITSymbolFlags::Exported | llvm::JITSymbolFlags::Callable};
  return symbols;
}

//===----------------------------------------------------------------------===//
// Compilation
//===----------------------------------------------------------------------===//

/// Makes every gpu.launch_func a call of emulateLaunch with the kernel's
/// operation as its first argument, and drops the module's own kernels.
LogicalResult HostProgram::replaceLaunches(ModuleOp module) {
  MLIRContext *context = module.getContext();
  OpBuilder builder(context);
  auto pointer = LLVM::LLVMPointerType::get(context);
  Type word = builder.getI64Type();
  builder.setInsertionPointToEnd(module.getBody());
  SmallVector<Type> inputs(1, pointer);
  inputs.append(7, word);
  inputs.push_back(pointer);
  auto callee = LLVM::LLVMFuncOp::create(
      builder, module.getLoc(), "pixelflyEmulateLaunch",
      LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(context), inputs));
  SymbolTableCollection symbols;
  WalkResult result = module.walk([&](gpu::LaunchFuncOp launch) {
    auto kernel = symbols.lookupNearestSymbolFrom<LLVM::LLVMFuncOp>(
        *kernels, launch.getKernelAttr());
    if (!kernel) {
      launch.emitError("launches no kernel of the llvm dialect");
      return WalkResult::interrupt();
    }
    Location loc = launch.getLoc();
    auto host = launch->getParentOfType<LLVM::LLVMFuncOp>();
    if (!host || launch.getNumKernelOperands() != kernel.getNumArguments()) {
      launch.emitError("passes ")
          << launch.getNumKernelOperands()
          << " arguments to a kernel that takes " << kernel.getNumArguments();
      return WalkResult::interrupt();
    }
    auto number = [&](int64_t value) -> Value {
      return LLVM::ConstantOp::create(builder, loc, word,
                                      builder.getI64IntegerAttr(value));
    };
    builder.setInsertionPointToStart(&host.getBody().front());
    size_t count = launch.getNumKernelOperands();
    Value row = LLVM::AllocaOp::create(builder, loc, pointer, pointer,
                                       number(std::max<size_t>(count, 1)));
    SmallVector<Value> places;
    for (Value operand : launch.getKernelOperands())
      places.push_back(LLVM::AllocaOp::create(
          builder, loc, pointer, operand.getType(), number(1), 16));
    builder.setInsertionPoint(launch);
    for (auto [index, operand] : llvm::enumerate(launch.getKernelOperands())) {
      LLVM::StoreOp::create(builder, loc, operand, places[index]);
      Value place = LLVM::GEPOp::create(
          builder, loc, pointer, pointer, row,
          ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(index)});
      LLVM::StoreOp::create(builder, loc, places[index], place);
    }
    auto asWord = [&](Value value) -> Value {
      if (!value)
        return number(0);
      return value.getType() == word
                 ? value
                 : LLVM::ZExtOp::create(builder, loc, word, value);
    };
    Value kernelPointer = LLVM::IntToPtrOp::create(
        builder, loc, pointer,
        number(static_cast<int64_t>(
            reinterpret_cast<uintptr_t>(kernel.getOperation()))));
    LLVM::CallOp::create(
        builder, loc, callee,
        ValueRange{kernelPointer, asWord(launch.getGridSizeX()),
                   asWord(launch.getGridSizeY()), asWord(launch.getGridSizeZ()),
                   asWord(launch.getBlockSizeX()),
                   asWord(launch.getBlockSizeY()),
                   asWord(launch.getBlockSizeZ()),
                   asWord(launch.getDynamicSharedMemorySize()), row});
    if (launch.getAsyncToken()) {
      launch.emitError("its asynchronous token has not been lowered");
      return WalkResult::interrupt();
    }
    launch.erase();
    return WalkResult::advance();
  });
  if (result.wasInterrupted())
    return failure();
  for (auto gpuModule :
       llvm::make_early_inc_range(module.getOps<gpu::GPUModuleOp>()))
    gpuModule->erase();
  module->removeAttr(gpu::GPUDialect::getContainerModuleAttrName());
  return success();
}

/// Prints an error of LLVM; success where there is none.
static LogicalResult said(llvm::Error error) {
  if (!error)
    return success();
  llvm::logAllUnhandledErrors(std::move(error), llvm::errs(), "error: ");
  return failure();
}

FailureOr<std::unique_ptr<HostProgram>>
HostProgram::create(ModuleOp module, OwningOpRef<ModuleOp> kernels,
                    Emulator &emulator, ArrayRef<std::string> libraries) {
  current = &emulator;
  std::unique_ptr<HostProgram> program(new HostProgram());
  program->kernels = std::move(kernels);
  if (failed(program->replaceLaunches(module)))
    return failure();
  auto context = std::make_unique<llvm::LLVMContext>();
  std::unique_ptr<llvm::Module> translated =
      translateModuleToLLVMIR(module, *context);
  if (!translated)
    return failure();
  auto jit = llvm::orc::LLJITBuilder().create();
  if (!jit)
    return said(jit.takeError());
  program->jit = std::move(*jit);
  translated->setDataLayout(program->jit->getDataLayout());
  llvm::orc::JITDylib &main = program->jit->getMainJITDylib();
  char prefix = program->jit->getDataLayout().getGlobalPrefix();
  for (const std::string &library : libraries) {
    auto generator =
        llvm::orc::DynamicLibrarySearchGenerator::Load(library.c_str(), prefix);
    if (!generator)
      return said(generator.takeError());
    main.addGenerator(std::move(*generator));
  }
  auto process =
      llvm::orc::DynamicLibrarySearchGenerator::GetForCurrentProcess(prefix);
  if (!process)
    return said(process.takeError());
  main.addGenerator(std::move(*process));
  if (failed(said(main.define(
          llvm::orc::absoluteSymbols(runtimeSymbols(*program->jit))))) ||
      failed(said(program->jit->addIRModule(llvm::orc::ThreadSafeModule(
          std::move(translated), std::move(context))))))
    return failure();
  return program;
}

FailureOr<void *> HostProgram::lookup(StringRef name, bool plain) {
  auto symbol =
      jit->lookup((plain ? name : ("_mlir_ciface_" + name).str()).str());
  if (!symbol)
    return said(symbol.takeError());
  return symbol->toPtr<void *>();
}
