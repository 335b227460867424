//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every shape and element type of mma.sync, and ldmatrix, against plain loops.
// The layouts are written down here once more, case by case as in the PTX ISA.
//
//===----------------------------------------------------------------------===//

#include "Emulator/Machine.h"
#include "Emulator/NumberFormats.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/FormatVariadic.h"

#include <gtest/gtest.h>

#include <random>

using namespace mlir;
using namespace mlir::pixelfly::emulator;

namespace {
using Position = std::pair<int, int>;

/// One form of mma.sync.
struct Form {
  const char *name;
  int m, n, k;
  /// PTX type of A and B, of C.
  const char *type, *accumulator;
  int registersA, registersB, registersC;
  /// (group, thread in group, element) -> (row, column), from the PTX ISA.
  Position (*a)(int g, int t, int i);
  Position (*b)(int g, int t, int i);
};

Position c16(int g, int t, int i) {
  return {i < 2 ? g : g + 8, t * 2 + (i & 1)};
}
Position c8(int g, int t, int i) { return {g, t * 2 + i}; }

// "Matrix Fragments for mma.m16n8k16 with floating point type".
Position a16816(int g, int t, int i) {
  bool upper = (0 <= i && i < 2) || (4 <= i && i < 6);
  return {upper ? g : g + 8, i < 4 ? t * 2 + (i & 1) : t * 2 + (i & 1) + 8};
}
Position b16816(int g, int t, int i) {
  return {i < 2 ? t * 2 + (i & 1) : t * 2 + (i & 1) + 8, g};
}
// "... mma.m16n8k8", f16 and bf16.
Position a1688(int g, int t, int i) {
  return {i < 2 ? g : g + 8, t * 2 + (i & 1)};
}
Position b1688(int g, int t, int i) { return {t * 2 + i, g}; }
// "... mma.m16n8k4", tf32.
Position a1684(int g, int t, int i) { return {i == 0 ? g : g + 8, t}; }
Position b1684(int g, int t, int i) { return {t, g}; }
// "... mma.m16n8k8", tf32.
Position a1688t(int g, int t, int i) {
  return {i == 0 || i == 2 ? g : g + 8, i < 2 ? t : t + 4};
}
Position b1688t(int g, int t, int i) { return {i == 0 ? t : t + 4, g}; }
// "... mma.m8n8k4 with f64".
Position a884(int g, int t, int i) { return {g, t}; }
Position b884(int g, int t, int i) { return {t, g}; }
// "... mma.m8n8k16", s8 and u8.
Position a8816(int g, int t, int i) { return {g, t * 4 + i}; }
Position b8816(int g, int t, int i) { return {t * 4 + i, g}; }
// "... mma.m16n8k16", s8 and u8.
Position a16816b(int g, int t, int i) {
  return {i < 4 ? g : g + 8, t * 4 + (i & 3)};
}
Position b16816b(int g, int t, int i) { return {t * 4 + i, g}; }
// "... mma.m16n8k32", s8 and u8.
Position a16832(int g, int t, int i) {
  bool upper = (0 <= i && i < 4) || (8 <= i && i < 12);
  return {upper ? g : g + 8, i < 8 ? t * 4 + (i & 3) : t * 4 + (i & 3) + 16};
}
Position b16832(int g, int t, int i) {
  return {i < 4 ? t * 4 + (i & 3) : t * 4 + (i & 3) + 16, g};
}

const Form forms[] = {
    {"f16k16", 16, 8, 16, "f16", "f32", 4, 2, 4, a16816, b16816},
    {"f16k16f16", 16, 8, 16, "f16", "f16", 4, 2, 2, a16816, b16816},
    {"bf16k16", 16, 8, 16, "bf16", "f32", 4, 2, 4, a16816, b16816},
    {"f16k8", 16, 8, 8, "f16", "f32", 2, 1, 4, a1688, b1688},
    {"bf16k8", 16, 8, 8, "bf16", "f32", 2, 1, 4, a1688, b1688},
    {"tf32k4", 16, 8, 4, "tf32", "f32", 2, 1, 4, a1684, b1684},
    {"tf32k8", 16, 8, 8, "tf32", "f32", 4, 2, 4, a1688t, b1688t},
    {"f64", 8, 8, 4, "f64", "f64", 1, 1, 2, a884, b884},
    {"s8m8", 8, 8, 16, "s8", "s32", 1, 1, 2, a8816, b8816},
    {"s8k16", 16, 8, 16, "s8", "s32", 2, 1, 4, a16816b, b16816b},
    {"u8k16", 16, 8, 16, "u8", "s32", 2, 1, 4, a16816b, b16816b},
    {"s8k32", 16, 8, 32, "s8", "s32", 4, 2, 4, a16832, b16832},
    {"u8k32", 16, 8, 32, "u8", "s32", 4, 2, 4, a16832, b16832},
};

unsigned bytesOf(StringRef type) {
  return type == "f64"                     ? 8
         : type == "s8" || type == "u8"    ? 1
         : type == "f16" || type == "bf16" ? 2
                                           : 4;
}

void put(StringRef type, char *to, double value) {
  auto write = [&](auto element) {
    std::memcpy(to, &element, sizeof(element));
  };
  if (type == "f16")
    write(Half(value));
  else if (type == "bf16")
    write(BFloat(value));
  else if (type == "s8" || type == "u8")
    write(static_cast<int8_t>(value));
  else if (type == "s32")
    write(static_cast<int32_t>(value));
  else if (type == "f64")
    write(value);
  else
    write(static_cast<float>(value));
}

double get(StringRef type, const char *from) {
  auto read = [&](auto element) {
    std::memcpy(&element, from, sizeof(element));
    return element;
  };
  if (type == "f16")
    return float(read(Half()));
  if (type == "s32")
    return read(int32_t());
  if (type == "f64")
    return read(double());
  return read(float());
}

/// A kernel that loads each lane's registers, multiplies and stores them.
std::string kernelText(const Form &form) {
  bool wide = StringRef(form.type) == "f64";
  std::string inType = wide ? "f64" : "i32";
  std::string operandType =
      StringRef(form.type) == "f16" ? "vector<2xf16>" : inType;
  std::string outType = StringRef(form.accumulator) == "f16" ? "vector<2xf16>"
                        : StringRef(form.accumulator) == "s32"
                            ? "i32"
                            : form.accumulator;
  std::string text = R"(
gpu.module @kernels {
  llvm.func @kernel(%a: !llvm.ptr, %b: !llvm.ptr, %c: !llvm.ptr, %d: !llvm.ptr)
      attributes {gpu.kernel, nvvm.kernel} {
    %lane = nvvm.read.ptx.sreg.laneid : i32
)";
  auto load = [&](char name, int count, const std::string &type) {
    std::string list;
    for (int i = 0; i < count; ++i) {
      text += llvm::formatv(
          "    %{0}n{1} = llvm.mlir.constant({2} : i32) : i32\n"
          "    %{0}m{1} = llvm.mlir.constant({1} : i32) : i32\n"
          "    %{0}o{1} = llvm.mul %lane, %{0}n{1} : i32\n"
          "    %{0}i{1} = llvm.add %{0}o{1}, %{0}m{1} : i32\n"
          "    %{0}p{1} = llvm.getelementptr %{0}[%{0}i{1}] : (!llvm.ptr, i32) "
          "-> "
          "!llvm.ptr, {3}\n"
          "    %{0}r{1} = llvm.load %{0}p{1} : !llvm.ptr -> {3}\n",
          name, i, count, type);
      list +=
          (i ? ", %" : "%") + std::string(1, name) + "r" + std::to_string(i);
    }
    return list;
  };
  std::string a = load('a', form.registersA, operandType);
  std::string b = load('b', form.registersB, operandType);
  std::string c = load('c', form.registersC, outType);
  std::string fields = outType;
  for (int i = 1; i < form.registersC; ++i)
    fields += ", " + outType;
  text += llvm::formatv(
      "    %r = nvvm.mma.sync A[{0}] B[{1}] C[{2}] {{{3}"
      "layoutA = #nvvm.mma_layout<row>, layoutB = #nvvm.mma_layout<col>, "
      "multiplicandAPtxType = #nvvm.mma_type<{4}>, "
      "multiplicandBPtxType = #nvvm.mma_type<{4}>, "
      "shape = #nvvm.shape<m = {5}, n = {6}, k = {7}>} : ({8}, {8}, {9}) -> "
      "!llvm.struct<({10})>\n",
      a, b, c,
      StringRef(form.accumulator) == "s32"
          ? "intOverflowBehavior = #nvvm.mma_int_overflow<wrapped>, "
          : "",
      form.type, form.m, form.n, form.k, operandType, outType, fields);
  for (int i = 0; i < form.registersC; ++i)
    text += llvm::formatv(
        "    %e{0} = llvm.extractvalue %r[{0}] : !llvm.struct<({1})>\n"
        "    %dp{0} = llvm.getelementptr %d[%ci{0}] : (!llvm.ptr, i32) -> "
        "!llvm.ptr, {2}\n"
        "    llvm.store %e{0}, %dp{0} : {2}, !llvm.ptr\n",
        i, fields, outType);
  return text + "    llvm.return\n  }\n}\n";
}

LogicalResult runKernel(ModuleOp module, Emulator &emulator,
                        ArrayRef<char *> buffers) {
  auto gpuModule = *module.getOps<gpu::GPUModuleOp>().begin();
  auto kernel = *gpuModule.getOps<LLVM::LLVMFuncOp>().begin();
  SmallVector<void *> parameters;
  for (char *const &buffer : buffers)
    parameters.push_back(const_cast<char **>(&buffer));
  return emulator.launch(kernel, {1, 1, 1}, {32, 1, 1}, 0, parameters.data());
}

class MatrixProduct : public ::testing::TestWithParam<Form> {
protected:
  MatrixProduct() {
    context
        .loadDialect<gpu::GPUDialect, LLVM::LLVMDialect, NVVM::NVVMDialect>();
  }
  MLIRContext context;
};
} // namespace

TEST_P(MatrixProduct, IsThatOfPlainLoops) {
  const Form &form = GetParam();
  OwningOpRef<ModuleOp> module =
      parseSourceString<ModuleOp>(kernelText(form), &context);
  ASSERT_TRUE(module) << kernelText(form);
  Emulator emulator{Options()};
  unsigned size = bytesOf(form.type),
           accumulatorSize = bytesOf(form.accumulator);
  int perLaneA = form.m * form.k / 32, perLaneB = form.n * form.k / 32;
  int perLaneC = form.m * form.n / 32;
  auto buffer = [&](int bytes) {
    char *made = emulator.getMemory().allocate(bytes, "buffer");
    emulator.getMemory().markInitialized(made, bytes);
    return made;
  };
  char *a = buffer(32 * perLaneA * size), *b = buffer(32 * perLaneB * size);
  char *c = buffer(32 * perLaneC * accumulatorSize);
  char *d = buffer(32 * perLaneC * accumulatorSize);

  // Small whole numbers are exact in every type, and so are their sums.
  std::mt19937 random(1);
  bool isUnsigned = StringRef(form.type) == "u8";
  auto number = [&] {
    return double(int(random() % 13) - (isUnsigned ? 0 : 6));
  };
  std::vector<std::vector<double>> left(form.m, std::vector<double>(form.k));
  std::vector<std::vector<double>> right(form.k, std::vector<double>(form.n));
  std::vector<std::vector<double>> sum(form.m, std::vector<double>(form.n));
  for (auto *matrix : {&left, &right, &sum})
    for (auto &row : *matrix)
      for (double &element : row)
        element = number();
  auto positionInC = form.m == 16 ? c16 : c8;
  for (int lane = 0; lane < 32; ++lane) {
    int g = lane / 4, t = lane % 4;
    for (int i = 0; i < perLaneA; ++i) {
      auto [row, column] = form.a(g, t, i);
      put(form.type, a + (lane * perLaneA + i) * size, left[row][column]);
    }
    for (int i = 0; i < perLaneB; ++i) {
      auto [row, column] = form.b(g, t, i);
      put(form.type, b + (lane * perLaneB + i) * size, right[row][column]);
    }
    for (int i = 0; i < perLaneC; ++i) {
      auto [row, column] = positionInC(g, t, i);
      put(form.accumulator, c + (lane * perLaneC + i) * accumulatorSize,
          sum[row][column]);
    }
  }
  ASSERT_TRUE(succeeded(runKernel(*module, emulator, {a, b, c, d})));
  for (int lane = 0; lane < 32; ++lane)
    for (int i = 0; i < perLaneC; ++i) {
      auto [row, column] = positionInC(lane / 4, lane % 4, i);
      double expected = sum[row][column];
      for (int k = 0; k < form.k; ++k)
        expected += left[row][k] * right[k][column];
      EXPECT_EQ(
          get(form.accumulator, d + (lane * perLaneC + i) * accumulatorSize),
          expected)
          << "row " << row << ", column " << column;
    }
}

INSTANTIATE_TEST_SUITE_P(AllForms, MatrixProduct, ::testing::ValuesIn(forms),
                         [](const auto &info) { return info.param.name; });

/// Four matrices, stored one after the other; lane l gives the address of row
/// l.
static void checkLoad(bool transposed) {
  MLIRContext context;
  context.loadDialect<gpu::GPUDialect, LLVM::LLVMDialect, NVVM::NVVMDialect>();
  std::string text = R"(
gpu.module @kernels {
  llvm.mlir.global internal @shared() {addr_space = 3 : i32, alignment = 16 : i64} : !llvm.array<256 x i16>
  llvm.func @kernel(%from: !llvm.ptr, %to: !llvm.ptr) attributes {gpu.kernel, nvvm.kernel} {
    %lane = nvvm.read.ptx.sreg.laneid : i32
    %base = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %row = llvm.getelementptr %base[%lane] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, vector<8xi16>
    %source = llvm.getelementptr %from[%lane] : (!llvm.ptr, i32) -> !llvm.ptr, vector<8xi16>
    %x = llvm.load %source : !llvm.ptr -> vector<8xi16>
    llvm.store %x, %row : vector<8xi16>, !llvm.ptr<3>
    nvvm.barrier0
    %words = nvvm.ldmatrix %row {num = 4 : i32, layout = #nvvm.mma_layout<LAYOUT>,
        shape = #nvvm.ld_st_matrix_shape<m = 8, n = 8>, eltType = #nvvm.ld_st_matrix_elt_type<b16>}
        : (!llvm.ptr<3>) -> !llvm.struct<(i32, i32, i32, i32)>
    %target = llvm.getelementptr %to[%lane] : (!llvm.ptr, i32) -> !llvm.ptr, !llvm.struct<(i32, i32, i32, i32)>
    llvm.store %words, %target : !llvm.struct<(i32, i32, i32, i32)>, !llvm.ptr
    llvm.return
  }
})";
  text.replace(text.find("LAYOUT"), 6, transposed ? "col" : "row");
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(text, &context);
  ASSERT_TRUE(module);
  Emulator emulator{Options()};
  char *from = emulator.getMemory().allocate(512, "from");
  char *to = emulator.getMemory().allocate(512, "to");
  emulator.getMemory().markInitialized(from, 512);
  for (uint16_t i = 0; i < 256; ++i)
    std::memcpy(from + 2 * i, &i, 2);
  ASSERT_TRUE(succeeded(runKernel(*module, emulator, {from, to})));
  for (int lane = 0; lane < 32; ++lane)
    for (int matrix = 0; matrix < 4; ++matrix)
      for (int i = 0; i < 2; ++i) {
        uint16_t element;
        std::memcpy(&element, to + 16 * lane + 4 * matrix + 2 * i, 2);
        int row = lane / 4, column = 2 * (lane % 4) + i;
        int expected =
            64 * matrix + (transposed ? 8 * column + row : 8 * row + column);
        EXPECT_EQ(element, expected) << "lane " << lane;
      }
}

TEST(LoadMatrix, ByRows) { checkLoad(false); }
TEST(LoadMatrix, Transposed) { checkLoad(true); }
