/** From samples or increments to what a reading says: volts, amperes, watts, registers and flags. */
#pragma once

#include <stdint.h>

#include "jirani/block.h"
#include "jirani/calibration.h"
#include "jirani/reading.h"
#include "jirani/registers.h"
#include "jirani/sample_rate.h"

namespace jirani {

/** The last second, for people to look at; bills are made of the registers. */
struct Measurement {
  /** + from the grid, - to the grid. */
  int32_t powerMw = 0;
  /** Of the household's own generation, never negative. */
  int32_t generationMw = 0;
  uint32_t voltageMv = 0;
  uint32_t currentMa = 0;
  uint32_t frequencyMhz = 0;
  /** Real by apparent power in thousandths, 0..1000; 0 without apparent power. */
  uint32_t powerFactorPermille = 0;
  /** What was wrong in this second (reading.h). */
  uint16_t flags = 0;
};

/** What a metering chip (ADE7953) says of a stretch of time. */
struct Increment {
  EnergyStep energy;
  uint32_t durationUs = 0;
  uint32_t voltageMv = 0;
  uint32_t currentMa = 0;
  uint32_t frequencyMhz = 0;
  bool hasClipped = false;
};

class Metering {
 public:
  /** Starts with a calibration and, after a restart, the registers of the last checkpoint. */
  void begin(const Calibration &calibration, const Checkpoint &stored);

  /** A new calibration from now on; the registers stay. */
  void calibrate(const Calibration &calibration);

  /** Takes one moment of the internal ADC. True when a block closed and `last()` is new. */
  bool sample(const SamplePair &pair);

  /** Notes how many samples per channel had arrived in all at `nowUs`; at each buffer of the ADC. */
  void clock(uint64_t samples, uint64_t nowUs) { rate_.note(samples, nowUs); }

  /** Samples were lost: the block under way is dropped, the rate is measured anew. */
  void lostSamples();

  /** Takes what a metering chip has counted. False when it cannot be true; nothing is counted then. */
  bool increment(const Increment &said);

  /** The switch under the cover opened. */
  void coverOpened() { tamper(); }
  /** The keeper has looked and is content. */
  void clearTamper();

  const Measurement &last() const { return last_; }
  const Block &block() const { return sums_.block(); }
  const Registers &registers() const { return registers_; }
  const Calibration &calibration() const { return calibration_; }
  const SampleRate &rate() const { return rate_; }

  /** All flags since the last call, and those that stay; for the reading that is made now. */
  uint16_t takeFlags();

  Checkpoint checkpoint() const;

  /** The curves of the ADC; set before `begin`. */
  AdcCurve &voltageCurve() { return sums_.voltageCurve; }
  AdcCurve &currentCurve() { return sums_.currentCurve; }
  AdcCurve &generationCurve() { return sums_.generationCurve; }

 private:
  void settle(const Block &block);
  uint16_t doubtsOf(const Block &block) const;
  uint16_t doubtsOf(const Increment &said) const;
  void bill(const Block &block, double gridW, double generationW);
  void watchBypass();
  void tamper();

  Calibration calibration_;
  BlockSums sums_;
  SampleRate rate_;
  Registers registers_;
  Measurement last_;
  uint16_t raised_ = 0;
  uint16_t latched_ = 0;
  uint32_t bypassBlocks_ = 0;
};

}  // namespace jirani
