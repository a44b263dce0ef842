#include "options.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <functional>
#include <map>

namespace vmeter {
namespace {

constexpr char usage[] =
    "vmeter --port N --meters FILE [--host ADDRESS] [--mode flood|steady] [--every-ms N]\n"
    "  [--readings N] [--seconds S] [--warm-up S] [--patience S] [--source drawn|signals] [--profile FILE|-]\n"
    "  [--from UNIX] [--clock NS:MS:SPEED] [--flash FOLDER] [--sectors N] [--seed N] [--boot N]\n"
    "  [--back-off-max-ms N] [--dial-over-ms N] [--keepalive S] [--acks FILE] [--progress-ms N]\n"
    "A line of the meters' FILE, with tabs:\n"
    "  ID SECRET SEED_HEX [IMPORT_UJ EXPORT_UJ GENERATION_UJ LAST_SEQUENCE]\n";

template <typename Number>
bool toNumber(const char *text, Number &number, double least, double most) {
  char *end = nullptr;
  const double value = strtod(text, &end);
  if (end == text || *end != 0 || !(value >= least && value <= most)) return false;
  number = static_cast<Number>(value);
  return true;
}

bool toClock(const char *text, Options &options) {
  options.hasClock = true;
  long long origin = 0, unixMs = 0;
  if (sscanf(text, "%lld:%lld:%lf", &origin, &unixMs, &options.clockSpeed) != 3) return false;
  options.clockOriginNs = origin;
  options.clockUnixMs = unixMs;
  return options.clockSpeed > 0;
}

bool toChoice(const std::string &text, const std::string &first, const std::string &second, bool &isSecond) {
  isSecond = text == second;
  return isSecond || text == first;
}

}  // namespace

bool readOptions(int argc, char **argv, Options &options) {
  using Reader = std::function<bool(const char *)>;
  constexpr double wholeMax = 9e15;
  int port = 0;
  std::string host = "127.0.0.1";
  bool isSteady = true, isSignals = false;
  const auto text = [](std::string &to) {
    return Reader([&to](const char *word) { return !(to = word).empty(); });
  };
  const std::map<std::string, Reader> readers{
      {"--port", [&](const char *word) { return toNumber(word, port, 1, 65'535); }},
      {"--host", text(host)},
      {"--meters", text(options.metersFile)},
      {"--mode", [&](const char *word) { return toChoice(word, "flood", "steady", isSteady); }},
      {"--source", [&](const char *word) { return toChoice(word, "drawn", "signals", isSignals); }},
      {"--profile", text(options.profileFile)},
      {"--every-ms", [&](const char *word) { return toNumber(word, options.everyMs, 10, 3.6e6); }},
      {"--readings", [&](const char *word) { return toNumber(word, options.readings, 1, wholeMax); }},
      {"--seconds", [&](const char *word) { return toNumber(word, options.seconds, 0.01, 1e9); }},
      {"--warm-up", [&](const char *word) { return toNumber(word, options.warmUpSeconds, 0, 1e6); }},
      {"--patience", [&](const char *word) { return toNumber(word, options.patienceSeconds, 0, 1e6); }},
      {"--from", [&](const char *word) { return toNumber(word, options.fromUnixSeconds, 1, 4.2e9); }},
      {"--clock", [&](const char *word) { return toClock(word, options); }},
      {"--flash", text(options.flashFolder)},
      {"--sectors", [&](const char *word) { return toNumber(word, options.sectors, 2, 1'024); }},
      {"--seed", [&](const char *word) { return toNumber(word, options.seed, 0, wholeMax); }},
      {"--boot", [&](const char *word) { return toNumber(word, options.boot, 1, 4'294'967'295.0); }},
      {"--back-off-max-ms", [&](const char *word) { return toNumber(word, options.backOffMaxMs, 10, 60'000); }},
      {"--dial-over-ms", [&](const char *word) { return toNumber(word, options.dialOverMs, 0, 3.6e6); }},
      {"--keepalive", [&](const char *word) { return toNumber(word, options.keepAliveSeconds, 1, 600); }},
      {"--acks", text(options.acksFile)},
      {"--progress-ms", [&](const char *word) { return toNumber(word, options.progressMs, 10, 1e6); }},
  };
  for (int at = 1; at < argc; at += 2) {
    const auto reader = readers.find(argv[at]);
    if (reader != readers.end() && at + 1 < argc && reader->second(argv[at + 1])) continue;
    fprintf(stderr, "vmeter: %s %s?\n%s", argv[at], at + 1 < argc ? argv[at + 1] : "", usage);
    return false;
  }
  options.pace = isSteady ? Pace::steady : Pace::flood;
  options.source = !options.profileFile.empty() ? Source::profile : isSignals ? Source::signals : Source::drawn;
  options.hub.sin_family = AF_INET;
  options.hub.sin_port = htons(static_cast<uint16_t>(port));
  const bool isAddress = inet_pton(AF_INET, host.c_str(), &options.hub.sin_addr) == 1;
  const bool isGood = port > 0 && !options.metersFile.empty() && isAddress;
  if (!isGood) fputs(usage, stderr);
  return isGood;
}

}  // namespace vmeter
