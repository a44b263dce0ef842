/** Text in buffers of fixed size: writing, base64, hex and the few shapes of JSON that a meter needs to read. */
#pragma once
#include <stddef.h>
#include <stdint.h>

namespace jirani {

/** Writes into a buffer and remembers when it was too small; what did not fit is nowhere. */
class TextWriter {
 public:
  TextWriter(char *buffer, size_t capacity) : buffer_(buffer), capacity_(capacity) {}

  TextWriter &text(const char *text);
  TextWriter &bytes(const char *bytes, size_t length);
  TextWriter &number(uint64_t value);
  TextWriter &signedNumber(int64_t value);
  /** Standard base64 with padding (RFC 4648 section 4). */
  TextWriter &base64(const uint8_t *bytes, size_t length);
  TextWriter &hex(const uint8_t *bytes, size_t length);

  bool isWhole() const { return isWhole_; }
  size_t length() const { return length_; }

 private:
  char *buffer_;
  size_t capacity_;
  size_t length_ = 0;
  bool isWhole_ = true;
};

/** The bytes of a text in base64; false unless it is exactly `length` bytes in standard form. */
bool fromBase64(const char *text, size_t textLength, uint8_t *bytes, size_t length);
/** The bytes of a text in hex of either case; false unless it is exactly `length` bytes. */
bool fromHex(const char *text, size_t textLength, uint8_t *bytes, size_t length);

/** Walks over text that somebody else wrote; every step says whether it found what it looked for. */
class TextReader {
 public:
  TextReader(const char *text, size_t length) : at_(text), end_(text + length) {}

  bool isAtEnd() const { return at_ == end_; }
  const char *at() const { return at_; }
  bool accept(const char *expected);
  /** A whole number of JSON within ± `most`, without fraction, exponent or leading zero. */
  bool number(int64_t most, int64_t &value);
  /** A JSON string of letters, digits, `-`, `_`, `+`, `/`, `=`, `.` and `:`: all that our protocol uses. */
  bool plainString(const char *&text, size_t &length, size_t most);

 private:
  const char *at_;
  const char *end_;
};

/** Whether a text is a name of the protocol: 1 to `most` letters, digits, `.`, `:`, `-` and `_`. */
bool isPlainName(const char *text, size_t length, size_t most);

}  // namespace jirani
