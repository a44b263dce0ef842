/**
 * Improv over a serial line (improv-wifi.com/serial): how a browser tells a meter on a USB cable its Wi-Fi. Frames are
 * `IMPROV`, version 1, type, length, data, and the low byte of the sum of all of that.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "jirani/setup_form.h"

namespace jirani {

constexpr size_t improvDataMax = 255;
/** Head, data, sum and the line feed that keeps a log on the same line apart. */
constexpr size_t improvFrameMax = 9 + improvDataMax + 2;

enum class ImprovType : uint8_t { state = 1, error = 2, call = 3, result = 4 };
/** `needsButton` is what Improv calls "authorization required". */
enum class ImprovState : uint8_t { needsButton = 1, ready = 2, joining = 3, joined = 4 };
enum class ImprovError : uint8_t { none = 0, malformed = 1, unknown = 2, cannotJoin = 3, needsButton = 4 };
enum class ImprovCommand : uint8_t { malformed = 0, wifi = 1, state = 2, about = 3, networks = 4, unknown = 255 };

/** Finds frames among whatever else comes over the line. */
class ImprovReader {
 public:
  /** True when this byte ends a whole frame whose sum is right. */
  bool feed(uint8_t byte);
  ImprovType type() const { return static_cast<ImprovType>(frame_[7]); }
  const uint8_t *bytes() const { return frame_ + 9; }
  size_t length() const { return frame_[8]; }

 private:
  uint8_t frame_[9 + improvDataMax];
  size_t filled_ = 0;
};

/** What a call asks for; of `wifi` also the network, when it could be one. */
ImprovCommand readImprovCall(const uint8_t *bytes, size_t length, WifiCredentials &wifi);

/** Answers the length of a whole frame, or 0 when it does not fit. */
size_t improvFrame(ImprovType type, const uint8_t *bytes, size_t length, uint8_t *frame, size_t capacity);

/** The answer to a call: texts one after the other. 0 when they do not fit. */
size_t improvResult(ImprovCommand command, const char *const *texts, size_t count, uint8_t *frame, size_t capacity);

}  // namespace jirani
