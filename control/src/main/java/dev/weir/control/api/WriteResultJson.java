// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import dev.weir.control.api.call.ApiJson;
import dev.weir.control.change.ChangePlan;
import dev.weir.model.Resource;
import dev.weir.model.value.ResourceRef;
import dev.weir.store.Commit;
import dev.weir.store.Commit.Effect;
import java.util.Locale;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The results of writes, or of their dry runs, as JSON.
final class WriteResultJson {
  private WriteResultJson() {}

  static ObjectNode answer(Commit.Done done) {
    ObjectNode body = ApiJson.object();
    ArrayNode results = body.putArray("results");
    for (Commit.Result result : done.results()) {
      add(results, result.effect(), result.resource());
    }
    return body.put("revision", done.revision()).put("dryRun", false);
  }

  /// The results of a dry run, in which no resource has a new revision.
  static ObjectNode answer(ChangePlan plan, long revision) {
    ObjectNode body = ApiJson.object();
    ArrayNode results = body.putArray("results");
    for (ChangePlan.Planned change : plan.changes()) {
      add(results, change.effect(), change.before().orElse(change.after()));
    }
    return body.put("revision", revision).put("dryRun", true);
  }

  static ObjectNode name(ObjectNode node, ResourceRef ref) {
    return node.put("kind", ref.kind().text())
        .put("namespace", ref.namespace())
        .put("name", ref.name());
  }

  static String text(Effect effect) {
    return effect.name().toLowerCase(Locale.ROOT);
  }

  private static void add(ArrayNode results, Effect effect, Resource resource) {
    name(results.addObject(), resource.ref())
        .put("effect", text(effect))
        .put("revision", resource.metadata().revision());
  }
}
