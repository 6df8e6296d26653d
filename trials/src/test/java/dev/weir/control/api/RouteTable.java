// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import dev.weir.control.access.AccessScope;
import dev.weir.control.access.Permission;
import dev.weir.control.api.call.ApiRoute;
import dev.weir.control.api.call.ApiRoute.Requirement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.NullUnmarked;

/// The routes of the control plane, without a control plane behind them.
public final class RouteTable {
  private RouteTable() {}

  /// One route.
  ///
  /// @param permission empty when any valid key, or none, is enough
  /// @param access in words
  /// @param query one parameter each: name, type, description
  /// @param request name of the schema; empty without a body
  /// @param response name of the schema, or the content type
  public record Row(
      String method,
      String path,
      String summary,
      Optional<Permission> permission,
      String access,
      List<Query> query,
      String request,
      String response) {}

  /// A query parameter.
  public record Query(String name, String type, String description) {}

  public static List<Row> all() {
    return routes().all().stream().map(RouteTable::row).toList();
  }

  private static Row row(ApiRoute route) {
    return new Row(
        route.method().name(),
        route.template(),
        route.summary(),
        route.need() instanceof Requirement.Allowed allowed
            ? Optional.of(allowed.action())
            : Optional.empty(),
        access(route),
        route.query().stream()
            .map(query -> new Query(query.name(), query.type(), query.description()))
            .toList(),
        request(route.body()),
        route.answer().isEmpty() ? route.answerType() : route.answer());
  }

  private static String access(ApiRoute route) {
    return switch (route.need()) {
      case Requirement.NoKey _ -> "no key";
      case Requirement.AnyKey _ -> "any valid key";
      case Requirement.Allowed allowed -> {
        var path = Map.of("namespace", "NAMESPACE");
        yield allowed.action() + " " + scope(allowed.scope().apply(path));
      }
    };
  }

  private static String scope(AccessScope scope) {
    return switch (scope) {
      case AccessScope.Namespace _ -> "in the namespace";
      case AccessScope.Everywhere _ -> "in all namespaces";
      case AccessScope.Anywhere _ -> "in at least one namespace";
    };
  }

  private static String request(ApiRoute.Body body) {
    if (body.maxBytes() == 0) {
      return "";
    }
    return body.schema().isEmpty() ? String.join(" or ", body.contentTypes()) : body.schema();
  }

  /// No handler is ever called, so none needs what it works with.
  @NullUnmarked
  private static ApiRoutes routes() {
    return new ApiRoutes(
        new ResourceCalls(null, null, null, null),
        new ApplyCalls(null, null),
        new RolloutCalls(null, null),
        new KeyCalls(null, null, null, null),
        new ViewCalls(null, null, List.of()),
        new AuditCalls(null, null),
        new ReplicaCalls(null, null, null, null),
        new FaultCalls(null),
        new AlertCalls(null),
        new RequestCalls(null),
        new WatchCalls(null, null, null),
        new LinkCalls(null, null, null, null),
        new BackupCalls(null, null),
        new PublicCalls(null, null, null));
  }
}
