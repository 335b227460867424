// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef PIXELFLY_CODEGEN_CPU_PASSES_TD
#define PIXELFLY_CODEGEN_CPU_PASSES_TD

include "mlir/Pass/PassBase.td"

def LowerProducts : Pass<"pixelfly-cpu-lower-products", "::mlir::ModuleOp"> {
  let summary = "Lower products to vector kernels";
  let description = [{
    Replaces `pixelfly.matmul`, `pixelfly.sddmm` and every linalg contraction on
    memrefs by loops around a register tile: accumulators carried by the
    innermost loop, a vector of the right operand and a broadcast scalar of the
    left one per multiply-add. Operands are first packed into the order in which
    the tile reads them, so that any layout, transposition or stride runs at the
    same speed; sizes that tiles do not divide are cut by masks, never by scalar
    loops. Tile sizes come from `pixelfly.tile` (see `--pixelfly-choose-tiles`).

    Neighbours of a flat butterfly are arithmetic on the block row; other patterns
    get constant tables, globals of the module.

    The outermost loop is an `scf.parallel` over parts of the result, for products
    that are worth several threads. No reduction is split, so the result has the
    same bits for any number of threads. Packed operands that tasks share are
    `memref.alloc`ed before and deallocated after the loop; those of one task are
    on the stack of its thread (`memref.alloca` inside the `scf.parallel`; see
    `--pixelfly-hoist-stack-buffers`), unless they take more than 1 MiB: then
    tasks share what is packed.

    A `linalg.fill` with zero that gives the destination its contents is erased:
    the product then starts from zero.

    Products that have no kernel (integers, dynamic shapes, results whose
    innermost dimension is not adjacent or is a batch dimension) stay, with a
    remark that says why; without `allow-slow-products` they are an error. A
    contraction that uses each element of its operands once (a dot product, the
    row sums of an elementwise product) is a reduction and stays without a remark,
    see `--pixelfly-vectorize-elementwise`; a product with no terms or no result
    is erased.

    Before:
    ```mlir
    linalg.fill ins(%zero : f32) outs(%y : memref<96x64xf32>)
    linalg.matmul ins(%x, %w : memref<96x64xf32>, memref<64x64xf32>)
                  outs(%y : memref<96x64xf32>)
    ```
    After, in outline:
    ```mlir
    %packed_w = memref.alloc() : memref<2x64x32xf32>
    scf.parallel (%tile) = ... { /* pack a column tile of %w */ }
    scf.parallel (%panel) = ... {
      %packed_x = memref.alloca() : memref<1x24x64xf32>
      // pack the panel's rows of %x
      scf.for %column_tile = ... {
        scf.for %row = ... {
          %sums:24 = scf.for %k = ... iter_args(...) -> (vector<16xf32>, ...) {
            %b = vector.load %packed_w[...] : ..., vector<16xf32>
            %a = memref.load %packed_x[...]
            %broadcast = vector.broadcast %a : f32 to vector<16xf32>
            %sum = vector.fma %broadcast, %b, %sum0 : vector<16xf32>
            ...
          }
          vector.store %sums#0, %y[...]
        }
      }
    }
    memref.dealloc %packed_w
    ```
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect",
    "::mlir::pixelfly::PixelflyDialect", "::mlir::scf::SCFDialect",
    "::mlir::vector::VectorDialect"
  ];
  let options = [
    Option<"parallel", "parallel", "bool", "true",
           "Make the outermost loop scf.parallel where several threads pay">,
    Option<"allowSlowProducts", "allow-slow-products", "bool", "true",
           "Leave products that have no kernel to slower loops, with a remark, "
           "instead of failing">
  ];
  let statistics = [
    Statistic<"numLowered", "lowered", "Products lowered to kernels">,
    Statistic<"numEmpty", "empty", "Products that had nothing to sum">,
    Statistic<"numLeft", "left", "Products without a kernel">,
    Statistic<"numFills", "fills", "Fills with zero made unnecessary">
  ];
}

def SeparateDestinations : Pass<"pixelfly-separate-destinations", "::mlir::func::FuncOp"> {
  let summary = "Give every operation a destination of its own";
  let description = [{
    Common subexpression elimination leaves one zero tensor for all products of
    the same shape. Each of them accumulates into it, so bufferization would copy
    the zeros for all but the last. Here every use of a `linalg.fill` or a
    `tensor.empty` as a destination gets its own, just before the use: filling is
    cheaper than copying, and a kernel that sees the fill starts from zero
    without it.

    Before:
    ```mlir
    %zero = linalg.fill ins(%c0 : f32) outs(%empty : tensor<8x8xf32>)
    %p = linalg.matmul ins(%a, %b : ...) outs(%zero : tensor<8x8xf32>)
    %q = linalg.matmul ins(%c, %d : ...) outs(%zero : tensor<8x8xf32>)
    ```
    After:
    ```mlir
    %empty0 = tensor.empty() : tensor<8x8xf32>
    %zero0 = linalg.fill ins(%c0 : f32) outs(%empty0 : tensor<8x8xf32>)
    %p = linalg.matmul ins(%a, %b : ...) outs(%zero0 : tensor<8x8xf32>)
    %empty1 = tensor.empty() : tensor<8x8xf32>
    %zero1 = linalg.fill ins(%c0 : f32) outs(%empty1 : tensor<8x8xf32>)
    %q = linalg.matmul ins(%c, %d : ...) outs(%zero1 : tensor<8x8xf32>)
    ```
  }];
  let statistics = [
    Statistic<"numSeparated", "separated", "Destinations duplicated">
  ];
}

def VectorizeElementwise : Pass<"pixelfly-cpu-vectorize-elementwise", "::mlir::func::FuncOp"> {
  let summary = "Vectorise what is not a product";
  let description = [{
    Replaces every linalg operation on buffers, and every `memref.copy` of known
    shape, by loops over vectors. It runs after the products have been lowered,
    so what is left is elementwise work, broadcasts, transposes and reductions,
    and a training step spends on it mostly the time to move memory.

    Every operand is seen as a stride along every loop; neighbouring loops that
    all operands step through as one become one. Then the loop that costs least
    carries the lanes of a vector: along it an operand is contiguous (a vector
    load), invariant (a scalar, loaded before the loop) or strided (a gather).
    What does not fill a vector at the end of a row is masked; there are no
    scalar remainders.

    Reductions either have neighbouring results in the lanes (column sums;
    whole cache lines of every row are used), or neighbouring terms (row sums;
    four accumulators, combined at the end). A long reduction with few results
    is cut into parts whose number depends on the shape alone; the parts are
    combined in their order. So results have the same bits for any number of
    threads.

    Outer loops become `scf.parallel` where there is enough work. exp, log,
    tanh, erf and their kind become polynomials (a few units in the last place)
    that keep NaN. An operation without a form on vectors (a dynamic shape,
    strides that are not known, an operand of i1, a body with other than
    arith and math operations) becomes scalar loops.

    Before:
    ```mlir
    linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>,
                                     affine_map<(i, j) -> (j)>,
                                     affine_map<(i, j) -> (i, j)>],
                    iterator_types = ["parallel", "parallel"]}
      ins(%x, %bias : memref<8x32xf32>, memref<32xf32>)
      outs(%y : memref<8x32xf32>) {
    ^bb0(%a: f32, %b: f32, %unused: f32):
      %sum = arith.addf %a, %b : f32
      linalg.yield %sum : f32
    }
    ```
    After (`%flat_x`, `%flat_y` are `%x`, `%y` as memref<256xf32>):
    ```mlir
    scf.for %i = %c0 to %c8 step %c1 {
      scf.for %j = %c0 to %c32 step %c16 {
        %at = affine.apply affine_map<(i, j) -> (i * 32 + j)>(%i, %j)
        %a = vector.load %flat_x[%at] : memref<256xf32>, vector<16xf32>
        %b = vector.load %bias[%j] : memref<32xf32>, vector<16xf32>
        %sum = arith.addf %a, %b : vector<16xf32>
        vector.store %sum, %flat_y[%at] : memref<256xf32>, vector<16xf32>
      }
    }
    ```
  }];
  let options = [
    Option<"lanes", "lanes", "int64_t", "0",
           "Elements in a vector; 0: as many of 32 bits as a vector register of "
           "the module's target holds">,
    Option<"parallel", "parallel", "bool", "true",
           "Run outer loops on threads where there is enough work">,
    Option<"remarks", "remarks", "bool", "false",
           "Emit a remark with the reason for each operation that runs as "
           "scalar loops">
  ];
  let statistics = [
    Statistic<"numVectorized", "vectorized", "Operations that became vectors">,
    Statistic<"numScalar", "scalar", "Operations that became scalar loops">
  ];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::linalg::LinalgDialect",
    "::mlir::math::MathDialect", "::mlir::memref::MemRefDialect",
    "::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect"
  ];
}

