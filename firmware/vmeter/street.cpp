#include "street.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "jirani/text.h"

namespace vmeter {
namespace {

constexpr uint64_t tickUs = 100'000;
constexpr int eventsMax = 512;
constexpr size_t readBytes = 4'096;
/** Readings that a flooding meter has measured before the hub asks for them. */
constexpr uint64_t floodAhead = 2;
constexpr uint64_t usPerSecond = 1'000'000;
constexpr char nowhere[] = "";

uint64_t nowMs() { return machineUs() / 1'000; }

}  // namespace

uint64_t machineUs() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * usPerSecond + static_cast<uint64_t>(now.tv_nsec) / 1'000;
}

Street::~Street() {
  if (acks_ != nullptr) fclose(acks_);
  if (poll_ >= 0) close(poll_);
}

bool Street::open() {
  rlimit files;
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
  }
  poll_ = epoll_create1(EPOLL_CLOEXEC);
  const char *failed = nowhere;
  if (options_.source == Source::profile && !profile_.open(options_.profileFile)) failed = options_.profileFile.c_str();
  if (!options_.acksFile.empty() && (acks_ = fopen(options_.acksFile.c_str(), "w")) == nullptr)
    failed = options_.acksFile.c_str();
  if (failed != nowhere) return fprintf(stderr, "vmeter: %s: %s\n", failed, strerror(errno)), false;
  return readMeters() && learn();
}

bool Street::readMeters() {
  FILE *file = fopen(options_.metersFile.c_str(), "r");
  if (file == nullptr) return fprintf(stderr, "vmeter: %s: %s\n", options_.metersFile.c_str(), strerror(errno)), false;
  char line[512];
  bool isGood = true;
  while (isGood && fgets(line, sizeof line, file) != nullptr) {
    char id[65], secret[129], seed[65];
    unsigned long long import = 0, exported = 0, generation = 0, last = 0;
    const int fields = sscanf(line, "%64[^\t]\t%128[^\t]\t%64s %llu %llu %llu %llu", id, secret, seed, &import,
                              &exported, &generation, &last);
    Credentials credentials{id, secret, {}, {import, exported, generation}, last};
    isGood = (fields == 3 || fields == 7) &&
             jirani::fromHex(seed, strlen(seed), credentials.seed, sizeof credentials.seed);
    if (!isGood) break;
    meters_.push_back(std::make_unique<VirtualMeter>(options_, credentials, static_cast<uint32_t>(meters_.size())));
    byId_[id] = meters_.back().get();
    isGood = meters_.back()->begin(nowMs());
  }
  fclose(file);
  if (!isGood || meters_.empty())
    fprintf(stderr, "vmeter: the meters' file is wrong after %zu meters\n", meters_.size());
  return isGood && !meters_.empty();
}

bool Street::learn() {
  if (options_.source != Source::profile || profile_.isOver()) return true;
  return profile_.readOn([this](const std::string &id, const Flow &flow) {
    const auto found = byId_.find(id);
    if (found != byId_.end()) found->second->learn(flow);
  });
}

/** Every meter's turn comes at its own moment of the interval. */
bool Street::live(const volatile bool &wantsToEnd) {
  startUs_ = lastTickUs_ = machineUs();
  const uint64_t everyUs = uint64_t{options_.everyMs} * 1'000;
  const uint64_t dialOverUs = uint64_t{options_.dialOverMs} * 1'000;
  for (size_t k = 0; k < meters_.size(); k++) {
    meters_[k]->dialFromUs = startUs_ + dialOverUs * k / meters_.size();
    meters_[k]->dueUs = startUs_ + dialOverUs + everyUs * (k + 1) / meters_.size();
  }
  const bool isFlood = options_.pace == Pace::flood;
  uint64_t endedAtUs = 0;
  while (endedAtUs == 0 || (waiting() > 0 && machineUs() - endedAtUs < options_.patienceSeconds * usPerSecond)) {
    const uint64_t nowUs = machineUs();
    if (!learn()) return false;
    if (isMeasuring_ && !mayMeasure(wantsToEnd)) {
      isMeasuring_ = false;
      endedAtUs = nowUs;
    }
    if (isMeasuring_ && !isFlood) measureDue(nowUs);
    if (isMeasuring_ && isFlood)
      for (auto &meter : meters_) measureFlood(*meter);
    tickDue(nowUs);
    hearAll(isFlood ? 1 : 2);
    sayProgress(nowUs);
  }
  return true;
}

