// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import dev.weir.analysis.metric.BaselineSeed;
import dev.weir.analysis.metric.MetricEvaluator;
import dev.weir.analysis.metric.Observation;
import dev.weir.analysis.metric.ReleaseMetric;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/// The canary analysis of one rollout.
///
/// The caller stores the cohorts and the state. It reads both, calls [#lookResult], and in one
/// transaction, by compare-and-set on [#stateVersion], writes the new state, deletes the finished
/// cohorts and records the effects of the verdict. Consuming a cohort again changes nothing; losing
/// the state costs half of alpha ([#afterLostState]).
///
/// Guarantee, if router and records behave as described: a canary within its tolerances is reverted
/// with probability at most alpha over all looks of the whole rollout, and a release (or a step, if
/// each has its own proof) is promoted against a gating metric's margin with probability at most
/// beta. The guarantee does *not* cover noise of a single pod; `dispersion` reduces its effect on
/// latencies.
///
/// Not thread-safe. A call that throws changes nothing.
public final class CanaryAnalysis {

  /// Share of each harm test's reserve that is paid out when the weight increases, because harm
  /// often starts with more traffic. It is fixed before the data, so the test stays valid.
  private static final double DEPOSIT_ON_NEW_WEIGHT = .25;

  /// The same for the many small increases of a ramp.
  private static final double DEPOSIT_ON_CLIMB = .1;

  /// Number of slices for which a cohort that was consumed before it was settled is retained, to
  /// count late records.
  private static final int SLICES_KEPT_FOR_LATE_RECORDS = 2;

  private final AnalysisPlan plan;
  private final double alpha;
  private final Map<ReleaseMetric, MetricTracker> tracks = new EnumMap<>(ReleaseMetric.class);
  private final Optional<FastErrorTracker> fast;
  private final Optional<RampTracker> ramp;
  private final Allocations allocations;
  private Agreement agreement;
  private final EvidenceHistory history;
  private final Horizons horizons;
  private final NavigableMap<Long, OpenCohort> open = new TreeMap<>();
  private Optional<AnalysisState.Step> step;
  private Optional<Long> begunMillis;
  private double highestWeight;
  private long lastOrdinal;
  private long doneCohorts;
  private long missingCohorts;
  private long stateVersion;
  private long joiningMillis;
  private long errorHorizonMillis;

  private CanaryAnalysis(AnalysisPlan plan, BaselineSeed seed, double alpha) {
    this.plan = plan;
    this.alpha = alpha;
    plan.metrics().keySet().stream()
        .filter(CanaryAnalysis::ofCohorts)
        .forEach(m -> tracks.put(m, new MetricTracker(m, plan, seed)));
    fast =
        plan.metrics().containsKey(ReleaseMetric.FAST_ERROR)
            ? Optional.of(new FastErrorTracker(plan, seed))
            : Optional.empty();
    ramp = plan.ramp().map(_ -> new RampTracker(plan));
    allocations = new Allocations();
    agreement = Agreement.NONE;
    history = new EvidenceHistory(plan.sliceMillis());
    horizons = new Horizons(plan, seed.endToEnd());
    step = Optional.empty();
    begunMillis = Optional.empty();
    lastOrdinal = -1;
  }

  private CanaryAnalysis(AnalysisState state) {
    plan = state.plan();
    alpha = state.alpha();
    step = state.step();
    begunMillis = state.begunMillis();
    highestWeight = state.highestWeight();
    state.tracks().forEach((m, s) -> tracks.put(m, new MetricTracker(m, plan, margin(m), s)));
    fast = state.fast().map(s -> new FastErrorTracker(plan, margin(ReleaseMetric.FAST_ERROR), s));
    ramp = state.ramp().map(s -> new RampTracker(plan, s));
    history = new EvidenceHistory(state.history());
    Set<ReleaseMetric> kept = EnumSet.noneOf(ReleaseMetric.class);
    kept.addAll(tracks.keySet());
    fast.ifPresent(_ -> kept.add(ReleaseMetric.FAST_ERROR));
    if (!kept.equals(plan.metrics().keySet())) {
      throw new IllegalArgumentException("the state's metrics are not those of its plan");
    }
    allocations = new Allocations(state.allocation(), state.generated());
    agreement = state.agreement();
    horizons = new Horizons(plan, state.endToEnd());
    state.open().forEach(cohort -> open.put(cohort.ordinal(), cohort));
    lastOrdinal = state.lastOrdinal();
    doneCohorts = state.doneCohorts();
    missingCohorts = state.missingCohorts();
    stateVersion = state.stateVersion();
  }

