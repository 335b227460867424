//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emulator/FunctionCompiler.h"

#include "mlir/IR/SymbolTable.h"

using namespace mlir;
using namespace mlir::pixelfly;
using namespace mlir::pixelfly::emulator;

//===----------------------------------------------------------------------===//
// Slots and instructions
//===----------------------------------------------------------------------===//

uint32_t FunctionCompiler::slotOf(Value value) {
  auto [found, isNew] = slots.try_emplace(value, 0);
  if (isNew)
    found->second = newSlot(sizeOfSlot(value));
  return found->second;
}

uint32_t FunctionCompiler::constantSlot(const void *bytes, uint64_t size) {
  uint32_t slot = newSlot(size);
  const char *first = static_cast<const char *>(bytes);
  constants.emplace_back(slot, std::vector<char>(first, first + size));
  return slot;
}

Instruction &FunctionCompiler::emit(Operation *op, Handler handler) {
  Instruction instruction;
  instruction.handler = handler;
  instruction.op = op;
  for (auto [index, operand] : llvm::enumerate(op->getOperands().take_front(
           std::min<size_t>(op->getNumOperands(), 5))))
    instruction.operands[index] = slotOf(operand);
  if (op->getNumResults() == 1)
    instruction.result = slotOf(op->getResult(0));
  return function.code.emplace_back(instruction);
}

bool emulator::waitForWarp(Thread &thread, const Instruction &instruction) {
  thread.state = Thread::State::AtCollective;
  thread.waitsAt = &instruction;
  return false;
}

Instruction &FunctionCompiler::emitCollective(Operation *op,
                                              Collective collective,
                                              Participants participants) {
  Instruction &instruction = emit(op, waitForWarp);
  instruction.collective = collective;
  instruction.participants = participants;
  return instruction;
}

//===----------------------------------------------------------------------===//
// Control flow
//===----------------------------------------------------------------------===//

static bool copySlots(Thread &thread, const Instruction &instruction) {
  const auto &copies =
      *static_cast<const std::vector<SlotCopy> *>(instruction.extra);
  char *frame = thread.frame.get();
  for (const SlotCopy &copy : copies)
    std::memcpy(frame + copy.to, frame + copy.from, copy.size);
  return true;
}

static bool jump(Thread &thread, const Instruction &instruction) {
  uint32_t target = instruction.immediate;
  if (target < thread.counter &&
      ++thread.backwardBranches >
          thread.block->getEmulator().getOptions().maxIterations) {
    thread.block->getEmulator().report(Fault::Deadlock, thread, instruction.op,
                                       "the thread has branched back " +
                                           Twine(thread.backwardBranches) +
                                           " times; it seems to run for ever");
    thread.block->getEmulator().stop();
    return false;
  }
  thread.counter = target;
  return true;
}

static bool jumpUnless(Thread &thread, const Instruction &instruction) {
  if (!(thread.get<uint8_t>(instruction.operands[0]) & 1))
    thread.counter = instruction.immediate;
  return true;
}

static bool jumpIfEqual(Thread &thread, const Instruction &instruction) {
  uint64_t value = 0;
  std::memcpy(&value, thread.slot<char>(instruction.operands[0]),
              instruction.count);
  if (value ==
      static_cast<uint64_t>(reinterpret_cast<uintptr_t>(instruction.extra)))
    thread.counter = instruction.immediate;
  return true;
}

static bool returnFromCall(Thread &thread, const Instruction &instruction) {
  if (thread.callers.empty()) {
    thread.state = Thread::State::Ended;
    return false;
  }
  Thread::Call &call = thread.callers.back();
  std::memcpy(call.frame.get() + call.resultSlot,
              thread.slot<char>(instruction.operands[0]), call.resultSize);
  thread.function = call.function;
  thread.counter = call.counter;
  thread.frame = std::move(call.frame);
  thread.local.resize(call.localTop);
  thread.localObjects.resize(call.numLocalObjects);
  thread.callers.pop_back();
  return true;
}

static bool endThread(Thread &thread, const Instruction &instruction) {
  thread.state = Thread::State::Ended;
  return false;
}

static bool callFunction(Thread &thread, const Instruction &instruction) {
  const auto *callee = static_cast<const Function *>(instruction.extra);
  auto frame = std::make_unique<char[]>(callee->frameSize);
  std::memcpy(frame.get(), callee->constants.data(), callee->constants.size());
  // The caller's side copies the arguments into a row of slots.
  uint32_t from = instruction.operands[0];
  for (const SlotCopy &argument : callee->arguments) {
    std::memcpy(frame.get() + argument.to, thread.frame.get() + from,
                argument.size);
    from += (argument.size + 7) & ~7u;
  }
  thread.callers.push_back({thread.function, thread.counter,
                            std::move(thread.frame), instruction.result,
                            instruction.count, thread.local.size(),
                            thread.localObjects.size()});
  thread.frame = std::move(frame);
  thread.function = callee;
  thread.counter = 0;
  return true;
}

