// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.trace;

import java.nio.file.Path;
import java.util.Iterator;

/// The source of arrivals.
public sealed interface TraceSpec {
  /// Its name in reports.
  String title();

  /// Its arrivals in order of time; deterministic for a seed.
  Iterator<Arrival> arrivals(long seed);

  private static void requireRate(double requestsPerSecond) {
    if (!(requestsPerSecond > 0 && requestsPerSecond <= 1e5)) {
      throw new IllegalArgumentException(
          "rate is " + requestsPerSecond + " per second, must be above 0 and at most 100000");
    }
  }

  /// Arrivals and lengths fitted to the Azure 2023 conversation trace, see [AzureConversation];
  /// never ends.
  ///
  /// @param requestsPerSecond mean rate
  record Fitted(double requestsPerSecond) implements TraceSpec {
    public Fitted {
      requireRate(requestsPerSecond);
    }

    @Override
    public String title() {
      return "azure-conv-2023 (fitted)";
    }

    @Override
    public Iterator<Arrival> arrivals(long seed) {
      return new AzureConversation(seed, requestsPerSecond);
    }
  }

  /// Poisson arrivals with the lengths of the Azure 2023 conversation trace; never ends.
  ///
  /// @param requestsPerSecond mean rate
  record Poisson(double requestsPerSecond) implements TraceSpec {
    public Poisson {
      requireRate(requestsPerSecond);
    }

    @Override
    public String title() {
      return "poisson";
    }

    @Override
    public Iterator<Arrival> arrivals(long seed) {
      return new PoissonArrivals(seed, requestsPerSecond);
    }
  }

  /// A recorded trace with an end. Seeds do not change it.
  ///
  /// @param file Azure's CSV or Mooncake's JSON lines
  /// @param speed speed-up compared to the recording
  record Recorded(Path file, double speed) implements TraceSpec {
    public Recorded {
      if (!(speed > 0)) {
        throw new IllegalArgumentException("speed is " + speed + ", must be above 0");
      }
    }

    @Override
    public String title() {
      return String.valueOf(file.getFileName());
    }

    @Override
    public Iterator<Arrival> arrivals(long seed) {
      return TraceFile.read(file).stream()
          .map(each ->
              new Arrival(
                  Math.round(each.atNanos() / speed), each.inputTokens(), each.outputTokens()))
          .iterator();
    }
  }
}
