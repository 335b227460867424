"""Plain block-sparse products in Triton, tuned; sums in f32. Rows must be a multiple of the
largest tile."""

import triton
import triton.language as tl

CONFIGURATIONS = [triton.Config({"TILE": tile}, num_warps=warps, num_stages=stages)
                  for tile in (64, 128, 256) for warps in (4, 8) for stages in (2, 3, 4)]


@triton.autotune(CONFIGURATIONS, key=["B", "rows"])
@triton.jit
def multiply(x, offsets, columns, values, y, rows, width, B: tl.constexpr, TILE: tl.constexpr):
    """A tile of rows times the transpose of one block row."""
    block_row = tl.program_id(1)
    m = tl.program_id(0) * TILE + tl.arange(0, TILE)
    inner = tl.arange(0, B)
    total = tl.zeros((TILE, B), dtype=tl.float32)
    for place in range(tl.load(offsets + block_row), tl.load(offsets + block_row + 1)):
        column = tl.load(columns + place)
        left = tl.load(x + m[:, None] * width + column * B + inner[None, :])
        right = tl.load(values + place * B * B + inner[:, None] * B + inner[None, :])
        total += tl.dot(left, tl.trans(right))
    tl.store(y + m[:, None] * width + block_row * B + inner[None, :],
             total.to(y.dtype.element_ty))


@triton.autotune(CONFIGURATIONS, key=["B", "rows"])
@triton.jit
def sample(y, x, places, blocks, rows, width, B: tl.constexpr, TILE: tl.constexpr):
    """One block of the transpose of y times x."""
    place = tl.program_id(0)
    row, column = tl.load(places + 2 * place), tl.load(places + 2 * place + 1)
    inner = tl.arange(0, B)
    total = tl.zeros((B, B), dtype=tl.float32)
    for first in range(0, rows, TILE):
        m = first + tl.arange(0, TILE)
        left = tl.load(y + m[:, None] * width + row * B + inner[None, :])
        right = tl.load(x + m[:, None] * width + column * B + inner[None, :])
        total += tl.dot(tl.trans(left), right)
    tl.store(blocks + place * B * B + inner[:, None] * B + inner[None, :], total)