bool Street::mayMeasure(const volatile bool &wantsToEnd) const {
  if (wantsToEnd) return false;
  if (options_.profileFile == "-" && profile_.isOver()) return false;
  const double livedUs = static_cast<double>(machineUs() - startUs_);
  if (options_.seconds > 0 && livedUs >= options_.seconds * usPerSecond) return false;
  if (options_.readings == 0) return true;
  for (const auto &meter : meters_)
    if (meter->made() < options_.readings) return true;
  return false;
}

void Street::measureDue(uint64_t nowUs) {
  for (size_t turns = 0; turns < meters_.size(); turns++) {
    VirtualMeter &meter = *meters_[nextToMeasure_];
    if (meter.dueUs > nowUs) return;
    if (options_.readings == 0 || meter.made() < options_.readings) measure(meter, meter.dueUs);
    meter.dueUs += uint64_t{options_.everyMs} * 1'000;
    nextToMeasure_ = (nextToMeasure_ + 1) % meters_.size();
  }
}

void Street::measure(VirtualMeter &meter, uint64_t dueUs) {
  int64_t neighbourhoodMs;
  if (options_.hasClock) {
    const double sinceMs = (static_cast<double>(machineUs()) - static_cast<double>(options_.clockOriginNs) / 1e3) / 1e3;
    neighbourhoodMs = options_.clockUnixMs + static_cast<int64_t>(sinceMs * options_.clockSpeed);
  } else if (options_.fromUnixSeconds != 0) {
    neighbourhoodMs = (int64_t{options_.fromUnixSeconds} + static_cast<int64_t>(meter.made())) * 1'000;
  } else {
    neighbourhoodMs = static_cast<int64_t>(time(nullptr)) * 1'000;
  }
  // Whole seconds, because a reading's time has no more: so its registers and its time belong together.
  meter.measure(neighbourhoodMs - neighbourhoodMs % 1'000, nowMs(), dueUs);
}

void Street::measureFlood(VirtualMeter &meter) {
  const auto isOver = [&] { return options_.readings != 0 && meter.made() >= options_.readings; };
  while (!isOver() && meter.meter().waiting() < floodAhead) measure(meter, machineUs());
}

void Street::tickDue(uint64_t nowUs) {
  const uint64_t passedUs = nowUs - lastTickUs_;
  const size_t due = passedUs >= tickUs ? meters_.size() : meters_.size() * passedUs / tickUs;
  if (due == 0) return;
  lastTickUs_ = nowUs;
  for (size_t k = 0; k < due; k++) {
    tick(*meters_[nextToTick_]);
    nextToTick_ = (nextToTick_ + 1) % meters_.size();
  }
}

void Street::tick(VirtualMeter &meter) {
  meter.meter().tick(nowMs());
  if (meter.meter().mustHangUp()) return hangUp(meter);
  if (machineUs() < meter.dialFromUs || !meter.meter().wantsToDial(nowMs())) return;
  meter.dials++;
  if (meter.connection().dial(options_.hub)) watch(meter, true);
  else meter.meter().lost(nowMs());
}

void Street::watch(VirtualMeter &meter, bool isNew) {
  const bool wantsToWrite = meter.connection().isWaitingToWrite();
  if (!isNew && wantsToWrite == meter.isWatchedForWriting) return;
  epoll_event event{};
  event.events = EPOLLIN | (wantsToWrite ? EPOLLOUT : 0u);
  event.data.ptr = &meter;
  epoll_ctl(poll_, isNew ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, meter.connection().descriptor(), &event);
  meter.isWatchedForWriting = wantsToWrite;
}

void Street::hangUp(VirtualMeter &meter) {
  // A closed descriptor leaves the poll by itself.
  meter.connection().close();
  meter.meter().lost(nowMs());
}

void Street::hearAll(int waitMs) {
  epoll_event events[eventsMax];
  const int count = epoll_wait(poll_, events, eventsMax, waitMs);
  for (int k = 0; k < count; k++) hear(*static_cast<VirtualMeter *>(events[k].data.ptr), events[k].events);
}

void Street::hear(VirtualMeter &meter, uint32_t events) {
  jirani::Connection &connection = meter.connection();
  if (connection.isOpening()) {
    if (!connection.finishOpening()) return hangUp(meter);
    meter.meter().opened(nowMs());
  }
  if ((events & EPOLLOUT) != 0 && !connection.drain()) return hangUp(meter);
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) {
    uint8_t bytes[readBytes];
    const int got = connection.read(bytes, sizeof bytes);
    if (got < 0) return hangUp(meter);
    if (got > 0) meter.meter().feed(bytes, static_cast<size_t>(got), nowMs());
    note(meter);
  }
  if (meter.meter().mustHangUp()) return hangUp(meter);
  watch(meter, false);
}

