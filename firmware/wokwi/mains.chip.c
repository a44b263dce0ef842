/**
 * A chip for the Wokwi simulator that plays mains: a voltage transformer, a clamp on the grid's line and one on
 * the roof's. It makes the same waves as the tests (firmware/signals). It has never run in the simulator
 * itself; a test feeds what it writes to the meter's core.
 */
#include "../signals/mains.h"

// The part of Wokwi's chip interface that is needed here, as its documentation describes it.
#define IMPORT(name) __attribute__((import_module("env"), import_name(#name)))
#define EXPORT(name) __attribute__((export_name(#name)))

typedef struct {
  void *user_data;
  void (*callback)(void *);
  uint32_t reserved[8];
} TimerConfig;

IMPORT(pinInit) extern int32_t pinInit(const char *name, uint32_t mode);
IMPORT(pinDacWrite) extern void pinDacWrite(int32_t pin, float volts);
IMPORT(attrInitFloat) extern uint32_t attrInitFloat(const char *name, float value);
IMPORT(attrReadFloat) extern float attrReadFloat(uint32_t attribute);
IMPORT(timerInit) extern uint32_t timerInit(const TimerConfig *config);
IMPORT(timerStart) extern void timerStart(uint32_t timer, uint32_t us, _Bool repeat);
IMPORT(getSimNanos) extern uint64_t getSimNanos(void);

enum { analog = 4, stepUs = 50 };

/** The pins rest at half of the supply and swing around it. */
#define RESTING_V 1.65
/** At a pin for one volt of mains, so that one code of a 12-bit ADC at 3.3 V is 210526 uV. */
#define PIN_V_PER_MAINS_V (3.3 / 4096 / 0.210526)
/** At a pin for one ampere, so that one code is 85600 uA. */
#define PIN_V_PER_AMPERE (3.3 / 4096 / 0.0856)
/** Below this the voltage cannot be divided by. */
#define MAINS_MIN_V 1.0

static int32_t voltagePin, gridPin, roofPin;
static uint32_t volts, hertz, watts, lagDegrees, roofWatts;
// Zeroed here: without a C library there is nobody to zero them on the stack.
static Mains house, roof;

static void swing(int32_t pin, double around) {
  pinDacWrite(pin, (float)(RESTING_V + around));
}

/** Sets voltage and current for so many watts. */
static void setLine(Mains *line, double voltageV, double realW, double lagTurns) {
  const double cosine = turnSine(lagTurns + 0.25);
  line->frequencyHz = attrReadFloat(hertz);
  line->voltageV = voltageV;
  line->currentA = voltageV >= MAINS_MIN_V && cosine > 0.05 ? realW / voltageV / cosine : 0;
  line->lagTurns = lagTurns;
}

static void step(void *nothing) {
  (void)nothing;
  const double seconds = (double)getSimNanos() / 1e9;
  const double voltageV = attrReadFloat(volts);
  setLine(&house, voltageV, attrReadFloat(watts), attrReadFloat(lagDegrees) / 360.0);
  setLine(&roof, voltageV, attrReadFloat(roofWatts), 0);
  swing(voltagePin, mainsVoltage(&house, seconds) * PIN_V_PER_MAINS_V);
  // What the house does not use of the roof's current leaves through the grid's clamp.
  const double gridA = mainsCurrent(&house, seconds) - mainsCurrent(&roof, seconds);
  swing(gridPin, gridA * PIN_V_PER_AMPERE);
  swing(roofPin, mainsCurrent(&roof, seconds) * PIN_V_PER_AMPERE);
}

EXPORT(__wokwi_api_version_1) int apiVersion(void) {
  return 1;
}

EXPORT(chipInit) void chipInit(void) {
  static TimerConfig timer;
  voltagePin = pinInit("VT", analog);
  gridPin = pinInit("CT_GRID", analog);
  roofPin = pinInit("CT_ROOF", analog);
  volts = attrInitFloat("volts", 230);
  hertz = attrInitFloat("hertz", 50);
  watts = attrInitFloat("watts", 800);
  lagDegrees = attrInitFloat("lag", 0);
  roofWatts = attrInitFloat("roof", 0);
  timer.callback = step;
  timerStart(timerInit(&timer), stepUs, 1);
}
