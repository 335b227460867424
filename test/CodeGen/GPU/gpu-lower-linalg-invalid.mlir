// RUN: pixelfly-opt %s --split-input-file --pixelfly-gpu-lower-linalg --verify-diagnostics

#id1 = affine_map<(d0) -> (d0)>

func.func @host_scalar(%s: f32, %x: memref<8xf32>) {
  // expected-error @below {{cannot become a GPU kernel because it reads a number that the host has computed}}
  linalg.generic {indexing_maps = [#id1], iterator_types = ["parallel"]} outs(%x : memref<8xf32>) {
  ^bb0(%out: f32):
    %0 = arith.mulf %out, %s : f32
    linalg.yield %0 : f32
  }
  return
}

// -----

func.func @dynamic(%x: memref<?xf32>, %y: memref<?xf32>) {
  // expected-error @below {{cannot become a GPU kernel because it has a dynamic shape}}
  linalg.copy ins(%x : memref<?xf32>) outs(%y : memref<?xf32>)
  return
}

// -----

func.func @tensors(%x: tensor<8xf32>, %y: tensor<8xf32>) -> tensor<8xf32> {
  // expected-error @below {{is on tensors; bufferize before it becomes a GPU kernel}}
  %0 = linalg.exp ins(%x : tensor<8xf32>) outs(%y : tensor<8xf32>) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}

// -----

#id1 = affine_map<(d0) -> (d0)>

func.func @loop_that_reads_what_it_writes(%x: memref<9x8xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  // expected-error @below {{cannot become a GPU kernel because it reads what it writes}}
  scf.for %i = %c0 to %c8 step %c1 {
    %next = arith.addi %i, %c1 : index
    %from = memref.subview %x[%i, 0] [1, 8] [1, 1] : memref<9x8xf32> to memref<8xf32, strided<[1], offset: ?>>
    %to = memref.subview %x[%next, 0] [1, 8] [1, 1] : memref<9x8xf32> to memref<8xf32, strided<[1], offset: ?>>
    linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]}
        ins(%from : memref<8xf32, strided<[1], offset: ?>>) outs(%to : memref<8xf32, strided<[1], offset: ?>>) {
    ^bb0(%in: f32, %out: f32):
      linalg.yield %in : f32
    }
  }
  return
}

// -----

func.func @loop_of_stores(%x: memref<8xf32>) {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  // expected-error @below {{cannot become a GPU kernel because it has a 'memref.store' inside, of which each thread would have to do a part}}
  scf.for %i = %c0 to %c8 step %c1 {
    memref.store %zero, %x[%i] : memref<8xf32>
  }
  return
}

// -----

memref.global "private" @state : memref<3xf32> = dense<0.0>

func.func @variable(%y: memref<3xf32>) {
  // expected-error @below {{is memory of the host with contents that are not known at compile time}}
  %0 = memref.get_global @state : memref<3xf32>
  memref.copy %0, %y : memref<3xf32> to memref<3xf32>
  return
}
