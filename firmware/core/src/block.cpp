#include "jirani/block.h"

#include "jirani/planted_fault.h"
#include "numbers.h"

namespace jirani {

constexpr uint32_t cyclesPerBlock = 50;
constexpr int32_t midScale = (adcCodeMax + 1) / 2 * partsPerCode;
/** Codes this near to a rail of the ADC are not to be believed. */
constexpr int32_t railCodes = 8;
/** How far below zero the voltage must have been before a rising crossing counts; about 8 V of mains. */
constexpr int32_t hysteresis = 40 * partsPerCode;

static bool isClipped(uint16_t code) {
  return code <= railCodes || code >= adcCodeMax - railCodes;
}

/** The sum of the samples before each sample: the last one leaves, the one before the block joins. */
static double meanBefore(int64_t sum, int32_t last, int32_t firstBefore, uint32_t samples) {
  return static_cast<double>(sum - last + firstBefore) / samples;
}

/**
 * Three lags of the product, weighted so that a constant and the fundamental come out exactly as if the
 * lag had been 0; harmonics, being slow against the sample rate, nearly so.
 */
double alignedProduct(const Product &product, double lateSamples, double samplesPerCycle) {
  if (samplesPerCycle <= 0) return product.same;
  if (isPlanted(PlantedFault::wrongPhase)) lateSamples = -lateSamples;
  const double omega = 2 * pi / samplesPerCycle;
  const double half = sineOf(omega * lateSamples / 2) / sineOf(omega / 2);
  const double both = half * half;
  const double difference = sineOf(omega * lateSamples) / sineOf(omega);
  return (1 - both) * product.same + (both + difference) / 2 * product.currentEarlier +
         (both - difference) / 2 * product.currentLater;
}

void CurrentSums::begin(int32_t firstOffset) {
  *this = CurrentSums{};
  offset_ = firstOffset;
}

void CurrentSums::add(int32_t voltage, int32_t voltageBefore, int32_t parts) {
  int32_t current = parts - offset_;
  if (isPlanted(PlantedFault::flippedCurrentSign)) current = -current;
  sum_ += current;
  square_ += int64_t{current} * current;
  same_ += int64_t{voltage} * current;
  earlier_ += int64_t{voltage} * before_;
  later_ += int64_t{voltageBefore} * current;
  before_ = current;
}

Product CurrentSums::close(uint32_t samples, double meanVoltage, double meanVoltageBefore) {
  const double mean = static_cast<double>(sum_) / samples;
  const double before = meanBefore(sum_, before_, firstBefore_, samples);
  Product product;
  product.same = static_cast<double>(same_) / samples - meanVoltage * mean;
  product.currentEarlier = static_cast<double>(earlier_) / samples - meanVoltage * before;
  product.currentLater = static_cast<double>(later_) / samples - meanVoltageBefore * mean;
  product.currentSquare = static_cast<double>(square_) / samples - mean * mean;
  startAnew(static_cast<int32_t>(nearest(mean)));
  return product;
}

/** A slow drift moves the offset from block to block and so never enters a product. */
void CurrentSums::startAnew(int32_t shift) {
  offset_ += isPlanted(PlantedFault::flippedCurrentSign) ? -shift : shift;
  before_ -= shift;
  firstBefore_ = before_;
  sum_ = square_ = same_ = earlier_ = later_ = 0;
}

void BlockSums::begin(uint32_t blockSamplesMax, bool hasGeneration) {
  samplesMax_ = blockSamplesMax;
  hasGeneration_ = hasGeneration;
  block_ = {};
  offset_ = midScale;
  before_ = 0;
  grid_.begin(midScale);
  generation_.begin(midScale);
  hasFirst_ = isArmed_ = false;
  startAnew(0);
}

void BlockSums::drop() {
  grid_.startAnew(0);
  generation_.startAnew(0);
  hasFirst_ = isArmed_ = false;
  startAnew(0);
}

void BlockSums::startAnew(int32_t shift) {
  offset_ += shift;
  before_ -= shift;
  firstBefore_ = before_;
  samples_ = clipped_ = cycles_ = 0;
  sum_ = square_ = 0;
  cycleStart_ = 0;
  cycleSquare_ = 0;
  weakest_ = 0;
}

bool BlockSums::add(const SamplePair &pair) {
  if (isClipped(pair.voltage) || isClipped(pair.current)) clipped_++;
  const int32_t voltage = voltageCurve.straighten(pair.voltage) - offset_;
  samples_++;
  sum_ += voltage;
  grid_.add(voltage, before_, currentCurve.straighten(pair.current));
  if (hasGeneration_) {
    if (isClipped(pair.generation)) clipped_++;
    generation_.add(voltage, before_, generationCurve.straighten(pair.generation));
  }
  square_ += int64_t{voltage} * voltage;

  if (voltage < -hysteresis) isArmed_ = true;
  if (isArmed_ && voltage >= 0) crossing(voltage);
  before_ = voltage;
  if (cycles_ < cyclesPerBlock && samples_ < samplesMax_) return false;
  close();
  return true;
}

void BlockSums::crossing(int32_t voltage) {
  isArmed_ = false;
  const double part = before_ < 0 ? static_cast<double>(-before_) / (voltage - before_) : 1;
  lastCrossing_ = samples_ - 1 + part;
  if (!hasFirst_) {
    hasFirst_ = true;
    firstCrossing_ = lastCrossing_;
  } else {
    cycles_++;
    const double square = static_cast<double>(square_ - cycleSquare_) / (samples_ - cycleStart_);
    if (cycles_ == 1 || square < weakest_) weakest_ = square;
  }
  cycleStart_ = samples_;
  cycleSquare_ = square_;
}

void BlockSums::close() {
  const double mean = static_cast<double>(sum_) / samples_;
  const double before = meanBefore(sum_, before_, firstBefore_, samples_);
  const bool isWhole = cycles_ >= cyclesPerBlock;
  block_.samples = samples_;
  block_.cycles = cycles_;
  block_.clipped = clipped_;
  block_.samplesPerCycle = cycles_ > 0 ? (lastCrossing_ - firstCrossing_) / cycles_ : 0;
  block_.voltageSquare = static_cast<double>(square_) / samples_ - mean * mean;
  block_.weakestCycleSquare = isWhole ? weakest_ : 0;
  block_.grid = grid_.close(samples_, mean, before);
  block_.generation = hasGeneration_ ? generation_.close(samples_, mean, before) : Product{};

  // The crossing that ended this block begins the next one; it lies just before its first sample.
  if (isWhole)
    firstCrossing_ = lastCrossing_ - samples_;
  else
    hasFirst_ = isArmed_ = false;
  startAnew(static_cast<int32_t>(nearest(mean)));
}

}  // namespace jirani
