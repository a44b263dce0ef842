/**
 * A meter: what is measured becomes a reading, stands in the log, is told to the hub in order, and leaves the log
 * when the hub has it. The shell brings samples, bytes and time; nothing here waits.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "jirani/back_off.h"
#include "jirani/command.h"
#include "jirani/flash_log.h"
#include "jirani/live_runs.h"
#include "jirani/meter_clock.h"
#include "jirani/metering.h"
#include "jirani/mqtt.h"
#include "jirani/reading.h"
#include "jirani/supply.h"

namespace jirani {

/** With more waiting than this, what is measured now takes turns with what waits. */
constexpr uint64_t backlogBeforeTurns = 30;
/** How far ahead of the newest number the floor is kept, so that it is rarely written. */
constexpr uint64_t sequenceFloorStep = 4096;
constexpr uint64_t noteMs = 60'000;
constexpr uint64_t stateMs = 60'000;
constexpr size_t outcomesMax = 4;
constexpr size_t infoBytesMax = 384;
constexpr char hubTimeTopic[] = "jirani/v1/time";

/** A place besides the log that survives a wiped log: NVS on the device. */
class SequenceFloor {
 public:
  virtual uint64_t load() = 0;
  virtual bool store(uint64_t floor) = 0;

 protected:
  ~SequenceFloor() = default;
};

/** The time of what is measured. */
class ReadingTime {
 public:
  virtual WallTime wallTime() = 0;
  virtual uint32_t uptimeSeconds() = 0;
  /** The hub told its time. */
  virtual void hubSays(uint32_t unixSeconds) = 0;

 protected:
  ~ReadingTime() = default;
};

/** What a meter can do in its house. False: it cannot. */
class House {
 public:
  virtual bool setRelay(bool isClosed) = 0;
  virtual bool identify(uint32_t seconds) = 0;
  virtual bool calibrate(int32_t voltagePpm, int32_t currentPpm, int32_t lagNs) = 0;

 protected:
  ~House() = default;
};

struct MeterParts {
  Flash &flash;
  SequenceFloor &floor;
  Signer &signer;
  Transport &transport;
  ReadingTime &time;
  House &house;
  Metering &metering;
};

struct MeterSettings {
  const char *id;
  const char *secret;
  uint16_t keepAliveSeconds;
  /** Random at each start. */
  uint32_t boot;
  /** For jitter. */
  uint64_t chanceSeed;
  /** Of the first and the longest wait before dialling again. */
  uint32_t backOffFirstMs;
  uint32_t backOffMaxMs;
  /** For `info`: plain words without quotes. */
  const char *firmware;
  const char *frontend;
  bool isForSettlement;
};

struct MeterCounts {
  uint32_t forgedCommands;
  uint32_t refusedCommands;
  uint32_t obeyedCommands;
  uint32_t unkeptReadings;
};

class Meter final : private MqttListener {
 public:
  Meter(const MeterParts &parts, const MeterSettings &settings);

  /** Finds what an earlier life left, and the registers. False when flash or settings are of no use. */
  bool begin(const Calibration &calibration, uint64_t nowMs);

  /** Makes a reading of what was measured. False when the flash refuses it. */
  bool takeReading(uint64_t nowMs);

  /** Whether it is time to open a connection; true once for each attempt. */
  bool wantsToDial(uint64_t nowMs);
  /** The connection is open; the transport takes bytes. */
  void opened(uint64_t nowMs);
  void feed(const uint8_t *bytes, size_t length, uint64_t nowMs);
  /** The connection is gone, or could not be opened. */
  void lost(uint64_t nowMs);
  /** At least every second. */
  void tick(uint64_t nowMs);
  /** The shell must close the connection and then call `lost`. */
  bool mustHangUp() const { return isDialled_ && mqtt_.state() == MqttState::dead; }

  bool isUp() const { return mqtt_.state() == MqttState::up; }
  /** Readings that the hub has acknowledged in this life. */
  uint64_t delivered() const { return delivered_; }
  /** Of the newest reading with the hub such that all before it are there too. */
  uint64_t acknowledged() const { return log_.acknowledged(); }
  uint64_t waiting() const { return log_.lastSequence() - log_.acknowledged() - live_.delivered(); }
  const FlashLog &log() const { return log_; }
  const MqttClient &mqtt() const { return mqtt_; }
  const MeterCounts &counts() const { return counts_; }
  /** Sequence number of the reading whose PUBACK came last. */
  uint64_t lastDelivered() const { return lastDelivered_; }

 private:
  enum class InFlight : uint8_t { nothing, status, info, outcome, backlog, live };
  struct Outcome {
    char id[commandIdMax + 1];
    const char *word;
  };

  void mqttUp(bool isSessionPresent) override;
  void mqttDelivered() override;
  void mqttMessage(const char *topic, size_t topicLength, const uint8_t *payload, size_t length) override;

  void say();
  bool sayStatus();
  bool sayInfo();
  bool sayOutcome();
  bool sayReading();
  bool tell(const Reading &reading, InFlight what);
  bool nextBacklog(Reading &reading);
  void readingDelivered();
  void keepFloor();
  void keepNote();
  void mentionState();
  void hearCommand(const char *topic, size_t topicLength, const char *payload, size_t length);
  const char *judge(const Command &command);
  bool obey(const Command &command);
  void answer(const char *id, const char *word);
  void setRelay();

  MeterParts parts_;
  MeterSettings settings_;
  FlashLog log_;
  MqttClient mqtt_;
  Chance chance_;
  BackOff backOff_;
  LiveRuns live_;
  Supply supply_;
  CommandMemory obeyed_;
  MeterCounts counts_{};
  char prefix_[topicBytesMax];
  char readingTopic_[topicBytesMax];
  char statusTopic_[topicBytesMax];
  uint8_t commandKey_[sha256Bytes];
  Outcome outcomes_[outcomesMax] = {};
  size_t outcomesCount_ = 0;
  uint64_t nowMs_ = 0;
  uint64_t dialAtMs_ = 0;
  uint64_t keptAtMs_ = 0;
  uint64_t stateAtMs_ = 0;
  uint64_t floor_ = 0;
  uint64_t inFlightSequence_ = 0;
  uint64_t delivered_ = 0;
  uint64_t lastDelivered_ = 0;
  InFlight inFlight_ = InFlight::nothing;
  bool isDialled_ = false;
  bool isStatusDue_ = false;
  bool isInfoDue_ = false;
  bool isLiveTurn_ = false;
  bool isRelayClosed_ = true;
  bool hasFlashFault_ = false;
};

}  // namespace jirani
