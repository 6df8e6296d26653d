// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.status;

import dev.weir.model.notation.Durations;
import dev.weir.model.value.Default;
import dev.weir.model.value.Percentage;
import dev.weir.model.value.Text;
import dev.weir.model.value.VersionRef;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// An injected fault, which tests how applications and Weir itself handle it. It ends
/// automatically.
///
/// @param name `<service>-flt-<revision>`, unique in the namespace and never used again
/// @param service the Service where it is injected
/// @param replica the only replica affected; empty for all
/// @param version the only version affected; empty for all
/// @param share share of attempts affected
/// @param status HTTP status of the response, for kind `error`
/// @param delay delay before the replica is called, for kind `delay`
/// @param after number of response events before a fault of kind `stall` or `cut` takes effect
/// @param probeResult what the health probe reports, for kind `health`
/// @param real whether it also affects replicas that are not simulated
/// @param since when it started
/// @param until when it ends automatically
/// @param by the principal that injected the fault
/// @param reason the reason given for the injection; empty when none was given
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
    @Default("ready") ProbeResult probeResult,
    @Default("false") boolean real,
    Instant since,
    Instant until,
    @Default("") String by,
    @Default("") String reason) {

  /// The kinds of fault.
  public enum FaultKind implements Text {
    /// An error status before the first byte; the replica is not called.
    ERROR("error"),
    /// The replica is called late.
    DELAY("delay"),
    /// The response stalls in the middle.
    STALL("stall"),
    /// The response is cut off in the middle.
    CUT("cut"),
    /// The replica's health probe reports a false result.
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

  /// The false result of a health probe.
  public enum ProbeResult implements Text {
    /// Every request fails, but the probe reports ready.
    READY("ready"),
    /// Requests succeed, but the probe fails.
    UNREADY("unready");

    private final String text;

    ProbeResult(String text) {
      this.text = text;
    }

    @Override
    public String text() {
      return text;
    }
  }

  /// Whether the fault has ended.
  public boolean hasEnded(Instant now) {
    return !now.isBefore(until);
  }

  /// Whether it makes a healthy replica appear unready.
  public boolean hidesReadiness() {
    return kind == FaultKind.HEALTH && probeResult == ProbeResult.UNREADY;
  }

  /// Whether it affects a replica of the Service.
  ///
  /// @param simulated whether the replica's engine is simulated
  public boolean appliesTo(String replicaName, VersionRef ref, boolean simulated) {
    return (real || simulated)
        && replica.map(replicaName::equals).orElse(true)
        && version.map(ref::equals).orElse(true);
  }

  /// A short description of its effect: `cut after 10 events`.
  public String effect() {
    return switch (kind) {
      case ERROR -> "status " + status;
      case DELAY -> "delay of " + Durations.print(delay);
      case STALL -> "stall after " + after + " events";
      case CUT -> "cut after " + after + " events";
      case HEALTH ->
          switch (probeResult) {
            case READY -> "fails although its probe reports ready";
            case UNREADY -> "healthy although its probe reports unready";
          };
    };
  }

  /// What it affects: `chat-2-1`, `chat@2` or the Service.
  public String place() {
    return replica.orElseGet(() -> version.map(VersionRef::toString).orElse("all of " + service));
  }
}
