# Build functions of this project. Compiler code (everything that sees LLVM
# headers) goes through pixelfly_add_library and pixelfly_add_tool, which give
# it LLVM's flags and the shared precompiled header; the runtime does not.

if(PIXELFLY_PRECOMPILED_HEADERS)
  file(WRITE ${CMAKE_BINARY_DIR}/PrecompiledHeaders.cpp "")
  add_library(PixelflyPrecompiledHeaders OBJECT
              ${CMAKE_BINARY_DIR}/PrecompiledHeaders.cpp)
endif()

function(pixelfly_compiler_flags target)
  if(NOT LLVM_ENABLE_RTTI)
    target_compile_options(${target} PRIVATE -fno-rtti)
  endif()
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wno-unused-parameter
                         -Wno-unknown-warning-option
                         $<$<BOOL:${PIXELFLY_WARNINGS_AS_ERRORS}>:-Werror>)
  separate_arguments(definitions NATIVE_COMMAND "${LLVM_DEFINITIONS}")
  target_compile_options(${target} PRIVATE ${definitions})
endfunction()

if(PIXELFLY_PRECOMPILED_HEADERS)
  pixelfly_compiler_flags(PixelflyPrecompiledHeaders)
  target_precompile_headers(PixelflyPrecompiledHeaders PRIVATE
                            ${CMAKE_CURRENT_LIST_DIR}/PrecompiledHeaders.h)
endif()

# pixelfly_install(target): a library or program, as Pixelfly::<target> in the
# CMake package.
function(pixelfly_install target)
  install(TARGETS ${target} EXPORT PixelflyTargets
          LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
  set_property(GLOBAL APPEND PROPERTY PIXELFLY_INSTALLED ${target})
endfunction()

# pixelfly_add_library(Name sources... [DEPENDS tablegen targets...] [LINK libs...])
# A static library of compiler code. NO_PCH for files that need other flags,
# NO_INSTALL for what serves the tests only.
function(pixelfly_add_library name)
  cmake_parse_arguments(ARG "NO_PCH;NO_INSTALL" "" "DEPENDS;LINK" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  pixelfly_compiler_flags(${name})
  if(PIXELFLY_PRECOMPILED_HEADERS AND NOT ARG_NO_PCH)
    target_precompile_headers(${name} REUSE_FROM PixelflyPrecompiledHeaders)
  endif()
  add_dependencies(${name} PixelflyDialectIncGen ${ARG_DEPENDS})
  target_link_libraries(${name} PUBLIC ${ARG_LINK})
  if(NOT ARG_NO_INSTALL)
    pixelfly_install(${name})
  endif()
endfunction()

# pixelfly_add_tool(name sources... [LINK libs...]): a program of compiler code,
# linked to the shared libMLIR and libLLVM.
function(pixelfly_add_tool name)
  cmake_parse_arguments(ARG "NO_PCH;NO_INSTALL" "" "LINK" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  pixelfly_compiler_flags(${name})
  # As the libraries are compiled, which the precompiled header asks for.
  set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
  target_compile_options(${name} PRIVATE -fPIC)
  if(PIXELFLY_PRECOMPILED_HEADERS AND NOT ARG_NO_PCH)
    target_precompile_headers(${name} REUSE_FROM PixelflyPrecompiledHeaders)
  endif()
  target_link_libraries(${name} PRIVATE ${ARG_LINK} MLIR LLVM)
  if(NOT ARG_NO_INSTALL)
    pixelfly_install(${name})
  endif()
endfunction()

# pixelfly_add_passes(Phase): TableGen of include/pixelfly/<dir>/Passes.td, called
# in that directory; defines Pixelfly<Phase>PassesIncGen.
function(pixelfly_add_passes phase)
  set(LLVM_TARGET_DEFINITIONS Passes.td)
  mlir_tablegen(Passes.h.inc -gen-pass-decls -name=Pixelfly${phase})
  add_public_tablegen_target(Pixelfly${phase}PassesIncGen)
endfunction()
