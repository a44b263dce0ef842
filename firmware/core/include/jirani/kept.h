/** What a meter keeps outside of its log, in bytes that a later firmware can still read. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "jirani/ade7953.h"
#include "jirani/calibration.h"

namespace jirani {

constexpr size_t keptCalibrationBytes = 1 + 13 * 4 + 4;
void packCalibration(const Calibration &calibration, uint8_t bytes[keptCalibrationBytes]);
/** False, with nothing changed, for torn bytes, another form, or values that no sensible sensor has. */
bool unpackCalibration(const uint8_t *bytes, size_t length, Calibration &calibration);

constexpr size_t keptScaleBytes = 1 + 7 * 4 + 4;
void packScale(const Ade7953Scale &scale, uint8_t bytes[keptScaleBytes]);
bool unpackScale(const uint8_t *bytes, size_t length, Ade7953Scale &scale);

/**
 * How much of the `handover` partition is text: up to the first byte that is 0 or was never written. The keeper's
 * computer writes the configuration there; the meter takes it over once and erases the place.
 */
size_t handoverLength(const uint8_t *bytes, size_t length);

}  // namespace jirani
