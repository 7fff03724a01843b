# find_package(mqttc CONFIG REQUIRED PATHS path/to/c-examples/cmake NO_DEFAULT_PATH) makes `mqttc::mqttc`: the
# header, and the library of this tree, which cargo builds. Link to it, no further library is needed.
if(TARGET mqttc::mqttc)
    return()
endif()
get_filename_component(MQTTC_ROOT "${CMAKE_CURRENT_LIST_DIR}/../.." ABSOLUTE)
find_program(CARGO_PROGRAM cargo)
file(STRINGS "${MQTTC_ROOT}/Cargo.toml" MQTTC_RUST REGEX "^rust-version = ")
string(REGEX REPLACE ".*\"(.*)\"" "\\1" MQTTC_RUST "${MQTTC_RUST}")
if(NOT CARGO_PROGRAM)
    message(FATAL_ERROR "the library is built with Rust, and cargo is not installed. "
        "Install Rust ${MQTTC_RUST} or newer: https://rustup.rs")
endif()
# An old cargo does not get as far as saying that it is too old.
execute_process(COMMAND "${CARGO_PROGRAM}" -V OUTPUT_VARIABLE MQTTC_CARGO)
if(NOT MQTTC_CARGO MATCHES "cargo ([0-9]+\\.[0-9]+)" OR CMAKE_MATCH_1 VERSION_LESS MQTTC_RUST)
    message(FATAL_ERROR "Rust ${CMAKE_MATCH_1} is too old to build the library. "
        "Install Rust ${MQTTC_RUST} or newer: https://rustup.rs; or update it: rustup update stable")
endif()
if(DEFINED ENV{CARGO_TARGET_DIR})
    get_filename_component(MQTTC_TARGET_DIR "$ENV{CARGO_TARGET_DIR}" ABSOLUTE BASE_DIR "${MQTTC_ROOT}")
else()
    set(MQTTC_TARGET_DIR "${MQTTC_ROOT}/target")
endif()
set(MQTTC_ARCHIVE "${MQTTC_TARGET_DIR}/release/libmqttc.a")

# Always asks cargo, which knows best whether anything has changed.
add_custom_target(mqttc_archive
    COMMAND "${CARGO_PROGRAM}" build --release -p mqttc --target-dir "${MQTTC_TARGET_DIR}"
    WORKING_DIRECTORY "${MQTTC_ROOT}"
    BYPRODUCTS "${MQTTC_ARCHIVE}"
    COMMENT "building the library (Rust), about a minute the first time"
    VERBATIM)
add_library(mqttc::mqttc STATIC IMPORTED GLOBAL)
add_dependencies(mqttc::mqttc mqttc_archive)
set_target_properties(mqttc::mqttc PROPERTIES
    IMPORTED_LOCATION "${MQTTC_ARCHIVE}"
    INTERFACE_INCLUDE_DIRECTORIES "${MQTTC_ROOT}/include")
