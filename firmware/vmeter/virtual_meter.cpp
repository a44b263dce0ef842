#include "virtual_meter.h"

#include <stdio.h>

namespace vmeter {
namespace {

using namespace jirani;

/** The longest stretch that a metering chip tells at once. */
constexpr int64_t incrementMs = 60'000;
constexpr int64_t nanojoulesPerMwMs = 1'000;
constexpr uint32_t backOffFirstMs = 200;
constexpr uint32_t nominalMv = 230'000;

Increment incrementOf(const Flow &flow, int64_t ms) {
  Increment said;
  said.energy = {flow.importMw * ms * nanojoulesPerMwMs, flow.exportMw * ms * nanojoulesPerMwMs,
                 flow.generationMw * ms * nanojoulesPerMwMs};
  said.durationUs = static_cast<uint32_t>(ms * 1'000);
  said.voltageMv = flow.voltageMv;
  const int64_t throughMw = flow.importMw + flow.exportMw;
  said.currentMa = static_cast<uint32_t>(throughMw * 1'000 / flow.voltageMv);
  said.frequencyMhz = 50'000;
  return said;
}

uint64_t sumOf(const std::string &text) {
  uint64_t sum = 14'695'981'039'346'656'037ull;
  for (const char letter : text) sum = (sum ^ static_cast<uint8_t>(letter)) * 1'099'511'628'211ull;
  return sum;
}

}  // namespace

VirtualMeter::VirtualMeter(const Options &options, const Credentials &credentials, uint32_t number)
    : options_(options),
      credentials_(credentials),
      signer_(credentials.seed),
      chance_(options.seed ^ sumOf(credentials.id)),
      floor_(credentials.lastSequence) {
  const uint32_t drawnBoot = chance_.next();
  const MeterParts parts{flash_, *this, signer_, connection_, *this, *this, metering_};
  const MeterSettings settings{credentials_.id.c_str(),
                               credentials_.secret.c_str(),
                               options.keepAliveSeconds,
                               options.boot != 0 ? options.boot : drawnBoot,
                               options.seed * 1'000'003 + number,
                               backOffFirstMs < options.backOffMaxMs ? backOffFirstMs : options.backOffMaxMs,
                               options.backOffMaxMs,
                               "vmeter",
                               options.source == Source::signals ? "signals" : "virtual",
                               false};
  meter_ = std::make_unique<Meter>(parts, settings);
  if (options.source == Source::signals) waves_ = std::make_unique<Waves>(options.seed + number);
}

std::string VirtualMeter::fileOf(const char *ending) const {
  return options_.flashFolder + "/" + credentials_.id + ending;
}

bool VirtualMeter::begin(uint64_t nowMs) {
  const bool isKept = !options_.flashFolder.empty();
  if (!flash_.open(isKept ? fileOf(".flash").c_str() : nullptr, options_.sectors)) return false;
  if (isKept)
    if (FILE *file = fopen(fileOf(".floor").c_str(), "r")) {
      unsigned long long floor = 0;
      if (fscanf(file, "%llu", &floor) == 1 && floor > floor_) floor_ = floor;
      fclose(file);
    }
  FlashLog log;
  if (!log.begin(flash_, floor_)) return false;
  // A meter that takes over where another one stopped.
  if (log.wasEmpty() && !log.note({credentials_.energy, 0})) return false;
  return meter_->begin(waves_ ? Waves::calibration() : Calibration{}, nowMs);
}

bool VirtualMeter::store(uint64_t floor) {
  if (!options_.flashFolder.empty()) {
    const std::string name = fileOf(".floor"), half = name + ".new";
    FILE *file = fopen(half.c_str(), "w");
    if (file == nullptr) return false;
    const bool isWritten = fprintf(file, "%llu\n", static_cast<unsigned long long>(floor)) > 0;
    if (fclose(file) != 0 || !isWritten || rename(half.c_str(), name.c_str()) != 0) return false;
  }
  floor_ = floor;
  return true;
}

WallTime VirtualMeter::wallTime() { return {static_cast<uint32_t>(atMs_ / 1'000), timeSynchronised}; }

/** Imports most of the time, exports sometimes, and generates a little whatever happens. */
void VirtualMeter::drawFlow() {
  const uint32_t draw = chance_.next();
  flow_.importMw = flow_.exportMw = 0;
  const int64_t powerMw = 1'000 + draw % 4'000'000;
  (draw >> 24) % 4 == 0 ? flow_.exportMw = powerMw : flow_.importMw = powerMw;
  flow_.generationMw = draw % 1'000'000;
  flow_.voltageMv = nominalMv - draw % 4'000;
}

void VirtualMeter::pass(int64_t untilMs) {
  while (atMs_ < untilMs) {
    int64_t stretchMs = untilMs - atMs_ < incrementMs ? untilMs - atMs_ : incrementMs;
    while (!flows_.empty() && flows_.front().fromMs <= atMs_) {
      flow_ = flows_.front();
      flows_.pop_front();
    }
    if (!flows_.empty() && flows_.front().fromMs - atMs_ < stretchMs) stretchMs = flows_.front().fromMs - atMs_;
    metering_.increment(incrementOf(flow_, stretchMs));
    atMs_ += stretchMs;
  }
}

bool VirtualMeter::measure(int64_t neighbourhoodMs, uint64_t nowMs, uint64_t due) {
  // With a clock, the registers it was given are those of the clock's beginning.
  if (atMs_ == 0) atMs_ = startMs_ = options_.hasClock ? options_.clockUnixMs : neighbourhoodMs - 1'000;
  if (options_.source == Source::drawn) drawFlow();
  if (waves_) {
    const int64_t ms = neighbourhoodMs - atMs_;
    waves_->feed(metering_, ms < incrementMs ? ms : incrementMs);
    atMs_ = neighbourhoodMs;
  } else {
    pass(neighbourhoodMs);
  }
  const uint64_t sequence = meter_->log().lastSequence() + 1;
  clocked_[sequence % clockedMax] = due;
  if (!meter_->takeReading(nowMs)) return false;
  if (made_++ == 0) {
    firstSequence = sequence;
    firstEnergy = metering_.registers().totals();
  }
  return true;
}

uint64_t VirtualMeter::tookUs(uint64_t sequence, uint64_t nowUs) const {
  const bool isClocked = meter_->log().lastSequence() - sequence < clockedMax;
  const uint64_t due = isClocked ? clocked_[sequence % clockedMax] : 0;
  return due == 0 || due > nowUs ? 0 : nowUs - due;
}

}  // namespace vmeter
