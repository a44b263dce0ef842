/** What the command line of vmeter asks for. */
#pragma once
#include <netinet/in.h>
#include <stdint.h>

#include <string>

namespace vmeter {

enum class Pace {
  /** Each meter measures as fast as its hub acknowledges. */
  flood,
  /** Each meter measures every `everyMs` of machine time. */
  steady,
};

enum class Source {
  /** Watts that change with every reading, from the seed. */
  drawn,
  /** Waveforms, ten thousand samples per second. */
  signals,
  /** Lines of `profile.h`. */
  profile,
};

struct Options {
  sockaddr_in hub{};
  std::string metersFile;
  /** Folder of flash files; empty keeps nothing. */
  std::string flashFolder;
  uint32_t sectors = 4;
  Pace pace = Pace::steady;
  Source source = Source::drawn;
  /** A file of the profile; `-` is standard input, and its end ends the run. */
  std::string profileFile;
  uint32_t everyMs = 1'000;
  /** Readings of each meter; 0 for as many as fit into the time. */
  uint64_t readings = 0;
  /** How long the meters measure; 0 for ever. */
  double seconds = 0;
  double warmUpSeconds = 0;
  /** How long, after the last reading, for what is not acknowledged yet. */
  double patienceSeconds = 30;
  /** Time of the first reading when time goes by readings: one second each. */
  uint32_t fromUnixSeconds = 0;
  /** `ORIGIN_NS:UNIX_MS:SPEED`: the neighbourhood's time, as in HUB_CLOCK. */
  bool hasClock = false;
  int64_t clockOriginNs = 0;
  int64_t clockUnixMs = 0;
  double clockSpeed = 1;
  uint64_t seed = 1;
  /** Boot number of all meters; 0 draws one for each. */
  uint32_t boot = 0;
  uint32_t backOffMaxMs = 60'000;
  /** The first connections are spread over so long, and measuring begins after it. */
  uint32_t dialOverMs = 0;
  uint16_t keepAliveSeconds = 60;
  std::string acksFile;
  /** A line on standard output for each so many ms; 0 for none. */
  uint32_t progressMs = 0;
};

/** False after saying on standard error what is wrong. */
bool readOptions(int argc, char **argv, Options &options);

}  // namespace vmeter
