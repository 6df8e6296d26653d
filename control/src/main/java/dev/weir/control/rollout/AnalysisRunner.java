// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout;

import dev.weir.analysis.AnalysisPlan;
import dev.weir.analysis.CanaryAnalysis;
import dev.weir.analysis.Forecast;
import dev.weir.analysis.LookResult;
import dev.weir.analysis.Verdict;
import dev.weir.analysis.metric.BaselineSeed;
import dev.weir.control.crash.CrashPoint;
import dev.weir.control.crash.CrashPoints;
import dev.weir.control.external.ExternalMetricResult;
import dev.weir.control.external.ExternalWatch;
import dev.weir.control.observation.ControlClock;
import dev.weir.control.observation.ObservationStore;
import dev.weir.control.publication.SnapshotCompiler;
import dev.weir.control.telemetry.BaselineStore;
import dev.weir.control.telemetry.CohortRegistry;
import dev.weir.control.telemetry.CohortRegistry.OpenCohorts;
import dev.weir.model.Rollout;
import dev.weir.model.Service;
import dev.weir.model.release.Stage;
import dev.weir.model.release.Stage.Proof;
import dev.weir.model.release.Stages;
import dev.weir.model.spec.ReleaseSpec;
import dev.weir.model.spec.ReleaseSpec.Dispersion;
import dev.weir.model.spec.ReleaseSpec.RampSpec;
import dev.weir.model.spec.RolloutSpec;
import dev.weir.model.spec.RolloutSpec.Scale;
import dev.weir.model.status.RolloutStatus;
import dev.weir.model.value.GeneratedTraffic;
import dev.weir.model.value.VersionRef;
import dev.weir.store.AnalysisStates;
import dev.weir.store.AnalysisStates.AnalysisState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Analyses the evidence of live rollouts and stores what each analysis consumed, so that no cohort
/// counts twice.
///
/// One compare-and-set stores the state and deletes its inputs. If it fails (another writer, a
/// broken disk), the analysis in memory is discarded and loaded again from the store. If the state
/// is missing although an analysis had started, the next analysis starts with half of alpha for
/// each such loss (section 7.8).
final class AnalysisRunner {
  private static final Logger LOG = LoggerFactory.getLogger(AnalysisRunner.class);

  /// Time between two analyses while fast failures are reported.
  private static final long URGENT_MILLIS = 100;

  private static final String BEGUN = "analysis.begun";

  private final AnalysisStates states;
  private static final double PERCENT = 100;

  /// Requests per second that a new version gets at the first weight of a ramp.
  private static final double FEWEST_PER_SECOND = .1;

  /// The time limit of a ramp is so many times its forecast, and at least [#SHORTEST_LIMIT].
  private static final double FORECASTS = 4;

  private static final Duration SHORTEST_LIMIT = Duration.ofMinutes(30);

  private final ObservationStore observationStore;
  private final CohortRegistry cohortRegistry;
  private final BaselineStore baselines;
  private final ExternalWatch external;
  private final ControlClock clock;
  private final Duration lookEvery;
  private final CrashPoints crashPoints;
  private final Map<String, LiveAnalysis> liveAnalysises = new ConcurrentHashMap<>();

  /// The start of an analysis, and the number of losses of its state.
  ///
  /// @param forecast of its steps, made before the start; empty for older versions of Weir
  record Begun(int losses, List<String> forecast) {
    Begun {
      forecast = forecast == null ? List.of() : List.copyOf(forecast);
    }
  }

  /// The result of one analysis.
  ///
  /// @param forecast of the traffic that its steps need, made before the start
  /// @param external results of external metrics
  /// @param current whether it evaluated the current step; otherwise only a rollback counts
  record AnalysisResult(
      LookResult look,
      AnalysisPlan plan,
      int losses,
      List<String> forecast,
      List<ExternalMetricResult> external,
      boolean current) {}

  private static final class LiveAnalysis {
    private final CanaryAnalysis engine;
    private final Begun begun;
    private Tag tag;
    private String stored;
    private volatile Optional<AnalysisResult> last = Optional.empty();

