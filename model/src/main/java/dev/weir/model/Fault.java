// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

import dev.weir.model.notation.Durations;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// A fault that is injected on purpose, to see how applications and Weir itself handle it. It ends
/// by itself.
///
/// @param name `<service>-flt-<revision>`, unique in the namespace and never used again
/// @param service that it is injected at
/// @param replica the only one that has it; empty for all
/// @param version the only one that has it; empty for all
/// @param share of the attempts that it strikes
/// @param status of a fault of kind `error`
/// @param delay of a fault of kind `delay`
/// @param after how many events a fault of kind `stall` or `cut` strikes
/// @param says what the probe claims in a fault of kind `health`
/// @param real whether it also strikes replicas that are not simulated
/// @param since when it began
/// @param until when it ends by itself
/// @param by the principal who injected it
/// @param reason in their words; empty when none was given
public record Fault(
    String name,
    String service,
    FaultKind kind,
    Optional<String> replica,
    Optional<VersionRef> version,
    @Default("100%") Percentage share,
    @Default("500") int status,
    @Default("0s") Duration delay,
    @Default("0") int after,
    @Default("ready") Says says,
    @Default("false") boolean real,
    Instant since,
    Instant until,
    @Default("") String by,
    @Default("") String reason) {

  /// What goes wrong.
  public enum FaultKind implements Text {
    /// An error status before the first byte; the replica is not asked.
    ERROR("error"),
    /// The replica is asked late.
    DELAY("delay"),
    /// The answer goes silent in its middle.
    STALL("stall"),
    /// The answer is cut off in its middle.
    CUT("cut"),
    /// The replica's probe lies.
    HEALTH("health");

    private final String text;

    FaultKind(String text) {
      this.text = text;
    }

    @Override
    public String text() {
      return text;
    }
  }

  /// What a probe claims that lies.
  public enum Says implements Text {
    /// Every request fails, and the probe goes on saying that all is well.
    READY("ready"),
    /// Nothing is wrong, and the probe fails.
    UNREADY("unready");

    private final String text;

    Says(String text) {
      this.text = text;
    }

    @Override
    public String text() {
      return text;
    }
  }

  /// Whether it is over.
  public boolean over(Instant now) {
    return !now.isBefore(until);
  }

  /// Whether it makes a sound replica look unready.
  public boolean hides() {
    return kind == FaultKind.HEALTH && says == Says.UNREADY;
  }

  /// Whether a replica of the Service has it.
  ///
  /// @param simulated whether its engine is
  public boolean appliesTo(String replicaName, VersionRef ref, boolean simulated) {
    return (real || simulated)
        && replica.map(replicaName::equals).orElse(true)
        && version.map(ref::equals).orElse(true);
  }

  /// What it does, in a few words: `cut after 10 events`.
  public String effect() {
    return switch (kind) {
      case ERROR -> "status " + status;
      case DELAY -> "delay of " + Durations.print(delay);
      case STALL -> "stall after " + after + " events";
      case CUT -> "cut after " + after + " events";
      case HEALTH ->
          switch (says) {
            case READY -> "dead behind a probe that says ready";
            case UNREADY -> "sound behind a probe that says unready";
          };
    };
  }

  /// Where it strikes: `chat-2-1`, `chat@2` or the Service.
  public String place() {
    return replica.orElseGet(() -> version.map(VersionRef::toString).orElse("all of " + service));
  }
}
