/** One virtual meter: the very core of the device, with a socket, a file of flash, and energy that is made up. */
#pragma once
#include <deque>
#include <memory>
#include <string>

#include "jirani/meter.h"
#include "options.h"
#include "posix/connection.h"
#include "posix/file_flash.h"
#include "posix/sodium_signer.h"
#include "waves.h"

namespace vmeter {

/** What a line of the meters' file says. */
struct Credentials {
  std::string id;
  std::string secret;
  uint8_t seed[jirani::seedBytes];
  jirani::EnergyTotals energy{};
  /** No number up to here is used. */
  uint64_t lastSequence = 0;
};

/** Power from some moment on, in milliwatts. */
struct Flow {
  int64_t fromMs;
  int64_t importMw;
  int64_t exportMw;
  int64_t generationMw;
  uint32_t voltageMv;
};

/** Readings whose way to the hub is measured at once. */
constexpr size_t clockedMax = 64;

class VirtualMeter final : jirani::ReadingTime, jirani::House, jirani::SequenceFloor {
 public:
  VirtualMeter(const Options &options, const Credentials &credentials, uint32_t number);
  bool begin(uint64_t nowMs);

  /** Measures up to this moment of the neighbourhood, and makes a reading of it. */
  bool measure(int64_t neighbourhoodMs, uint64_t nowMs, uint64_t dueUs);
  void learn(const Flow &flow) { flows_.push_back(flow); }

  jirani::Meter &meter() { return *meter_; }
  const jirani::Metering &metering() const { return metering_; }
  jirani::Connection &connection() { return connection_; }
  const Credentials &credentials() const { return credentials_; }
  uint64_t made() const { return made_; }
  /** Microseconds from when the reading was due to its PUBACK; 0 when nobody looked at the clock. */
  uint64_t tookUs(uint64_t sequence, uint64_t nowUs) const;

  uint64_t firstSequence = 0;
  jirani::EnergyTotals firstEnergy{};
  uint64_t dueUs = 0;
  uint64_t dialFromUs = 0;
  uint32_t dials = 0;
  uint64_t seenDelivered = 0;
  bool isWatchedForWriting = false;

 private:
  jirani::WallTime wallTime() override;
  uint32_t uptimeSeconds() override { return static_cast<uint32_t>((atMs_ - startMs_) / 1'000); }
  void hubSays(uint32_t) override {}
  bool setRelay(bool) override { return true; }
  bool identify(uint32_t) override { return true; }
  bool calibrate(int32_t, int32_t, int32_t) override { return true; }
  uint64_t load() override { return floor_; }
  bool store(uint64_t floor) override;

  void pass(int64_t untilMs);
  void drawFlow();
  std::string fileOf(const char *ending) const;

  const Options &options_;
  Credentials credentials_;
  jirani::FileFlash flash_;
  jirani::SodiumSigner signer_;
  jirani::Connection connection_;
  jirani::Metering metering_;
  jirani::Chance chance_;
  std::unique_ptr<jirani::Meter> meter_;
  std::unique_ptr<Waves> waves_;
  std::deque<Flow> flows_;
  Flow flow_{0, 0, 0, 0, 230'000};
  int64_t startMs_ = 0;
  int64_t atMs_ = 0;
  uint64_t floor_ = 0;
  uint64_t made_ = 0;
  uint64_t clocked_[clockedMax] = {};
};

}  // namespace vmeter
