// RUN: pixelfly-opt %s --split-input-file --verify-diagnostics

// One test for each numbered constraint of PixelflyAttributes.td, named after
// it, then the rules for attributes of function arguments and results.

// expected-error @below {{(C1) block must be 8, 16, 32, 64 or 128, but is 24}}
#flat_butterfly_c1 = #pixelfly.flat_butterfly<rows = 48, cols = 48, block = 24, radices = [2], factors = 1>

// -----

// expected-error @below {{(C2) every radix must be at least 2, but one is 1}}
#flat_butterfly_c2 = #pixelfly.flat_butterfly<rows = 64, cols = 64, block = 32, radices = [2, 1], factors = 1>

// -----

// expected-error @below {{(C3) factors must lie between 0 and the number of radices, 1, but is 2}}
#flat_butterfly_c3 = #pixelfly.flat_butterfly<rows = 64, cols = 64, block = 32, radices = [2], factors = 2>

// -----

// expected-error @below {{(C3) factors must lie between 0 and the number of radices, 1, but is -1}}
#flat_butterfly_c3_negative = #pixelfly.flat_butterfly<rows = 64, cols = 64, block = 32, radices = [2], factors = -1>

// -----

// expected-error @below {{(C4) rows must be a positive multiple of cells * block = 4 * 32 = 128, but is 192}}
#flat_butterfly_c4_rows = #pixelfly.flat_butterfly<rows = 192, cols = 128, block = 32, radices = [2, 2], factors = 1>

// -----

// expected-error @below {{(C4) cols must be a positive multiple of cells * block = 1 * 32 = 32, but is 0}}
#flat_butterfly_c4_cols = #pixelfly.flat_butterfly<rows = 64, cols = 0, block = 32, radices = [], factors = 0>

// -----

// expected-error @below {{(C4) the product of the radices is too large}}
#flat_butterfly_c4_overflow = #pixelfly.flat_butterfly<rows = 64, cols = 64, block = 32, radices = [4611686018427387904, 4611686018427387904], factors = 0>

// -----

// expected-error @below {{(C1) block must be 8, 16, 32, 64 or 128, but is 4}}
#block_mask_c1 = #pixelfly.block_mask<block = 4, mask = ["#"]>

// -----

// expected-error @below {{(C2) mask must have at least one block}}
#block_mask_c2_empty = #pixelfly.block_mask<block = 8, mask = [""]>

// -----

// expected-error @below {{(C2) all block rows must have the 3 blocks of the first, but row 1 has 2}}
#block_mask_c2 = #pixelfly.block_mask<block = 8, mask = ["#.#", ".#"]>

// -----

// expected-error @below {{(C3) every block must be '#' or '.', but row 1 is "x."}}
#block_mask_c3 = #pixelfly.block_mask<block = 8, mask = ["##", "x."]>

// -----

// expected-error @below {{(C1) block must be 8, 16, 32, 64 or 128, but is 1}}
#mask_rule_c1 = #pixelfly.mask_rule<dense, rows = 8, cols = 8, block = 1>

// -----

// expected-error @below {{(C2) rows must be a positive multiple of block = 32, but is 1000; pad it to 1024}}
#mask_rule_c2_rows = #pixelfly.mask_rule<dense, rows = 1000, cols = 32, block = 32>

// -----

// expected-error @below {{(C2) cols must be a positive multiple of block = 8, but is 0; pad it to 8}}
#mask_rule_c2_cols = #pixelfly.mask_rule<dense, rows = 8, block = 8>

// -----

// expected-error @below {{(C2) the grid must have at most 16777216 blocks, but has 32768 x 32768; take a larger block}}
#mask_rule_c2_grid = #pixelfly.mask_rule<dense, rows = 1048576, cols = 1048576, block = 32>

// -----

