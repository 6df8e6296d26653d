// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.client.ApplyPlan;
import dev.weir.client.ApplyResponse;
import dev.weir.client.WeirApiException;
import dev.weir.client.WeirClient;
import dev.weir.client.WeirUnreachableException;
import dev.weir.model.Resource;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;

/// Splits resources into parts that a control plane takes in one transaction each, and applies them
/// one after another. What fits into one part is applied all or none.
final class ApplyParts {
  /// What control planes of this version and the one before take at once.
  static final int MOST_RESOURCES = 1_000;

  /// Below the 4 MiB that a request may have.
  static final int MOST_BYTES = 3 * 1024 * 1024;

  private final List<List<Resource>> parts;

  private ApplyParts(List<List<Resource>> parts) {
    this.parts = parts;
  }

  /// What others refer to goes into an earlier part; otherwise resources keep their order.
  static ApplyParts of(List<Resource> resources) {
    List<List<Resource>> parts = split(resources);
    return new ApplyParts(
        parts.size() == 1
            ? parts
            : split(
                resources.stream().sorted(Comparator.comparingInt(ApplyParts::level)).toList()));
  }

  private static List<List<Resource>> split(List<Resource> resources) {
    List<List<Resource>> parts = new ArrayList<>();
    List<Resource> part = new ArrayList<>();
    int bytes = 0;
    for (Resource resource : resources) {
      int more = ManifestFiles.text(List.of(resource)).getBytes(StandardCharsets.UTF_8).length;
      if (!part.isEmpty() && (part.size() == MOST_RESOURCES || bytes + more > MOST_BYTES)) {
        parts.add(part);
        part = new ArrayList<>();
        bytes = 0;
      }
      part.add(resource);
      bytes += more;
    }
    parts.add(part);
    return parts;
  }

  /// Each kind refers to kinds of lower levels only; Services may also refer to each other.
  private static int level(Resource resource) {
    return switch (resource.kind()) {
      case TARGET, PRINCIPAL, ALERT_CHANNEL, POLICY, MODEL -> 0;
      case MODEL_VERSION -> 1;
      case SERVICE -> 2;
      case ROUTE, ROLE_BINDING, API_KEY, ROLLOUT -> 3;
    };
  }

  /// Applies part after part and stops at the first that fails.
  ///
  /// @param applied is given the answer to each part, as soon as it is there
  /// @throws CliException when a part after the first fails: it says what is applied and what is
  ///   not
  void apply(WeirClient client, String reason, Consumer<ApplyResponse> applied) {
    int done = 0;
    for (List<Resource> part : parts) {
      try {
        applied.accept(client.apply(ManifestFiles.text(part), false, reason));
      } catch (WeirApiException | WeirUnreachableException failure) {
        throw done == 0 && parts.size() == 1 ? failure : stopped(done, part.size(), failure);
      }
      done += part.size();
    }
  }

  private CliException stopped(int done, int failed, RuntimeException failure) {
    String what =
        failure instanceof WeirApiException
            ? "the next %d were refused".formatted(failed)
            : "whether the next %d were applied is not known".formatted(failed);
    return CliException.error(
        "%d of %d resources are applied (%d at a time at most); %s, later ones were not tried: %s\nCorrect the cause and apply all of them again: applied resources stay as they are."
            .formatted(done, size(), MOST_RESOURCES, what, ErrorMessages.describe(failure)));
  }

  private int size() {
    return parts.stream().mapToInt(List::size).sum();
  }

  /// The answers as one.
  ///
  /// @param answers one or more
  static ApplyResponse joined(List<ApplyResponse> answers) {
    List<ApplyResponse.Result> results = new ArrayList<>();
    List<ApplyPlan.Release> rollouts = new ArrayList<>();
    List<String> warnings = new ArrayList<>();
    for (ApplyResponse answer : answers) {
      results.addAll(answer.results());
      rollouts.addAll(answer.rollouts());
      warnings.addAll(answer.warnings());
    }
    ApplyResponse last = answers.getLast();
    return new ApplyResponse(results, last.revision(), last.dryRun(), rollouts, warnings);
  }
}
