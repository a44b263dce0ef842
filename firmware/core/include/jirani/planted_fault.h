/**
 * Faults that a build may carry on purpose, so that a script can show that a test turns red for each.
 * `-DJIRANI_PLANTED_FAULT=1` plants the first; without it every question here is `false` and costs nothing.
 */
#pragma once

#ifndef JIRANI_PLANTED_FAULT
#define JIRANI_PLANTED_FAULT 0
#elif defined(ESP_PLATFORM)
#error "A meter for a house carries no planted fault."
#endif

namespace jirani {

/** The numbers are also in firmware/mutants. */
enum class PlantedFault {
  none = 0,
  flippedCurrentSign = 1,
  wrongPhase = 2,
  nettedRegisters = 3,
  acknowledgeFirst = 4,
  repeatedSequence = 5,
};

constexpr bool isPlanted(PlantedFault fault) {
  return static_cast<int>(fault) == JIRANI_PLANTED_FAULT;
}

}  // namespace jirani
