/** What the hub tells a meter, and what becomes of it. */
#include <string.h>

#include "jirani/meter.h"

namespace jirani {

void Meter::mqttMessage(const char *topic, size_t topicLength, const uint8_t *payload, size_t length) {
  const char *text = reinterpret_cast<const char *>(payload);
  if (topicLength != sizeof hubTimeTopic - 1 || memcmp(topic, hubTimeTopic, topicLength) != 0)
    return hearCommand(topic, topicLength, text, length);
  uint32_t unixSeconds;
  if (readHubTime(text, length, unixSeconds)) parts_.time.hubSays(unixSeconds);
}

void Meter::hearCommand(const char *topic, size_t topicLength, const char *payload, size_t length) {
  Command command;
  switch (readCommand(topic, topicLength, prefix_, payload, length, commandKey_, command)) {
    case CommandReading::forged: counts_.forgedCommands++; return;
    case CommandReading::malformed: counts_.refusedCommands++; return answer(command.id, "malformed");
    case CommandReading::unknown: counts_.refusedCommands++; return answer(command.id, "unknown");
    case CommandReading::good: break;
  }
  const char *refusal = judge(command);
  if (refusal != nullptr) {
    counts_.refusedCommands++;
    return answer(command.id, refusal);
  }
  // Written down first: a command that a power cut interrupts is not obeyed twice.
  uint8_t kept[keptCommandBytes];
  packCommand(command, kept);
  obeyed_.remember(command.id, command.expiresAt);
  const bool isDone = log_.keepCommand(kept, sizeof kept) && obey(command);
  if (isDone) counts_.obeyedCommands++;
  else counts_.refusedCommands++;
  answer(command.id, isDone ? "done" : "failed");
}

/** Why a command is not obeyed; nullptr when it is. */
const char *Meter::judge(const Command &command) {
  const WallTime now = parts_.time.wallTime();
  if (now.quality == timeNeverSet) return "no-clock";
  if (command.expiresAt <= now.unixSeconds) return "expired";
  if (command.expiresAt - now.unixSeconds > commandLifeSecondsMax) return "too-long";
  if (obeyed_.knows(command.id)) return "repeated";
  return obeyed_.hasRoom(now.unixSeconds) ? nullptr : "too-many";
}

bool Meter::obey(const Command &command) {
  const uint64_t untilMs = nowMs_ + uint64_t{command.leaseSeconds} * 1000;
  switch (command.name) {
    case CommandName::limit: supply_.limit(command.limitWatts, untilMs); return true;
    case CommandName::identify: return parts_.house.identify(command.leaseSeconds);
    case CommandName::calibrate:
      return parts_.house.calibrate(command.voltagePpm, command.currentPpm, command.lagNs);
    case CommandName::relay: break;
  }
  if (command.isOn) supply_.switchOn();
  else supply_.switchOff(untilMs);
  setRelay();
  return isRelayClosed_ == supply_.isOn(nowMs_);
}

void Meter::setRelay() {
  const bool isOn = supply_.isOn(nowMs_);
  if (isOn != isRelayClosed_ && parts_.house.setRelay(isOn)) isRelayClosed_ = isOn;
}

/** An outcome that finds no room is told when the hub asks again. */
void Meter::answer(const char *id, const char *word) {
  if (id[0] == 0 || outcomesCount_ == outcomesMax) return;
  Outcome &outcome = outcomes_[outcomesCount_++];
  memcpy(outcome.id, id, sizeof outcome.id);
  outcome.word = word;
  say();
}

}  // namespace jirani
