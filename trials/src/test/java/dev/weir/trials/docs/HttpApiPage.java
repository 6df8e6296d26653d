// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.docs;

import dev.weir.control.access.Permission;
import dev.weir.control.api.RouteTable;
import dev.weir.gateway.LocalPath;
import dev.weir.gateway.dialect.ApiPath;
import dev.weir.model.codec.EngineProfiles;
import dev.weir.model.engine.BuiltInEngines;
import dev.weir.model.spec.EngineType;
import dev.weir.model.spec.RoleBindingSpec.Role;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// `docs/reference/http-api.md`.
final class HttpApiPage {
  private static final List<String> COLUMNS =
      List.of("method and path", "description", "access", "query", "request", "response");

  private HttpApiPage() {}

  static String text() {
    ReferencePage page =
        new ReferencePage("HTTP API", "the route table of the control plane and of the gateway");
    page.paragraph(
        "Send the key as `Authorization: Bearer KEY`. Errors are in [errors](errors.md).");
    gateway(page);
    control(page);
    permissions(page);
    return page.text();
  }

  private static void gateway(ReferencePage page) {
    page.section("Gateway");
    page.paragraph(
        "The gateway sends these requests to an engine. It does not change unknown fields. All use"
            + " method `POST`. Other paths of an engine are not reachable. [Keys, tenants and"
            + " limits](../guides/keys-tenants-and-limits.md) describes the headers.");
    page.table(
        List.of("path", "API family", "engines"),
        ApiPath.all().stream()
            .map(path ->
                List.of(
                    ReferencePage.code(path.path()),
                    path.family().name().toLowerCase(Locale.ROOT),
                    engines(path))));
    page.paragraph("The gateway answers these requests itself. All use method `GET`.");
    page.table(
        List.of("path", "key", "description"),
        Stream.of(LocalPath.values())
            .map(path ->
                List.of(
                    ReferencePage.code(path.path() + (path == LocalPath.MODEL ? "{model}" : "")),
                    path.keyNeeded() ? "API key" : "no key",
                    path.meaning())));
  }

  private static String engines(ApiPath path) {
    List<String> engines =
        BuiltInEngines.names().stream().filter(engine -> has(engine, path.path())).toList();
    return engines.size() == BuiltInEngines.names().size() ? "all" : String.join(", ", engines);
  }

  private static boolean has(String engine, String path) {
    return EngineProfiles.of(new EngineType(engine)).apis().stream()
        .anyMatch(api -> api.text().equals(path));
  }

  private static void control(ReferencePage page) {
    page.section("Control plane");
    page.paragraph(
        "Names of requests and responses are schemas of `GET /api/v1/openapi.json`; those of"
            + " resource kinds are also in [manifests](manifests.md). A list answers `limit` items"
            + " and a `continue` token.");
    page.paragraph(
        "`PUT`, `POST` and `DELETE` accept `If-Match: \"REVISION\"`: they fail with status 412 when"
            + " the resource has another revision. `POST` accepts `Idempotency-Key`: a second request"
            + " with the same key gets the answer of the first.");
    page.table(COLUMNS, RouteTable.all().stream().map(HttpApiPage::row));
  }

  private static List<String> row(RouteTable.Row route) {
    return List.of(
        ReferencePage.code(route.method() + " " + route.path()),
        ReferencePage.sentence(route.summary()),
        route.access(),
        route.query().stream()
            .map(query ->
                "`%s` (%s): %s"
                    .formatted(
                        query.name(), query.type(), ReferencePage.sentence(query.description())))
            .collect(Collectors.joining("<br>")),
        schema(route.request()),
        schema(route.response()));
  }

  private static String schema(String name) {
    return name.isEmpty() ? "" : ReferencePage.code(name);
  }

  private static void permissions(ReferencePage page) {
    page.section("Permissions");
    page.paragraph(
        "A RoleBinding grants a role in one namespace or in all. Role `inference` calls models"
            + " through the gateway. Role `approver` grants the same as `viewer` today.");
    page.table(
        List.of("permission", "allows", "roles"),
        Stream.of(Permission.values())
            .map(permission ->
                List.of(
                    permission.name(),
                    ReferencePage.sentence(permission.meaning()),
                    Arrays.stream(Role.values())
                        .filter(permission::grantedBy)
                        .map(Role::text)
                        .collect(Collectors.joining(", ")))));
  }
}
