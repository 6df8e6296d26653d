// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import dev.weir.control.api.call.ApiCall;
import dev.weir.control.api.call.ApiJson;
import dev.weir.control.api.call.ApiResponse;
import dev.weir.control.api.call.Preconditions;
import dev.weir.control.api.call.WriteProblems;
import dev.weir.control.change.ChangePlan;
import dev.weir.control.pipeline.ChangePipeline;
import dev.weir.control.pipeline.ChangePlanner;
import dev.weir.control.pipeline.ChangePlanner.PlanResult;
import dev.weir.control.pipeline.Refusal;
import dev.weir.control.pipeline.ReleasePreview;
import dev.weir.control.pipeline.WriteRequest.ApplySet;
import dev.weir.control.pipeline.WriteResult.Committed;
import dev.weir.control.pipeline.WriteResult.DryRun;
import dev.weir.control.pipeline.WriteResult.Preview;
import dev.weir.control.pipeline.WriteResult.Refused;
import dev.weir.store.Commit;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Calls with several resources: apply all or none, or show what an apply changes.
final class ApplyCalls {
  private final ChangePipeline pipeline;
  private final ChangePlanner planner;

  ApplyCalls(ChangePipeline pipeline, ChangePlanner planner) {
    this.pipeline = pipeline;
    this.planner = planner;
  }

  ApiResponse apply(ApiCall call) {
    var request = new ApplySet(ApiJson.utf8(call.body()), call.flag("dryRun"));
    return switch (pipeline.run(request, call.author(), Preconditions.of(call))) {
      case Committed(Commit.Done done, Preview preview) ->
          answer(WriteResultJson.answer(done), preview);
      case DryRun(ChangePlan plan, long revision, Preview preview) ->
          answer(WriteResultJson.answer(plan, revision), preview);
      case Refused(Refusal refusal) -> throw WriteProblems.of(refusal);
    };
  }

  ApiResponse plan(ApiCall call) {
    return switch (planner.plan(ApiJson.utf8(call.body()), call.caller())) {
      case PlanResult.Planned planned -> answer(planned);
      case PlanResult.Refused(Refusal refusal) -> throw WriteProblems.of(refusal);
    };
  }

  private static ApiResponse answer(ObjectNode effects, Preview preview) {
    effects.set("rollouts", releases(preview.releases()));
    ArrayNode warnings = effects.putArray("warnings");
    preview.warnings().forEach(warnings::add);
    return ApiResponse.json(200, effects);
  }

  private static ApiResponse answer(PlanResult.Planned planned) {
    ChangePlan plan = planned.plan();
    ObjectNode body = ApiJson.object();
    ArrayNode changes = body.putArray("changes");
    plan.changes().forEach(change -> addChange(changes.addObject(), change));
    body.set("rollouts", releases(planned.releases()));
    body.putObject("replicas")
        .put("before", plan.replicasBefore())
        .put("after", plan.replicasAfter());
    ArrayNode warnings = body.putArray("warnings");
    planned.warnings().forEach(warnings::add);
    return ApiResponse.json(200, body);
  }

  private static void addChange(ObjectNode node, ChangePlan.Planned change) {
    WriteResultJson.name(node, change.after().ref())
        .put("effect", WriteResultJson.text(change.effect()));
    node.set("fields", FieldDiff.between(change.before(), change.after()));
  }

  private static ArrayNode releases(List<ReleasePreview> previews) {
    ArrayNode releases = ApiJson.array();
    previews.forEach(preview -> addRelease(releases.addObject(), preview));
    return releases;
  }

  private static void addRelease(ObjectNode node, ReleasePreview preview) {
    ChangePlan.Release release = preview.release();
    node.put("service", release.service().namespace() + "/" + release.service().name())
        .put("from", release.from().toString())
        .put("to", release.to().toString());
    ArrayNode steps = node.putArray("steps");
    release.weights().forEach(steps::add);
    node.put("minSeconds", release.atLeast().toMillis() / 1000.0);
    ArrayNode forecast = node.putArray("forecast");
    preview.forecast().forEach(forecast::add);
    preview.traffic().ifPresent(traffic -> node.put("traffic", traffic));
    preview
        .outlook()
        .ifPresent(outlook -> node.setAll((ObjectNode) ApiJson.of(List.of(outlook)).get(0)));
  }
}
