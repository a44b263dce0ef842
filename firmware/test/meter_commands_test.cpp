#include "a_meter.h"

using namespace jirani;

TEST_CASE("13: a command is obeyed once, whoever repeats it, also after a restart") {
  Bench bench;
  bench.connect();
  bench.acknowledgeAll();
  bench.command("identify", "c-1", "{\"for_s\":30}");
  bench.acknowledgeAll();
  CHECK(bench.outcomeOf("c-1") == "done");
  bench.command("identify", "c-1", "{\"for_s\":30}");
  bench.acknowledgeAll();
  CHECK(bench.outcomeOf("c-1") == "repeated");
  bench.start();
  bench.connect();
  bench.acknowledgeAll();
  bench.command("identify", "c-1", "{\"for_s\":30}");
  bench.acknowledgeAll();
  CHECK(bench.house.identified == 30);
  CHECK(bench.meter->counts().refusedCommands == 1);
}

TEST_CASE("13: an expired command is ignored, and one for a meter without a clock waits for nobody") {
  Bench bench;
  bench.connect();
  bench.acknowledgeAll();
  bench.command("identify", "c-1", "{\"for_s\":30}", 0);
  bench.acknowledgeAll();
  CHECK(bench.outcomeOf("c-1") == "expired");
  bench.time.wall.quality = timeNeverSet;
  bench.command("identify", "c-2", "{\"for_s\":30}");
  bench.acknowledgeAll();
  CHECK(bench.outcomeOf("c-2") == "no-clock");
  bench.publishToMeter("jirani/v1/time", "{\"v\":1,\"t\":1795431446,\"tq\":2}");
  bench.command("identify", "c-3", "{\"for_s\":30}");
  bench.acknowledgeAll();
  CHECK(bench.outcomeOf("c-3") == "done");
  CHECK(bench.house.identified == 30);
}

TEST_CASE("13: a meter that remembers as many commands as it can refuses more until some have expired") {
  Bench bench;
  bench.connect();
  bench.acknowledgeAll();
  for (size_t k = 0; k <= commandsRememberedMax; k++) {
    bench.command("identify", "c-" + std::to_string(k), "{\"for_s\":1}");
    bench.acknowledgeAll();
  }
  CHECK(bench.house.identified == commandsRememberedMax);
  CHECK(bench.outcomeOf("c-16") == "too-many");
  bench.time.wall.unixSeconds += 61;
  bench.command("identify", "c-17", "{\"for_s\":1}");
  bench.acknowledgeAll();
  CHECK(bench.outcomeOf("c-17") == "done");
}

TEST_CASE("power that is taken away comes back by itself, and after a restart at once") {
  Bench bench;
  bench.connect();
  bench.acknowledgeAll();
  CHECK(bench.house.isRelayClosed);
  bench.command("relay", "c-1", "{\"on\":false,\"for_s\":60}");
  bench.acknowledgeAll();
  CHECK_FALSE(bench.house.isRelayClosed);
  bench.disconnect();
  bench.meter->tick(bench.nowMs + 59'999);
  CHECK_FALSE(bench.house.isRelayClosed);
  bench.meter->tick(bench.nowMs + 60'000);
  CHECK(bench.house.isRelayClosed);
  bench.connect();
  bench.acknowledgeAll();
  bench.command("relay", "c-2", "{\"on\":false,\"for_s\":600}");
  bench.acknowledgeAll();
  CHECK_FALSE(bench.house.isRelayClosed);
  bench.start();
  CHECK(bench.house.isRelayClosed);
}

TEST_CASE("a household above its limit is cut off for a while, and not for longer than the limit lasts") {
  Bench bench;
  bench.connect();
  bench.acknowledgeAll();
  bench.command("limit", "c-1", "{\"watts\":500,\"for_s\":120}");
  bench.acknowledgeAll();
  bench.measure(400);
  bench.measure(501);
  CHECK(bench.house.isRelayClosed);
  bench.measure(501);
  CHECK_FALSE(bench.house.isRelayClosed);
  bench.meter->tick(bench.nowMs + overLimitRestMs);
  CHECK(bench.house.isRelayClosed);
  for (int k = 0; k < 12; k++) bench.measure(0);
  bench.measure(5'000);
  bench.measure(5'000);
  bench.measure(5'000);
  CHECK(bench.house.isRelayClosed);
}
