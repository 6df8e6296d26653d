// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.access;

import dev.weir.control.access.AccessDecision.Allowed;
import dev.weir.control.access.AccessDecision.Forbidden;
import dev.weir.control.access.AccessDecision.Unauthenticated;
import dev.weir.model.ApiKey;
import dev.weir.model.Resource;
import dev.weir.model.RoleBinding;
import dev.weir.model.value.ResourceRef;
import dev.weir.store.CompactedException;
import dev.weir.store.Store;
import dev.weir.store.StoreException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Authenticates and authorises callers with the stored keys, principals and bindings. A change of
/// any of them applies from the next call on. An error denies.
public final class AccessControl {
  private static final Logger LOG = LoggerFactory.getLogger(AccessControl.class);

  private final Store store;
  private final InstantSource clock;
  private volatile AccessIndex index;

  public AccessControl(Store store, InstantSource clock) {
    this.store = store;
    this.clock = clock;
    this.index = AccessIndex.compile(store);
  }

  /// Finds the caller that a key belongs to.
  ///
  /// @param key the bearer token; empty when the call has none
  public AccessDecision authenticate(Optional<String> key) {
    if (key.isEmpty()) {
      return new Unauthenticated("no key");
    }
    return authenticate(Keys.hash(key.get()), Keys.hint(key.get()));
  }

  /// Authenticates the caller again: keys and roles may be revoked while a watch runs.
  public AccessDecision reauthenticate(AuthenticatedCaller caller) {
    return authenticate(caller.keyHash(), "");
  }

  /// Checks whether an authenticated caller may perform the action.
  public AccessDecision decide(AuthenticatedCaller caller, Permission action, AccessScope scope) {
    return caller.may(action, scope)
        ? new Allowed(caller)
        : new Forbidden(caller.principal(), needed(action, scope));
  }

  /// Whether the caller may read the resource.
  public boolean mayRead(AuthenticatedCaller caller, ResourceRef ref) {
    return caller.may(Permission.READ, AccessScope.reading(ref.kind(), ref.namespace()));
  }

  /// The reason why the caller must not write (create, change or delete) the resource; empty if the
  /// caller may.
  ///
  /// The caller needs the role for the kind. Further checks prevent privilege escalation. Only an
  /// administrator of all namespaces may write a binding for all namespaces. A key acts for its
  /// principal everywhere, so only a caller that administers every grant of the principal may write
  /// the key.
  ///
  /// @param before the stored resource, if there is one
  /// @param together the resources of the same commit: their bindings count too
  public Optional<String> writeRefusal(
      AuthenticatedCaller caller,
      Resource resource,
      Optional<Resource> before,
      List<Resource> together) {
    Permission action = Permission.writing(resource.kind());
    AccessScope scope = AccessScope.writing(resource.kind(), resource.metadata().namespace());
    if (!caller.may(action, scope)) {
      return Optional.of(needed(action, scope));
    }
    return Stream.concat(Stream.of(resource), before.stream())
        .flatMap(r -> escalates(caller, r, together).stream())
        .findFirst();
  }

  private Optional<String> escalates(
      AuthenticatedCaller caller, Resource resource, List<Resource> together) {
    return switch (resource) {
      case RoleBinding binding when !caller.administers(AccessIndex.grant(binding)) ->
          Optional.of(
              "it grants or changes the role "
                  + binding.spec().role().text()
                  + " in all namespaces; only an administrator of all namespaces may do this");
      case ApiKey key when !rules(caller, key.spec().principal(), together) ->
          Optional.of(
              "it acts for "
                  + key.spec().principal()
                  + ": only an administrator of all namespaces may write keys of a principal that"
                  + " has no role, or has one outside the namespaces that you administer");
      case Resource _ -> Optional.empty();
    };
  }

  /// Whether the caller administers every grant of the principal. A principal without grants gives
  /// `false`. Otherwise the result would distinguish an unknown principal from one with a role
  /// elsewhere, and only administrators of all namespaces may see principals.
  private boolean rules(AuthenticatedCaller caller, String principal, List<Resource> together) {
    if (caller.may(Permission.ADMINISTER, AccessScope.EVERYWHERE)) {
      return true;
    }
    var grants = new ArrayList<>(current().grantsOf(principal));
    together.stream()
        .filter(RoleBinding.class::isInstance)
        .map(RoleBinding.class::cast)
        .filter(binding -> binding.spec().principal().equals(principal))
        .forEach(binding -> grants.add(AccessIndex.grant(binding)));
    return !grants.isEmpty() && grants.stream().allMatch(caller::administers);
  }

  private AccessDecision authenticate(String hash, String hint) {
    try {
      return find(hash, hint);
    } catch (StoreException e) {
      throw e; // denies too, but the key is not the cause
    } catch (RuntimeException e) {
      LOG.atError()
          .addKeyValue("event", "access.failed")
          .setCause(e)
          .log("Access cannot be checked; the call is denied");
      return new Unauthenticated("the key could not be checked");
    }
  }

  private AccessDecision find(String hash, String hint) {
    AccessIndex now = current();
    Optional<ApiKey> found = now.key(hash);
    if (found.isEmpty()) {
      return new Unauthenticated("unknown key " + hint);
    }
    ApiKey key = found.get();
    if (key.spec().revoked()) {
      return new Unauthenticated("revoked key " + key.ref());
    }
    if (key.spec().expiresAt().filter(end -> !clock.instant().isBefore(end)).isPresent()) {
      return new Unauthenticated("expired key " + key.ref());
    }
    String principal = key.spec().principal();
    if (!now.enabled(principal)) {
      return new Unauthenticated("disabled principal of key " + key.ref());
    }
    return new Allowed(
        new AuthenticatedCaller(principal, key.ref(), hash, now.grantsOf(principal)));
  }

  private AccessIndex current() {
    AccessIndex newest;
    try {
      newest = index.upTo(store);
    } catch (CompactedException _) {
      newest = AccessIndex.compile(store);
    }
    index = newest;
    return newest;
  }

  private static String needed(Permission action, AccessScope scope) {
    String role =
        switch (action) {
          case READ -> "viewer";
          case DEPLOY -> "deployer";
          case INJECT_FAULTS, OVERRIDE, ADMINISTER -> "admin";
          case LINK -> "gateway";
        };
    String where =
        switch (scope) {
          case AccessScope.Namespace(String name) -> "in namespace " + name;
          case AccessScope.Everywhere _ -> "in all namespaces";
          case AccessScope.Anywhere _ -> "in some namespace";
        };
    return "needs the role " + role + " (or one that includes it) " + where;
  }
}
