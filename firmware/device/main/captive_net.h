/** The name server of the setup access point, which sends every phone to the setup page. */
#pragma once

namespace jirani {

class CaptiveNet {
 public:
  void open();
  /** Answers what has come; waits for nothing. */
  void turn();
  void close();

 private:
  int socket_ = -1;
};

}  // namespace jirani
