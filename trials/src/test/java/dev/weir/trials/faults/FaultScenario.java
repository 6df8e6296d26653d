// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.faults;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;

/// The faults that are injected again and again while clients send requests.
public enum FaultScenario {
  /// `kill -9` of an engine that the trial restarts.
  KILLED(Way.DIRECT, 1_500, true, (fleet, _) -> fleet.kill(1)),
  /// `kill -9` of an engine that Weir starts and restarts.
  KILLED_OWN(Way.OWN, 2_500, true, (fleet, own) -> fleet.kill(own.call())),
  /// Half of the engines are killed at once.
  ZONE_LOST(Way.DIRECT, 3_000, true, (fleet, _) -> fleet.kill(fleet.size() / 2)),
  /// SIGSTOP for longer than the timeouts.
  STOPPED(Way.DIRECT, 7_000, true, (fleet, _) -> fleet.stopOne()),
  RESET(Way.PROXIED, 2_500, true, (fleet, _) -> fleet.spoilOne(FaultProxy.Mode.RESET)),
  HALF_CLOSED(Way.PROXIED, 2_500, true, (fleet, _) -> fleet.spoilOne(FaultProxy.Mode.HALF_CLOSE)),
  GARBAGE(Way.PROXIED, 2_500, true, (fleet, _) -> fleet.spoilOne(FaultProxy.Mode.GARBAGE)),
  SLOWED(Way.PROXIED, 2_500, false, (fleet, _) -> fleet.spoilOne(FaultProxy.Mode.SLOW)),
  /// Its health check passes and every request fails.
  LYING(Way.DIRECT, 2_500, true, (fleet, _) -> fleet.misbehave("{\"healthLies\": 1}")),
  NO_METRICS(Way.PROXIED, 2_500, false, (fleet, _) -> fleet.spoilOne(FaultProxy.Mode.NO_METRICS)),
  HALF_SPEED(Way.DIRECT, 2_500, false, (fleet, _) -> fleet.misbehave("{\"latencyFactor\": 2}"));

  private final Way way;
  private final long holdMillis;
  private final boolean needsHelp;

  @SuppressWarnings("ImmutableEnumChecker") // functions without state
  private final Deed deed;

  FaultScenario(Way way, long holdMillis, boolean needsHelp, Deed deed) {
    this.way = way;
    this.holdMillis = holdMillis;
    this.needsHelp = needsHelp;
    this.deed = deed;
  }

  /// How the gateway reaches the engines.
  public enum Way {
    DIRECT("fleet"),
    PROXIED("wire"),
    /// Weir runs the engines.
    OWN("own");

    private final String service;

    Way(String service) {
      this.service = service;
    }

    /// The Service of these engines.
    public String service() {
      return service;
    }
  }

  @FunctionalInterface
  private interface Deed {
    void on(FaultyFleet fleet, Callable<List<Long>> own) throws Exception;
  }

  public Way way() {
    return way;
  }

  /// Milliseconds that the fault lasts.
  public long holdMillis() {
    return holdMillis;
  }

  /// Whether requests fail without retries and resumption.
  public boolean needsHelp() {
    return needsHelp;
  }

  /// Whether most engines are healthy all the time, so that retries are a small share of requests.
  public boolean sparesMost() {
    return this != ZONE_LOST;
  }

  /// @param own pids of Weir's own engines
  public void strike(FaultyFleet fleet, Callable<List<Long>> own) throws IOException {
    try {
      deed.on(fleet, own);
    } catch (Exception e) {
      throw new IOException(title() + " could not be done", e);
    }
  }

  public String title() {
    return name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
