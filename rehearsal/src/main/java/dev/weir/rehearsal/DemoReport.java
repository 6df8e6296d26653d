// SPDX-License-Identifier: Apache-2.0
package dev.weir.rehearsal;

import java.util.List;

/// What `weir demo` did, in the shape of its JSON.
///
/// All counts of requests come from the client's side, not from the gateway.
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

  /// One release. `seconds` from the change to its end.
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

  /// @param secondsToRevert from the first answer of the bad version to the last gateway's
  ///   acknowledgement that it gets no traffic
  /// @param answersFromBadVersion answers that clients got from it
  /// @param badAnswersExposed of these the harmed and the failed
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

  /// @param requestsAffected requests that were in flight on what was broken, as far as clients saw
  ///   it
  public record Fault(String what, long requestsAffected, long requestsFailed) {}

  public record Audit(long entries, boolean verified) {}

  /// Whether everything that the demo promises happened.
  public boolean kept() {
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
