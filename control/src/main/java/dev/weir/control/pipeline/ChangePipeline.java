// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.pipeline;

import dev.weir.control.access.AccessControl;
import dev.weir.control.change.Change;
import dev.weir.control.change.ChangeExecutor;
import dev.weir.control.change.ChangePlan;
import dev.weir.control.change.ChangeRefusedException;
import dev.weir.control.pipeline.ManifestDecoder.Decoded;
import dev.weir.control.pipeline.WriteRequest.ApplySet;
import dev.weir.control.pipeline.WriteRequest.Delete;
import dev.weir.control.pipeline.WriteRequest.Put;
import dev.weir.control.pipeline.WriteRequest.StoreGenerated;
import dev.weir.control.pipeline.WriteResult.Committed;
import dev.weir.control.pipeline.WriteResult.DryRun;
import dev.weir.control.pipeline.WriteResult.Preview;
import dev.weir.control.pipeline.WriteResult.Refused;
import dev.weir.control.rollout.RolloutOperations;
import dev.weir.control.validation.EnvironmentRules;
import dev.weir.control.validation.ResourceLookup;
import dev.weir.model.Resource;
import dev.weir.model.value.ResourceRef;
import dev.weir.store.Commit;
import dev.weir.store.Store;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The path of every write of resources over the API. [#run] contains its steps in order: decode,
/// authorise, validate, check the precondition, commit. The first step that refuses ends the write,
/// and nothing is written.
///
/// Before this path, the route table has authenticated the caller and checked its role for the
/// path; only then was the body read. The caller of this class writes refusals that are denials to
/// the audit log. Commands to rollouts, replicas and faults carry no resources: their handlers
/// decide and commit.
public final class ChangePipeline {
  private final Store store;
  private final ResourceLookup stored;
  private final WriteAccess access;
  private final WriteRules rules;
  private final ChangeExecutor changes;
  private final RolloutOperations rollouts;

  public ChangePipeline(
      Store store,
      AccessControl accessControl,
      EnvironmentRules environment,
      ChangeExecutor changes,
      RolloutOperations rollouts,
      InstantSource clock) {
    this.store = store;
    this.stored = ResourceLookup.of(store);
    this.access = new WriteAccess(store, accessControl);
    this.rules = new WriteRules(stored, environment, clock);
    this.changes = changes;
    this.rollouts = rollouts;
  }

  /// Runs one write. Nothing is written unless the result is [Committed].
  public WriteResult run(WriteRequest request, Author author, Precondition precondition) {
    Decoded decoded = decode(request);
    List<Resource> set = decoded.resources();
    Optional<ResourceRef> guarded = request.guarded(set);
    long current = guarded.map(this::revision).orElse(0L);
    Map<ResourceRef, Long> unchanged =
        request.mayContainUnchanged() ? access.unchanged(author.caller(), set) : Map.of();
    Optional<Refusal> refusal =
        authorise(author, changed(set, unchanged))
            .or(() -> validate(request, decoded))
            .or(() -> precondition.refusal(guarded, current, set.size()));
    if (refusal.isPresent()) {
      return new Refused(refusal.get());
    }
    if (request.dryRun()) {
      return dryRun(request, decoded);
    }
    if (author.reason().length() > Author.MAX_REASON) {
      return new Refused(Author.REASON_TOO_LONG);
    }
    Preview preview = preview(request, decoded);
    try {
      Change change = request.change(set, precondition.expected(current), unchanged);
      return switch (changes.execute(change, author.actor(), author.reason())) {
        case Commit.Done done -> new Committed(done, preview);
        case Commit.Conflict conflict -> new Refused(precondition.overtaken(conflict));
      };
    } catch (ChangeRefusedException e) {
      return new Refused(Refusal.of(e));
    }
  }

  /// The refusal of a caller that may not write all of the resources.
  public Optional<Refusal> authorise(Author author, List<Resource> set) {
    return access.refusal(author.caller(), set);
  }

  /// A resource that the write does not change needs only the right to read it.
  private static List<Resource> changed(List<Resource> set, Map<ResourceRef, Long> unchanged) {
    return set.stream().filter(resource -> !unchanged.containsKey(resource.ref())).toList();
  }

  private Decoded decode(WriteRequest request) {
    return switch (request) {
      case Put(ResourceRef ref, String body) -> ManifestDecoder.decode(body, ref.namespace());
      case ApplySet(String body, _) -> ManifestDecoder.decode(body, "");
      case Delete(ResourceRef ref) -> Decoded.of(store.get(ref).stream().toList());
      case StoreGenerated(var resources, _, _) -> Decoded.of(resources);
    };
  }

  private Optional<Refusal> validate(WriteRequest request, Decoded decoded) {
    List<Resource> set = decoded.resources();
    return switch (request) {
      case Put(ResourceRef ref, _) ->
          decoded.empty().or(() -> rules.invalid(decoded)).or(() -> WriteRules.notNamed(ref, set));
      case ApplySet _ -> decoded.empty().or(() -> rules.invalid(decoded));
      case Delete(ResourceRef ref) ->
          set.isEmpty() ? Optional.of(new Refusal.NotFound(ref)) : Optional.empty();
      case StoreGenerated _ -> Optional.empty();
    };
  }

  private long revision(ResourceRef ref) {
    return store.get(ref).map(resource -> resource.metadata().revision()).orElse(0L);
  }

  private WriteResult dryRun(WriteRequest request, Decoded decoded) {
    List<Resource> set = decoded.resources();
    Optional<Refusal> violated = rules.violated(set);
    if (violated.isPresent()) {
      return new Refused(violated.get());
    }
    return new DryRun(ChangePlan.of(set, stored), store.revision(), preview(request, decoded));
  }

  /// What the write starts and warns about, from the state before it.
  private Preview preview(WriteRequest request, Decoded decoded) {
    if (!(request instanceof ApplySet)) {
      return new Preview(List.of(), decoded.warnings());
    }
    ChangePlan plan = ChangePlan.of(decoded.resources(), stored);
    List<String> warnings = new ArrayList<>(decoded.warnings());
    warnings.addAll(rules.warnings(decoded.resources()));
    warnings.addAll(OutOfSyncWarnings.of(plan, stored));
    return new Preview(ReleasePreview.of(plan, rollouts), warnings);
  }
}
