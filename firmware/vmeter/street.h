/** All virtual meters of one process, and their connections. */
#pragma once
#include <stdio.h>

#include <memory>
#include <unordered_map>
#include <vector>

#include "histogram.h"
#include "options.h"
#include "profile.h"
#include "virtual_meter.h"

namespace vmeter {

class Street {
 public:
  explicit Street(const Options &options) : options_(options) {}
  ~Street();

  /** Opens everything. False after saying why not. */
  bool open();
  /** Lives until the time is over, or `wantsToEnd` is. False when the profile is not to be understood. */
  bool live(const volatile bool &wantsToEnd);
  /** One JSON document on standard output. */
  void tell() const;

 private:
  bool readMeters();
  bool mayMeasure(const volatile bool &wantsToEnd) const;
  void measureDue(uint64_t nowUs);
  void measure(VirtualMeter &meter, uint64_t dueUs);
  void measureFlood(VirtualMeter &meter);
  void tickDue(uint64_t nowUs);
  void tick(VirtualMeter &meter);
  void hearAll(int waitMs);
  void hear(VirtualMeter &meter, uint32_t events);
  void watch(VirtualMeter &meter, bool isNew);
  void hangUp(VirtualMeter &meter);
  void note(VirtualMeter &meter);
  bool learn();
  void sayProgress(uint64_t nowUs);
  uint64_t waiting() const;

  Options options_;
  std::vector<std::unique_ptr<VirtualMeter>> meters_;
  std::unordered_map<std::string, VirtualMeter *> byId_;
  Histogram took_;
  Profile profile_;
  FILE *acks_ = nullptr;
  int poll_ = -1;
  uint64_t startUs_ = 0;
  uint64_t lastAckUs_ = 0;
  uint64_t lastTickUs_ = 0;
  uint64_t saidAtUs_ = 0;
  uint64_t deliveredAfterWarmUp_ = 0;
  size_t nextToMeasure_ = 0;
  size_t nextToTick_ = 0;
  bool isMeasuring_ = true;
};

/** Monotonic microseconds. */
uint64_t machineUs();

}  // namespace vmeter
