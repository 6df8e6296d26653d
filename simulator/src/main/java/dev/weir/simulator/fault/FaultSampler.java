// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.fault;

import java.util.random.RandomGenerator;

/// Draws the faults of each request. Always draws the same number of values, so that a seed gives
/// the same results whichever faults are active. Confined to one thread.
public final class FaultSampler {
  private final RandomGenerator random;

  public FaultSampler(RandomGenerator random) {
    this.random = random;
  }

  /// The faults of one request. At most one of `error` to `cut` is true; the first in the order of
  /// the components wins.
  ///
  /// @param error fails with an error before the first byte
  /// @param reject is rejected for lack of capacity
  /// @param empty gets an empty answer
  /// @param stall the answer stalls
  /// @param cut the connection is closed
  /// @param wrong gets wrong words; this and the following can be combined with a stall or a cut
  /// @param refusal gets a refusal
  /// @param invalidJson a JSON answer is incomplete
  /// @param repetition the answer ends in a loop
  /// @param poor the answer begins with the marker of a poor answer
  public record SampledFaults(
      boolean error,
      boolean reject,
      boolean empty,
      boolean stall,
      boolean cut,
      boolean wrong,
      boolean refusal,
      boolean invalidJson,
      boolean repetition,
      boolean poor) {}

  public SampledFaults roll(FaultPlan plan) {
    boolean error = hit(plan, SimulatedFault.ERROR_RATE);
    boolean reject = hit(plan, SimulatedFault.REJECT_RATE) && !error;
    boolean refused = error || reject;
    boolean empty = hit(plan, SimulatedFault.EMPTY_ANSWER_RATE) && !refused;
    boolean stall = hit(plan, SimulatedFault.STALL_RATE) && !refused && !empty;
    boolean cut = hit(plan, SimulatedFault.CUT_RATE) && !refused && !empty && !stall;
    boolean wrong = hit(plan, SimulatedFault.WRONG_ANSWER_RATE) && !refused && !empty;
    boolean answers = !refused && !empty;
    boolean refusal = hit(plan, SimulatedFault.REFUSAL_RATE) && answers;
    boolean invalidJson = hit(plan, SimulatedFault.INVALID_JSON_RATE) && answers;
    boolean repetition = hit(plan, SimulatedFault.REPETITION_RATE) && answers;
    boolean poor = hit(plan, SimulatedFault.POOR_RATE) && answers;
    return new SampledFaults(
        error, reject, empty, stall, cut, wrong, refusal, invalidJson, repetition, poor);
  }

  private boolean hit(FaultPlan plan, SimulatedFault rate) {
    return random.nextDouble() < plan.get(rate);
  }
}
