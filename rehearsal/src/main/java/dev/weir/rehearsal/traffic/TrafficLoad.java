// SPDX-License-Identifier: Apache-2.0
package dev.weir.rehearsal.traffic;

import dev.weir.simulator.player.AnswerCheck;
import dev.weir.simulator.player.PlayerOptions;
import dev.weir.simulator.trace.TracePlan;
import dev.weir.simulator.trace.TraceSpec;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/// The requests to send: Poisson arrivals in an open loop. 70 % are streamed and 80 % are chats.
/// Prompts have at most 512 tokens, and answers have a fifth of the length of the Azure 2023
/// conversations, as in the demo.
///
/// @param rate mean requests per second, [#RATE_MIN] to [#RATE_MAX]
/// @param seed same seed, same requests at the same times
public record TrafficLoad(double rate, long seed) {
  public static final double RATE_MIN = 0.1;
  public static final double RATE_MAX = 500;

  private static final TracePlan.Shape SHAPE = new TracePlan.Shape(0.7, 0.8, 0.2, 512);

  /// More requests are not sent and count as failed.
  private static final int MAX_IN_FLIGHT = 1_024;

  private static final Duration REQUEST_TIMEOUT = Duration.ofMinutes(2);
  private static final Duration DRAIN_TIMEOUT = Duration.ofSeconds(30);

  /// @throws IllegalArgumentException naming the rate and its range
  public TrafficLoad {
    if (!(rate >= RATE_MIN && rate <= RATE_MAX)) {
      throw new IllegalArgumentException(
          "rate is " + rate + " requests per second, must be from 0.1 to 500");
    }
  }

  /// The options of the trace player.
  ///
  /// @param requestPrefix prefix of each `x-request-id`; differs between runs
  public PlayerOptions player(TrafficTarget target, String requestPrefix) {
    return new PlayerOptions(
        target.gateway(),
        target.service(),
        Optional.of(target.key()),
        new TracePlan(new TraceSpec.Poisson(rate), seed, SHAPE),
        Optional.empty(),
        Set.of(),
        requestPrefix,
        MAX_IN_FLIGHT,
        REQUEST_TIMEOUT,
        DRAIN_TIMEOUT,
        AnswerCheck.WELL_FORMED,
        target.ca());
  }
}
