// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.resource;

import dev.weir.cli.session.CliException;
import dev.weir.cli.session.ErrorMessages;
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

/// Splits resources into parts that fit into one transaction each, and applies the parts in order.
/// Each part is applied completely or not at all.
final class ApplyParts {
  /// The limit of control planes of this version and the previous one.
  static final int MAX_RESOURCES = 1_000;

  /// Below the request limit of 4 MiB.
  static final int MAX_BYTES = 3 * 1024 * 1024;

  private final List<List<Resource>> parts;

  private ApplyParts(List<List<Resource>> parts) {
    this.parts = parts;
  }

  /// Puts resources that others refer to into earlier parts; otherwise keeps the order.
  static ApplyParts of(List<Resource> resources) {
    List<List<Resource>> parts = split(resources);
    return new ApplyParts(
        parts.size() == 1
            ? parts
            : split(
                resources.stream()
                    .sorted(Comparator.comparingInt(resource -> resource.kind().applyOrder()))
                    .toList()));
  }

  private static List<List<Resource>> split(List<Resource> resources) {
    List<List<Resource>> parts = new ArrayList<>();
    List<Resource> part = new ArrayList<>();
    int bytes = 0;
    for (Resource resource : resources) {
      int size = ManifestFiles.text(List.of(resource)).getBytes(StandardCharsets.UTF_8).length;
      if (!part.isEmpty() && (part.size() == MAX_RESOURCES || bytes + size > MAX_BYTES)) {
        parts.add(part);
        part = new ArrayList<>();
        bytes = 0;
      }
      part.add(resource);
      bytes += size;
    }
    parts.add(part);
    return parts;
  }

  /// Applies the parts in order and stops at the first that fails.
  ///
  /// @param applied receives the response to each part as soon as it arrives
  /// @throws CliException when one of several parts fails; it reports what is applied and what is
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
    String rest =
        failure instanceof WeirApiException
            ? "the next %d were rejected".formatted(failed)
            : "it is not known whether the next %d were applied".formatted(failed);
    return CliException.error(
        "%d of %d resources are applied (at most %d per transaction); %s, later ones were not tried: %s\nFix the cause and apply all of them again: resources that are applied already do not change."
            .formatted(done, size(), MAX_RESOURCES, rest, ErrorMessages.describe(failure)));
  }

  private int size() {
    return parts.stream().mapToInt(List::size).sum();
  }

  /// Combines the responses into one.
  ///
  /// @param responses one or more
  static ApplyResponse joined(List<ApplyResponse> responses) {
    List<ApplyResponse.Result> results = new ArrayList<>();
    List<ApplyPlan.Release> rollouts = new ArrayList<>();
    List<String> warnings = new ArrayList<>();
    for (ApplyResponse response : responses) {
      results.addAll(response.results());
      rollouts.addAll(response.rollouts());
      warnings.addAll(response.warnings());
    }
    ApplyResponse last = responses.getLast();
    return new ApplyResponse(results, last.revision(), last.dryRun(), rollouts, warnings);
  }
}
