// SPDX-License-Identifier: Apache-2.0
package dev.weir.rehearsal;

import java.util.List;

/// The result of `weir demo`, in the structure of its JSON output.
///
/// All request counts come from the client, not from the gateway.
public record DemoReport(
    String weir,
    String traffic,
    Requests requests,
    List<Release> releases,
    List<Fault> faults,
    Audit audit) {
  public DemoReport {
    releases = List.copyOf(releases);
    faults = List.copyOf(faults);
  }

  /// @param failed client-visible failures of requests that did not go to a faulty canary
  public record Requests(long served, long failed, long streamed, long resumed) {}

  /// One release. `seconds` is the time from the change to its end.
  public sealed interface Release {
    String outcome();

    List<String> decidedBy();
  }

  public record Good(
      String name, String from, String to, String outcome, double seconds, List<String> decidedBy)
      implements Release {
    public Good {
      decidedBy = List.copyOf(decidedBy);
    }
  }

  /// @param secondsToRevert from the bad version's first answer until the last gateway acknowledged
  ///   that it routes no traffic to it
  /// @param answersFromBadVersion answers that clients received from it
  /// @param badAnswersExposed the wrong and failed answers among these
  public record Bad(
      String name,
      String from,
      String to,
      String outcome,
      double secondsToRevert,
      long answersFromBadVersion,
      long badAnswersExposed,
      List<String> decidedBy)
      implements Release {
    public Bad {
      decidedBy = List.copyOf(decidedBy);
    }
  }

  /// @param requestsAffected requests in flight on the failed component, as far as clients noticed
  public record Fault(String what, long requestsAffected, long requestsFailed) {}

  public record Audit(long entries, boolean verified) {}

  /// Whether all expectations of the demo are met.
  public boolean succeeded() {
    return requests.failed() == 0
        && requests.served() > 0
        && audit.verified()
        && releases.stream().allMatch(DemoReport::asExpected)
        && faults.stream().allMatch(fault -> fault.requestsFailed() == 0);
  }

  private static boolean asExpected(Release release) {
    return switch (release) {
      case Good good -> good.outcome().equals("Completed");
      case Bad bad -> bad.outcome().equals("RolledBack") && !bad.decidedBy().isEmpty();
    };
  }
}
