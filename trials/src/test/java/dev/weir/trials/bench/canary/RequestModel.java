// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.bench.canary;

import dev.weir.analysis.metric.AnswerForm;
import dev.weir.analysis.metric.AnswerTrait;
import dev.weir.analysis.metric.Arm;
import dev.weir.analysis.metric.Observation;
import dev.weir.analysis.metric.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SplittableRandom;

/// Made-up traffic after section 11.1 of the canary specification, one second at a time.
///
/// Load that hits both arms alike: a first-order autoregressive log-load (coefficient .98, standard
/// deviation .15), a linear drift of up to 20 % either way, and bursts (once in 300 s, 20 s on
/// average) that slow answers, raise errors and add arrivals. Arrivals are Poisson, routing is
/// Bernoulli. TTFT is lognormal (median 0.35 s, sigma .6), inter-token latency a gamma of shape 25
/// around 0.03 s in Wilson and Hilferty's form; 0.5 % errors, 0.3 % cut streams, 0.2 % empty
/// answers. All are streams. Grades are beta distributed around .85 with a precision of 10.
/// Synthetic: not fitted to a trace.
final class RequestModel {

  private static final int BASELINE_PODS = 4;
  private static final int SECONDS_PER_SLICE = 5;
  private static final int SLICES_OF_DRIFT = 420;
  private static final double MEMORY = .98;
  private static final double LOAD_SD = .15;
  private static final double ERRORS = .005;
  private static final double CUTS = .003;
  private static final double TTFT_MEDIAN_LOG = -1.0498;
  private static final double ITL_MEDIAN_LOG = -3.5066;
  private static final double SESSION_SD = .6;
  private static final double GRADE_PRECISION = 10;

  private final SplittableRandom random;
  private final CanaryScenario scenario;
  private final double requestsPerSecond;
  private final double driftPerSecond;
  private double load;
  private double drift;
  private int burstSecondsLeft;
  private Optional<Nearer> nearer = Optional.empty();
  private Optional<Grades> grades = Optional.empty();

  /// Log-TTFT that only one pod has: the canary's, then the baseline's.
  private final double[] privateLogs = new double[1 + BASELINE_PODS];

  /// Properties of real traffic that section 11 does not have.
  ///
  /// @param noiseSd of each pod's own log-TTFT (its log-ITL has .3 of it), 0 for none: of the
  ///   canary's, and of the baseline's four
  /// @param noiseSeconds its time constant
  /// @param turns requests of each session, 1 for requests that are independent: those of a session
  ///   fail all or none, and share a log-TTFT of standard deviation [#SESSION_SD]
  record Nearer(double noiseSd, double noiseSeconds, int turns) {
    Nearer(double noiseSd, double noiseSeconds) {
      this(noiseSd, noiseSeconds, 1);
    }
  }

  /// The same model with lengths, times of the end and private noise.
  RequestModel nearer(Nearer more) {
    nearer = Optional.of(more);
    return this;
  }

  /// The same model with a grade, known at once, for a fifth of the requests; for each where there
  /// are few.
  RequestModel graded() {
    double share = requestsPerSecond > 20 ? .2 : 1;
    grades = Optional.of(new Grades(random.split(), share));
    return this;
  }

  /// Whose answers are graded, and how.
  ///
  /// @param random of their own
  /// @param share of the requests
  private record Grades(SplittableRandom random, double share) {
    int of(double mean) {
      if (random.nextDouble() >= share) {
        return Observation.NOT_GRADED;
      }
      double good = gamma(GRADE_PRECISION * mean);
      double poor = gamma(GRADE_PRECISION * (1 - mean));
      return (int) Math.round(Observation.BEST * good / (good + poor));
    }

    /// A gamma variate with this shape, above 1, after Marsaglia and Tsang.
    private double gamma(double shape) {
      double d = shape - 1. / 3;
      double c = 1 / Math.sqrt(9 * d);
      while (true) {
        double x = random.nextGaussian();
        double v = (1 + c * x) * (1 + c * x) * (1 + c * x);
        if (v > 0 && Math.log(random.nextDouble()) < .5 * x * x + d * (1 - v + Math.log(v))) {
          return d * v;
        }
      }
    }
  }

  RequestModel(CanaryScenario scenario, double requestsPerSecond, SplittableRandom random) {
    this.random = random;
    this.scenario = scenario;
    this.requestsPerSecond = requestsPerSecond;
    load = LOAD_SD * random.nextGaussian();
    driftPerSecond = (random.nextDouble() - .5) * .4 / SLICES_OF_DRIFT / SECONDS_PER_SLICE;
  }

  /// Adds the requests of the next slice, everything ended; with weight 0 all are the baseline's.
  void slice(double weight, List<Observation> into) {
    for (int second = 0; second < SECONDS_PER_SLICE; second++) {
      load = MEMORY * load + LOAD_SD * Math.sqrt(1 - MEMORY * MEMORY) * random.nextGaussian();
      drift += driftPerSecond;
      if (burstSecondsLeft > 0) {
        burstSecondsLeft--;
      } else if (random.nextDouble() < 1. / 300) {
        burstSecondsLeft = 1 + (int) (-20 * Math.log(1 - random.nextDouble()));
      }
      wander();
      second(weight, burstSecondsLeft > 0, into);
    }
  }

  private void wander() {
    nearer
        .filter(more -> more.noiseSd() > 0)
        .ifPresent(more -> {
          double keeps = Math.exp(-1 / more.noiseSeconds());
          double news = more.noiseSd() * Math.sqrt(1 - keeps * keeps);
          for (int pod = 0; pod < privateLogs.length; pod++) {
            privateLogs[pod] = keeps * privateLogs[pod] + news * random.nextGaussian();
          }
        });
  }