// expected-error @below {{(C3) longformer needs global; its parameters are window, global}}
#mask_rule_c3_missing = #pixelfly.mask_rule<longformer, rows = 64, cols = 64, block = 8, window = 3>

// -----

// expected-error @below {{(C3) dense has no window; its parameters are none}}
#mask_rule_c3_unknown = #pixelfly.mask_rule<dense, rows = 64, cols = 64, block = 8, window = 3>

// -----

// expected-error @below {{(C4) global must be positive, but is 0}}
#mask_rule_c4_positive = #pixelfly.mask_rule<global, rows = 64, cols = 64, block = 8, global = 0>

// -----

// expected-error @below {{(C4) window must be odd, as many blocks on either side of the diagonal, but is 2}}
#mask_rule_c4_window = #pixelfly.mask_rule<local, rows = 64, cols = 64, block = 8, window = 2>

// -----

// expected-error @below {{(C4) global must be at most window = 2, but is 3}}
#mask_rule_c4_fixed = #pixelfly.mask_rule<fixed, rows = 64, cols = 64, block = 8, window = 2, global = 3>

// -----

// expected-error @below {{(C4) groups must divide the 8 block rows and the 4 block columns, but is 8}}
#mask_rule_c4_groups = #pixelfly.mask_rule<block_diagonal, rows = 64, cols = 32, block = 8, groups = 8>

// -----

// expected-error @below {{(C5) factors must be between 0 and 40, but is -1}}
#mask_rule_c5_factors = #pixelfly.mask_rule<butterfly_global, rows = 64, cols = 64, block = 8, global = 1, factors = -1>

// -----

// expected-error @below {{(C5) cells must be a power of two, at least 2^factors = 4, but is 2}}
#mask_rule_c5_cells = #pixelfly.mask_rule<stretched_butterfly, rows = 64, cols = 64, block = 8, factors = 2, cells = 2>

// -----

// expected-error @below {{(C5) cells = 64 must divide rows = 1056 and cols = 1056}}
#mask_rule_c5_divides = #pixelfly.mask_rule<stretched_butterfly, rows = 1056, cols = 1056, block = 32, factors = 2, cells = 64>

// -----

// expected-error @below {{(C5) radix must be at least 2, but is 1}}
#mask_rule_c5_radix = #pixelfly.mask_rule<butterfly_factor, rows = 64, cols = 64, block = 8, cells = 8, stride = 1, radix = 1>

// -----

// expected-error @below {{(C5) stride * radix = 4 * 4 must divide cells, but cells is 8}}
#mask_rule_c5_stride = #pixelfly.mask_rule<butterfly_factor, rows = 64, cols = 64, block = 8, cells = 8, stride = 4, radix = 4>

// -----

// expected-error @below {{(C5) cells must divide the 6 block rows and the 8 block columns, but is 4}}
#mask_rule_c5_blocks = #pixelfly.mask_rule<butterfly_factor, rows = 48, cols = 64, block = 8, cells = 4, stride = 1, radix = 2>

// -----

// expected-error @below {{(C6) causal needs as many rows as columns, but there are 64 and 32}}
#mask_rule_c6 = #pixelfly.mask_rule<local, rows = 64, cols = 32, block = 8, window = 3, causal>

// -----

// expected-error @below {{(C7) local is its own transpose: leave transposed out}}
#mask_rule_c7 = #pixelfly.mask_rule<local, rows = 64, cols = 64, block = 8, window = 3, transposed>

// -----

// expected-error @below {{'window' is given twice}}
#mask_rule_twice = #pixelfly.mask_rule<local, rows = 8, cols = 8, block = 8, window = 3, window = 3>

// -----

// expected-error @below {{expected rows, cols, block, causal, transposed or a parameter of a rule, but found 'width'}}
#mask_rule_unknown = #pixelfly.mask_rule<local, rows = 8, cols = 8, block = 8, width = 3>

// -----

