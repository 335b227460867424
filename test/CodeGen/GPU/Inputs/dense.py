"""Prints @main, a dense contraction, and @reference, the same in float64.

usage: dense.py TYPE PRODUCT EXTENTS [--result=TYPE] [--add] [--tile=TILE]

PRODUCT names the loops of the operands, as in "bik,jk->bij"; EXTENTS gives their
lengths, as in "b=3,i=70,j=10,k=49". With --add the product adds to what the
destination holds; else it is filled with zeros before.
"""

import argparse
import re

parser = argparse.ArgumentParser()
parser.add_argument("element")
parser.add_argument("product")
parser.add_argument("extents")
parser.add_argument("--result", default=None)
parser.add_argument("--add", action="store_true")
parser.add_argument("--tile")
options = parser.parse_args()

operands = re.split(",|->", options.product)
extents = dict(pair.split("=") for pair in options.extents.split(","))
loops = list(extents)
kinds = ", ".join('"parallel"' if loop in operands[2] else '"reduction"'
                  for loop in loops)
maps = ", ".join(f"affine_map<({', '.join(loops)}) -> ({', '.join(operand)})>"
                 for operand in operands)


def function(name, element, result, tile):
    a, b, c = (f"memref<{'x'.join(extents[loop] for loop in operand)}x{type}>"
               for operand, type in zip(operands, (element, element, result)))
    fill = "" if options.add else f"""
  %zero = arith.constant 0.0 : {result}
  linalg.fill ins(%zero : {result}) outs(%c : {c})"""
    wide = "" if element == result else f"""
    %xw = arith.extf %x : {element} to {result}
    %yw = arith.extf %y : {element} to {result}"""
    x, y = ("%xw", "%yw") if wide else ("%x", "%y")
    print(f"""func.func @{name}(%a: {a}, %b: {b}, %c: {c}) {{{fill}
  linalg.generic {{indexing_maps = [{maps}], iterator_types = [{kinds}]}}
    ins(%a, %b : {a}, {b}) outs(%c : {c}){tile} {{
  ^bb0(%x: {element}, %y: {element}, %z: {result}):{wide}
    %product = arith.mulf {x}, {y} : {result}
    %sum = arith.addf %z, %product : {result}
    linalg.yield %sum : {result}
  }}
  return
}}""")


print("""module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "GPU" = #dlti.target_device_spec<"shared_memory_size_in_bytes" = 167936 : i64, "num_cores" = 4 : i64>>} {""")
tile = f" attrs = {{pixelfly.tile = {options.tile}}}" if options.tile else ""
function("main", options.element, options.result or options.element, tile)
function("reference", "f64", "f64", "")
print("}")