  /// The log-TTFT noise of the pod that serves the request.
  private double privateLog(boolean canary) {
    boolean alike = nearer.filter(more -> more.noiseSd() > 0).isEmpty();
    return alike ? 0 : privateLogs[canary ? 0 : 1 + random.nextInt(BASELINE_PODS)];
  }

  private void second(double weight, boolean burst, List<Observation> into) {
    double b = burst ? 1 : 0;
    double errors = ERRORS * (burst ? 3 : 1) * Math.exp(load);
    double cuts = CUTS * (burst ? 2 : 1);
    double ttftMedian = Math.exp(TTFT_MEDIAN_LOG + load + drift + .8 * b);
    double itlMedian = Math.exp(ITL_MEDIAN_LOG + .3 * (load + drift) + .2 * b);
    int arrivals = poisson(requestsPerSecond * Math.exp(.3 * load + .3 * b + drift));
    double canaryErrors = scenario.outage() ? 1 : Math.min(1, errors * scenario.errorFactor());
    int turns = nearer.map(Nearer::turns).orElse(1);
    for (int i = 0; i < arrivals / turns; i++) {
      boolean canary = random.nextDouble() < weight;
      double own = privateLog(canary);
      double ttft = ttftMedian * Math.exp(own);
      double itl = itlMedian * Math.exp(.3 * own);
      into.add(
          canary
              ? unit(
                  turns,
                  Arm.CANARY,
                  canaryErrors,
                  cuts,
                  ttft * scenario.ttftFactor(),
                  itl * scenario.itlFactor())
              : unit(turns, Arm.BASELINE, errors, cuts, ttft, itl));
    }
  }

  private Observation unit(
      int turns, Arm arm, double errors, double cuts, double ttftMedian, double itlMedian) {
    return turns == 1
        ? request(arm, errors, cuts, ttftMedian, itlMedian)
        : session(turns, arm, errors, cuts, ttftMedian, itlMedian);
  }

  private Observation session(
      int turns, Arm arm, double errors, double cuts, double ttftMedian, double itlMedian) {
    double fails = random.nextDouble() < errors ? 1 : 0;
    double own = ttftMedian * Math.exp(SESSION_SD * random.nextGaussian());
    List<Observation> requests = new ArrayList<>();
    for (int turn = 0; turn < turns; turn++) {
      requests.add(request(arm, fails, cuts, own, itlMedian));
    }
    return requests.getFirst().withSessionRequests(requests.subList(1, turns));
  }

  private Observation request(
      Arm arm, double errors, double cuts, double ttftMedian, double itlMedian) {
    double chance = random.nextDouble();
    if (chance < errors) {
      return new Observation(
              arm,
              Outcome.FAILURE,
              OptionalLong.empty(),
              OptionalLong.empty(),
              OptionalLong.empty(),
              false)
          .withForm(AnswerForm.STREAM);
    }
    double cubeRoot = Math.max(.2, .995556 + .0666667 * random.nextGaussian());
    double ttft = ttftMedian * Math.exp(.6 * random.nextGaussian());
    double itl = itlMedian * cubeRoot * cubeRoot * cubeRoot;
    boolean cut = chance < errors + cuts * (1 - errors);
    double empties = arm == Arm.CANARY ? scenario.empties() : CanaryScenario.BASELINE_EMPTIES;
    // From the same draw: the highest values are neither errors nor cuts.
    Set<AnswerTrait> traits = !cut && chance > 1 - empties ? Set.of(AnswerTrait.EMPTY) : Set.of();
    if (nearer.isPresent()) {
      return whole(arm, cut, ttft, itl, traits);
    }
    Observation seen =
        new Observation(
                arm,
                cut ? Outcome.FAILURE : Outcome.SUCCESS,
                OptionalLong.of(Math.round(1e6 * ttft)),
                OptionalLong.of(Math.round(1e6 * itl)),
                OptionalLong.empty(),
                cut,
                OptionalLong.empty(),
                traits)
            .withForm(AnswerForm.STREAM);
    double mean = arm == Arm.CANARY ? scenario.meanGrade() : CanaryScenario.BASELINE_GRADE;
    return grades.map(judge -> seen.graded(judge.of(mean))).orElse(seen);
  }

  /// With a length (lognormal, median 250 tokens, sigma .8) and the time of its end.
  private Observation whole(
      Arm arm, boolean cut, double ttft, double itl, Set<AnswerTrait> traits) {
    long tokens = Math.max(2, Math.round(250 * Math.exp(.8 * random.nextGaussian())));
    long said = cut ? tokens / 2 : tokens;
    return new Observation(
            arm,
            cut ? Outcome.FAILURE : Outcome.SUCCESS,
            OptionalLong.of(Math.round(1e6 * ttft)),
            OptionalLong.of(Math.round(1e6 * itl)),
            OptionalLong.of(Math.round(1e6 * (ttft + itl * (double) said))),
            cut,
            OptionalLong.of(said),
            traits)
        .withForm(AnswerForm.STREAM);
  }

  private int poisson(double mean) {
    if (mean >= 30) {
      return (int) Math.max(0, Math.round(mean + Math.sqrt(mean) * random.nextGaussian()));
    }
    double limit = Math.exp(-mean);
    double product = random.nextDouble();
    int count = 0;
    while (product > limit) {
      product *= random.nextDouble();
      count++;
    }
    return count;
  }
}