// expected-error @below {{expected one of [dense, block_diagonal, local, global, random, bigbird, longformer, fixed, butterfly_global, stretched_butterfly, butterfly_factor]}}
#mask_rule_kind = #pixelfly.mask_rule<sparse, rows = 8, cols = 8, block = 8>

// -----

// expected-error @below {{(C3) at least one block must be '#'}}
#block_mask_c3_zero = #pixelfly.block_mask<block = 8, mask = ["..", ".."]>

// -----

// expected-error @below {{(C1) every tile size must be positive, but they are 0, 32, 96, 64}}
#cpu_tile_c1 = #pixelfly.cpu_tile<rows = 0, columns = 32, panel = 96, reduction = 64>

// -----

// expected-error @below {{(C1) every tile size must be positive, but they are 12, 32, 96, -1}}
#cpu_tile_c1_negative = #pixelfly.cpu_tile<rows = 12, columns = 32, panel = 96, reduction = -1>

// -----

// expected-error @below {{(C2) panel = 100 must be a multiple of rows = 12 (or, for a sampled product, of reduction = 64)}}
#cpu_tile_c2 = #pixelfly.cpu_tile<rows = 12, columns = 32, panel = 100, reduction = 64>

// -----

// expected-error @below {{(C1) scale must be finite, and not negative unless the kind is constant, but is -5.000000e-01 for uniform}}
#init_c1 = #pixelfly.init<uniform, -0.5>

// -----

// expected-error @below {{(C1) scale must be finite}}
#init_c1_infinite = #pixelfly.init<constant, 0x7FF0000000000000 : f64>

// -----

// expected-error @below {{(C2) opposite must be positive for singular_vectors, but is 0}}
#init_c2 = #pixelfly.init<singular_vectors, 0.5>

// -----

// expected-error @below {{(C2) opposite must be left out for uniform, but is 8}}
#init_c2_uniform = #pixelfly.init<uniform, 0.5, opposite = 8>

// -----

// expected-error @below {{(C1) name must not be empty}}
#parameter_c1 = #pixelfly.parameter<name = "", init = <uniform, 0.5>, decay = true>

// -----

// expected-error @below {{(C3) extents must be the rows and columns of a matrix that the pattern covers, but are 65, 64}}
#parameter_c3 = #pixelfly.parameter<name = "w", init = <uniform, 0.5>, decay = true, pattern = #pixelfly.flat_butterfly<rows = 64, cols = 64, block = 32, radices = [2], factors = 1>, extents = [65, 64]>

// -----

// expected-error @below {{(C2) pattern must be a block pattern, such as #pixelfly.flat_butterfly, but is "dense"}}
#parameter_c2 = #pixelfly.parameter<name = "w", init = <uniform, 0.5>, decay = true, pattern = "dense">

// -----

// expected-error @below {{'pixelfly.parameter' of argument 0 must be a #pixelfly.parameter attribute, but is "w"}}
func.func @parameter_kind(%w: tensor<8xf32> {pixelfly.parameter = "w"}) { return }

// -----

