// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import dev.weir.control.access.AuthenticatedCaller.Grant;
import dev.weir.control.access.Keys;
import dev.weir.control.api.call.ApiCall;
import dev.weir.control.api.call.ApiJson;
import dev.weir.control.api.call.ApiResponse;
import dev.weir.control.api.call.ProblemException;
import dev.weir.control.api.call.ProblemType;
import dev.weir.control.api.call.RequestBodies;
import dev.weir.control.api.call.WriteProblems;
import dev.weir.control.operations.Acknowledgement;
import dev.weir.control.pipeline.ChangePipeline;
import dev.weir.control.pipeline.WriteRequest.StoreGenerated;
import dev.weir.model.ApiKey;
import dev.weir.model.Principal;
import dev.weir.model.Resource;
import dev.weir.model.RoleBinding;
import dev.weir.model.check.ResourceChecks;
import dev.weir.model.spec.ApiKeySpec;
import dev.weir.model.spec.PrincipalSpec;
import dev.weir.model.spec.PrincipalSpec.PrincipalType;
import dev.weir.model.spec.RoleBindingSpec;
import dev.weir.model.spec.RoleBindingSpec.Role;
import dev.weir.model.status.NoStatus;
import dev.weir.model.value.Kind;
import dev.weir.model.value.Metadata;
import dev.weir.model.value.Problem;
import dev.weir.model.value.ResourceRef;
import dev.weir.store.Commit;
import dev.weir.store.Store;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Creates and revokes keys. The secret of a key is shown once and never stored.
final class KeyCalls {
  private final Store store;
  private final ChangePipeline pipeline;
  private final RandomGenerator random;
  private final Acknowledgement acknowledgement;

  KeyCalls(
      Store store,
      ChangePipeline pipeline,
      RandomGenerator random,
      Acknowledgement acknowledgement) {
    this.store = store;
    this.pipeline = pipeline;
    this.random = random;
    this.acknowledgement = acknowledgement;
  }

  /// Creates a key. With a role, also creates its principal (a service account) and binding if they
  /// are missing, in the same commit.
  ApiResponse issue(ApiCall call) {
    IssueRequest request = RequestBodies.object(call, IssueRequest.class);
    String secret = Keys.fresh(random);
    ApiKey key = key(call, request, secret);
    // Before any look-up: callers without permission must not learn which accounts exist.
    pipeline
        .authorise(call.author(), List.of(key))
        .ifPresent(refusal -> {
          throw WriteProblems.of(refusal);
        });
    List<Resource> set = new ArrayList<>();
    request.role().ifPresent(role -> set.addAll(account(call, request.principal(), role)));
    set.add(key);
    requireWellFormed(set);
    Commit.Done done = ResourceCalls.commit(pipeline, new StoreGenerated(set, key.ref(), 0), call);
    ObjectNode body = ApiJson.object().put("key", secret);
    body.set("resource", ApiJson.resource(done.results().getLast().resource()));
    return ApiResponse.json(201, body);
  }

  /// The names come from the path and the request, which the checks of manifests do not cover.
  private static void requireWellFormed(List<Resource> set) {
    List<Problem> problems =
        set.stream().flatMap(resource -> ResourceChecks.of(resource).stream()).distinct().toList();
    if (!problems.isEmpty()) {
      throw ProblemException.of(ProblemType.INVALID, problems);
    }
  }

  /// Responds when all connected gateways have acknowledged, and names those that have not.
  ApiResponse revoke(ApiCall call) {
    ResourceRef ref = call.ref(Kind.API_KEY);
    ApiKey stored = (ApiKey) ResourceCalls.found(store, ref);
    ApiKey revoked = stored.withSpec(stored.spec().asRevoked());
    var request = new StoreGenerated(List.of(revoked), ref, stored.metadata().revision());
    Commit.Done done = ResourceCalls.commit(pipeline, request, call);
    ObjectNode body = ApiJson.object();
    body.set("resource", ApiJson.resource(done.results().getFirst().resource()));
    Acknowledgement.Outcome known = acknowledgement.await();
    known.acknowledged().forEach(body.putArray("acknowledged")::add);
    body.set("unacknowledged", ApiJson.of(known.unacknowledged()));
    return ApiResponse.json(200, body);
  }

  ApiResponse whoami(ApiCall call) {
    ObjectNode body = ApiJson.object();
    body.put("principal", call.caller().principal());
    body.put("key", call.caller().key().toString());
    ArrayNode roles = body.putArray("roles");
    for (Grant grant : call.caller().grants()) {
      roles
          .addObject()
          .put("role", grant.role().text())
          .put("namespace", grant.namespace())
          .put("allNamespaces", grant.everywhere());
    }
    return ApiResponse.json(200, body);
  }

  private static ApiKey key(ApiCall call, IssueRequest request, String secret) {
    return new ApiKey(
        Metadata.of(call.namespace(), call.name()),
        new ApiKeySpec(
            request.principal(),
            Keys.hash(secret),
            Keys.hint(secret),
            request.expiresAt(),
            request.models(),
            request.pinVersion(),
            request.limits(),
            request.priority(),
            false),
        new NoStatus());
  }

  private List<Resource> account(ApiCall call, String principal, Role role) {
    var missing = new ArrayList<Resource>();
    if (store.get(ResourceRef.of(Kind.PRINCIPAL, "", principal)).isEmpty()) {
      missing.add(
          new Principal(
              Metadata.of("", principal),
              new PrincipalSpec(
                  PrincipalType.SERVICE_ACCOUNT, Optional.empty(), Optional.empty(), false),
              new NoStatus()));
    }
    if (!bound(call.namespace(), principal, role)) {
      missing.add(
          new RoleBinding(
              Metadata.of(call.namespace(), bindingName(call.namespace(), principal, role)),
              new RoleBindingSpec(principal, role, everywhere(role)),
              new NoStatus()));
    }
    return missing;
  }

  /// A gateway serves all namespaces, so it cannot connect with a binding for one.
  private static boolean everywhere(Role role) {
    return role == Role.GATEWAY;
  }

  private boolean bound(String namespace, String principal, Role role) {
    return store.list(Kind.ROLE_BINDING, "").stream()
        .map(RoleBinding.class::cast)
        .filter(b -> b.spec().principal().equals(principal) && b.spec().role() == role)
        .anyMatch(b ->
            b.spec().allNamespaces()
                || (!everywhere(role) && b.metadata().namespace().equals(namespace)));
  }

  /// Refuses to overwrite an existing binding of the same name with another content.
  private String bindingName(String namespace, String principal, Role role) {
    String name = principal + "-" + role.text();
    ResourceRef ref = ResourceRef.of(Kind.ROLE_BINDING, namespace, name);
    if (store.get(ref).isPresent()) {
      throw ProblemException.of(
          ProblemType.CONFLICT,
          List.of(
              new Problem(
                  "role",
                  role.text(),
                  ref + " exists with another content; change it, or omit the role")));
    }
    return name;
  }
}
