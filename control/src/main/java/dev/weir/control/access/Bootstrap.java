// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.access;

import dev.weir.control.change.Change.Apply;
import dev.weir.control.change.Change.ApplyAll;
import dev.weir.control.change.ChangeExecutor;
import dev.weir.control.change.ChangeExecutor.Actor;
import dev.weir.model.ApiKey;
import dev.weir.model.Principal;
import dev.weir.model.Resource;
import dev.weir.model.RoleBinding;
import dev.weir.model.Target;
import dev.weir.model.spec.ApiKeySpec;
import dev.weir.model.spec.PrincipalSpec;
import dev.weir.model.spec.PrincipalSpec.PrincipalType;
import dev.weir.model.spec.RoleBindingSpec;
import dev.weir.model.spec.RoleBindingSpec.Role;
import dev.weir.model.spec.TargetSpec;
import dev.weir.model.spec.TargetSpec.ProviderType;
import dev.weir.model.status.NoStatus;
import dev.weir.model.value.Kind;
import dev.weir.model.value.Metadata;
import dev.weir.store.Commit;
import dev.weir.store.Store;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// Creates the first resources of a new store, including the first administrator.
public final class Bootstrap {
  /// The name of the administrator's principal, binding and key; the key is in namespace `default`.
  public static final String ADMIN = "admin";

  public static final String GATEWAY = "gateway";

  /// The target that runs replicas on this machine.
  public static final String LOCAL_TARGET = "local";

  private Bootstrap() {}

  /// The result of [#ensure].
  public sealed interface Outcome {
    record Created() implements Outcome {}

    /// The store already has keys; nothing changed.
    record AlreadyDone() implements Outcome {}
  }

  /// Whether the store has keys, so that there is nothing to create.
  public static boolean done(Store store) {
    return !store.list(Kind.API_KEY, "").isEmpty();
  }

  /// On a store without keys, creates in one commit: an administrator of all namespaces, a gateway
  /// account, a key for each, and the target `local`.
  ///
  /// The caller writes the keys to files that only their owner can read *before* this call: the
  /// store has only hashes, and after a crash in between the next start continues with the same
  /// keys.
  ///
  /// @param adminKey from `Keys.fresh`
  /// @param gatewayKey another key from `Keys.fresh`
  public static Outcome ensure(
      Store store, ChangeExecutor changes, String adminKey, String gatewayKey) {
    if (done(store)) {
      return new Outcome.AlreadyDone();
    }
    requireStrong(adminKey);
    requireStrong(gatewayKey);
    var resources = new ArrayList<Resource>();
    resources.addAll(account(ADMIN, PrincipalType.USER, Role.ADMIN, adminKey));
    resources.addAll(account(GATEWAY, PrincipalType.SERVICE_ACCOUNT, Role.GATEWAY, gatewayKey));
    if (store.list(Kind.TARGET, "").isEmpty()) {
      resources.add(localTarget());
    }
    List<Apply> applies = resources.stream().map(r -> new Apply(r, OptionalLong.of(0))).toList();
    Commit commit =
        changes.execute(new ApplyAll(applies), Actor.WEIR, "first start on a new store");
    return switch (commit) {
      case Commit.Done _ -> new Outcome.Created();
      case Commit.Conflict conflict ->
          throw new IllegalStateException(
              "the store has no keys but has "
                  + conflict.ref()
                  + " at revision "
                  + conflict.currentRevision()
                  + ": restore a backup, or start with an empty data folder");
    };
  }

  /// Replaces the key of the administrator and restores the role, on a store whose keys are lost:
  /// the store has only their hashes. The previous key becomes invalid.
  ///
  /// @param adminKey from `Keys.fresh`; the caller has already saved it
  public static void renewAdmin(ChangeExecutor changes, String adminKey) {
    requireStrong(adminKey);
    List<Apply> applies =
        account(ADMIN, PrincipalType.USER, Role.ADMIN, adminKey).stream()
            .map(resource -> new Apply(resource, OptionalLong.empty()))
            .toList();
    var _ =
        changes.execute(
            new ApplyAll(applies), Actor.WEIR, "a new administrator's key after a restore");
  }

  private static void requireStrong(String key) {
    if (Keys.hint(key).isEmpty()) {
      throw new IllegalArgumentException(
          "a key starts with "
              + Keys.PREFIX
              + " and goes on with 22 random characters or more; remove the damaged key file");
    }
  }

  private static List<Resource> account(String name, PrincipalType type, Role role, String secret) {
    Metadata inDefault = Metadata.of(Metadata.DEFAULT_NAMESPACE, name);
    return List.of(
        new Principal(
            Metadata.of("", name),
            new PrincipalSpec(type, Optional.empty(), Optional.empty(), false),
            new NoStatus()),
        new RoleBinding(inDefault, new RoleBindingSpec(name, role, true), new NoStatus()),
        new ApiKey(
            inDefault,
            new ApiKeySpec(
                name,
                Keys.hash(secret),
                Keys.hint(secret),
                Optional.empty(),
                List.of(),
                false,
                false),
            new NoStatus()));
  }

  private static Target localTarget() {
    return new Target(
        Metadata.of("", LOCAL_TARGET),
        new TargetSpec(
            ProviderType.PROCESS,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Map.of(),
            List.of(),
            Optional.empty(),
            TargetSpec.TlsSpec.NONE),
        new NoStatus());
  }
}
