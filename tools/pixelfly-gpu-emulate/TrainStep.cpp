//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TrainStep.h"

#include "llvm/Support/Format.h"

using namespace mlir;
using namespace mlir::pixelfly;
using namespace mlir::pixelfly::emulator;

/// Inputs that are not data (abi.h).
static constexpr StringLiteral kLearningRate = "learning_rate";
static constexpr StringLiteral kStep = "step";

/// Large enough to change the parameters visibly in a few steps.
static constexpr double kLearningRateValue = 1e-2;

/// Parameters are in [-1, 1) times this.
static constexpr double kParameterScale = 0.25;

std::optional<EntryPoint> emulator::findEntryPoint(ModuleOp module,
                                                   StringRef symbol) {
  for (EntryPoint &entry : describeEntryPoints(module))
    if (entry.symbol == symbol)
      return entry;
  return std::nullopt;
}

FailureOr<StepBuffers> StepBuffers::create(Location loc,
                                           const EntryPoint &entry,
                                           GlobalMemory &device,
                                           const StepOptions &options) {
  StepBuffers buffers(entry, device);
  for (auto [index, buffer] : llvm::enumerate(entry.buffers)) {
    bool isOutput = buffer.role == BufferRole::Output;
    FailureOr<Argument> argument =
        Argument::create(loc, buffer.type, &device, buffer.name,
                         /*initialized=*/!isOutput);
    if (failed(argument))
      return failure();
    bool isState = buffer.role == BufferRole::OptimizerState;
    argument->fill(isState || isOutput ? Fill::Zero : Fill::Random,
                   options.seed, index);
    if (buffer.role == BufferRole::Parameter)
      for (int64_t i = 0; i < argument->size(); ++i)
        argument->set(i, kParameterScale * argument->get(i));
    buffers.arguments.push_back(std::move(*argument));
  }
  return buffers;
}

LogicalResult StepBuffers::run(HostProgram &program, unsigned step) {
  SmallVector<void *> pointers;
  for (auto [buffer, argument] : llvm::zip_equal(entry.buffers, arguments)) {
    if (buffer.role == BufferRole::Input && buffer.name == kLearningRate)
      argument.set(0, kLearningRateValue);
    if (buffer.role == BufferRole::Input && buffer.name == kStep)
      argument.set(0, step);
    pointers.push_back(argument.address());
  }
  FailureOr<void *> function = program.lookup(entry.symbol, /*plain=*/true);
  if (failed(function))
    return failure();
  char *arena = device->allocate(entry.arenaBytes, "the arena");
  reinterpret_cast<void (*)(void *const *, void *)>(*function)(pointers.data(),
                                                               arena);
  device->free(arena);
  return success();
}

static StringRef describe(BufferRole role) {
  switch (role) {
  case BufferRole::Parameter:
    return "parameters";
  case BufferRole::OptimizerState:
    return "optimizer state";
  case BufferRole::Input:
    return "inputs";
  case BufferRole::Output:
    return "outputs";
  }
  llvm_unreachable("covered switch");
}

/// The optimizer's state from which updates have their direction.
static constexpr StringLiteral kFirstMoment = "first_moment";

namespace {
/// Compares the buffers of two runs.
class Comparison {
public:
  Comparison(const EntryPoint &entry, MutableArrayRef<Argument> results,
             MutableArrayRef<Argument> wanted, const StepOptions &options);

  /// Notes the state that a step has left.
  void observe();

  /// Prints the largest error of a role's buffers as a multiple of what is
  /// allowed; whether that is at most 1.
  bool check(BufferRole role) const;

private:
  /// Largest value of the buffers that share a buffer's role and name: those of
  /// a parameter alone, of all first moments together.
  double scaleOf(const EntryPointBuffer &buffer) const {
    return scales.at({int(buffer.role), buffer.name});
  }
  double allowed(unsigned index, int64_t element) const;

  const EntryPoint &entry;
  MutableArrayRef<Argument> results, wanted;
  const StepOptions &options;
  std::map<std::pair<int, std::string>, double> scales;
  /// Of each parameter its first moment, if there is such a thing, and the
  /// smallest sizes that its elements had after any step.
  DenseMap<unsigned, unsigned> firstMoment;
  DenseMap<unsigned, std::vector<double>> smallest;
};
} // namespace

