#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "bench.h"
#include "jirani/flash_log.h"
#include "sim_flash.h"

using namespace jirani;

namespace {

Reading aReading(uint64_t importUj) {
  Reading reading{};
  reading.boot = 7;
  reading.energy.importUj = importUj;
  return reading;
}

/** Its content follows from its number, so that a mix-up shows. */
uint64_t contentOf(uint64_t sequence) { return sequence * 1000 + 17; }

bool append(FlashLog &log) {
  Reading reading = aReading(contentOf(log.lastSequence() + 1));
  return log.append(reading);
}

/** What waits, as a meter would send it after this start. */
std::vector<uint64_t> waitingIn(FlashLog &log) {
  std::vector<uint64_t> found;
  Reading reading;
  uint64_t after = log.acknowledged();
  while (log.next(LogCursor::backlog, after, reading)) {
    CHECK(reading.energy.importUj == contentOf(reading.sequence));
    found.push_back(after = reading.sequence);
  }
  return found;
}

/** One deed of the life that is cut everywhere: mostly readings, acknowledged in bunches, some notes, some commands. */
void doDeed(FlashLog &log, int step) {
  if (step % 3 == 1) log.acknowledge(log.lastSequence() - 2);
  if (step % 11 == 5) log.note({{contentOf(log.lastSequence()), 0, 0}, 0});
  else if (step % 13 == 7) log.keepCommand(reinterpret_cast<const uint8_t *>("id"), 2);
  else append(log);
}

struct Known {
  uint64_t last;
  uint64_t acknowledgedKept;
  uint64_t acknowledged;
};

void lookAfterCut(SimFlash &flash, const Known &before, const Known &after) {
  FlashLog log;
  REQUIRE(log.begin(flash, 0));
  const bool isWithin = log.lastSequence() >= before.last && log.lastSequence() <= after.last &&
                        log.acknowledged() >= before.acknowledgedKept && log.acknowledged() <= after.acknowledged;
  CHECK(isWithin);
  CHECK(log.checkpoint().energy.importUj >= (before.last == 0 ? 0 : contentOf(before.last)));
  const std::vector<uint64_t> waiting = waitingIn(log);
  bool isInOrder = waiting.size() == log.lastSequence() - log.acknowledged();
  for (size_t k = 0; k < waiting.size(); k++) isInOrder = isInOrder && waiting[k] == log.acknowledged() + 1 + k;
  CHECK(isInOrder);
  const uint64_t last = log.lastSequence();
  CHECK(append(log));
  CHECK(log.lastSequence() == last + 1);
  FlashLog again;
  REQUIRE(again.begin(flash, 0));
  CHECK(again.lastSequence() == last + 1);
}

}  // namespace

