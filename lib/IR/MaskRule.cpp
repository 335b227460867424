//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/IR/MaskRule.h"

#include "llvm/ADT/Hashing.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace mlir::pixelfly;

ArrayRef<MaskRule::Parameter> MaskRule::parameters() {
  static const Parameter all[] = {
      {"window", &MaskRule::window},   {"global", &MaskRule::global},
      {"random", &MaskRule::random},   {"seed", &MaskRule::seed},
      {"factors", &MaskRule::factors}, {"cells", &MaskRule::cells},
      {"stride", &MaskRule::stride},   {"radix", &MaskRule::radix},
      {"groups", &MaskRule::groups}};
  return all;
}

bool MaskRule::operator==(const MaskRule &other) const {
  return kind == other.kind && rows == other.rows && cols == other.cols &&
         block == other.block && causal == other.causal &&
         transposed == other.transposed &&
         llvm::all_of(parameters(), [&](const Parameter &parameter) {
           return this->*parameter.value == other.*parameter.value;
         });
}

llvm::hash_code mlir::pixelfly::hash_value(const MaskRule &rule) {
  llvm::hash_code code =
      llvm::hash_combine(rule.kind, rule.rows, rule.cols, rule.block,
                         rule.causal, rule.transposed);
  for (const MaskRule::Parameter &parameter : MaskRule::parameters())
    code = llvm::hash_combine(code, rule.*parameter.value);
  return code;
}

namespace {
/// The parameters that a rule has and those of them that may be left out.
struct Signature {
  SmallVector<StringRef> required, optional;
};
} // namespace

static Signature signatureOf(MaskRuleKind kind) {
  switch (kind) {
  case MaskRuleKind::Dense:
    return {{}, {}};
  case MaskRuleKind::BlockDiagonal:
    return {{"groups"}, {}};
  case MaskRuleKind::Local:
    return {{"window"}, {}};
  case MaskRuleKind::Global:
    return {{"global"}, {}};
  case MaskRuleKind::Random:
    return {{"random"}, {"seed"}};
  case MaskRuleKind::BigBird:
    return {{"window", "global", "random"}, {"seed"}};
  case MaskRuleKind::Longformer:
  case MaskRuleKind::Fixed:
    return {{"window", "global"}, {}};
  case MaskRuleKind::ButterflyGlobal:
    return {{"global", "factors"}, {}};
  case MaskRuleKind::StretchedButterfly:
    return {{"factors", "cells"}, {"global"}};
  case MaskRuleKind::ButterflyFactor:
    return {{"cells", "stride", "radix"}, {}};
  }
  llvm_unreachable("unknown rule");
}

/// A mask is held block by block; more than this is a mistake in a size.
static constexpr int64_t kMaxBlocks = int64_t(1) << 24;

std::string MaskRule::check() const {
  std::string message;
  llvm::raw_string_ostream stream(message);
  StringRef name = stringifyMaskRuleKind(kind);
  if (!isSupportedBlock(block)) {
    stream << "(C1) block must be 8, 16, 32, 64 or 128, but is " << block;
    return message;
  }
  for (auto [side, extent] : {std::pair("rows", rows), std::pair("cols", cols)})
    if (extent <= 0 || extent % block != 0) {
      stream << "(C2) " << side
             << " must be a positive multiple of block = " << block
             << ", but is " << extent << "; pad it to "
             << paddedExtent(std::max<int64_t>(extent, 1), block);
      return message;
    }

  if (rows / block > kMaxBlocks / (cols / block)) {
    stream << "(C2) the grid must have at most " << kMaxBlocks
           << " blocks, but has " << rows / block << " x " << cols / block
           << "; take a larger block";
    return message;
  }

  Signature signature = signatureOf(kind);
  for (const Parameter &parameter : parameters()) {
    bool isRequired = llvm::is_contained(signature.required, parameter.name);
    bool isKnown =
        isRequired || llvm::is_contained(signature.optional, parameter.name);
    bool isPresent = (this->*parameter.value).has_value();
    if (isPresent ? isKnown : !isRequired)
      continue;
    stream << "(C3) " << name << (isPresent ? " has no " : " needs ")
           << parameter.name << "; its parameters are ";
    SmallVector<StringRef> names = signature.required;
    names.append(signature.optional);
    stream << (names.empty() ? "none" : llvm::join(names, ", "));
    return message;
  }

  for (const Parameter &parameter : parameters())
    if (!llvm::is_contained({"seed", "factors", "cells"},
                            StringRef(parameter.name)) &&
        (this->*parameter.value).value_or(1) < 1) {
      stream << "(C4) " << parameter.name << " must be positive, but is "
             << *(this->*parameter.value);
      return message;
    }
  if (window && kind != MaskRuleKind::Fixed && *window % 2 == 0)
    stream << "(C4) window must be odd, as many blocks on either side of the "
              "diagonal, but is "
           << *window;
  else if (kind == MaskRuleKind::Fixed && *global > *window)
    stream << "(C4) global must be at most window = " << *window << ", but is "
           << *global;
  else if (groups &&
           (rows / block % *groups != 0 || cols / block % *groups != 0))
    stream << "(C4) groups must divide the " << rows / block << " block rows "
           << "and the " << cols / block << " block columns, but is "
           << *groups;
  else if (factors && (*factors < 0 || *factors > 40))
    stream << "(C5) factors must be between 0 and 40, but is " << *factors;
  else if (radix && *radix < 2)
    stream << "(C5) radix must be at least 2, but is " << *radix;
  else if (radix && (*cells < 1 || *cells % *stride != 0 ||
                     *cells / *stride % *radix != 0))
    stream << "(C5) stride * radix = " << *stride << " * " << *radix
           << " must divide cells, but cells is " << *cells;
  else if (radix && (rows / block % *cells != 0 || cols / block % *cells != 0))
    stream << "(C5) cells must divide the " << rows / block
           << " block rows and the " << cols / block
           << " block columns, but is " << *cells;
  else if (factors && cells &&
           (*cells < 1 || !llvm::isPowerOf2_64(*cells) ||
            *cells < int64_t(1) << *factors))
    stream << "(C5) cells must be a power of two, at least 2^factors = "
           << (int64_t(1) << *factors) << ", but is " << *cells;
  else if (factors && cells && (rows % *cells != 0 || cols % *cells != 0))
    stream << "(C5) cells = " << *cells << " must divide rows = " << rows
           << " and cols = " << cols;
  else if (causal && rows != cols)
    stream << "(C6) causal needs as many rows as columns, but there are "
           << rows << " and " << cols;
  else if (transposed && isSymmetric())
    stream << "(C7) " << name << " is its own transpose: leave transposed out";
  return message;
}

