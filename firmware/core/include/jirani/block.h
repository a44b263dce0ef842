/** One second of mains: sums over fifty cycles, and what follows from them. */
#pragma once

#include <stdint.h>

#include "jirani/adc_curve.h"

namespace jirani {

/** One moment: raw ADC codes, 0..4095. */
struct SamplePair {
  uint16_t voltage = 0;
  uint16_t current = 0;
  /** Of the generation's clamp; ignored when there is none. */
  uint16_t generation = 0;
};

/** How voltage and one current went together in a block, in squared sixteenths of a code. */
struct Product {
  /** Mean of v * i with the current taken as sampled, one sample earlier, and one sample later. */
  double same = 0;
  double currentEarlier = 0;
  double currentLater = 0;
  /** Mean of i * i; free of offset, like the others. */
  double currentSquare = 0;
};

/** What a closed block knows, in codes and samples: no calibration and no clock have touched it. */
struct Block {
  uint32_t samples = 0;
  uint32_t cycles = 0;
  /** Between the first and the last rising crossing; 0 without a whole cycle. */
  double samplesPerCycle = 0;
  double voltageSquare = 0;
  /** Mean square of the weakest whole cycle; 0 when a cycle went missing. */
  double weakestCycleSquare = 0;
  Product grid;
  Product generation;
  /** Samples near a rail of the ADC, of any channel. */
  uint32_t clipped = 0;
};

/**
 * The voltage times the current as if both had been sampled at once: exact for the fundamental, whatever
 * the lag, and near for harmonics. `lateSamples` says how much later the current was sampled.
 */
double alignedProduct(const Product &product, double lateSamples, double samplesPerCycle);

/** Sums of one current channel. */
class CurrentSums {
 public:
  void begin(int32_t firstOffset);
  void add(int32_t voltage, int32_t voltageBefore, int32_t parts);
  /** Closes the sums into means, moves the offset, and starts anew. */
  Product close(uint32_t samples, double meanVoltage, double meanVoltageBefore);
  /** Empties the sums and moves the offset by `shift`. */
  void startAnew(int32_t shift);

 private:
  int32_t offset_ = 0;
  int32_t before_ = 0;
  int32_t firstBefore_ = 0;
  int64_t sum_ = 0;
  int64_t square_ = 0;
  int64_t same_ = 0;
  int64_t earlier_ = 0;
  int64_t later_ = 0;
};

class BlockSums {
 public:
  /** Starts anew; `blockSamplesMax` ends a block that has no mains to count its cycles. */
  void begin(uint32_t blockSamplesMax, bool hasGeneration);

  /** Drops the block under way, because samples were lost; offsets are kept. */
  void drop();

  /** Takes one moment. True when it closed a block, which `block()` then shows. */
  bool add(const SamplePair &pair);

  const Block &block() const { return block_; }

  AdcCurve voltageCurve;
  AdcCurve currentCurve;
  AdcCurve generationCurve;

 private:
  void crossing(int32_t voltage);
  void close();
  void startAnew(int32_t shift);

  Block block_;
  uint32_t samplesMax_ = 0;
  bool hasGeneration_ = false;

  int32_t offset_ = 0;
  int32_t before_ = 0;
  int32_t firstBefore_ = 0;
  uint32_t samples_ = 0;
  uint32_t clipped_ = 0;
  int64_t sum_ = 0;
  int64_t square_ = 0;
  CurrentSums grid_;
  CurrentSums generation_;

  bool isArmed_ = false;
  bool hasFirst_ = false;
  uint32_t cycles_ = 0;
  double firstCrossing_ = 0;
  double lastCrossing_ = 0;
  uint32_t cycleStart_ = 0;
  int64_t cycleSquare_ = 0;
  double weakest_ = 0;
};

}  // namespace jirani