TEST_CASE("5: power cut at every byte of the flash stream: nothing lost, doubled or out of order") {
  SimFlash flash(3);
  FlashLog log;
  REQUIRE(log.begin(flash, 0));
  uint64_t kept = 0, cuts = 0;
  // The ring of 96 slots goes round at least once.
  const int steps = isFullRun() ? 260 : 110;
  for (int step = 0; step < steps; step++) {
    const Known before{log.lastSequence(), kept, log.acknowledged()};
    const SimFlash start = flash;
    const FlashLog logAtStart = log;
    const uint64_t from = flash.stream;
    doDeed(log, step);
    const uint64_t bytes = flash.stream - from;
    const Known after{log.lastSequence(), log.acknowledged(), log.acknowledged()};
    for (uint64_t cut = 0; cut < bytes; cut++) {
      SimFlash broken = start;
      FlashLog atCut;
      REQUIRE(atCut.begin(broken, 0));
      atCut.acknowledge(logAtStart.acknowledged());
      broken.cutAfter(cut);
      doDeed(atCut, step);
      broken.powerBack();
      lookAfterCut(broken, before, after);
      cuts++;
    }
    kept = after.acknowledgedKept;
  }
  MESSAGE("power cuts: ", cuts, ", erases ", flash.erases[0], "/", flash.erases[1], "/", flash.erases[2]);
  CHECK(cuts > 25'000);
  CHECK(flash.erases[0] >= 2);
}

TEST_CASE("5: a power cut while the log recovers from a power cut does no harm either") {
  SimFlash flash(2);
  FlashLog log;
  REQUIRE(log.begin(flash, 0));
  // The next deed erases a sector.
  while (log.lastSequence() < 2 * slotsPerSector) {
    REQUIRE(append(log));
    log.acknowledge(log.lastSequence() - 3);
  }
  for (uint64_t first = 0; first < sectorBytes + slotBytes; first += 61)
    for (uint64_t second = 0; second < sectorBytes + slotBytes; second += 97) {
      SimFlash broken = flash;
      for (const uint64_t cut : {first, second}) {
        FlashLog atCut;
        REQUIRE(atCut.begin(broken, 0));
        broken.cutAfter(cut);
        append(atCut);
        broken.powerBack();
      }
      FlashLog after;
      REQUIRE(after.begin(broken, 0));
      const std::vector<uint64_t> waiting = waitingIn(after);
      CHECK(waiting.size() == after.lastSequence() - after.acknowledged());
      CHECK(after.lastSequence() >= log.lastSequence());
    }
}

TEST_CASE("5: all sectors wear alike: most and least erases differ by at most one") {
  SimFlash flash(64);
  FlashLog log;
  REQUIRE(log.begin(flash, 0));
  for (int k = 0; k < 200'000; k++) {
    append(log);
    if (k % 50 == 0) log.acknowledge(log.lastSequence());
    // Every so often the meter starts anew.
    if (k % 9'973 == 0) REQUIRE(log.begin(flash, 0));
  }
  const auto [least, most] = std::minmax_element(flash.erases.begin(), flash.erases.end());
  CHECK(*most - *least <= 1);
  CHECK(*least > 90);
  CHECK(log.lastSequence() == 200'000);
}

TEST_CASE("a full log gives up what is oldest, counts it, and keeps the rest in order") {
  SimFlash flash(2);
  FlashLog log;
  REQUIRE(log.begin(flash, 0));
  for (int k = 0; k < 100; k++) REQUIRE(append(log));
  CHECK(log.overwritten() == 64);
  std::vector<uint64_t> waiting = waitingIn(log);
  CHECK(waiting.size() == 36);
  CHECK(waiting.front() == 65);
  CHECK(waiting.back() == 100);
  FlashLog later;
  REQUIRE(later.begin(flash, 0));
  CHECK(waitingIn(later) == waiting);
}

TEST_CASE("a log whose newest sector is exactly full still shows everything at the next start") {
  SimFlash flash(2);
  FlashLog log;
  REQUIRE(log.begin(flash, 0));
  for (uint32_t k = 0; k < 2 * slotsPerSector; k++) REQUIRE(append(log));
  FlashLog later;
  REQUIRE(later.begin(flash, 0));
  CHECK(waitingIn(later).size() == 2 * slotsPerSector);
  CHECK(append(later));
  // What its sector held was given up.
  FlashLog again;
  REQUIRE(again.begin(flash, 0));
  CHECK(waitingIn(again).size() == slotsPerSector + 1);
}

TEST_CASE("a note keeps registers and acknowledgement when no reading does") {
  SimFlash flash(2);
  FlashLog log;
  REQUIRE(log.begin(flash, 0));
  for (int k = 0; k < 3; k++) append(log);
  log.acknowledge(2);
  CHECK_FALSE(log.isAcknowledgementKept());
  CHECK(log.note({{5'000, 6, 7}, flagTamper}));
  CHECK(log.isAcknowledgementKept());
  FlashLog later;
  REQUIRE(later.begin(flash, 0));
  CHECK(later.acknowledged() == 2);
  CHECK(later.lastSequence() == 3);
  CHECK(later.checkpoint().energy.importUj == 5'000);
  CHECK(later.checkpoint().latchedFlags == flagTamper);
  CHECK(waitingIn(later) == std::vector<uint64_t>{3});
}

TEST_CASE("nobody can acknowledge what was not measured") {
  SimFlash flash(2);
  FlashLog log;
  REQUIRE(log.begin(flash, 0));
  append(log);
  log.acknowledge(99);
  CHECK(log.acknowledged() == 0);
}

TEST_CASE("a sequence number never comes again after a wiped log when the floor is known") {
  SimFlash flash(2);
  FlashLog log;
  REQUIRE(log.begin(flash, 4'711));
  CHECK(log.wasEmpty());
  append(log);
  CHECK(log.lastSequence() == 4'712);
}

TEST_CASE("a flash with one sector is refused") {
  SimFlash flash(1);
  FlashLog log;
  CHECK_FALSE(log.begin(flash, 0));
}
