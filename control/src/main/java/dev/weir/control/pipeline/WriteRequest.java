// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.pipeline;

import dev.weir.control.change.Change;
import dev.weir.control.change.Change.Apply;
import dev.weir.control.change.Change.ApplyAll;
import dev.weir.model.Resource;
import dev.weir.model.value.ResourceRef;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// A write that a caller requests over the API.
public sealed interface WriteRequest {
  /// Whether all steps except the commit run.
  default boolean dryRun() {
    return false;
  }

  /// The resource that a precondition of the call refers to; empty for several resources.
  ///
  /// @param set the decoded resources
  Optional<ResourceRef> guarded(List<Resource> set);

  /// Whether the write is a manifest of a user, so that it may contain resources that it does not
  /// change.
  default boolean mayContainUnchanged() {
    return false;
  }

  /// The change to commit.
  ///
  /// @param set the decoded resources
  /// @param expected the revision that the precondition of the call requires; empty for any
  /// @param unchanged required revisions of resources that the caller may only read
  default Change change(
      List<Resource> set, OptionalLong expected, Map<ResourceRef, Long> unchanged) {
    return new ApplyAll(
        set.stream()
            .map(resource ->
                new Apply(
                    resource,
                    unchanged.containsKey(resource.ref())
                        ? OptionalLong.of(unchanged.get(resource.ref()))
                        : expected))
            .toList());
  }

  /// Creates or changes one resource.
  ///
  /// @param ref the resource that the path names
  /// @param body a manifest, YAML or JSON, that contains exactly this resource
  record Put(ResourceRef ref, String body) implements WriteRequest {
    @Override
    public boolean mayContainUnchanged() {
      return true;
    }

    @Override
    public Optional<ResourceRef> guarded(List<Resource> set) {
      return Optional.of(ref);
    }
  }

  /// Creates or changes all resources of the body, or none.
  ///
  /// @param body manifests, YAML or JSON
  record ApplySet(String body, boolean dryRun) implements WriteRequest {
    @Override
    public boolean mayContainUnchanged() {
      return true;
    }

    @Override
    public Optional<ResourceRef> guarded(List<Resource> set) {
      return set.size() == 1 ? Optional.of(set.getFirst().ref()) : Optional.empty();
    }
  }

  /// Deletes one resource.
  record Delete(ResourceRef ref) implements WriteRequest {
    @Override
    public Optional<ResourceRef> guarded(List<Resource> set) {
      return Optional.of(ref);
    }

    @Override
    public Change change(
        List<Resource> set, OptionalLong expected, Map<ResourceRef, Long> unchanged) {
      return new Change.Delete(ref, expected);
    }
  }

  /// Stores resources that Weir generated for the caller, such as an API key: all of them or none.
  ///
  /// @param key the resource that a precondition of the call refers to
  /// @param expectedRevision the required revision of each resource; 0 requires that it does not
  ///   exist
  record StoreGenerated(List<Resource> resources, ResourceRef key, long expectedRevision)
      implements WriteRequest {
    public StoreGenerated {
      resources = List.copyOf(resources);
    }

    @Override
    public Optional<ResourceRef> guarded(List<Resource> set) {
      return Optional.of(key);
    }

    @Override
    public Change change(
        List<Resource> set, OptionalLong expected, Map<ResourceRef, Long> unchanged) {
      return WriteRequest.super.change(set, OptionalLong.of(expectedRevision), unchanged);
    }
  }
}
