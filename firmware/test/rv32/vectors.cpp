/**
 * The shared vectors: the same source runs on the host and, under QEMU, on the ESP32-C3's instruction set
 * (rv32imc); both must print the same bytes. It knows no library beyond C's, as the core.
 */
#include <stdio.h>
#include <string.h>

#include "jirani/flash_log.h"
#include "jirani/metering.h"
#include "jirani/text.h"
#include "mains.h"

using namespace jirani;

#if defined(__riscv)
// A virtual destructor names these although nothing is ever deleted.
void operator delete(void *) noexcept {}
void operator delete(void *, size_t) noexcept {}

static uint64_t instructions() {
  uint32_t high;
  uint32_t low;
  uint32_t again;
  do {
    asm volatile("rdinstreth %0\n rdinstret %1\n rdinstreth %2" : "=r"(high), "=r"(low), "=r"(again));
  } while (high != again);
  return uint64_t{high} << 32 | low;
}
#else
static uint64_t instructions() {
  return 0;
}
#endif

constexpr char topic[] = "jirani/v1/meters/em-7c9ebd112233/reading";
constexpr double rateHz = 10'000;

/** NOR flash of the smallest log. */
class RamFlash final : public Flash {
 public:
  RamFlash() { memset(bytes_, 0xff, sizeof bytes_); }
  bool read(uint32_t at, void *bytes, size_t length) override {
    memcpy(bytes, bytes_ + at, length);
    return true;
  }
  bool write(uint32_t at, const void *bytes, size_t length) override {
    for (size_t byte = 0; byte < length; byte++) bytes_[at + byte] &= static_cast<const uint8_t *>(bytes)[byte];
    return true;
  }
  bool erase(uint32_t sector) override {
    memset(bytes_ + sector * sectorBytes, 0xff, sectorBytes);
    return true;
  }
  uint32_t sectors() const override { return sectorsMin; }
  uint32_t sum() const { return crc32(bytes_, sizeof bytes_); }

 private:
  uint8_t bytes_[sectorsMin * sectorBytes];
};

struct Case {
  const char *name;
  double frequencyHz;
  double voltageV;
  double currentA;
  double lagTurns;
  double bend;
  Harmonic harmonic;
};

static const Case cases[] = {
    {"resistive", 50, 230, 20, 0, 0, {}},
    {"lagging", 49.73, 221, 8.5, 1.0 / 6, 0, {}},
    {"leading", 50.31, 238, 3, -1.0 / 6, 0, {}},
    {"export", 50.05, 243, 11, 0.5, 0, {}},
    {"harmonics", 50, 230, 15, 0.05, 0, {5, 0.1, 0.4}},
    {"clipped", 50, 230, 150, 0, 0, {}},
    {"sag", 50, 180, 5, 0, 0, {}},
    {"no mains", 50, 0, 0, 0, 0, {}},
    {"bad frequency", 70, 230, 5, 0, 0, {}},
    {"bent", 50, 230, 20, 0, 1, {}},
};

/** The readings of vectors.json, which the hub's tests read too. */
static const struct {
  const char *topic;
  const char *keyHex;
  Reading reading;
} sharedReadings[] = {
#include "shared_readings.inc"
};

static Metering metering;
static RamFlash flash;
static FlashLog readings;
static uint64_t inMetering = 0;
static uint64_t samplesMetered = 0;

static Calibration calibrationOf() {
  Calibration calibration;
  calibration.uvPerCode = 210'526;
  calibration.grid.uaPerCode = 85'600;
  calibration.grid.lagNs = 20'000;
  calibration.generation = calibration.grid;
  return calibration;
}

static void print(const Reading &reading, const char *about, Signer &signer) {
  char payload[payloadBytesMax + 1];
  const size_t length = sealReading(reading, about, signer, payload, payloadBytesMax);
  payload[length] = 0;
  puts(payload);
}

/** One block, whose sample rate is known after its first half, becomes a reading. */
static void play(const Case &given, uint32_t number, Signer &signer) {
  Mains mains{};
  mains.frequencyHz = given.frequencyHz;
  mains.voltageV = given.voltageV;
  mains.currentA = given.currentA;
  mains.lagTurns = given.lagTurns;
  mains.harmonics[0] = given.harmonic;
  mains.harmonicCount = given.harmonic.order > 0 ? 1 : 0;
  const Adc adc{0.210526, 0.0856, rateHz, 0.3, 0.7, given.bend};
  Dice dice{number};
  metering.begin(calibrationOf(), metering.checkpoint());
  bool hasClosed = false;
  for (uint64_t sample = 0; !hasClosed; sample++) {
    const SamplePair pair{adcVoltage(&adc, &mains, sample, &dice), adcCurrent(&adc, &mains, sample, &dice),
                          adcCurrent(&adc, &mains, sample, &dice)};
    if (sample % 1'000 == 0) metering.clock(sample, sample * 100 + diceNext(&dice) % 50);
    const uint64_t start = instructions();
    hasClosed = metering.sample(pair);
    inMetering += instructions() - start;
    samplesMetered++;
  }
  const Measurement &last = metering.last();
  Reading reading{};
  reading.boot = 4'120'478'593;
  reading.unixSeconds = 1'795'431'446 + number;
  reading.uptimeSeconds = number;
  reading.timeQuality = timeSynchronised;
  reading.powerMw = last.powerMw;
  reading.voltageMv = last.voltageMv;
  reading.currentMa = last.currentMa;
  reading.frequencyMhz = last.frequencyMhz;
  reading.energy = metering.registers().totals();
  reading.flags = metering.takeFlags();
  readings.append(reading);
  puts(given.name);
  print(reading, topic, signer);
}

/** The registers to the microjoule; a reading shows only milliwatt-hours. */
static void printTotals() {
  const EnergyTotals totals = metering.registers().totals();
  char line[128];
  TextWriter writer(line, sizeof line - 1);
  writer.number(totals.importUj).text(" ").number(totals.exportUj).text(" ").number(totals.generationUj);
  writer.text(" uJ, log ").number(flash.sum());
  line[writer.length()] = 0;
  puts(line);
}

static bool printShared() {
  for (const auto &shared : sharedReadings) {
    uint8_t key[sha256Bytes];
    if (!fromHex(shared.keyHex, strlen(shared.keyHex), key, sizeof key)) return false;
    HmacSigner signer(key);
    puts("shared");
    print(shared.reading, shared.topic, signer);
  }
  return true;
}

int main() {
  uint8_t key[sha256Bytes];
  memset(key, 0x0b, sizeof key);
  HmacSigner signer(key);
  if (!readings.begin(flash, 0)) return 1;
  uint32_t number = 1;
  for (const Case &given : cases) {
    play(given, number++, signer);
    printTotals();
  }
  if (!printShared()) return 1;
  // A remark, not one of the vectors; and only where instructions can be counted.
  if (inMetering > 0)
    printf("# %lu instructions a sample\n", static_cast<unsigned long>(inMetering / samplesMetered));
  return 0;
}