Comparison::Comparison(const EntryPoint &entry,
                       MutableArrayRef<Argument> results,
                       MutableArrayRef<Argument> wanted,
                       const StepOptions &options)
    : entry(entry), results(results), wanted(wanted), options(options) {
  SmallVector<unsigned> parameters, moments;
  for (auto [index, buffer] : llvm::enumerate(entry.buffers)) {
    if (buffer.role == BufferRole::Parameter)
      parameters.push_back(index);
    else if (buffer.role == BufferRole::OptimizerState &&
             buffer.name == kFirstMoment)
      moments.push_back(index);
  }
  if (parameters.size() != moments.size())
    return;
  for (auto [parameter, moment] : llvm::zip(parameters, moments)) {
    firstMoment[parameter] = moment;
    smallest[moment].assign(wanted[moment].size(), INFINITY);
  }
}

void Comparison::observe() {
  for (auto [index, buffer] : llvm::enumerate(entry.buffers)) {
    double &scale = scales[{int(buffer.role), buffer.name}];
    for (int64_t i = 0; i < wanted[index].size(); ++i)
      scale = std::max(scale, std::fabs(wanted[index].get(i)));
  }
  for (auto &[moment, sizes] : smallest)
    for (auto [i, size] : llvm::enumerate(sizes))
      size = std::fmin(size, std::fabs(wanted[moment].get(i)));
}

/// An optimizer that divides by the size of the gradient moves a parameter by
/// up to the learning rate in each step, however small the gradient is: what is
/// a rounding error of the gradient is the more of the update the smaller the
/// gradient.
double Comparison::allowed(unsigned index, int64_t element) const {
  const EntryPointBuffer &buffer = entry.buffers[index];
  if (buffer.role == BufferRole::Input)
    return 0; // Nothing writes to it.
  double error = options.tolerance * scaleOf(buffer);
  auto moment = firstMoment.find(index);
  if (moment == firstMoment.end())
    return error;
  double noise = options.tolerance * scaleOf(entry.buffers[moment->second]) /
                 smallest.at(moment->second)[element];
  return error + options.steps * kLearningRateValue * std::fmin(2, noise);
}

bool Comparison::check(BufferRole role) const {
  double largest = 0;
  std::string where;
  for (auto [index, buffer] : llvm::enumerate(entry.buffers)) {
    if (buffer.role != role)
      continue;
    for (int64_t i = 0; i < wanted[index].size(); ++i) {
      double error = std::fabs(results[index].get(i) - wanted[index].get(i));
      double ratio = error == 0 ? 0 : error / allowed(index, i);
      if (ratio <= largest)
        continue;
      largest = std::isnan(ratio) ? INFINITY : ratio;
      where = " (" + buffer.name + ", buffer " + std::to_string(index) +
              ", element " + std::to_string(i) + ")";
    }
  }
  llvm::outs() << describe(role) << ": largest error "
               << llvm::format("%.3g", largest) << " of the tolerance" << where
               << (largest <= 1 ? "" : ": DIFFERENT") << '\n';
  return largest <= 1;
}

LogicalResult emulator::runSteps(Location loc, Emulator &emulator,
                                 const StepProgram &program,
                                 const std::optional<StepProgram> &reference,
                                 const StepOptions &options) {
  const EntryPoint &entry = program.entry;
  GlobalMemory &memory = emulator.getMemory();
  FailureOr<StepBuffers> buffers =
      StepBuffers::create(loc, entry, memory, options);
  FailureOr<StepBuffers> expected = failure();
  if (reference)
    expected = StepBuffers::create(loc, reference->entry, memory, options);
  if (failed(buffers) || (reference && failed(expected)))
    return failure();
  std::optional<Comparison> comparison;
  if (reference)
    comparison.emplace(entry, buffers->getArguments(), expected->getArguments(),
                       options);
  for (unsigned step = 1; step <= options.steps; ++step) {
    if (failed(buffers->run(*program.program, step)) || takeHostFailure() ||
        emulator.hasReported())
      return failure();
    if (reference && failed(expected->run(*reference->program, step)))
      return failure();
    if (comparison)
      comparison->observe();
    llvm::outs() << "step " << step << ":";
    for (auto [index, buffer] : llvm::enumerate(entry.buffers)) {
      if (buffer.role != BufferRole::Output ||
          buffer.type.getNumElements() != 1)
        continue;
      llvm::outs() << ' ' << buffer.name << ' '
                   << llvm::format("%.6f",
                                   buffers->getArguments()[index].get(0));
      if (reference)
        llvm::outs() << " (reference "
                     << llvm::format("%.6f",
                                     expected->getArguments()[index].get(0))
                     << ")";
    }
    llvm::outs() << '\n';
  }
  if (!reference)
    return success();
  bool close = true;
  for (BufferRole role : {BufferRole::Parameter, BufferRole::OptimizerState,
                          BufferRole::Input, BufferRole::Output})
    close &= comparison->check(role);
  return success(close);
}
