// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import dev.weir.model.codec.Json;
import dev.weir.model.view.Evidence;
import dev.weir.model.view.SummaryView;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// A rollout in words, and the evidence of its decisions.
///
/// @param summary empty if the control plane is too old to report it
/// @param decisions oldest first
public record Explanation(Optional<SummaryView> summary, List<Evidence> decisions) {
  public Explanation {
    decisions = List.copyOf(decisions);
  }

  static Explanation read(JsonNode response) {
    JsonNode summary = response.path("summary");
    return new Explanation(
        summary.isObject() ? Optional.of(Json.read(summary, SummaryView.class)) : Optional.empty(),
        response.path("items").valueStream().map(item -> Json.read(item, Evidence.class)).toList());
  }
}
