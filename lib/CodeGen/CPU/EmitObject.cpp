//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/CodeGen/CPU/EmitObject.h"
#include "pixelfly/Target/Processor.h"

#include "mlir/ExecutionEngine/OptUtils.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/OpenMP/OpenMPToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/SubtargetFeature.h"

using namespace mlir;
using namespace mlir::pixelfly;

ObjectTarget pixelfly::resolveTarget(const ObjectOptions &options) {
  return {llvm::sys::getDefaultTargetTriple(),
          options.cpu == "native" ? llvm::sys::getHostCPUName().str()
                                  : options.cpu};
}

void pixelfly::registerObjectEmissionDialects(DialectRegistry &registry) {
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
  registerOpenMPDialectTranslation(registry);
}

//===----------------------------------------------------------------------===//
// Machine code
//===----------------------------------------------------------------------===//

/// The features of `options`, after those of this machine where it is the
/// target: a virtual machine may hide some that its processor's name implies.
static std::string resolveFeatures(const ObjectOptions &options) {
  llvm::SubtargetFeatures features;
  if (options.cpu == "native")
    for (const auto &[name, enabled] : llvm::sys::getHostCPUFeatures())
      features.AddFeature(name, enabled);
  features.addFeaturesVector(
      llvm::SubtargetFeatures(options.features).getFeatures());
  return features.getString();
}

static FailureOr<std::unique_ptr<llvm::TargetMachine>>
createTargetMachine(ModuleOp module, const ObjectOptions &options) {
  // Says what is wrong with the processor's name, which LLVM would only print.
  if (failed(processorTarget(options.cpu, options.features, module.getLoc())))
    return failure();
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  ObjectTarget target = resolveTarget(options);
  std::string error;
  llvm::Triple triple(target.triple);
  const llvm::Target *found = llvm::TargetRegistry::lookupTarget(triple, error);
  if (!found)
    return module.emitError("no code generator for ")
           << target.triple << ": " << error;
  llvm::TargetOptions targetOptions;
  targetOptions.AllowFPOpFusion = llvm::FPOpFusion::Fast;
  // The form of constructors that dynamic linkers call; one loads kernels.
  targetOptions.UseInitArray = true;
  std::unique_ptr<llvm::TargetMachine> machine(found->createTargetMachine(
      triple, target.cpu, resolveFeatures(options), targetOptions,
      llvm::Reloc::PIC_, std::nullopt, llvm::CodeGenOptLevel::Aggressive));
  if (!machine)
    return module.emitError("no code generator for processor '")
           << target.cpu << "' of " << target.triple;
  return machine;
}

/// Attributes that the code generator reads from each function.
static void setFunctionAttributes(llvm::Module &module,
                                  const llvm::TargetMachine &machine,
                                  int64_t vectorBits) {
  std::string width = std::to_string(vectorBits);
  for (llvm::Function &function : module) {
    if (function.isDeclaration())
      continue;
    function.addFnAttr("target-cpu", machine.getTargetCPU());
    if (!machine.getTargetFeatureString().empty())
      function.addFnAttr("target-features", machine.getTargetFeatureString());
    // LLVM prefers 256 bits on Intel's processors and would split our vectors.
    function.addFnAttr("prefer-vector-width", width);
    // Vectors as wide may be passed in registers between our functions.
    function.addFnAttr("min-legal-vector-width", width);
    // No exceptions pass through generated code.
    function.addFnAttr(llvm::Attribute::NoUnwind);
  }
}

