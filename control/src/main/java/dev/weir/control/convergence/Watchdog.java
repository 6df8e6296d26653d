// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.convergence;

import dev.weir.control.convergence.ConvergenceAlarm.Reason;
import dev.weir.control.meter.GaugeTable;
import dev.weir.control.observation.ControlClock;
import dev.weir.control.observation.GatewayRegistry;
import dev.weir.control.observation.GatewayRegistry.Convergence;
import dev.weir.control.observation.GatewayState;
import dev.weir.control.observation.ResourceSnapshot;
import dev.weir.control.publication.PublicationHistory;
import dev.weir.control.publication.Publisher;
import dev.weir.model.Rollout;
import dev.weir.model.status.RolloutPhase;
import dev.weir.snapshot.metric.Metric;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Raises an alarm for each rollback without a version to return to, and for each gateway that does
/// not serve the published snapshot: immediately if its bytes are wrong, after [#REVERT_WITHIN] if
/// it has not acknowledged a rollback, after [#CONVERGE_WITHIN] for any other snapshot. It only
/// observes. The safety rules (no replica stops while a gateway may route to it; leases end by
/// themselves) do not depend on it.
///
/// One thread calls [#check]; any thread may read alarms.
public final class Watchdog {
  public static final Duration REVERT_WITHIN = Duration.ofSeconds(2);
  public static final Duration CONVERGE_WITHIN = Duration.ofSeconds(10);

  private static final Logger LOG = LoggerFactory.getLogger(Watchdog.class);
  private static final int MAX_ALARMS = 1_000;
  private static final int MAX_SERIES = 100;

  private final ResourceSnapshot.Reader resources;
  private final GatewayRegistry gateways;
  private final Publisher publisher;
  private final ControlClock clock;
  private final Duration revertPatience;
  private volatile Map<String, Raised> raised = Map.of();
  private volatile Optional<GaugeTable> gauge = Optional.empty();

  private record Raised(ConvergenceAlarm alarm, Instant since) {}

  /// @param revertPatience a gateway that is silent for longer sends no more requests to a canary
  public Watchdog(
      ResourceSnapshot.Reader resources,
      GatewayRegistry gateways,
      Publisher publisher,
      ControlClock clock,
      Duration revertPatience) {
    this.resources = resources;
    this.gateways = gateways;
    this.publisher = publisher;
    this.clock = clock;
    this.revertPatience = revertPatience;
  }

  /// The alarms of the last check.
  public List<ConvergenceAlarm> alarms() {
    return raised.values().stream().map(Raised::alarm).toList();
  }

  /// Registers the gauge `weir_control_gateway_unconverged{gateway,reason}` with the first 100
  /// alarms.
  public void bindTo(MeterRegistry registry) {
    gauge = Optional.of(new GaugeTable(registry, Metric.UNCONVERGED));
  }

  /// Evaluates all rollouts and gateways, and logs alarms that start and end.
  public void check() {
    Map<String, Raised> before = raised;
    Map<String, Raised> now = new TreeMap<>();
    for (ConvergenceAlarm alarm : evaluate()) {
      Raised known = before.get(alarm.key());
      now.put(alarm.key(), new Raised(alarm, known == null ? clock.now() : known.since()));
      if (known == null) {
        LOG.atError()
            .addKeyValue("event", "convergence.alarm")
            .addKeyValue("gateway", alarm.gateway())
            .addKeyValue("rollout", alarm.rollout())
            .addKeyValue("reason", alarm.reason().text())
            .addKeyValue("detail", alarm.detail())
            .log("The fleet does not converge to the published snapshot");
      }
    }
    before.forEach((key, old) -> {
      if (!now.containsKey(key)) {
        LOG.atInfo()
            .addKeyValue("event", "convergence.over")
            .addKeyValue("gateway", old.alarm().gateway())
            .addKeyValue("reason", old.alarm().reason().text())
            .addKeyValue("duration_ms", Duration.between(old.since(), clock.now()).toMillis())
            .log("The fleet converges to the published snapshot again");
      }
    });
    raised = Map.copyOf(now);
    gauge.ifPresent(table -> table.show(series(now)));
  }

  private static Map<Tags, Integer> series(Map<String, Raised> now) {
    Map<Tags, Integer> series = new HashMap<>();
    now.values().stream()
        .limit(MAX_SERIES)
        .map(Raised::alarm)
        .forEach(alarm ->
            series.put(Tags.of("gateway", alarm.gateway(), "reason", alarm.reason().text()), 1));
    return series;
  }

  private List<ConvergenceAlarm> evaluate() {
    Map<String, GatewayState> states = new TreeMap<>();
    gateways.states().forEach(state -> states.put(state.id(), state));
    List<ConvergenceAlarm> alarms = new ArrayList<>();
    for (Rollout rollout : resources.current().rollouts().values()) {
      if (rollout.status().phase() == RolloutPhase.PAUSED
          && rollout.status().ending().isPresent()) {
        alarms.add(
            new ConvergenceAlarm("", Reason.NO_TARGET, id(rollout), rollout.status().message()));
      }
      if (reverts(rollout)) {
        unreverted(rollout).stream()
            .flatMap(id -> Optional.ofNullable(states.get(id)).stream())
            .forEach(state -> alarms.add(revert(rollout, state)));
      }
    }
    states.values().forEach(state -> gatewayAlarm(state).ifPresent(alarms::add));
    return alarms.subList(0, Math.min(MAX_ALARMS, alarms.size()));
  }

  private boolean reverts(Rollout rollout) {
    return rollout.status().phase() == RolloutPhase.ROLLING_BACK
        && rollout.status().revertedAt().isEmpty()
        && rollout
            .status()
            .revertDecidedAt()
            .map(at -> clock.now().isAfter(at.plus(REVERT_WITHIN)))
            .orElse(false);
  }

  private List<String> unreverted(Rollout rollout) {
    String service = rollout.metadata().namespace() + "/" + rollout.spec().service();
    return publisher
        .settledSince(service, rollout.metadata().revision())
        .map(since -> gateways.convergence(since, publisher.encodedSnapshots(), revertPatience))
        .map(Convergence::waitingFor)
        .orElse(List.of());
  }

  private static ConvergenceAlarm revert(Rollout rollout, GatewayState state) {
    return new ConvergenceAlarm(
        state.id(),
        Reason.REVERT,
        id(rollout),
        GatewayText.unreverted(state, rollout.spec().from().toString()));
  }

  private static String id(Rollout rollout) {
    return rollout.metadata().namespace() + "/" + rollout.metadata().name();
  }

  private Optional<ConvergenceAlarm> gatewayAlarm(GatewayState state) {
    if (state.followsAnotherStore()) {
      return Optional.of(alarm(state, Reason.OTHER_STORE, GatewayText.otherStore(state)));
    }
    PublicationHistory publicationHistory = publisher.publicationHistory();
    if (publicationHistory.check(state.sequence(), state.format(), state.hash())
        == PublicationHistory.Check.WRONG) {
      return Optional.of(alarm(state, Reason.WRONG_HASH, GatewayText.wrongHash(state)));
    }
    Duration behind = GatewayLag.of(state, publicationHistory, clock.now());
    return behind.compareTo(CONVERGE_WITHIN) > 0
        ? Optional.of(
            alarm(
                state,
                Reason.BEHIND,
                GatewayText.lag(state, publisher.encodedSnapshots().sequence(), behind)))
        : Optional.empty();
  }

  private static ConvergenceAlarm alarm(GatewayState state, Reason reason, String detail) {
    return new ConvergenceAlarm(state.id(), reason, "", detail);
  }
}
