/** Commands from the hub: `{"id":…,"exp":…,"args":{…},"mac":…}` on `cmd/<name>` (PROTOCOL.md). */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "jirani/reading.h"

namespace jirani {

constexpr size_t commandIdMax = 32;
/** A command that is good for longer is refused, so that the meter need not remember it for longer. */
constexpr uint32_t commandLifeSecondsMax = 600;
/** Commands whose repetition is known; more that have not expired are refused. */
constexpr size_t commandsRememberedMax = 16;
constexpr uint32_t leaseSecondsMax = 86'400;

enum class CommandName : uint8_t { limit, relay, identify, calibrate };

struct Command {
  CommandName name;
  char id[commandIdMax + 1];
  uint32_t expiresAt;
  /** `for_s`: how long a limit, an open relay or a blinking light lasts; 0 where it was not told. */
  uint32_t leaseSeconds;
  /** Of `limit`. */
  uint32_t limitWatts;
  /** Of `relay`: whether the household has power. */
  bool isOn;
  /** Of `calibrate`: millionths to be added to the gains, and nanoseconds to the current's lag. */
  int32_t voltagePpm;
  int32_t currentPpm;
  int32_t lagNs;
};

enum class CommandReading : uint8_t {
  good,
  /** Not from the hub, or not for this meter: nobody gets an answer. */
  forged,
  /** From the hub, but not understood: its id stands in the command when it could be read. */
  malformed,
  unknown,
};

/** The key of command MACs: HMAC-SHA256 of `jirani/v1/commands` with the pre-shared key. */
void commandKeyOf(const uint8_t psk[sha256Bytes], uint8_t key[sha256Bytes]);

/**
 * Checks the MAC over the raw bytes, `topic`, a line feed and the payload up to `,"mac":"`, and only then reads
 * them. `prefix` is what stands before the command's name in the topic.
 */
CommandReading readCommand(const char *topic, size_t topicLength, const char *prefix, const char *payload,
                           size_t length, const uint8_t key[sha256Bytes], Command &command);

/** Remembers which commands were obeyed until they expire, so that none is obeyed twice. */
class CommandMemory {
 public:
  bool knows(const char *id) const;
  /** Makes room by forgetting what has expired at `nowSeconds`. */
  bool hasRoom(uint32_t nowSeconds);
  void remember(const char *id, uint32_t expiresAt);

 private:
  struct Entry {
    uint64_t mark;
    uint32_t expiresAt;
  };
  static uint64_t markOf(const char *id);

  Entry entries_[commandsRememberedMax] = {};
  size_t count_ = 0;
};

/** What the log keeps of a command before it is obeyed. */
constexpr size_t keptCommandBytes = 4 + commandIdMax;
void packCommand(const Command &command, uint8_t bytes[keptCommandBytes]);
/** False when the bytes are no kept command. */
bool restoreCommand(const uint8_t *bytes, size_t length, CommandMemory &memory);

/** The hub's clock as told on `jirani/v1/time`: `{"v":1,"t":…,"tq":…}`. False when it says nothing of use. */
bool readHubTime(const char *payload, size_t length, uint32_t &unixSeconds);

}  // namespace jirani