static LogicalResult emitObjectFile(ModuleOp module, StringRef path,
                                    const ObjectOptions &options) {
  FailureOr<std::unique_ptr<llvm::TargetMachine>> machine =
      createTargetMachine(module, options);
  if (failed(machine))
    return failure();
  FailureOr<Target> target = Target::get(module);
  if (failed(target))
    return failure();
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> llvmModule =
      translateModuleToLLVMIR(module, context, "pixelfly");
  if (!llvmModule)
    return module.emitError("could not be translated to LLVM IR");
  llvmModule->setTargetTriple((*machine)->getTargetTriple());
  llvmModule->setDataLayout((*machine)->createDataLayout());
  setFunctionAttributes(*llvmModule, **machine, target->vectorBits);
  auto optimize = makeOptimizingTransformer(options.optimizationLevel,
                                            /*sizeLevel=*/0, machine->get());
  if (llvm::Error error = optimize(llvmModule.get()))
    return module.emitError("LLVM failed to optimise the module: ")
           << llvm::toString(std::move(error));

  std::error_code code;
  llvm::raw_fd_ostream stream(path, code);
  if (code)
    return module.emitError("cannot write '")
           << path << "': " << code.message();
  llvm::legacy::PassManager codegen;
  if ((*machine)->addPassesToEmitFile(codegen, stream, nullptr,
                                      llvm::CodeGenFileType::ObjectFile))
    return module.emitError("the code generator for ")
           << (*machine)->getTargetTriple().str()
           << " cannot write object files";
  codegen.run(*llvmModule);
  stream.close();
  if (stream.has_error()) {
    std::string message = stream.error().message();
    stream.clear_error();
    return module.emitError("cannot write '")
           << path << "': " << message
           << "; make room there, or name another place";
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Linking
//===----------------------------------------------------------------------===//

/// Where Linux distributions keep shared libraries; ld.lld, unlike cc, has no
/// list of its own.
static SmallVector<std::string> librarySearchPaths() {
  std::string arch =
      llvm::Triple(llvm::sys::getDefaultTargetTriple()).getArchName().str();
  SmallVector<std::string> paths;
  for (StringRef root : {"/usr/lib/", "/lib/", "/usr/local/lib/"})
    paths.push_back(root.str() + arch + "-linux-gnu");
  llvm::append_range(
      paths, std::initializer_list<std::string>{"/usr/local/lib", "/usr/lib64",
                                                "/lib64", "/usr/lib", "/lib"});
  llvm::erase_if(paths, [](const std::string &path) {
    return !llvm::sys::fs::is_directory(path);
  });
  return paths;
}

static LogicalResult link(ModuleOp module, StringRef object, StringRef output) {
  std::string program;
  bool isCompilerDriver = false;
  for (StringRef name : {"ld.lld-22", "ld.lld", "cc", "clang", "gcc"}) {
    llvm::ErrorOr<std::string> found = llvm::sys::findProgramByName(name);
    if (!found)
      continue;
    program = *found;
    isCompilerDriver = !name.starts_with("ld");
    break;
  }
  if (program.empty())
    return module.emitError("cannot link the shared object: none of ld.lld-22, "
                            "ld.lld, cc, clang, gcc is in PATH; install lld");

  SmallVector<std::string> arguments = {program, "-shared", "-o", output.str(),
                                        object.str()};
  // Code without threads, such as what launches kernels on a GPU, shall not
  // ask for OpenMP where it runs.
  if (isCompilerDriver) {
    arguments.push_back("-Wl,--as-needed");
  } else {
    arguments.insert(arguments.end(), {"-znow", "--as-needed"});
    for (const std::string &path : librarySearchPaths())
      arguments.push_back("-L" + path);
  }
  // By file name: the packages of the OpenMP runtime without its headers have
  // no libomp.so.
  llvm::append_range(arguments, std::initializer_list<std::string>{
                                    "-l:libomp.so.5", "-l:libm.so.6"});
  SmallVector<StringRef> argumentRefs(arguments.begin(), arguments.end());

  SmallString<128> log;
  if (std::error_code code =
          llvm::sys::fs::createTemporaryFile("pixelfly-link", "log", log))
    return module.emitError("cannot create a temporary file: ")
           << code.message();
  llvm::FileRemover removeLog(log);
  std::optional<StringRef> redirects[] = {std::nullopt, StringRef(log),
                                          StringRef(log)};
  std::string error;
  int status = llvm::sys::ExecuteAndWait(program, argumentRefs, std::nullopt,
                                         redirects, 0, 0, &error);
  if (status == 0)
    return success();
  // A linker writes through mapped memory: a full disk kills it.
  constexpr int kKilled = -2;
  if (status == kKilled)
    return module.emitError("linking with ")
           << program << " failed: " << error << " while it wrote '" << output
           << "'; is there space left on that file system?";
  if (auto text = llvm::MemoryBuffer::getFile(log))
    error += (*text)->getBuffer().str();
  return module.emitError("linking with ") << program << " failed: " << error;
}

/// Copies a file. On failure the copy does not exist.
static LogicalResult copyFile(ModuleOp module, StringRef from, StringRef to) {
  std::error_code code = llvm::sys::fs::copy_file(from, to);
  if (!code)
    code = llvm::sys::fs::setPermissions(to, llvm::sys::fs::all_read |
                                                 llvm::sys::fs::all_exe |
                                                 llvm::sys::fs::owner_write);
  if (!code)
    return success();
  llvm::sys::fs::remove(to);
  return module.emitError("cannot write '")
         << to << "': " << code.message()
         << "; make room there, or name another place";
}

LogicalResult pixelfly::emitSharedObject(ModuleOp llvmModule,
                                         StringRef outputPath,
                                         const ObjectOptions &options) {
  SmallString<128> object;
  if (std::error_code code =
          llvm::sys::fs::createTemporaryFile("pixelfly", "o", object))
    return llvmModule.emitError("cannot create a temporary file: ")
           << code.message();
  llvm::FileRemover removeObject(object);
  if (failed(emitObjectFile(llvmModule, object, options)))
    return failure();

  // Linked elsewhere, so that a full disk at the place of the output is an
  // error of ours.
  SmallString<128> linked;
  if (std::error_code code =
          llvm::sys::fs::createTemporaryFile("pixelfly", "so", linked))
    return llvmModule.emitError("cannot create a temporary file: ")
           << code.message();
  llvm::FileRemover removeLinked(linked);
  if (failed(link(llvmModule, object, linked)))
    return failure();
  std::string copied = (outputPath + ".tmp").str();
  if (failed(copyFile(llvmModule, linked, copied)))
    return failure();
  if (std::error_code code = llvm::sys::fs::rename(copied, outputPath)) {
    llvm::sys::fs::remove(copied);
    return llvmModule.emitError("cannot write '")
           << outputPath << "': " << code.message();
  }
  return success();
}
