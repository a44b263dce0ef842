#include "jirani/command.h"

#include <string.h>

#include "jirani/bytes.h"
#include "jirani/text.h"

namespace jirani {
namespace {

constexpr size_t macTextBytes = 44;
constexpr char beforeMac[] = ",\"mac\":\"";
constexpr size_t beforeMacBytes = sizeof beforeMac - 1;
constexpr size_t tailBytes = beforeMacBytes + macTextBytes + 2;
constexpr size_t commandBytesMax = 384;
constexpr int64_t u32Max = 0xffffffff;
constexpr int64_t limitWattsMax = 100'000;
constexpr int64_t gainPpmMax = 200'000;
constexpr int64_t lagNsMax = 5'000'000;
constexpr size_t argumentNameMax = 16;
/** 2024-01-01: a hub that says less has not looked at a clock. */
constexpr uint32_t earliestHubTime = 1'704'067'200;

enum class Argument : uint8_t { watts, on, forSeconds, voltagePpm, currentPpm, lagNs };
constexpr uint8_t bitOf(Argument argument) { return static_cast<uint8_t>(1 << static_cast<int>(argument)); }

struct ArgumentRule {
  const char *name;
  Argument argument;
  int64_t least;
  int64_t most;
};
constexpr ArgumentRule argumentRules[] = {
    {"watts", Argument::watts, 0, limitWattsMax},
    {"on", Argument::on, 0, 1},
    {"for_s", Argument::forSeconds, 1, leaseSecondsMax},
    {"u_ppm", Argument::voltagePpm, -gainPpmMax, gainPpmMax},
    {"i_ppm", Argument::currentPpm, -gainPpmMax, gainPpmMax},
    {"lag_ns", Argument::lagNs, -lagNsMax, lagNsMax},
};

struct CommandRule {
  const char *name;
  CommandName command;
  uint8_t required;
  uint8_t allowed;
};
constexpr uint8_t calibration =
    bitOf(Argument::voltagePpm) | bitOf(Argument::currentPpm) | bitOf(Argument::lagNs);
constexpr CommandRule commandRules[] = {
    {"limit", CommandName::limit, bitOf(Argument::watts) | bitOf(Argument::forSeconds), 0},
    // Power that is taken away comes back by itself, so the hub must say when.
    {"relay", CommandName::relay, bitOf(Argument::on), bitOf(Argument::forSeconds)},
    {"identify", CommandName::identify, bitOf(Argument::forSeconds), 0},
    {"calibrate", CommandName::calibrate, calibration, 0},
};

const ArgumentRule *argumentRuleOf(const char *name, size_t length) {
  for (const ArgumentRule &rule : argumentRules)
    if (strlen(rule.name) == length && memcmp(rule.name, name, length) == 0) return &rule;
  return nullptr;
}

void setArgument(Command &command, Argument argument, int64_t value) {
  switch (argument) {
    case Argument::watts: command.limitWatts = static_cast<uint32_t>(value); break;
    case Argument::on: command.isOn = value == 1; break;
    case Argument::forSeconds: command.leaseSeconds = static_cast<uint32_t>(value); break;
    case Argument::voltagePpm: command.voltagePpm = static_cast<int32_t>(value); break;
    case Argument::currentPpm: command.currentPpm = static_cast<int32_t>(value); break;
    case Argument::lagNs: command.lagNs = static_cast<int32_t>(value); break;
  }
}

bool readValue(TextReader &text, const ArgumentRule &rule, int64_t &value) {
  if (rule.argument == Argument::on) {
    value = text.accept("true") ? 1 : 0;
    return value == 1 || text.accept("false");
  }
  return text.number(u32Max, value) && value >= rule.least && value <= rule.most;
}

bool readArguments(TextReader &text, Command &command, uint8_t &seen) {
  seen = 0;
  if (!text.accept("{")) return false;
  if (text.accept("}")) return true;
  do {
    const char *name;
    size_t length;
    int64_t value;
    if (!text.plainString(name, length, argumentNameMax) || !text.accept(":")) return false;
    const ArgumentRule *rule = argumentRuleOf(name, length);
    if (rule == nullptr || (seen & bitOf(rule->argument)) != 0 || !readValue(text, *rule, value)) return false;
    seen |= bitOf(rule->argument);
    setArgument(command, rule->argument, value);
  } while (text.accept(","));
  return text.accept("}");
}

bool isFromHub(const char *topic, size_t topicLength, const char *payload, size_t length,
               const uint8_t key[sha256Bytes]) {
  if (length < tailBytes || length > commandBytesMax || topicLength > topicBytesMax) return false;
  const size_t bodyLength = length - tailBytes;
  const char *tail = payload + bodyLength;
  if (memcmp(tail, beforeMac, beforeMacBytes) != 0 || memcmp(payload + length - 2, "\"}", 2) != 0) return false;
  uint8_t told[sha256Bytes], own[sha256Bytes];
  if (!fromBase64(tail + beforeMacBytes, macTextBytes, told, sizeof told)) return false;
  char message[topicBytesMax + 1 + commandBytesMax];
  TextWriter out(message, sizeof message);
  out.bytes(topic, topicLength).text("\n").bytes(payload, bodyLength);
  hmacSha256(key, sha256Bytes, message, out.length(), own);
  return out.isWhole() && sameSecret(told, own, sizeof own);
}

/** Reads all but the MAC, which was checked. */
bool readBody(TextReader &text, Command &command, uint8_t &seen) {
  const char *id;
  size_t idLength;
  int64_t expiresAt;
  if (!text.accept("{\"id\":") || !text.plainString(id, idLength, commandIdMax)) return false;
  // The id becomes one level of a topic.
  if (!isPlainName(id, idLength, commandIdMax)) return false;
  memcpy(command.id, id, idLength);
  if (!text.accept(",\"exp\":") || !text.number(u32Max, expiresAt) || expiresAt < 0) return false;
  command.expiresAt = static_cast<uint32_t>(expiresAt);
  return text.accept(",\"args\":") && readArguments(text, command, seen) && text.isAtEnd();
}

}  // namespace

void commandKeyOf(const uint8_t psk[sha256Bytes], uint8_t key[sha256Bytes]) {
  static const char purpose[] = "jirani/v1/commands";
  hmacSha256(psk, sha256Bytes, purpose, sizeof purpose - 1, key);
}

CommandReading readCommand(const char *topic, size_t topicLength, const char *prefix, const char *payload,
                           size_t length, const uint8_t key[sha256Bytes], Command &command) {
  command = Command{};
  const size_t prefixLength = strlen(prefix);
  if (topicLength <= prefixLength || memcmp(topic, prefix, prefixLength) != 0) return CommandReading::forged;
  if (!isFromHub(topic, topicLength, payload, length, key)) return CommandReading::forged;
  const char *name = topic + prefixLength;
  const size_t nameLength = topicLength - prefixLength;
  TextReader text(payload, length - tailBytes);
  uint8_t seen = 0;
  const bool isWhole = readBody(text, command, seen);
  for (const CommandRule &rule : commandRules) {
    if (strlen(rule.name) != nameLength || memcmp(rule.name, name, nameLength) != 0) continue;
    command.name = rule.command;
    const bool hasAll = (seen & rule.required) == rule.required && (seen & ~(rule.required | rule.allowed)) == 0;
    const bool isLasting = command.name == CommandName::relay && !command.isOn && command.leaseSeconds == 0;
    return isWhole && hasAll && !isLasting ? CommandReading::good : CommandReading::malformed;
  }
  return CommandReading::unknown;
}

uint64_t CommandMemory::markOf(const char *id) {
  uint8_t sum[sha256Bytes];
  Sha256 hash;
  hash.add(id, strlen(id));
  hash.finish(sum);
  const uint8_t *at = sum;
  return takeLittle<uint64_t>(at);
}

bool CommandMemory::knows(const char *id) const {
  const uint64_t mark = markOf(id);
  for (size_t at = 0; at < count_; at++)
    if (entries_[at].mark == mark) return true;
  return false;
}

bool CommandMemory::hasRoom(uint32_t nowSeconds) {
  size_t kept = 0;
  for (size_t at = 0; at < count_; at++)
    if (entries_[at].expiresAt > nowSeconds) entries_[kept++] = entries_[at];
  count_ = kept;
  return count_ < commandsRememberedMax;
}

void CommandMemory::remember(const char *id, uint32_t expiresAt) {
  const Entry entry{markOf(id), expiresAt};
  if (count_ < commandsRememberedMax) {
    entries_[count_++] = entry;
    return;
  }
  // After a start nobody knows the time yet: what expires first gives way.
  Entry *first = &entries_[0];
  for (Entry &other : entries_)
    if (other.expiresAt < first->expiresAt) first = &other;
  if (first->expiresAt < expiresAt) *first = entry;
}

void packCommand(const Command &command, uint8_t bytes[keptCommandBytes]) {
  memset(bytes, 0, keptCommandBytes);
  uint8_t *at = bytes;
  putLittle(at, command.expiresAt);
  memcpy(at, command.id, strlen(command.id));
}

bool restoreCommand(const uint8_t *bytes, size_t length, CommandMemory &memory) {
  if (length != keptCommandBytes) return false;
  const uint8_t *at = bytes;
  const uint32_t expiresAt = takeLittle<uint32_t>(at);
  char id[commandIdMax + 1] = {};
  memcpy(id, at, commandIdMax);
  if (!isPlainName(id, strlen(id), commandIdMax)) return false;
  if (!memory.knows(id)) memory.remember(id, expiresAt);
  return true;
}

bool readHubTime(const char *payload, size_t length, uint32_t &unixSeconds) {
  TextReader text(payload, length);
  int64_t seconds, quality;
  if (!text.accept("{\"v\":1,\"t\":") || !text.number(u32Max, seconds) || !text.accept(",\"tq\":")) return false;
  if (!text.number(2, quality) || !text.accept("}") || !text.isAtEnd()) return false;
  if (quality < 1 || seconds < earliestHubTime) return false;
  unixSeconds = static_cast<uint32_t>(seconds);
  return true;
}

}  // namespace jirani
