#include "jirani/text.h"

#include <string.h>

namespace jirani {
namespace {

constexpr char base64Letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr char hexLetters[] = "0123456789abcdef";

bool isLetterOrDigit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool isNameCharacter(char c) { return isLetterOrDigit(c) || c == '.' || c == ':' || c == '-' || c == '_'; }

int valueOf(const char *letters, size_t count, char c) {
  for (size_t at = 0; at < count; at++)
    if (letters[at] == c) return static_cast<int>(at);
  return -1;
}

}  // namespace

TextWriter &TextWriter::bytes(const char *bytes, size_t length) {
  if (!isWhole_ || length > capacity_ - length_) {
    isWhole_ = false;
    return *this;
  }
  memcpy(buffer_ + length_, bytes, length);
  length_ += length;
  return *this;
}

TextWriter &TextWriter::text(const char *text) { return bytes(text, strlen(text)); }

TextWriter &TextWriter::number(uint64_t value) {
  constexpr size_t digitsMax = 20;
  char digits[digitsMax];
  size_t from = digitsMax;
  do {
    digits[--from] = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value > 0);
  return bytes(digits + from, digitsMax - from);
}

TextWriter &TextWriter::signedNumber(int64_t value) {
  if (value >= 0) return number(static_cast<uint64_t>(value));
  return text("-").number(0 - static_cast<uint64_t>(value));
}

TextWriter &TextWriter::base64(const uint8_t *from, size_t length) {
  for (size_t at = 0; at < length; at += 3) {
    const size_t left = length - at;
    const uint32_t three = uint32_t{from[at]} << 16 | (left > 1 ? uint32_t{from[at + 1]} << 8 : 0) |
                           (left > 2 ? uint32_t{from[at + 2]} : 0);
    const char four[4] = {base64Letters[three >> 18], base64Letters[three >> 12 & 63],
                          left > 1 ? base64Letters[three >> 6 & 63] : '=',
                          left > 2 ? base64Letters[three & 63] : '='};
    bytes(four, sizeof four);
  }
  return *this;
}

TextWriter &TextWriter::hex(const uint8_t *from, size_t length) {
  for (size_t at = 0; at < length; at++) {
    const char two[2] = {hexLetters[from[at] >> 4], hexLetters[from[at] & 15]};
    bytes(two, sizeof two);
  }
  return *this;
}

bool fromBase64(const char *text, size_t textLength, uint8_t *bytes, size_t length) {
  if (textLength != (length + 2) / 3 * 4) return false;
  const size_t padding = (3 - length % 3) % 3;
  uint32_t bits = 0;
  size_t out = 0;
  for (size_t at = 0; at < textLength; at++) {
    const bool isPadding = at >= textLength - padding;
    const int value = isPadding ? (text[at] == '=' ? 0 : -1) : valueOf(base64Letters, 64, text[at]);
    if (value < 0) return false;
    bits = bits << 6 | static_cast<uint32_t>(value);
    if (at % 4 != 3) continue;
    for (int shift = 16; shift >= 0; shift -= 8) {
      const uint8_t byte = static_cast<uint8_t>(bits >> shift);
      if (out < length) bytes[out++] = byte;
      // Bits behind the last byte are 0, so that every content has one form only.
      else if (byte != 0) return false;
    }
    bits = 0;
  }
  return true;
}

bool fromHex(const char *text, size_t textLength, uint8_t *bytes, size_t length) {
  if (textLength != 2 * length) return false;
  for (size_t at = 0; at < textLength; at++) {
    const char c = text[at] >= 'A' && text[at] <= 'F' ? static_cast<char>(text[at] + 32) : text[at];
    const int value = valueOf(hexLetters, 16, c);
    if (value < 0) return false;
    bytes[at / 2] = static_cast<uint8_t>(at % 2 == 0 ? value << 4 : bytes[at / 2] | value);
  }
  return true;
}

bool TextReader::accept(const char *expected) {
  const size_t length = strlen(expected);
  if (static_cast<size_t>(end_ - at_) < length || memcmp(at_, expected, length) != 0) return false;
  at_ += length;
  return true;
}

bool TextReader::number(int64_t most, int64_t &value) {
  const bool isNegative = at_ < end_ && *at_ == '-';
  const char *digit = at_ + (isNegative ? 1 : 0);
  const char *first = digit;
  int64_t sum = 0;
  for (; digit < end_ && *digit >= '0' && *digit <= '9'; digit++) {
    if (sum > (most - (*digit - '0')) / 10) return false;
    sum = sum * 10 + (*digit - '0');
  }
  if (digit == first || (*first == '0' && (digit - first > 1 || isNegative))) return false;
  at_ = digit;
  value = isNegative ? -sum : sum;
  return true;
}

bool TextReader::plainString(const char *&text, size_t &length, size_t most) {
  if (at_ == end_ || *at_ != '"') return false;
  const char *c = at_ + 1;
  while (c < end_ && (isNameCharacter(*c) || *c == '+' || *c == '/' || *c == '=')) c++;
  if (c == end_ || *c != '"') return false;
  text = at_ + 1;
  length = static_cast<size_t>(c - text);
  if (length > most) return false;
  at_ = c + 1;
  return true;
}

bool isPlainName(const char *text, size_t length, size_t most) {
  if (length == 0 || length > most) return false;
  for (size_t at = 0; at < length; at++)
    if (!isNameCharacter(text[at])) return false;
  return true;
}

}  // namespace jirani
