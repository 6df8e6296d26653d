// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.access;

import dev.weir.control.change.Change.Apply;
import dev.weir.control.change.Change.ApplyAll;
import dev.weir.control.change.ChangeExecutor;
import dev.weir.control.change.ChangeExecutor.Actor;
import dev.weir.model.ApiKey;
import dev.weir.model.ApiKeySpec;
import dev.weir.model.Kind;
import dev.weir.model.Metadata;
import dev.weir.model.NoStatus;
import dev.weir.model.Principal;
import dev.weir.model.PrincipalSpec;
import dev.weir.model.PrincipalSpec.PrincipalType;
import dev.weir.model.Resource;
import dev.weir.model.RoleBinding;
import dev.weir.model.RoleBindingSpec;
import dev.weir.model.RoleBindingSpec.Role;
import dev.weir.model.Target;
import dev.weir.model.TargetSpec;
import dev.weir.model.TargetSpec.ProviderType;
import dev.weir.store.Commit;
import dev.weir.store.Store;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// The first resources of a new store: without an administrator nobody could make one.
public final class Bootstrap {
  /// The principals, their bindings and keys made here; the keys live in namespace `default`.
  public static final String ADMIN = "admin";

  public static final String GATEWAY = "gateway";

  /// The target that runs replicas on this machine.
  public static final String LOCAL_TARGET = "local";

  private Bootstrap() {}

  /// Whether the store has keys already, so that nothing is left to do.
  public static boolean done(Store store) {
    return !store.list(Kind.API_KEY, "").isEmpty();
  }

  /// On a store without any key: makes an administrator of everything, a gateway account, a key for
  /// each, and the target `local`, in one commit. Does nothing on any other store.
  ///
  /// The caller has made the keys durable *before* (in files that only their owner can read): they
  /// exist nowhere else, and a crash between the commit and the writing of the files would lock
  /// everybody out for ever.
  ///
  /// @param adminKey,gatewayKey from [Keys#fresh]
  public static void ensure(
      Store store, ChangeExecutor changes, String adminKey, String gatewayKey) {
    if (done(store)) {
      return;
    }
    var resources = new ArrayList<Resource>();
    resources.addAll(account(ADMIN, PrincipalType.USER, Role.ADMIN, adminKey));
    resources.addAll(account(GATEWAY, PrincipalType.SERVICE_ACCOUNT, Role.GATEWAY, gatewayKey));
    if (store.list(Kind.TARGET, "").isEmpty()) {
      resources.add(localTarget());
    }
    List<Apply> applies = resources.stream().map(r -> new Apply(r, OptionalLong.of(0))).toList();
    Commit commit =
        changes.execute(new ApplyAll(applies), Actor.WEIR, "first start on a new store");
    if (commit instanceof Commit.Conflict conflict) {
      throw new IllegalStateException(
          "the store has no keys but has "
              + conflict.ref()
              + " at revision "
              + conflict.currentRevision()
              + ": restore a backup, or start with an empty data folder");
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
            List.of()),
        new NoStatus());
  }
}
