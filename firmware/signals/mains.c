#include "mains.h"

#define TURN 6.28318530717958647692
#define ROOT_OF_TWO 1.41421356237309504880

enum { codeMax = 4095, midCode = 2048 };

/** Each term of the sine by the one before: 1/(15*14), 1/(13*12), .. 1/(3*2). */
static const double stepOfTerm[] = {1.0 / 210, 1.0 / 156, 1.0 / 110, 1.0 / 72, 1.0 / 42, 1.0 / 20, 1.0 / 6};

double turnSine(double turns) {
  turns -= (double)(int64_t)turns;
  if (turns < 0) turns += 1;
  double sign = 1;
  if (turns >= 0.5) {
    turns -= 0.5;
    sign = -1;
  }
  if (turns > 0.25) turns = 0.5 - turns;
  const double x = turns * TURN;
  const double square = x * x;
  double sum = 0;
  for (int term = 0; term < 7; term++) sum = (1 - sum) * square * stepOfTerm[term];
  return sign * x * (1 - sum);
}

uint32_t diceNext(Dice *dice) {
  // Splitmix: every seed is a good seed.
  dice->state += 0x9e3779b97f4a7c15u;
  uint64_t mixed = dice->state;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
  return (uint32_t)(mixed >> 32);
}

double diceBetween(Dice *dice, double low, double high) {
  return low + (high - low) * (diceNext(dice) / 4294967296.0);
}

double diceBell(Dice *dice) {
  int64_t sum = 0;
  for (int half = 0; half < 6; half++) {
    const uint32_t both = diceNext(dice);
    sum += (both & 0xffff) + (both >> 16);
  }
  return (double)(sum - 6 * 65535) / 65536.0;
}

/** One of both waves, with amplitudes as parts of the fundamental. */
static double wave(const Mains *mains, double turns, int isCurrent) {
  double sum = turnSine(turns);
  for (int n = 0; n < mains->harmonicCount; n++) {
    const Harmonic *harmonic = &mains->harmonics[n];
    sum += (isCurrent ? harmonic->currentPart : harmonic->voltagePart) * turnSine(turns * harmonic->order);
  }
  return sum;
}

double mainsVoltage(const Mains *mains, double seconds) {
  const double turns = mains->frequencyHz * seconds + mains->phaseTurns;
  return mains->voltageDcV + mains->voltageV * ROOT_OF_TWO * wave(mains, turns, 0);
}

double mainsCurrent(const Mains *mains, double seconds) {
  const double turns = mains->frequencyHz * seconds + mains->phaseTurns - mains->lagTurns;
  return mains->currentDcA + mains->currentA * ROOT_OF_TWO * wave(mains, turns, 1);
}

static double turnCosine(double turns) {
  return turnSine(turns + 0.25);
}

double mainsWatts(const Mains *mains) {
  double parts = turnCosine(mains->lagTurns);
  for (int n = 0; n < mains->harmonicCount; n++) {
    const Harmonic *harmonic = &mains->harmonics[n];
    parts += harmonic->voltagePart * harmonic->currentPart * turnCosine(mains->lagTurns * harmonic->order);
  }
  return mains->voltageV * mains->currentA * parts;
}

/** Square root by Newton's rule; for the signals' own figures, not for their samples. */
static double root(double square) {
  double guess = square > 1 ? square : 1;
  for (int step = 0; step < 60; step++) guess = (guess + square / guess) / 2;
  return guess;
}

static double rms(const Mains *mains, double fundamental, int isCurrent) {
  double squares = 1;
  for (int n = 0; n < mains->harmonicCount; n++) {
    const Harmonic *harmonic = &mains->harmonics[n];
    const double part = isCurrent ? harmonic->currentPart : harmonic->voltagePart;
    squares += part * part;
  }
  return fundamental * root(squares);
}

double mainsVoltageRms(const Mains *mains) {
  return rms(mains, mains->voltageV, 0);
}

double mainsCurrentRms(const Mains *mains) {
  return rms(mains, mains->currentA, 1);
}

double adcBent(const Adc *adc, double code) {
  const double x = code / codeMax;
  const double square = x * x;
  const double eighth = square * square * square * square;
  return (x - adc->bend * (0.012 * turnSine(x) + 0.02 * eighth)) * codeMax;
}

static uint16_t convert(const Adc *adc, double codes, Dice *dice) {
  double code = midCode + codes;
  if (adc->bend != 0) code = adcBent(adc, code < 0 ? 0 : code);
  if (adc->noiseCodes > 0) code += adc->noiseCodes * diceBell(dice);
  if (code <= 0) return 0;
  if (code >= codeMax) return codeMax;
  return (uint16_t)(code + 0.5);
}

uint16_t adcVoltage(const Adc *adc, const Mains *mains, uint64_t sample, Dice *dice) {
  return convert(adc, mainsVoltage(mains, (double)sample / adc->rateHz) / adc->voltsPerCode, dice);
}

uint16_t adcCurrent(const Adc *adc, const Mains *mains, uint64_t sample, Dice *dice) {
  const double seconds = ((double)sample + adc->lateSamples) / adc->rateHz;
  return convert(adc, mainsCurrent(mains, seconds) / adc->ampsPerCode, dice);
}
