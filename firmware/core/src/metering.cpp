#include "jirani/metering.h"

#include <math.h>

#include "numbers.h"

namespace jirani {

constexpr uint32_t frequencyMinMhz = 45'000;
constexpr uint32_t frequencyMaxMhz = 65'000;
/** Less than this is no mains. */
constexpr uint32_t mainsMinMv = 20'000;
/** Current without voltage for so many seconds means that somebody lifted a voltage terminal. */
constexpr uint32_t bypassBlocks = 3;
constexpr uint32_t bypassMinMa = 1'000;
/** More than any house: what a chip says beyond this is a broken line, not energy. */
constexpr int64_t powerMaxW = 100'000;
/** The longest stretch that one increment may cover. */
constexpr uint32_t incrementMaxUs = 60'000'000;

/** With any of these nothing is counted. */
constexpr uint16_t flagsWithoutBilling = flagNoMains | flagBadFrequency | flagFault;

constexpr double squarePartsPerCode = double{partsPerCode} * partsPerCode;

/** Root mean square in thousandths of the unit, without its noise; `microPerCode` is millionths of the unit. */
static uint32_t rmsMilli(double square, uint32_t noiseQ8, uint32_t microPerCode) {
  const double clean = square - noiseQ8;
  return clean > 0 ? static_cast<uint32_t>(nearest(sqrt(clean / squarePartsPerCode) * microPerCode / 1'000)) : 0;
}

/** In watts; 0 below the creep threshold. */
static double powerOf(const Product &product, const Block &block, const Calibration &calibration,
                      const CurrentCalibration &channel, uint64_t rateMilliHz) {
  const double late = channel.lateMillisamples / 1e3 - channel.lagNs * (rateMilliHz / 1e12);
  const double squareCodes = alignedProduct(product, late, block.samplesPerCycle) / squarePartsPerCode;
  const double watts = squareCodes * (calibration.uvPerCode / 1e6) * (channel.uaPerCode / 1e6);
  return fabs(watts) * 1e3 < calibration.creepMw ? 0 : watts;
}

static uint32_t permille(double watts, uint32_t voltageMv, uint32_t currentMa) {
  const double apparent = voltageMv / 1e3 * (currentMa / 1e3);
  const double factor = apparent > 0 ? fabs(watts) / apparent : 0;
  return factor >= 1 ? 1'000 : static_cast<uint32_t>(nearest(factor * 1'000));
}

void Metering::begin(const Calibration &calibration, const Checkpoint &stored) {
  registers_ = Registers{};
  registers_.restore(stored.energy);
  latched_ = stored.latchedFlags & flagTamper;
  raised_ = 0;
  bypassBlocks_ = 0;
  last_ = {};
  calibrate(calibration);
}

void Metering::calibrate(const Calibration &calibration) {
  calibration_ = calibration;
  sums_.begin(calibration.askedRateHz + calibration.askedRateHz / 2, calibration.generation.uaPerCode > 0);
  rate_.restart(calibration.askedRateHz);
}

bool Metering::sample(const SamplePair &pair) {
  if (!sums_.add(pair)) return false;
  settle(sums_.block());
  return true;
}

void Metering::lostSamples() {
  sums_.drop();
  rate_.restart(calibration_.askedRateHz);
  raised_ |= flagFault;
}

void Metering::settle(const Block &block) {
  last_ = {};
  last_.voltageMv = rmsMilli(block.voltageSquare, calibration_.voltageNoiseQ8, calibration_.uvPerCode);
  last_.currentMa =
      rmsMilli(block.grid.currentSquare, calibration_.grid.noiseQ8, calibration_.grid.uaPerCode);
  if (block.samplesPerCycle > 0)
    last_.frequencyMhz = static_cast<uint32_t>(nearest(rate_.milliHz() / block.samplesPerCycle));
  last_.flags = doubtsOf(block);
  watchBypass();
  raised_ |= last_.flags;
  if ((last_.flags & flagsWithoutBilling) != 0) return;

  const double watts = powerOf(block.grid, block, calibration_, calibration_.grid, rate_.milliHz());
  const double generated =
      powerOf(block.generation, block, calibration_, calibration_.generation, rate_.milliHz());
  last_.powerMw = static_cast<int32_t>(nearest(watts * 1e3));
  // At night an inverter draws a little; that is consumption, and the grid's clamp has counted it.
  last_.generationMw = generated > 0 ? static_cast<int32_t>(nearest(generated * 1e3)) : 0;
  last_.powerFactorPermille = permille(watts, last_.voltageMv, last_.currentMa);
  bill(block, watts, generated);
}

uint16_t Metering::doubtsOf(const Block &block) const {
  uint16_t flags = block.clipped > 0 ? flagClip : 0;
  if (!rate_.isKnown() || !calibration_.isPlausible()) flags |= flagFault;
  if (block.cycles == 0 || last_.voltageMv < mainsMinMv) return flags | flagNoMains;
  if (rate_.isKnown() && (last_.frequencyMhz < frequencyMinMhz || last_.frequencyMhz > frequencyMaxMhz))
    flags |= flagBadFrequency;
  const uint32_t weakestMv =
      rmsMilli(block.weakestCycleSquare, calibration_.voltageNoiseQ8, calibration_.uvPerCode);
  if (weakestMv < calibration_.sagMv) flags |= flagSag;
  return flags;
}

/** Watts times nanoseconds are nanojoules; the time is the clock's, not the asked sample rate's. */
void Metering::bill(const Block &block, double gridW, double generationW) {
  const double durationNs = static_cast<double>(rate_.durationNs(block.samples));
  EnergyStep step;
  if (gridW >= 0)
    step.importNj = nearest(gridW * durationNs);
  else
    step.exportNj = nearest(-gridW * durationNs);
  if (generationW > 0) step.generationNj = nearest(generationW * durationNs);
  registers_.add(step);
}

/** False for what no house can have done in that time. */
static bool isPossible(const Increment &said) {
  if (said.durationUs == 0 || said.durationUs > incrementMaxUs) return false;
  // Watts times microseconds are microjoules; 100 kW for a minute stay far below 2^63 nanojoules.
  const int64_t mostNj = powerMaxW * int64_t{said.durationUs} * 1'000;
  const int64_t parts[] = {said.energy.importNj, said.energy.exportNj, said.energy.generationNj};
  for (const int64_t energyNj : parts)
    if (energyNj < 0 || energyNj > mostNj) return false;
  return true;
}

uint16_t Metering::doubtsOf(const Increment &said) const {
  if (!isPossible(said)) return flagFault;
  uint16_t flags = said.hasClipped ? flagClip : 0;
  if (said.voltageMv < mainsMinMv) return flags | flagNoMains;
  if (said.frequencyMhz < frequencyMinMhz || said.frequencyMhz > frequencyMaxMhz) flags |= flagBadFrequency;
  if (said.voltageMv < calibration_.sagMv) flags |= flagSag;
  return flags;
}

bool Metering::increment(const Increment &said) {
  last_ = {};
  last_.voltageMv = said.voltageMv;
  last_.currentMa = said.currentMa;
  last_.frequencyMhz = said.frequencyMhz;
  last_.flags = doubtsOf(said);
  watchBypass();
  raised_ |= last_.flags;
  if ((last_.flags & flagsWithoutBilling) != 0) return false;

  const double us = said.durationUs;
  // Nanojoules in a microsecond are milliwatts.
  const double gridMw = static_cast<double>(said.energy.importNj - said.energy.exportNj) / us;
  last_.powerMw = static_cast<int32_t>(nearest(gridMw));
  last_.generationMw = static_cast<int32_t>(nearest(static_cast<double>(said.energy.generationNj) / us));
  last_.powerFactorPermille = permille(gridMw / 1e3, last_.voltageMv, last_.currentMa);
  return registers_.add(said.energy);
}

void Metering::watchBypass() {
  const bool flowsUnseen = (last_.flags & flagNoMains) != 0 && last_.currentMa >= bypassMinMa;
  bypassBlocks_ = flowsUnseen ? bypassBlocks_ + 1 : 0;
  if (bypassBlocks_ >= bypassBlocks) tamper();
}

void Metering::tamper() {
  latched_ |= flagTamper;
}

void Metering::clearTamper() {
  latched_ = 0;
  bypassBlocks_ = 0;
}

uint16_t Metering::takeFlags() {
  const uint16_t flags = raised_ | latched_;
  raised_ = 0;
  return flags;
}

Checkpoint Metering::checkpoint() const {
  return {registers_.totals(), latched_};
}

}  // namespace jirani
