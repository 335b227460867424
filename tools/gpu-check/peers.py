"""What our products are measured against, each a function that computes the same result
into memory of its own. A peer that cannot run here says why (Unavailable)."""

import ctypes

import torch


class Unavailable(Exception):
    pass


def dense_of(blocks, product, transposed=False):
    b = product["block"]
    dense = torch.zeros(product["width"], product["width"], dtype=blocks.dtype, device="cuda")
    for place, (row, column) in enumerate(product["blocks"]):
        dense[row * b:(row + 1) * b, column * b:(column + 1) * b] = blocks[place]
    return dense.T.contiguous() if transposed else dense


def compressed(product, blocks, transposed):
    """Row offsets, columns and blocks of the matrix that the input is multiplied by the
    transpose of: the weight forward, its transpose for the input gradient."""
    order = sorted(((column, row) if transposed else (row, column), place)
                   for place, (row, column) in enumerate(product["blocks"]))
    rows = product["width"] // product["block"]
    counts = [0] * (rows + 1)
    for (row, _), _ in order:
        counts[row + 1] += 1
    for row in range(rows):
        counts[row + 1] += counts[row]
    places = torch.tensor([place for _, place in order], device="cuda")
    values = blocks[places]
    if transposed:
        values = values.transpose(1, 2)
    columns = torch.tensor([column for (_, column), _ in order], dtype=torch.int32, device="cuda")
    return (torch.tensor(counts, dtype=torch.int32, device="cuda"), columns,
            values.contiguous())


def dense_layer(product, x, dy):
    """A dense layer of the same width, forward and backward: three products."""
    weight = torch.randn(product["width"], product["width"], device="cuda").to(x.dtype)
    y, dx, dw = torch.empty_like(x), torch.empty_like(x), torch.empty_like(weight)

    def run():
        torch.mm(x, weight.T, out=y)
        torch.mm(dy, weight, out=dx)
        torch.mm(dy.T, x, out=dw)
    return run, None


def cublas_dense(product, a, b, *rest):
    """The dense product of the same shape, as torch calls cuBLAS."""
    if product["kind"] == "layer":
        return dense_layer(product, a, rest[-1])
    if product["kind"] == "weight_gradient":
        out = torch.empty(product["width"], product["width"], dtype=a.dtype, device="cuda")
        return (lambda: torch.mm(a.T, b, out=out)), None
    weight = dense_of(b, product)
    weight = weight.T if product["kind"] == "forward" else weight
    out = torch.empty(a.shape[0], product["width"], dtype=a.dtype, device="cuda")
    return (lambda: torch.mm(a, weight, out=out)), out


def refuse_layers(product):
    if product["kind"] == "layer":
        raise Unavailable("it has single products; layers are compared with dense ones")


def pytorch_bsr(product, a, b, *_):
    """torch's own block-sparse rows, times the transposed input."""
    refuse_layers(product)
    if product["kind"] == "weight_gradient":
        raise Unavailable("PyTorch has no product that is sampled on blocks")
    offsets, columns, values = compressed(product, b, product["kind"] != "forward")
    sparse = torch.sparse_bsr_tensor(offsets, columns, values,
                                     size=(product["width"], product["width"]))
    right = a.T
    holder = {}

    def run():
        holder["y"] = sparse @ right
    run()
    return run, lambda: holder["y"].T


def cusparse_bsr(product, a, b, *_):
    """cusparseSpMM on block-sparse rows. A row-major batch is the column-major transpose."""
    refuse_layers(product)
    if product["kind"] == "weight_gradient":
        raise Unavailable("cuSPARSE has no product that is sampled on blocks of this type")
    try:
        library = ctypes.CDLL("libcusparse.so.12")
    except OSError as error:
        raise Unavailable(str(error)) from error

    def call(name, *arguments):
        status = getattr(library, name)(*arguments)
        if status != 0:
            raise Unavailable(f"{name} returned {status}")

    types = {torch.bfloat16: 14, torch.float16: 2, torch.float32: 0}
    value_type, f32, i32, row_order, column_order, zero_base = types[a.dtype], 0, 2, 2, 1, 0
    algorithm = 14  # CUSPARSE_SPMM_BSR_ALG1
    size = product["width"]
    offsets, columns, values = compressed(product, b, product["kind"] != "forward")
    out = torch.empty(a.shape[0], size, dtype=a.dtype, device="cuda")

    def wide(number):
        return ctypes.c_int64(number)

    def address(tensor):
        return ctypes.c_void_p(tensor.data_ptr())

    handle, matrix, left, right = (ctypes.c_void_p() for _ in range(4))
    call("cusparseCreate", ctypes.byref(handle))
    cells = size // product["block"]
    call("cusparseCreateBsr", ctypes.byref(matrix), wide(cells), wide(cells),
         wide(len(product["blocks"])), wide(product["block"]), wide(product["block"]),
         address(offsets), address(columns), address(values), i32, i32, zero_base, value_type,
         row_order)
    for descriptor, tensor in ((left, a), (right, out)):
        call("cusparseCreateDnMat", ctypes.byref(descriptor), wide(size), wide(a.shape[0]),
             wide(size), address(tensor), value_type, column_order)
    one, zero = ctypes.c_float(1), ctypes.c_float(0)
    bytes_needed = ctypes.c_size_t()
    arguments = [handle, 0, 0, ctypes.byref(one), matrix, left, ctypes.byref(zero), right, f32,
                 algorithm]
    call("cusparseSpMM_bufferSize", *arguments, ctypes.byref(bytes_needed))
    buffer = torch.empty(max(bytes_needed.value, 1), dtype=torch.uint8, device="cuda")
    keep = (offsets, columns, values, buffer, one, zero)

    def run():
        call("cusparseSetStream", handle,
             ctypes.c_void_p(torch.cuda.current_stream().cuda_stream))
        call("cusparseSpMM", *arguments, address(keep[3]))
    return run, out


def triton_block_sparse(product, a, b, *_):
    """A plain Triton kernel, tuned: a program computes one tile of rows times one block
    row, or one block of the gradient."""
    refuse_layers(product)
    try:
        from peers_triton import multiply, sample, triton
    except ImportError as error:
        raise Unavailable(str(error)) from error
    rows, width, block = product["rows"], product["width"], product["block"]
    if rows % 256:
        raise Unavailable("the Triton kernel takes whole tiles of rows")
    if product["kind"] == "weight_gradient":
        places = torch.tensor(product["blocks"], dtype=torch.int32, device="cuda").flatten()
        out = torch.empty(product["outputs"][0][0], dtype=torch.float32, device="cuda")

        def run():
            sample[(len(product["blocks"]),)](a, b, places, out, rows, width, B=block)
    else:
        offsets, columns, values = compressed(product, b, product["kind"] != "forward")
        out = torch.empty(rows, width, dtype=a.dtype, device="cuda")

        def run():
            multiply[lambda meta: (triton.cdiv(rows, meta["TILE"]), width // block)](
                a, offsets, columns, values, out, rows, width, B=block)
    run()
    return run, out


PEERS = {"cuBLAS dense": cublas_dense, "cuSPARSE BSR": cusparse_bsr,
         "PyTorch BSR": pytorch_bsr, "Triton block-sparse": triton_block_sparse}