  /// The analysis of a new rollout. Call [#beginStep] next.
  public static CanaryAnalysis start(AnalysisPlan plan, BaselineSeed seed) {
    return new CanaryAnalysis(plan, seed, plan.alpha());
  }

  /// A new analysis after a loss of state. The lost evidence may have been close to its threshold,
  /// so each loss halves alpha.
  ///
  /// @param losses number of state losses in this rollout, at least 1
  public static CanaryAnalysis afterLostState(AnalysisPlan plan, BaselineSeed seed, int losses) {
    if (losses < 1) {
      throw new IllegalArgumentException("losses must be at least 1 but is " + losses);
    }
    return new CanaryAnalysis(plan, seed, plan.alpha() * Math.pow(.5, losses));
  }

  /// Continues from [#toJson] with exactly the same results as without interruption.
  ///
  /// @throws IllegalArgumentException if it is not a state that this program can read
  public static CanaryAnalysis restore(String json) {
    return new CanaryAnalysis(AnalysisState.read(json));
  }

  /// The state as JSON; store it by compare-and-set on [#stateVersion].
  public String toJson() {
    Map<ReleaseMetric, MetricTracker.State> states = new EnumMap<>(ReleaseMetric.class);
    tracks.forEach((m, track) -> states.put(m, track.state()));
    return new AnalysisState(
            AnalysisState.VERSION,
            stateVersion,
            plan,
            alpha,
            step,
            begunMillis,
            highestWeight,
            states,
            fast.map(FastErrorTracker::state),
            ramp.map(RampTracker::state),
            allocations.clients(),
            allocations.halved(),
            agreement,
            horizons.state(),
            List.copyOf(open.values()),
            history.state(),
            lastOrdinal,
            doneCohorts,
            missingCohorts)
        .write();
  }

  /// Increases with each change of state.
  public long stateVersion() {
    return stateVersion;
  }

  public AnalysisPlan plan() {
    return plan;
  }

  /// The current step, once there is one.
  public Optional<Integer> step() {
    return step.map(AnalysisState.Step::step);
  }

  /// Enters a step, or the same step again after a pause. It resets step counts and the step's
  /// time; harm evidence and histograms continue. Call it when the snapshot with the new weight is
  /// published. Cohorts with another weight or an earlier start do not count for the step.
  ///
  /// With one proof for each step, safe evidence starts again, and those cohorts only count for
  /// harm. With one proof for the release, safe evidence continues, and each cohort counts with the
  /// weight that it had. The same step again restarts the time limit of a ramp, so that a user can
  /// resume one that was inconclusive.
  public void beginStep(int number, double weight, long nowMillis) {
    if (number < 0 || !(weight > 0 && weight < 1)) {
      throw new IllegalArgumentException(
          "a step needs a number >= 0 and a weight in (0, 1) but has %d and %s"
              .formatted(number, weight));
    }
    boolean raised = step.isPresent() && weight > highestWeight;
    boolean lowered = step.isPresent() && weight < step.get().weight();
    highestWeight = Math.max(highestWeight, weight);
    boolean again = step.filter(present -> present.step() == number).isPresent();
    begunMillis = Optional.of(again ? nowMillis : begunMillis.orElse(nowMillis));
    step = Optional.of(new AnalysisState.Step(number, weight, nowMillis));
    tracks.forEach((metric, track) -> track.beginStep(nowMillis, margin(metric), raised));
    fast.ifPresent(track -> track.beginStep(nowMillis, margin(ReleaseMetric.FAST_ERROR), raised));
    ramp.ifPresent(track -> track.beginStep(nowMillis, lowered));
    allocations.beginStep();
    stateVersion++;
  }

