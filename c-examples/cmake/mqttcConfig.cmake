# find_package(mqttc CONFIG REQUIRED PATHS path/to/c-examples/cmake NO_DEFAULT_PATH) makes `mqttc::mqttc`: the header, and
# the library of this tree, which cargo builds. Link to it, no further library is needed.
if(TARGET mqttc::mqttc)
    return()
endif()
get_filename_component(MQTTC_ROOT "${CMAKE_CURRENT_LIST_DIR}/../.." ABSOLUTE)
find_program(CARGO_PROGRAM cargo)
if(NOT CARGO_PROGRAM)
    message(FATAL_ERROR "cargo is needed to build the library: https://rustup.rs")
endif()
if(DEFINED ENV{CARGO_TARGET_DIR})
    get_filename_component(MQTTC_TARGET_DIR "$ENV{CARGO_TARGET_DIR}" ABSOLUTE BASE_DIR "${MQTTC_ROOT}")
else()
    set(MQTTC_TARGET_DIR "${MQTTC_ROOT}/target")
endif()
set(MQTTC_ARCHIVE "${MQTTC_TARGET_DIR}/release/libmqttc.a")

# Always asks cargo, which knows best whether anything has changed.
add_custom_target(mqttc_archive
    COMMAND "${CARGO_PROGRAM}" build -q --release -p mqttc --target-dir "${MQTTC_TARGET_DIR}"
    WORKING_DIRECTORY "${MQTTC_ROOT}"
    BYPRODUCTS "${MQTTC_ARCHIVE}"
    COMMENT "cargo build --release -p mqttc"
    VERBATIM)
add_library(mqttc::mqttc STATIC IMPORTED GLOBAL)
add_dependencies(mqttc::mqttc mqttc_archive)
set_target_properties(mqttc::mqttc PROPERTIES
    IMPORTED_LOCATION "${MQTTC_ARCHIVE}"
    INTERFACE_INCLUDE_DIRECTORIES "${MQTTC_ROOT}/include")
