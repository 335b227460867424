// RUN: pixelfly-opt %s --pixelfly-emit-entry-points | FileCheck %s

// CHECK:      module attributes {pixelfly.entry_points = [
// CHECK-SAME:   {arena_bytes = 64 : i64,
// CHECK-SAME:    buffers = [{name = "w", role = "parameter", type = memref<4xf32>},
// CHECK-SAME:               {name = "velocity", role = "optimizer_state", type = memref<4xf32>},
// CHECK-SAME:               {name = "images", role = "input", type = memref<2x4xf32>},
// CHECK-SAME:               {name = "loss", role = "output", type = memref<f32>}],
// CHECK-SAME:    function = "train_step", symbol = "pf_train_step"},
// CHECK-SAME:   {arena_bytes = 0 : i64
// CHECK-SAME:    function = "evaluate", symbol = "pf_evaluate"}]}

#w = #pixelfly.parameter<name = "w", init = #pixelfly.init<uniform, 0.1 : f64>, decay = true>

// CHECK: func.func private @train_step
// CHECK-SAME: llvm.linkage = #llvm.linkage<internal>
func.func @train_step(
    %w: memref<4xf32> {pixelfly.parameter = #w},
    %v: memref<4xf32> {pixelfly.optimizer_state = "velocity"},
    %x: memref<2x4xf32> {pixelfly.input = "images"},
    %loss: memref<f32> {pixelfly.output = "loss"},
    %arena: memref<64xi8>) attributes {pixelfly.arena_bytes = 64 : i64} {
  return
}

// CHECK:      llvm.func @pf_train_step(%[[BUFFERS:.*]]: !llvm.ptr, %[[ARENA:.*]]: !llvm.ptr)
// CHECK:        %[[SLOT:.*]] = llvm.getelementptr %[[BUFFERS]][0]
// CHECK:        llvm.load %[[SLOT]] : !llvm.ptr -> !llvm.ptr
// CHECK:        builtin.unrealized_conversion_cast {{.*}} to memref<4xf32>
// CHECK:        llvm.getelementptr %[[BUFFERS]][3]
// CHECK:        llvm.insertvalue %[[ARENA]]
// CHECK:        builtin.unrealized_conversion_cast {{.*}} to memref<64xi8>
// CHECK:        call @train_step({{.*}}) : (memref<4xf32>, memref<4xf32>, memref<2x4xf32>, memref<f32>, memref<64xi8>) -> ()
// CHECK-NEXT:   llvm.return

// CHECK: func.func private @evaluate
// CHECK: llvm.func @pf_evaluate
func.func @evaluate(%w: memref<4xf32> {pixelfly.parameter = #w},
                    %y: memref<2xf32> {pixelfly.output = "logits"}) {
  return
}

// What is no entry point stays as it is.
// CHECK: func.func @helper
func.func @helper() {
  return
}

// CHECK:      llvm.func @pf_abi_version() -> i32
// CHECK-NEXT:   %[[VERSION:.*]] = llvm.mlir.constant(1 : i32)
// CHECK-NEXT:   llvm.return %[[VERSION]]
