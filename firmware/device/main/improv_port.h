/** Improv on the serial line of the logs: a browser on the USB cable tells the meter its Wi-Fi. */
#pragma once
#include "jirani/improv.h"

namespace jirani {

struct ImprovFacts {
  /** Somebody has pressed the button, or the meter knows no network yet. */
  bool isAllowed;
  bool isWifiUp;
  const char *firmware;
  const char *name;
};

class ImprovPort {
 public:
  void begin();
  /** Hears and answers what has come. True when there is a network to be joined. */
  bool turn(const ImprovFacts &facts, WifiCredentials &wifi);
  /** How joining went. */
  void joined(const ImprovFacts &facts);
  void couldNotJoin();

 private:
  bool obey(const ImprovFacts &facts, WifiCredentials &wifi);
  void say(ImprovType type, uint8_t value);
  void sayState(const ImprovFacts &facts);
  void sayAbout(const ImprovFacts &facts);
  void sayNothing(ImprovCommand command);

  ImprovReader reader_;
};

}  // namespace jirani
