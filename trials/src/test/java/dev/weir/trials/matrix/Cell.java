// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.matrix;

import dev.weir.simulator.SimOptions;
import dev.weir.simulator.SimServer;
import dev.weir.trials.setup.TrialManifests;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/// A Service of its own with two versions, each on a simulated engine of its own: the first
/// healthy, the second with a regression.
///
/// @param name of the Service and its Model
/// @param level of traffic
public record Cell(
    String name, Regression regression, Level level, SimServer stable, SimServer next)
    implements AutoCloseable {
  private static final String JUDGE = "umpire";

  /// A level of traffic.
  ///
  /// @param perSecond requests a second to both versions together
  /// @param weight the share of the second version in a recording; a release chooses its own
  /// @param longest how long a release is observed
  public record Level(String name, int perSecond, double weight, Duration longest) {
    /// The same level with another name.
    public Level named(String other) {
      return new Level(other, perSecond, weight, longest);
    }

    /// The traffic without the share.
    public String rate() {
      return String.format(Locale.ROOT, "%d req/s", perSecond);
    }

    @Override
    public String toString() {
      return String.format(Locale.ROOT, "%s, %.0f %%", rate(), 100 * weight);
    }
  }

  /// Starts both engines healthy.
  public static Cell start(String name, Regression regression, Level level, long seed) {
    SimServer stable = engine(name, 2 * seed);
    SimServer next = engine(name, 2 * seed + 1);
    stable.setFaults(Regression.healthy());
    next.setFaults(Regression.healthy());
    return new Cell(name, regression, level, stable, next);
  }

  /// Starts the regression, at the first request or later: a version that never answers does not
  /// become ready.
  public void deal() {
    next.setFaults(regression.plan());
  }

  private static SimServer engine(String model, long seed) {
    return SimServer.start(
        SimOptions.parse(
            "--port", "0",
            "--model", model,
            "--time-scale", "0.25",
            "--latency-spread", "0.3",
            "--seed", Long.toString(seed)));
  }

  /// The Model and both versions.
  public String models() {
    return TrialManifests.externalModel(name, 2);
  }

  /// The Service with this wanted version and the default release. It does not retry, so that
  /// clients see every failure.
  public String service(int version) {
    return """
    ---
    apiVersion: weir.dev/v1
    kind: Service
    metadata: {name: %1$s}
    spec:
      version: %1$s@%2$d
      placements:
        - target: there
          endpoints: {%1$s@1: ["%3$s"], %1$s@2: ["%4$s"]}
      release: {%5$s}
      traffic:
        resume: false
        timeouts: {connect: 1s, firstToken: 5s, stall: 5s, total: 20s}
        retries: {maxAttempts: 1}
    """
        .formatted(name, version, stable.baseUrl(), next.baseUrl(), grading());
  }

  private String grading() {
    return regression.graded()
        ? "analysis: {grading: {judge: " + JUDGE + ", sample: 100%, within: 5s}}"
        : "";
  }

  /// The Service that grades answers.
  ///
  /// @param engine URL of its engine
  public static String judge(String engine) {
    return TrialManifests.externalModel(JUDGE, 1)
        + TrialManifests.externalService(JUDGE, JUDGE + "@1", List.of(engine));
  }

  /// A Service `NAMEb` with the second version only.
  public String alone() {
    String own = name + "b";
    return TrialManifests.model(own)
        + """
        ---
        apiVersion: weir.dev/v1
        kind: ModelVersion
        metadata: {name: %1$s-1}
        spec: {model: %1$s, version: "1", servedModel: %2$s, engine: {type: vllm}}
        """
            .formatted(own, name)
        + TrialManifests.externalService(
            own,
            own + "@1",
            List.of(next.baseUrl()),
            "{resume: false, timeouts: {connect: 1s, firstToken: 5s, stall: 5s, total: 20s},"
                + " retries: {maxAttempts: 1}}");
  }

  @Override
  public void close() {
    stable.close();
    next.close();
  }
}