def ProtectArguments : Pass<"pixelfly-protect-arguments", "::mlir::func::FuncOp"> {
  let summary = "Forbid writing into arguments that have no new value";
  let description = [{
    Bufferization may write into the buffer of any argument whose contents are
    not needed any more. The runtime owns the buffers it passes in: a batch stays
    what it was, and evaluation changes no parameter. So in a public function
    only an argument whose new value is the result at the same position (one
    without a `pixelfly.output` name, see `--pixelfly-results-to-arguments`) may
    be written.

    Before:
    ```mlir
    func.func @step(%p: tensor<8xf32>, %x: tensor<8xf32>)
        -> (tensor<8xf32>, tensor<f32> {pixelfly.output = "loss"})
    ```
    After:
    ```mlir
    func.func @step(%p: tensor<8xf32>,
                    %x: tensor<8xf32> {bufferization.writable = false})
        -> (tensor<8xf32>, tensor<f32> {pixelfly.output = "loss"})
    ```
  }];
  let dependentDialects = ["::mlir::bufferization::BufferizationDialect"];
  let statistics = [
    Statistic<"numProtected", "protected", "Arguments protected">
  ];
}

def ResultsToArguments : Pass<"pixelfly-results-to-arguments", "::mlir::ModuleOp"> {
  let summary = "Turn the results of public functions into arguments";
  let description = [{
    The functions of an artifact return nothing: they write into buffers that
    the runtime gives them. Of every public function that returns buffers,

    * a result without a `pixelfly.output` name is the new value of the argument
      at the same position (a parameter, or optimizer state) and must end up
      there. Bufferization nearly always updates it in place; where it could
      not, a copy is added and counted in a statistic;
    * a result with a name becomes a new last argument that carries the name in
      `pixelfly.output`. A returned allocation is replaced by the argument, so
      that nothing is copied; anything else is copied into it.

    Runs after bufferization and before the memory plan, so that outputs take no
    room in the arena. Functions that are called inside the module are an error,
    as their callers would have to change.

    Before:
    ```mlir
    func.func @step(%p: memref<8xf32>)
        -> (memref<8xf32>, memref<f32> {pixelfly.output = "loss"}) {
      %loss = memref.alloc() : memref<f32>
      ...
      return %p, %loss : memref<8xf32>, memref<f32>
    }
    ```
    After:
    ```mlir
    func.func @step(%p: memref<8xf32>,
                    %loss: memref<f32> {pixelfly.output = "loss"}) {
      ...
      return
    }
    ```
  }];
  let dependentDialects = ["::mlir::memref::MemRefDialect"];
  let statistics = [
    Statistic<"numInPlace", "in-place", "Results that already were an argument">,
    Statistic<"numCopies", "copies", "Results that had to be copied">
  ];
}

