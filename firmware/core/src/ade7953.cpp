#include "jirani/ade7953.h"

namespace jirani {
namespace {

/** Bit 6: an energy register is 0 after it was read. */
constexpr uint32_t readWithReset = 0x40;
/** "Required register setting": 0x120 is 0x30, after 0xad went to 0xfe. */
constexpr uint32_t unlockWord = 0xad, requiredWord = 0x30;
/** Line period in ticks of 223.75 kHz, less one. */
constexpr uint64_t periodTicksMhz = 223'750'000;
/** Energy registers have 24 bits; near their end they may have run over. */
constexpr int32_t energyMost = 0x7f0000;
/** One step of the phase registers, and how many there are. */
constexpr int32_t phaseStepNs = 1'117, phaseStepsMax = 383;
constexpr uint32_t phaseSign = 0x200;
constexpr uint32_t longestUs = 60'000'000;
constexpr uint32_t looksMin = 60;
constexpr int32_t energyCountsMin = 50;

int64_t magnitude(int64_t value) { return value < 0 ? -value : value; }

/** In nanojoules, 0 below the creep threshold: nanojoules in a microsecond are milliwatts. */
int64_t energyOf(int32_t counts, const Ade7953Scale &scale, uint32_t us) {
  const int64_t nj = int64_t{counts} * scale.njPerCount;
  return magnitude(nj) < int64_t{scale.creepMw} * us ? 0 : nj;
}

uint32_t scaled(uint64_t counts, uint32_t nanoPerCount) {
  const uint64_t milli = counts * nanoPerCount / 1'000'000;
  return milli > UINT32_MAX ? UINT32_MAX : static_cast<uint32_t>(milli);
}

uint32_t trimmed(uint32_t gain, int64_t ppm) {
  constexpr int64_t million = 1'000'000;
  const int64_t moved = (int64_t{gain} * (million + ppm) + million / 2) / million;
  return moved > 0 && moved <= UINT32_MAX ? static_cast<uint32_t>(moved) : 0;
}

/** Rounded; 0 when it does not fit. */
uint32_t worth(uint64_t whole, uint64_t counts) {
  const uint64_t each = counts == 0 ? 0 : (whole + counts / 2) / counts;
  return each > UINT32_MAX ? 0 : static_cast<uint32_t>(each);
}

}  // namespace

bool Ade7953Scale::isPlausible() const {
  // At most 2 V, 100 mA and 4 J a count; a chip with less than that has lost its gain resistors.
  return nvPerCount > 0 && naPerCount > 0 && naPerCount <= 100'000'000 && nvPerCount <= 2'000'000'000 &&
         njPerCount > 0 && creepMw <= 100'000 && lagNs >= -phaseStepNs * phaseStepsMax &&
         lagNs <= phaseStepNs * phaseStepsMax;
}

bool Ade7953Scale::trim(int32_t voltagePpm, int32_t currentPpm, int32_t addedLagNs) {
  const int64_t lag = int64_t{lagNs} + addedLagNs;
  if (magnitude(lag) > int64_t{phaseStepNs} * phaseStepsMax) return false;
  Ade7953Scale changed = *this;
  changed.nvPerCount = trimmed(nvPerCount, voltagePpm);
  changed.naPerCount = trimmed(naPerCount, currentPpm);
  changed.njPerCount = trimmed(trimmed(njPerCount, voltagePpm), currentPpm);
  changed.lagNs = static_cast<int32_t>(lag);
  if (!changed.isPlausible()) return false;
  *this = changed;
  return true;
}

Increment incrementOf(const AdeCounts &counts, const Ade7953Scale &scale, bool hasGeneration, uint32_t us) {
  Increment said;
  const int64_t grid = energyOf(counts.energyA, scale, us);
  said.energy.importNj = grid > 0 ? grid : 0;
  said.energy.exportNj = grid < 0 ? -grid : 0;
  const int64_t made = hasGeneration ? energyOf(counts.energyB, scale, us) : 0;
  said.energy.generationNj = made > 0 ? made : 0;
  said.durationUs = us;
  said.voltageMv = scaled(counts.rmsVoltage, scale.nvPerCount);
  said.currentMa = scaled(counts.rmsCurrentA, scale.naPerCount);
  said.frequencyMhz = counts.period == 0 ? 0 : static_cast<uint32_t>(periodTicksMhz / (counts.period + 1));
  said.hasClipped = magnitude(counts.energyA) >= energyMost || magnitude(counts.energyB) >= energyMost;
  return said;
}

uint32_t phaseRegisterOf(int32_t lagNs) {
  const int32_t steps = static_cast<int32_t>((magnitude(lagNs) + phaseStepNs / 2) / phaseStepNs);
  const uint32_t bounded = static_cast<uint32_t>(steps > phaseStepsMax ? phaseStepsMax : steps);
  // A positive register delays the current; a clamp that runs behind needs the opposite. Untried: should a kettle
  // read worse with a correction than without, this sign is the other way round.
  return bounded == 0 || lagNs < 0 ? bounded : phaseSign | bounded;
}

bool Ade7953::begin(const Ade7953Scale &scale, uint64_t nowUs) {
  uint32_t version;
  const bool isThere = bus_.read(AdeRegister::version, version) && bus_.write(AdeRegister::unlock, unlockWord) &&
                       bus_.write(AdeRegister::required, requiredWord) &&
                       bus_.write(AdeRegister::lineCycleMode, readWithReset) &&
                       bus_.write(AdeRegister::accumulation, 0);
  if (!isThere) return false;
  setScale(scale);
  AdeCounts dropped;
  seenAtUs_ = nowUs;
  return look(dropped);
}

void Ade7953::setScale(const Ade7953Scale &scale) {
  scale_ = scale;
  bus_.write(AdeRegister::phaseA, phaseRegisterOf(scale.lagNs));
  bus_.write(AdeRegister::phaseB, phaseRegisterOf(scale.lagNs));
}

/** The energies come last, because reading takes them away; what A's failure would lose of B waits here. */
bool Ade7953::look(AdeCounts &counts) {
  uint32_t energyA = 0, energyB = 0;
  const bool isSeen =
      bus_.read(AdeRegister::period, counts.period) && bus_.read(AdeRegister::rmsVoltage, counts.rmsVoltage) &&
      bus_.read(AdeRegister::rmsCurrentA, counts.rmsCurrentA) &&
      (!hasGeneration_ || bus_.read(AdeRegister::energyB, energyB));
  waitingB_ += static_cast<int32_t>(energyB);
  if (!isSeen || !bus_.read(AdeRegister::energyA, energyA)) return false;
  counts.energyA = static_cast<int32_t>(energyA);
  counts.energyB = waitingB_;
  waitingB_ = 0;
  return true;
}

bool Ade7953::feed(Metering &meter, uint64_t nowUs) {
  AdeCounts seen;
  if (!look(seen)) return false;
  const uint64_t us = nowUs - seenAtUs_;
  seenAtUs_ = nowUs;
  counts_ = seen;
  Increment said = incrementOf(seen, scale_, hasGeneration_, us > UINT32_MAX ? UINT32_MAX : static_cast<uint32_t>(us));
  // What nobody has calibrated is not counted: without a duration the core raises its fault.
  if (!scale_.isPlausible() || us > longestUs) said.durationUs = 0;
  meter.increment(said);
  return true;
}

void Ade7953Run::begin(uint32_t trueMv, uint32_t trueMw) {
  *this = Ade7953Run{};
  trueMv_ = trueMv;
  trueMw_ = trueMw;
}

void Ade7953Run::take(const AdeCounts &counts, uint32_t us) {
  if (looks_ == 0 || counts.energyA < weakest_) weakest_ = counts.energyA;
  if (looks_ == 0 || counts.energyA > strongest_) strongest_ = counts.energyA;
  looks_++;
  us_ += us;
  energy_ += counts.energyA;
  current_ += counts.rmsCurrentA;
  voltage_ += counts.rmsVoltage;
}

CalibrationOutcome Ade7953Run::finish(Ade7953Scale &scale) const {
  if (looks_ < looksMin || trueMv_ == 0) return CalibrationOutcome::needsMoreTime;
  if (energy_ <= 0) return CalibrationOutcome::wrongPhase;
  if (weakest_ < energyCountsMin) return CalibrationOutcome::tooLittleLoad;
  if (strongest_ >= energyMost) return CalibrationOutcome::clipped;
  // Looks are a second apart and may be a fiftieth of it early or late, on top of the load's own fiftieth.
  if (int64_t{strongest_} - weakest_ > strongest_ / 25) return CalibrationOutcome::unsteady;
  Ade7953Scale found = scale;
  const uint64_t trueMa = uint64_t{trueMw_} * 1'000 / trueMv_;
  found.nvPerCount = worth(uint64_t{trueMv_} * 1'000'000 * looks_, voltage_);
  found.naPerCount = worth(trueMa * 1'000'000 * looks_, current_);
  // Milliwatts times microseconds are nanojoules.
  found.njPerCount = worth(uint64_t{trueMw_} * us_, static_cast<uint64_t>(energy_));
  if (!found.isPlausible()) return CalibrationOutcome::implausible;
  scale = found;
  return CalibrationOutcome::done;
}

}  // namespace jirani
