#include <algorithm>
#include <set>

#include "a_meter.h"

using namespace jirani;

namespace {

std::vector<uint64_t> upTo(uint64_t first, uint64_t last) {
  std::vector<uint64_t> all;
  for (uint64_t s = first; s <= last; s++) all.push_back(s);
  return all;
}

}  // namespace

TEST_CASE("a meter says who it is, then what it measured, one at a time") {
  Bench bench;
  bench.measure();
  bench.connect();
  CHECK(bench.subscriptions == 2);
  REQUIRE(bench.all.size() == 1);
  CHECK(bench.all[0].topic == "jirani/v1/meters/em-7c9ebd112233/status");
  CHECK(bench.all[0].payload == "online");
  bench.acknowledgeOne();
  CHECK(bench.all[1].topic == "jirani/v1/meters/em-7c9ebd112233/info");
  CHECK(bench.all[1].payload ==
        R"({"v":1,"fw":"1.0.0","frontend":"bench","settlement":false,"calibration":0,"calibrated":0,"alg":"hs256"})");
  bench.acknowledgeOne();
  CHECK(bench.sequences() == upTo(1, 1));
  CHECK(bench.readings[0].payload.find(R"({"v":1,"s":1,"b":1,"t":1795431456,"tq":2,"up":10,"p":1000000,"u":230000,)"
                                       R"("i":4347,"f":50000,"ei":2777,"ee":0,"eg":0,"fl":8,"sig":")") == 0);
  CHECK(bench.meter->delivered() == 0);
  bench.acknowledgeOne();
  CHECK(bench.meter->delivered() == 1);
  CHECK(bench.meter->waiting() == 0);
}

TEST_CASE("a reading that the hub has not acknowledged is told again after a power cut, with the same bytes") {
  Bench bench;
  bench.connect();
  bench.acknowledgeAll();
  for (int k = 0; k < 5; k++) {
    bench.measure();
    bench.acknowledgeAll();
  }
  bench.measure();
  const Said before = bench.readings.back();
  // The next slot of the log carries what the meter believes to be with the hub.
  bench.measure();
  bench.start();
  bench.connect(false);
  bench.acknowledgeAll();
  REQUIRE(bench.readings.size() > 6);
  const auto again = std::find_if(bench.readings.begin() + 6, bench.readings.end(),
                                  [&](const Said &said) { return said.sequence() == before.sequence(); });
  REQUIRE(again != bench.readings.end());
  CHECK(again->payload == before.payload);
}

TEST_CASE("a reading whose packet was lost goes out again as a duplicate with the same identifier") {
  Bench bench;
  bench.connect();
  bench.acknowledgeAll();
  bench.measure();
  const Said before = bench.readings.back();
  bench.disconnect();
  bench.measure();
  bench.connect();
  REQUIRE(bench.readings.size() == 2);
  CHECK(bench.readings[1].isDup);
  CHECK(bench.readings[1].id == before.id);
  CHECK(bench.readings[1].payload == before.payload);
}

TEST_CASE("sequence numbers go on after a restart, and no number bears two contents") {
  Bench bench;
  std::set<std::string> payloads;
  std::set<uint64_t> numbers;
  for (int life = 0; life < 5; life++) {
    if (life > 0) bench.start();
    bench.connect(false);
    bench.acknowledgeAll();
    for (int k = 0; k < 4; k++) bench.measure(1'000 + life);
    // The power goes while all but the first wait for their PUBACK.
    bench.acknowledgeOne();
  }
  bench.acknowledgeAll();
  for (const Said &said : bench.readings) {
    payloads.insert(said.payload);
    numbers.insert(said.sequence());
  }
  CHECK(numbers.size() == 20);
  CHECK(payloads.size() == 20);
  CHECK(*numbers.rbegin() == 20);
}

TEST_CASE("registers are where they were after a power cut") {
  Bench bench;
  bench.measure(3'600);
  bench.measure(-7'200);
  bench.start();
  CHECK(bench.metering.registers().totals().importUj == 36'000'000'000);
  CHECK(bench.metering.registers().totals().exportUj == 72'000'000'000);
  bench.connect(false);
  bench.acknowledgeAll();
  bench.measure(0);
  CHECK(bench.readings.back().payload.find("\"ei\":10000,\"ee\":20000,") != std::string::npos);
}

TEST_CASE("7: broker frozen 10 minutes: the whole backlog arrives in order, marked, and the newest is soon there") {
  Bench bench(64);
  bench.connect();
  bench.acknowledgeAll();
  for (int k = 0; k < 3; k++) {
    bench.measure();
    bench.acknowledgeAll();
  }
  // It takes one more reading and then says nothing, not even to a ping.
  const uint64_t frozenAt = bench.nowMs;
  uint64_t diedAt = 0;
  std::vector<uint64_t> dials;
  while (bench.nowMs < frozenAt + 600'000) {
    bench.measure();
    bench.meter->tick(bench.nowMs);
    if (bench.meter->mustHangUp()) {
      diedAt = diedAt == 0 ? bench.nowMs : diedAt;
      bench.inFlight.clear();
      bench.disconnect();
    } else if (diedAt != 0 && bench.meter->wantsToDial(bench.nowMs)) {
      dials.push_back(bench.nowMs);
      bench.isCut = false;
      bench.meter->opened(bench.nowMs);
    }
  }
  CHECK(diedAt - frozenAt >= 60'000);
  CHECK(diedAt - frozenAt <= 100'000);
  REQUIRE(dials.size() > 5);
  for (size_t k = 1; k < dials.size(); k++) CHECK(dials[k] - dials[k - 1] <= backOffMaxMs + connackMsMax + 10'000);
  CHECK(bench.meter->waiting() == 60);
  bench.readings.clear();
  bench.disconnect();
  bench.connect();
  const uint64_t last = bench.meter->log().lastSequence();
  // PUBACKs come slowly: one for each reading that is measured.
  size_t newestSaidAfter = 0;
  for (int k = 0; k < 20; k++) {
    bench.measure();
    bench.acknowledgeOne();
    const std::vector<uint64_t> said = bench.sequences();
    if (newestSaidAfter == 0 && std::find(said.begin(), said.end(), last + 1) != said.end())
      newestSaidAfter = bench.readings.size();
  }
  CHECK(newestSaidAfter > 0);
  CHECK(newestSaidAfter <= 4);
  bench.acknowledgeAll();
  CHECK(bench.meter->waiting() == 0);
  std::vector<uint64_t> backlog, live;
  for (const Said &said : bench.readings)
    if (!said.isDup || said.sequence() > 4) (said.sequence() <= last ? backlog : live).push_back(said.sequence());
  CHECK(backlog == upTo(backlog.front(), last));
  CHECK(backlog.front() <= 5);
  CHECK(live == upTo(last + 1, last + 20));
  int marked = 0;
  for (const Said &said : bench.readings) {
    const bool wasDown = (said.flags() & flagLinkDown) != 0;
    if (said.sequence() > last) CHECK_FALSE(wasDown);
    marked += wasDown ? 1 : 0;
  }
  CHECK(marked >= 50);
}

TEST_CASE("7: outage upon outage during a backlog: every reading arrives, and none is out of its own order") {
  Bench bench(64);
  bench.connect();
  bench.acknowledgeAll();
  uint64_t measured = 0;
  for (int outage = 0; outage < 7; outage++) {
    bench.disconnect();
    for (int k = 0; k < 40; k++) bench.measure();
    bench.connect();
    for (int k = 0; k < 9; k++) {
      bench.measure();
      if (!bench.inFlight.empty()) bench.acknowledgeOne();
    }
    measured += 49;
  }
  bench.acknowledgeAll();
  CHECK(bench.meter->waiting() == 0);
  CHECK(bench.meter->acknowledged() == measured);
  std::set<uint64_t> arrived;
  std::set<std::string> payloads;
  for (const Said &said : bench.readings) {
    arrived.insert(said.sequence());
    payloads.insert(said.payload);
  }
  CHECK(arrived.size() == measured);
  CHECK(payloads.size() == measured);
}

TEST_CASE("what went ahead of a backlog may come twice after a power cut, but nothing is missing") {
  Bench bench(64);
  for (int k = 0; k < 50; k++) bench.measure();
  bench.connect();
  bench.acknowledgeAll();
  bench.disconnect();
  for (int k = 0; k < 50; k++) bench.measure();
  bench.connect();
  for (int k = 0; k < 10; k++) {
    bench.measure();
    bench.acknowledgeOne();
  }
  bench.start();
  bench.connect(false);
  bench.acknowledgeAll();
  const std::vector<uint64_t> all = bench.sequences();
  const std::set<uint64_t> arrived(all.begin(), all.end());
  CHECK(arrived.size() == 110);
  CHECK(bench.meter->acknowledged() == 110);
}

TEST_CASE("an idle meter keeps registers and acknowledgement in a note, and writes none without news") {
  Bench bench;
  bench.connect();
  bench.acknowledgeAll();
  bench.measure();
  bench.acknowledgeAll();
  bench.nowMs += noteMs;
  bench.meter->tick(bench.nowMs);
  const uint64_t stream = bench.flash.stream;
  FlashLog log;
  REQUIRE(log.begin(bench.flash, 0));
  CHECK(log.acknowledged() == 1);
  bench.nowMs += noteMs;
  bench.meter->tick(bench.nowMs);
  CHECK(bench.flash.stream == stream);
}

TEST_CASE("a wiped log begins above every number that was used") {
  Bench bench;
  for (int k = 0; k < 20; k++) bench.measure();
  CHECK(bench.floor.stores == 1);
  bench.flash.wipe();
  bench.start();
  bench.measure();
  CHECK(bench.meter->log().lastSequence() > 20);
  const uint64_t last = bench.meter->log().lastSequence();
  bench.start();
  bench.measure();
  CHECK(bench.meter->log().lastSequence() == last + 1);
}

TEST_CASE("a flash that refuses is noticed, and its number is not used for something else") {
  Bench bench;
  bench.measure();
  bench.flash.cutAfter(0);
  CHECK_FALSE(bench.measure());
  bench.flash.powerBack();
  CHECK(bench.measure());
  CHECK(bench.meter->counts().unkeptReadings == 1);
  bench.connect();
  bench.acknowledgeAll();
  CHECK(bench.sequences() == std::vector<uint64_t>{1, 3});
  CHECK((bench.readings[1].flags() & flagFault) != 0);
  CHECK(bench.meter->waiting() == 0);
}

TEST_CASE("12: the broker knows what to say when the meter falls silent") {
  // The will itself is in the first packet (mqtt_test.cpp); here: the meter leaves by the same clock as its broker.
  Bench bench;
  bench.connect();
  bench.acknowledgeAll();
  const uint64_t from = bench.nowMs;
  bench.meter->tick(from + 60'000);
  bench.meter->tick(from + 89'999);
  CHECK_FALSE(bench.meter->mustHangUp());
  bench.meter->tick(from + 90'000);
  CHECK(bench.meter->mustHangUp());
}

TEST_CASE("what a display shows is told once a minute, without a PUBACK") {
  Bench bench;
  bench.connect();
  bench.acknowledgeAll();
  bench.measure(-1'500);
  bench.acknowledgeAll();
  bench.meter->tick(bench.nowMs + stateMs);
  CHECK(bench.all.back().topic == "jirani/v1/meters/em-7c9ebd112233/state");
  CHECK(bench.all.back().payload.find("{\"v\":1,\"p\":-1500000,\"u\":230000,") == 0);
  CHECK(bench.all.back().id == 0);
}
