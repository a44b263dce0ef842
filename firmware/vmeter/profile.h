/**
 * A day's power as lines of `at_ms,meter,import_mw,export_mw,generation_mw,voltage_mv`: from that moment of the
 * neighbourhood on, until the meter's next line. In a file, or on standard input while the meters run.
 */
#pragma once
#include <functional>
#include <string>

#include "virtual_meter.h"

namespace vmeter {

class Profile {
 public:
  using Learn = std::function<void(const std::string &meter, const Flow &flow)>;

  /** False when there is no such file. */
  bool open(const std::string &name);
  /** Reads what there is. False when a line is not understood. */
  bool readOn(const Learn &learn);
  /** Standard input has ended. */
  bool isOver() const { return isOver_; }
  int descriptor() const { return descriptor_; }

 private:
  bool take(const std::string &line, const Learn &learn);

  int descriptor_ = -1;
  std::string rest_;
  bool isOver_ = false;
};

}  // namespace vmeter
