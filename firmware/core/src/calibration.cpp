#include "jirani/calibration.h"

#include <math.h>

#include "jirani/block.h"
#include "numbers.h"

namespace jirani {

constexpr uint32_t quietBlocksMin = 20;
constexpr uint32_t loadBlocksMin = 60;
/** A load that moved by more than a fiftieth cannot be compared with what the plug-in meter showed. */
constexpr double steadyPart = 0.02;
/** Rms of the current in codes; a kettle on a 100 A clamp makes about 100. */
constexpr double loadCodesMin = 40;
/** Tangent of 20 degrees; a plain clamp is below 5. */
constexpr double tangentMax = 0.364;
constexpr double squarePartsPerCode = double{partsPerCode} * partsPerCode;

static bool isSensible(const CurrentCalibration &channel) {
  return channel.uaPerCode <= 2'000'000 && channel.lateMillisamples >= -2'000 &&
         channel.lateMillisamples <= 2'000 && channel.lagNs >= -1'500'000 && channel.lagNs <= 1'500'000 &&
         channel.noiseQ8 <= 256 * 256;
}

bool Calibration::isPlausible() const {
  return uvPerCode >= 10'000 && uvPerCode <= 2'000'000 && grid.uaPerCode >= 100 && isSensible(grid) &&
         isSensible(generation) && voltageNoiseQ8 <= 256 * 256 && creepMw <= 100'000 && sagMv <= 300'000 &&
         askedRateHz >= 2'000 && askedRateHz <= 100'000;
}

static uint32_t trimmed(uint32_t gain, int32_t ppm) {
  constexpr int64_t million = 1'000'000;
  const int64_t product = gain * (million + ppm);
  const int64_t rounded = (product + million / 2) / million;
  return product > 0 && rounded <= UINT32_MAX ? static_cast<uint32_t>(rounded) : 0;
}

bool Calibration::trim(int32_t voltagePpm, int32_t currentPpm, int32_t addedLagNs) {
  Calibration changed = *this;
  changed.uvPerCode = trimmed(uvPerCode, voltagePpm);
  changed.grid.uaPerCode = trimmed(grid.uaPerCode, currentPpm);
  const int64_t lagNs = int64_t{grid.lagNs} + addedLagNs;
  if (lagNs < INT32_MIN || lagNs > INT32_MAX) return false;
  changed.grid.lagNs = static_cast<int32_t>(lagNs);
  if (!changed.isPlausible()) return false;
  *this = changed;
  return true;
}

void CalibrationRun::beginQuiet() {
  *this = CalibrationRun{};
  part_ = Part::quiet;
}

void CalibrationRun::beginLoad(uint32_t trueMv, uint32_t trueMw) {
  part_ = Part::load;
  trueMv_ = trueMv;
  trueMw_ = trueMw;
  loadBlocks_ = 0;
  hasClipped_ = false;
  voltageSquareSum_ = currentSquareSum_ = inPhaseSum_ = quadratureSum_ = omegaSum_ = 0;
}

void CalibrationRun::take(const Block &block, uint64_t rateMilliHz) {
  if (part_ == Part::none || block.cycles == 0) return;
  rateMilliHz_ = rateMilliHz;
  if (part_ == Part::load) return takeLoad(block);
  quietSquareSum_ += block.grid.currentSquare;
  quietBlocks_++;
}

/** Between the lags of one sample back and one ahead lies the part of the product a quarter turn away. */
void CalibrationRun::takeLoad(const Block &block) {
  const double omega = 2 * pi / block.samplesPerCycle;
  const double inPhase = block.grid.same;
  if (block.clipped > 0) hasClipped_ = true;
  if (loadBlocks_ == 0 || inPhase < weakest_) weakest_ = inPhase;
  if (loadBlocks_ == 0 || inPhase > strongest_) strongest_ = inPhase;
  voltageSquareSum_ += block.voltageSquare;
  currentSquareSum_ += block.grid.currentSquare;
  inPhaseSum_ += inPhase;
  quadratureSum_ += (block.grid.currentEarlier - block.grid.currentLater) / (2 * sineOf(omega));
  omegaSum_ += omega;
  loadBlocks_++;
}

CalibrationOutcome CalibrationRun::finish(Calibration &calibration) const {
  if (quietBlocks_ < quietBlocksMin || loadBlocks_ < loadBlocksMin || rateMilliHz_ == 0)
    return CalibrationOutcome::needsMoreTime;
  if (hasClipped_) return CalibrationOutcome::clipped;

  const double noise = quietSquareSum_ / quietBlocks_;
  const double currentSquare = currentSquareSum_ / loadBlocks_ - noise;
  if (currentSquare < loadCodesMin * loadCodesMin * squarePartsPerCode)
    return CalibrationOutcome::tooLittleLoad;
  if (inPhaseSum_ <= 0 || fabs(quadratureSum_) > tangentMax * inPhaseSum_)
    return CalibrationOutcome::wrongPhase;
  if (strongest_ - weakest_ > steadyPart * strongest_) return CalibrationOutcome::unsteady;

  const double voltageSquare = voltageSquareSum_ / loadBlocks_ - calibration.voltageNoiseQ8;
  const double omega = omegaSum_ / loadBlocks_;
  const double lateSamples = smallArcTangent(quadratureSum_ / inPhaseSum_) / omega;
  // Of v * i for a load without reactance; the lag has taken its cosine from the part in phase.
  const double inPhase = inPhaseSum_ / loadBlocks_;
  const double quadrature = quadratureSum_ / loadBlocks_;
  const double squareCodes = sqrt(inPhase * inPhase + quadrature * quadrature) / squarePartsPerCode;
  const double voltsPerCode = trueMv_ / 1e3 / sqrt(voltageSquare / squarePartsPerCode);

  Calibration found = calibration;
  found.uvPerCode = static_cast<uint32_t>(nearest(voltsPerCode * 1e6));
  found.grid.uaPerCode = static_cast<uint32_t>(nearest(trueMw_ / 1e3 / (squareCodes * voltsPerCode) * 1e6));
  const double lagSamples = found.grid.lateMillisamples / 1e3 - lateSamples;
  found.grid.lagNs = static_cast<int32_t>(nearest(lagSamples * 1e12 / rateMilliHz_));
  found.grid.noiseQ8 = static_cast<uint32_t>(nearest(noise));
  if (!found.isPlausible()) return CalibrationOutcome::implausible;
  calibration = found;
  return CalibrationOutcome::done;
}

}  // namespace jirani