    LiveAnalysis(CanaryAnalysis engine, Begun begun, Tag tag, String stored) {
      this.engine = engine;
      this.begun = begun;
      this.tag = tag;
      this.stored = stored;
    }
  }

  /// Identifies a stored state: its version, its step, and the newest batch that it contains.
  private record Tag(long version, int step, long stepMillis, long noted) {
    static final Tag FIRST = new Tag(0, -1, 0, 0);

    static Tag parse(String text) {
      String[] parts = text.split(" ", -1);
      if (parts.length != 4) {
        throw new IllegalArgumentException("a state is not named by '" + text + "'");
      }
      return new Tag(
          Long.parseLong(parts[0]),
          Integer.parseInt(parts[1]),
          Long.parseLong(parts[2]),
          Long.parseLong(parts[3]));
    }

    String text() {
      return version + " " + step + " " + stepMillis + " " + noted;
    }
  }

  AnalysisRunner(
      AnalysisStates states,
      ObservationStore observationStore,
      CohortRegistry cohortRegistry,
      BaselineStore baselines,
      ExternalWatch external,
      ControlClock clock,
      Duration lookEvery,
      CrashPoints crashPoints) {
    this.states = states;
    this.observationStore = observationStore;
    this.cohortRegistry = cohortRegistry;
    this.baselines = baselines;
    this.external = external;
    this.clock = clock;
    this.lookEvery = lookEvery;
    this.crashPoints = crashPoints;
  }

  /// Consumes due cohorts. An analysis that ran a moment ago is returned again, except when fast
  /// failures are reported.
  ///
  /// @param settled whether gateways serve the weight of the current step, so that it may start
  /// @return empty before the start of the first step
  Optional<AnalysisResult> look(Rollout rollout, boolean settled) {
    String id = SnapshotCompiler.rolloutId(rollout);
    LiveAnalysis desk = liveAnalysis(rollout, id);
    boolean entered = desk.tag.equals(tagOf(rollout, desk));
    boolean enters = !entered && settled;
    if (!enters && (desk.engine.step().isEmpty() || fresh(id, desk))) {
      return desk.last.map(analysisResult -> entered ? analysisResult : stale(analysisResult));
    }
    try {
      return analyze(rollout, id, desk, entered || enters, enters);
    } catch (IllegalArgumentException e) {
      discardState(id, desk, e);
      return Optional.empty();
    } catch (RuntimeException e) {
      liveAnalysises.remove(id);
      throw e;
    }
  }

  /// The time at which the weight of the step was published. Gateways open a slice when they apply
  /// it, which is before the acknowledgement arrives. With the later time, each step would lose its
  /// first slice.
  private static long begun(RolloutStatus status, long now) {
    return status.stepStartedAt().map(Instant::toEpochMilli).orElse(now);
  }

  /// The latest result in this process, for operators' commands.
  Optional<AnalysisResult> last(Rollout rollout) {
    return Optional.ofNullable(liveAnalysises.get(SnapshotCompiler.rolloutId(rollout)))
        .flatMap(h -> h.last);
  }

  /// Deletes the analysis of a finished rollout. The state is deleted last: while it exists, the
  /// deletion is repeated.
  void delete(Rollout rollout) {
    String id = SnapshotCompiler.rolloutId(rollout);
    liveAnalysises.remove(id);
    external.forget(id);
    boolean stated = states.get(id).isPresent();
    boolean begun = observationStore.get(BEGUN, id, Begun.class).isPresent();
    if (stated || begun || cohortRegistry.hasData(id)) {
      cohortRegistry.delete(id);
    }
    if (begun) {
      observationStore.delete(BEGUN, List.of(id));
    }
    if (stated) {
      deleteState(id);
    }
  }

  private void deleteState(String id) {
    states.delete(id);
    crashPoints.pass(CrashPoint.ANALYSIS_DELETED);
  }

