#include "jirani/kept.h"

#include "jirani/bytes.h"
#include "jirani/flash_log.h"

namespace jirani {
namespace {

constexpr uint8_t calibrationForm = 1;
constexpr uint8_t scaleForm = 0x41;

void seal(const uint8_t *bytes, uint8_t *at) { putLittle(at, crc32(bytes, static_cast<size_t>(at - bytes))); }

bool isWhole(const uint8_t *bytes, size_t length, size_t wanted, uint8_t form) {
  if (length != wanted || bytes[0] != form) return false;
  const uint8_t *sum = bytes + wanted - 4;
  return takeLittle<uint32_t>(sum) == crc32(bytes, wanted - 4);
}

void putCurrent(uint8_t *&at, const CurrentCalibration &current) {
  putLittle(at, current.uaPerCode);
  putLittle(at, current.lateMillisamples);
  putLittle(at, current.lagNs);
  putLittle(at, current.noiseQ8);
}

CurrentCalibration takeCurrent(const uint8_t *&at) {
  CurrentCalibration current;
  current.uaPerCode = takeLittle<uint32_t>(at);
  current.lateMillisamples = takeLittle<int32_t>(at);
  current.lagNs = takeLittle<int32_t>(at);
  current.noiseQ8 = takeLittle<uint32_t>(at);
  return current;
}

}  // namespace

void packCalibration(const Calibration &calibration, uint8_t bytes[keptCalibrationBytes]) {
  uint8_t *at = bytes;
  *at++ = calibrationForm;
  putLittle(at, calibration.uvPerCode);
  putLittle(at, calibration.voltageNoiseQ8);
  putCurrent(at, calibration.grid);
  putCurrent(at, calibration.generation);
  putLittle(at, calibration.creepMw);
  putLittle(at, calibration.number);
  putLittle(at, calibration.madeAt);
  seal(bytes, at);
}

bool unpackCalibration(const uint8_t *bytes, size_t length, Calibration &calibration) {
  if (!isWhole(bytes, length, keptCalibrationBytes, calibrationForm)) return false;
  const uint8_t *at = bytes + 1;
  // The sag threshold and the asked rate belong to the firmware, not to the sensors.
  Calibration found;
  found.uvPerCode = takeLittle<uint32_t>(at);
  found.voltageNoiseQ8 = takeLittle<uint32_t>(at);
  found.grid = takeCurrent(at);
  found.generation = takeCurrent(at);
  found.creepMw = takeLittle<uint32_t>(at);
  found.number = takeLittle<uint32_t>(at);
  found.madeAt = takeLittle<uint32_t>(at);
  if (!found.isPlausible()) return false;
  calibration = found;
  return true;
}

void packScale(const Ade7953Scale &scale, uint8_t bytes[keptScaleBytes]) {
  uint8_t *at = bytes;
  *at++ = scaleForm;
  putLittle(at, scale.nvPerCount);
  putLittle(at, scale.naPerCount);
  putLittle(at, scale.njPerCount);
  putLittle(at, scale.lagNs);
  putLittle(at, scale.creepMw);
  putLittle(at, scale.number);
  putLittle(at, scale.madeAt);
  seal(bytes, at);
}

bool unpackScale(const uint8_t *bytes, size_t length, Ade7953Scale &scale) {
  if (!isWhole(bytes, length, keptScaleBytes, scaleForm)) return false;
  const uint8_t *at = bytes + 1;
  Ade7953Scale found;
  found.nvPerCount = takeLittle<uint32_t>(at);
  found.naPerCount = takeLittle<uint32_t>(at);
  found.njPerCount = takeLittle<uint32_t>(at);
  found.lagNs = takeLittle<int32_t>(at);
  found.creepMw = takeLittle<uint32_t>(at);
  found.number = takeLittle<uint32_t>(at);
  found.madeAt = takeLittle<uint32_t>(at);
  if (!found.isPlausible()) return false;
  scale = found;
  return true;
}

size_t handoverLength(const uint8_t *bytes, size_t length) {
  size_t at = 0;
  while (at < length && bytes[at] != 0 && bytes[at] != 0xff) at++;
  return at;
}

}  // namespace jirani
