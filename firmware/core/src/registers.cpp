#include "jirani/registers.h"

#include "jirani/planted_fault.h"

namespace jirani {

constexpr int64_t njPerUj = 1'000;

bool Register::add(int64_t energyNj) {
  if (energyNj < 0) return false;
  const int64_t inAllNj = energyNj + partNj_;
  wholeUj_ += static_cast<uint64_t>(inAllNj / njPerUj);
  partNj_ = static_cast<uint32_t>(inAllNj % njPerUj);
  return true;
}

void Register::raiseTo(uint64_t storedUj) {
  if (storedUj > wholeUj_) wholeUj_ = storedUj;
}

uint64_t Register::milliwattHours() const {
  return wholeUj_ / microJoulesPerMwh;
}

bool Registers::add(const EnergyStep &step) {
  if (step.importNj < 0 || step.exportNj < 0 || step.generationNj < 0) return false;
  import_.add(step.importNj);
  export_.add(step.exportNj);
  generation_.add(step.generationNj);
  return true;
}

void Registers::restore(const EnergyTotals &stored) {
  import_.raiseTo(stored.importUj);
  export_.raiseTo(stored.exportUj);
  generation_.raiseTo(stored.generationUj);
}

EnergyTotals Registers::totals() const {
  uint64_t netUj = 0;
  if (isPlanted(PlantedFault::nettedRegisters))
    netUj = import_.microjoules() < export_.microjoules() ? import_.microjoules() : export_.microjoules();
  return {import_.microjoules() - netUj, export_.microjoules() - netUj, generation_.microjoules()};
}

}  // namespace jirani
