// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// How a new version is released. Of the parts named after strategies only the chosen one's counts.
///
/// @param steps of strategy `canary`: whom the new version serves, in rising order; none means that
///   it is promoted as soon as it is ready, which only `undo` asks for
/// @param bake how long the new version serves nearly everything before the old one goes
/// @param maxWait how long a release waits for somebody or something (a gate, a pause, a place)
///   until it is given up: then the old version has everything again
/// @param after Services, `name` or `namespace/name`, whose wanted versions must serve before a
///   release begins
/// @param rollbackWindow `undo` to one of so many versions that served last skips the steps; 0 to
///   50
/// @param traffic that gateways make themselves to reach the sample; none if not given
/// @param capacity where the replicas of the new version find room
public record ReleaseSpec(
    @Default("canary") Strategy strategy,
    @Default("[{weight: 1}, {weight: 5}, {weight: 25}, {weight: 50}]") List<Step> steps,
    @Default("{}") AnalysisSpec analysis,
    @Default("{}") BakeSpec bake,
    @Default("{}") BlueGreenSpec blueGreen,
    @Default("{}") RollingSpec rolling,
    @Default("{}") ShadowSpec shadow,
    @Default("24h") Duration maxWait,
    @Default("3") int rollbackWindow,
    @Default("[]") List<String> after,
    Optional<GeneratedTraffic> traffic,
    @Default("auto") Capacity capacity) {
  public static final Duration DAY = Duration.ofHours(24);

  public ReleaseSpec {
    steps = List.copyOf(steps);
    after = List.copyOf(after);
  }

  /// One without a bake that waits for no other Service.
  public ReleaseSpec(Strategy strategy, List<Step> steps, AnalysisSpec analysis) {
    this(strategy, steps, analysis, List.of());
  }

  /// One without a bake.
  public ReleaseSpec(
      Strategy strategy, List<Step> steps, AnalysisSpec analysis, List<String> after) {
    this(
        strategy,
        steps,
        analysis,
        BakeSpec.NONE,
        BlueGreenSpec.PLAIN,
        RollingSpec.ONE_BY_ONE,
        ShadowSpec.TENTH,
        DAY,
        3,
        after,
        Optional.empty());
  }

  /// One that takes the first room that there is.
  public ReleaseSpec(
      Strategy strategy,
      List<Step> steps,
      AnalysisSpec analysis,
      BakeSpec bake,
      BlueGreenSpec blueGreen,
      RollingSpec rolling,
      ShadowSpec shadow,
      Duration maxWait,
      int rollbackWindow,
      List<String> after,
      Optional<GeneratedTraffic> traffic) {
    this(
        strategy,
        steps,
        analysis,
        bake,
        blueGreen,
        rolling,
        shadow,
        maxWait,
        rollbackWindow,
        after,
        traffic,
        Capacity.AUTO);
  }

  /// Of a rollout that somebody asked for by `undo`: back to what was proven before, so that there
  /// is nothing to take steps for.
  public boolean undo() {
    return steps.isEmpty();
  }

  /// The same with other steps.
  public ReleaseSpec withSteps(List<Step> other) {
    return new ReleaseSpec(
        strategy,
        other,
        analysis,
        bake,
        blueGreen,
        rolling,
        shadow,
        maxWait,
        rollbackWindow,
        after,
        traffic,
        capacity);
  }

  /// The same with another bake.
  public ReleaseSpec withBake(BakeSpec other) {
    return new ReleaseSpec(
        strategy,
        steps,
        analysis,
        other,
        blueGreen,
        rolling,
        shadow,
        maxWait,
        rollbackWindow,
        after,
        traffic,
        capacity);
  }

  /// The same with requests of gateways' own, or without.
  public ReleaseSpec withTraffic(Optional<GeneratedTraffic> other) {
    return new ReleaseSpec(
        strategy,
        steps,
        analysis,
        bake,
        blueGreen,
        rolling,
        shadow,
        maxWait,
        rollbackWindow,
        after,
        other,
        capacity);
  }

  /// The same after these Services.
  public ReleaseSpec withAfter(List<String> names) {
    return new ReleaseSpec(
        strategy,
        steps,
        analysis,
        bake,
        blueGreen,
        rolling,
        shadow,
        maxWait,
        rollbackWindow,
        names,
        traffic,
        capacity);
  }

  /// The same with room there.
  public ReleaseSpec withCapacity(Capacity room) {
    return new ReleaseSpec(
        strategy,
        steps,
        analysis,
        bake,
        blueGreen,
        rolling,
        shadow,
        maxWait,
        rollbackWindow,
        after,
        traffic,
        room);
  }

  /// Where the replicas of a new version find room on Targets whose capacity is known.
  public enum Capacity implements Text {
    /// The first of the others that there is room for, without leaving nothing that serves.
    AUTO("auto"),
    /// Beside the old ones.
    SURGE("surge"),
    /// In the places of old ones, which go first.
    IN_PLACE("inPlace"),
    /// Beside the old ones, in the places of other Services' replicas that those lend.
    BORROW("borrow");

    private final String text;

    Capacity(String text) {
      this.text = text;
    }

    @Override
    public String text() {
      return text;
    }
  }

  public enum Strategy implements Text {
    /// A rising share of the requests, judged against the rest.
    CANARY("canary"),
    /// A full second set, one switch, and the old set kept for a while.
    BLUE_GREEN("blueGreen"),
    /// Replica by replica.
    ROLLING("rolling"),
    /// Copies of requests first, whose answers nobody is given.
    SHADOW("shadow"),
    /// The old replicas go before the new ones come: nothing is served in between.
    RECREATE("recreate");

    private final String text;

    Strategy(String text) {
      this.text = text;
    }

    @Override
    public String text() {
      return text;
    }
  }

  /// One step of a canary.
  ///
  /// @param weight share of the requests (of those that match) that the canary gets, in percent,
  ///   above 0 and below 100; 100 only where it matches some and is not analysed
  /// @param match whose requests the step is about; empty means everybody's. The weight is of
  ///   these, all others stay with the stable version
  /// @param analysis whether the step is passed by proof; without it by time alone
  /// @param pause the step lasts at least so long
  /// @param gate somebody must say `weir rollout promote` (or `resume`) before it goes on
  /// @param metrics what this step must prove otherwise, by metric
  public record Step(
      double weight,
      @Default("[]") List<Match> match,
      @Default("true") boolean analysis,
      Optional<Duration> pause,
      @Default("false") boolean gate,
      @Default("{}") Map<String, StepMetric> metrics) {
    public Step {
      match = List.copyOf(match);
      metrics = Map.copyOf(metrics);
    }

    /// Everybody's requests, passed by proof.
    public Step(double weight) {
      this(weight, List.of(), true, Optional.empty(), false, Map.of());
    }
  }

  /// Fits a request that has all the headers and, where tenants are named, is of one of them.
  ///
  /// @param headers values by lower-case name
  /// @param tenants namespaces that keys belong to
  public record Match(
      @Default("{}") Map<String, String> headers, @Default("[]") List<String> tenants) {
    public Match {
      headers = Map.copyOf(headers);
      tenants = List.copyOf(tenants);
    }
  }

  /// What is different in one step; what is left out stays as in the whole release. Only what a
  /// step must prove may differ: harm is measured by one tolerance from the first request to the
  /// last.
  ///
  /// @param margin how much worse must be excluded before the step is passed
  /// @param gating whether the metric must pass its margin
  public record StepMetric(Optional<Percentage> margin, Optional<Boolean> gating) {}

  /// The last part of a release (phase `Promoting`): the new version serves all but the holdback,
  /// is compared with it all the time, and is reverted at once if it does harm.
  ///
  /// @param duration 0 for none
  /// @param holdback share that the old version keeps meanwhile; with 0 % there is nothing to
  ///   compare with, and only hard guards and external metrics watch
  public record BakeSpec(@Default("5m") Duration duration, @Default("5%") Percentage holdback) {
    public static final BakeSpec USUAL = new BakeSpec(Duration.ofMinutes(5), Percentage.of(5));
    public static final BakeSpec NONE = new BakeSpec(Duration.ZERO, Percentage.of(5));
  }

  /// @param preview whose requests the new set serves before the switch: half of these, so that it
  ///   is compared with the old one; empty means nobody's
  /// @param mirror share of the requests that are copied to the new set before the switch, where
  ///   nobody is given its answers; 0 for none
  /// @param gate somebody must say `weir rollout promote` before the switch
  /// @param keepFor how long the old set is kept after the bake, for an instant switch back
  public record BlueGreenSpec(
      @Default("[]") List<Match> preview,
      @Default("0%") Percentage mirror,
      @Default("false") boolean gate,
      @Default("1h") Duration keepFor) {
    public static final BlueGreenSpec PLAIN =
        new BlueGreenSpec(List.of(), Percentage.of(0), false, Duration.ofHours(1));

    public BlueGreenSpec {
      preview = List.copyOf(preview);
    }
  }

  /// @param maxSurgeGpus accelerators beyond those of all replicas that may be taken on the way; a
  ///   replica's own if not given and no replica may be missing. A replica without accelerators
  ///   counts as one
  /// @param maxUnavailableGpus accelerators whose replicas may be missing on the way
  /// @param settle how long each new replica serves, watched, before the next is begun
  public record RollingSpec(
      Optional<Integer> maxSurgeGpus,
      @Default("0") int maxUnavailableGpus,
      @Default("30s") Duration settle) {
    public static final RollingSpec ONE_BY_ONE =
        new RollingSpec(Optional.empty(), 0, Duration.ofSeconds(30));
  }

  /// @param sample share of the requests that are copied to the new version, above 0 %
  /// @param promote goes on by itself when the copies have proven it; otherwise it waits for `weir
  ///   rollout promote`
  public record ShadowSpec(@Default("10%") Percentage sample, @Default("false") boolean promote) {
    public static final ShadowSpec TENTH = new ShadowSpec(Percentage.of(10), false);
  }

  /// The statistics of a release; names and defaults as in the canary-statistics reference.
  ///
  /// @param alpha chance that a version within its tolerances is ever rolled back, per rollout
  /// @param beta chance that a step is passed by a version worse than its margins, per step
  /// @param minStepDuration a step lasts at least so long
  /// @param maxStepDuration without a verdict by then the step is inconclusive
  /// @param dispersion `auto`, or the divisor phi (1 or more) for noise private to one arm
  /// @param metrics overrides per metric: `error`, `fast_error`, `truncated`, `empty`, `refusal`,
  ///   `invalid_json`, `repetition`, `ttft`, `itl`, `e2e_per_token`, `length_up`, `length_down`,
  ///   `quality`
  /// @param grading by whom `quality` is known; nobody if not given, and then there is no `quality`
  public record AnalysisSpec(
      @Default("0.01") double alpha,
      @Default("0.05") double beta,
      @Default("2m") Duration minStepDuration,
      @Default("30m") Duration maxStepDuration,
      @Default("pause") OnInconclusive onInconclusive,
      @Default("auto") Dispersion dispersion,
      @Default("{}") Map<String, MetricSpec> metrics,
      @Default("[]") List<ExternalMetric> external,
      Optional<GradingSpec> grading) {
    public AnalysisSpec {
      external = List.copyOf(external);
      metrics = Map.copyOf(metrics);
    }

    /// One without external metrics and grades.
    public AnalysisSpec(
        double alpha,
        double beta,
        Duration minStepDuration,
        Duration maxStepDuration,
        OnInconclusive onInconclusive,
        Dispersion dispersion,
        Map<String, MetricSpec> metrics) {
      this(
          alpha,
          beta,
          minStepDuration,
          maxStepDuration,
          onInconclusive,
          dispersion,
          metrics,
          List.of(),
          Optional.empty());
    }

    /// The same with answers graded.
    public AnalysisSpec graded(GradingSpec by) {
      return new AnalysisSpec(
          alpha,
          beta,
          minStepDuration,
          maxStepDuration,
          onInconclusive,
          dispersion,
          metrics,
          external,
          Optional.of(by));
    }
  }

  /// A guard that an external provider measures, with the semantics of Argo Rollouts. Missing data,
  /// or a provider that does not answer, never counts against the version: either holds the step.
  ///
  /// @param successCondition what each value of the result must be: `<`, `<=`, `>`, `>=`, `==` or
  ///   `!=` and a number
  /// @param interval between two measurements
  /// @param count measurements that a step needs and takes; without it at least one, on and on
  /// @param failureLimit measurements of a step that may be wrong
  /// @param inconclusiveLimit measurements of a step that may have no data
  /// @param consecutiveErrorLimit errors in a row that may come
  /// @param action what follows when it has failed
  /// @param dryRun it is measured and shown and decides nothing
  public record ExternalMetric(
      String name,
      PrometheusQuery prometheus,
      String successCondition,
      @Default("1m") Duration interval,
      Optional<Integer> count,
      @Default("0") int failureLimit,
      @Default("0") int inconclusiveLimit,
      @Default("4") int consecutiveErrorLimit,
      @Default("rollback") MetricAction action,
      @Default("false") boolean dryRun) {}

  /// An instant query.
  ///
  /// @param url of the server, without `/api/v1`
  /// @param query in PromQL
  /// @param credential reference to a bearer token
  public record PrometheusQuery(URI url, String query, Optional<String> credential) {}

  public enum OnInconclusive implements Text {
    PAUSE("pause"),
    ROLLBACK("rollback");

    private final String text;

    OnInconclusive(String text) {
      this.text = text;
    }

    @Override
    public String text() {
      return text;
    }
  }

  /// Overrides of one metric's defaults; what is left out keeps its default.
  ///
  /// @param weight share of alpha, above 0
  /// @param tolerance how much worse than the baseline is still no harm
  /// @param margin how much worse must be excluded before a step is passed
  /// @param gating whether the metric must pass its margin before a step is passed
  /// @param action what follows when it is proven worse than its tolerance; `rollback` if not given
  /// @param dryRun it is watched and shown and decides nothing; its share of alpha stays unused
  public record MetricSpec(
      Optional<Double> weight,
      Optional<Percentage> tolerance,
      Optional<Percentage> margin,
      Optional<Boolean> gating,
      Optional<MetricAction> action,
      @Default("false") boolean dryRun) {}

  /// What follows when a metric is proven worse than its tolerance.
  public enum MetricAction implements Text {
    /// The release is reverted.
    ROLLBACK("rollback"),
    /// The weight stays where it is: somebody decides.
    HOLD("hold"),
    /// It is said, and nothing stops for it.
    WARN("warn");

    private final String text;

    MetricAction(String text) {
      this.text = text;
    }

    @Override
    public String text() {
      return text;
    }
  }

  /// The dispersion divisor phi.
  public sealed interface Dispersion {
    /// Weir chooses; until it has calibrated history that means 15, and the evidence says so.
    record Auto() implements Dispersion {}

    /// @param phi 1 or more
    record Fixed(double phi) implements Dispersion {
      public Fixed {
        if (!(phi >= 1 && phi < Double.POSITIVE_INFINITY)) {
          throw new IllegalArgumentException("dispersion is `auto` or a number from 1 up: " + phi);
        }
      }
    }
  }
}
