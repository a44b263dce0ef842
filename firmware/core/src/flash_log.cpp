#include "jirani/flash_log.h"

#include <string.h>

#include "jirani/bytes.h"
#include "jirani/planted_fault.h"

namespace jirani {
namespace {

constexpr size_t crcBytes = 4;
/** A worn slot is passed over; a flash that refuses so many in a row is broken or has no power. */
constexpr int writesMax = 3;
constexpr size_t noteBytes = 26;

void packSlot(const Slot &slot, uint8_t bytes[slotBytes]) {
  uint8_t *at = bytes + crcBytes;
  putLittle(at, static_cast<uint16_t>(slot.kind));
  putLittle(at, slot.length);
  putLittle(at, slot.number);
  putLittle(at, slot.sequence);
  putLittle(at, slot.acknowledged);
  memcpy(at, slot.data, slotDataBytes);
  uint8_t *first = bytes;
  putLittle(first, crc32(bytes + crcBytes, slotBytes - crcBytes));
}

bool unpackSlot(const uint8_t bytes[slotBytes], Slot &slot) {
  const uint8_t *at = bytes;
  const uint32_t crc = takeLittle<uint32_t>(at);
  const uint16_t kind = takeLittle<uint16_t>(at);
  if (kind < static_cast<uint16_t>(SlotKind::reading) || kind > static_cast<uint16_t>(SlotKind::command)) return false;
  if (crc != crc32(bytes + crcBytes, slotBytes - crcBytes)) return false;
  slot.kind = static_cast<SlotKind>(kind);
  slot.length = takeLittle<uint16_t>(at);
  slot.number = takeLittle<uint64_t>(at);
  slot.sequence = takeLittle<uint64_t>(at);
  slot.acknowledged = takeLittle<uint64_t>(at);
  memcpy(slot.data, at, slotDataBytes);
  return slot.length <= slotDataBytes;
}

Checkpoint checkpointOf(const Slot &slot) {
  if (slot.kind == SlotKind::reading) {
    const Reading reading = unpackReading(slot.sequence, slot.data);
    return {reading.energy, static_cast<uint16_t>(reading.flags & flagTamper)};
  }
  const uint8_t *at = slot.data;
  Checkpoint checkpoint;
  checkpoint.energy.importUj = takeLittle<uint64_t>(at);
  checkpoint.energy.exportUj = takeLittle<uint64_t>(at);
  checkpoint.energy.generationUj = takeLittle<uint64_t>(at);
  checkpoint.latchedFlags = takeLittle<uint16_t>(at);
  return checkpoint;
}

bool isReading(const Slot &slot) {
  return slot.kind == SlotKind::reading && slot.length == packedReadingBytes;
}

}  // namespace

uint32_t crc32(const uint8_t *bytes, size_t length) {
  // Half a byte at a time: a table of 64 bytes instead of 1024, at a cost that a boot does not notice.
  static const uint32_t table[16] = {0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
                                     0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
                                     0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
  uint32_t crc = 0xffffffff;
  for (size_t at = 0; at < length; at++) {
    crc = table[(crc ^ bytes[at]) & 15] ^ crc >> 4;
    crc = table[(crc ^ bytes[at] >> 4) & 15] ^ crc >> 4;
  }
  return ~crc;
}

bool FlashLog::begin(Flash &flash, uint64_t sequenceFloor) {
  *this = FlashLog{};
  flash_ = &flash;
  if (flash.sectors() < sectorsMin) return false;
  slots_ = flash.sectors() * slotsPerSector;
  findNewest();
  if (isPlanted(PlantedFault::repeatedSequence)) last_ = acknowledged_;
  if (last_ < sequenceFloor) last_ = sequenceFloor;
  keptAcknowledged_ = acknowledged_;
  findOldest();
  return true;
}

/** The newest slot tells where to go on; what was torn after it is passed over. */
void FlashLog::findNewest() {
  uint64_t energyNumber = 0;
  head_ = slots_;
  Slot slot;
  for (uint32_t index = 0; index < slots_; index++) {
    if (!slotAt(index, slot)) continue;
    wasEmpty_ = false;
    if (slot.sequence > last_) last_ = slot.sequence;
    if (slot.acknowledged > acknowledged_) acknowledged_ = slot.acknowledged;
    if (slot.number > number_) {
      number_ = slot.number;
      // A lap ahead, so that there are places before it.
      head_ = slots_ + index + 1;
    }
    if (slot.number <= energyNumber || slot.kind == SlotKind::command) continue;
    energyNumber = slot.number;
    checkpoint_ = checkpointOf(slot);
  }
  while (head_ % slotsPerSector != 0 && !isBlank(indexOf(head_))) head_++;
}

/** The ring is oldest where it will be erased next. */
void FlashLog::findOldest() {
  const uint64_t nextErased = (head_ + slotsPerSector - 1) / slotsPerSector * slotsPerSector;
  cursors_[0] = cursors_[1] = nextErased - slots_;
}

bool FlashLog::slotAt(uint32_t index, Slot &slot) {
  uint8_t bytes[slotBytes];
  return flash_->read(index * slotBytes, bytes, slotBytes) && unpackSlot(bytes, slot);
}

bool FlashLog::isBlank(uint32_t index) {
  uint8_t bytes[slotBytes];
  if (!flash_->read(index * slotBytes, bytes, slotBytes)) return false;
  for (uint8_t byte : bytes)
    if (byte != 0xff) return false;
  return true;
}

/** What still waits in this sector is given up, and counted. */
bool FlashLog::enterSector() {
  const uint32_t first = indexOf(head_);
  Slot slot;
  uint64_t lost = 0;
  for (uint32_t index = first; index < first + slotsPerSector; index++)
    if (slotAt(index, slot) && isReading(slot) && slot.sequence > acknowledged_) lost++;
  if (!flash_->erase(first / slotsPerSector)) return false;
  overwritten_ += lost;
  const uint64_t oldest = head_ + slotsPerSector - slots_;
  for (uint64_t &cursor : cursors_)
    if (cursor < oldest) cursor = oldest;
  return true;
}

bool FlashLog::put(SlotKind kind, const uint8_t *data, size_t length) {
  Slot slot{kind, static_cast<uint16_t>(length), 0, last_, acknowledged_, {}};
  memcpy(slot.data, data, length);
  for (int attempt = 0; attempt < writesMax; attempt++) {
    if (head_ % slotsPerSector == 0 && !enterSector()) break;
    slot.number = ++number_;
    uint8_t bytes[slotBytes];
    packSlot(slot, bytes);
    const uint32_t at = indexOf(head_++);
    Slot written;
    if (flash_->write(at * slotBytes, bytes, slotBytes) && slotAt(at, written) && written.number == slot.number) {
      keptAcknowledged_ = acknowledged_;
      return true;
    }
    faults_++;
  }
  return false;
}

bool FlashLog::append(Reading &reading) {
  // A number that met a failing flash may stand there after all, so it is not used again.
  reading.sequence = ++last_;
  uint8_t packed[packedReadingBytes];
  packReading(reading, packed);
  checkpoint_ = {reading.energy, static_cast<uint16_t>(reading.flags & flagTamper)};
  return put(SlotKind::reading, packed, sizeof packed);
}

void FlashLog::acknowledge(uint64_t sequence) {
  if (sequence > acknowledged_ && sequence <= last_) acknowledged_ = sequence;
}

bool FlashLog::note(const Checkpoint &checkpoint) {
  uint8_t bytes[noteBytes];
  uint8_t *at = bytes;
  putLittle(at, checkpoint.energy.importUj);
  putLittle(at, checkpoint.energy.exportUj);
  putLittle(at, checkpoint.energy.generationUj);
  putLittle(at, checkpoint.latchedFlags);
  checkpoint_ = checkpoint;
  return put(SlotKind::note, bytes, sizeof bytes);
}

bool FlashLog::keepCommand(const uint8_t *bytes, size_t length) {
  return length <= slotDataBytes && put(SlotKind::command, bytes, length);
}

bool FlashLog::next(LogCursor which, uint64_t after, Reading &reading) {
  uint64_t &cursor = cursors_[static_cast<int>(which)];
  Slot slot;
  for (; cursor < head_; cursor++) {
    if (!slotAt(indexOf(cursor), slot) || !isReading(slot) || slot.sequence <= after) continue;
    reading = unpackReading(slot.sequence, slot.data);
    return true;
  }
  return false;
}

}  // namespace jirani