static bool trap(Thread &thread, const Instruction &instruction) {
  thread.block->getEmulator().report(Fault::Other, thread, instruction.op,
                                     "the thread reaches a trap");
  thread.block->getEmulator().stop();
  return false;
}

static bool nothing(Thread &thread, const Instruction &instruction) {
  return true;
}

void FunctionCompiler::emitBranch(Operation *op, mlir::Block *target,
                                  OperandRange operands) {
  std::vector<SlotCopy> direct, first, second;
  llvm::DenseSet<Value> overwritten;
  bool hazard = false;
  for (auto [argument, operand] : llvm::zip(target->getArguments(), operands)) {
    hazard |= overwritten.contains(operand);
    if (operand != argument)
      overwritten.insert(argument);
  }
  for (auto [argument, operand] : llvm::zip(target->getArguments(), operands)) {
    if (operand == argument)
      continue;
    uint32_t size = sizeOfSlot(operand);
    direct.push_back({slotOf(operand), slotOf(argument), size});
    if (hazard) {
      uint32_t temporary = newSlot(size);
      first.push_back({slotOf(operand), temporary, size});
      second.push_back({temporary, slotOf(argument), size});
    }
  }
  if (hazard) {
    direct = std::move(first);
    direct.insert(direct.end(), second.begin(), second.end());
  }
  if (!direct.empty()) {
    Instruction copies;
    copies.handler = copySlots;
    copies.op = op;
    copies.extra = program.keep(std::move(direct));
    function.code.push_back(copies);
  }
  Instruction instruction;
  instruction.handler = jump;
  instruction.op = op;
  jumps.push_back({static_cast<uint32_t>(function.code.size()), target});
  function.code.push_back(instruction);
}

LogicalResult FunctionCompiler::compileCall(LLVM::CallOp call) {
  std::optional<StringRef> callee = call.getCallee();
  if (!callee)
    return call.emitError(
        "the emulator does not run calls of function pointers");
  auto target =
      dyn_cast_or_null<LLVM::LLVMFuncOp>(SymbolTable::lookupNearestSymbolFrom(
          call, call.getCalleeAttr().getAttr()));
  if (!target || target.isExternal()) {
    unsigned arity = 0;
    auto shape = call.getNumResults() == 1
                     ? scalarShapeOf(call.getResult().getType())
                     : std::nullopt;
    Handler handler =
        shape ? findMathFunction(*callee, shape->scalar, arity) : nullptr;
    if (!handler || arity != call.getNumOperands())
      return call.emitError("the emulator knows no device function '")
             << *callee << "'";
    emit(call, handler);
    return success();
  }
  FailureOr<const Function *> function = program.getFunction(target);
  if (failed(function))
    return failure();
  std::vector<SlotCopy> copies;
  uint64_t size = 0;
  for (Value operand : call.getOperands())
    size += (sizeOfSlot(operand) + 7) & ~7u;
  uint32_t row = newSlot(size), to = row;
  for (Value operand : call.getOperands()) {
    copies.push_back({slotOf(operand), to, sizeOfSlot(operand)});
    to += (sizeOfSlot(operand) + 7) & ~7u;
  }
  Instruction &copy = emit(call, copySlots);
  copy.extra = program.keep(std::move(copies));
  Instruction &instruction = emit(call, callFunction);
  instruction.operands[0] = row;
  instruction.extra = *function;
  instruction.count = call.getNumResults() ? sizeOfSlot(call.getResult()) : 0;
  return success();
}

FailureOr<bool> FunctionCompiler::compileControl(Operation *op) {
  if (auto branch = dyn_cast<LLVM::BrOp>(op)) {
    emitBranch(op, branch.getDest(), branch.getDestOperands());
    return true;
  }
  if (auto branch = dyn_cast<LLVM::CondBrOp>(op)) {
    uint32_t condition = function.code.size();
    emit(op, jumpUnless);
    emitBranch(op, branch.getTrueDest(), branch.getTrueDestOperands());
    function.code[condition].immediate = function.code.size();
    emitBranch(op, branch.getFalseDest(), branch.getFalseDestOperands());
    return true;
  }
  if (auto branch = dyn_cast<LLVM::SwitchOp>(op)) {
    std::vector<uint32_t> tests;
    SmallVector<APInt> values;
    if (auto cases = branch.getCaseValues())
      values = llvm::to_vector(cases->getValues<APInt>());
    for (const APInt &value : values) {
      tests.push_back(function.code.size());
      Instruction &test = emit(op, jumpIfEqual);
      test.operands[0] = slotOf(branch.getValue());
      test.count = sizeOfSlot(branch.getValue());
      test.extra = reinterpret_cast<const void *>(
          static_cast<uintptr_t>(value.getZExtValue()));
    }
    emitBranch(op, branch.getDefaultDestination(), branch.getDefaultOperands());
    for (auto [index, test] : llvm::enumerate(tests)) {
      function.code[test].immediate = function.code.size();
      emitBranch(op, branch.getCaseDestinations()[index],
                 branch.getCaseOperands(index));
    }
    return true;
  }
  if (isa<LLVM::ReturnOp>(op)) {
    emit(op, returnFromCall);
    return true;
  }
  if (auto call = dyn_cast<LLVM::CallOp>(op)) {
    if (failed(compileCall(call)))
      return failure();
    return true;
  }
  StringRef name = op->getName().getStringRef();
  if (name == "nvvm.exit") {
    emit(op, endThread);
    return true;
  }
  if (isa<LLVM::UnreachableOp>(op) || name == "llvm.intr.trap") {
    emit(op, trap);
    return true;
  }
  if (name == "llvm.intr.assume" || name == "llvm.intr.lifetime.start" ||
      name == "llvm.intr.lifetime.end") {
    emit(op, nothing);
    return true;
  }
  return false;
}

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