def OutlineKernels : Pass<"pixelfly-outline-kernels", "::mlir::ModuleOp"> {
  let summary = "Move loops into functions that equal loops share";
  let description = [{
    The blocks of a network do the same on other buffers. Every loop of a public
    function becomes a private function of the buffers it uses, and loops that
    are equal up to them call the same one. The code is several times smaller,
    so compiling is several times faster and the code stays in the instruction
    cache.

    Constants are repeated inside the function, so that they stay constants.
    Loops that return values, or allocate (the memory plan must see that), stay.

    Before:
    ```mlir
    func.func @f(%a: memref<8xf32>, %b: memref<8xf32>) {
      scf.for %i = %c0 to %c8 step %c1 { memref.store %zero, %a[%i] }
      scf.for %i = %c0 to %c8 step %c1 { memref.store %zero, %b[%i] }
      return
    }
    ```
    After:
    ```mlir
    func.func private @kernel(%x: memref<8xf32>) {
      scf.for %i = %c0 to %c8 step %c1 { memref.store %zero, %x[%i] }
      return
    }
    func.func @f(%a: memref<8xf32>, %b: memref<8xf32>) {
      call @kernel(%a) : (memref<8xf32>) -> ()
      call @kernel(%b) : (memref<8xf32>) -> ()
      return
    }
    ```
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect",
                           "::mlir::func::FuncDialect"];
  let statistics = [
    Statistic<"numLoops", "loops", "Loops moved">,
    Statistic<"numKernels", "kernels", "Functions made for them">
  ];
}

def PlanMemory : Pass<"pixelfly-plan-memory", "::mlir::func::FuncOp"> {
  let summary = "Place all buffers of a function in one arena";
  let description = [{
    Replaces every `memref.alloc` of a public function by a view of one new last
    argument, the arena, so that a training step allocates nothing and its peak
    memory is known when it is compiled. Two buffers share bytes when no
    operation of the function's body needs both. The lifetime of a buffer is
    from the first to the last operation of the body that touches it or a view
    of it; operations inside loops count as the loop.

    The size in bytes is left in the function attribute `pixelfly.arena_bytes`;
    offsets are multiples of 64.

    Sizes must be static, and allocations inside parallel loops are an error,
    since every iteration needs its own. Private functions are left alone.

    Before:
    ```mlir
    func.func @f(%x: memref<16xf32>, %y: memref<16xf32>) {
      %a = memref.alloc() : memref<16xf32>
      memref.copy %x, %a : memref<16xf32> to memref<16xf32>
      memref.copy %a, %y : memref<16xf32> to memref<16xf32>
      return
    }
    ```
    After:
    ```mlir
    func.func @f(%x: memref<16xf32>, %y: memref<16xf32>, %arena: memref<64xi8>)
        attributes {pixelfly.arena_bytes = 64 : i64} {
      %c0 = arith.constant 0 : index
      %a = memref.view %arena[%c0][] : memref<64xi8> to memref<16xf32>
      memref.copy %x, %a : memref<16xf32> to memref<16xf32>
      memref.copy %a, %y : memref<16xf32> to memref<16xf32>
      return
    }
    ```
  }];
  let options = [
    Option<"remarks", "remarks", "bool", "false",
           "Emit a remark with the size of each arena and the most bytes that "
           "are alive at once">
  ];
  let statistics = [
    Statistic<"numBuffers", "buffers", "Allocations placed in arenas">,
    Statistic<"arenaBytes", "arena-bytes", "Bytes of all arenas">,
    Statistic<"lowerBoundBytes", "lower-bound-bytes",
              "Most bytes alive at once, summed over the arenas">
  ];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::memref::MemRefDialect"];
}

def EmitEntryPoints : Pass<"pixelfly-emit-entry-points", "::mlir::ModuleOp"> {
  let summary = "Emit the C entry points of the artifact";
  let description = [{
    Adds the C functions of `runtime/include/pixelfly-rt/symbols.def` to the
    module. Each one that stands for a function of the module (`train_step`,
    `evaluate`) takes an array of buffer pointers, one for each memref argument
    in order, and the arena; it wraps them in memrefs and calls the function,
    which becomes private. `pf_abi_version` returns the version of the border
    (abi.h) this compiler emits code for.

    Records what the manifest says about the functions in the module attribute
    `pixelfly.entry_points`, see `describeEntryPoints`.

    The functions must have memref arguments of static, contiguous layout and no
    results (`--pixelfly-results-to-arguments`, `--pixelfly-plan-memory`).

    Before:
    ```mlir
    func.func @evaluate(%x: memref<4xf32>,
                        %y: memref<4xf32> {pixelfly.output = "logits"}) { ... }
    ```
    After:
    ```mlir
    func.func private @evaluate(%x: memref<4xf32>, %y: memref<4xf32> ...) { ... }
    llvm.func @pf_evaluate(%buffers: !llvm.ptr, %arena: !llvm.ptr) {
      %0 = llvm.load %buffers : !llvm.ptr -> !llvm.ptr
      // ... a memref descriptor around %0, the same for the second buffer
      func.call @evaluate(%x, %y) : (memref<4xf32>, memref<4xf32>) -> ()
      llvm.return
    }
    ```
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect",
                           "::mlir::func::FuncDialect"];
}

def HoistStackBuffers : Pass<"pixelfly-hoist-stack-buffers", "::mlir::func::FuncOp"> {
  let summary = "Move stack buffers out of the loops of a parallel region";
  let description = [{
    Runs after `--convert-scf-to-openmp`. Every `memref.alloca` of static size
    inside an `omp.parallel` moves to the region's beginning, so that a thread
    has one buffer for all its iterations: its stack does not grow with the
    loop, and the buffer stays in the cache. Scopes (`memref.alloca_scope`) that
    this leaves without a buffer are dissolved, which the conversion of the
    loops inside them to control flow needs.

    Before:
    ```mlir
    omp.parallel {
      omp.wsloop {
        omp.loop_nest (%i) : index = (%c0) to (%c8) step (%c1) {
          memref.alloca_scope {
            %buffer = memref.alloca() : memref<96x32xf32>
            "use"(%buffer, %i) : (memref<96x32xf32>, index) -> ()
          }
          omp.yield
        }
      }
      omp.terminator
    }
    ```
    After:
    ```mlir
    omp.parallel {
      %buffer = memref.alloca() : memref<96x32xf32>
      omp.wsloop {
        omp.loop_nest (%i) : index = (%c0) to (%c8) step (%c1) {
          "use"(%buffer, %i) : (memref<96x32xf32>, index) -> ()
          omp.yield
        }
      }
      omp.terminator
    }
    ```
  }];
  let statistics = [
    Statistic<"numHoisted", "hoisted", "Stack buffers moved out of loops">
  ];
}

#endif // PIXELFLY_CODEGEN_CPU_PASSES_TD
