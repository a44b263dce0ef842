/**
 * The meter's memory: a ring of slots in raw NOR flash. The power may fail at any byte of a write or an erase;
 * what was kept before is still there, in order, and no sequence number is ever used twice.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "jirani/reading.h"
#include "jirani/registers.h"

namespace jirani {

constexpr uint32_t sectorBytes = 4096;
constexpr uint32_t slotBytes = 128;
constexpr uint32_t slotsPerSector = sectorBytes / slotBytes;
constexpr size_t slotHeadBytes = 32;
constexpr size_t slotDataBytes = slotBytes - slotHeadBytes;
/** The ring enters a sector by erasing it, so there must be another one to hold what is newest. */
constexpr uint32_t sectorsMin = 2;

/** Raw NOR flash: an erase sets every bit of a sector, a write only clears bits. False when it did not work. */
class Flash {
 public:
  virtual bool read(uint32_t at, void *bytes, size_t length) = 0;
  virtual bool write(uint32_t at, const void *bytes, size_t length) = 0;
  virtual bool erase(uint32_t sector) = 0;
  virtual uint32_t sectors() const = 0;

 protected:
  ~Flash() = default;
};

enum class SlotKind : uint16_t {
  reading = 1,
  /** Registers and acknowledged sequence while no reading is due. */
  note = 2,
  /** A command that is about to be obeyed. */
  command = 3,
};

struct Slot {
  SlotKind kind;
  uint16_t length;
  /** Counts every slot ever written. */
  uint64_t number;
  /** Of the newest reading when this was written. */
  uint64_t sequence;
  /** Every reading up to here is with the hub. */
  uint64_t acknowledged;
  uint8_t data[slotDataBytes];
};

/** Who reads the log: what waits from before, and what is measured now. */
enum class LogCursor : uint8_t { backlog = 0, live = 1 };

class FlashLog {
 public:
  /**
   * Finds what an earlier life left. No sequence number up to `sequenceFloor` is used again, whatever the flash says.
   * False when the flash cannot be read or has too few sectors.
   */
  bool begin(Flash &flash, uint64_t sequenceFloor);

  /** Keeps a reading under the next sequence number, which it gives it. False when the flash refuses. */
  bool append(Reading &reading);
  /** Everything up to here is with the hub. Stands in the next slot that is written, whatever that is. */
  void acknowledge(uint64_t sequence);
  /** Keeps registers and what is acknowledged, without a reading. */
  bool note(const Checkpoint &checkpoint);
  /** Keeps up to `slotDataBytes` of a command. */
  bool keepCommand(const uint8_t *bytes, size_t length);

  /** The oldest kept reading whose number is above `after`. Cursors only go forward. */
  bool next(LogCursor cursor, uint64_t after, Reading &reading);
  /** What this cursor finds from now on was appended after this moment. */
  void seekToEnd(LogCursor cursor) { cursors_[static_cast<int>(cursor)] = head_; }

  /** The slot at a place of the ring; false when nothing whole stands there. */
  bool slotAt(uint32_t index, Slot &slot);
  uint32_t slots() const { return slots_; }

  uint64_t lastSequence() const { return last_; }
  uint64_t acknowledged() const { return acknowledged_; }
  bool isAcknowledgementKept() const { return acknowledged_ == keptAcknowledged_; }
  /** Registers and latched flags of the newest slot that has any. */
  const Checkpoint &checkpoint() const { return checkpoint_; }
  /** Whether begin() found anything at all. */
  bool wasEmpty() const { return wasEmpty_; }
  /** Readings that the full ring gave up before the hub had them; their energy stands in later registers. */
  uint64_t overwritten() const { return overwritten_; }
  /** Slots that could not be written. */
  uint32_t faults() const { return faults_; }

 private:
  bool put(SlotKind kind, const uint8_t *data, size_t length);
  bool enterSector();
  bool isBlank(uint32_t index);
  uint32_t indexOf(uint64_t place) const { return static_cast<uint32_t>(place % slots_); }
  void findNewest();
  void findOldest();

  Flash *flash_ = nullptr;
  uint32_t slots_ = 0;
  /** Places count on for ever, lap after lap; `indexOf` says where they are in the ring. */
  uint64_t head_ = 0;
  uint64_t cursors_[2] = {};
  uint64_t number_ = 0;
  uint64_t last_ = 0;
  uint64_t acknowledged_ = 0;
  uint64_t keptAcknowledged_ = 0;
  uint64_t overwritten_ = 0;
  uint32_t faults_ = 0;
  bool wasEmpty_ = true;
  Checkpoint checkpoint_;
};

/** CRC-32 of IEEE 802.3. */
uint32_t crc32(const uint8_t *bytes, size_t length);

}  // namespace jirani