/// The rule for the matrix before it is transposed and made causal.
static BlockMask buildPlain(const MaskRule &rule, int64_t rows, int64_t cols) {
  switch (rule.kind) {
  case MaskRuleKind::Dense:
    return denseMask(rows, cols);
  case MaskRuleKind::BlockDiagonal:
    return blockDiagonalMask(rows, cols, *rule.groups);
  case MaskRuleKind::Local:
    return localMask(rows, cols, *rule.window);
  case MaskRuleKind::Global:
    return globalMask(rows, cols, *rule.global);
  case MaskRuleKind::Random:
    return randomMask(BlockMask(rows, cols, [](auto, auto) { return false; }),
                      *rule.random, rule.seed.value_or(0), rule.causal);
  case MaskRuleKind::BigBird: {
    BlockMask base = longformerMask(rows, cols, *rule.window, *rule.global);
    return base.unitedWith(
        randomMask(base, *rule.random, rule.seed.value_or(0), rule.causal));
  }
  case MaskRuleKind::Longformer:
    return longformerMask(rows, cols, *rule.window, *rule.global);
  case MaskRuleKind::Fixed:
    return fixedMask(rows, cols, *rule.window, *rule.global);
  case MaskRuleKind::ButterflyGlobal:
    return butterflyGlobalMask(rows, cols, *rule.factors, *rule.global);
  case MaskRuleKind::StretchedButterfly:
    return stretchedButterflyMask(rows, cols, *rule.cells, *rule.factors,
                                  rule.global.value_or(0));
  case MaskRuleKind::ButterflyFactor:
    return butterflyFactorMask(rows, cols, *rule.cells, *rule.stride,
                               *rule.radix);
  }
  llvm_unreachable("unknown rule");
}

BlockMask MaskRule::build() const {
  int64_t blockRows = rows / block, blockCols = cols / block;
  if (transposed)
    std::swap(blockRows, blockCols);
  BlockMask mask = buildPlain(*this, blockRows, blockCols);
  if (causal)
    mask = mask.causal();
  return transposed ? mask.transposed() : mask;
}

bool MaskRule::isSymmetric() const {
  return !causal && kind != MaskRuleKind::Random &&
         kind != MaskRuleKind::BigBird && kind != MaskRuleKind::Fixed;
}

MaskRule MaskRule::getTransposed() const {
  MaskRule result = *this;
  std::swap(result.rows, result.cols);
  if (!isSymmetric())
    result.transposed = !transposed;
  return result;
}

MaskRule MaskRule::fromAuthors(int64_t out, int64_t in, int64_t block,
                               int64_t butterflySize, int64_t factors,
                               int64_t globalSize) {
  MaskRule rule;
  rule.kind = MaskRuleKind::StretchedButterfly;
  rule.rows = paddedExtent(out, block);
  rule.cols = paddedExtent(in, block);
  rule.block = block;
  rule.cells = butterflySize;
  rule.factors = factors;
  if (globalSize > 0)
    rule.global = paddedExtent(globalSize, block) / block;
  return rule;
}

MaskRule MaskRule::ofFactor(const FlatButterfly &pattern, int64_t index) {
  MaskRule rule;
  rule.kind = MaskRuleKind::ButterflyFactor;
  rule.rows = pattern.rows;
  rule.cols = pattern.cols;
  rule.block = pattern.block;
  rule.cells = pattern.cells();
  rule.stride = 1;
  for (int64_t t = 0; t < index; ++t)
    *rule.stride *= pattern.radices[t];
  rule.radix = pattern.radices[index];
  return rule;
}
