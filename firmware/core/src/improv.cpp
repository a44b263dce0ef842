#include "jirani/improv.h"

#include <string.h>

namespace jirani {

static constexpr uint8_t head[] = {'I', 'M', 'P', 'R', 'O', 'V', 1};
static constexpr size_t headBytes = sizeof head + 2;

static uint8_t sumOf(const uint8_t *bytes, size_t length) {
  uint8_t sum = 0;
  for (size_t at = 0; at < length; at++) sum = static_cast<uint8_t>(sum + bytes[at]);
  return sum;
}

bool ImprovReader::feed(uint8_t byte) {
  if (filled_ < sizeof head && byte != head[filled_]) {
    // No letter of the head comes twice in it, so a new frame begins with this byte or not at all.
    filled_ = 0;
    if (byte != head[0]) return false;
  }
  const bool isSum = filled_ >= headBytes && filled_ == headBytes + length();
  if (!isSum) {
    frame_[filled_++] = byte;
    return false;
  }
  const bool isRight = byte == sumOf(frame_, filled_);
  filled_ = 0;
  return isRight;
}

/** `length`, then so many bytes. */
static bool takePart(const uint8_t *&at, const uint8_t *end, const char *&part, size_t &length) {
  if (at == end || *at > end - at - 1) return false;
  length = *at;
  part = reinterpret_cast<const char *>(at + 1);
  at += 1 + length;
  return true;
}

ImprovCommand readImprovCall(const uint8_t *bytes, size_t length, WifiCredentials &wifi) {
  if (length < 2 || bytes[1] != length - 2) return ImprovCommand::malformed;
  const uint8_t command = bytes[0];
  if (command == 0 || command > static_cast<uint8_t>(ImprovCommand::networks)) return ImprovCommand::unknown;
  if (command != static_cast<uint8_t>(ImprovCommand::wifi)) return static_cast<ImprovCommand>(command);
  const uint8_t *at = bytes + 2, *end = bytes + length;
  const char *ssid, *password;
  size_t ssidLength, passwordLength;
  const bool isGood = takePart(at, end, ssid, ssidLength) && takePart(at, end, password, passwordLength) &&
                      at == end && readWifi(ssid, ssidLength, password, passwordLength, wifi);
  return isGood ? ImprovCommand::wifi : ImprovCommand::malformed;
}

size_t improvFrame(ImprovType type, const uint8_t *bytes, size_t length, uint8_t *frame, size_t capacity) {
  if (length > improvDataMax || capacity < headBytes + length + 2) return 0;
  memcpy(frame, head, sizeof head);
  frame[7] = static_cast<uint8_t>(type);
  frame[8] = static_cast<uint8_t>(length);
  memcpy(frame + headBytes, bytes, length);
  frame[headBytes + length] = sumOf(frame, headBytes + length);
  frame[headBytes + length + 1] = '\n';
  return headBytes + length + 2;
}

size_t improvResult(ImprovCommand command, const char *const *texts, size_t count, uint8_t *frame, size_t capacity) {
  uint8_t bytes[improvDataMax];
  size_t filled = 2;
  for (size_t k = 0; k < count; k++) {
    const size_t length = strlen(texts[k]);
    if (length > improvDataMax || filled + 1 + length > sizeof bytes) return 0;
    bytes[filled++] = static_cast<uint8_t>(length);
    memcpy(bytes + filled, texts[k], length);
    filled += length;
  }
  bytes[0] = static_cast<uint8_t>(command);
  bytes[1] = static_cast<uint8_t>(filled - 2);
  return improvFrame(ImprovType::result, bytes, filled, frame, capacity);
}

}  // namespace jirani