/** A meter has one reading in flight, so one piece of news holds at most one PUBACK for it. */
void Street::note(VirtualMeter &meter) {
  const uint64_t delivered = meter.meter().delivered();
  if (delivered == meter.seenDelivered) return;
  meter.seenDelivered = delivered;
  const uint64_t nowUs = machineUs(), sequence = meter.meter().lastDelivered();
  lastAckUs_ = nowUs;
  if (acks_ != nullptr)
    fprintf(acks_, "%s %llu\n", meter.credentials().id.c_str(), static_cast<unsigned long long>(sequence));
  const bool isWarm = static_cast<double>(nowUs - startUs_) >= options_.warmUpSeconds * usPerSecond;
  const uint64_t tookUs = meter.tookUs(sequence, nowUs);
  if (isWarm) deliveredAfterWarmUp_++;
  if (isWarm && tookUs > 0) took_.add(tookUs);
  if (isMeasuring_ && options_.pace == Pace::flood) measureFlood(meter);
}

uint64_t Street::waiting() const {
  uint64_t sum = 0;
  for (const auto &meter : meters_) sum += meter->meter().waiting();
  return sum;
}

void Street::sayProgress(uint64_t nowUs) {
  if (options_.progressMs == 0 || nowUs - saidAtUs_ < uint64_t{options_.progressMs} * 1'000) return;
  saidAtUs_ = nowUs;
  unsigned long long delivered = 0, up = 0, overwritten = 0;
  for (const auto &meter : meters_) {
    delivered += meter->meter().delivered();
    up += meter->meter().isUp() ? 1 : 0;
    overwritten += meter->meter().log().overwritten();
  }
  printf("{\"up\":%llu,\"delivered\":%llu,\"waiting\":%llu,\"overwritten\":%llu}\n", up, delivered,
         static_cast<unsigned long long>(waiting()), overwritten);
  fflush(stdout);
}

void Street::tell() const {
  using Wide = unsigned long long;
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const double cpu = static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                     static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
  const double untilLast = static_cast<double>(lastAckUs_ > startUs_ ? lastAckUs_ - startUs_ : 0) / 1e6;
  const double span = untilLast - options_.warmUpSeconds;
  Wide made = 0, delivered = 0, up = 0, dials = 0, overwritten = 0;
  for (const auto &meter : meters_) {
    made += meter->made();
    delivered += meter->meter().delivered();
    up += meter->meter().isUp() ? 1 : 0;
    dials += meter->dials;
    overwritten += meter->meter().log().overwritten();
  }
  printf("{\"meters\":%zu,\"up\":%llu,\"made\":%llu,\"delivered\":%llu,\"waiting\":%llu,\"overwritten\":%llu,"
         "\"dials\":%llu,\"perSecond\":%.1f,\"cpuSeconds\":%.3f,\"memoryKb\":%ld,",
         meters_.size(), up, made, delivered, static_cast<Wide>(waiting()), overwritten, dials,
         span > 0 ? static_cast<double>(deliveredAfterWarmUp_) / span : 0.0, cpu, usage.ru_maxrss);
  printf("\"clocked\":%llu,\"p50Us\":%llu,\"p99Us\":%llu,\"p999Us\":%llu,\"mostUs\":%llu,\"each\":[",
         static_cast<Wide>(took_.count()), static_cast<Wide>(took_.percentile(0.5)),
         static_cast<Wide>(took_.percentile(0.99)), static_cast<Wide>(took_.percentile(0.999)),
         static_cast<Wide>(took_.most()));
  for (const auto &meter : meters_) {
    const jirani::EnergyTotals last = meter->metering().registers().totals();
    const auto mwh = [](uint64_t uj) { return static_cast<Wide>(uj / jirani::microJoulesPerMwh); };
    printf("%s\n{\"id\":\"%s\",\"first\":%llu,\"last\":%llu,\"acknowledged\":%llu,\"delivered\":%llu,"
           "\"firstMwh\":[%llu,%llu,%llu],\"lastMwh\":[%llu,%llu,%llu]}",
           meter == meters_.front() ? "" : ",", meter->credentials().id.c_str(),
           static_cast<Wide>(meter->firstSequence), static_cast<Wide>(meter->meter().log().lastSequence()),
           static_cast<Wide>(meter->meter().acknowledged()), static_cast<Wide>(meter->meter().delivered()),
           mwh(meter->firstEnergy.importUj), mwh(meter->firstEnergy.exportUj), mwh(meter->firstEnergy.generationUj),
           mwh(last.importUj), mwh(last.exportUj), mwh(last.generationUj));
  }
  printf("]}\n");
}

}  // namespace vmeter
