/** What makes volts, amperes and watts of ADC codes; and ten minutes with a kettle that find it out. */
#pragma once

#include <stdint.h>

#include "jirani/adc_curve.h"

namespace jirani {

struct Block;

/** One current sensor. */
struct CurrentCalibration {
  /** Microamperes of one ADC code; 0 means that the channel is not there. */
  uint32_t uaPerCode = 0;
  /** How much later than the voltage this channel is sampled, in thousandths of a sample. */
  int32_t lateMillisamples = 500;
  /** How much the sensor runs behind the true current, in nanoseconds; negative when it leads. */
  int32_t lagNs = 0;
  /** Variance of the noise without current, in 1/256 of a squared code; it is taken out of the amperes. */
  uint32_t noiseQ8 = 0;
};

struct Calibration {
  /** Microvolts of mains for one ADC code. */
  uint32_t uvPerCode = 0;
  uint32_t voltageNoiseQ8 = 0;
  CurrentCalibration grid;
  /** The clamp on the household's own generation; `uaPerCode` 0 when there is none. */
  CurrentCalibration generation;
  /** Below this the power is noise and is not counted, in milliwatts. */
  uint32_t creepMw = 2'000;
  /** A cycle below this is a sag, in millivolts rms; 0.85 of 230 V. */
  uint32_t sagMv = 195'500;
  /** What the ADC was asked for, samples per second and channel; the clock says what it really does. */
  uint32_t askedRateHz = 10'000;
  /** Names this calibration in `info`. */
  uint32_t number = 0;
  /** When it was made, Unix seconds; 0 when never. */
  uint32_t madeAt = 0;

  /** False for values that no sensible sensor has. */
  bool isPlausible() const;

  /**
   * Adds millionths to the gains of voltage and grid current, and nanoseconds to the lag of the grid's clamp: the
   * hub's command `calibrate`. False, with nothing changed, when no sensible sensor would be left.
   */
  bool trim(int32_t voltagePpm, int32_t currentPpm, int32_t addedLagNs);
};

/** Why a calibration run has no result. */
enum class CalibrationOutcome {
  done,
  needsMoreTime,
  /** The ADC touched a rail. */
  clipped,
  /** The power moved by more than 2 % while we looked. */
  unsteady,
  /** Too little current for a good gain; a kettle is right. */
  tooLittleLoad,
  /** The clamp is the wrong way round, on another phase, or the load is not a plain one. */
  wrongPhase,
  /** The result is outside what any sensor has. */
  implausible,
};

/**
 * Finds gains, phase and noise. First a minute without current, then some minutes of a load without
 * reactance (kettle, iron) whose volts and watts a plug-in meter shows.
 */
class CalibrationRun {
 public:
  /** Starts the part without current. */
  void beginQuiet();
  /** Starts the part with the known load, true values in millivolts and milliwatts. */
  void beginLoad(uint32_t trueMv, uint32_t trueMw);
  /** Takes each block as it closes, with the measured rate in thousandths of samples per second. */
  void take(const Block &block, uint64_t rateMilliHz);
  /** Writes gains, noise and lag of the grid channel into `calibration` when done; else leaves it alone. */
  CalibrationOutcome finish(Calibration &calibration) const;

 private:
  enum class Part { none, quiet, load };
  void takeLoad(const Block &block);

  Part part_ = Part::none;
  uint32_t trueMv_ = 0;
  uint32_t trueMw_ = 0;
  uint64_t rateMilliHz_ = 0;
  bool hasClipped_ = false;
  uint32_t quietBlocks_ = 0;
  double quietSquareSum_ = 0;
  uint32_t loadBlocks_ = 0;
  double voltageSquareSum_ = 0;
  double currentSquareSum_ = 0;
  double inPhaseSum_ = 0;
  double quadratureSum_ = 0;
  double omegaSum_ = 0;
  double weakest_ = 0;
  double strongest_ = 0;
};

}  // namespace jirani
