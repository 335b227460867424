//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/CodeGen/GPU/Passes.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Program.h"

namespace mlir::pixelfly {
#define GEN_PASS_DEF_GPUASSEMBLE
#include "pixelfly/CodeGen/GPU/Passes.h.inc"
} // namespace mlir::pixelfly

using namespace mlir;
using namespace mlir::pixelfly;
namespace fs = llvm::sys::fs;
namespace path = llvm::sys::path;

namespace {

/// A chip as the toolkit names it.
struct Chip {
  std::string name; ///< sm_90a
  int number;       ///< 90
  bool isSpecific;  ///< it has a letter
};

/// What a run of one of the toolkit's programs wrote to its outputs.
struct Log {
  int status;
  std::string text;
};

struct GPUAssemble : public pixelfly::impl::GPUAssembleBase<GPUAssemble> {
  using GPUAssembleBase::GPUAssembleBase;

  void runOnOperation() override;

private:
  LogicalResult findToolkit();
  LogicalResult assemble(gpu::BinaryOp binary);
  LogicalResult makeFatBinary(gpu::BinaryOp binary, const Chip &ptxChip,
                              StringRef ptx, SmallVectorImpl<char> &result);
  FailureOr<SmallVector<Chip>> resolveChips(gpu::BinaryOp binary,
                                            const Chip &ptxChip);
  FailureOr<Log> runTool(StringRef program, ArrayRef<std::string> arguments);
  LogicalResult record(ArrayRef<Chip> made, const Chip &ptxChip, StringRef ptx);

  std::string ptxas, fatbinary;
  SmallString<128> directory; ///< for files on the way
};

} // namespace

static std::optional<Chip> parseChip(StringRef name) {
  StringRef rest = name;
  Chip chip{name.str(), 0, false};
  if (!rest.consume_front("sm_"))
    return std::nullopt;
  chip.isSpecific = rest.consume_back("a") || rest.consume_back("f");
  if (rest.getAsInteger(10, chip.number))
    return std::nullopt;
  return chip;
}

//===----------------------------------------------------------------------===//
// The toolkit
//===----------------------------------------------------------------------===//

LogicalResult GPUAssemble::findToolkit() {
  std::optional<std::string> root = llvm::sys::Process::GetEnv("CUDA_ROOT");
  for (auto [name, place] :
       {std::pair(StringRef("ptxas"), &ptxas), {"fatbinary", &fatbinary}}) {
    llvm::ErrorOr<std::string> found =
        root ? llvm::sys::findProgramByName(name, {*root + "/bin"})
             : llvm::sys::findProgramByName(name);
    if (!found && !root)
      found = llvm::sys::findProgramByName(name, {"/usr/local/cuda/bin"});
    if (!found)
      return getOperation().emitError("cannot make machine code for a GPU: ")
             << name << " of the CUDA toolkit is not in "
             << (root ? *root + "/bin, where CUDA_ROOT points"
                      : "PATH, nor in /usr/local/cuda/bin")
             << "; install the toolkit, or set CUDA_ROOT to where it is";
    *place = *found;
  }
  return success();
}

FailureOr<Log> GPUAssemble::runTool(StringRef program,
                                    ArrayRef<std::string> arguments) {
  SmallString<128> log(directory);
  path::append(log, path::filename(program) + ".log");
  SmallVector<StringRef> words = {program};
  llvm::append_range(words, arguments);
  std::optional<StringRef> redirects[] = {std::nullopt, StringRef(log),
                                          StringRef(log)};
  std::string error;
  int status = llvm::sys::ExecuteAndWait(program, words, std::nullopt,
                                         redirects, 0, 0, &error);
  if (auto text = llvm::MemoryBuffer::getFile(log))
    error += (*text)->getBuffer();
  return Log{status, error};
}

//===----------------------------------------------------------------------===//
// One binary
//===----------------------------------------------------------------------===//

FailureOr<SmallVector<Chip>> GPUAssemble::resolveChips(gpu::BinaryOp binary,
                                                       const Chip &ptxChip) {
  SmallVector<Chip> result;
  if (chips.empty())
    result.push_back(ptxChip);
  for (const std::string &name : chips) {
    std::optional<Chip> chip = parseChip(name);
    if (!chip)
      return binary.emitError("unknown chip '")
             << name << "'; give names such as sm_80 and sm_90a";
    if (ptxChip.isSpecific ? chip->name != ptxChip.name
                           : chip->number < ptxChip.number)
      return binary.emitError("the kernels were generated for ")
             << ptxChip.name << " and do not run on " << chip->name
             << (ptxChip.isSpecific
                     ? ": they use instructions that only it has; generate "
                       "them for sm_80 to run on several"
                     : "; generate them for the oldest chip of the list");
    result.push_back(*chip);
  }
  return result;
}

static LogicalResult writeFile(Operation *op, StringRef file, StringRef text) {
  std::error_code code;
  llvm::raw_fd_ostream stream(file, code);
  if (!code) {
    stream << text;
    stream.close();
    code = stream.error();
    stream.clear_error();
  }
  if (code)
    return op->emitError("cannot write '") << file << "': " << code.message();
  return success();
}

/// ptxas repeats the file's name, which says nothing: it is temporary.
static void emitWarnings(gpu::BinaryOp binary, const Chip &chip,
                         StringRef log) {
  SmallVector<StringRef> lines;
  log.split(lines, '\n', -1, /*KeepEmpty=*/false);
  for (StringRef line : lines)
    if (auto [before, after] = line.split(": "); line.contains("warning"))
      binary.emitWarning(chip.name) << ": " << after.trim();
}

