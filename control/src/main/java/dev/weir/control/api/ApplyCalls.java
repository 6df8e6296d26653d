// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import dev.weir.control.access.AccessScope;
import dev.weir.control.access.Permission;
import dev.weir.control.change.Change.Apply;
import dev.weir.control.change.Change.ApplyAll;
import dev.weir.control.change.ChangePlan;
import dev.weir.control.change.ChangeRefusedException;
import dev.weir.control.change.ChangeRefusedException.Why;
import dev.weir.control.rollout.RolloutOperations;
import dev.weir.control.validation.ResourceLookup;
import dev.weir.control.validation.Rules;
import dev.weir.model.ApiKey;
import dev.weir.model.Problem;
import dev.weir.model.Resource;
import dev.weir.model.RoleBinding;
import dev.weir.model.Service;
import dev.weir.store.Store;
import java.util.List;
import java.util.OptionalLong;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Sets of resources: apply all or none, or say what that would do.
final class ApplyCalls {
  private final Store store;
  private final ResourceLookup stored;
  private final ChangeWriter writer;
  private final RolloutOperations commands;

  ApplyCalls(Store store, ChangeWriter writer, RolloutOperations commands) {
    this.commands = commands;
    this.store = store;
    this.stored = ResourceLookup.of(store);
    this.writer = writer;
  }

  ApiResponse apply(ApiCall call) {
    List<Resource> set = writer.usable(call, "", _ -> {});
    OptionalLong expected = expected(call, set);
    if (call.flag("dryRun")) {
      requireClean(set);
      ChangePlan plan = ChangePlan.of(set, stored);
      return answer(WriteResultJson.answer(plan, store.revision()), set, rollouts(plan));
    }
    ArrayNode rollouts = rollouts(ChangePlan.of(set, stored));
    List<Apply> applies = set.stream().map(r -> new Apply(r, expected)).toList();
    return answer(
        WriteResultJson.answer(writer.commit(new ApplyAll(applies), call)), set, rollouts);
  }

  private ArrayNode rollouts(ChangePlan plan) {
    ArrayNode rollouts = ApiJson.array();
    plan.rollouts().forEach(release -> addRelease(rollouts.addObject(), release, plan));
    return rollouts;
  }

  private ApiResponse answer(ObjectNode effects, List<Resource> set, ArrayNode rollouts) {
    effects.set("rollouts", rollouts);
    ArrayNode warnings = effects.putArray("warnings");
    writer.warnings(set).forEach(warnings::add);
    return ApiResponse.json(200, effects);
  }

  ApiResponse plan(ApiCall call) {
    RequestBodies.Manifest manifest = RequestBodies.manifest(call, "");
    List<Resource> set = manifest.resources();
    requireReadable(call, set);
    writer.requireRight(call, set.stream().filter(ApplyCalls::namesPrincipal).toList());
    if (!manifest.problems().isEmpty()) {
      throw ProblemException.of(ProblemType.INVALID, manifest.problems());
    }
    requireClean(set);
    ChangePlan plan = ChangePlan.of(set, stored);
    ObjectNode body = ApiJson.object();
    ArrayNode changes = body.putArray("changes");
    plan.changes().forEach(change -> addChange(changes.addObject(), change));
    body.set("rollouts", rollouts(plan));
    body.putObject("replicas")
        .put("before", plan.replicasBefore())
        .put("after", plan.replicasAfter());
    return ApiResponse.json(200, body);
  }

  /// A revision is that of one resource; of a set there is none.
  private OptionalLong expected(ApiCall call, List<Resource> set) {
    if (!Preconditions.given(call)) {
      return OptionalLong.empty();
    }
    if (set.size() != 1) {
      throw ProblemException.of(
          ProblemType.MALFORMED, "If-Match guards one resource, the body holds " + set.size());
    }
    OptionalLong expected = Preconditions.expected(call, store, set.getFirst().ref());
    Preconditions.require(call, store, set.getFirst().ref());
    return expected;
  }

  private void requireClean(List<Resource> set) {
    Rules.Findings findings = Rules.check(set, stored);
    if (!findings.clean()) {
      Why why = findings.invalid().isEmpty() ? Why.CONFLICT : Why.INVALID;
      throw ChangeWriter.refused(new ChangeRefusedException(why, findings.all()));
    }
  }

  /// A plan shows what is stored, so each resource of it must be the caller's to read.
  private static void requireReadable(ApiCall call, List<Resource> set) {
    List<Problem> hidden =
        set.stream()
            .filter(r ->
                !call.caller()
                    .may(Permission.READ, AccessScope.reading(r.kind(), r.metadata().namespace())))
            .map(r -> new Problem("", r.ref().toString(), "needs the role viewer there"))
            .toList();
    if (!hidden.isEmpty()) {
      throw ProblemException.of(ProblemType.FORBIDDEN, hidden);
    }
  }

  /// The check of such a resource knows of principals, whom not every reader may know of.
  private static boolean namesPrincipal(Resource resource) {
    return resource instanceof RoleBinding || resource instanceof ApiKey;
  }

  private static void addChange(ObjectNode node, ChangePlan.Planned change) {
    WriteResultJson.name(node, change.after().ref())
        .put("effect", WriteResultJson.text(change.effect()));
    node.set("fields", FieldDiff.between(change.before(), change.after()));
  }

  private void addRelease(ObjectNode node, ChangePlan.Release release, ChangePlan plan) {
    node.put("service", release.service().namespace() + "/" + release.service().name())
        .put("from", release.from().toString())
        .put("to", release.to().toString());
    ArrayNode steps = node.putArray("steps");
    release.weights().forEach(steps::add);
    node.put("minSeconds", release.atLeast().toMillis() / 1000.0);
    ArrayNode forecast = node.putArray("forecast");
    List<Resource> wanted = plan.changes().stream().map(ChangePlan.Planned::after).toList();
    wanted.stream()
        .filter(after -> after.ref().equals(release.service()))
        .map(Service.class::cast)
        .forEach(service -> {
          commands.forecast(service).forEach(forecast::add);
          commands
              .outlook(service, wanted)
              .ifPresent(outlook -> node.setAll((ObjectNode) ApiJson.of(List.of(outlook)).get(0)));
        });
  }
}