FailureOr<bool> FunctionCompiler::compileConstant(Operation *op) {
  if (!isa<LLVM::ConstantOp, LLVM::UndefOp, LLVM::PoisonOp, LLVM::ZeroOp,
           LLVM::AddressOfOp>(op))
    return false;
  Value result = op->getResult(0);
  std::vector<char> bytes(sizeOfSlot(result));
  if (auto constant = dyn_cast<LLVM::ConstantOp>(op)) {
    if (failed(
            writeConstant(constant.getValue(), result.getType(), bytes.data())))
      return op->emitError("the emulator does not understand this constant");
  } else if (auto address = dyn_cast<LLVM::AddressOfOp>(op)) {
    auto global =
        dyn_cast_or_null<LLVM::GlobalOp>(SymbolTable::lookupNearestSymbolFrom(
            op, address.getGlobalNameAttr().getAttr()));
    FailureOr<uint64_t> value = failure();
    if (global)
      value = program.addressOf(global);
    if (failed(value))
      return op->emitError("the emulator only takes addresses of variables");
    std::memcpy(bytes.data(), &*value, sizeof(*value));
  }
  constants.emplace_back(slotOf(result), std::move(bytes));
  return true;
}

//===----------------------------------------------------------------------===//
// Driver
//===----------------------------------------------------------------------===//

LogicalResult FunctionCompiler::compile(Operation *op) {
  for (Type type :
       llvm::concat<const Type>(SmallVector<Type>(op->getOperandTypes()),
                                SmallVector<Type>(op->getResultTypes())))
    if (failed(layoutOf(type)))
      return op->emitError("the emulator does not know type ") << type;
  using Kind = FailureOr<bool> (FunctionCompiler::*)(Operation *);
  static constexpr Kind kinds[] = {
      &FunctionCompiler::compileConstant,
      &FunctionCompiler::compileControl,
      &FunctionCompiler::compileArithmetic,
      &FunctionCompiler::compileConversion,
      &FunctionCompiler::compileAggregate,
      &FunctionCompiler::compileMath,
      &FunctionCompiler::compileMemory,
      &FunctionCompiler::compileSynchronization,
      &FunctionCompiler::compileWarp,
      &FunctionCompiler::compileMatrix,
      &FunctionCompiler::compileBulkCopy,
      &FunctionCompiler::compileWarpGroup,
  };
  for (Kind kind : kinds) {
    FailureOr<bool> done = (this->*kind)(op);
    if (failed(done))
      return failure();
    if (*done)
      return success();
  }
  return op->emitError("the emulator does not know this operation");
}

LogicalResult FunctionCompiler::run() {
  newSlot(8); // Slot 0 stays unused: instructions read a 0 as "no operand".
  for (BlockArgument argument : function.op.getArguments()) {
    if (failed(layoutOf(argument.getType())))
      return function.op.emitError("the emulator does not know type ")
             << argument.getType();
    function.arguments.push_back({0, slotOf(argument), sizeOfSlot(argument)});
  }
  for (mlir::Block &block : function.op.getBody()) {
    starts[&block] = function.code.size();
    for (Operation &op : block)
      if (failed(compile(&op)))
        return failure();
  }
  for (const Jump &jump : jumps)
    function.code[jump.instruction].immediate = starts[jump.target];
  // Constants were given slots among the others: frames start as one image.
  uint32_t end = 0;
  for (auto &[slot, bytes] : constants)
    end = std::max<uint32_t>(end, slot + bytes.size());
  function.constants.assign(end, 0);
  for (auto &[slot, bytes] : constants)
    std::copy(bytes.begin(), bytes.end(), function.constants.begin() + slot);
  return success();
}