  /// The share of the reserve that a higher weight pays out.
  static double depositOnNewWeight(AnalysisPlan plan) {
    return plan.ramp().isPresent() ? DEPOSIT_ON_CLIMB : DEPOSIT_ON_NEW_WEIGHT;
  }

  private double margin(ReleaseMetric metric) {
    int number = step.map(AnalysisState.Step::step).orElse(0);
    return plan.metric(metric, number).margin();
  }

  private static boolean ofCohorts(ReleaseMetric metric) {
    return metric != ReleaseMetric.FAST_ERROR;
  }

  /// Records slices that are known to be missing, from a gap in a gateway's sequence.
  public void noteMissingSlices(long count) {
    if (count < 0) {
      throw new IllegalArgumentException("count must not be negative but is " + count);
    }
    missingCohorts += count;
    stateVersion++;
  }

  /// Adds the agreement of further response pairs; report each pair once.
  public void noteAgreement(Agreement more) {
    agreement = agreement.plus(more);
    stateVersion++;
  }

  /// Abandons an open cohort whose records are lost; it counts as missing.
  public void abandon(String cohortId) {
    if (open.values().removeIf(cohort -> cohort.id().equals(cohortId))) {
      missingCohorts++;
      stateVersion++;
    }
  }

  /// Consumes what is due and decides.
  ///
  /// @param offered *every* cohort not yet reported as done, in its current form, in any order
  /// @param nowMillis the current time, on the clock of the cohorts
  /// @throws IllegalArgumentException if cohorts contradict each other or an open one is not
  ///   offered
  /// @throws IllegalStateException before the first [#beginStep]
  public LookResult lookResult(List<Cohort> offered, long nowMillis) {
    return lookResult(offered, List.of(), nowMillis);
  }

  /// Consumes what is due and decides.
  ///
  /// @param offered *every* cohort not yet reported as done, in its current form, in any order
  /// @param fastSlices new fast slices, in any order; each is consumed at once
  /// @param nowMillis the current time, on the clock of the cohorts
  /// @throws IllegalArgumentException if cohorts contradict each other or an open one is not
  ///   offered
  /// @throws IllegalStateException before the first [#beginStep]
  public LookResult lookResult(List<Cohort> offered, List<FastSlice> fastSlices, long nowMillis) {
    AnalysisState.Step current =
        step.orElseThrow(() -> new IllegalStateException("call beginStep before the first look"));
    List<Cohort> cohorts =
        offered.stream().sorted(Comparator.comparingLong(Cohort::ordinal)).toList();
    requireConsistent(cohorts);
    List<String> done = new ArrayList<>();
    List<Cohort> live = admit(cohorts, done);
    Map<Long, OpenCohort> before = new HashMap<>(open);
    consumeDue(live, current, nowMillis);
    consumeFast(fastSlices, current);
    live.forEach(cohort -> recheck(cohort, before));
    errorHorizonMillis =
        live.stream().mapToLong(c -> errorHorizonMillis(c, nowMillis)).max().orElse(0);
    joiningMillis =
        live.stream().mapToLong(c -> c.sessionsEndMillis() - c.endMillis()).max().orElse(0);
    retire(live, nowMillis, done);
    stateVersion++;
    Map<ReleaseMetric, AnalysisEvidence.MetricResult> metrics = metrics(nowMillis);
    ramp.ifPresent(track -> track.look(nowMillis, RampDecisions.worstShare(metrics, plan)));
    history.add(nowMillis, current.step(), metrics);
    AnalysisEvidence evidence = evidence(current, nowMillis);
    return new LookResult(Decisions.decide(evidence, plan), evidence, done);
  }

  /// The current evidence for display between looks; consumes nothing.
  public AnalysisEvidence evidence(long nowMillis) {
    return evidence(
        step.orElseThrow(() -> new IllegalStateException("no step has begun")), nowMillis);
  }

  private void requireConsistent(List<Cohort> cohorts) {
    Set<String> ids = new HashSet<>();
    Set<Long> ordinals = new HashSet<>();
    for (Cohort cohort : cohorts) {
      OpenCohort known = open.get(cohort.ordinal());
      if (!ids.add(cohort.id())
          || !ordinals.add(cohort.ordinal())
          || (known != null && !known.id().equals(cohort.id()))) {
        throw new IllegalArgumentException(
            "cohort %s at ordinal %d contradicts another".formatted(cohort.id(), cohort.ordinal()));
      }
    }
    for (OpenCohort known : open.values()) {
      if (!ordinals.contains(known.ordinal())) {
        throw new IllegalArgumentException(
            "open cohort %s was not offered; offer it or abandon it".formatted(known.id()));
      }
    }
  }

