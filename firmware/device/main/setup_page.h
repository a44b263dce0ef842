/** The page of the setup access point. It is there only while the setup is open. */
#pragma once
#include "jirani/setup_form.h"
#include "jirani/setup_label.h"

namespace jirani {

class SetupPage {
 public:
  /** `claim` lives as long as the page. */
  bool open(const char *claim);
  void close();
  bool isOpen() const { return server_ != nullptr; }

  /** A request that somebody with the right code has made; false when there is none. */
  static bool takeRequest(SetupRequest &request);
  /** True once a new firmware is whole and waits for the restart. */
  static bool wantsRestart();
  /** What the page says about the calibration. */
  static void say(const char *words);

 private:
  void *server_ = nullptr;
};

}  // namespace jirani
