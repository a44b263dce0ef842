/** The main task of a meter: everything but measuring, turn after turn, and nothing in it waits. */
#pragma once
#include "captive_net.h"
#include "device_clock.h"
#include "hub_link.h"
#include "improv_port.h"
#include "jirani/image_trial.h"
#include "measuring.h"
#include "panel.h"
#include "setup_page.h"

namespace jirani {

struct LifeParts {
  const MeterConfig &config;
  Store &store;
  Source &source;
  Metering &metering;
  Meter &meter;
  HubLink &link;
  DeviceClock &clock;
  Panel &panel;
  /** For meter, metering and source. */
  Lock &lock;
  const char *firmware;
};

class Life {
 public:
  explicit Life(const LifeParts &parts);
  void begin();
  /** One turn, some times in a second. */
  void turn();

 private:
  void people();
  void openSetup();
  void closeSetup();
  void carryOut(const SetupRequest &request);
  void join(const WifiCredentials &wifi);
  void improv();
  void calibrate();
  void talk();
  void hear();
  void hangUp();
  void measure();
  void judgeImage();
  Light light() const;
  /** The newest registers go into the log before the power goes. */
  void restart();
  void newStart();
  ImprovFacts improvFacts() const;

  LifeParts p_;
  CaptiveNet captive_;
  SetupPage page_;
  ImprovPort improv_;
  ImageTrial trial_;
  char claim_[claimLetters + 1];
  bool hasWifi_ = false;
  uint64_t setupUntilMs_ = 0;
  uint64_t joiningUntilMs_ = 0;
  uint64_t readingDueMs_ = 0;
};

}  // namespace jirani