  private Optional<AnalysisResult> analyze(
      Rollout rollout, String id, LiveAnalysis desk, boolean current, boolean enters) {
    long now = clock.millis();
    RolloutStatus status = rollout.status();
    if (enters) {
      desk.engine.beginStep(
          status.step(),
          AnalysisPlans.compared(status.weight()),
          Math.min(now, begun(status, now)));
    }
    OpenCohorts open = cohortRegistry.open(id, desk.tag.noted());
    if (open.missing() > 0) {
      desk.engine.noteMissingSlices(open.missing());
    }
    if (open.agreement().pairs() > 0) {
      desk.engine.noteAgreement(open.agreement());
    }
    LookResult lookResult = desk.engine.lookResult(open.cohorts(), open.fast(), now);
    Tag place = enters ? tagOf(rollout, desk) : desk.tag;
    Tag next = new Tag(desk.engine.stateVersion(), place.step(), place.stepMillis(), open.newest());
    boolean kept =
        states.advance(
            id,
            desk.stored,
            new AnalysisState(next.text(), desk.engine.toJson()),
            cohortRegistry.freedBy(id, lookResult.done(), open.newest()));
    if (!kept) {
      LOG.atWarn()
          .addKeyValue("event", "analysis.overtaken")
          .addKeyValue("rollout", id)
          .log("Another process advanced the analysis state");
      liveAnalysises.remove(id);
      return Optional.empty();
    }
    crashPoints.pass(CrashPoint.ANALYSIS_ADVANCED);
    if (desk.stored.isEmpty()) {
      observationStore.put(BEGUN, id, desk.begun);
    }
    cohortRegistry.forget(id, lookResult.done(), open.newest());
    desk.tag = next;
    desk.stored = next.text();
    List<ExternalMetricResult> results =
        external.poll(id, place.stepMillis(), rollout.spec().release().analysis().external(), now);
    desk.last = Optional.of(analysisResult(lookResult, desk, results, current));
    return desk.last;
  }

  private static AnalysisResult analysisResult(
      LookResult lookResult,
      LiveAnalysis desk,
      List<ExternalMetricResult> results,
      boolean current) {
    AnalysisPlan plan = desk.engine.plan();
    Verdict verdict =
        ExternalVerdict.of(lookResult.verdict(), lookResult.evidence(), plan, results);
    return new AnalysisResult(
        new LookResult(verdict, lookResult.evidence(), lookResult.done()),
        plan,
        desk.begun.losses(),
        desk.begun.forecast(),
        results,
        current);
  }

  private boolean fresh(String id, LiveAnalysis desk) {
    return desk.last
        .map(analysisResult -> clock.millis() - analysisResult.look().evidence().atMillis())
        .map(age -> age < lookEvery.toMillis() && !(age >= URGENT_MILLIS && failsFast(id, desk)))
        .orElse(false);
  }

  // During an outage, a second until the next analysis affects the clients of one second.
  private boolean failsFast(String id, LiveAnalysis desk) {
    return cohortRegistry.failsFast(id, desk.tag.noted());
  }

  private static AnalysisResult stale(AnalysisResult analysisResult) {
    return new AnalysisResult(
        analysisResult.look(),
        analysisResult.plan(),
        analysisResult.losses(),
        analysisResult.forecast(),
        analysisResult.external(),
        false);
  }

  private static Tag tagOf(Rollout rollout, LiveAnalysis desk) {
    RolloutStatus status = rollout.status();
    long since = status.stepStartedAt().map(Instant::toEpochMilli).orElse(0L);
    return new Tag(desk.tag.version(), status.step(), since, desk.tag.noted());
  }

  private LiveAnalysis liveAnalysis(Rollout rollout, String id) {
    LiveAnalysis known = liveAnalysises.get(id);
    if (known == null) {
      known = load(rollout, id);
      liveAnalysises.put(id, known);
    }
    return known;
  }