  // A cohort that is neither open nor new is a replay, or was accepted out of order and can no
  // longer be consumed. The caller can delete it in both cases.
  private List<Cohort> admit(List<Cohort> cohorts, List<String> done) {
    List<Cohort> live = new ArrayList<>();
    for (Cohort cohort : cohorts) {
      if (cohort.ordinal() > lastOrdinal) {
        lastOrdinal = cohort.ordinal();
        open.put(cohort.ordinal(), OpenCohort.of(cohort));
        allocations.count(cohort);
        ramp.ifPresent(track -> track.arrive(cohort));
      }
      if (open.containsKey(cohort.ordinal())) {
        live.add(cohort);
      } else {
        done.add(cohort.id());
      }
    }
    return live;
  }

  // Strictly in arrival order: a cohort that is not yet due for a metric blocks those after it.
  private void consumeDue(List<Cohort> live, AnalysisState.Step current, long nowMillis) {
    Set<ReleaseMetric> waiting = EnumSet.noneOf(ReleaseMetric.class);
    for (Cohort cohort : live) {
      for (MetricTracker track : tracks.values()) {
        if (cohort.ordinal() <= track.cursor() || waiting.contains(track.metric())) {
          continue;
        }
        OptionalLong horizonMillis = horizonMillis(track, cohort, nowMillis);
        if (horizonMillis.isPresent() && track.due(cohort, nowMillis, horizonMillis.getAsLong())) {
          OpenCohort.Consumption consumption =
              track.consume(
                  cohort,
                  allocations.split(cohort.stratum()),
                  cohort.belongsTo(current),
                  horizonMillis.getAsLong());
          open.computeIfPresent(
              cohort.ordinal(), (ordinal, c) -> c.with(track.metric(), consumption));
        } else {
          waiting.add(track.metric());
        }
      }
      learnWholeRequests(cohort);
      ramp.ifPresent(of -> countForRamp(of, cohort));
    }
  }

  private void countForRamp(RampTracker of, Cohort cohort) {
    of.consume(cohort, openAt(cohort).consumed(), allocations.split(cohort.stratum()));
    Optional.ofNullable(tracks.get(ReleaseMetric.TTFT))
        .ifPresent(track -> of.refute(track.slowdownLogE()));
  }

  // Request durations of a cohort are known long before its grades. So grades use the horizon at
  // which the other metrics of whole requests evaluated the same cohort, which does not depend on
  // the frequency of looks.
  private OptionalLong horizonMillis(MetricTracker track, Cohort cohort, long nowMillis) {
    if (track.metric() == ReleaseMetric.ERROR) {
      return OptionalLong.of(errorHorizonMillis(cohort, nowMillis));
    }
    boolean follows =
        track.metric().waitsForGrade()
            && tracks.keySet().stream().anyMatch(OpenCohort::waitsForTheEndAlone);
    if (!follows) {
      return OptionalLong.of(track.horizonMillis(horizons));
    }
    return openAt(cohort)
        .wholeRequestHorizonMicros(tracks.keySet())
        .map(micros -> OptionalLong.of(micros / 1000 + plan.gradeMillis()))
        .orElse(OptionalLong.empty());
  }

  // A response that is not streamed can fail until its total deadline. A cohort is consumed earlier
  // once all its requests have ended. A silent gateway sends no more records, so nothing waits for
  // it.
  private long errorHorizonMillis(Cohort cohort, long nowMillis) {
    boolean waits =
        cohort.anyInOnePiece()
            && cohort.reportedUntilMillis() >= nowMillis - MetricTracker.SILENCE_MILLIS;
    return waits ? horizons.errorInOnePieceMillis() : horizons.errorMillis();
  }

