// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.matrix;

import dev.weir.simulator.SimOptions;
import dev.weir.simulator.SimServer;
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

  /// How much is asked.
  ///
  /// @param perSecond both versions together
  /// @param weight the second version's share
  public record Level(String name, double perSecond, double weight) {
    /// The same by another name.
    public Level named(String other) {
      return new Level(other, perSecond, weight);
    }

    @Override
    public String toString() {
      return String.format(Locale.ROOT, "%.0f req/s, %.0f %%", perSecond, 100 * weight);
    }
  }

  /// With engines that run and are healthy, both.
  public static Cell start(String name, Regression regression, Level level, long seed) {
    SimServer stable = engine(name, 2 * seed);
    SimServer next = engine(name, 2 * seed + 1);
    stable.setFaults(Regression.healthy());
    next.setFaults(Regression.healthy());
    return new Cell(name, regression, level, stable, next);
  }

  /// The regression begins. Not earlier than the version is asked: one that never answers is never
  /// ready.
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

  /// Its Model and both versions.
  public String world() {
    return """
    ---
    apiVersion: weir.dev/v1
    kind: Model
    metadata: {name: %1$s}
    spec: {owner: trials}
    ---
    apiVersion: weir.dev/v1
    kind: ModelVersion
    metadata: {name: %1$s-1}
    spec: {model: %1$s, version: "1", engine: {type: vllm}}
    ---
    apiVersion: weir.dev/v1
    kind: ModelVersion
    metadata: {name: %1$s-2}
    spec: {model: %1$s, version: "2", engine: {type: vllm}}
    """
        .formatted(name);
  }

  /// The Service, wanting a version. What an answer cost is seen as it was: nothing is tried again.
  ///
  /// @param shortest seconds of the one step
  /// @param longest seconds of it
  public String service(int version, int shortest, int longest) {
    return String.format(
        Locale.ROOT,
        """
        ---
        apiVersion: weir.dev/v1
        kind: Service
        metadata: {name: %1$s}
        spec:
          version: %1$s@%2$d
          placements:
            - target: there
              endpoints: {%1$s@1: ["%3$s"], %1$s@2: ["%4$s"]}
          release:
            strategy: canary
            steps: [{weight: %5$.0f}]
            bake: {duration: 0s}
            analysis: {minStepDuration: %6$ds, maxStepDuration: %7$ds, onInconclusive: pause, dispersion: 1%8$s}
          traffic:
            resume: false
            timeouts: {connect: 1s, firstToken: 5s, stall: 5s, total: 20s}
            retries: {maxAttempts: 1}
        """,
        name,
        version,
        stable.baseUrl(),
        next.baseUrl(),
        100 * level.weight(),
        shortest,
        longest,
        regression.graded() ? ", grading: {judge: " + JUDGE + ", sample: 100%, within: 5s}" : "");
  }

  /// The Service that grades, on an engine of its own.
  ///
  /// @param engine its URL
  public static String judge(String engine) {
    return """
    ---
    apiVersion: weir.dev/v1
    kind: Model
    metadata: {name: %1$s}
    spec: {owner: trials}
    ---
    apiVersion: weir.dev/v1
    kind: ModelVersion
    metadata: {name: %1$s-1}
    spec: {model: %1$s, version: "1", engine: {type: vllm}}
    ---
    apiVersion: weir.dev/v1
    kind: Service
    metadata: {name: %1$s}
    spec:
      version: %1$s@1
      placements: [{target: there, endpoints: {%1$s@1: ["%2$s"]}}]
    """
        .formatted(JUDGE, engine);
  }

  /// A Service that has nothing but the second version, `NAMEb`.
  public String alone() {
    return """
    ---
    apiVersion: weir.dev/v1
    kind: Model
    metadata: {name: %1$sb}
    spec: {owner: trials}
    ---
    apiVersion: weir.dev/v1
    kind: ModelVersion
    metadata: {name: %1$sb-1}
    spec: {model: %1$sb, version: "1", servedModel: %1$s, engine: {type: vllm}}
    ---
    apiVersion: weir.dev/v1
    kind: Service
    metadata: {name: %1$sb}
    spec:
      version: %1$sb@1
      placements: [{target: there, endpoints: {%1$sb@1: ["%2$s"]}}]
      traffic:
        resume: false
        timeouts: {connect: 1s, firstToken: 5s, stall: 5s, total: 20s}
        retries: {maxAttempts: 1}
    """
        .formatted(name, next.baseUrl());
  }

  @Override
  public void close() {
    stable.close();
    next.close();
  }
}
