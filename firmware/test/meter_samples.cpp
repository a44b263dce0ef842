/**
 * A meter whose samples come from outside: reads pairs of little-endian 16-bit ADC codes (voltage, current) from
 * stdin and prints the last second: mW, mV, mA, mHz, flags, imported and exported microjoules.
 * Its calibration is that of the simulator's chip, 10000 pairs a second with the current half a sample late.
 */
#include <stdio.h>

#include "jirani/metering.h"

using namespace jirani;

int main() {
  Calibration calibration;
  calibration.uvPerCode = 210'526;
  calibration.grid.uaPerCode = 85'600;
  Metering meter;
  meter.begin(calibration, {});
  uint8_t bytes[4];
  for (uint64_t sample = 0; fread(bytes, sizeof bytes, 1, stdin) == 1; sample++) {
    if (sample % 1'000 == 0) meter.clock(sample, sample * 100);
    SamplePair pair;
    pair.voltage = static_cast<uint16_t>(bytes[0] | bytes[1] << 8);
    pair.current = static_cast<uint16_t>(bytes[2] | bytes[3] << 8);
    meter.sample(pair);
  }
  const Measurement &last = meter.last();
  const EnergyTotals totals = meter.registers().totals();
  printf("%d %u %u %u %u %llu %llu\n", last.powerMw, last.voltageMv, last.currentMa, last.frequencyMhz, last.flags,
         static_cast<unsigned long long>(totals.importUj), static_cast<unsigned long long>(totals.exportUj));
  return 0;
}