  private LiveAnalysis load(Rollout rollout, String id) {
    Optional<Begun> begun = observationStore.get(BEGUN, id, Begun.class);
    Optional<AnalysisState> state = states.get(id);
    Begun known = begun.orElse(new Begun(0, List.of()));
    if (state.isPresent()) {
      if (begun.isEmpty()) {
        observationStore.put(BEGUN, id, known); // we died between the first look and this note
      }
      try {
        return new LiveAnalysis(
            CanaryAnalysis.restore(state.get().json()),
            known,
            Tag.parse(state.get().cohort()),
            state.get().cohort());
      } catch (IllegalArgumentException e) {
        LOG.atError()
            .addKeyValue("event", "analysis.unreadable")
            .addKeyValue("rollout", id)
            .addKeyValue("error", e.getMessage())
            .log("The analysis state cannot be read and is deleted");
        deleteState(id);
      }
    }
    boolean lost = begun.isPresent() || state.isPresent() || hasResult(rollout, id);
    return lost ? beginAgain(rollout, id, known) : begin(rollout);
  }

  // Without a state and without the record of its start, the consumed cohorts and an analysed later
  // step still show that there was one.
  private boolean hasResult(Rollout rollout, String id) {
    boolean before =
        Stages.of(rollout.spec()).stream().limit(rollout.status().step()).anyMatch(Stage::observed);
    return before || cohortRegistry.consumed(id);
  }

  private LiveAnalysis begin(Rollout rollout) {
    RolloutSpec spec = rollout.spec();
    String service = serviceOf(rollout);
    AnalysisPlan plan = plan(spec, service);
    BaselineSeed seed = baselines.seed(service, spec.from().toString());
    Begun begun = new Begun(0, forecast(service, spec.from(), plan, spec.release()));
    return new LiveAnalysis(CanaryAnalysis.start(plan, seed), begun, Tag.FIRST, "");
  }

  // The number of losses is stored before the analysis restarts: a crash here uses more alpha but
  // never returns any.
  private LiveAnalysis beginAgain(Rollout rollout, String id, Begun known) {
    Begun begun = new Begun(known.losses() + 1, known.forecast());
    LOG.atError()
        .addKeyValue("event", "analysis.lost")
        .addKeyValue("rollout", id)
        .addKeyValue("losses", begun.losses())
        .log("The analysis state was lost; the analysis begins again");
    observationStore.put(BEGUN, id, begun);
    String service = serviceOf(rollout);
    AnalysisPlan plan = plan(rollout.spec(), service);
    BaselineSeed seed = baselines.seed(service, rollout.spec().from().toString());
    return new LiveAnalysis(
        CanaryAnalysis.afterLostState(plan, seed, begun.losses()), begun, Tag.FIRST, "");
  }

  private static String serviceOf(Rollout rollout) {
    return rollout.metadata().namespace() + "/" + rollout.spec().service();
  }

  /// The traffic that a release of the Service needs and is not likely to get.
  List<String> forecast(Service service) {
    String id = service.metadata().namespace() + "/" + service.metadata().name();
    ReleaseSpec release = service.spec().release();
    AnalysisPlan plan =
        AnalysisPlans.of(
            release,
            service.spec().traffic().timeouts().firstToken(),
            service.spec().traffic().timeouts().total());
    return service
        .status()
        .stable()
        .map(stable -> forecast(id, stable.version(), plan, release))
        .orElse(List.of());
  }

  /// The Service's release with what its traffic decides: a ramp starts at the smallest weight that
  /// gives the new version a request about every ten seconds, and has a time limit. The rollout
  /// keeps both, whatever happens to the traffic.
  ReleaseSpec settled(Service service) {
    ReleaseSpec release = service.spec().release();
    if (!release.ramps()) {
      return release;
    }
    ReleaseSpec used = withEnoughTraffic(service, release);
    Duration limit =
        release
            .analysis()
            .maxDuration()
            .or(() ->
                forecastOf(service, used).flatMap(Forecast::rampSeconds).map(AnalysisRunner::limit))
            .orElse(AnalysisPlans.LONGEST_RAMP);
    return used.withAnalysis(release.analysis().within(limit));
  }

