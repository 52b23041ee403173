# Records the arguments of the component in the file that RECORD names, one line for each keyword.
function(idf_component_register)
    cmake_parse_arguments(PARSE_ARGV 0 given "" ""
        "SRCS;SRC_DIRS;INCLUDE_DIRS;REQUIRES;PRIV_REQUIRES;EMBED_FILES;EMBED_TXTFILES")
    if(given_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "idf_component_register does not know ${given_UNPARSED_ARGUMENTS}")
    endif()
    foreach(keyword IN ITEMS SRCS INCLUDE_DIRS REQUIRES PRIV_REQUIRES EMBED_FILES EMBED_TXTFILES)
        if(given_${keyword})
            file(APPEND "${RECORD}" "${keyword}=${given_${keyword}}\n")
        endif()
    endforeach()
endfunction()

# ESP-IDF replaces this command of CMake by a macro of its own, too, and adds the folder main.
macro(project name)
    _project(${name} LANGUAGES NONE)
    file(WRITE "${RECORD}" "project=${name}\nversion=${PROJECT_VER}\n")
    add_subdirectory(main)
endmacro()
