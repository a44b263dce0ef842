/**
 * Synthetic mains and a synthetic ADC, shared by the tests, the virtual meters and the simulator's chip.
 *
 * Plain C without a library, so that the same file also makes a chip of WebAssembly; only additions,
 * multiplications and divisions, so that every processor sees the same samples.
 */
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Sine of an angle in turns (1 is once around); 10 digits, any argument within +-2^31 turns. */
double turnSine(double turns);

/** Numbers that a seed repeats. */
typedef struct {
  uint64_t state;
} Dice;

uint32_t diceNext(Dice *dice);
/** Evenly within low..high. */
double diceBetween(Dice *dice, double low, double high);
/** Bell-shaped around 0 with standard deviation 1; the sum of twelve even numbers, so never beyond 6. */
double diceBell(Dice *dice);

enum { harmonicsMax = 4 };

/** A harmonic of voltage and current, as parts of the fundamental, in phase with it times the order. */
typedef struct {
  int order;
  double voltagePart;
  double currentPart;
} Harmonic;

/** Mains and one load on it. */
typedef struct {
  double frequencyHz;
  double voltageV;
  double currentA;
  /** By how much the current runs behind the voltage, in turns: 1/6 is a power factor of 0.5, lagging. */
  double lagTurns;
  /** Of the voltage, in turns, at time 0. */
  double phaseTurns;
  Harmonic harmonics[harmonicsMax];
  int harmonicCount;
  double voltageDcV;
  double currentDcA;
} Mains;

double mainsVoltage(const Mains *mains, double seconds);
double mainsCurrent(const Mains *mains, double seconds);
/** The real power, without what the offsets of the ADC seem to add. */
double mainsWatts(const Mains *mains);
double mainsVoltageRms(const Mains *mains);
double mainsCurrentRms(const Mains *mains);

/** What the ADC makes of it. */
typedef struct {
  double voltsPerCode;
  double ampsPerCode;
  /** True samples per second and channel. */
  double rateHz;
  /** How much later than the voltage the current is sampled, in samples. */
  double lateSamples;
  /** Rms, in codes. */
  double noiseCodes;
  /** An ESP32's bow and top compression: 1 as found in the wild, 0 none. */
  double bend;
} Adc;

/** What a bent ADC reads where an ideal one reads `code`. */
double adcBent(const Adc *adc, double code);

uint16_t adcVoltage(const Adc *adc, const Mains *mains, uint64_t sample, Dice *dice);
uint16_t adcCurrent(const Adc *adc, const Mains *mains, uint64_t sample, Dice *dice);

#ifdef __cplusplus
}
#endif
