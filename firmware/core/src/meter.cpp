#include "jirani/meter.h"

#include <string.h>

#include "jirani/config.h"
#include "jirani/planted_fault.h"
#include "jirani/text.h"

namespace jirani {
namespace {

constexpr char topicRoot[] = "jirani/v1/meters/";

bool writeTopic(char *topic, const char *id, const char *tail) {
  // The end of the text is one of its bytes.
  TextWriter out(topic, topicBytesMax - 1);
  out.text(topicRoot).text(id).text(tail);
  topic[out.length()] = 0;
  return out.isWhole();
}

}  // namespace

Meter::Meter(const MeterParts &parts, const MeterSettings &settings)
    : parts_(parts),
      settings_(settings),
      chance_(settings.chanceSeed),
      backOff_(settings.backOffFirstMs, settings.backOffMaxMs) {}

bool Meter::begin(const Calibration &calibration, uint64_t nowMs) {
  nowMs_ = keptAtMs_ = stateAtMs_ = nowMs;
  floor_ = parts_.floor.load();
  if (!log_.begin(parts_.flash, 0)) return false;
  // The floor runs ahead, so a log that is whole is at most a step behind it; one that was wiped begins there.
  const bool isWiped = log_.wasEmpty() || log_.lastSequence() + sequenceFloorStep < floor_;
  if (isWiped && !log_.begin(parts_.flash, floor_)) return false;
  for (uint32_t index = 0; index < log_.slots(); index++) {
    Slot slot;
    if (log_.slotAt(index, slot) && slot.kind == SlotKind::command) restoreCommand(slot.data, slot.length, obeyed_);
  }
  parts_.metering.begin(calibration, log_.checkpoint());
  uint8_t psk[sha256Bytes];
  pskOf(settings_.secret, psk);
  commandKeyOf(psk, commandKey_);
  dialAtMs_ = nowMs;
  parts_.house.setRelay(true);
  return isPlainName(settings_.id, strlen(settings_.id), meterIdMax) &&
         writeTopic(prefix_, settings_.id, "/cmd/") && writeTopic(readingTopic_, settings_.id, "/reading") &&
         writeTopic(statusTopic_, settings_.id, "/status");
}

bool Meter::takeReading(uint64_t nowMs) {
  nowMs_ = nowMs;
  keepFloor();
  const WallTime wall = parts_.time.wallTime();
  const Measurement &measured = parts_.metering.last();
  Reading reading{};
  reading.boot = settings_.boot;
  reading.unixSeconds = wall.unixSeconds;
  reading.timeQuality = wall.quality;
  reading.uptimeSeconds = parts_.time.uptimeSeconds();
  reading.powerMw = measured.powerMw;
  reading.voltageMv = measured.voltageMv;
  reading.currentMa = measured.currentMa;
  reading.frequencyMhz = measured.frequencyMhz;
  reading.energy = parts_.metering.registers().totals();
  const bool isLinkDown = !isUp();
  reading.flags = static_cast<uint16_t>(parts_.metering.takeFlags() | (isLinkDown ? flagLinkDown : 0) |
                                        (hasFlashFault_ ? flagFault : 0));
  if (isLinkDown) live_.end();
  else if (!live_.isOpen() && waiting() >= backlogBeforeTurns && live_.begin(log_.lastSequence() + 1))
    log_.seekToEnd(LogCursor::live);
  const uint32_t faults = log_.faults();
  const bool isKept = log_.append(reading);
  hasFlashFault_ = log_.faults() != faults;
  if (!isKept) counts_.unkeptReadings++;
  keptAtMs_ = nowMs;
  supply_.measured(reading.powerMw, nowMs);
  setRelay();
  say();
  return isKept;
}

/** The floor is written before the numbers below it are used. */
void Meter::keepFloor() {
  const uint64_t wanted = log_.lastSequence() + sequenceFloorStep;
  if (wanted < floor_ + sequenceFloorStep / 2 && floor_ > log_.lastSequence()) return;
  if (parts_.floor.store(wanted)) floor_ = wanted;
}

bool Meter::wantsToDial(uint64_t nowMs) {
  if (isDialled_ || nowMs < dialAtMs_) return false;
  isDialled_ = true;
  return true;
}

void Meter::opened(uint64_t nowMs) {
  nowMs_ = nowMs;
  const MqttOptions options{settings_.id,  settings_.id, settings_.secret,
                            statusTopic_, "offline",    settings_.keepAliveSeconds};
  mqtt_.connect(parts_.transport, *this, options, nowMs);
}

void Meter::feed(const uint8_t *bytes, size_t length, uint64_t nowMs) {
  nowMs_ = nowMs;
  mqtt_.feed(bytes, length, nowMs);
}

void Meter::lost(uint64_t nowMs) {
  nowMs_ = nowMs;
  mqtt_.lost();
  isDialled_ = false;
  dialAtMs_ = nowMs + backOff_.nextMs(chance_);
}

void Meter::tick(uint64_t nowMs) {
  nowMs_ = nowMs;
  mqtt_.tick(nowMs);
  setRelay();
  if (nowMs - keptAtMs_ >= noteMs) keepNote();
  if (nowMs - stateAtMs_ >= stateMs) mentionState();
  say();
}

/** Registers and acknowledgement, for when no reading carries them. */
void Meter::keepNote() {
  keptAtMs_ = nowMs_;
  const Checkpoint now = parts_.metering.checkpoint();
  const Checkpoint &kept = log_.checkpoint();
  const bool isSame =
      memcmp(&now.energy, &kept.energy, sizeof now.energy) == 0 && now.latchedFlags == kept.latchedFlags;
  if (!isSame || !log_.isAcknowledgementKept()) log_.note(now);
}

void Meter::mqttUp(bool) {
  isStatusDue_ = isInfoDue_ = true;
  char filter[topicBytesMax];
  if (!writeTopic(filter, settings_.id, "/cmd/#")) return;
  mqtt_.subscribe(filter, nowMs_);
  mqtt_.subscribe(hubTimeTopic, nowMs_);
  say();
}

void Meter::mqttDelivered() {
  const InFlight what = inFlight_;
  inFlight_ = InFlight::nothing;
  if (what == InFlight::live) live_.deliver(inFlightSequence_);
  if (what == InFlight::backlog) log_.acknowledge(inFlightSequence_);
  if (what == InFlight::live || what == InFlight::backlog) readingDelivered();
  say();
}

void Meter::readingDelivered() {
  backOff_.succeeded();
  delivered_++;
  lastDelivered_ = inFlightSequence_;
}

/** One thing at a time: who I am, what became of commands, then what was measured. */
void Meter::say() {
  if (!isUp() || mqtt_.isInFlight()) return;
  if (isStatusDue_) isStatusDue_ = !sayStatus();
  else if (isInfoDue_) isInfoDue_ = !sayInfo();
  else if (outcomesCount_ > 0) sayOutcome();
  else sayReading();
}

bool Meter::sayStatus() {
  inFlight_ = InFlight::status;
  return mqtt_.publish(statusTopic_, reinterpret_cast<const uint8_t *>("online"), 6, true, nowMs_);
}

bool Meter::sayInfo() {
  char topic[topicBytesMax], info[infoBytesMax];
  const Calibration &calibration = parts_.metering.calibration();
  TextWriter out(info, sizeof info);
  out.text("{\"v\":1,\"fw\":\"").text(settings_.firmware).text("\",\"frontend\":\"").text(settings_.frontend);
  out.text("\",\"settlement\":").text(settings_.isForSettlement ? "true" : "false");
  out.text(",\"calibration\":").number(calibration.number).text(",\"calibrated\":").number(calibration.madeAt);
  out.text(",\"alg\":\"").text(parts_.signer.algorithm()).text("\"");
  const uint8_t *publicKey = parts_.signer.publicKey();
  if (publicKey != nullptr) out.text(",\"key\":\"").base64(publicKey, 32).text("\"");
  out.text("}");
  inFlight_ = InFlight::info;
  // What does not fit will not fit later either.
  if (!out.isWhole() || !writeTopic(topic, settings_.id, "/info")) return true;
  return mqtt_.publish(topic, reinterpret_cast<uint8_t *>(info), out.length(), true, nowMs_);
}

bool Meter::sayOutcome() {
  const Outcome outcome = outcomes_[0];
  char topic[topicBytesMax], tail[8 + commandIdMax], text[96];
  TextWriter end(tail, sizeof tail - 1);
  end.text("/ack/").text(outcome.id);
  tail[end.length()] = 0;
  TextWriter out(text, sizeof text);
  out.text("{\"v\":1,\"id\":\"").text(outcome.id).text("\",\"outcome\":\"").text(outcome.word).text("\"}");
  if (!writeTopic(topic, settings_.id, tail)) return false;
  inFlight_ = InFlight::outcome;
  if (!mqtt_.publish(topic, reinterpret_cast<uint8_t *>(text), out.length(), false, nowMs_)) return false;
  outcomesCount_--;
  memmove(outcomes_, outcomes_ + 1, outcomesCount_ * sizeof(Outcome));
  return true;
}

/** The oldest that waits; what went ahead of it is passed over. */
bool Meter::nextBacklog(Reading &reading) {
  while (log_.next(LogCursor::backlog, log_.acknowledged(), reading)) {
    const uint64_t passed = live_.passOver(reading.sequence);
    if (passed == 0) return true;
    log_.acknowledge(passed);
  }
  return false;
}

bool Meter::sayReading() {
  Reading reading;
  isLiveTurn_ = !isLiveTurn_;
  if (live_.isOpen() && isLiveTurn_ && log_.next(LogCursor::live, live_.lastDelivered(), reading))
    return tell(reading, InFlight::live);
  return nextBacklog(reading) && tell(reading, InFlight::backlog);
}

bool Meter::tell(const Reading &reading, InFlight what) {
  char payload[payloadBytesMax];
  const size_t length = sealReading(reading, readingTopic_, parts_.signer, payload, sizeof payload);
  inFlight_ = what;
  inFlightSequence_ = reading.sequence;
  if (isPlanted(PlantedFault::acknowledgeFirst)) {
    log_.acknowledge(reading.sequence);
    readingDelivered();
    inFlight_ = InFlight::nothing;
  }
  return length > 0 && mqtt_.publish(readingTopic_, reinterpret_cast<uint8_t *>(payload), length, false, nowMs_);
}

void Meter::mentionState() {
  if (!isUp()) return;
  stateAtMs_ = nowMs_;
  const Measurement &now = parts_.metering.last();
  char topic[topicBytesMax], text[192];
  TextWriter out(text, sizeof text);
  out.text("{\"v\":1,\"p\":").signedNumber(now.powerMw).text(",\"u\":").number(now.voltageMv);
  out.text(",\"i\":").number(now.currentMa).text(",\"f\":").number(now.frequencyMhz);
  out.text(",\"pf\":").number(now.powerFactorPermille).text(",\"relay\":").text(isRelayClosed_ ? "true" : "false");
  out.text(",\"waiting\":").number(waiting()).text("}");
  if (writeTopic(topic, settings_.id, "/state"))
    mqtt_.mention(topic, reinterpret_cast<uint8_t *>(text), out.length(), true, nowMs_);
}

}  // namespace jirani
