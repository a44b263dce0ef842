# Turns the readings of vectors.json into lines of C++, because the target has no file system to read them from.
set(vectors_file ${firmware}/vectors.json)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${vectors_file})
file(READ ${vectors_file} vectors_json)
string(JSON readings LENGTH "${vectors_json}" readings)
math(EXPR last "${readings} - 1")
set(lines "")
foreach(place RANGE ${last})
  foreach(field topic sequence boot unixSeconds uptimeSeconds timeQuality powerMw voltageMv currentMa frequencyMhz
                importUj exportUj generationUj flags)
    string(JSON ${field} GET "${vectors_json}" readings ${place} ${field})
  endforeach()
  string(JSON key GET "${vectors_json}" readings ${place} hs256 keyHex)
  string(APPEND lines "{\"${topic}\", \"${key}\", {${sequence}u, ${boot}u, ${unixSeconds}u, ${uptimeSeconds}u, "
         "static_cast<TimeQuality>(${timeQuality}), ${powerMw}, ${voltageMv}u, ${currentMa}u, ${frequencyMhz}u, "
         "{${importUj}u, ${exportUj}u, ${generationUj}u}, ${flags}u}},\n")
endforeach()
file(WRITE ${CMAKE_BINARY_DIR}/shared/shared_readings.inc "${lines}")