  private ReleaseSpec withEnoughTraffic(Service service, ReleaseSpec release) {
    String id = service.metadata().namespace() + "/" + service.metadata().name();
    double rate =
        service
            .status()
            .stable()
            .map(stable -> baselines.startingRequestsPerSecond(id, stable.version().toString()))
            .orElse(0.0);
    List<Double> weights = release.effectiveRamp().effectiveWeights();
    List<Double> enough =
        weights.stream().filter(w -> rate <= 0 || rate * w / PERCENT >= FEWEST_PER_SECOND).toList();
    RampSpec ramp =
        release.effectiveRamp().withWeights(enough.isEmpty() ? List.of(weights.getLast()) : enough);
    return release.withRamp(ramp);
  }

  /// The forecast of a release of the Service with another specification; empty if no version
  /// serves yet.
  ///
  /// @param release a ramp
  Optional<Forecast> settledForecast(Service service, ReleaseSpec release) {
    return forecastOf(service, withEnoughTraffic(service, release));
  }

  private static Duration limit(double forecastSeconds) {
    Duration limit = Duration.ofMillis(Math.round(FORECASTS * 1000 * forecastSeconds));
    return limit.compareTo(SHORTEST_LIMIT) < 0
        ? SHORTEST_LIMIT
        : limit.compareTo(AnalysisPlans.LONGEST_RAMP) > 0 ? AnalysisPlans.LONGEST_RAMP : limit;
  }

  /// The forecast of a release of the Service; empty if no version serves yet.
  Optional<Forecast> forecastOf(Service service) {
    ReleaseSpec release = service.spec().release();
    return forecastOf(service, release.ramps() ? withEnoughTraffic(service, release) : release);
  }

  private Optional<Forecast> forecastOf(Service service, ReleaseSpec release) {
    String id = service.metadata().namespace() + "/" + service.metadata().name();
    AnalysisPlan plan =
        AnalysisPlans.of(
            release,
            service.spec().traffic().timeouts().firstToken(),
            service.spec().traffic().timeouts().total());
    return service.status().stable().map(stable -> forecastOf(id, stable.version(), plan, release));
  }

  private Forecast forecastOf(
      String service, VersionRef from, AnalysisPlan plan, ReleaseSpec release) {
    BaselineSeed seed = baselines.seed(service, from.toString());
    double rate = baselines.requestsPerSecond(service, from.toString());
    double generated = release.traffic().map(GeneratedTraffic::rate).orElse(0.0);
    return new Forecast(plan, seed, rate, generated);
  }

  private List<String> forecast(
      String service, VersionRef from, AnalysisPlan plan, ReleaseSpec release) {
    List<Stage> stages = Stages.of(release, Scale.ONE);
    List<Forecast.Step> steps =
        IntStream.range(0, stages.size())
            .filter(i -> stages.get(i).proof() == Proof.PROVE && stages.get(i).observed())
            .mapToObj(i -> AnalysisPlans.forecast(i, stages.get(i)))
            .toList();
    return forecastOf(service, from, plan, release).warnings(steps);
  }

  private AnalysisPlan plan(RolloutSpec spec, String service) {
    AnalysisPlan written =
        AnalysisPlans.of(spec.release(), spec.firstTokenTimeout(), spec.totalTimeout());
    return spec.release().analysis().dispersion() instanceof Dispersion.Auto
        ? baselines
            .calibration(service, spec.from().toString(), spec.to().toString())
            .map(written::withCalibration)
            .orElse(written)
        : written;
  }

  private void discardState(String id, LiveAnalysis desk, IllegalArgumentException cause) {
    LOG.atError()
        .addKeyValue("event", "analysis.restarted")
        .addKeyValue("rollout", id)
        .setCause(cause)
        .log("The analysis cannot continue and begins again");
    liveAnalysises.remove(id);
    observationStore.put(BEGUN, id, desk.begun);
    deleteState(id);
  }
}
