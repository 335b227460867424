//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Storage of the pattern attributes that are masks: the key is what is written
// in the IR, the mask is computed from it once.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_LIB_IR_MASKATTRIBUTESTORAGE_H
#define PIXELFLY_LIB_IR_MASKATTRIBUTESTORAGE_H

#include "pixelfly/IR/Pixelfly.h"

#include "mlir/IR/AttributeSupport.h"

namespace mlir::pixelfly::detail {

struct BlockMaskAttrStorage : AttributeStorage {
  using KeyTy = std::tuple<int64_t, ArrayRef<StringAttr>>;

  BlockMaskAttrStorage(int64_t block, ArrayRef<StringAttr> mask)
      : block(block), mask(mask),
        blockMask(mask.size(), mask.front().size(),
                  [&](int64_t row, int64_t col) {
                    return mask[row].getValue()[col] == '#';
                  }) {}

  bool operator==(const KeyTy &key) const { return KeyTy(block, mask) == key; }
  static llvm::hash_code hashKey(const KeyTy &key) {
    return llvm::hash_combine(std::get<0>(key), std::get<1>(key));
  }
  static BlockMaskAttrStorage *construct(AttributeStorageAllocator &allocator,
                                         const KeyTy &key) {
    return new (allocator.allocate<BlockMaskAttrStorage>())
        BlockMaskAttrStorage(std::get<0>(key),
                             allocator.copyInto(std::get<1>(key)));
  }

  int64_t block;
  ArrayRef<StringAttr> mask;
  BlockMask blockMask;
};

struct MaskRuleAttrStorage : AttributeStorage {
  using KeyTy = std::tuple<MaskRule>;

  explicit MaskRuleAttrStorage(const MaskRule &rule)
      : rule(rule), blockMask(rule.build()) {}

  bool operator==(const KeyTy &key) const { return KeyTy(rule) == key; }
  static llvm::hash_code hashKey(const KeyTy &key) {
    return hash_value(std::get<0>(key));
  }
  static MaskRuleAttrStorage *construct(AttributeStorageAllocator &allocator,
                                        const KeyTy &key) {
    return new (allocator.allocate<MaskRuleAttrStorage>())
        MaskRuleAttrStorage(std::get<0>(key));
  }

  MaskRule rule;
  BlockMask blockMask;
};

} // namespace mlir::pixelfly::detail

#endif // PIXELFLY_LIB_IR_MASKATTRIBUTESTORAGE_H
