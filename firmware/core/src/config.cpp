#include "jirani/config.h"

#include <string.h>

#include "jirani/text.h"

namespace jirani {
namespace {

constexpr char firstLine[] = "jirani-meter=1";

struct Text {
  const char *at;
  size_t length;
};

bool copyName(Text value, char *to, size_t most) {
  if (!isPlainName(value.at, value.length, most)) return false;
  memcpy(to, value.at, value.length);
  to[value.length] = 0;
  return true;
}

/** Any visible character of ASCII: a secret is not ours to choose. */
bool copySecret(Text value, char *to) {
  constexpr size_t secretMin = 16;
  if (value.length < secretMin || value.length > secretMax) return false;
  for (size_t at = 0; at < value.length; at++)
    if (value.at[at] <= ' ' || value.at[at] > '~') return false;
  memcpy(to, value.at, value.length);
  to[value.length] = 0;
  return true;
}

bool readNumber(Text value, int64_t least, int64_t most, int64_t &number) {
  TextReader text(value.at, value.length);
  return text.number(most, number) && number >= least && text.isAtEnd();
}

bool readSmall(Text value, uint16_t most, uint16_t &to) {
  int64_t number;
  if (!readNumber(value, 1, most, number)) return false;
  to = static_cast<uint16_t>(number);
  return true;
}

/** `mqtts://host:port`, or `mqtt://host:port` on a bench. */
bool readHub(Text value, MeterConfig &config) {
  TextReader text(value.at, value.length);
  config.isTls = text.accept("mqtts://");
  if (!config.isTls && !text.accept("mqtt://")) return false;
  const char *host = text.at();
  const char *end = value.at + value.length;
  const char *colon = end;
  while (colon > host && *(colon - 1) != ':') colon--;
  if (colon == host) return false;
  const Text name{host, static_cast<size_t>(colon - 1 - host)};
  const Text port{colon, static_cast<size_t>(end - colon)};
  return copyName(name, config.hubHost, hostMax) && readSmall(port, 65'535, config.hubPort);
}

bool readFloor(Text value, MeterConfig &config) {
  constexpr int64_t sequenceMax = 999'999'999'999'999;
  int64_t number;
  if (!readNumber(value, 0, sequenceMax, number)) return false;
  config.sequenceFloor = static_cast<uint64_t>(number);
  return true;
}

struct LineRule {
  const char *name;
  bool isRequired;
  bool (*read)(Text value, MeterConfig &config);
};
constexpr LineRule lineRules[] = {
    {"id", true, [](Text value, MeterConfig &config) { return copyName(value, config.id, meterIdMax); }},
    {"secret", true, [](Text value, MeterConfig &config) { return copySecret(value, config.secret); }},
    {"hub", true, readHub},
    {"reading_s", false,
     [](Text value, MeterConfig &config) { return readSmall(value, readingSecondsMax, config.readingSeconds); }},
    {"keepalive_s", false,
     [](Text value, MeterConfig &config) { return readSmall(value, keepAliveSecondsMax, config.keepAliveSeconds); }},
    {"floor", false, readFloor},
};
constexpr size_t lineRulesCount = sizeof lineRules / sizeof lineRules[0];

ConfigFault readLine(Text line, MeterConfig &config, uint32_t &seen) {
  const char *equals = static_cast<const char *>(memchr(line.at, '=', line.length));
  if (equals == nullptr) return ConfigFault::malformedLine;
  const size_t nameLength = static_cast<size_t>(equals - line.at);
  for (size_t at = 0; at < lineRulesCount; at++) {
    const LineRule &rule = lineRules[at];
    if (strlen(rule.name) != nameLength || memcmp(rule.name, line.at, nameLength) != 0) continue;
    if ((seen >> at & 1) != 0) return ConfigFault::repeatedName;
    seen |= 1u << at;
    const Text value{equals + 1, line.length - nameLength - 1};
    return rule.read(value, config) ? ConfigFault::none : ConfigFault::badValue;
  }
  return ConfigFault::unknownName;
}

}  // namespace

void pskOf(const char *secret, uint8_t psk[sha256Bytes]) {
  Sha256 hash;
  hash.add(secret, strlen(secret));
  hash.finish(psk);
}

ConfigFault readConfig(const char *text, size_t length, MeterConfig &config) {
  if (length > configBytesMax) return ConfigFault::tooLong;
  MeterConfig found{};
  found.readingSeconds = 10;
  found.keepAliveSeconds = 60;
  uint32_t seen = 0;
  bool isFirst = true;
  for (const char *at = text, *end = text + length; at < end;) {
    const char *newline = static_cast<const char *>(memchr(at, '\n', static_cast<size_t>(end - at)));
    const char *lineEnd = newline == nullptr ? end : newline;
    Text line{at, static_cast<size_t>(lineEnd - at)};
    at = newline == nullptr ? end : newline + 1;
    // A file that went through another system may have its line ends.
    if (line.length > 0 && line.at[line.length - 1] == '\r') line.length--;
    if (line.length == 0) continue;
    if (isFirst) {
      if (line.length != sizeof firstLine - 1 || memcmp(line.at, firstLine, line.length) != 0)
        return ConfigFault::malformedLine;
      isFirst = false;
      continue;
    }
    const ConfigFault fault = readLine(line, found, seen);
    if (fault != ConfigFault::none) return fault;
  }
  for (size_t at = 0; at < lineRulesCount; at++)
    if (lineRules[at].isRequired && (seen >> at & 1) == 0) return ConfigFault::missing;
  config = found;
  return ConfigFault::none;
}

}  // namespace jirani
