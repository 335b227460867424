// RUN: pixelfly-opt %s --split-input-file --verify-diagnostics \
// RUN:   --pixelfly-mark-parameters="inputs=x"

// What is not named as an input would be trained, which takes a static shape.
// expected-error @below {{argument 'arg0' of type 'tensor<?x64xf32>' cannot be a parameter; it must be a tensor of floats of static shape: dimension 0 is dynamic; write its size into the type, or name the argument with the option inputs}}
func.func @model(%w: tensor<?x64xf32>, %x: tensor<4x64xf32> loc("x")) { return }

// -----

// expected-error @below {{argument 'arg0' of type 'tensor<?x2x?xf32>' cannot be a parameter; it must be a tensor of floats of static shape: dimensions 0, 2 are dynamic; write their sizes into the type, or}}
func.func @model(%w: tensor<?x2x?xf32>, %x: tensor<4x64xf32> loc("x")) { return }