  private void consumeFast(List<FastSlice> slices, AnalysisState.Step current) {
    fast.ifPresent(track ->
        slices.stream()
            .sorted(Comparator.comparingLong(FastSlice::ordinal))
            .forEach(slice ->
                track.consume(
                    slice, allocations.split(slice.stratum()), slice.belongsTo(current))));
  }

  // Request durations determine the horizon of the metrics that wait for the end of a request. They
  // are learned after these metrics consume a cohort and before they consume the next, so horizons
  // do not depend on the frequency of looks.
  private void learnWholeRequests(Cohort cohort) {
    OpenCohort known = openAt(cohort);
    if (!known.learnt()) {
      known
          .wholeRequestHorizonMicros(tracks.keySet())
          .ifPresent(horizonMicros -> {
            horizons.learn(cohort, horizonMicros);
            open.put(cohort.ordinal(), known.withLearnt());
          });
    }
  }

  private OpenCohort openAt(Cohort cohort) {
    return Optional.ofNullable(open.get(cohort.ordinal())).orElseThrow();
  }

  private void recheck(Cohort cohort, Map<Long, OpenCohort> before) {
    OpenCohort known = before.get(cohort.ordinal());
    if (known == null) {
      return;
    }
    known
        .consumed()
        .forEach((metric, consumption) -> {
          OpenCohort.Consumption now = trackOf(metric).recheck(cohort, consumption);
          open.computeIfPresent(cohort.ordinal(), (ordinal, c) -> c.with(metric, now));
        });
  }

  private MetricTracker trackOf(ReleaseMetric metric) {
    return Optional.ofNullable(tracks.get(metric)).orElseThrow();
  }

  private void retire(List<Cohort> live, long nowMillis, List<String> done) {
    for (Cohort cohort : live) {
      OpenCohort known = openAt(cohort);
      if (!consumedByAll(known) || !settled(cohort, known, nowMillis)) {
        return;
      }
      open.remove(cohort.ordinal());
      doneCohorts++;
      done.add(cohort.id());
    }
  }

  private boolean settled(Cohort cohort, OpenCohort known, long nowMillis) {
    long keptMillis =
        known.longestHorizonMillis() + SLICES_KEPT_FOR_LATE_RECORDS * plan.sliceMillis();
    return nowMillis >= cohort.sessionsEndMillis() + keptMillis
        || (cohort.isComplete(nowMillis) && cohort.observations().stream().allMatch(this::settled));
  }

  private boolean settled(Observation unit) {
    return tracks.containsKey(ReleaseMetric.QUALITY)
        ? MetricEvaluator.settled(ReleaseMetric.QUALITY, unit)
        : unit.ended();
  }

  private boolean consumedByAll(OpenCohort cohort) {
    return cohort.consumed().keySet().containsAll(tracks.keySet());
  }

  private Map<ReleaseMetric, AnalysisEvidence.MetricResult> metrics(long nowMillis) {
    Map<ReleaseMetric, AnalysisEvidence.MetricResult> metrics = new EnumMap<>(ReleaseMetric.class);
    tracks.forEach((m, track) ->
        metrics.put(m, track.evidence(alpha, horizonMillis(track), joiningMillis, nowMillis)));
    fast.ifPresent(
        track -> metrics.put(ReleaseMetric.FAST_ERROR, track.evidence(alpha, nowMillis)));
    return metrics;
  }

  private long horizonMillis(MetricTracker track) {
    long now = track.horizonMillis(horizons);
    return track.metric() == ReleaseMetric.ERROR ? Math.max(now, errorHorizonMillis) : now;
  }

  private AnalysisEvidence evidence(AnalysisState.Step current, long nowMillis) {
    return new AnalysisEvidence(
        AnalysisEvidence.VERSION,
        nowMillis,
        current.step(),
        current.weight(),
        Math.max(0, nowMillis - current.startedMillis()),
        Math.max(0, nowMillis - begunMillis.orElse(current.startedMillis())),
        alpha,
        plan.dispersion(),
        plan.dispersionAssumed(),
        metrics(nowMillis),
        allocations.evidence(),
        allocations.halvedEvidence(),
        agreement,
        new AnalysisEvidence.Slices(doneCohorts, open.size(), missingCohorts),
        ramp.map(track -> track.evidence(nowMillis)),
        history.moments());
  }
}
