# Compiler flags, sanitizers, compiler cache and linker: the same for every target.
option(PITSTOP_SANITIZE "address and undefined-behaviour sanitizers" OFF)
option(PITSTOP_CLANG_TIDY "run clang-tidy on every file" OFF)

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor -Werror=return-type
                    -Werror=unused-result -Werror=switch)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 14 reports these inside its own library and Asio's coroutines, where there is nothing to mend.
  add_compile_options(-Wno-maybe-uninitialized -Wno-stringop-overflow -Wno-array-bounds)
endif()
# -O3 makes the build a third longer and none of our figures better.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
if(CMAKE_BUILD_TYPE STREQUAL "Debug")
  add_compile_options(-O0 -g1)
endif()
if(PITSTOP_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
endif()
if(PITSTOP_CLANG_TIDY)
  set(CMAKE_CXX_CLANG_TIDY clang-tidy-19 --quiet)
endif()

# A compiled file is found again in any checkout: paths inside it are relative to the source tree. No precompiled headers:
# reading one with Asio in it (250 MB) takes longer than compiling what a file really includes, and defeats the cache (ADR 6).
add_compile_options(-ffile-prefix-map=${CMAKE_SOURCE_DIR}=.)
find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()

if(POLICY CMP0167)
  cmake_policy(SET CMP0167 NEW)  # Boost's own configuration, not CMake's old search
endif()
find_package(Boost 1.88 REQUIRED COMPONENTS json)
find_package(OpenSSL 3.5.5 REQUIRED)
find_package(Threads REQUIRED)
find_package(ZLIB REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(zstd REQUIRED IMPORTED_TARGET libzstd>=1.5.4)
find_library(DIVSUFSORT divsufsort REQUIRED)
find_package(spdlog REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(CLI11 REQUIRED)
find_package(GTest REQUIRED)
find_package(benchmark REQUIRED)
find_package(SQLite3 REQUIRED)
find_library(SOCI_CORE soci_core REQUIRED)
find_library(SOCI_SQLITE soci_sqlite3 REQUIRED)
find_library(RAPIDCHECK rapidcheck)

# Heavy templates are compiled once.
add_library(pitstop_cli11 STATIC ${CMAKE_CURRENT_LIST_DIR}/cli11.cpp)
target_compile_definitions(pitstop_cli11 PUBLIC CLI11_COMPILE)
