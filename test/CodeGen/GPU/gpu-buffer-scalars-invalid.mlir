// RUN: pixelfly-opt %s --split-input-file --pixelfly-gpu-buffer-scalars --verify-diagnostics

func.func @place_from_memory(%places: memref<4xindex>, %x: memref<8xf32>, %y: memref<f32>) {
  %c0 = arith.constant 0 : index
  %place = memref.load %places[%c0] : memref<4xindex>
  // expected-error @below {{reads memory of the device on the host, at an address that is not a constant}}
  %0 = memref.load %x[%place] : memref<8xf32>
  memref.store %0, %y[] : memref<f32>
  return
}

// -----

func.func @reader_on_the_host(%n: memref<index>, %x: memref<8xf32>, %y: memref<8xf32>) {
  // expected-error @below {{is a scalar that something else than a linalg operation reads}}
  %0 = memref.load %n[] : memref<index>
  %view = memref.subview %x[%0] [4] [1] : memref<8xf32> to memref<4xf32, strided<[1], offset: ?>>
  %target = memref.subview %y[0] [4] [1] : memref<8xf32> to memref<4xf32, strided<[1]>>
  linalg.copy ins(%view : memref<4xf32, strided<[1], offset: ?>>) outs(%target : memref<4xf32, strided<[1]>>)
  return
}