LogicalResult GPUAssemble::makeFatBinary(gpu::BinaryOp binary,
                                         const Chip &ptxChip, StringRef ptx,
                                         SmallVectorImpl<char> &result) {
  FailureOr<SmallVector<Chip>> made = resolveChips(binary, ptxChip);
  if (failed(made))
    return failure();
  std::string ptxFile = (directory + "/kernels.ptx").str();
  std::string output = (directory + "/kernels.fatbin").str();
  if (failed(writeFile(binary, ptxFile, ptx)))
    return failure();
  // Compressed images ask for a newer driver than the code itself.
  SmallVector<std::string> pack = {"-64", "--compress=false", "--create",
                                   output};
  for (const Chip &chip : *made) {
    std::string cubin = (directory + "/" + chip.name + ".cubin").str();
    FailureOr<Log> log =
        runTool(ptxas, {"-arch=" + chip.name, "-O3", "--warn-on-spills",
                        ptxFile, "-o", cubin});
    if (log->status != 0)
      return binary.emitError("ptxas cannot assemble the kernels for ")
             << chip.name << ": " << StringRef(log->text).trim();
    emitWarnings(binary, chip, log->text);
    pack.push_back("--image3=kind=elf,sm=" + chip.name.substr(3) +
                   ",file=" + cubin);
  }
  if (!ptxChip.isSpecific)
    pack.push_back("--image3=kind=ptx,sm=" + ptxChip.name.substr(3) +
                   ",file=" + ptxFile);
  FailureOr<Log> log = runTool(fatbinary, pack);
  if (log->status != 0)
    return binary.emitError("fatbinary failed: ")
           << StringRef(log->text).trim();
  auto contents = llvm::MemoryBuffer::getFile(output, /*IsText=*/false,
                                              /*RequiresNullTerminator=*/false);
  if (!contents)
    return binary.emitError("cannot read '")
           << output << "': " << contents.getError().message();
  llvm::append_range(result, (*contents)->getBuffer());
  return record(*made, ptxChip, ptx);
}

/// "12.0" for the driver that knows the PTX's own version; by the tables of
/// PTX's manual a version 8.N came with CUDA 12.N, and 7.N with 11.N.
static std::string driverOfPTX(StringRef ptx) {
  StringRef version = ptx.split(".version ").second.take_while([](char c) {
    return c == '.' || llvm::isDigit(c);
  });
  auto [major, minor] = version.split('.');
  int number = 0;
  if (major.getAsInteger(10, number))
    return "";
  return llvm::formatv("{0}.{1}", number + 4, minor);
}

LogicalResult GPUAssemble::record(ArrayRef<Chip> made, const Chip &ptxChip,
                                  StringRef ptx) {
  FailureOr<Log> log = runTool(ptxas, {"--version"});
  StringRef release =
      StringRef(log->text).split("release ").second.split('.').first;
  if (log->status != 0 || release.empty())
    return getOperation().emitError("ptxas does not say its version: ")
           << log->text;
  Builder builder(&getContext());
  SmallVector<StringRef> names = llvm::map_to_vector(
      made, [](const Chip &chip) { return StringRef(chip.name); });
  // Machine code loads into every driver of the toolkit's major version.
  SmallVector<NamedAttribute> facts = {
      builder.getNamedAttr("chips", builder.getStrArrayAttr(names)),
      builder.getNamedAttr("chips_driver",
                           builder.getStringAttr(release + ".0"))};
  if (!ptxChip.isSpecific) {
    facts.push_back(
        builder.getNamedAttr("ptx", builder.getStringAttr(ptxChip.name)));
    facts.push_back(builder.getNamedAttr(
        "ptx_driver", builder.getStringAttr(driverOfPTX(ptx))));
  }
  getOperation()->setAttr(kGPUCodeAttrName, builder.getDictionaryAttr(facts));
  return success();
}

LogicalResult GPUAssemble::assemble(gpu::BinaryOp binary) {
  if (binary.getObjects().size() != 1)
    return binary.emitError("has ")
           << binary.getObjects().size() << " objects instead of one of PTX";
  auto object = cast<gpu::ObjectAttr>(binary.getObjects()[0]);
  auto target = dyn_cast<NVVM::NVVMTargetAttr>(object.getTarget());
  if (!target || object.getFormat() != gpu::CompilationTarget::Assembly)
    return binary.emitError("does not hold PTX; make it with "
                            "--pixelfly-gpu-to-nvvm=code=ptx");
  std::optional<Chip> ptxChip = parseChip(target.getChip());
  if (!ptxChip)
    return binary.emitError("unknown chip '") << target.getChip() << "'";
  // A string of PTX ends in a zero, for those who load it.
  StringRef ptx = object.getObject().getValue().rtrim('\0');
  SmallVector<char> fat;
  if (failed(makeFatBinary(binary, *ptxChip, ptx, fat)))
    return failure();
  ++numBinaries;
  numBytes += fat.size();
  Builder builder(&getContext());
  binary.setObjectsAttr(builder.getArrayAttr(gpu::ObjectAttr::get(
      &getContext(), object.getTarget(), gpu::CompilationTarget::Fatbin,
      builder.getStringAttr(StringRef(fat.data(), fat.size())),
      object.getProperties(), object.getKernels())));
  return success();
}

void GPUAssemble::runOnOperation() {
  auto binaries = llvm::to_vector(getOperation().getOps<gpu::BinaryOp>());
  if (binaries.empty())
    return;
  if (failed(findToolkit()))
    return signalPassFailure();
  if (std::error_code code =
          fs::createUniqueDirectory("pixelfly-assemble", directory)) {
    getOperation().emitError("cannot make a temporary directory: ")
        << code.message();
    return signalPassFailure();
  }
  llvm::scope_exit remove([&] { fs::remove_directories(directory); });
  for (gpu::BinaryOp binary : binaries)
    if (failed(assemble(binary)))
      return signalPassFailure();
}
