/**
 * The ADE7953, a metering chip that counts energy in silicon (Analog Devices, ADE7953 data sheet Rev. C). This half
 * knows its registers and what their numbers are worth; the shell brings the bus. Never tried with a real chip.
 */
#pragma once
#include <stdint.h>

#include "jirani/frontend.h"

namespace jirani {

/** Registers that we use, in their 32-bit form where there is one. Their width follows from the address. */
enum class AdeRegister : uint16_t {
  lineCycleMode = 0x004,
  unlock = 0x0fe,
  phaseA = 0x108,
  phaseB = 0x109,
  period = 0x10e,
  required = 0x120,
  accumulation = 0x301,
  rmsCurrentA = 0x31a,
  rmsVoltage = 0x31c,
  energyA = 0x31e,
  energyB = 0x31f,
  version = 0x702,
};

/** Bytes of a register: 1 below 0x100 and for the version, 2 below 0x200, 4 from 0x300 on. */
constexpr uint32_t adeBytesOf(AdeRegister which) {
  const uint16_t address = static_cast<uint16_t>(which);
  return address < 0x100 || address == 0x702 ? 1 : address < 0x200 ? 2 : 4;
}

class AdeBus {
 public:
  /** 32-bit registers come with their sign. False when the chip did not answer. */
  virtual bool read(AdeRegister which, uint32_t &value) = 0;
  virtual bool write(AdeRegister which, uint32_t value) = 0;

 protected:
  ~AdeBus() = default;
};

/** What one count of the chip is worth on this board; all 0 until the kettle has told. */
struct Ade7953Scale {
  uint32_t nvPerCount = 0;
  uint32_t naPerCount = 0;
  uint32_t njPerCount = 0;
  /** How much the clamp runs behind the true current. */
  int32_t lagNs = 0;
  uint32_t creepMw = 2'000;
  /** Names this calibration in `info`, and when it was made. */
  uint32_t number = 0;
  uint32_t madeAt = 0;

  bool isPlausible() const;
  /** As `Calibration::trim`: millionths of the gains, nanoseconds of the lag. */
  bool trim(int32_t voltagePpm, int32_t currentPpm, int32_t addedLagNs);
};

/** One look at the chip. */
struct AdeCounts {
  int32_t energyA = 0;
  int32_t energyB = 0;
  uint32_t rmsCurrentA = 0;
  uint32_t rmsVoltage = 0;
  uint32_t period = 0;
};

/** Counts since the last look, `us` microseconds ago, in the core's units. */
Increment incrementOf(const AdeCounts &counts, const Ade7953Scale &scale, bool hasGeneration, uint32_t us);

/** The phase register for a lag, in sign and magnitude; the chip reaches 428 microseconds either way. */
uint32_t phaseRegisterOf(int32_t lagNs);

class Ade7953 {
 public:
  Ade7953(AdeBus &bus, bool hasGeneration) : bus_(bus), hasGeneration_(hasGeneration) {}

  /** Sets the chip up, and empties its registers. False when there is none. */
  bool begin(const Ade7953Scale &scale, uint64_t nowUs);
  void setScale(const Ade7953Scale &scale);
  const Ade7953Scale &scale() const { return scale_; }

  /** Feeds what the chip counted since the last call. False when it did not answer; the energy waits in the chip. */
  bool feed(Metering &meter, uint64_t nowUs);
  const AdeCounts &counts() const { return counts_; }

 private:
  bool look(AdeCounts &counts);

  AdeBus &bus_;
  bool hasGeneration_;
  Ade7953Scale scale_;
  AdeCounts counts_;
  int32_t waitingB_ = 0;
  uint64_t seenAtUs_ = 0;
};

/** A load of known volts and watts, without reactance, for a minute: what the counts are worth. */
class Ade7953Run {
 public:
  void begin(uint32_t trueMv, uint32_t trueMw);
  /** A look that covered `us` microseconds. */
  void take(const AdeCounts &counts, uint32_t us);
  /** Leaves `scale` alone unless it is done. */
  CalibrationOutcome finish(Ade7953Scale &scale) const;

 private:
  uint32_t trueMv_ = 0;
  uint32_t trueMw_ = 0;
  uint32_t looks_ = 0;
  uint64_t us_ = 0;
  int64_t energy_ = 0;
  uint64_t current_ = 0;
  uint64_t voltage_ = 0;
  int32_t weakest_ = 0;
  int32_t strongest_ = 0;
};

}  // namespace jirani