#w = #pixelfly.parameter<name = "w", init = <uniform, 0.5>, decay = true>
// expected-error @below {{'pixelfly.parameter' of argument 1 repeats the name "w" of argument 0}}
func.func @parameter_repeated(%a: tensor<8xf32> {pixelfly.parameter = #w},
                              %b: tensor<8xf32> {pixelfly.parameter = #w}) { return }

// -----

#w = #pixelfly.parameter<name = "w", init = <uniform, 0.5>, decay = true>
// expected-error @below {{parameter "w" (argument 0) must be floats of static shape, but is 'tensor<?xf32>': dimension 0 is dynamic; write its size into the type}}
func.func @parameter_dynamic(%a: tensor<?xf32> {pixelfly.parameter = #w}) { return }

// -----

#w = #pixelfly.parameter<name = "w", init = <uniform, 0.5>, decay = true>
// expected-error @below {{parameter "w" (argument 0) must be floats of static shape, but is 'tensor<8xi32>'}}
func.func @parameter_integers(%a: tensor<8xi32> {pixelfly.parameter = #w}) { return }

// -----

#p = #pixelfly.flat_butterfly<rows = 32, cols = 16, block = 8, radices = [2], factors = 0>
#w = #pixelfly.parameter<name = "w", init = <uniform, 0.5>, decay = true, pattern = #p>
// expected-error @below {{parameter "w" (argument 0) must hold 4x8x8 blocks of its pattern, but is 'tensor<32x16xf32>'}}
func.func @parameter_pattern(%a: tensor<32x16xf32> {pixelfly.parameter = #w}) { return }

// -----

// expected-error @below {{'pixelfly.input' of argument 0 must be a string that is not empty}}
func.func @input_kind(%a: tensor<8xf32> {pixelfly.input = 1}) { return }

// -----

// expected-error @below {{'pixelfly.input' of argument 1 repeats the name "images" of argument 0}}
func.func @input_repeated(%a: tensor<8xf32> {pixelfly.input = "images"},
                          %b: tensor<8xf32> {pixelfly.input = "images"}) { return }

// -----

// expected-error @below {{'pixelfly.optimizer_state' of argument 0 must be a string that is not empty}}
func.func @optimizer_state_kind(%a: tensor<8xf32> {pixelfly.optimizer_state = ""}) { return }

// -----

// expected-error @below {{unknown argument attribute 'pixelfly.inputs'; known are 'pixelfly.parameter', 'pixelfly.input', 'pixelfly.optimizer_state' and 'pixelfly.output'}}
func.func @unknown_argument_attribute(%a: tensor<8xf32> {pixelfly.inputs = "images"}) { return }

// -----

// expected-error @below {{'pixelfly.output' of result 0 must be a string that is not empty}}
func.func @output_kind(%a: tensor<8xf32>) -> (tensor<8xf32> {pixelfly.output = true}) {
  return %a : tensor<8xf32>
}

// -----

// expected-error @below {{'pixelfly.output' of result 1 repeats the name "loss" of result 0}}
func.func @output_repeated(%a: tensor<8xf32>) -> (tensor<8xf32> {pixelfly.output = "loss"},
                                                  tensor<8xf32> {pixelfly.output = "loss"}) {
  return %a, %a : tensor<8xf32>, tensor<8xf32>
}

// -----

// expected-error @below {{unknown result attribute 'pixelfly.input'; known is 'pixelfly.output'}}
func.func @unknown_result_attribute(%a: tensor<8xf32>) -> (tensor<8xf32> {pixelfly.input = "images"}) {
  return %a : tensor<8xf32>
}

// -----

// expected-error@below {{(C1) pattern must be a block pattern, but is 3 : i64}}
#choice_c1 = #pixelfly.layer_choice<pattern = 3 : i64, rank = 0>

// -----

// expected-error@below {{(C2) rank must not be negative, but is -8}}
#choice_c2 = #pixelfly.layer_choice<pattern = #pixelfly.block_mask<block = 8, mask = ["#"]>, rank = -8>

// -----

// expected-error@below {{(C3) a gate needs a low-rank term to mix in, but rank is 0}}
#choice_c3 = #pixelfly.layer_choice<pattern = #pixelfly.block_mask<block = 8, mask = ["#"]>, rank = 0, mix = gate>

// -----

// expected-error@below {{(C1) needs 0 <= used <= limit, and dense and next_step that are not negative, but they are 3, 2, 4 and 0}}
#budget_c1 = #pixelfly.budget<parameters, dense = 4, limit = 2, used = 3, next_step = 0>

// -----

// expected-error @below {{(C1) every tile size must be positive, but they are 128, 32, 0, 4 and [4, 1, 1]}}
#gpu_tile_c1 = #pixelfly.gpu_tile<rows = 128, columns = 32, reduction = 0, stages = 4, warps = [4, 1, 1]>

// -----

// expected-error @below {{(C2) warps must be three numbers that divide rows = 128, columns = 32 and reduction = 32, but are [4, 1]}}
#gpu_tile_c2_count = #pixelfly.gpu_tile<rows = 128, columns = 32, reduction = 32, stages = 4, warps = [4, 1]>

// -----

// expected-error @below {{(C2) warps must be three numbers that divide rows = 128, columns = 32 and reduction = 32, but are [3, 1, 1]}}
#gpu_tile_c2_divide = #pixelfly.gpu_tile<rows = 128, columns = 32, reduction = 32, stages = 4, warps = [3, 1, 1]>

// -----

// expected-error @below {{(C3) there must be at least two stages, but there is 1}}
#gpu_tile_c3 = #pixelfly.gpu_tile<rows = 128, columns = 32, reduction = 32, stages = 1, warps = [4, 1, 1]>

// -----

//===----------------------------------------------------------------------===//
// Attributes of the module
//===----------------------------------------------------------------------===//

// expected-error @+1 {{(C1) learning_rate must be finite and positive, but is 0}}
module @training_c1 attributes {pixelfly.training = #pixelfly.training<learning_rate = 0.0, epochs = 3, warmup_epochs = 0.3, schedule = cosine>} { }

// -----

// expected-error @+1 {{(C2) epochs must be at least 1, but is 0}}
module @training_c2 attributes {pixelfly.training = #pixelfly.training<learning_rate = 0.1, epochs = 0, warmup_epochs = 0.0, schedule = cosine>} { }

// -----

// expected-error @+1 {{(C3) warmup_epochs must be between 0 and epochs, but is 3.5}}
module @training_c3 attributes {pixelfly.training = #pixelfly.training<learning_rate = 0.1, epochs = 3, warmup_epochs = 3.5, schedule = cosine>} { }

// -----

// expected-error @+1 {{(C1) beta1 must be in [0, 1), but is 1}}
module @adamw_c1_beta1 attributes {pixelfly.optimizer = #pixelfly.adamw<beta1 = 1.0, beta2 = 0.9, epsilon = 1.0e-8, weight_decay = 0.0, clip_norm = 0.0>} { }

// -----

// expected-error @+1 {{(C1) beta2 must be in [0, 1), but is -}}
module @adamw_c1_beta2 attributes {pixelfly.optimizer = #pixelfly.adamw<beta1 = 0.9, beta2 = -0.1, epsilon = 1.0e-8, weight_decay = 0.0, clip_norm = 0.0>} { }

// -----

// expected-error @+1 {{(C2) epsilon must be finite and positive, but is 0}}
module @adamw_c2 attributes {pixelfly.optimizer = #pixelfly.adamw<beta1 = 0.9, beta2 = 0.9, epsilon = 0.0, weight_decay = 0.0, clip_norm = 0.0>} { }

// -----

// expected-error @+1 {{(C3) weight_decay must be finite and not negative, but is -1}}
module @adamw_c3 attributes {pixelfly.optimizer = #pixelfly.adamw<beta1 = 0.9, beta2 = 0.9, epsilon = 1.0e-8, weight_decay = -1.0, clip_norm = 0.0>} { }

// -----

// expected-error @+1 {{(C4) clip_norm must be finite and not negative, but is -1}}
module @adamw_c4 attributes {pixelfly.optimizer = #pixelfly.adamw<beta1 = 0.9, beta2 = 0.9, epsilon = 1.0e-8, weight_decay = 0.0, clip_norm = -1.0>} { }

// -----

// expected-error @+1 {{(C1) momentum must be in [0, 1), but is 1}}
module @sgd_c1 attributes {pixelfly.optimizer = #pixelfly.sgd<momentum = 1.0, weight_decay = 0.0, clip_norm = 0.0>} { }

// -----

// expected-error @+1 {{(C2) weight_decay must be finite and not negative, but is -1}}
module @sgd_c2 attributes {pixelfly.optimizer = #pixelfly.sgd<momentum = 0.9, weight_decay = -1.0, clip_norm = 0.0>} { }

// -----

// expected-error @+1 {{(C3) clip_norm must be finite and not negative, but is -1}}
module @sgd_c3 attributes {pixelfly.optimizer = #pixelfly.sgd<momentum = 0.9, weight_decay = 0.0, clip_norm = -1.0>} { }

// -----

// expected-error @+1 {{(C1) density must be in (0, 1], but is 1.5}}
module @sparse_c1 attributes {pixelfly.sparse = #pixelfly.sparse<density = 1.5, block = 32, low_rank_share = 0.0>} { }

// -----

// expected-error @+1 {{(C2) block must be one of 8, 16, 32, 64, 128, but is 24}}
module @sparse_c2 attributes {pixelfly.sparse = #pixelfly.sparse<density = 0.5, block = 24, low_rank_share = 0.0>} { }

// -----

// expected-error @+1 {{(C3) low_rank_share must be in [0, 1), but is 1}}
module @sparse_c3 attributes {pixelfly.sparse = #pixelfly.sparse<density = 0.5, block = 32, low_rank_share = 1.0>} { }

// -----

// expected-error @+1 {{'pixelfly.training' must be a #pixelfly.training attribute, but is "often"}}
module @training_kind attributes {pixelfly.training = "often"} { }

// -----

// expected-error @+1 {{'pixelfly.optimizer' must be a #pixelfly.adamw or #pixelfly.sgd attribute, but is "adam"}}
module @optimizer_kind attributes {pixelfly.optimizer = "adam"} { }

// -----

// expected-error @+1 {{'pixelfly.sparse' must be a #pixelfly.sparse attribute, but is}}
module @sparse_kind attributes {pixelfly.sparse = 0.5} { }

// -----

// expected-error @+1 {{'pixelfly.manifest' must be a dictionary, but is []}}
module @manifest_kind attributes {pixelfly.manifest = []} { }

// -----

// expected-error @below {{'pixelfly.training' belongs on the module}}
func.func @training_place() attributes {pixelfly.training = #pixelfly.training<
    learning_rate = 0.1, epochs = 3, warmup_epochs = 0.3, schedule = cosine>} { return }

// -----

// Misspelt, or of another version.
// expected-error @+1 {{unknown module attribute 'pixelfly.spares'; known are 'pixelfly.model', 'pixelfly.sparsify', 'pixelfly.sparse', 'pixelfly.optimizer', 'pixelfly.training', 'pixelfly.manifest', 'pixelfly.entry_points', 'pixelfly.gpu_code'; correct the name, or take the version of pixelfly that wrote it}}
module @unknown_setting attributes {pixelfly.spares = "0.5"} { }

// -----

func.func @unknown_of_operation(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @+1 {{unknown operation attribute 'pixelfly.foo'; known are 'pixelfly.choice', 'pixelfly.budget', 'pixelfly.tile', 'pixelfly.recomputed', 'pixelfly.arena_bytes'; correct the name, or take the version of pixelfly that wrote it}}
  %y = arith.negf %x {pixelfly.foo = 1} : tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

// expected-error @+1 {{'pixelfly.sparsify' belongs on the module}}
func.func private @setting_of_function() attributes {pixelfly.sparsify = ["*"]}

// -----

// expected-error @+1 {{'pixelfly.input' belongs on an argument or result of a function}}
func.func private @input_of_function() attributes {pixelfly.input = "images"}

// -----

// A pattern of another version.
// expected-error @+1 {{unknown attribute `toeplitz` in dialect `pixelfly`}}
module @unknown_attribute attributes {x.pattern = #pixelfly.toeplitz<rows = 8>} { }
